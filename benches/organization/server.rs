//! How many requests a second the synthetic organization answers: bare HTTP connections, nothing signed.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::program::Served;

const CONNECTIONS: usize = 64;
const TIME: Duration = Duration::from_secs(5);

/// Asks for a page of groups again and again; the pages are as large as those of a medium account.
async fn ask(address: String, key: String, until: Instant) -> (u64, u64) {
    let stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (mut requests, mut bytes) = (0, 0);
    while Instant::now() < until {
        let scope = format!("{key}/20261124/eu-west-1/ec2/aws4_request");
        let signed =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let request = Request::post("/")
            .header("host", &address)
            .header("authorization", signed)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::<Bytes>::from(
                "Action=DescribeSecurityGroups&Version=2016-11-15&MaxResults=1000",
            ))
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        bytes += answer.into_body().collect().await.unwrap().to_bytes().len() as u64;
        requests += 1;
    }
    (requests, bytes)
}

pub fn measure() {
    for scale in [0, 100] {
        let served = Served::start(100, 4, scale, &[]);
        let address = served.setting("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned();
        let key = served.setting("AWS_ACCESS_KEY_ID").to_owned();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (requests, bytes) = runtime.block_on(async {
            let until = Instant::now() + TIME;
            let asked = (0..CONNECTIONS)
                .map(|_| tokio::spawn(ask(address.clone(), key.clone(), until)))
                .collect::<Vec<_>>();
            let (mut requests, mut bytes) = (0, 0);
            for task in asked {
                let (more, size) = task.await.unwrap();
                requests += more;
                bytes += size;
            }
            (requests, bytes)
        });
        println!(
            "server: {:.0} requests a second, pages of {:.1} kB, its client on the same cores",
            requests as f64 / TIME.as_secs_f64(),
            bytes as f64 / requests as f64 / 1e3
        );
    }
}
