//! Tests of the language as a whole, on the toy model: from YAML to verdicts with evidence.

use std::sync::Arc;

use super::*;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::inventory::toy::MODEL;

mod batches;
mod conformance;
mod evidence;
pub(crate) mod generated;
mod limits;
mod mistakes;
mod mistakes_in_cases;
mod mistakes_in_yaml;
mod oracle;
mod properties;
mod verdicts;

/// A check of groups with these lines in place of its logic.
fn check_text(logic: &str, tests: &str) -> String {
    format!(
        "id: toy-check\ntitle: Groups are closed\nseverity: high\n\
         resource: AWS::EC2::SecurityGroup\n{logic}\ntests:\n{tests}"
    )
}

fn load(text: &str) -> Check {
    let file = SourceFile::new("checks/toy-check.yaml", text);
    let (check, diagnostics) = compile(&file, MODEL.catalog);
    let shown: Vec<String> = diagnostics.iter().map(render).collect();
    check.unwrap_or_else(|| panic!("{}", shown.join("\n")))
}

/// A diagnostic with the words it points at.
fn render(diagnostic: &Diagnostic) -> String {
    let at = &diagnostic.file.text[diagnostic.span.range()];
    let help = diagnostic.help.as_ref().map(|help| format!("\n  = {help}")).unwrap_or_default();
    format!("{diagnostic}\n  | {}{help}", at.lines().next().unwrap_or_default())
}

/// All cases of a check are as they say.
fn assert_cases(text: &str) -> case::CaseReport {
    let check = load(text);
    let report = case::run(&check, MODEL);
    let problems: Vec<String> = report.diagnostics(&check).iter().map(render).collect();
    assert!(report.passed(), "{}", problems.join("\n"));
    report
}

#[test]
fn the_example_of_the_design_passes_its_cases() {
    let text = r##"
# yaml-language-server: $schema=../../docs/schema/check.json
id: toy-check
title: Security groups do not open SSH to the internet
severity: high
resource: AWS::EC2::SecurityGroup
params:
  ports: {type: list(port_range), default: [22], about: ports that must not face the internet}
applies_when:
  - not group.is_default
expect:
  - none: rule in group.ingress
    where: rule.covers("tcp", params.ports) and rule.source.reaches_internet
    otherwise: "Rule {rule.id} opens {rule.protocol} to {rule.source}"
remediation: {text: "Close {rule.id} of {group.id}", cli: "aws ec2 revoke --json '{\"a\": 1}' {group.id}"}
controls: [cis-aws-7.0/6.2, aws-fsbp/EC2.13]
same_as: {prowler: [ec2_sg]}
iac: [aws_security_group]
tests:
  - name: ssh from anywhere
    given: &open
      id: sg-1
      name: web
      ingress: [{id: r-1, protocol: tcp, from_port: 20, to_port: 25, source: 0.0.0.0/0, description: null}]
    verdict: fail
    evidence: {"ingress[0].source": "0.0.0.0/0", "ingress[0].to_port": 25}
    says: Rule r-1 opens tcp to 0.0.0.0/0
  - name: everything from anywhere
    given: {id: sg-1, name: web, ingress: [{id: r-2, protocol: "-1", from_port: null, to_port: null, source: "::/0"}]}
    verdict: fail
    evidence: {"ingress[0].protocol": "-1", "ingress[0].source": "::/0"}
  - name: another port asked for
    params: {ports: ["3000-3010"]}
    given: *open
    verdict: pass
  - name: inside
    given: {id: sg-1, name: web, ingress: [{id: r-1, protocol: tcp, from_port: 22, to_port: 22, source: 10.0.0.0/8}]}
    verdict: pass
  - {name: the default group, given: {id: sg-1, name: default}, verdict: not_applicable, says: not group.is_default}
  - {name: rules not readable, given: {id: sg-1, name: web, ingress: {$unknown: "ec2:DescribeSecurityGroupRules AccessDenied"}}, verdict: unknown, evidence: {ingress: {$unknown: "ec2:DescribeSecurityGroupRules AccessDenied"}}}
  - name: cut short, nothing bad so far
    given: {id: sg-1, name: web, ingress: [{id: r-1, protocol: tcp, from_port: 443, to_port: 443, source: 0.0.0.0/0}, {$unknown: "ec2:DescribeSecurityGroupRules throttled on page 2"}]}
    verdict: unknown
  - name: cut short, but the bad rule was seen
    given: {id: sg-1, name: web, ingress: [{id: r-1, protocol: tcp, from_port: 22, to_port: 22, source: 0.0.0.0/0}, {$unknown: "ec2:DescribeSecurityGroupRules throttled on page 2"}]}
    verdict: fail
"##;
    let report = assert_cases(text);
    let blinded: usize = report.cases.iter().map(|case| case.blinded).sum();
    assert!(blinded > 50, "{blinded} blinded variants");
    let uncovered: Vec<String> = report.uncovered.iter().map(render).collect();
    assert_eq!(uncovered, [] as [&str; 0]);
    let check = load(text);
    assert_eq!(check.logic.expect[0].subject, "rule in group.ingress");
    let mut needs = crate::schema::needs::Needs::default();
    check.needs(&mut needs);
    assert!(needs.fields.contains(&("SecurityGroupRule", "to_port")));
    assert!(needs.fields.contains(&("Source", "range")));
    assert!(!needs.types.contains("AWS::EC2::VPC"));
}

#[test]
fn style_is_asked_for() {
    let text = check_text(
        "expect:\n  - {that: \"group.ingress.all(r, r.id == \\\"a\\\")\", otherwise: Bad}",
        "  - {name: a, given: {}, verdict: unknown}\n",
    );
    let check = load(&text.replace("Groups are closed", "Ensure groups are closed."));
    let found: Vec<String> = lint(&check).iter().map(|it| it.message.clone()).collect();
    assert_eq!(
        found,
        [
            "the title begins with `ensure`",
            "the title ends with a full stop",
            "there is no `description`",
            "there is no `risk`",
            "there is no `remediation: {text: …}`",
            "there are no `categories`",
            "a question about elements stands under `that`",
        ]
    );
}

#[test]
fn a_library_knows_its_checks() {
    let text = |id: &str, extra: &str| {
        check_text(
            "expect:\n  - {that: group.name == \"a\", otherwise: Bad}",
            "  - {name: a, given: {}, verdict: unknown}\n",
        )
        .replace("id: toy-check", &format!("id: {id}\n{extra}"))
    };
    let sources = [
        SourceFile::new("checks/b-one.yaml", text("b-one", "")),
        SourceFile::new("checks/a-one.yaml", text("a-one", "controls: [cis/1.1, cis/1.9]")),
        SourceFile::new("more/b-one.yaml", text("b-one", "")),
        SourceFile::new("checks/c-one.yaml", text("c-two", "")),
        SourceFile::new("checks/d-one.yaml", text("d-one", "implied_by: [b-ones]")),
        SourceFile::new("checks/e-one.yaml", text("e-one", "implied_by: [f-one]")),
        SourceFile::new("checks/f-one.yaml", text("f-one", "implied_by: [b-one, e-one]")),
    ];
    let controls = ["cis/1.1".to_owned(), "cis/1.2".to_owned()].into();
    let (library, diagnostics) = Library::load(sources.into_iter(), MODEL.catalog, Some(&controls));
    let ids: Vec<&str> = library.checks().iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["b-one"]);
    assert!(library.find("b-one").is_some() && library.find("a-one").is_none());
    let shown: Vec<String> = diagnostics.iter().map(render).collect();
    assert_eq!(
        shown,
        [
            "checks/a-one.yaml:2:21: there is no control `cis/1.9`\n  | cis/1.9\n  = did you mean `cis/1.1`?",
            "checks/c-one.yaml:1:5: the id is `c-two`, the file is named `c-one.yaml`\n  | c-two\n  = give both the same name",
            "checks/d-one.yaml:2:14: there is no check `b-ones`\n  | b-ones\n  = did you mean `b-one`?",
            "checks/e-one.yaml:1:5: `implied_by` of `e-one` leads back to itself\n  | e-one",
            "checks/f-one.yaml:1:5: `implied_by` of `f-one` leads back to itself\n  | f-one",
            "more/b-one.yaml:1:5: the id `b-one` is taken by checks/b-one.yaml\n  | b-one",
        ]
    );
    let _: Arc<Check> = Arc::clone(&library.checks()[0]);
}
