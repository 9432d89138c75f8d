//! The way of a call, with canned replies: what each kind of answer ends in.

use std::sync::Arc;
use std::time::Duration;

use super::testing::{Canned, Reply, caller, keeper_of, traffic};
use super::*;
use crate::aws::{AccountId, Partition};
use crate::resources::account::GET_ACCOUNT_PASSWORD_POLICY;
use crate::resources::s3::{GET_BUCKET_POLICY, GET_BUCKET_VERSIONING};
use crate::resources::vpc::DESCRIBE_VPCS;

const VPCS: &str = "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
    <vpcSet><item><vpcId>vpc-1</vpcId></item><item><vpcId>vpc-2</vpcId></item></vpcSet>\
    </DescribeVpcsResponse>";

fn ec2_error(code: &str) -> String {
    format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>"
    )
}

fn query_error(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    )
}

fn s3_error(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>m</Message><RequestId>r</RequestId></Error>")
}

/// Lists VPCs, and returns their number with the number of requests that it took.
async fn vpcs(canned: &Canned) -> (Result<usize, CallError>, usize) {
    let base = canned.base();
    let client = base.clients(base.region()).ec2();
    let traffic = traffic();
    let result = caller(&traffic).call(&DESCRIBE_VPCS, || client.describe_vpcs().send()).await;
    (result.map(|page| page.vpcs.unwrap_or_default().len()), canned.requests())
}

async fn fails_with(status: u16, body: String) -> (ErrorKind, String, usize) {
    let canned = Canned::new(move |_, _| Reply::Http(status, body.clone()));
    let (result, requests) = vpcs(&canned).await;
    let error = result.unwrap_err();
    (error.kind, error.code, requests)
}

#[tokio::test]
async fn each_caller_signs_with_its_own_credentials() {
    let canned = Canned::new(|_, _| Reply::ok(VPCS));
    let base = canned.base();
    let client = base.clients(base.region()).ec2();
    let traffic = traffic();
    for key in ["AKIAONE", "AKIATWO"] {
        let caller = Caller::new(Arc::clone(&traffic), keeper_of(key));
        caller.call(&DESCRIBE_VPCS, || client.describe_vpcs().send()).await.unwrap();
    }
    let signed = canned.signatures.lock().unwrap().clone();
    assert!(signed[0].contains("Credential=AKIAONE/"), "{signed:?}");
    assert!(signed[1].contains("Credential=AKIATWO/"), "{signed:?}");
    assert!(client.describe_vpcs().send().await.is_err(), "nobody signs");
    assert_eq!(canned.requests(), 2);
}

#[tokio::test]
async fn a_document_cut_in_half_is_no_success() {
    let half = VPCS[..VPCS.len() / 2].to_owned();
    let between =
        VPCS.replace("<item><vpcId>vpc-2</vpcId></item></vpcSet></DescribeVpcsResponse>", "");
    for cut in [half, between] {
        let (kind, code, requests) = fails_with(200, cut).await;
        assert_eq!((kind, code.as_str(), requests), (ErrorKind::Failed, "TruncatedReply", 4));
    }
    let once = Canned::new(|_, number| match number {
        0 => Reply::ok(&VPCS[..VPCS.len() / 2]),
        _ => Reply::ok(VPCS),
    });
    assert_eq!(vpcs(&once).await, (Ok(2), 2));
}

#[tokio::test]
async fn codes_decide_what_an_error_means() {
    for (status, code, kind, requests) in [
        (403, "UnauthorizedOperation", ErrorKind::Denied, 1),
        (403, "AccessDenied", ErrorKind::Denied, 1),
        (503, "RequestLimitExceeded", ErrorKind::Throttled, 24),
        (400, "Throttling", ErrorKind::Throttled, 24),
        (500, "InternalError", ErrorKind::Failed, 4),
        (503, "Unavailable", ErrorKind::Failed, 4),
        (401, "AuthFailure", ErrorKind::Failed, 1),
        (400, "OptInRequired", ErrorKind::Failed, 1),
        (400, "InvalidParameterValue", ErrorKind::Failed, 1),
    ] {
        let expected = (kind, code.to_owned(), requests);
        assert_eq!(fails_with(status, ec2_error(code)).await, expected, "{code}");
    }
}

#[tokio::test]
async fn replies_without_a_code_are_told_by_their_status() {
    for (status, body, kind, code, requests) in [
        (403, "", ErrorKind::Denied, "HTTP 403", 1),
        (429, "", ErrorKind::Throttled, "HTTP 429", 24),
        (502, "<html><body>bad gateway</body></html>", ErrorKind::Failed, "HTTP 502", 4),
        (404, "nothing", ErrorKind::Failed, "HTTP 404", 1),
        (200, "", ErrorKind::Failed, "UnreadableReply", 1),
        (200, "<html><body>sign in</body></html>", ErrorKind::Failed, "UnreadableReply", 1),
    ] {
        let expected = (kind, code.to_owned(), requests);
        assert_eq!(fails_with(status, body.into()).await, expected, "{status} {body}");
    }
}

#[tokio::test]
async fn connections_that_break_are_made_again() {
    let canned = Canned::new(|_, number| match number {
        0..2 => Reply::Reset,
        _ => Reply::ok(VPCS),
    });
    assert_eq!(vpcs(&canned).await, (Ok(2), 3));
    let dead = Canned::new(|_, _| Reply::Reset);
    let (result, requests) = vpcs(&dead).await;
    assert_eq!((result.unwrap_err().code.as_str(), requests), ("ConnectionFailed", 4));
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_not_waited_for_for_ever() {
    let canned = Canned::new(|_, _| Reply::Silence);
    let began = tokio::time::Instant::now();
    let (result, requests) = vpcs(&canned).await;
    assert_eq!((result.unwrap_err().code.as_str(), requests), ("Timeout", 4));
    assert!(began.elapsed() < Duration::from_secs(4 * 30 + 5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_code_is_absent_only_for_the_calls_that_say_so() {
    let denied = Canned::new(|_, _| Reply::Http(404, s3_error("NoSuchBucketPolicy")));
    let base = denied.base();
    let s3 = base.clients(base.region()).s3();
    let traffic = traffic();
    let caller = caller(&traffic);
    let policy =
        caller.call(&GET_BUCKET_POLICY, || s3.get_bucket_policy().bucket("b").send()).await;
    assert!(policy.unwrap_err().is_absent());
    let versioning =
        caller.call(&GET_BUCKET_VERSIONING, || s3.get_bucket_versioning().bucket("b").send()).await;
    assert_eq!(versioning.unwrap_err().kind, ErrorKind::Failed);
    let counts = traffic.counts();
    assert_eq!(counts[&GET_BUCKET_POLICY].errors, 0, "not configured is no error");
    assert_eq!(counts[&GET_BUCKET_VERSIONING].errors, 1);
}

#[tokio::test]
async fn the_other_protocols_tell_their_codes_too() {
    let query = Canned::new(|_, _| Reply::Http(404, query_error("NoSuchEntity")));
    let base = query.base();
    let iam = base.clients(base.region()).iam();
    let traffic = traffic();
    let caller = caller(&traffic);
    let call = &GET_ACCOUNT_PASSWORD_POLICY;
    let policy = caller.call(call, || iam.get_account_password_policy().send()).await;
    assert!(policy.unwrap_err().is_absent());
    let json = "{\"__type\":\"com.amazonaws#AccessDeniedException\",\"message\":\"m\"}";
    let json = Canned::new(move |_, _| Reply::Http(400, json.into()));
    let base = json.base();
    let trails = base.clients(base.region()).cloudtrail();
    let call = &crate::resources::trail::DESCRIBE_TRAILS;
    let described = caller.call(call, || trails.describe_trails().send()).await;
    let expected = CallError { kind: ErrorKind::Denied, code: "AccessDeniedException".into() };
    assert_eq!(described.unwrap_err(), expected);
}

#[tokio::test]
async fn codes_from_strangers_are_cut_down_to_codes() {
    let (_, code, _) = fails_with(400, ec2_error("Bad\u{1b}[31m<b>&amp;</b>")).await;
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-: ".contains(&byte)));
    let (_, code, _) = fails_with(400, ec2_error(&"x".repeat(5000))).await;
    assert_eq!(code.len(), 80);
}

#[tokio::test]
async fn a_stop_ends_calls_that_wait() {
    let canned = Canned::new(|_, _| Reply::Silence);
    let base = canned.base();
    let client = base.clients(base.region()).ec2();
    let traffic = traffic();
    let caller = caller(&traffic);
    let call = caller.call(&DESCRIBE_VPCS, || client.describe_vpcs().send());
    let stop = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        traffic.stop().stop();
    };
    let (result, ()) = futures::join!(call, stop);
    assert_eq!(result.unwrap_err().kind, ErrorKind::Interrupted);
    let again = caller.call(&DESCRIBE_VPCS, || client.describe_vpcs().send()).await;
    assert_eq!(again.unwrap_err().kind, ErrorKind::Interrupted);
    assert_eq!(canned.requests(), 1, "nothing is sent after the stop");
}

fn assumed(number: usize) -> Reply {
    Reply::ok(format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
         <AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
         </Credentials></AssumeRoleResult></AssumeRoleResponse>"
    ))
}

#[tokio::test]
async fn a_role_is_assumed_once_and_again_when_its_session_ends() {
    let canned = Canned::new(|seen, number| match () {
        () if seen.0.contains("Action=AssumeRole") => assumed(number),
        () if number < 2 => Reply::Http(400, ec2_error("RequestExpired")),
        () => Reply::ok(VPCS),
    });
    let base = canned.base();
    let traffic = traffic();
    let account: AccountId = "444455556666".parse().unwrap();
    let role = Role {
        name: "security/PosturaAudit".into(),
        external_id: Some("e-1".into()),
        session_name: "nightly".into(),
        in_own_account: false,
    };
    let keeper = base.assume(&traffic, &role, Partition::AwsCn, &account).await.unwrap();
    let client = base.clients(base.region()).ec2();
    let caller = Caller::new(Arc::clone(&traffic), keeper);
    let page = caller.call(&DESCRIBE_VPCS, || client.describe_vpcs().send()).await.unwrap();
    assert_eq!(page.vpcs().len(), 2);
    let seen = canned.seen.lock().unwrap().clone();
    let roles: Vec<&str> =
        seen.iter().map(|it| it.0.as_str()).filter(|it| it.contains("AssumeRole")).collect();
    assert_eq!(roles.len(), 2, "once, and once more after the session ended");
    for part in [
        "RoleArn=arn%3Aaws-cn%3Aiam%3A%3A444455556666%3Arole%2Fsecurity%2FPosturaAudit",
        "ExternalId=e-1",
        "RoleSessionName=nightly",
    ] {
        assert!(roles[0].contains(part), "{part} in {}", roles[0]);
    }
}

#[tokio::test]
async fn a_role_that_is_refused_says_so() {
    let canned = Canned::new(|_, _| Reply::Http(403, query_error("AccessDenied")));
    let base = canned.base();
    let account: AccountId = "444455556666".parse().unwrap();
    let error = base.assume(&traffic(), &Role::default(), Partition::Aws, &account).await;
    let error = error.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::NotAssumed, "AccessDenied"));
    let reason = error.reason(&DESCRIBE_VPCS, Some(&account), None);
    assert_eq!(reason.to_string(), "sts:AssumeRole AccessDenied");
}

#[tokio::test]
async fn requests_name_the_program_and_leave_bucket_names_in_the_path() {
    let canned = Canned::new(|_, _| Reply::ok("<VersioningConfiguration/>"));
    let base = canned.base();
    let s3 = base.clients(base.region()).s3();
    let ask = || s3.get_bucket_versioning().bucket("a.bucket").send();
    caller(&traffic()).call(&GET_BUCKET_VERSIONING, ask).await.unwrap();
    let seen = canned.seen.lock().unwrap()[0].0.clone();
    assert!(seen.contains("https://s3.eu-west-1.amazonaws.com/a.bucket/?versioning"), "{seen}");
    let agent = canned.agents.lock().unwrap()[0].clone();
    assert!(agent.contains("app/postura-"), "{agent}");
}
