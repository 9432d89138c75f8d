//! Collecting from the synthetic organization, over real HTTP with real `AssumeRole` calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use postura::aws::{AccountId, Region};
use postura::collect::{self, Collected, Options};
use postura::inventory::{AccountStatus, Builder, Coverage, Inventory, ReasonKind, Wanted};
use postura::resources::MODEL;
use postura::schema::needs::Needs;
use postura::session::{Keys, Origin, Patience, SessionError, Share, Silent, Targets};
use postura::synthetic::faults::{Fault, Faults, Rule, Scope, When};
use postura::synthetic::scenario::{self, MANAGEMENT, PRODUCTION, SANDBOX, SUSPENDED};
use postura::synthetic::{Server, serve};

fn everything() -> Needs {
    let mut needs = Needs::default();
    for record in MODEL.catalog.iter() {
        needs.resource(record);
        for field in record.fields {
            needs.field(record, field.name);
        }
    }
    needs
}

fn server(faults: Faults) -> Server {
    let now = "2026-11-24T06:00:00Z".parse().unwrap();
    serve(scenario::demo(now), faults).unwrap()
}

fn options(server: &Server, needs: Needs) -> Options {
    let keys = server.credentials();
    Options {
        origin: Origin {
            endpoint_url: Some(server.endpoint()),
            keys: Some(Keys {
                access_key_id: keys.access_key_id,
                secret_access_key: keys.secret_access_key,
            }),
            ..Origin::default()
        },
        targets: Targets::Organization { units: vec![], exclude: vec![] },
        share: Share::UNLIMITED,
        patience: Patience {
            pause: Duration::from_millis(5),
            longest: Duration::from_millis(20),
            ..Patience::default()
        },
        ..Options::new(needs)
    }
}

fn run(options: Options) -> Collected {
    collect::run(options, Builder::new(MODEL), Arc::new(Silent)).unwrap()
}

fn seal(collected: Collected) -> Inventory {
    collected.builder.seal(collected.scanned_at, &Wanted::Everything)
}

/// Everything about the resources, in words.
fn plain(inventory: &Inventory) -> String {
    let mut bytes = Vec::new();
    let packing = postura::inventory::snapshot::Packing::Plain;
    postura::inventory::snapshot::write(inventory, &mut bytes, packing).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn lines(inventory: &Inventory) -> Vec<String> {
    plain(inventory).lines().skip(1).map(str::to_owned).collect()
}

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

#[test]
fn a_healthy_organization_is_read_whole() {
    let server = server(Faults::default());
    let collected = run(options(&server, everything()));
    let counted: u64 = collected.stats.requests();
    let served: u64 = server.calls().values().sum();
    assert_eq!(counted, served, "every request is counted");
    assert_eq!(collected.stats.accounts, 3);
    let inventory = seal(collected);
    assert_eq!(inventory.gaps, [], "nothing is missing");
    for record in MODEL.catalog.iter() {
        assert!(!inventory.resources(record).is_empty(), "no {}", record.name);
        for account in &inventory.accounts {
            let regions: Vec<Option<&Region>> = match record.scope().unwrap() {
                postura::schema::Scope::Account => vec![None],
                postura::schema::Scope::Region => account.regions.iter().map(Some).collect(),
            };
            for region in regions.into_iter().filter(|_| account.status == AccountStatus::Scanned) {
                let coverage = inventory.coverage(record, &account.id, region);
                assert_eq!(coverage, Some(&Coverage::Whole), "{} {region:?}", record.name);
            }
        }
    }
    let unknown: Vec<String> =
        lines(&inventory).into_iter().filter(|line| line.contains("$unknown")).collect();
    assert_eq!(unknown, Vec::<String>::new());
    let suspended = inventory.account(SUSPENDED).unwrap();
    assert_eq!(suspended.status, AccountStatus::Skipped("suspended".into()));
    let production = inventory.account(PRODUCTION).unwrap();
    assert_eq!(production.name.as_deref(), Some("acme-production"));
    assert_eq!(production.organizational_units, ["r-acme", "ou-acme-workload1"]);
    assert!(production.regions.iter().all(|region| region.as_str() != "me-central-1"));
}

#[test]
fn pages_of_any_length_bring_the_same() {
    let whole = lines(&seal(run(options(&server(Faults::default()), everything()))));
    let small = Faults { page_limit: Some(2), ragged_pages: true, seed: 7, ..Faults::default() };
    let paged = server(small);
    let inventory = seal(run(options(&paged, everything())));
    assert_eq!(inventory.gaps, []);
    assert_eq!(lines(&inventory), whole);
}

#[test]
fn calls_are_made_only_where_somebody_needs_them() {
    let server = server(Faults::default());
    let mut needs = Needs::default();
    needs.field(MODEL.catalog.find("AWS::S3::Bucket").unwrap(), "versioning");
    needs.resource(MODEL.catalog.find("AWS::S3::Bucket").unwrap());
    let collected = run(options(&server, needs));
    let made: BTreeSet<String> =
        collected.stats.calls.keys().map(|call| call.to_string()).collect();
    let expected = [
        "ec2:DescribeRegions",
        "organizations:ListAccounts",
        "s3:GetBucketVersioning",
        "s3:ListBuckets",
        "sts:AssumeRole",
        "sts:GetCallerIdentity",
    ];
    let expected: BTreeSet<String> = expected.iter().map(|call| (*call).to_owned()).collect();
    let walked = "organizations:List";
    let extra: Vec<&String> =
        made.difference(&expected).filter(|call| !call.starts_with(walked)).collect();
    assert_eq!(extra, Vec::<&String>::new());
    assert!(made.is_superset(&expected), "{made:?}");
    let roles: u64 = server
        .calls()
        .iter()
        .filter(|(call, _)| call.operation == "sts:AssumeRole")
        .map(|(_, count)| *count)
        .sum();
    assert_eq!(roles, 2, "one for each account but the own");
}

#[test]
fn the_actions_made_are_within_those_of_the_needs() {
    let server = server(Faults::default());
    let needs = everything();
    let mut allowed = needs.actions();
    allowed.extend(["sts:AssumeRole", "sts:GetCallerIdentity", "ec2:DescribeRegions"]);
    run(options(&server, needs));
    let made: BTreeSet<String> = server
        .calls()
        .into_keys()
        .map(|call| call.action)
        .filter(|action| !action.starts_with("organizations:List"))
        .collect();
    let beyond: Vec<&String> =
        made.iter().filter(|action| !allowed.contains(action.as_str())).collect();
    assert_eq!(beyond, Vec::<&String>::new());
}

/// Values of the fields of each resource, by what names the resource.
fn values(inventory: &Inventory) -> BTreeMap<String, serde_json::Map<String, serde_json::Value>> {
    let mut all = BTreeMap::new();
    for line in lines(inventory) {
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        let Some(fields) = json.get("fields").and_then(|fields| fields.as_object()) else {
            continue;
        };
        let place = format!("{} {} {:?}", json["type"], json["account"], json.get("region"));
        all.insert(format!("{place} {}", json["id"]), fields.clone());
    }
    all
}

/// Whether a value with faults says nothing but what the healthy one says, or that it is unknown.
fn is_blinded(value: &serde_json::Value, healthy: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (value, healthy) {
        (Value::Object(object), _) if object.contains_key("$unknown") => true,
        (Value::Object(object), Value::Object(healthy)) => object
            .iter()
            .all(|(name, value)| healthy.get(name).is_some_and(|other| is_blinded(value, other))),
        (Value::Array(items), Value::Array(healthy)) => {
            let cut = items.iter().any(|item| item.get("$unknown").is_some());
            items.iter().all(|item| {
                item.get("$unknown").is_some()
                    || healthy.iter().any(|other| is_blinded(item, other))
            }) && (cut || items.len() == healthy.len())
        }
        _ => value == healthy,
    }
}

fn assert_blinded(name: &str, faulty: &Inventory, healthy: &Inventory) {
    let (faulty_values, healthy_values) = (values(faulty), values(healthy));
    for (resource, fields) in &faulty_values {
        let healthy = healthy_values.get(resource);
        let Some(healthy) = healthy else {
            // Regions that could not be listed may be there, and nothing is said of them.
            let is_region = resource.starts_with("\"AWS::::Region\"");
            assert!(is_region, "{name}: {resource} is not there");
            for (field, value) in fields {
                let says_nothing = field == "name" || value.get("$unknown").is_some();
                assert!(says_nothing, "{name}: {resource} {field} is {value}");
            }
            continue;
        };
        for (field, value) in fields {
            let healthy = healthy.get(field);
            assert!(
                healthy.is_some_and(|healthy| is_blinded(value, healthy)),
                "{name}: {resource} {field} is {value}, in truth {healthy:?}"
            );
        }
    }
    for entry in healthy.entries() {
        let covered = faulty.coverage(entry.record, &entry.account, entry.region.as_ref());
        if covered == Some(&Coverage::Whole) {
            let found = faulty.resources(entry.record).iter().any(|other| {
                other.account == entry.account
                    && other.region == entry.region
                    && other.id == entry.id
            });
            assert!(found, "{name}: {} {} is lost", entry.record.name, entry.id);
        }
    }
}

#[test]
fn a_denied_call_hides_and_never_changes() {
    let healthy = seal(run(options(&server(Faults::default()), everything())));
    let needs = everything();
    for call in &needs.calls {
        let name = call.to_string();
        if name == "sts:GetCallerIdentity" {
            continue;
        }
        let denied = call.actions.iter().fold(Faults::default(), |all, action| all.deny(action));
        let server = server(denied);
        let collected = run(options(&server, everything()));
        let was_called = collected.stats.calls.keys().any(|made| made == call);
        assert!(was_called, "{name} is never called");
        let inventory = seal(collected);
        assert_blinded(&name, &inventory, &healthy);
        if name == "iam:GenerateCredentialReport" {
            // The report that is there can be read all the same.
            continue;
        }
        let gap = inventory.gaps.iter().find(|gap| gap.reason.kind == ReasonKind::Denied);
        let gap = gap.unwrap_or_else(|| panic!("{name} leaves no gap"));
        assert!(call.actions.contains(&gap.reason.action.as_str()), "{name}: {gap:?}");
    }
}

#[test]
fn faults_end_as_data_or_as_gaps() {
    let healthy = seal(run(options(&server(Faults::default()), everything())));
    let faults = [
        (Fault::Throttle, false),
        (Fault::ServerError, false),
        (Fault::BadGateway, false),
        (Fault::CaptivePortal, true),
        (Fault::Disconnect, false),
        (Fault::DisconnectInBody, false),
        // JSON that is cut cannot be told from any other answer that makes no sense, and is not
        // asked for again; XML is.
        (Fault::HalfDocument, true),
        (Fault::ExpiredSession, false),
    ];
    for (fault, leaves_gaps) in faults {
        // A quarter of the requests of one account fail, and succeed when they are repeated.
        let scope = Scope { account: Some(PRODUCTION.into()), ..Scope::operation("*") };
        let rule = Rule::new(scope, fault).when(When::First(1));
        let server = server(Faults::default().with(rule));
        let inventory = seal(run(options(&server, everything())));
        let name = format!("{fault:?}");
        if !leaves_gaps {
            assert_eq!(inventory.gaps, [], "{name} passes");
            assert_eq!(lines(&inventory), lines(&healthy), "{name}");
        }
        assert_blinded(&name, &inventory, &healthy);
    }
}

#[test]
fn faults_that_stay_end_as_gaps() {
    let healthy = seal(run(options(&server(Faults::default()), everything())));
    for (fault, operation) in [
        (Fault::Throttle, "ec2:DescribeVpcs"),
        (Fault::ServerError, "cloudtrail:ListTrails"),
        (Fault::HalfDocument, "ec2:DescribeSecurityGroups"),
        (Fault::HalfDocument, "s3:GetBucketAcl"),
        (Fault::HalfDocument, "iam:GetAccountAuthorizationDetails"),
        (Fault::HalfDocument, "logs:DescribeMetricFilters"),
        (Fault::HalfDocument, "cloudwatch:DescribeAlarms"),
        (Fault::EmptyBody, "s3:GetBucketVersioning"),
        (Fault::EmptyBody, "ec2:DescribeFlowLogs"),
        (Fault::EmptyBody, "s3:ListBuckets"),
        (Fault::EmptyBody, "cloudtrail:DescribeTrails"),
        (Fault::EmptyBody, "cloudwatch:DescribeAlarms"),
        (Fault::CaptivePortal, "elasticloadbalancing:DescribeLoadBalancers"),
        (Fault::CaptivePortal, "iam:GetAccountPasswordPolicy"),
        (Fault::Disconnect, "sns:GetTopicAttributes"),
    ] {
        let rule = Rule::new(Scope::operation(operation), fault);
        let server = server(Faults::default().with(rule));
        let inventory = seal(run(options(&server, everything())));
        let name = format!("{fault:?} {operation}");
        assert!(!inventory.gaps.is_empty(), "{name} leaves no gap");
        assert_blinded(&name, &inventory, &healthy);
    }
}

#[test]
fn a_token_that_loops_ends_as_a_cut_list() {
    let scope = Scope::operation("ec2:DescribeSecurityGroups");
    let faults = Faults {
        page_limit: Some(1),
        ..Faults::default().with(Rule::new(scope, Fault::LoopingToken))
    };
    let server = server(faults);
    let inventory = seal(run(options(&server, everything())));
    let group = MODEL.catalog.find("AWS::EC2::SecurityGroup").unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let Some(Coverage::Cut(reason)) = inventory.coverage(group, &id(PRODUCTION), Some(&region))
    else {
        panic!("the list should be cut");
    };
    assert_eq!(reason.error, "PagesInACircle");
}

#[test]
fn an_account_whose_role_is_refused_does_not_stop_the_others() {
    let server = server(Faults::default().unassumable(SANDBOX));
    let inventory = seal(run(options(&server, everything())));
    let AccountStatus::Failed(reason) = &inventory.account(SANDBOX).unwrap().status else {
        panic!("the sandbox cannot be read");
    };
    assert_eq!(reason.kind, ReasonKind::NotAssumed);
    assert_eq!((reason.action.as_str(), reason.error.as_str()), ("sts:AssumeRole", "AccessDenied"));
    assert_eq!(inventory.account(MANAGEMENT).unwrap().status, AccountStatus::Scanned);
    assert_eq!(inventory.gaps.len(), 1, "{:?}", inventory.gaps);
}

#[test]
fn credentials_that_end_in_the_middle_are_renewed() {
    let faults = Faults {
        session_length: Some(Duration::from_secs(2)),
        latency: Duration::from_millis(150),
        ..Faults::default()
    };
    let server = server(faults);
    let options = Options { concurrency: 4, ..options(&server, everything()) };
    let collected = run(options);
    let assumed = collected.stats.calls.iter().find(|(call, _)| call.operation == "AssumeRole");
    let assumed = assumed.map(|(_, count)| count.requests).unwrap();
    assert!(assumed > 2, "renewed: {assumed}");
    assert_eq!(seal(collected).gaps, []);
}

#[test]
fn a_scan_that_is_stopped_keeps_what_it_has() {
    let scope = Scope::operation("ec2:DescribeFlowLogs");
    let server = server(Faults::default().with(Rule::new(scope, Fault::Hang)));
    let options =
        Options { deadline: Some(Duration::from_secs(4)), ..options(&server, everything()) };
    let began = std::time::Instant::now();
    let collected = run(options);
    assert!(collected.stats.stopped);
    assert!(began.elapsed() < Duration::from_secs(8));
    let inventory = seal(collected);
    let flow_log = MODEL.catalog.find("AWS::EC2::FlowLog").unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let Some(Coverage::Cut(reason)) = inventory.coverage(flow_log, &id(MANAGEMENT), Some(&region))
    else {
        panic!("flow logs cannot be read");
    };
    assert_eq!(reason.kind, ReasonKind::Interrupted);
    let vpc = MODEL.catalog.find("AWS::EC2::VPC").unwrap();
    assert!(!inventory.resources(vpc).is_empty());
}

#[test]
fn regions_and_accounts_are_chosen() {
    let server = server(Faults::default());
    let mut chosen = options(&server, everything());
    chosen.regions.only = vec!["eu-west-1".parse().unwrap()];
    chosen.targets = Targets::Organization {
        units: vec!["ou-acme-workload1".into()],
        exclude: vec![id(SANDBOX)],
    };
    let inventory = seal(run(chosen));
    let ids: Vec<&str> = inventory.accounts.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, [PRODUCTION, SANDBOX]);
    let production = inventory.account(PRODUCTION).unwrap();
    assert_eq!(production.regions.len(), 1);
    assert!(!production.excluded_regions.is_empty());
    assert!(matches!(inventory.account(SANDBOX).unwrap().status, AccountStatus::Skipped(_)));
    let regions: BTreeSet<&str> = inventory
        .entries()
        .iter()
        .filter_map(|entry| entry.region.as_ref().map(Region::as_str))
        .collect();
    assert_eq!(regions.into_iter().collect::<Vec<_>>(), ["eu-west-1"]);
    assert_eq!(inventory.gaps, []);
}

#[test]
fn names_that_do_not_exist_are_refused_before_the_scan() {
    let server = server(Faults::default());
    let refused = |change: &dyn Fn(&mut Options)| {
        let mut options = options(&server, everything());
        change(&mut options);
        collect::run(options, Builder::new(MODEL), Arc::new(Silent)).err().unwrap()
    };
    let region = refused(&|options| options.regions.exclude = vec!["eu-wset-1".parse().unwrap()]);
    assert!(matches!(region, SessionError::UnknownRegion { .. }), "{region}");
    assert_eq!(region.help().as_deref(), Some("did you mean `eu-west-1`?"));
    let exclude = vec![id("999988887777")];
    let account = refused(&|options| {
        options.targets = Targets::Organization { units: vec![], exclude: exclude.clone() };
    });
    assert!(matches!(account, SessionError::NotInOrganization(_)), "{account}");
    let unit = refused(&|options| {
        options.targets =
            Targets::Organization { units: vec!["ou-acme-nothing1".into()], exclude: vec![] };
    });
    assert!(matches!(unit, SessionError::NotInOrganization(_)), "{unit}");
    let calls = server.calls().into_keys().filter(|call| call.operation.starts_with("s3:"));
    assert_eq!(calls.count(), 0, "nothing was scanned");
}

#[test]
fn other_partitions_are_read_alike() {
    let now = "2026-11-24T06:00:00Z".parse().unwrap();
    let server = serve(scenario::cn_gov(now), Faults::default()).unwrap();
    for (account, region) in [("222233334444", "cn-north-1"), ("333344445555", "us-gov-west-1")] {
        let keys = server.credentials_of(account);
        let mut options = options(&server, everything());
        options.origin.keys = Some(Keys {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
        });
        options.origin.region = region.parse().ok();
        let inventory = seal(run(options));
        assert_eq!(inventory.gaps, [], "{region}");
        assert_eq!(inventory.accounts.len(), 2, "{region}");
        let read = inventory.accounts.iter().flat_map(|account| &account.regions);
        let partition = region.parse::<Region>().unwrap().partition();
        assert!(read.clone().count() > 0);
        assert!(read.into_iter().all(|region| region.partition() == partition));
    }
}

#[test]
fn regions_that_cannot_be_listed_stay_unsure() {
    let server = server(Faults::default().deny_in(PRODUCTION, "ec2:DescribeRegions"));
    let inventory = seal(run(options(&server, everything())));
    let vpc = MODEL.catalog.find("AWS::EC2::VPC").unwrap();
    let unsure: Region = "me-central-1".parse().unwrap();
    let coverage = inventory.coverage(vpc, &id(PRODUCTION), Some(&unsure));
    assert!(matches!(coverage, Some(Coverage::Cut(_))), "{coverage:?}");
    let gap = inventory.gaps.iter().find(|gap| gap.reason.action == "ec2:DescribeRegions");
    assert!(gap.is_some());
}
