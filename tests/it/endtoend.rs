//! Every check fails and passes at least once end to end: over HTTP from the synthetic organization,
//! and where moto has the API, from moto. docs/proofs.md is the table; it is made here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use postura::synthetic::faults::Faults;
use postura::synthetic::scenario::{self, MANAGEMENT, PRODUCTION, SANDBOX};
use postura::synthetic::world::{
    AccessKey, Account, EventSelector, InlinePolicy, LastUse, Region, Role, Selectors, Vpc, World,
};
use postura::synthetic::{Server, serve};
use serde_json::Value as Json;

const NOW: &str = "2026-11-24T06:00:00Z";

const PAGE: &str = "docs/proofs.md";

/// What no demo has by default: parameters that a policy would set.
const POLICY: &str = "\
id: broken
title: Everything, with a few parameters
extends: [audit]
overrides:
  - check: ec2-instance-count-within-expected
    params: {max_per_region: 0}
  - check: iam-aws-admin-policy-not-attached
    params: {approved_principals: [dave, github-anything, toy-admin, auditors]}
  - check: iam-federation-in-use
    params: {exempt_users: [alice, ci-deployer, root-admin]}
";

const ANYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const CLIMB: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":["iam:AttachUserPolicy","iam:AttachRolePolicy"],"Resource":"*"}]}"#;

/// The verdicts that each check gave.
type Seen = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn note(seen: &mut Seen, output: &[u8]) {
    let results: Json = serde_json::from_slice(output).unwrap();
    for check in results["checks"].as_array().unwrap() {
        seen.entry(check["id"].as_str().unwrap().to_owned()).or_default();
    }
    for finding in results["findings"].as_array().unwrap() {
        let verdicts = seen.entry(finding["check"].as_str().unwrap().to_owned()).or_default();
        verdicts.insert(finding["verdict"].as_str().unwrap().to_owned());
    }
}

fn demo(scenario: &str) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_postura"))
        .args([
            "demo",
            "--scenario",
            scenario,
            "--now",
            NOW,
            "--policy",
            "audit",
            "-q",
            "-o",
            "json",
        ])
        .output()
        .unwrap();
    output.stdout
}

fn scan(server: &Server, policy: &Path) -> Vec<u8> {
    let keys = server.credentials();
    let output = Command::new(env!("CARGO_BIN_EXE_postura"))
        .args(["scan", "--organization", "-q", "-o", "json", "--policy"])
        .arg(policy)
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .env("AWS_REGION", "eu-west-1")
        .env_remove("AWS_PROFILE")
        .output()
        .unwrap();
    assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The demo with what it has no room for: trails that all have holes, an account without any, a
/// machine that everybody reaches with an administrator's role.
fn broken() -> World {
    // The scan asks the clock, so that the world must have its time.
    let mut world = scenario::demo(Timestamp::now());
    for account in &mut world.organizations[0].accounts {
        let account = Arc::make_mut(account);
        for trail in &mut account.trails {
            trail.organization = false;
            trail.multi_region = false;
            trail.global_events = false;
            trail.insights.clear();
            trail.status.logging = true;
            trail.status.delivery_error = Some("AccessDenied".to_owned());
            trail.selectors = Selectors::Classic(vec![EventSelector {
                excluded: vec!["kms.amazonaws.com".to_owned()],
                ..EventSelector::default()
            }]);
        }
        for region in &mut account.regions {
            Arc::make_mut(region).config.aggregators.clear();
        }
        match account.id.as_str() {
            MANAGEMENT => break_management(account),
            PRODUCTION => break_production(account),
            SANDBOX => break_sandbox(account),
            _ => {}
        }
    }
    world
}

fn region<'a>(account: &'a mut Account, name: &str) -> &'a mut Region {
    let region = account.regions.iter_mut().find(|region| region.name == name);
    Arc::make_mut(region.unwrap())
}

fn break_management(account: &mut Account) {
    for bucket in &mut account.buckets {
        bucket.logging = None;
    }
    // A key that is in use.
    let yesterday = Timestamp::now() - SignedDuration::from_hours(24);
    account.identity.users[0].keys.push(AccessKey {
        active: true,
        created: yesterday,
        last_used: Some(LastUse {
            at: yesterday,
            region: "eu-west-1".into(),
            service: "s3".into(),
        }),
    });
    // A public server with an ordinary role.
    let region = region(account, "eu-west-1");
    let public = region.network.subnets[0].id.clone();
    region.network.acls[1].entries.retain(|entry| entry.allow);
    let server = &mut region.instances[0];
    server.subnet = public;
    server.public_ip = Some("203.0.113.80".to_owned());
    server.groups = region.network.security_groups.iter().map(|group| group.id.clone()).collect();
}

fn break_production(account: &mut Account) {
    for user in &mut account.identity.users {
        user.password = None;
    }
    let region = region(account, "eu-west-1");
    let others = format!("acme-management-logs-{}", region.name);
    for balancer in region.load_balancers.iter_mut().filter(|one| one.kind == "network") {
        if let Some(log) = &mut balancer.access_log {
            log.bucket = others.clone();
        }
    }
    for balancer in region.load_balancers.iter_mut().filter(|one| one.kind == "application") {
        balancer.access_log = None;
    }
    // A default VPC that nobody uses.
    let vpc = Vpc { id: "vpc-0123456789abcdef0".to_owned(), is_default: true, ..Vpc::default() };
    region.network.vpcs.push(Vpc { cidr: "172.31.0.0/16".to_owned(), ..vpc });
}

fn break_sandbox(account: &mut Account) {
    account.trails.clear();
    let inline =
        |document: &str| InlinePolicy { name: "toy".to_owned(), document: document.to_owned() };
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned();
    let identity = &mut account.identity;
    identity.users[0].inline.push(inline(ANYTHING));
    identity.users[1].inline.push(inline(CLIMB));
    identity.groups[0].attached.push(admin.clone());
    let like = identity.roles.iter().find(|role| role.instance_profile).unwrap().clone();
    identity.roles.push(Role {
        name: "toy-admin".to_owned(),
        attached: vec![admin],
        inline: vec![inline(ANYTHING)],
        ..like.clone()
    });
    identity.roles.push(Role {
        name: "toy-climber".to_owned(),
        inline: vec![inline(CLIMB)],
        ..like
    });
    let region = region(account, "eu-west-1");
    let groups = region.network.security_groups.iter();
    let groups: Vec<String> =
        groups.filter(|group| group.name != "default").map(|group| group.id.clone()).collect();
    for acl in &mut region.network.acls {
        acl.entries.retain(|entry| entry.allow);
        for entry in &mut acl.entries {
            (entry.protocol, entry.ports) = (-1, None);
        }
    }
    let toy = region.instances.iter_mut().find(|one| one.public_ip.is_some()).unwrap();
    toy.groups.clone_from(&groups);
    toy.profile = Some(format!("arn:aws:iam::{SANDBOX}:instance-profile/toy-admin"));
    let other = region.instances.iter_mut().find(|one| one.public_ip.is_none()).unwrap();
    other.profile = Some(format!("arn:aws:iam::{SANDBOX}:instance-profile/toy-climber"));
}

/// The verdicts of moto, as the golden file has them: `verdict account region check resource`.
fn moto() -> Seen {
    let mut seen = Seen::new();
    let text = fs::read_to_string(root().join("tests/it/golden/moto.txt")).unwrap();
    for line in text.lines().filter(|line| !line.starts_with("gap ")) {
        let mut words = line.split(' ');
        let (verdict, check) = (words.next().unwrap(), words.nth(2).unwrap());
        seen.entry(check.to_owned()).or_default().insert(verdict.to_owned());
    }
    seen
}

fn page(synthetic: &Seen, moto: &Seen) -> String {
    let mut text = "\
# Proofs end to end

Each check was seen to fail and to pass in a whole run of the program over HTTP: against
[moto](https://github.com/getmoto/moto), an imitation of AWS that we did not write, where that has the API and what the
check looks for, and against the synthetic organization of `postura demo`, with and without further faults. This page is
made by `UPDATE=1 cargo test --test it endtoend`, and the same test holds it to what was seen.

| check | moto: fails | moto: passes | synthetic: fails | synthetic: passes |
|---|:---:|:---:|:---:|:---:|
"
    .to_owned();
    let none = BTreeSet::new();
    let mut shown = 0;
    for (check, verdicts) in synthetic {
        let there = moto.get(check).unwrap_or(&none);
        let both = there.contains("fail") && there.contains("pass");
        shown += usize::from(both);
        let mark = |seen: &BTreeSet<String>, verdict: &str| {
            if seen.contains(verdict) { "yes" } else { "-" }
        };
        let cells = [
            mark(there, "fail"),
            mark(there, "pass"),
            mark(verdicts, "fail"),
            mark(verdicts, "pass"),
        ];
        text.push_str(&format!("| `{check}` | {} |\n", cells.join(" | ")));
    }
    text.push_str(&format!(
        "\n{shown} of {} checks fail and pass against moto; the others are proved by the synthetic organization \
         alone.\n",
        synthetic.len()
    ));
    text
}

#[test]
fn every_check_fails_and_passes_at_least_once_over_http() {
    let directory = tempfile::tempdir().unwrap();
    let policy = directory.path().join("broken.yaml");
    fs::write(&policy, POLICY).unwrap();
    let mut seen = Seen::new();
    for scenario in ["demo", "clean", "cn-gov"] {
        note(&mut seen, &demo(scenario));
    }
    let server = serve(broken(), Faults::default()).unwrap();
    note(&mut seen, &scan(&server, &policy));

    let lacks = |verdict: &str| -> Vec<&String> {
        seen.iter().filter(|(_, seen)| !seen.contains(verdict)).map(|(check, _)| check).collect()
    };
    let (never_fails, never_passes) = (lacks("fail"), lacks("pass"));
    assert!(
        never_fails.is_empty() && never_passes.is_empty(),
        "never fails: {never_fails:?}\nnever passes: {never_passes:?}"
    );

    let text = page(&seen, &moto());
    let path = root().join(PAGE);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{PAGE} is not what was seen; UPDATE=1 writes it anew");
}
