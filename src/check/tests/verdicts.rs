//! Verdicts, evidence and messages of every form of assertion.

use serde_json::{Value as Json, json};

use super::*;

/// What a check with this logic says of that group.
pub(super) fn outcome(logic: &str, given: Json) -> Outcome {
    let check = load(&check_text(logic, "  - {name: a, given: {}, verdict: unknown}\n"));
    let inventory = case::fixture(&check, MODEL, &given, CASE_NOW).unwrap();
    let params = check.params(&Default::default()).unwrap();
    let bound = check.bind(&inventory, &params);
    bound.judge(&inventory.resources(check.resource)[0])
}

pub(super) fn that(condition: &str, given: Json) -> Outcome {
    let block = condition.replace('\n', "\n      ");
    outcome(&format!("expect:\n  - that: |\n      {block}\n    otherwise: Bad"), given)
}

pub(super) fn evidence(outcome: &Outcome) -> Vec<String> {
    outcome.evidence.iter().map(|it| format!("{} = {}", it.path, it.value)).collect()
}

fn rule(port: i64, source: &str) -> Json {
    json!({"id": format!("r-{port}"), "protocol": "tcp", "from_port": port, "to_port": port,
        "source": source, "description": null})
}

#[test]
fn operators_and_functions_give_their_verdicts() {
    let given = json!({"id": "sg-1", "name": "Web-1", "vpc_id": null,
        "created": "2026-10-01T12:00:00Z", "tags": [{"key": "a", "value": "x"}],
        "ingress": [rule(22, "10.1.0.0/16"), rule(443, "0.0.0.0/0")]});
    for holds in [
        "group.name == \"Web-1\" and group.name != \"web-1\"",
        "group.name.lower() == \"web-1\"",
        "group.name.startsWith(\"Web\") and group.name.endsWith(\"1\") and group.name.contains(\"b-\")",
        "group.name.matches(\"^[A-Z]eb-\\\\d$\") and group.name.matches(r\"-\\d\")",
        "group.name in [\"a\", \"Web-1\"] and not (group.name in [\"a\"])",
        "not has(group.vpc_id) and !has(group.vpc_id)",
        "not has(group.vpc_id) or group.vpc_id == \"vpc-1\"",
        "ageDays(group.created) == 53 and ageDays(group.created) > 52",
        "now() - group.created > duration(\"53d\") and now() - group.created < duration(\"54d\")",
        "group.created + duration(\"60d\") > now() and now() - duration(\"1d\") > group.created",
        "size(group.ingress) == 2 and size(group.ingress) + 1 - 2 == 1 and -1 < 0",
        "group.ingress.exists(r, r.id == \"r-22\") and group.ingress.all(r, r.protocol == \"tcp\")",
        "group.ingress.exists_one(r, r.source.range.isInternet())",
        "size(group.ingress.filter(r, r.source.range.prefixLength() < 16)) == 1",
        "22 in group.ingress.filter(r, has(r.from_port)).map(r, size(group.tags) + 21)",
        "\"r-443\" in group.ingress.map(r, r.id)",
        "group.ingress.exists(r, r.source.range.contains(\"8.8.8.8\"))",
        "group.ingress.exists(r, r.source.range == \"10.1.0.0/16\")",
        "group.ingress.exists(r, r.covers(\"6\", [\"20-25\"])) and not group.ingress.exists(r, r.covers(\"udp\", 22))",
        "group.ingress.all(r, r.within(\"tcp\", [\"400-443\", 22, \"1-21\"]))",
        "not group.ingress.exists(r, r.within(\"udp\", [\"0-65535\"]) or r.within(\"tcp\", 80))",
        "group.tags.exists(t, t.key == \"a\" and t.value in [\"x\"])",
        "account(\"arn:aws:iam::111122223333:root\") == \"111122223333\"",
        "region(\"arn:aws:iam::111122223333:root\") == \"\" and partition(\"arn:aws-cn:s3:::b\") == \"aws-cn\"",
        "not group.is_default",
    ] {
        let found = that(holds, given.clone());
        assert_eq!(found.verdict, Verdict::Pass, "{holds}: {found:?}");
        let opposite = that(&format!("not ({holds})"), given.clone());
        assert_eq!(opposite.verdict, Verdict::Fail, "{holds}");
    }
}

#[test]
fn unknown_spreads_as_kleene_says() {
    let rules = json!([rule(22, "10.0.0.0/8"), {"$unknown": "ec2:X Throttled"}]);
    let given =
        json!({"name": "a", "ingress": rules, "vpc_id": {"$unknown": "ec2:Y AccessDenied"}});
    for (condition, expected) in [
        ("group.ingress.exists(r, r.id == \"r-22\")", "pass"),
        ("group.ingress.exists(r, r.protocol == \"udp\")", "unknown"),
        ("group.ingress.all(r, r.protocol == \"tcp\")", "unknown"),
        ("group.ingress.all(r, r.protocol == \"udp\")", "fail"),
        ("group.ingress.exists_one(r, r.protocol == \"tcp\")", "unknown"),
        ("size(group.ingress) > 0", "pass"),
        ("size(group.ingress) <= 3", "unknown"),
        ("size(group.ingress) < 1", "fail"),
        ("size(group.ingress.filter(r, r.protocol == \"udp\")) > 9", "unknown"),
        ("\"r-22\" in group.ingress.map(r, r.id)", "pass"),
        ("\"r-23\" in group.ingress.map(r, r.id)", "unknown"),
        ("has(group.vpc_id)", "unknown"),
        ("has(group.vpc_id) and group.vpc_id == \"x\" and group.name == \"b\"", "fail"),
        ("has(group.vpc_id) or group.name == \"a\"", "pass"),
        ("group.is_default", "fail"),
        ("group.tags.exists(t, t.key == \"a\")", "unknown"),
        ("group.created < now()", "unknown"),
        ("account(group.name) == \"1\"", "unknown"),
    ] {
        let found = that(condition, given.clone());
        assert_eq!(found.verdict.as_str(), expected, "{condition}");
        if expected == "unknown" {
            assert!(!found.unknown.is_empty(), "{condition} has a reason");
        }
    }
}

#[test]
fn evidence_names_what_decided_and_nothing_else() {
    let given = json!({"name": "web", "vpc_id": null, "created": "2026-01-01T00:00:00Z",
        "ingress": [rule(443, "10.0.0.0/8"), rule(22, "0.0.0.0/0"), rule(80, "::/0")]});
    for (condition, expected) in [
        ("group.name == \"x\" and has(group.vpc_id)", vec!["name = \"web\"", "vpc_id = null"]),
        ("group.name == \"web\" and has(group.vpc_id)", vec!["vpc_id = null"]),
        ("not group.ingress.exists(r, r.id == \"r-22\")", vec!["ingress[1].id = \"r-22\""]),
        ("size(group.ingress) < 2", vec!["ingress = 3"]),
        ("ageDays(group.created) < 5", vec!["created = \"2026-01-01T00:00:00Z\""]),
        (
            "not group.ingress.exists(r, r.source.reaches_internet)",
            vec!["ingress[1].source = \"0.0.0.0/0\"", "ingress[2].source = \"::/0\""],
        ),
        (
            "size(group.ingress.filter(r, r.source.range.isInternet())) == 0",
            vec!["ingress[1].source = \"0.0.0.0/0\"", "ingress[2].source = \"::/0\""],
        ),
        ("not (\"r-22\" in group.ingress.map(r, r.id))", vec!["ingress[1].id = \"r-22\""]),
        (
            "not group.ingress.exists(r, r.covers(\"tcp\", 22))",
            vec![
                "ingress[1].protocol = \"tcp\"",
                "ingress[1].from_port = 22",
                "ingress[1].to_port = 22",
            ],
        ),
    ] {
        let found = that(condition, given.clone());
        assert_eq!(found.verdict, Verdict::Fail, "{condition}");
        assert_eq!(evidence(&found), expected, "{condition}");
    }
}

#[test]
fn every_form_of_assertion_tells_its_elements() {
    let given = json!({"name": "web", "ingress": [rule(443, "10.0.0.0/8"), rule(22, "0.0.0.0/0")]});
    let logic = |form: &str| {
        format!("expect:\n  - {form}\n    otherwise: \"{{group.name}} {{size(group.ingress)}}\"")
    };
    for (form, messages, expected) in [
        (
            "some: r in group.ingress\n    where: r.id == \"r-1\"",
            1,
            vec!["ingress[0].id = \"r-443\"", "ingress[1].id = \"r-22\""],
        ),
        (
            "one: r in group.ingress\n    where: r.protocol == \"tcp\"",
            1,
            vec!["ingress[0].protocol = \"tcp\"", "ingress[1].protocol = \"tcp\""],
        ),
        (
            "one: r in group.ingress\n    where: r.protocol == \"udp\"",
            1,
            vec!["ingress[0].protocol = \"tcp\"", "ingress[1].protocol = \"tcp\""],
        ),
        (
            "every: r in group.ingress\n    where: r.id == \"r-443\"",
            1,
            vec!["ingress[1].id = \"r-22\""],
        ),
        (
            "none: r in group.ingress.filter(x, x.id == \"r-22\")",
            1,
            vec![
                "ingress[1].id = \"r-22\"",
                "ingress[1].protocol = \"tcp\"",
                "ingress[1].from_port = 22",
                "ingress[1].to_port = 22",
                "ingress[1].source = \"0.0.0.0/0\"",
            ],
        ),
        (
            "none: r in group.ingress\n    where: r.protocol == \"tcp\"\n    when: group.name == \"web\"",
            2,
            vec![
                "name = \"web\"",
                "ingress[0].protocol = \"tcp\"",
                "ingress[1].protocol = \"tcp\"",
            ],
        ),
        (
            "some: t in group.ingress.filter(x, x.id == \"r-1\")",
            1,
            vec!["ingress[0].id = \"r-443\"", "ingress[1].id = \"r-22\""],
        ),
    ] {
        let found = outcome(&logic(form), given.clone());
        assert_eq!(found.verdict, Verdict::Fail, "{form}");
        assert_eq!(found.messages, vec!["web 2"; messages], "{form}");
        assert_eq!(evidence(&found), expected, "{form}");
    }
    let passes = outcome(&logic("that: group.name == \"x\"\n    when: group.name == \"y\""), given);
    assert_eq!(passes.verdict, Verdict::Pass);
}

#[test]
fn all_failing_assertions_are_reported_and_long_lists_are_cut() {
    let rules: Vec<Json> = (1..=25).map(|port| rule(port, "::/0")).collect();
    let logic = "expect:\n  - that: group.name == \"x\"\n    otherwise: Name {group.name}\n  \
                 - none: r in group.ingress\n    where: r.source.reaches_internet\n    \
                 otherwise: \"{r.id} {r.source} {r.description}\"";
    let found = outcome(logic, json!({"name": "web", "ingress": rules}));
    assert_eq!(found.messages.len(), 22);
    assert_eq!(found.messages[0], "Name web");
    assert_eq!(found.messages[1], "r-1 ::/0 (not set)");
    assert_eq!(found.messages[21], "and 5 more");
    assert_eq!(found.evidence.len(), 21);
}

#[test]
fn what_is_shown_comes_with_the_evidence() {
    let logic = "let:\n  ports: group.ingress.map(r, r.id)\nshow:\n  - group.name\n  - ports\n  \
                 - size(ports)\nexpect:\n  - {that: size(ports) == 0, otherwise: 'Has {ports}'}";
    let given = json!({"name": "web", "ingress": [rule(1, "::/0"), rule(2, "::/0")]});
    let found = outcome(logic, given);
    assert_eq!(found.messages, ["Has r-1, r-2"]);
    assert!(evidence(&found).contains(&"name = \"web\"".to_owned()), "{found:?}");
    assert!(evidence(&found).contains(&"ports = \"r-1, r-2\"".to_owned()), "{found:?}");
}

#[test]
fn relations_are_fields_like_others() {
    let condition = "has(group.vpc) and group.vpc.is_default and group.account.root_mfa";
    let given = json!({"name": "a", "vpc": {"id": "vpc-1", "is_default": false}});
    let found = that(condition, given);
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!(evidence(&found), ["vpc.is_default = false"]);
    let none = that(condition, json!({"name": "a", "vpc": null}));
    assert_eq!((none.verdict, evidence(&none)), (Verdict::Fail, vec!["vpc = null".into()]));
    let unknown = that(condition, json!({"vpc": {"id": "x", "is_default": true}}));
    assert_eq!(unknown.verdict, Verdict::Unknown);
    assert_eq!(unknown.unknown[0], crate::inventory::Reason::not_collected());
    assert_eq!(evidence(&unknown), ["account = {\"$unknown\":\"not collected\"}"]);
}

#[test]
fn ports_lie_within_others_from_the_first_to_the_last() {
    let range = |protocol: &str, from: Json, to: Json| {
        json!({"name": "a", "ingress": [{"id": "r", "protocol": protocol, "from_port": from,
            "to_port": to, "source": "::/0"}]})
    };
    let within = |given: Json| {
        let condition = "group.ingress.all(r, r.within(\"tcp\", [\"80-90\", \"91-95\", 443]))";
        that(condition, given).verdict
    };
    assert_eq!(within(range("tcp", json!(85), json!(95))), Verdict::Pass);
    assert_eq!(within(range("tcp", json!(80), json!(96))), Verdict::Fail);
    assert_eq!(within(range("tcp", json!(90), json!(443))), Verdict::Fail);
    assert_eq!(within(range("tcp", json!(null), json!(null))), Verdict::Fail);
    assert_eq!(within(range("-1", json!(443), json!(443))), Verdict::Fail);
    let hidden = || json!({"$unknown": "ec2:X Throttled"});
    assert_eq!(within(range("tcp", json!(443), hidden())), Verdict::Unknown);
    assert_eq!(within(range("tcp", json!(444), hidden())), Verdict::Fail);
}

#[test]
fn words_that_the_schema_lacks_compare_as_text() {
    let given = json!({"name": "a", "ingress": [
        {"id": "r", "protocol": "sctp", "from_port": null, "to_port": null, "source": "::/0"}]});
    let found = that("group.ingress.exists(r, r.protocol == \"tcp\")", given.clone());
    assert_eq!(found.verdict, Verdict::Fail);
    let found = that("group.ingress.all(r, r.protocol != \"tcp\")", given.clone());
    assert_eq!(found.verdict, Verdict::Pass);
    let found = that("group.ingress.all(r, r.covers(\"sctp\", 22))", given);
    assert_eq!(found.verdict, Verdict::Pass);
}

#[test]
fn endless_work_ends_unknown() {
    let rules: Vec<Json> = (0..120).map(|port| rule(port, "10.0.0.0/8")).collect();
    let condition = "group.ingress.all(a, group.ingress.all(b, group.ingress.all(c, \
                     group.ingress.all(d, a.id != \"x\" and b.id != \"x\" and c.id != d.protocol))))";
    let found = that(condition, json!({"name": "a", "ingress": rules}));
    assert_eq!(found.verdict, Verdict::Unknown);
    assert!(found.unknown[0].error.contains("more than 1000000 steps"), "{:?}", found.unknown);
}
