//! Completion and hover, with `|` where the cursor stands.

use super::*;
use crate::inventory::toy::MODEL;

const HEAD: &str = "\
id: toy-check
severity: high
resource: AWS::EC2::SecurityGroup
params:
  ports: {type: list(port_range), default: [22], about: ports that must not be open}
let:
  open: group.ingress.filter(r, r.covers(\"tcp\", params.ports))
";

/// The file with the cursor taken out, and its place.
fn cursor(text: &str) -> (String, usize) {
    let text = format!("{HEAD}{text}");
    let at = text.find('|').unwrap();
    (text.replacen('|', "", 1), at)
}

fn complete(text: &str) -> (String, Vec<String>) {
    let (text, at) = cursor(text);
    let found = Assistant::new(MODEL.catalog).complete(&text, at);
    let labels = found.suggestions.into_iter().map(|it| it.label).collect();
    (text[found.typed].to_owned(), labels)
}

/// What is typed, and that these are among the suggestions and those are not.
fn assert_offers(text: &str, typed: &str, with: &[&str], without: &[&str]) {
    let (found, labels) = complete(text);
    assert_eq!(found, typed, "{text}");
    for label in with {
        assert!(labels.iter().any(|it| it == label), "{text}: no {label} in {labels:?}");
    }
    for label in without {
        assert!(labels.iter().all(|it| it != label), "{text}: {label} in {labels:?}");
    }
}

#[test]
fn a_dot_offers_fields_and_functions_of_what_stands_before_it() {
    assert_offers("expect:\n  - that: group.na|", "na", &["name", "ingress", "vpc"], &["size"]);
    assert_offers("expect:\n  - that: group.vpc.|", "", &["is_default"], &["ingress"]);
    assert_offers("expect:\n  - that: group.ingress.|", "", &["exists", "all"], &["name"]);
    assert_offers("expect:\n  - that: group.name.|", "", &["startsWith"], &["exists"]);
    assert_offers("expect:\n  - that: params.|", "", &["ports"], &["group"]);
}

#[test]
fn elements_and_names_are_known_in_every_style() {
    let rule = &["protocol", "source", "covers"];
    assert_offers(
        "expect:\n  - none: rule in group.ingress\n    where: rule.|",
        "",
        rule,
        &["name"],
    );
    let block = "expect:\n  - none: rule in open\n    where: >-\n      true and\n      rule.p|";
    assert_offers(block, "p", rule, &["name"]);
    assert_offers("expect: [{none: rule in open, where: rule.|", "", rule, &["name"]);
    assert_offers("expect:\n  - that: \"open.exists(x, x.|", "", rule, &["name"]);
    assert_offers(
        "expect:\n  - none: rule in open\n    otherwise: \"Rule {rule.|",
        "",
        &["id"],
        &["name"],
    );
    assert_offers("expect:\n  - none: rule in open\n    otherwise: \"Rule |", "", &[], &["rule"]);
    assert_offers(
        "expect:\n  - none: rule in open\n    where: r|",
        "r",
        &["rule", "group", "params", "open", "has", "not"],
        &["r"],
    );
}

#[test]
fn texts_offer_the_words_of_an_enum() {
    for text in [
        "expect:\n  - none: r in group.ingress\n    where: r.protocol == \"t|",
        "expect:\n  - none: r in group.ingress\n    where: r.protocol in [\"udp\", \"t|",
        "expect:\n  - that: \"group.ingress.all(r, r.protocol != \\\"t|",
        "expect:\n  - none: r in open\n    where: r.covers(\"t|",
    ] {
        assert_offers(text, "t", &["tcp", "udp"], &["group"]);
    }
    assert_offers("expect:\n  - that: group.name == \"t|", "t", &[], &["tcp"]);
}

#[test]
fn keys_and_words_of_the_file_are_offered() {
    assert_offers("ti|", "ti", &["title", "tests", "expect"], &["that"]);
    assert_offers("expect:\n  - th|", "th", &["that", "none", "otherwise"], &["title"]);
    assert_offers("expect:\n  - that: a\n    |", "", &["otherwise", "when"], &["title"]);
    assert_offers("categories: [net|", "net", &["network"], &["title"]);
    assert_offers("tests:\n  - {name: a, ver|", "ver", &["verdict", "given"], &["that"]);
    assert_offers("tests:\n  - verdict: un|", "un", &["unknown", "fail"], &["verdict"]);
    assert_offers(
        "tests:\n  - given: {ingress: [{pro|",
        "pro",
        &["protocol", "$unknown"],
        &["ingress"],
    );
    assert_offers("tests:\n  - given:\n      ingress:\n        - protocol: |", "", &["tcp"], &[]);
    assert_offers("params:\n  days:\n    type: li|", "li", &["list(int)"], &["default"]);
    assert_offers("remediation:\n  te|", "te", &["text", "terraform"], &["title"]);
    assert_offers("resource: AWS::|", "AWS::", &["AWS::EC2::SecurityGroup"], &[]);
}

#[test]
fn words_are_explained_where_they_stand() {
    let explain = |text: &str| {
        let (text, at) = cursor(text);
        let found = Assistant::new(MODEL.catalog).explain(&text, at)?;
        Some((text[found.word].to_owned(), found.doc))
    };
    for (text, word, doc) in [
        ("expect:\n  - that: gr|oup.name == \"a\"", "group", "AWS::EC2::SecurityGroup"),
        ("expect:\n  - that: group.na|me == \"a\"", "name", "string"),
        ("expect:\n  - that: group.vpc_|id == \"a\"", "vpc_id", "guard it"),
        ("expect:\n  - that: si|ze(open) == 0", "size", "size(list): int"),
        ("expect:\n  - that: op|en.exists(r, true)", "open", "stands for"),
        ("expect:\n  - that: open.exi|sts(r, true)", "exists", "at least"),
        ("expect:\n  - that: open.exists(r, r.co|vers(\"tcp\", 22))", "covers", "lets one"),
        (
            "expect:\n  - none: r in open\n    where: params.po|rts == []",
            "ports",
            "must not be open",
        ),
        ("expect:\n  - none: r in open\n    otherwise: \"{r.i|d}\"", "id", "string"),
        ("expect:\n  - no|ne: r in open\n", "none", "holds for no element"),
        ("tests:\n  - verd|ict: fail", "verdict", "What the check says"),
        ("tests:\n  - {given: {vp|c_id: a}}", "vpc_id", "string"),
    ] {
        let found = explain(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.0, word, "{text}");
        assert!(found.1.contains(doc), "{text}: {}", found.1);
    }
    for text in ["expect:\n  - that: group.nonsen|se", "title: gro|up", "expect:\n  - that: |"] {
        assert_eq!(explain(text), None, "{text}");
    }
}

#[test]
fn any_place_of_any_text_has_an_answer() {
    let assistant = Assistant::new(MODEL.catalog);
    for text in
        [HEAD, "é: [{\"\n- |\n  ü", "expect:\n  - that: \"a.b(\\\"é", "- - -\n{[,:}]", "\t\r\n:"]
    {
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let found = assistant.complete(text, at);
            assert!(found.typed.end == at && text.get(found.typed).is_some());
            assistant.explain(text, at);
        }
    }
}
