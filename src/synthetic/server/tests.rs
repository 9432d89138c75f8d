//! Over real HTTP, with the smallest possible client.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;
use crate::synthetic::faults::{Rule, Scope};
use crate::synthetic::scenario::{self, MANAGEMENT, PRODUCTION, SUSPENDED};

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().expect("a time")
}

fn serve_demo(faults: Faults) -> Server {
    serve(scenario::demo(now()), faults).expect("a loopback port")
}

/// Status and body of a form request; `None` where the connection closes without a whole answer.
fn form(
    server: &Server,
    key: &str,
    service: &str,
    region: &str,
    body: &str,
) -> Option<(u16, String)> {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={key}/20261124/{region}/{service}/\
         aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(server, &head, body)
}

fn exchange(server: &Server, head: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(server.address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    stream.write_all(head.as_bytes()).expect("written");
    stream.write_all(body.as_bytes()).expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    (length.parse() == Ok(body.len())).then_some(())?;
    let status = head.get(9..12)?.parse().ok()?;
    Some((status, body.to_owned()))
}

const REGIONS: &str = "Action=DescribeRegions&Version=2016-11-15";

fn regions(server: &Server) -> Option<(u16, String)> {
    form(server, &base_key(MANAGEMENT), "ec2", "eu-west-1", REGIONS)
}

#[test]
fn a_signed_call_is_answered_and_counted() {
    let server = serve_demo(Faults::default());
    let (status, body) = regions(&server).expect("an answer");
    assert_eq!(status, 200);
    assert!(body.contains("<regionName>eu-west-1</regionName>"), "{body}");
    assert!(!body.contains("af-south-1"));
    let all = format!("{REGIONS}&AllRegions=true");
    let (_, body) =
        form(&server, &base_key(MANAGEMENT), "ec2", "eu-west-1", &all).expect("an answer");
    assert!(body.contains("af-south-1") && body.contains("not-opted-in"));
    let calls = server.calls();
    let call = Call {
        account: MANAGEMENT.into(),
        region: "eu-west-1".into(),
        operation: "ec2:DescribeRegions".into(),
        action: "ec2:DescribeRegions".into(),
    };
    assert_eq!(calls.get(&call), Some(&2));
}

#[test]
fn strangers_and_closed_regions_get_the_errors_of_aws() {
    let server = serve_demo(Faults::default());
    let call = |key: &str, service, region, body| {
        let (status, body) = form(&server, key, service, region, body).expect("an answer");
        (status, body.split_once("<Code>").expect("a code").1.split('<').next().map(str::to_owned))
    };
    let code = |status, code: &str| (status, Some(code.to_owned()));
    let own = base_key(MANAGEMENT);
    assert_eq!(call("AKIANOBODY", "ec2", "eu-west-1", REGIONS), code(401, "AuthFailure"));
    let foreign = base_key("000011112222");
    assert_eq!(call(&foreign, "ec2", "eu-west-1", REGIONS), code(401, "AuthFailure"));
    assert_eq!(call(&own, "ec2", "af-south-1", REGIONS), code(401, "AuthFailure"));
    let topics = "Action=ListTopics&Version=2010-03-31";
    assert_eq!(call(&own, "sns", "af-south-1", topics), code(403, "InvalidClientTokenId"));
    let filtered = "Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1=x";
    assert_eq!(call(&own, "ec2", "eu-west-1", filtered), code(400, "InvalidParameterValue"));
}

#[test]
fn roles_are_assumed_where_nothing_stands_against_it() {
    let server = serve_demo(Faults::default().unassumable(PRODUCTION));
    let assume = |account: &str| {
        let body = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=s&RoleArn=arn%3Aaws%3Aiam%3A%3A\
             {account}%3Arole%2FPosturaAudit"
        );
        form(&server, &base_key(MANAGEMENT), "sts", "eu-west-1", &body).expect("an answer")
    };
    let (status, body) = assume(scenario::SANDBOX);
    assert_eq!(status, 200);
    assert!(body.contains(&format!("<AccessKeyId>ASIA{}ROLE<", scenario::SANDBOX)));
    for refused in [PRODUCTION, SUSPENDED, "000011112222"] {
        let (status, body) = assume(refused);
        assert_eq!(status, 403, "{refused}");
        assert!(body.contains("<Code>AccessDenied</Code>"));
    }
}

#[test]
fn each_fault_breaks_the_answer_in_its_own_way() {
    let with = |fault| {
        let rule = Rule::new(Scope::operation("ec2:DescribeRegions"), fault);
        let server = serve_demo(Faults::default().with(rule));
        regions(&server)
    };
    let code = |fault, status: u16, code: &str| {
        let (actual, body) = with(fault).expect("an answer");
        assert_eq!(actual, status, "{fault:?}");
        assert!(body.contains(code), "{fault:?}: {body}");
    };
    code(Fault::Deny, 403, "<Code>UnauthorizedOperation</Code>");
    code(Fault::DenyByOrganization, 403, "service control policy");
    code(Fault::Throttle, 503, "<Code>RequestLimitExceeded</Code>");
    code(Fault::ServerError, 500, "<Code>InternalError</Code>");
    code(Fault::ExpiredSession, 400, "<Code>RequestExpired</Code>");
    code(Fault::BadGateway, 502, "<html>");
    code(Fault::CaptivePortal, 200, "<html>");
    let whole = regions(&serve_demo(Faults::default())).expect("an answer").1;
    let half = with(Fault::HalfDocument).expect("a well-framed answer");
    assert_eq!(half.0, 200);
    assert!(whole.starts_with(&half.1) && half.1.len() < whole.len());
    assert_eq!(with(Fault::EmptyBody), Some((200, String::new())));
    assert_eq!(with(Fault::Disconnect), None);
    assert_eq!(with(Fault::DisconnectInBody), None);
}

#[test]
fn faults_come_as_often_as_they_are_told() {
    let rule = |when| Rule::new(Scope::operation("ec2:*"), Fault::Throttle).when(when);
    let statuses = |when, calls: usize| {
        let server = serve_demo(Faults::default().with(rule(when)));
        (0..calls).map(|_| regions(&server).expect("an answer").0).collect::<Vec<_>>()
    };
    assert_eq!(statuses(When::First(2), 3), [503, 503, 200]);
    assert_eq!(statuses(When::After(1), 3), [200, 503, 503]);
    let shared = statuses(When::Share(0.5), 40);
    let struck = shared.iter().filter(|status| **status == 503).count();
    assert!((8..=32).contains(&struck), "{struck} of 40");
    assert_eq!(shared, statuses(When::Share(0.5), 40));
}

#[test]
fn bodies_are_bounded_and_dropping_stops() {
    let server = serve_demo(Faults::default());
    let large = "x".repeat(MAX_BODY + 1);
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", large.len());
    let mut stream = TcpStream::connect(server.address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    stream.write_all(head.as_bytes()).expect("written");
    // The server may close before all of it is written.
    let _ = stream.write_all(large.as_bytes());
    let mut start = [0_u8; 12];
    stream.read_exact(&mut start).expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 413");
    let address = server.address;
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}
