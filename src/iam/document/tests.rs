use super::*;
use serde_json::json;

fn parse(value: &serde_json::Value, kind: Kind) -> Result<Document, Malformed> {
    Document::parse(&value.to_string(), kind)
}

fn faults(text: &str, kind: Kind) -> Vec<(String, String)> {
    let malformed = Document::parse(text, kind).expect_err("malformed");
    malformed.problems.iter().map(|p| (p.pointer.clone(), p.fault.to_string())).collect()
}

#[test]
fn single_objects_and_lists_mean_the_same() {
    let one = parse(
        &json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}),
        Kind::Identity,
    )
    .expect("valid");
    let list = parse(
        &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}]}),
        Kind::Identity,
    )
    .expect("valid");
    assert_eq!(one.statements[0].action, list.statements[0].action);
    assert_eq!(one.statements[0].resource, list.statements[0].resource);
    assert_eq!(one.statements[0].label(), "statement 1");
}

#[test]
fn every_element_is_read() {
    let text = r#"{"Id": "x", "Statement": [{"Sid": "A", "Effect": "Deny",
        "NotPrincipal": {"AWS": ["111122223333"], "Service": "sns.amazonaws.com"},
        "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/*",
        "Condition": {"Bool": {"aws:SecureTransport": false},
            "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}]}"#;
    let document = Document::parse(text, Kind::Resource).expect("valid");
    assert_eq!(document.version, Version::V2008);
    let statement = &document.statements[0];
    assert!(text[statement.span.start..statement.span.end].starts_with("{\"Sid\""));
    assert_eq!(statement.effect, Effect::Deny);
    let principal = statement.principal.as_ref().expect("there");
    assert_eq!((principal.polarity, principal.patterns.len()), (Polarity::Except, 2));
    assert_eq!(statement.action.polarity, Polarity::Except);
    assert_eq!(statement.resource.as_ref().map(|r| r.polarity), Some(Polarity::Except));
    let texts: Vec<_> = statement.conditions.iter().map(|c| &*c.operands[0].text).collect();
    assert_eq!(texts, ["false", "3600"]);
    assert_eq!(statement.label(), "statement `A`");
}

#[test]
fn all_problems_are_listed_with_their_place() {
    let text = r#"{"Version": "2012", "Extra": 1, "Statement": [
        {"Effect": "allow", "Action": "GetObject", "Resource": "*", "Actions": []},
        {"Action": 7, "NotAction": "s3:*", "Resource": "bucket",
         "Condition": {"StringIs": {"a": "b"}, "StringLike": {"a": "${x", "b": {}}}}]}"#;
    let found = faults(text, Kind::Identity);
    let pointers: Vec<_> = found.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/Extra",
            "/Version",
            "/Statement/0/Actions",
            "/Statement/0/Effect",
            "/Statement/0/Action",
            "/Statement/1",
            "/Statement/1",
            "/Statement/1/Resource",
            "/Statement/1/Condition/StringIs",
            "/Statement/1/Condition/StringLike/a",
            "/Statement/1/Condition/StringLike/b",
        ],
        "{found:#?}"
    );
}

#[test]
fn duplicate_keys_are_never_resolved_in_silence() {
    let text = r#"{"Statement": [{"Effect": "Allow", "Effect": "Deny", "Action": "s3:*",
        "Resource": "*", "Condition": {"Bool": {"a": "true", "a": "false"}, "Bool": {"b": "true"}}}]}"#;
    let duplicates: Vec<_> = faults(text, Kind::Identity).into_iter().map(|(p, _)| p).collect();
    assert_eq!(
        duplicates,
        ["/Statement/0/Effect", "/Statement/0/Condition/Bool", "/Statement/0/Condition/Bool/a"]
    );
}

#[test]
fn kinds_decide_which_elements_belong() {
    let bare = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}});
    let mut whole = bare.clone();
    whole["Statement"]["Resource"] = json!("*");
    let mut principal = bare.clone();
    principal["Statement"]["Principal"] = json!("*");
    let mut both = whole.clone();
    both["Statement"]["Principal"] = json!("*");
    for (kind, expected) in [
        (Kind::Identity, [false, true, false, false]),
        (Kind::Scp, [false, true, false, false]),
        (Kind::Boundary, [false, true, false, false]),
        (Kind::Session, [false, true, false, false]),
        (Kind::Resource, [false, false, true, true]),
        (Kind::Trust, [false, false, true, true]),
        (Kind::Rcp, [false, false, false, true]),
        (Kind::Endpoint, [false, true, false, true]),
    ] {
        let valid =
            [&bare, &whole, &principal, &both].map(|document| parse(document, kind).is_ok());
        assert_eq!(valid, expected, "{kind:?}");
    }
}

#[test]
fn empty_lists_are_remarked_and_malformed_shapes_refused() {
    let document = parse(
        &json!({"Statement": [{"Effect": "Allow", "Action": [], "Resource": "*"}]}),
        Kind::Identity,
    )
    .expect("valid");
    assert_eq!(&*document.remarks, [Remark::Empty("/Statement/0/Action".into())]);
    for bad in ["", "null", "[]", "{}", "{\"Statement\": 1}", "{\"Statement\": [[]]}", "\"x\""] {
        assert!(Document::parse(bad, Kind::Identity).is_err(), "{bad}");
    }
    let deep = format!("{{\"Statement\": {}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(Document::parse(&deep, Kind::Identity).is_err());
    let large = format!("{{\"Statement\": []{}}}", " ".repeat(MAX_BYTES));
    assert_eq!(faults(&large, Kind::Identity).len(), 1);
}

#[test]
fn principals_that_iam_refuses_are_problems() {
    for principal in [
        json!("arn:aws:iam::*:root"),
        json!("anonymous"),
        json!({"AWS": "arn:aws:iam::111122223333:role/*"}),
        json!({"AWS": 111122223333_i64}),
        json!({"aws": "*"}),
        json!([]),
    ] {
        let document = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Principal": principal}});
        assert!(parse(&document, Kind::Resource).is_err(), "{principal}");
    }
}

#[test]
fn what_aws_refuses_but_can_mean_one_thing_only_is_remarked() {
    let document = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Principal": "arn:aws:iam::111122223333:root"}});
    let document = parse(&document, Kind::Resource).expect("understood");
    assert_eq!(&*document.remarks, [Remark::Refused("/Statement/Principal".into())]);
    let principal = document.statements[0].principal.as_ref().expect("there");
    assert_eq!(&*principal.patterns, [PrincipalPattern::Account("111122223333".into())]);
}
