//! One golden text that shows what each mistake in a check file looks like to its author.

use super::*;

/// A diagnostic as a terminal shows it, without colour.
fn drawn(diagnostic: &Diagnostic) -> String {
    let (line, column) = diagnostic.file.position(diagnostic.span.start);
    let text = diagnostic.file.text.lines().nth(line - 1).unwrap_or_default();
    let pointed = &diagnostic.file.text[diagnostic.span.range()];
    let width = pointed.lines().next().unwrap_or_default().chars().count().max(1);
    let level = match diagnostic.level {
        crate::diagnostic::Level::Error => "error",
        crate::diagnostic::Level::Warning => "warning",
    };
    let help = diagnostic.help.as_ref().map(|help| format!("\n   = help: {help}"));
    format!(
        "{level}: {}\n  --> {}:{line}:{column}\n   | {text}\n   | {}{}{}",
        diagnostic.message,
        diagnostic.file.name,
        " ".repeat(column - 1),
        "^".repeat(width),
        help.unwrap_or_default()
    )
}

fn mistakes(text: &str) -> String {
    let file = SourceFile::new("checks/toy-check.yaml", text);
    let (_, diagnostics) = compile(&file, MODEL.catalog);
    assert!(!diagnostics.is_empty(), "no mistake is seen in\n{text}");
    diagnostics.iter().map(drawn).collect::<Vec<_>>().join("\n")
}

/// Conditions, each with one mistake.
const CONDITIONS: &[&str] = &[
    // Names.
    "group.ingres.exists(r, r.id == \"x\")",
    "grup.name == \"x\"",
    "name == \"x\"",
    "group.ingress.exists(rule, rul.id == \"x\")",
    "params.port == 1",
    "params == 1",
    "group.name.exist(x, true)",
    "group.ingress.exist(r, true)",
    "sized(group.ingress) > 1",
    "ingress.size() > 1",
    "group.ingress.id == \"x\"",
    "group.name.length == 1",
    "group.ingress.exists(group, true)",
    // Types.
    "group.name",
    "group.ingress",
    "size(group.ingress) == \"2\"",
    "group.name == 2",
    "group.name < \"x\"",
    "group.is_default == \"true\"",
    "group.ingress == []",
    "group.ingress.all(r, r.source == \"0.0.0.0/0\")",
    "group.ingress.all(r, r.source.range == \"0.0.0.0/O\")",
    "group.ingress.all(r, r.protocol == \"tpc\")",
    "group.ingress.all(r, r.protocol in [\"tcp\", \"upd\"])",
    "group.name in group.name",
    "group.name in [1, 2]",
    "group.name in [1, \"a\"]",
    "group.created > 90",
    "group.created > \"2026-01-01\"",
    "now() - group.created > 90",
    "now() - group.created > \"90d\"",
    "group.created + 1 > now()",
    "group.name - 1 == 2",
    "-group.name == \"x\"",
    "not group.name",
    "size(group.name) == 1",
    "ageDays(group.name) > 90",
    "duration(\"90 days\") > duration(\"1d\")",
    "duration(group.name) > duration(\"1d\")",
    "group.ingress.all(r, r.covers(\"tcp\"))",
    "group.ingress.all(r, r.covers(\"tcp\", \"70000\"))",
    "group.ingress.all(r, r.covers(\"tcp\", true))",
    "group.tags.all(t, t.covers(\"tcp\", 22))",
    "group.name.matches(\"(\")",
    "group.name.matches(group.name)",
    "group.name.startsWith(1)",
    "group.name.isInternet()",
    "has(group.name)",
    "has(size(group.ingress))",
    "group.ingress.exists(1, true)",
    "group.ingress.map(r, group.tags).exists(t, true)",
    // Optional fields.
    "group.vpc_id == \"x\"",
    "group.vpc.is_default",
    "group.ingress.exists(r, r.from_port > 1)",
    "has(group.vpc_id) or group.vpc_id == \"x\"",
    "not has(group.vpc_id) and group.vpc_id == \"x\"",
    "has(group.vpc.id)",
    // Words.
    "group.name = \"x\"",
    "group.name == \"x",
    "group.name == null",
    "group.is_default ? true : false",
    "1 < size(group.ingress) < 3",
    "group.ingress[0].id == \"x\"",
    "group.name == 'x' &",
    "(group.is_default",
    "size(group.ingress) > 1.5",
    "group.name == “x”",
];

#[test]
fn conditions() {
    let mut golden = String::new();
    for condition in CONDITIONS {
        let logic = format!("expect:\n  - that: |\n      {condition}\n    otherwise: Bad");
        let text = check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n");
        golden.push_str(&mistakes(&text));
        golden.push_str("\n\n");
    }
    golden_file("mistakes_in_conditions", &golden);
}

/// Logic with mistakes outside of conditions.
const LOGIC: &[&str] = &[
    "expect:\n  - none: rule in group.ingress\n    otherwise: \"Rule {rule.idd} of {grup.id} is {rule.traffic}\"",
    "expect:\n  - none: rule in group.ingress\n    otherwise: \"{rule}\"",
    "expect:\n  - none: rule in group.ingress\n    otherwise: \"{} {rule.id\"",
    "expect:\n  - some: rule in group.ingress\n    otherwise: \"{rule.id} }\"",
    "expect:\n  - none: group.ingress\n    otherwise: Bad",
    "expect:\n  - none: rule in group.name\n    where: rule.id == \"x\"\n    otherwise: Bad",
    "expect:\n  - every: rule in group.ingress\n    otherwise: Bad",
    "expect:\n  - that: group.is_default\n    where: group.is_default\n    otherwise: Bad",
    "expect:\n  - that: group.is_default",
    "expect:\n  - otherwise: Bad",
    "expect: []",
    "expect:\n  that: group.is_default",
    "expect:\n  - that: [1]\n    otherwise: Bad",
    "let:\n  a: size(b) > 1\n  b: group.ingress.filter(r, a)\nexpect:\n  - {that: a, otherwise: Bad}",
    "let:\n  group: group.ingress\n  B: 1\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "let:\n  unused: group.vpc_id\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "params:\n  days: {type: integer, default: 1}\n  min: {type: int, default: 0, min: 1}\n  net: {type: cidr, default: 10.0.0.0/33}\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "params:\n  days: {type: int, defaults: 1}\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "applies_when: group.is_default\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "show: [group.ingress, group.nam]\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "remediation: {text: \"Close {group.idd}\", shell: x}\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "controls: [CIS 1.1]\ncategories: [netwrok]\nexpect:\n  - {that: group.is_default, otherwise: Bad}",
    "expects:\n  - {that: group.is_default, otherwise: Bad}",
    "expect:\n  - that: !group.is_default\n    otherwise: Bad",
    "expect:\n  - that: \"a\" in group.tags.map(t, t.key)\n    otherwise: Bad",
    "expect:\n  - that: group.name == \"a: b\"\n    otherwise: Bad",
    "expect:\n  - that: group.is_default\n    otherwise: {group.name} is bad",
];

#[test]
fn logic() {
    let mut golden = String::new();
    for logic in LOGIC {
        let text = check_text(logic, "  - {name: a, given: {}, verdict: unknown}\n");
        golden.push_str(&mistakes(&text));
        golden.push_str("\n\n");
    }
    golden_file("mistakes_in_logic", &golden);
}

#[test]
fn fixtures_and_heads() {
    let logic = "params:\n  days: {type: int, default: 1, max: 5}\nexpect:\n  \
                 - {that: ageDays(group.created) < params.days, otherwise: Bad}";
    let mut golden = String::new();
    for case in [
        "{name: a, given: {nam: x}, verdict: pass}",
        "{name: a, given: {ingress: [{id: 1, source: 10.0.0.0/99}]}, verdict: pass}",
        "{name: a, given: {name: null, created: yesterday}, verdict: pass}",
        "{name: a, given: {vpc: {is_defualt: true}}, verdict: pass}",
        "{name: a, given: [], verdict: pass}",
        "{name: a, given: {}, verdict: passed}",
        "{name: a, given: {}, verdict: pass, params: {day: 1}}",
        "{name: a, given: {}, verdict: pass, params: {days: 6}}",
        "{name: a, given: {}, verdict: pass, now: today}",
        "{name: a, given: {}, verdict: pass, say: x}",
    ] {
        golden.push_str(&mistakes(&check_text(logic, &format!("  - {case}\n"))));
        golden.push_str("\n\n");
    }
    let good = check_text(logic, "  - {name: a, given: {}, verdict: unknown}\n");
    for (from, to) in [
        ("severity: high", "severity: hihg"),
        ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurtyGroup"),
        ("AWS::EC2::SecurityGroup", "AWS::EC2::Instance"),
        ("AWS::EC2::SecurityGroup", "group"),
        ("id: toy-check", "id: Toy check"),
        ("id: toy-check", "id: another-check"),
        ("title: Groups are closed", "title: ''"),
        ("title: Groups are closed", "title: a\ntitle: b"),
        ("severity: high", "severity: high\nseverty: low"),
    ] {
        golden.push_str(&mistakes(&good.replace(from, to)));
        golden.push_str("\n\n");
    }
    golden_file("mistakes_in_cases_and_heads", &golden);
}

/// Conditions with mistakes that few make.
const RARE: &[&str] = &[
    "group.vpc",
    "group.name == \"a\\q\"",
    "\"x\" not in group.name",
    "group.tags in [group.tags]",
    "group.ingress.exists(r, \"10.0.0.0/8\" in r.source.range)",
    "22 in params.ports",
    "group.ingress.exists(r, r.source.range.contains(1))",
    "group.ingress.exists(r, r.covers(group.name, 22))",
    "exists(group.ingress)",
    "group.name == 99999999999999999999",
    "group.name == 90d",
    "group.name == {}",
    "size(group.ingress) * 2 == 4",
    "group.name | group.name",
    "group.ingress.all(a, group.ingress.all(b, group.ingress.all(c, group.ingress.all(d, group.ingress.all(e, group.ingress.all(f, group.ingress.all(g, group.ingress.all(h, true))))))))",
];

/// Parameters with mistakes that few make.
const RARE_PARAMS: &[&str] = &[
    "{type: list(list(int)), default: []}",
    "{type: list(words), default: []}",
    "{type: bool, default: true, min: false}",
    "{type: int, default: many}",
    "{type: duration, default: 90 days}",
    "{type: port_range, default: 30-20}",
    "{type: int, default: 3, one_of: [1, 2]}",
    "{type: list(int), default: [1, 9], max: 5}",
];

#[test]
fn mistakes_that_few_make() {
    let cases = "  - {name: a, given: {}, verdict: unknown}\n";
    let params = "params:\n  ports: {type: list(port_range), default: [22]}\n";
    let mut golden = String::new();
    for condition in RARE {
        let logic = format!("{params}expect:\n  - that: |\n      {condition}\n    otherwise: Bad");
        golden.push_str(&mistakes(&check_text(&logic, cases)));
        golden.push_str("\n\n");
    }
    for param in RARE_PARAMS {
        let logic = format!(
            "params:\n  wanted: {param}\nexpect:\n  - {{that: group.is_default, otherwise: Bad}}"
        );
        golden.push_str(&mistakes(&check_text(&logic, cases)));
        golden.push_str("\n\n");
    }
    // What is too long to be shown whole.
    let brackets = format!("{}true{}", "(".repeat(99), ")".repeat(99));
    let long = format!("group.name == \"{}\"", "x".repeat(5_000));
    for condition in [brackets, long] {
        let logic = format!("expect:\n  - that: |\n      {condition}\n    otherwise: Bad");
        let file = SourceFile::new("checks/toy-check.yaml", check_text(&logic, cases));
        for it in compile(&file, MODEL.catalog).1 {
            golden.push_str(&format!(
                "{it}\n   = help: {}\n\n",
                it.help.as_deref().unwrap_or_default()
            ));
        }
    }
    let huge = format!("{}# {}\n", check_text("", cases), "x".repeat(10 << 20));
    let file = SourceFile::new("checks/toy-check.yaml", huge);
    for it in compile(&file, MODEL.catalog).1 {
        golden.push_str(&format!("{it}\n\n"));
    }
    golden_file("mistakes_that_few_make", &golden);
}

pub(super) fn golden_file(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
