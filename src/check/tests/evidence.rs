//! Evidence and reasons for values that are computed, and for more work than there are steps for.

use serde_json::{Value as Json, json};

use super::verdicts::{evidence, outcome, that};
use super::*;

fn reasons(outcome: &Outcome) -> Vec<String> {
    outcome.unknown.iter().map(ToString::to_string).collect()
}

#[test]
fn the_reason_of_a_computed_value_is_that_of_what_it_was_made_from() {
    let denied = || json!({"$unknown": "ec2:X AccessDenied"});
    let inside = || json!({"name": "web", "ingress": [{"id": denied(), "protocol": "tcp"}]});
    let named = || json!({"name": denied(), "ingress": [{"id": "r", "protocol": "tcp"}]});
    let throttled = || json!({"name": "web", "ingress": [{"$unknown": "ec2:Y Throttled"}]});
    let denied_at = |path: &str| (path.to_owned(), "ec2:X AccessDenied");
    let cut = || ("ingress[0]".to_owned(), "ec2:Y Throttled");
    for (condition, given, (path, reason)) in [
        (r#""x" in group.ingress.map(r, r.id)"#, inside(), denied_at("ingress[0].id")),
        (r#""x" in group.ingress.map(r, r.id.lower())"#, inside(), denied_at("ingress[0].id")),
        (
            r#"group.ingress.map(r, r.id.lower()).exists(x, x == "a")"#,
            inside(),
            denied_at("ingress[0].id"),
        ),
        (r#"group.ingress.map(r, r.id == "a").exists(x, x)"#, inside(), denied_at("ingress[0].id")),
        (
            r#"group.ingress.map(r, r.id.lower()).map(x, x.startsWith("a")).all(x, x)"#,
            inside(),
            denied_at("ingress[0].id"),
        ),
        (
            r#"size(group.ingress.map(r, r.id.lower()).filter(x, x == "a")) > 0"#,
            inside(),
            denied_at("ingress[0].id"),
        ),
        (r#""x" in [group.name]"#, named(), denied_at("name")),
        (r#""x" in [group.name.lower(), "y"]"#, named(), denied_at("name")),
        (r#"[group.name, "y"].exists(x, x == "x")"#, named(), denied_at("name")),
        (r#"[group.name.lower()].map(x, x == "x").exists(x, x)"#, named(), denied_at("name")),
        (r#""x" in group.ingress.map(r, r.id)"#, throttled(), cut()),
        (r#""x" in group.ingress.map(r, r.id.lower())"#, throttled(), cut()),
        (r#"group.ingress.map(r, r.id.lower()).exists(x, x == "a")"#, throttled(), cut()),
        (r#""web" in group.ingress.map(r, group.name)"#, throttled(), cut()),
        (r#"size(group.ingress.map(r, r.id)) > 1"#, throttled(), cut()),
    ] {
        let found = that(condition, given);
        assert_eq!(found.verdict, Verdict::Unknown, "{condition}");
        assert_eq!(reasons(&found), [reason], "{condition}");
        assert_eq!(
            evidence(&found),
            [format!("{path} = {{\"$unknown\":\"{reason}\"}}")],
            "{condition}"
        );
        assert!(found.whole, "{condition}");
    }
}

#[test]
fn the_evidence_of_a_computed_value_is_what_it_was_made_from() {
    let rules = json!([{"id": "B", "protocol": "tcp"}, {"id": "A", "protocol": "udp"}]);
    let given = json!({"name": "Web", "ingress": rules});
    let second = vec!["ingress[1].id = \"A\""];
    let both = vec!["ingress[0].id = \"B\"", "ingress[1].id = \"A\""];
    for (condition, expected) in [
        (r#"not ("a" in group.ingress.map(r, r.id.lower()))"#, second.clone()),
        (r#"not group.ingress.map(r, r.id.lower()).exists(x, x == "a")"#, second.clone()),
        (r#"not group.ingress.map(r, r.id.lower()).map(x, x == "a").exists(x, x)"#, second.clone()),
        (r#"size(group.ingress.map(r, r.id.lower()).filter(x, x == "a")) < 1"#, second),
        (r#""x" in group.ingress.map(r, r.id.lower())"#, both.clone()),
        (
            r#""x" in group.ingress.filter(r, r.id == "A").map(r, r.id)"#,
            vec!["ingress[1].id = \"A\"", "ingress[0].id = \"B\""],
        ),
        (
            r#"group.ingress.filter(r, r.protocol == "udp").exists(r, r.id == "B")"#,
            vec!["ingress[1].id = \"A\"", "ingress[0].protocol = \"tcp\""],
        ),
        (r#"size(group.ingress.map(r, r.id)) == 3"#, vec!["ingress = 2"]),
        (r#""x" in [group.name.lower(), "y"]"#, vec!["name = \"Web\""]),
        (r#"not ("web" in [group.name.lower()])"#, vec!["name = \"Web\""]),
        (
            r#"group.ingress.all(r, group.ingress.map(s, s.id.lower()).exists(x, x == r.protocol))"#,
            vec![
                "ingress[0].id = \"B\"",
                "ingress[0].protocol = \"tcp\"",
                "ingress[1].id = \"A\"",
                "ingress[1].protocol = \"udp\"",
            ],
        ),
    ] {
        let found = that(condition, given.clone());
        assert_eq!(found.verdict, Verdict::Fail, "{condition}");
        assert_eq!(evidence(&found), expected, "{condition}");
    }
}

#[test]
fn what_makes_a_check_apply_is_evidence_of_a_failure() {
    let logic = "applies_when:\n  - has(group.vpc_id)\nshow:\n  - group.id\n\
                 expect:\n  - {that: group.name == 'x', otherwise: Bad}";
    let found = outcome(logic, json!({"id": "sg-1", "name": "web", "vpc_id": "vpc-1"}));
    assert_eq!(evidence(&found), ["name = \"web\"", "vpc_id = \"vpc-1\"", "id = \"sg-1\""]);
}

fn rules(count: usize) -> Json {
    let rule = |place| json!({"id": format!("r-{place}"), "protocol": "tcp"});
    (0..count).map(rule).collect::<Vec<_>>().into()
}

#[test]
fn an_assertion_that_takes_many_steps_hides_no_other() {
    let logic = "expect:\n  \
        - that: group.ingress.all(a, group.ingress.all(b, a.id != 'r-699' or b.id != 'r-699'))\n    \
          otherwise: Long\n  \
        - none: r in group.ingress\n    where: r.id == 'r-1'\n    otherwise: Short {r.id}";
    let found = outcome(logic, json!({"name": "web", "ingress": rules(700)}));
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!(found.messages, ["Long", "Short r-1"]);
    assert_eq!(evidence(&found), ["ingress[699].id = \"r-699\"", "ingress[1].id = \"r-1\""]);
    assert!(found.whole);
}

#[test]
fn elements_of_elements_are_told_of_within_bounds() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let last = names.map(|name| format!("{name}.protocol == 'tcp'")).join(" and ");
    let nested = names.iter().rev().fold(last, |inner, name| {
        format!("group.ingress.exists({name}, {name}.id != '' and {inner})")
    });
    let started = std::time::Instant::now();
    let found = that(&format!("not {nested}"), json!({"name": "web", "ingress": rules(25)}));
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!(found.messages, ["Bad"]);
    assert_eq!(found.evidence.len(), 40);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn evidence_ends_where_nobody_would_read_on() {
    let rule = |place| json!({"id": format!("r-{place}"), "protocol": "tcp", "from_port": place, "to_port": place});
    let given = json!({"name": "web", "ingress": (0..90).map(rule).collect::<Vec<_>>()});
    let assertion = |at: usize| {
        format!(
            "  - none: r in group.ingress\n    where: r.covers('tcp', ['{}-{}'])\n    otherwise: Bad\n",
            at * 20,
            at * 20 + 19
        )
    };
    let logic =
        format!("expect:\n{}show:\n  - group.name", (0..4).map(assertion).collect::<String>());
    let found = outcome(&logic, given);
    assert_eq!((found.messages.len(), found.evidence.len(), found.whole), (80, 201, false));
    assert_eq!(found.evidence[200].path, "name");
}

#[test]
fn each_reason_within_others_is_told() {
    let tag = |place| json!({"key": {"$unknown": format!("ec2:X{place} Throttled")}, "value": "x"});
    let tags: Vec<Json> = (0..5).map(tag).collect();
    let condition = "group.ingress.exists(r, group.tags.exists(t, t.key == r.id))";
    let found = that(condition, json!({"name": "a", "ingress": rules(2), "tags": tags}));
    assert_eq!(found.verdict, Verdict::Unknown);
    let expected: Vec<String> = (0..5).map(|place| format!("ec2:X{place} Throttled")).collect();
    assert_eq!(reasons(&found), expected);
}
