//! `postura permissions`: the least-privilege policy of the selected checks.

use std::io::{self, Write};

use serde_json::json;

use super::library::Selection;
use super::{Exit, Failure};
use crate::schema::needs::Needs;

/// Arguments of `postura permissions`.
#[derive(Debug, clap::Args)]
pub struct PermissionsArgs {
    #[command(flatten)]
    selection: Selection,
    /// The form of the policy.
    #[arg(long, value_enum, default_value_t = Form::Json)]
    format: Form,
    /// Add what `--organization` needs in the management account.
    #[arg(long)]
    organization: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// An IAM policy document.
    Json,
    /// A Terraform resource.
    Terraform,
    /// A CloudFormation resource.
    Cloudformation,
}

/// What every scan asks, whatever is checked: who it is, and which regions are enabled.
pub const ALWAYS: [&str; 2] = ["ec2:DescribeRegions", "sts:GetCallerIdentity"];

/// What `--organization` asks of the management account.
pub const ORGANIZATION: [&str; 5] = [
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "sts:AssumeRole",
];

/// Prints the policy.
pub fn run(args: &PermissionsArgs) -> Result<Exit, Failure> {
    let library = args.selection.library()?;
    let mut needs = Needs::default();
    args.selection.choose(&library)?.iter().for_each(|check| check.needs(&mut needs));
    let mut actions = needs.actions();
    actions.extend(ALWAYS);
    if args.organization {
        actions.extend(ORGANIZATION);
    }
    let statement =
        json!({"Sid": "PosturaAudit", "Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let text = match args.format {
        Form::Json => pretty(&document),
        Form::Terraform => format!(
            "resource \"aws_iam_policy\" \"postura_audit\" {{\n  name   = \"PosturaAudit\"\n  \
             policy = <<-POLICY\n{}\n  POLICY\n}}",
            indented(&pretty(&document), "    ")
        ),
        Form::Cloudformation => pretty(&json!({"Resources": {"PosturaAuditPolicy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": "PosturaAudit", "PolicyDocument": document},
        }}})),
    };
    writeln!(io::stdout(), "{text}")?;
    Ok(Exit::Passed)
}

fn pretty(json: &serde_json::Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}")).collect::<Vec<_>>().join("\n")
}
