use fodder::{fresh_seed, Plan, Spec, Stream};

const USAGE: &str = "usage: upload s3://BUCKET/KEY BYTES [SPEC]
puts BYTES of SPEC (such as fodder1:seed=42,dedup=2,compress=3; by default a fresh seed) there, gets them and verifies them";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();

    if let Err(error) = run(&arguments).await {
        eprintln!("upload: {error}");
        std::process::exit(1);
    }
}

async fn run(arguments: &[String]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let [url, size, spec @ ..] = arguments else {
        return Err(USAGE.into());
    };
    let size = size.parse().map_err(|_| format!("{size}: no number of bytes"))?;
    let spec = match spec {
        [] => Spec::new().seed(fresh_seed()?),
        [text] => text.parse()?,
        _ => return Err(USAGE.into()),
    };
    let plan = Plan::new(&spec)?;

    upload::upload(url, Stream::new(&plan, size)?).await?;
    println!("{size} bytes of {spec} at {url}");
    let report = upload::verify(url, &plan, size).await?;
    for run in &report.runs {
        println!("{run}");
    }
    if !report.ok() {
        return Err(format!("{} of {} bytes are wrong", report.bad, report.bytes).into());
    }
    println!("read back and right");
    Ok(())
}
