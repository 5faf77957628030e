//! To a real S3 server and back. tools/s3-server starts one; without AWS_ENDPOINT_URL there is none, and nothing is tested.

use fodder::{Kind, Plan, Spec, Stream};
use upload as s3dlio;

const SIZE: u64 = (20 << 20) + 1;

fn server() -> bool {
    let there = std::env::var_os("AWS_ENDPOINT_URL").is_some();

    if !there {
        eprintln!("skipped: AWS_ENDPOINT_URL names no server");
    }
    there
}

#[tokio::test]
async fn the_put_of_the_guide() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if !server() {
        return Ok(());
    }
    use fodder::compat::data_gen_alt::generate_controlled_data_alt;

    let data = generate_controlled_data_alt(64 * 1024 * 1024, 1, 1);
    s3dlio::put("s3://bucket/test-file", &data).await?;
    Ok(())
}

#[tokio::test]
async fn a_stream_goes_there_and_comes_back() {
    if !server() {
        return;
    }
    let plan = Plan::new(&Spec::new().seed(42).dedup(2.0).compress(3.0)).unwrap();
    let other = Plan::new(&Spec::new().seed(43)).unwrap();
    let url = "s3://bucket/a/stream";

    upload::upload(url, Stream::new(&plan, SIZE).unwrap()).await.unwrap();
    let report = upload::verify(url, &plan, SIZE).await.unwrap();
    assert_eq!((report.bytes, report.bad), (SIZE, 0));
    // The test sees what is wrong: other data, and an object that is too short.
    assert!(!upload::verify(url, &other, SIZE).await.unwrap().ok());
    let short = upload::verify(url, &plan, SIZE + 7).await.unwrap();
    assert_eq!((short.runs[0].kind, short.bad), (Kind::Missing, 7));
}

#[tokio::test]
async fn errors_tell_what_is_wrong() {
    let url = "http://bucket/key";
    let error = upload::put(url, &bytes::Bytes::new()).await.unwrap_err();

    assert!(error.to_string().contains("s3://bucket/key"), "{error}");
}
