//! A checkout in memory with modules, counts and states, held against the lines that are expected.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::check::{Severity, Verdict};
use crate::finding::sample::{self, ONE, TWO};

struct Files(BTreeMap<&'static str, &'static str>);

impl Checkout for Files {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path).map(|text| (*text).to_owned())
    }

    fn files(&self, directory: &str) -> Vec<String> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let names = self.0.keys().filter_map(|path| path.strip_prefix(&*prefix));
        names.filter(|name| !name.contains('/')).map(str::to_owned).collect()
    }

    fn tracked(&self, path: &str) -> bool {
        self.0.contains_key(path) && !path.starts_with("ignored/")
    }

    fn all(&self) -> Vec<String> {
        self.0.keys().map(|path| (*path).to_owned()).collect()
    }

    fn relative(&self, absolute: &str) -> Option<String> {
        absolute.strip_prefix("/checkout/").map(str::to_owned)
    }
}

fn checkout() -> Files {
    Files(BTreeMap::from([
        (
            "infra/main.tf",
            "# root\nresource \"aws_security_group\" \"all\" {\n  count = 2\n}\n\nmodule \"net\" {\n  \
             source = \"../modules/net\"\n}\n\nmodule \"far\" {\n  source = \"acme/far/aws\"\n}\n\n\
             module \"gone\" {\n  source = \"../../outside\"\n}\n",
        ),
        (
            "modules/net/net.tf",
            "module \"sub\" {\n  source   = \"./sub\"\n  for_each = toset([\"x\"])\n}\n",
        ),
        ("modules/net/sub/sub.tf", "\nresource \"aws_vpc\" \"v\" {\n}\n"),
        (
            "infra/rules.tf",
            "resource \"aws_vpc_security_group_ingress_rule\" \"ssh\" {\n}\n\
             resource \"aws_security_group\" \"dup\" {\n}\n",
        ),
        (".terraform/modules/far/main.tf", "resource \"aws_vpc\" \"hidden\" {}\n"),
        (
            "infra/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Dir":"."},{"Key":"far","Dir":".terraform/modules/far"}]}"#,
        ),
    ]))
}

fn resource(module: &str, kind: &str, name: &str, ids: &[(&str, &str)]) -> String {
    let instance = |(id, arn): &(&str, &str)| {
        format!(r#"{{"attributes": {{"id": "{id}", "arn": "{arn}", "password": "hunter2"}}}}"#)
    };
    let instances: Vec<String> = ids.iter().map(instance).collect();
    format!(
        r#"{{"module": {module:?}, "mode": "managed", "type": "{kind}", "name": "{name}",
           "instances": [{}]}}"#,
        instances.join(",")
    )
}

fn state(resources: &[String]) -> State {
    let text = format!(r#"{{"version": 4, "resources": [{}]}}"#, resources.join(","));
    State::read(text.as_bytes()).unwrap()
}

fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:eu-west-1:{ONE}:{kind}/{id}")
}

fn declared(resources: &[String]) -> Declarations {
    let mut declarations = Declarations::default();
    declarations.add_state(state(resources), "infra", &checkout()).unwrap();
    declarations
}

/// Where a resource is told to be, with the blocks that call.
fn place(declarations: &Declarations, at: &str, kind: &str, id: &str, message: &str) -> String {
    let mut scan = sample::scan();
    let mut check = sample::check("a-check", "T", Severity::High, "AWS::EC2::VPC");
    check.iac = kind.split(' ').map(str::to_owned).collect();
    let mut finding = sample::finding(&check, Verdict::Fail, at, id);
    finding.details.messages = vec![message.into()];
    scan.checks = vec![check];
    scan.findings = vec![finding];
    let placed = declarations.place(&mut scan);
    assert_eq!(placed.open, 1);
    let [finding] = scan.findings.as_slice() else { panic!("one finding") };
    let Some(location) = &finding.details.location else { return String::from("nowhere") };
    let line = |it: &Location| format!("{}:{}", it.path, it.line);
    let callers: Vec<String> = location.called_from.iter().map(line).collect();
    let declared = location.declared_as.as_deref().unwrap_or_default();
    format!("{} {declared} [{}]", line(location), callers.join(", "))
}

#[test]
fn what_is_declared_nowhere_takes_no_room() {
    let mut scan = sample::scan();
    scan.findings.retain(|it| it.verdict == Verdict::Pass);
    Declarations::default().place(&mut scan);
    assert!(!scan.findings.is_empty() && scan.findings.iter().all(|it| !it.details.take_room()));
}

#[test]
fn instances_of_one_block_are_at_its_line() {
    let (a, b) = (arn("security-group", "sg-1"), arn("security-group", "sg-2"));
    let ids = [("sg-1", &*a), ("sg-2", &*b)];
    let declarations = declared(&[resource("", "aws_security_group", "all", &ids)]);
    for id in ["sg-1", "sg-2"] {
        let told = place(&declarations, ONE, "aws_security_group", id, "");
        assert_eq!(told, "infra/main.tf:2 tf:infra|aws_security_group.all []");
    }
    assert_eq!(place(&declarations, ONE, "aws_security_group", "sg-3", ""), "nowhere");
    assert_eq!(place(&declarations, TWO, "aws_security_group", "sg-1", ""), "nowhere");
}

#[test]
fn modules_lead_to_their_directory_with_the_calls_on_the_way() {
    let vpc = arn("vpc", "vpc-1");
    let module = "module.net[0].module.sub[\"x\"]";
    let declarations = declared(&[resource(module, "aws_vpc", "v", &[("vpc-1", &vpc)])]);
    assert_eq!(
        place(&declarations, ONE, "aws_vpc", "vpc-1", ""),
        "modules/net/sub/sub.tf:2 tf:infra|module.net.module.sub.aws_vpc.v \
         [infra/main.tf:6, modules/net/net.tf:1]"
    );
}

#[test]
fn a_module_from_outside_is_at_the_block_that_calls_it() {
    let (far, gone) = (arn("vpc", "vpc-8"), arn("vpc", "vpc-9"));
    let declarations = declared(&[
        resource("module.far", "aws_vpc", "hidden", &[("vpc-8", &far)]),
        resource("module.gone", "aws_vpc", "x", &[("vpc-9", &gone)]),
    ]);
    let told = |id| place(&declarations, ONE, "aws_vpc", id, "");
    assert_eq!(told("vpc-8"), "infra/main.tf:10 tf:infra|module.far.aws_vpc.hidden []");
    assert_eq!(told("vpc-9"), "infra/main.tf:14 tf:infra|module.gone.aws_vpc.x []");
}

#[test]
fn the_most_specific_type_wins_by_the_id_in_the_message() {
    let group = arn("security-group", "sg-1");
    let rule = arn("security-group-rule", "sgr-0123456789abcdef0");
    let declarations = declared(&[
        resource("", "aws_security_group", "all", &[("sg-1", &group)]),
        resource(
            "",
            "aws_vpc_security_group_ingress_rule",
            "ssh",
            &[("sgr-0123456789abcdef0", &rule)],
        ),
    ]);
    let kinds = "aws_vpc_security_group_ingress_rule aws_security_group";
    let told = |message| place(&declarations, ONE, kinds, "sg-1", message);
    assert!(told("Rule sgr-0123456789abcdef0: open").starts_with("infra/rules.tf:1 "));
    assert!(told("Rule sgr-0000000000000000a opens it").starts_with("infra/main.tf:2 "));
}

#[test]
fn two_blocks_that_claim_one_resource_are_no_certainty() {
    let group = arn("security-group", "sg-1");
    let claims = [
        resource("", "aws_security_group", "all", &[("sg-1", &group)]),
        resource("", "aws_security_group", "dup", &[("sg-1", &group)]),
    ];
    assert_eq!(place(&declared(&claims), ONE, "aws_security_group", "sg-1", ""), "nowhere");
    let mut twice = declared(&claims[..1]);
    twice.add_state(state(&claims[..1]), "infra", &checkout()).unwrap();
    assert!(place(&twice, ONE, "aws_security_group", "sg-1", "").starts_with("infra/main.tf:2"));
}

#[test]
fn names_count_only_in_the_accounts_of_their_state() {
    let group = arn("security-group", "sg-1");
    let declarations = declared(&[
        resource("", "aws_security_group", "all", &[("sg-1", &group)]),
        resource("", "aws_security_group", "dup", &[("deploy", "")]),
    ]);
    let told = |at| place(&declarations, at, "aws_security_group", "deploy", "");
    assert!(told(ONE).starts_with("infra/rules.tf:3"));
    assert_eq!(told(TWO), "nowhere");
}

#[test]
fn a_state_of_which_nothing_is_declared_is_an_error() {
    let group = arn("security-group", "sg-1");
    let claims = [resource("", "aws_security_group", "all", &[("sg-1", &group)])];
    let mut declarations = Declarations::default();
    let error = declarations.add_state(state(&claims), "modules/net", &checkout()).unwrap_err();
    assert!(error.to_string().contains("declared in `modules/net`"));
    let error = declarations.add_state(state(&claims), "docs", &checkout()).unwrap_err();
    assert!(matches!(error, IacError::Elsewhere { help: Some(help), .. } if help.contains(".tf")));
    assert!(declarations.add_state(state(&[]), "docs", &checkout()).is_ok());
}

#[test]
fn the_hash_of_the_line_is_that_of_the_file() {
    let group = arn("security-group", "sg-1");
    let mut scan = sample::scan();
    let claims = [resource("", "aws_security_group", "all", &[("sg-1", &group)])];
    Arc::make_mut(&mut scan.findings[0].site).resource.id = "sg-1".into();
    Arc::make_mut(&mut scan.findings[0].site).account = ONE.parse().unwrap();
    for check in &mut scan.checks {
        check.iac = vec!["aws_security_group".into()];
    }
    declared(&claims).place(&mut scan);
    let text = checkout().read("infra/main.tf").unwrap();
    let expected = &crate::report::sarif::line_hash::line_hashes(&text)[1];
    assert_eq!(
        scan.findings[0].details.location.as_ref().unwrap().line_hash.as_ref(),
        Some(expected)
    );
    let text = format!("{:?}", scan.findings);
    assert!(!text.contains("hunter2"));
}

#[test]
fn cloudformation_leads_by_its_tags_to_the_one_template() {
    let text =
        "Resources:\n  Logs:\n    Type: AWS::EC2::VPC\n  Other:\n    Type: AWS::S3::Bucket\n";
    let tagged = |stack: &str, logical: &str| {
        let check = sample::check("a-check", "T", Severity::High, "AWS::EC2::VPC");
        let mut finding = sample::finding(&check, Verdict::Fail, ONE, "vpc-1");
        Arc::make_mut(&mut finding.site).resource.tags =
            [("aws:cloudformation:stack-name", stack), ("aws:cloudformation:logical-id", logical)]
                .into_iter()
                .collect();
        finding
    };
    let with = |templates: &[(Option<&str>, &str)]| {
        let mut declarations = Declarations::default();
        for (stack, path) in templates {
            declarations.add_template(Template::read(*stack, Some(path), text).unwrap());
        }
        declarations
    };
    let told = |declarations: &Declarations, finding: &Finding| {
        let location = declarations.find(finding, &[])?;
        Some(format!("{}:{} {}", location.path, location.line, location.declared_as?))
    };
    let one = with(&[(None, "cfn/a.yaml")]);
    let expected = Some("cfn/a.yaml:2 cfn:prod|Logs".to_owned());
    assert_eq!(told(&one, &tagged("prod", "Logs")), expected);
    assert_eq!(told(&one, &tagged("prod", "Other")), None, "another type");
    let two = with(&[(None, "cfn/a.yaml"), (None, "cfn/b.yaml")]);
    assert_eq!(told(&two, &tagged("prod", "Logs")), None, "which of the two is not known");
    let named = with(&[(Some("dev"), "cfn/b.yaml"), (Some("prod"), "cfn/a.yaml")]);
    assert_eq!(told(&named, &tagged("prod", "Logs")), expected);
    assert_eq!(told(&named, &tagged("test", "Logs")), None);
}
