use serde_json::{Value as Json, json};

use super::*;

fn place() -> Place {
    Place { account: "111122223333".into(), region: "eu-west-1".into() }
}

fn pattern(json: &Json) -> Pattern {
    parse(&json.to_string()).expect("a pattern")
}

fn severity(json: &Json) -> Result<Option<i64>, String> {
    pattern(json).guardduty_severity(&place())
}

fn findings(detail: &Json) -> Json {
    json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": detail})
}

fn catches(json: &Json, set: &str) -> Catches {
    let all = pattern(json).matched_events(&place());
    all.into_iter().find(|(id, _)| *id == set).expect("a set").1
}

fn calls(source: &str, names: &[&str]) -> Json {
    json!({
        "source": [source],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": [source.replace("aws.", "") + ".amazonaws.com"], "eventName": names},
    })
}

const DELETION: &[&str] = &[
    "DeleteUser",
    "DeleteLoginProfile",
    "DeleteAccessKey",
    "DeactivateMFADevice",
    "DeleteVirtualMFADevice",
    "RemoveUserFromGroup",
    "DeleteRole",
];

#[test]
fn ranges_prefixes_and_everything_are_understood() {
    assert_eq!(severity(&json!({"source": ["aws.guardduty"]})), Ok(Some(1)));
    assert_eq!(severity(&json!({"source": [{"prefix": "aws."}]})), Ok(Some(1)));
    assert_eq!(severity(&findings(&json!({"severity": [{"numeric": [">=", 4]}]}))), Ok(Some(4)));
    assert_eq!(severity(&findings(&json!({"severity": [{"numeric": [">", 6.95]}]}))), Ok(Some(7)));
    let two = json!({"severity": [{"numeric": [">=", 4, "<", 7]}, {"numeric": [">=", 7]}]});
    assert_eq!(severity(&findings(&two)), Ok(Some(4)));
}

#[test]
fn the_list_of_severities_up_to_8_9_misses_critical_findings() {
    let listed: Vec<f64> = (40..=89).map(|tenth| f64::from(tenth) / 10.0).collect();
    assert_eq!(severity(&findings(&json!({"severity": listed}))), Ok(None));
    let listed: Vec<f64> = (40..=100).map(|tenth| f64::from(tenth) / 10.0).collect();
    assert_eq!(severity(&findings(&json!({"severity": listed}))), Ok(Some(4)));
}

#[test]
fn whole_severities_miss_those_between() {
    assert_eq!(severity(&findings(&json!({"severity": [7, 8, 9, 10]}))), Ok(Some(10)));
}

#[test]
fn a_type_or_account_too_many_narrows() {
    let kind = json!({"type": [{"prefix": "CryptoCurrency:"}]});
    assert_eq!(severity(&findings(&kind)), Ok(None));
    let any = json!({"type": [{"prefix": ""}], "severity": [{"exists": true}]});
    assert_eq!(severity(&findings(&any)), Ok(Some(1)));
    let quiet = json!({"type": [{"anything-but": ["Recon:EC2/PortProbeUnprotectedPort"]}]});
    assert_eq!(severity(&findings(&quiet)), Ok(None));
    let account = json!({"source": ["aws.guardduty"], "account": ["111122223333"]});
    assert_eq!(severity(&account), Ok(None));
    let here = json!({"source": ["aws.guardduty"], "region": ["eu-west-1"]});
    assert_eq!(severity(&here), Ok(Some(1)));
}

#[test]
fn either_branch_will_do_where_together_they_cover() {
    let both = json!({"$or": [
        {"detail": {"severity": [{"numeric": [">=", 7]}]}},
        {"detail": {"severity": [{"numeric": [">=", 4, "<", 7]}]}},
    ]});
    assert_eq!(severity(&both), Ok(Some(4)));
    let apart = json!({"$or": [
        {"source": ["aws.ec2"]},
        {"detail": {"type": ["CryptoCurrency:EC2/BitcoinTool.B"]}},
    ]});
    assert_eq!(severity(&apart), Ok(None));
    let services = json!({
        "source": ["aws.s3", "aws.ec2", "aws.rds", "aws.lambda"],
        "$or": [
            {"detail": {"eventName": ["PutBucketPolicy", "PutBucketAcl",
                {"wildcard": "*PublicAccessBlock"}]}},
            {"detail": {"eventName": [{"prefix": "Modify"}, {"prefix": "AddPermission"}]}},
        ],
    });
    assert_eq!(catches(&services, "data_made_public"), Catches::Yes);
}

#[test]
fn calls_are_caught_in_whatever_spelling() {
    assert_eq!(catches(&calls("aws.iam", DELETION), "identity_deletion"), Catches::Yes);
    let service = json!({"source": ["aws.iam"]});
    assert_eq!(catches(&service, "identity_deletion"), Catches::Yes);
    let mut verbs = calls("aws.iam", &[]);
    verbs["detail"]["eventName"] =
        json!([{"prefix": "Delete"}, {"wildcard": "De*MFA*"}, {"suffix": "FromGroup"}]);
    assert_eq!(catches(&verbs, "identity_deletion"), Catches::Yes);
}

#[test]
fn what_is_missed_is_shown() {
    let some = calls("aws.iam", &["DeleteUser"]);
    let Catches::No(event) = catches(&some, "identity_deletion") else { panic!("it is narrower") };
    assert_eq!(event["source"], "aws.iam");
    assert_ne!(event["detail"]["eventName"], "DeleteUser");
    let mut one = calls("aws.iam", DELETION);
    one["detail"]["userIdentity"] = json!({"userName": ["alice"]});
    assert!(matches!(catches(&one, "identity_deletion"), Catches::No(_)));
    let mut quiet = calls("aws.iam", DELETION);
    quiet["detail"]["sourceIPAddress"] = json!([{"anything-but": {"prefix": "10."}}]);
    assert!(matches!(catches(&quiet, "identity_deletion"), Catches::No(_)));
}

#[test]
fn only_sets_of_calls_of_one_service_each_have_an_answer() {
    let all = pattern(&json!({"source": ["aws.iam"]})).matched_events(&place());
    assert!(all.iter().any(|(id, _)| *id == "privilege_changes"));
    assert!(all.iter().all(|(id, _)| *id != "root_usage"));
}

#[test]
fn an_unknown_operator_decides_nothing() {
    let mut near = calls("aws.iam", DELETION);
    near["detail"]["sourceIPAddress"] = json!([{"cidr": "0.0.0.0/0"}]);
    assert!(matches!(catches(&near, "identity_deletion"), Catches::Undecided(_)));
    let elsewhere = json!({"source": ["aws.s3"], "detail": {"x": [{"cidr": "10.0.0.0/8"}]}});
    assert!(matches!(catches(&elsewhere, "identity_deletion"), Catches::No(_)));
}

#[test]
fn operators_admit_what_the_guide_says() {
    let admits = |operator: Json, value: Json| {
        let found = pattern(&json!({"x": [operator]}));
        let Some(Part::Field(_, operators)) = found.parts.first() else { panic!("a field") };
        let leaf = match &value {
            Json::String(text) => Some(domain::Leaf::Text(text.clone())),
            Json::Number(number) => number.as_f64().map(domain::Leaf::Number),
            Json::Bool(flag) => Some(domain::Leaf::Bool(*flag)),
            _ => None,
        };
        operators[0].admits(leaf.as_ref())
    };
    for (operator, value, expected) in [
        (json!("a"), json!("a"), true),
        (json!("a"), json!("A"), false),
        (json!({"equals-ignore-case": "a"}), json!("A"), true),
        (json!({"prefix": {"equals-ignore-case": "AB"}}), json!("abc"), true),
        (json!({"suffix": ".png"}), json!("x.png"), true),
        (json!({"wildcard": "a*c*e"}), json!("abcde"), true),
        (json!({"wildcard": "a*c"}), json!("abcd"), false),
        (json!({"wildcard": "a\\*"}), json!("ab"), false),
        (json!({"numeric": ["=", 5]}), json!(5.0), true),
        (json!({"numeric": [">", 0, "<=", 5]}), json!(6), false),
        (json!({"anything-but": "a"}), json!("b"), true),
        (json!({"anything-but": ["a", "b"]}), json!("b"), false),
        (json!({"anything-but": {"prefix": ["a", "b"]}}), json!("bc"), false),
        (json!({"anything-but": "a"}), json!(null), false),
        (json!({"exists": false}), json!(null), true),
        (json!({"exists": true}), json!(null), false),
        (json!(true), json!(true), true),
        (json!(4), json!(4.0), true),
    ] {
        assert_eq!(admits(operator.clone(), value.clone()), Ok(expected), "{operator} {value}");
    }
}

#[test]
fn what_is_no_pattern_is_refused() {
    assert_eq!(parse("[]"), Err(PatternError::NoObject));
    assert_eq!(parse("{\"source\": \"aws.iam\"}"), Err(PatternError::NoList("source".into())));
    let deep = format!("{}[]{}", "{\"a\":".repeat(60), "}".repeat(60));
    assert_eq!(parse(&deep), Err(PatternError::TooDeep));
    assert_eq!(parse(&" ".repeat(MAX_LENGTH + 1)), Err(PatternError::TooLong));
}

#[test]
fn hostile_patterns_cost_little() {
    let many: Vec<Json> = (0..400).map(|n| json!({"source": [format!("aws.{n}")]})).collect();
    let wild = json!({"source": [{"wildcard": "*a*a*a*a*a*a*a*b"}], "$or": many});
    assert!(matches!(catches(&wild, "identity_deletion"), Catches::No(_)));
}
