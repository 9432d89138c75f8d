//! Golden texts of what cases, style and the library around a check say, as a terminal draws them.

use std::collections::BTreeSet;

use super::mistakes::golden_file;
use super::*;
use crate::inventory::{Derivation, Draft, Model};
use crate::terminal;

/// What a terminal shows of a check whose cases were run.
fn tested(logic: &str, cases: &str, model: Model) -> String {
    let check = load(&check_text(logic, cases));
    terminal::draw(&case::run(&check, model).diagnostics(&check), false)
}

const CLOSED: &str = "applies_when:\n  - not group.is_default\nexpect:\n  - none: r in group.ingress\n    \
                      where: r.covers(\"tcp\", 22)\n    otherwise: \"{r.id} opens SSH\"";

/// A group with one rule of that id and port.
fn given(id: &str, port: u16) -> String {
    format!(
        "{{name: web, ingress: [{{id: {id}, protocol: tcp, from_port: {port}, to_port: {port}}}]}}"
    )
}

#[test]
fn cases_that_are_not_as_they_say() {
    let (open, closed) = (given("r-1", 22), given("r-1", 443));
    let mut golden = String::new();
    for case in [
        format!("{{name: a, given: {open}, verdict: pass}}"),
        format!("{{name: a, given: {closed}, verdict: fail}}"),
        "{name: a, given: {name: web}, verdict: pass}".to_owned(),
        "{name: a, given: {name: default}, verdict: pass}".to_owned(),
        format!(
            "{{name: a, given: {open}, verdict: fail, evidence: {{\"ingress[0].from_port\": 23}}}}"
        ),
        format!(
            "{{name: a, given: {open}, verdict: fail, evidence: {{\"ingress[0].ports\": 22}}}}"
        ),
        format!("{{name: a, given: {open}, verdict: fail, says: r-2 opens SSH}}"),
    ] {
        golden.push_str(&tested(CLOSED, &format!("  - {case}\n"), MODEL));
    }
    golden_file("mistakes_in_cases", &golden);
}

/// A derived field that takes what it cannot read for good.
const LYING: &[Derivation] = &[Derivation {
    record: MODEL.catalog.0[0],
    field: "is_default",
    compute: |group, _| Draft::Bool(group.text("name").known() == Some(&"default")),
}];

#[test]
fn hiding_a_value_finds_what_lies() {
    let model = Model { derivations: &[LYING], ..MODEL };
    let logic = "expect:\n  - that: not group.is_default\n    otherwise: Bad";
    let case = "  - {name: a, given: {name: default}, verdict: fail}\n";
    let told = tested(logic, case, model);
    assert!(told.contains("case `a`: blinded `name`: fail turns pass"), "{told}");
    assert!(!tested(logic, case, MODEL).contains("blinded"));
    golden_file("mistakes_that_hiding_finds", &told);
}

#[test]
fn a_case_that_is_too_large_to_hide_each_value_says_so() {
    let rules: Vec<String> = (0..1_000)
        .map(|id| format!("{{id: r-{id}, protocol: tcp, from_port: 1, to_port: 1}}"))
        .collect();
    let case = format!(
        "  - {{name: a, given: {{name: web, ingress: [{}]}}, verdict: pass}}\n",
        rules.join(", ")
    );
    let told = tested("expect:\n  - that: group.name == \"web\"\n    otherwise: Bad", &case, MODEL);
    assert!(told.contains("too large to blind: "), "{told}");
}

#[test]
fn style_is_told() {
    let long = format!("Ensure that {} is so.", "this ".repeat(20));
    let text = check_text(
        "let: {open: 'group.ingress.exists(r, r.covers(\"tcp\", 22))'}\nexpect:\n  - that: not open\n    \
         otherwise: Bad\n  - that: group.ingress.all(r, r.covers(\"tcp\", 22))\n    otherwise: Bad",
        "  - {name: a, given: {}, verdict: unknown}\n",
    );
    let check = load(&text.replace("title: Groups are closed", &format!("title: {long}")));
    golden_file("mistakes_of_style", &terminal::draw(&lint(&check), false));
}

#[test]
fn the_library_is_told() {
    let tests = "  - {name: a, given: {}, verdict: unknown}\n";
    let logic = "expect:\n  - that: not group.is_default\n    otherwise: Bad";
    let text = |id: &str, more: &str| {
        check_text(&format!("{more}{logic}"), tests).replace("id: toy-check", &format!("id: {id}"))
    };
    let files = [
        (
            "a/toy-check.yaml",
            text("toy-check", "controls: [cis-aws-7.0/99.9, other/1]\nimplied_by: [toy-chek]\n"),
        ),
        ("b/toy-check.yaml", text("toy-check", "")),
        ("a/toy-cause.yaml", text("toy-cause", "implied_by: [toy-effect]\n")),
        ("a/toy-effect.yaml", text("toy-effect", "implied_by: [toy-cause]\n")),
    ];
    let files = files.into_iter().map(|(name, text)| SourceFile::new(name, text));
    let controls = BTreeSet::from(["cis-aws-7.0/9.9".to_owned()]);
    let (_, diagnostics) = Library::load(files, MODEL.catalog, Some(&controls));
    golden_file("mistakes_in_a_library", &terminal::draw(&diagnostics, false));
}
