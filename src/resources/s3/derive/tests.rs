//! Buckets that the public reaches or not, and why.

use serde_json::{Value as Json, json};

use super::super::Bucket;
use crate::resources::tests::{assert_blinding, derived};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

fn on() -> Json {
    json!({"block_public_acls": true, "ignore_public_acls": true,
           "block_public_policy": true, "restrict_public_buckets": true})
}

fn statement(action: &str, condition: &Json) -> Json {
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": action,
                               "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]});
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    statement
}

fn policy(statements: &[Json]) -> Json {
    json!(json!({"Version": "2012-10-17", "Statement": statements}).to_string())
}

fn bucket(policy: Json, grants: Json) -> Json {
    json!({
        "name": "b", "arn": "arn:aws:s3:::b", "policy": policy, "acl_grants": grants,
        "object_ownership": "ObjectWriter", "public_access_block": null,
        "account": {"public_access_block": null},
    })
}

fn access(given: &Json) -> Vec<String> {
    assert_blinding::<Bucket>(given, "public_access");
    let list = derived::<Bucket>(given, "public_access");
    let words = |item: &Json| match item.get("$unknown") {
        Some(_) => "?".to_owned(),
        None => {
            format!("{} by {}", item["access"].as_str().unwrap(), item["via"].as_str().unwrap())
        }
    };
    list.as_array().unwrap().iter().map(words).collect()
}

#[test]
fn reading_and_writing_are_told_apart() {
    let read = bucket(policy(&[statement("s3:GetObject", &json!(null))]), json!([]));
    assert_eq!(access(&read), ["read by policy"]);
    for action in ["s3:PutObject", "S3:PutObject", "s3:P*", "s3:PutBucketPolicy"] {
        let write = bucket(policy(&[statement(action, &json!(null))]), json!([]));
        assert_eq!(access(&write), ["write by policy"], "{action}");
    }
    let both = bucket(policy(&[statement("s3:*", &json!(null))]), json!([]));
    assert_eq!(access(&both), ["read by policy", "write by policy"]);
}

#[test]
fn denials_and_confining_conditions_close() {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"});
    let denied = bucket(policy(&[statement("s3:*", &json!(null)), deny]), json!([]));
    assert!(access(&denied).is_empty());
    let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}});
    assert!(access(&bucket(policy(&[statement("s3:*", &organization)]), json!([]))).is_empty());
    let nobody = json!({"StringLike": {"aws:PrincipalArn": "*"}});
    let anyone = bucket(policy(&[statement("s3:GetObject", &nobody)]), json!([]));
    assert_eq!(access(&anyone), ["read by policy"]);
}

#[test]
fn lists_count_by_permission_and_ownership() {
    let grant = |permission: &str| json!([{"grantee": ALL_USERS, "grantee_type": "Group", "permission": permission}]);
    assert_eq!(access(&bucket(json!(null), grant("READ"))), ["read by acl"]);
    assert_eq!(access(&bucket(json!(null), grant("WRITE_ACP"))), ["write by acl"]);
    assert_eq!(
        access(&bucket(json!(null), grant("FULL_CONTROL"))),
        ["read by acl", "write by acl"]
    );
    let mut enforced = bucket(json!(null), grant("READ"));
    enforced["object_ownership"] = json!("BucketOwnerEnforced");
    assert!(access(&enforced).is_empty());
    let owner = json!([{"grantee": "0a", "grantee_type": "CanonicalUser",
                        "permission": "FULL_CONTROL"}]);
    assert!(access(&bucket(json!(null), owner)).is_empty());
}

#[test]
fn either_level_of_block_public_access_closes() {
    let open = bucket(policy(&[statement("s3:GetObject", &json!(null))]), json!([]));
    let mut by_bucket = open.clone();
    by_bucket["public_access_block"] = on();
    assert!(access(&by_bucket).is_empty());
    let mut by_account = open.clone();
    by_account["account"]["public_access_block"] = on();
    assert!(access(&by_account).is_empty());
    let mut unread = open;
    unread["account"]["public_access_block"] = json!({"$unknown": "denied"});
    assert_eq!(access(&unread), ["?"]);
}

#[test]
fn what_is_unreadable_matters_only_where_it_decides() {
    let mut hidden = bucket(json!({"$unknown": "s3:GetBucketPolicy AccessDenied"}), json!([]));
    assert_eq!(access(&hidden), ["?"]);
    hidden["public_access_block"] = on();
    assert!(access(&hidden).is_empty());
    let malformed = bucket(json!("{\"Statement\": 1}"), json!([]));
    assert_eq!(access(&malformed), ["?"]);
}

#[test]
fn the_latent_view_does_not_know_of_block_public_access() {
    let mut given = bucket(policy(&[statement("s3:GetObject", &json!(null))]), json!([]));
    given["public_access_block"] = on();
    let grants = |given: &Json| {
        assert_blinding::<Bucket>(given, "public_grants");
        derived::<Bucket>(given, "public_grants").as_array().unwrap().len()
    };
    assert_eq!(grants(&given), 1);
    assert_eq!(grants(&bucket(json!(null), json!([]))), 0);
    let set =
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-abcdefghij/r-1234/*"]}});
    assert_eq!(grants(&bucket(policy(&[statement("s3:*", &set)]), json!([]))), 0);
}

#[test]
fn other_accounts_are_named_one_by_one() {
    let allow = |principal: Json, action: &str| {
        json!({"Effect": "Allow", "Principal": principal, "Action": action,
               "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]})
    };
    let given = bucket(
        policy(&[
            allow(json!({"AWS": "arn:aws:iam::444455556666:role/reader"}), "s3:GetObject"),
            allow(json!({"AWS": "777788889999"}), "s3:Put*"),
            allow(json!({"AWS": "111122223333"}), "s3:*"),
        ]),
        json!([]),
    );
    assert_blinding::<Bucket>(&given, "foreign_access");
    let list = derived::<Bucket>(&given, "foreign_access");
    let seen: Vec<(&Json, &Json)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (&item["account_id"], &item["administers"]))
        .collect();
    assert_eq!(
        seen,
        [(&json!("444455556666"), &json!(false)), (&json!("777788889999"), &json!(true))]
    );
}

#[test]
fn a_service_that_anybody_can_send_is_named() {
    let service = |condition: &Json| {
        let mut statement = statement("s3:PutObject", condition);
        statement["Principal"] = json!({"Service": "delivery.logs.amazonaws.com"});
        derived::<Bucket>(&bucket(policy(&[statement]), json!([])), "foreign_access")
    };
    assert_eq!(service(&json!(null))[0]["principal"], "delivery.logs.amazonaws.com");
    let own = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
    assert_eq!(service(&own), json!([]));
}

#[test]
fn only_a_denial_of_everything_refuses_plain_http() {
    let refuses = |action: &str, resource: Json, condition: Json| {
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": action,
                          "Resource": resource, "Condition": condition});
        let given = bucket(policy(&[deny]), json!([]));
        assert_blinding::<Bucket>(&given, "denies_insecure_transport");
        derived::<Bucket>(&given, "denies_insecure_transport")
    };
    let whole = || json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]);
    let plain = || json!({"Bool": {"aws:SecureTransport": "false"}});
    assert_eq!(refuses("s3:*", whole(), plain()), true);
    assert_eq!(refuses("s3:*", whole(), json!({"Bool": {"AWS:securetransport": ["false"]}})), true);
    assert_eq!(refuses("s3:PutObject", whole(), plain()), false);
    assert_eq!(refuses("s3:*", json!("arn:aws:s3:::b/*"), plain()), false);
    let version = json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}});
    assert_eq!(refuses("s3:*", whole(), version), false);
    assert_eq!(
        derived::<Bucket>(&bucket(json!(null), json!([])), "denies_insecure_transport"),
        false
    );
}
