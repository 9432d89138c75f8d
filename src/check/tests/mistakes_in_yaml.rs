//! Golden texts of mistakes that YAML makes of an expression or a message, as a terminal draws them.

use super::mistakes::golden_file;
use super::*;
use crate::terminal;

/// What a terminal shows of a file.
fn drawn(text: &str) -> String {
    let file = SourceFile::new("checks/toy-check.yaml", text);
    let (_, diagnostics) = compile(&file, MODEL.catalog);
    assert!(!diagnostics.is_empty(), "no mistake is seen in\n{text}");
    let drawn = terminal::draw(&diagnostics, false);
    // What is too long to be read in a golden file is no part of it.
    drawn.lines().map(|line| line.chars().take(160).collect::<String>() + "\n").collect()
}

fn golden(name: &str, logics: &[&str]) {
    let mut golden = String::new();
    for logic in logics {
        golden.push_str(&drawn(&check_text(logic, "  - {name: a, given: {}, verdict: unknown}\n")));
    }
    golden_file(name, &golden);
}

/// Tags, in every place of an expression.
const TAGS: &[&str] = &[
    "expect:\n  - that: ! group.ingress.exists(r, r.covers(\"tcp\", 22))\n    otherwise: Bad",
    "expect:\n  - that: !group.ingress.exists(r, r.covers(\"tcp\", 22))\n    otherwise: Bad",
    "expect:\n  - that: !group.is_default\n    otherwise: Bad",
    "expect:\n  - that: !!group.is_default\n    otherwise: Bad",
    "expect:\n  - that: !(group.is_default or group.nam == \"x\")\n    otherwise: Bad",
    "expect:\n  - that: !!str group.is_default\n    otherwise: Bad",
    "expect:\n  - that: !!bool true\n    otherwise: Bad",
    "expect:\n  - that: !<tag:yaml.org,2002:str> group.is_default\n    otherwise: Bad",
    "expect:\n  - that: !foo group.is_default\n    otherwise: Bad",
    "expect:\n  - that: ! |\n      group.is_default\n    otherwise: Bad",
    "expect:\n  - that: !\n      group.is_default\n    otherwise: Bad",
    "expect:\n  - that: !\n    otherwise: Bad",
    "expect:\n  - {that: !group.is_default, otherwise: Bad}",
    "expect:\n  - that: group.is_default\n    when: ! group.is_default\n    otherwise: ! Bad",
    "expect:\n  - none: ! r in group.ingress\n    where: !r.covers(\"tcp\", 22)\n    otherwise: \"Bad\"",
    "applies_when:\n  - ! group.is_default\n  - !group.is_default\nshow: [!group.name, ! group.id]\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "let:\n  named: ! group.is_default\nexpect:\n  - {that: named, otherwise: Bad}",
    "params: !x {days: {type: int, default: !!int 5}}\nexpect: !!seq\n  - !!map\n    that: params.days > 1\n    otherwise: Bad",
    "! show: [group.name]\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
];

#[test]
fn tags_are_refused() {
    golden("mistakes_in_tags", TAGS);
}

/// Values that YAML takes for something else.
const SWALLOWED: &[&str] = &[
    // Blocks whose lines begin with a quote.
    "expect:\n  - that: |\n      \"x\" not in group.name\n    otherwise: Bad",
    "expect:\n  - that: |\n      'x' == group.name and\n      group.nam == \"x\"\n    otherwise: |\n      \"{group.idd}\" is bad",
    "expect:\n  - that: >-\n      \"x\" == group.name\n      and group.nam == \"x\"\n    otherwise: Bad",
    // What a value may not begin with.
    "expect:\n  - that: &x == 1\n    otherwise: Bad",
    "expect:\n  - that: &group group.is_default\n    otherwise: Bad",
    "expect:\n  - that: *x\n    otherwise: Bad",
    "expect:\n  - that: *x == 1\n    otherwise: Bad",
    "expect:\n  - that: %x\n    otherwise: Bad",
    "expect:\n  - that: @x\n    otherwise: Bad",
    "expect:\n  - that: `x`\n    otherwise: Bad",
    "expect:\n  - that: 'x' == group.name\n    otherwise: Bad",
    "expect:\n  - that: \"x\" == group.name\n    otherwise: Bad",
    "expect:\n  - that: || group.is_default\n    otherwise: Bad",
    "expect:\n  - that: | group.is_default\n    otherwise: Bad",
    "expect:\n  - that: > 5\n    otherwise: Bad",
    "expect:\n  - that: - 1\n    otherwise: Bad",
    "expect:\n  - that: ? x\n    otherwise: Bad",
    "expect:\n  - that: [1] == group.ingress\n    otherwise: Bad",
    "expect:\n  - that: group.is_default\n    otherwise: {group.name} is bad",
    "expect:\n  - that: group.is_default\n    otherwise: \"{group.name}\" is bad",
    "expect:\n  - that: group.is_default\n    otherwise: \"{group.name} is bad",
    "expect:\n  - that: group.is_default\n    otherwise: Bad: really",
    "expect:\n  - that: group.is_default\n     otherwise: Bad",
    "expect:\n  - that: group.is_default\n   otherwise: Bad",
    // Items of lists.
    "applies_when:\n  - \"a\" in group.tags.map(t, t.key)\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "show:\n  - 'a' == group.name\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "show:\n  - @group.name\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "show:\n  - - 1\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    // In brackets.
    "expect:\n  - {that: \"a\" == group.name, otherwise: Bad}",
    "expect:\n  - {that: @x, otherwise: Bad}",
    "expect:\n  - {that: *x, otherwise: Bad}",
    "expect:\n  - {that: group.is_default, otherwise: Bad: really}",
    "show: [group.name, \"a\" == group.name]\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "expect:\n  - {that: group.is_default, otherwise: Bad",
    // Tabs and control characters.
    "expect:\n\t- that: group.is_default\n\t  otherwise: Bad",
    "expect:\n  - that: group.is_default and\n\t\tgroup.is_default\n    otherwise: Bad",
    "expect:\n  - that: group.is_default\n    otherwise: \"Bad \0\"",
    "expect:\n  - that: group.is_default\n    otherwise: Bad \u{1b}[1m",
    // Names.
    "expect:\n  - that: group.is_default\n    ? [a]\n    : 1",
    "expect:\n  - that: group.is_default\n    ~: 1",
];

#[test]
fn values_that_yaml_takes_for_something_else() {
    golden("mistakes_in_yaml", SWALLOWED);
}

#[test]
fn limits() {
    let deep = format!("show: {}1{}", "[".repeat(60), "]".repeat(60));
    let levels = (0..50).map(|level| format!("{}a:\n", "  ".repeat(level)));
    let deep_block = format!("show:\n  {}", levels.collect::<Vec<_>>().join("  "));
    let many = format!("show: [{}]", "1,".repeat(100_001));
    let mut bomb = String::from("show:\n  - &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..7 {
        let inner = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("  - &a{level} [{inner}]\n"));
    }
    let often = format!("show:\n  - &a x\n{}", "  - *a\n".repeat(1_001));
    let own = "show: &a [*a]".to_owned();
    let documents = "show: [group.name]\n---\nshow: [group.name]".to_owned();
    let ended = "show: [group.name]\n...\nshow: [group.name]".to_owned();
    let texts = [deep, deep_block, many, bomb, often, own, documents, ended];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    golden("mistakes_in_limits", &texts);
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let logic = "risk: a\nrisk: b\nparams:\n  days: {type: number, default: 1}\nexpect:\n  \
                 - that: group.nam == \"x\" and ageDays(group.created) < params.days\n    \
                 otherwise: \"Group {group.idd} is bad\"";
    let cases = "  - {name: a, given: {nam: x}, verdict: passed}\n  - {given: {ingress: 1}, verdict: pass}\n";
    let text = check_text(logic, cases)
        .replace("severity: high", "severity: hihg")
        .replace("title: Groups are closed", "title: ''");
    golden_file("mistakes_at_once", &drawn(&text));
}
