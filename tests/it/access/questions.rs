//! Questions to snapshots: the shipped synthetic organization, and small ones of which parts are
//! unknown.

use std::fs;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{DEMO, postura, text};

fn ask(args: &[&str], snapshot: &str) -> Value {
    let args: Vec<&str> = [args, &["--snapshot", snapshot, "--format", "json"]].concat();
    let output = postura(&args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    serde_json::from_str(&text(&output.stdout)).unwrap()
}

/// The error of a question that cannot be put.
fn refused(args: &[&str]) -> String {
    let output = postura(&[args, &["--snapshot", DEMO]].concat());
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty());
    text(&output.stderr)
}

const ACCOUNT: &str = "111122223333";
const OBJECT: &str = "arn:aws:s3:::b/k";

/// A snapshot of one account with a user `ann`, a role `app` and a bucket `b`; `change` makes of the
/// fields what a test needs.
fn snapshot(change: impl FnOnce(&mut Value)) -> NamedTempFile {
    let allow = |action: &str| {
        json!({"Version": "2012-10-17", "Statement":
            [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
        .to_string()
    };
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}, "Action": "sts:AssumeRole"}]});
    let mut all = json!({
        "account": {"type": "AWS::::Account", "id": ACCOUNT, "fields": {"id": ACCOUNT,
            "partition": "aws", "public_access_block": null, "organization": null}},
        "user": {"type": "AWS::IAM::User", "id": "ann", "fields": {"name": "ann",
            "arn": "arn:aws:iam::111122223333:user/ann", "group_names": [], "tags": [],
            "attached_policy_arns": [], "permissions_boundary_arn": null,
            "inline_policies": [{"name": "reads", "document": allow("s3:GetObject")}]}},
        "role": {"type": "AWS::IAM::Role", "id": "app", "fields": {"name": "app",
            "arn": "arn:aws:iam::111122223333:role/app", "tags": [],
            "assume_role_policy_document": trust.to_string(),
            "attached_policy_arns": [], "permissions_boundary_arn": null,
            "inline_policies": [{"name": "all", "document": allow("*")}]}},
        "bucket": {"type": "AWS::S3::Bucket", "id": "b", "fields": {"name": "b",
            "arn": "arn:aws:s3:::b", "policy": null, "acl_grants": [], "owner_id": "c0ffee",
            "object_ownership": "BucketOwnerEnforced", "public_access_block": null}},
    });
    change(&mut all);
    let types = [
        "AWS::::Account",
        "AWS::IAM::User",
        "AWS::IAM::Role",
        "AWS::S3::Bucket",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Group",
    ];
    let coverage: Value = types
        .iter()
        .map(|name| json!({"type": name, "account": ACCOUNT, "coverage": "whole"}))
        .collect();
    let header = json!({"postura_snapshot": 1, "tool": "0", "scanned_at": "2026-01-01T00:00:00Z",
        "accounts": [{"id": ACCOUNT, "partition": "aws", "status": {"state": "scanned"}}],
        "coverage": coverage, "gaps": []});
    let mut lines = vec![header];
    for name in ["account", "role", "user", "bucket"] {
        let mut resource = all[name].take();
        resource["account"] = json!(ACCOUNT);
        lines.push(resource);
    }
    lines.push(json!({"resources": 4}));
    let file = NamedTempFile::with_suffix(".jsonl").unwrap();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(file.path(), text).unwrap();
    file
}

fn can(snapshot: &NamedTempFile, args: &[&str]) -> Value {
    ask(&[&["can"], args].concat(), snapshot.path().to_str().unwrap())
}

fn policy(statement: Value) -> Value {
    json!(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
}

#[test]
fn what_is_seen_decides_and_names_its_statement() {
    let snapshot = snapshot(|_| {});
    let answer = can(&snapshot, &["ann", "s3:GetObject", OBJECT]);
    assert_eq!(answer["decision"], "Allowed");
    assert_eq!(answer["statements"][0]["policy"], "inline policy reads");
    assert_eq!(answer["notes"], json!([]));
    assert_eq!(can(&snapshot, &["ann", "s3:PutObject", OBJECT])["decision"], "ImplicitlyDenied");
    let session = "arn:aws:sts::111122223333:assumed-role/app/one";
    assert_eq!(can(&snapshot, &[session, "s3:PutObject", OBJECT])["decision"], "Allowed");
    let role = "arn:aws:iam::111122223333:role/app";
    assert_eq!(can(&snapshot, &["ann", "sts:AssumeRole", role])["decision"], "Allowed");
}

#[test]
fn what_was_not_read_matters_only_where_it_can_decide() {
    let unread = json!({"$unknown": "iam:GetAccountAuthorizationDetails AccessDenied"});
    let boundary =
        snapshot(|all| all["user"]["fields"]["permissions_boundary_arn"] = unread.clone());
    let answer = can(&boundary, &["ann", "s3:GetObject", OBJECT]);
    assert_eq!(answer["decision"], "Unknown");
    assert!(answer["why"].as_str().unwrap().contains("permissions boundary not known"), "{answer}");
    let inline = snapshot(|all| all["user"]["fields"]["inline_policies"] = unread.clone());
    assert_eq!(can(&inline, &["ann", "s3:PutObject", OBJECT])["decision"], "Unknown");
    let both = snapshot(|all| {
        all["user"]["fields"]["inline_policies"] = unread.clone();
        all["bucket"]["fields"]["policy"] = policy(json!({"Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}));
    });
    assert_eq!(can(&both, &["ann", "s3:PutObject", OBJECT])["decision"], "ExplicitlyDenied");
    let bucket = snapshot(|all| all["bucket"]["fields"]["policy"] = json!({"$unknown": "denied"}));
    assert_eq!(can(&bucket, &["ann", "s3:GetObject", OBJECT])["decision"], "Unknown");
}

#[test]
fn condition_keys_that_nobody_gave_are_named() {
    let snapshot = snapshot(|all| {
        all["bucket"]["fields"]["policy"] = policy(json!({"Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}));
    });
    let question = ["ann", "s3:GetObject", OBJECT];
    let answer = can(&snapshot, &question);
    assert_eq!(answer["decision"], "Unknown");
    assert_eq!(answer["depends_on"], json!(["aws:sourceip"]));
    let given = |value: &str| {
        let args = [&question[..], &["--context", value]].concat();
        can(&snapshot, &args)["decision"].clone()
    };
    assert_eq!(given("aws:SourceIp=203.0.113.7"), "Allowed");
    assert_eq!(given("aws:sourceip=198.51.100.1"), "ExplicitlyDenied");
    let absent = [&question[..], &["--other-keys", "absent"]].concat();
    assert_eq!(can(&snapshot, &absent)["decision"], "ExplicitlyDenied");
}

#[test]
fn control_policies_that_were_not_seen_are_a_note_where_they_could_deny() {
    let notes = |organization: Value, action: &str| {
        let snapshot = snapshot(|all| all["account"]["fields"]["organization"] = organization);
        let answer = can(&snapshot, &["ann", action, OBJECT]);
        answer["notes"].as_array().unwrap().len()
    };
    let member = json!({"id": "o-exampleorgid", "management_account_id": "222233334444"});
    let management = json!({"id": "o-exampleorgid", "management_account_id": ACCOUNT});
    assert_eq!(notes(member.clone(), "s3:GetObject"), 2);
    assert_eq!(notes(json!({"$unknown": "denied"}), "s3:GetObject"), 2);
    assert_eq!(notes(management, "s3:GetObject"), 0);
    assert_eq!(notes(json!(null), "s3:GetObject"), 0);
    assert_eq!(notes(member, "s3:PutObject"), 0);
}

#[test]
fn block_public_access_and_lists_count_for_others() {
    let open = policy(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*"}));
    let decision = |block: Value, ownership: &str, policy: &Value| {
        let snapshot = snapshot(|all| {
            all["bucket"]["fields"]["policy"] = policy.clone();
            all["bucket"]["fields"]["object_ownership"] = json!(ownership);
            all["account"]["fields"]["public_access_block"] = block;
        });
        can(&snapshot, &["anonymous", "s3:GetObject", OBJECT])["decision"].clone()
    };
    let block = |on: bool| {
        json!({"block_public_acls": on, "ignore_public_acls": on, "block_public_policy": on,
            "restrict_public_buckets": on})
    };
    let enforced = "BucketOwnerEnforced";
    assert_eq!(decision(block(false), enforced, &open), "Allowed");
    assert_eq!(decision(block(true), enforced, &open), "ImplicitlyDenied");
    assert_eq!(decision(json!({"$unknown": "denied"}), enforced, &open), "Unknown");
    assert_eq!(decision(block(false), enforced, &json!(null)), "ImplicitlyDenied");
    assert_eq!(decision(block(false), "ObjectWriter", &json!(null)), "Unknown");
    assert_eq!(decision(block(true), "ObjectWriter", &json!(null)), "ImplicitlyDenied");
}

#[test]
fn an_organization_that_may_be_the_own_one_leaves_it_open_who_is_outside() {
    let external = |organization: Value| {
        let snapshot = snapshot(|all| {
            all["account"]["fields"]["organization"] = organization;
            all["role"]["fields"]["assume_role_policy_document"] =
                policy(json!({"Effect": "Allow",
                "Principal": "*", "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}}));
        });
        let answer = ask(&["public", "app"], snapshot.path().to_str().unwrap());
        answer["resources"][0]["external"].clone()
    };
    let member = |id: &str| json!({"id": id, "management_account_id": "222233334444"});
    assert_eq!(external(member("o-exampleorgid")), false);
    assert_eq!(external(member("o-another00000")), true);
    assert_eq!(external(json!(null)), true);
    assert_eq!(external(json!({"$unknown": "denied"})), Value::Null);
}

#[test]
fn escalation_leads_to_an_administrator_or_is_not_known() {
    let outcome = |change: &dyn Fn(&mut Value)| {
        let snapshot = snapshot(|all| change(all));
        let path = snapshot.path().to_str().unwrap();
        ask(&["escalate", "ann"], path)
    };
    let found = outcome(&|_| {});
    assert_eq!(found["outcome"], "escalates", "{found}");
    assert_eq!(found["path"][0]["becomes"], "arn:aws:iam::111122223333:role/app");
    let untrusting = outcome(&|all| {
        all["role"]["fields"]["assume_role_policy_document"] = policy(json!({"Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}));
    });
    assert_eq!(untrusting["outcome"], "confined");
    let unread = outcome(&|all| {
        all["user"]["fields"]["inline_policies"] = json!({"$unknown": "denied"});
    });
    assert_eq!(unread["outcome"], "unknown");
}

#[test]
fn the_shipped_organization_has_its_known_holes() {
    let public = ask(&["public"], DEMO);
    let of = |name: &str| {
        let found = public["resources"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["resource"].as_str().unwrap().ends_with(name));
        found
            .map_or((Value::Null, Value::Null), |it| (it["public"].clone(), it["external"].clone()))
    };
    assert_eq!(of("acme-sandbox-website"), (json!(true), json!(true)));
    assert_eq!(of("acme-partner-exchange"), (json!(false), json!(true)));
    assert_eq!(of("acme-press-kit"), (Value::Null, Value::Null));
    // Its trust names the organization that the account is in.
    assert_eq!(of("role/organization-reader"), (Value::Null, Value::Null));
    assert_eq!(of("role/open-door"), (json!(true), json!(true)));
    let who = ask(&["who-can", "iam:CreateUser", "arn:aws:iam::777788889999:user/x"], DEMO);
    let names: Vec<&str> = who["allowed"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["principal"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "arn:aws:iam::777788889999:role/github-anything",
            "arn:aws:iam::777788889999:root",
            "arn:aws:iam::777788889999:user/dave",
            "arn:aws:iam::777788889999:user/erin",
        ]
    );
    assert!(!who["not_read"].as_array().unwrap().is_empty());
    let partner = "arn:aws:iam::444455556666:role/partner-reader";
    let trust = ask(&["who-can", "sts:AssumeRole", partner], DEMO);
    assert_eq!(trust["outside"]["external"], true);
    assert_eq!(trust["outside"]["public"], false);
}

#[test]
fn questions_that_cannot_be_put_say_what_may_be_meant() {
    for (args, expected) in [
        (vec!["can", "alce", "s3:GetObject", OBJECT], "did you mean `alice`?"),
        (vec!["can", "alice", "s3:GetObject", OBJECT], "`alice` names 3 principals"),
        (vec!["can", "bob", "s3:GetObjct", OBJECT], "did you mean `s3:GetObject`?"),
        (vec!["can", "bob", "s4:GetObject", OBJECT], "did you mean `s3:GetObject`?"),
        (vec!["can", "bob", "s3:Get*", OBJECT], "without wildcards"),
        (vec!["can", "bob", "s3:GetObject", "b/k"], "`b/k` is no ARN"),
        (vec!["can", "bob", "s3:GetObject", "*"], "needs the ARN of a resource"),
        (vec!["can", "bob", "s3:GetObject", OBJECT, "--context", "x"], "is no condition key"),
        (vec!["can", "arn:aws:iam::444455556666:user/bop", "s3:GetObject", OBJECT], "user/bob"),
        (vec!["public", "acme-report"], "did you mean `acme-reports`?"),
        (vec!["escalate", "nobody-at-all"], "there is no principal"),
    ] {
        let error = refused(&args);
        assert!(error.contains(expected), "{args:?}: {error}");
    }
}

#[test]
fn a_new_version_is_compared_with_the_old() {
    let (old, new) = ("tests/vectors/access/old.json", "tests/vectors/access/new.json");
    let output = postura(&["compare", old, new, "--format", "json"]);
    let answer: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(answer["new_access"]["answer"], true);
    assert_eq!(answer["new_access"]["witness"]["action"], "s3:DeleteObject");
    assert_eq!(answer["lost_access"]["answer"], true);
    let output = postura(&["compare", old, "Cargo.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`Cargo.toml`: not JSON"));
}
