//! Whatever goes wrong, wherever: no verdict turns to another one, gaps say why, nothing hangs.
//!
//! Each kind of fault meets a call of each protocol, always and from its second request on; what
//! passes when it is repeated is proved in `collect`. The inventory is judged by all shipped checks, beside that of a healthy run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use postura::check::{Check, Library, Verdict};
use postura::collect::{self, Options};
use postura::diagnostic::SourceFile;
use postura::evaluate::{Plain, Selected, Setting, evaluate};
use postura::inventory::{Builder, Inventory, ReasonKind, Wanted};
use postura::resources::MODEL;
use postura::schema::needs::Needs;
use postura::session::{Keys, Origin, Patience, Share, Silent, Targets};
use postura::synthetic::faults::{Fault, Faults, Rule, Scope, When};
use postura::synthetic::{scenario, serve};
use tempfile::TempDir;

use super::{results, scan, text};

const ACCOUNT: &str = scenario::PRODUCTION;

fn sources(folder: &Path, found: &mut Vec<Arc<SourceFile>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            found.push(SourceFile::new(path.display().to_string(), text));
        }
    }
}

fn checks() -> Vec<Arc<Check>> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("checks"), &mut files);
    let (library, diagnostics) = Library::load(files.into_iter(), MODEL.catalog, None);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library.checks().to_vec()
}

/// One account and region of the demo, two resources a page.
fn inventory(checks: &[Arc<Check>], faults: Faults, deadline: Option<Duration>) -> Inventory {
    let now = "2026-11-24T06:00:00Z".parse().unwrap();
    let faults = Faults { page_limit: Some(2), ..faults };
    let server = serve(scenario::demo(now), faults).unwrap();
    let keys = server.credentials();
    let mut needs = Needs::default();
    checks.iter().for_each(|check| check.needs(&mut needs));
    let mut options = Options {
        origin: Origin {
            endpoint_url: Some(server.endpoint()),
            keys: Some(Keys {
                access_key_id: keys.access_key_id,
                secret_access_key: keys.secret_access_key,
            }),
            region: "eu-west-1".parse().ok(),
            ..Origin::default()
        },
        targets: Targets::Accounts(vec![ACCOUNT.parse().unwrap()]),
        share: Share::UNLIMITED,
        deadline,
        patience: Patience {
            pause: Duration::from_millis(2),
            longest: Duration::from_millis(10),
            ..Patience::default()
        },
        ..Options::new(needs.clone())
    };
    options.regions.only = vec!["eu-west-1".parse().unwrap()];
    let collected = collect::run(options, Builder::new(MODEL), Arc::new(Silent)).unwrap();
    let at = now.as_second();
    collected.builder.seal(at, &Wanted::Fields(needs.fields))
}

type Verdicts = BTreeMap<String, Verdict>;

fn verdicts(checks: &[Arc<Check>], inventory: &Inventory) -> Verdicts {
    let selected: Vec<Selected> = checks
        .iter()
        .map(|check| {
            let params = check.params(&BTreeMap::new()).unwrap();
            let settings = vec![Setting { severity: check.severity, params }];
            Selected { check: Arc::clone(check), settings }
        })
        .collect();
    let findings = evaluate(inventory, &selected, &Plain);
    let verdict = |it: postura::finding::Finding| {
        (format!("{} {:?} {}", it.check(), it.region(), it.resource().id), it.verdict)
    };
    findings.into_iter().map(verdict).collect()
}

/// The verdicts that are neither those of the healthy run nor unknown.
fn turned(faulty: &Verdicts, healthy: &Verdicts) -> Vec<String> {
    let turned = faulty.iter().filter(|(key, verdict)| {
        **verdict != Verdict::Unknown && healthy.get(*key).is_some_and(|it| it != *verdict)
    });
    turned.map(|(key, verdict)| format!("{key}: {verdict:?}, not {:?}", healthy[key])).collect()
}

/// A call of each protocol, all of them made at least twice in the account.
const CALLS: [&str; 6] = [
    "ec2:DescribeSecurityGroups",
    "iam:GetAccountAuthorizationDetails",
    "s3:GetBucketVersioning",
    "cloudtrail:GetTrailStatus",
    "logs:DescribeMetricFilters",
    "cloudwatch:DescribeAlarms",
];

type Codes = &'static [&'static str];

/// What a fault that stays must be called in the gaps; `None` where it need not leave one.
fn cause(fault: Fault, call: &str) -> Option<(ReasonKind, Codes)> {
    let failed = |codes: Codes| Some((ReasonKind::Failed, codes));
    match fault {
        Fault::Throttle => {
            let codes: Codes =
                &["RequestLimitExceeded", "Throttling", "ThrottlingException", "SlowDown"];
            Some((ReasonKind::Throttled, codes))
        }
        Fault::ServerError => failed(&["InternalError", "InternalFailure"]),
        Fault::BadGateway => failed(&["HTTP 502"]),
        // An empty JSON document is a reply that leaves out everything: each field is unknown.
        Fault::EmptyBody if call.starts_with("cloudtrail:") => None,
        Fault::EmptyBody => failed(&["UnreadableReply", "TruncatedReply", "ListLeftOut"]),
        Fault::CaptivePortal | Fault::Garbage | Fault::HalfDocument => {
            failed(&["UnreadableReply", "TruncatedReply"])
        }
        Fault::Disconnect | Fault::DisconnectInBody => {
            failed(&["ConnectionFailed", "UnreadableReply"])
        }
        Fault::ExpiredSession => {
            failed(&["RequestExpired", "ExpiredToken", "ExpiredTokenException"])
        }
        Fault::ClockSkew => failed(&["RequestTimeTooSkewed"]),
        Fault::AccountClosed => failed(&[
            "AuthFailure",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "UnrecognizedClientException",
        ]),
        Fault::LoopingToken => {
            let pages = call.contains("SecurityGroups") || call.contains("MetricFilters");
            pages.then_some((ReasonKind::Failed, &["PagesInACircle"]))
        }
        // Gone since it was listed: it is no resource any more, or its settings are unknown.
        Fault::Gone | Fault::Trickle => None,
        Fault::Deny | Fault::DenyByOrganization => Some((ReasonKind::Denied, &[])),
        Fault::Stall | Fault::Hang => Some((ReasonKind::Interrupted, &[])),
    }
}

fn row(faults: &[Fault], deadline: Option<Duration>) {
    let checks = checks();
    let healthy = verdicts(&checks, &inventory(&checks, Faults::default(), None));
    assert!(healthy.values().any(|verdict| *verdict == Verdict::Pass));
    for fault in faults {
        for call in CALLS {
            for when in [When::After(1), When::Always] {
                let name = format!("{fault:?} {call} {when:?}");
                let scope = Scope { account: Some(ACCOUNT.into()), ..Scope::operation(call) };
                let rule = Rule::new(scope, *fault).when(when);
                let began = Instant::now();
                let inventory = inventory(&checks, Faults::default().with(rule), deadline);
                assert!(began.elapsed() < Duration::from_secs(60), "{name} hangs");
                let faulty = verdicts(&checks, &inventory);
                let mut turned = turned(&faulty, &healthy);
                if *fault == Fault::Gone {
                    // AWS says that it is not there any more: what counts on it fails, and must not
                    // pass.
                    turned.retain(|line| line.contains(": Pass, not "));
                }
                assert_eq!(turned, Vec::<String>::new(), "{name}");
                let Some((kind, codes)) = cause(*fault, call) else { continue };
                if when != When::Always {
                    continue;
                }
                let named = inventory.gaps.iter().any(|gap| {
                    let is_code = codes.is_empty() || codes.contains(&gap.reason.error.as_str());
                    gap.reason.kind == kind && is_code
                });
                assert!(named, "{name}: {:?}", inventory.gaps);
            }
        }
    }
}

#[test]
fn refusals_never_turn_a_verdict() {
    row(&[Fault::Throttle, Fault::Deny, Fault::AccountClosed, Fault::Gone], None);
}

#[test]
fn broken_servers_never_turn_a_verdict() {
    row(&[Fault::ServerError, Fault::BadGateway, Fault::ClockSkew, Fault::ExpiredSession], None);
}

#[test]
fn broken_documents_never_turn_a_verdict() {
    let documents = [Fault::HalfDocument, Fault::EmptyBody, Fault::Garbage, Fault::CaptivePortal];
    row(&documents, None);
}

#[test]
fn broken_connections_never_turn_a_verdict() {
    let connections =
        [Fault::Disconnect, Fault::DisconnectInBody, Fault::LoopingToken, Fault::Trickle];
    row(&connections, None);
}

#[test]
fn silence_ends_with_the_deadline() {
    let checks = checks();
    let healthy = verdicts(&checks, &inventory(&checks, Faults::default(), None));
    for fault in [Fault::Hang, Fault::Stall] {
        for operation in ["ec2:*", "s3:GetBucketVersioning", "logs:*"] {
            let scope = Scope { account: Some(ACCOUNT.into()), ..Scope::operation(operation) };
            let faults = Faults::default().with(Rule::new(scope, fault).when(When::After(1)));
            let began = Instant::now();
            let inventory = inventory(&checks, faults, Some(Duration::from_secs(3)));
            assert!(began.elapsed() < Duration::from_secs(30), "{fault:?} {operation}");
            let turned = turned(&verdicts(&checks, &inventory), &healthy);
            assert_eq!(turned, Vec::<String>::new(), "{fault:?} {operation}");
            let mut gaps = inventory.gaps.iter();
            assert!(gaps.any(|gap| gap.reason.kind == ReasonKind::Interrupted), "{fault:?}");
        }
    }
}

/// An account that is closed in the middle: each API answers once more, then knows nobody.
#[test]
fn an_account_that_is_closed_while_it_is_read_passes_nothing_more() {
    let checks = checks();
    let healthy = verdicts(&checks, &inventory(&checks, Faults::default(), None));
    let scope = Scope { account: Some(ACCOUNT.into()), ..Scope::operation("*") };
    let rule = Rule::new(scope, Fault::AccountClosed).when(When::After(1));
    let inventory = inventory(&checks, Faults::default().with(rule), None);
    assert!(inventory.gaps.len() > 3, "{:?}", inventory.gaps);
    assert_eq!(turned(&verdicts(&checks, &inventory), &healthy), Vec::<String>::new());
}

/// The names of one service cannot be resolved: the program ends with 3 and says which calls failed.
#[test]
fn a_name_that_cannot_be_resolved_is_a_gap() {
    let server = serve(scenario::clean(Timestamp::now()), Faults::default()).unwrap();
    let directory = TempDir::new().unwrap();
    let output = scan(&server, directory.path(), &["--regions", "eu-west-1"])
        .env("AWS_ENDPOINT_URL_CLOUDTRAIL", "http://nothing.invalid:1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let results = results(&output);
    let gaps = results["gaps"].as_array().unwrap();
    assert!(!gaps.is_empty());
    for gap in gaps {
        assert_eq!(gap["error"], "ConnectionFailed", "{gap}");
        assert!(gap["action"].as_str().unwrap().starts_with("cloudtrail:"), "{gap}");
    }
}
