//! An example: fodder's data to an S3 server and back, by the crate `object_store`.
//!
//! Server and keys come from the variables that AWS's tools read: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID,
//! AWS_SECRET_ACCESS_KEY, AWS_REGION.

use std::error::Error;

use bytes::Bytes;
use fodder::{Plan, Report, Stream, Verify};
use futures_util::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload, WriteMultipart};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Bytes of a part; S3 wants 5 MiB or more.
const PART: usize = 8 << 20;
/// How many parts are on their way at once. With the one that is made, this bounds the memory.
const PARTS: usize = 8;

/// The bucket's client and the key, from `s3://bucket/key`.
fn open(url: &str) -> Result<(AmazonS3, Path)> {
    let (bucket, key) = url
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(|| format!("{url}: not of the form s3://bucket/key"))?;
    let plain = std::env::var("AWS_ENDPOINT_URL").is_ok_and(|server| server.starts_with("http://"));
    let client = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_allow_http(plain)
        .build()?;

    Ok((client, Path::parse(key)?))
}

/// Puts an object in one request, without a copy.
pub async fn put(url: &str, data: &Bytes) -> Result<()> {
    let (client, key) = open(url)?;

    client.put(&key, PutPayload::from_bytes(data.clone())).await?;
    Ok(())
}

/// Puts a stream of any size: each part is made when there is room for it, and sent without a copy.
pub async fn upload(url: &str, stream: Stream) -> Result<()> {
    let (client, key) = open(url)?;
    let mut object = WriteMultipart::new_with_chunk_size(client.put_multipart(&key).await?, PART);
    let mut parts = stream.async_chunks(PART);

    while let Some(part) = parts.next().await {
        if let Err(error) = object.wait_for_capacity(PARTS).await {
            object.abort().await?; // or the server keeps the parts
            return Err(error.into());
        }
        object.put(part);
    }
    object.finish().await?;
    Ok(())
}

/// Gets an object, and compares it with a plan's bytes as it comes.
pub async fn verify(url: &str, plan: &Plan, size: u64) -> Result<Report> {
    let (client, key) = open(url)?;
    let mut verifier = Verify::new(plan).start(0, Some(size))?;
    let mut body = client.get(&key).await?.into_stream();

    while let Some(piece) = body.next().await {
        verifier.add(&piece?)?;
    }
    Ok(verifier.end())
}
