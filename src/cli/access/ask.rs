//! `can`, `who-can`, `public`, `escalate`: questions to a snapshot.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::super::earlier::read_snapshot;
use super::super::{Exit, Failure};
use super::show::{self, Format};
use crate::access::{
    Principals, Question, Target, can, escalations, exposed, outside, target, who_can,
};
use crate::aws::AccountId;
use crate::diagnostic::did_you_mean;
use crate::iam::data;
use crate::iam::request::Unlisted;
use crate::inventory::{Inventory, Wanted};

/// Where answers come from, and how they look.
#[derive(Debug, clap::Args)]
pub struct From {
    /// The recorded inventory.
    #[arg(long, value_name = "FILE")]
    snapshot: PathBuf,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl From {
    fn read(&self) -> Result<Inventory, Failure> {
        read_snapshot(&self.snapshot, &Wanted::Fields(BTreeSet::new()))
    }
}

/// What is asked about a request.
#[derive(Debug, clap::Args)]
pub struct RequestArgs {
    /// The action, such as `s3:GetObject`.
    action: String,
    /// The ARN of the resource, or `*` for actions without one.
    resource: String,
    /// A condition key of the request; several times for several keys or values.
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// What holds for condition keys that neither --context nor the snapshot gives.
    #[arg(long, value_enum, default_value_t = OtherKeys::Unknown)]
    other_keys: OtherKeys,
    /// The account that owns the resource, where the snapshot does not know.
    #[arg(long, value_name = "ID")]
    resource_account: Option<AccountId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OtherKeys {
    /// It is not known whether the request has them.
    Unknown,
    /// The request does not have them.
    Absent,
}

/// Arguments of `can`.
#[derive(Debug, clap::Args)]
pub struct CanArgs {
    /// An ARN, `user/NAME`, `role/NAME`, `anonymous`, or a service such as `sns.amazonaws.com`.
    principal: String,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    from: From,
}

/// Arguments of `who-can`.
#[derive(Debug, clap::Args)]
pub struct WhoCanArgs {
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    from: From,
}

/// Arguments of `public`.
#[derive(Debug, clap::Args)]
pub struct PublicArgs {
    /// A bucket, role or topic, by ARN or name; without it, all that are or may be open.
    resource: Option<String>,
    #[command(flatten)]
    from: From,
}

/// Arguments of `escalate`.
#[derive(Debug, clap::Args)]
pub struct EscalateArgs {
    /// A user or role; without it, all that are or can become administrators.
    principal: Option<String>,
    #[command(flatten)]
    from: From,
}

/// Answers `can`.
pub fn run_can(args: &CanArgs) -> Result<Exit, Failure> {
    args.request.check()?;
    let inventory = args.from.read()?;
    let principals = Principals::of(&inventory);
    let found = principals.find(&args.principal);
    let principal = found.map_err(|error| Failure::with_help(error.to_string(), error.help))?;
    let question = args.request.question(&inventory)?;
    show::can(&can(&inventory, &principal, &question), &question, args.from.format)
}

/// Answers `who-can`.
pub fn run_who_can(args: &WhoCanArgs) -> Result<Exit, Failure> {
    args.request.check()?;
    let inventory = args.from.read()?;
    let principals = Principals::of(&inventory);
    let question = args.request.question(&inventory)?;
    let answers = who_can(&inventory, &principals, &question);
    let asked = principals.list.len() + inventory.accounts.len();
    let resource = &question.target.resource;
    let owner = target::owner(&inventory, &question.action, resource);
    let outside = owner.map(|entry| outside(&inventory, entry, &question.action, resource));
    let around = (outside.as_ref(), principals.missing.as_slice());
    show::who_can(&answers, asked, around, &question, args.from.format)
}

/// Answers `public`.
pub fn run_public(args: &PublicArgs) -> Result<Exit, Failure> {
    let inventory = args.from.read()?;
    let Some(text) = &args.resource else {
        let all = exposed(&inventory, None);
        let open: Vec<_> =
            all.iter().filter(|it| !(it.public.is_false() && it.external.is_false())).collect();
        return show::public(&open, Some(all.len()), args.from.format);
    };
    let Some(entry) = target::entry(&inventory, text) else {
        let known: Vec<String> = target::names(&inventory);
        let help = did_you_mean(text, known.iter().map(String::as_str)).or_else(|| {
            Some("buckets, roles and topics of the snapshot can be asked about".to_owned())
        });
        let message = format!("there is no resource `{text}` with a policy in the snapshot");
        return Err(Failure::with_help(message, help));
    };
    let found = exposed(&inventory, Some(entry));
    show::public(&found.iter().collect::<Vec<_>>(), None, args.from.format)
}

/// Answers `escalate`.
pub fn run_escalate(args: &EscalateArgs) -> Result<Exit, Failure> {
    let inventory = args.from.read()?;
    let principals = Principals::of(&inventory);
    let Some(text) = &args.principal else {
        let all = escalations(&inventory, &principals);
        return show::escalate(&all, &principals.missing, args.from.format);
    };
    let found = principals.find(text);
    let principal = found.map_err(|error| Failure::with_help(error.to_string(), error.help))?;
    let mut all = escalations(&inventory, &principals);
    all.retain(|one| Some(&one.principal) == principal.arn.as_ref());
    if all.is_empty() {
        let message = format!("`{text}` is neither a user nor a role of the snapshot");
        return Err(Failure::new(message));
    }
    show::escalate_one(&all, args.from.format)
}

impl RequestArgs {
    /// Refuses what cannot be an action or a resource, before anything is read.
    fn check(&self) -> Result<(), Failure> {
        if !self.action.contains(':') {
            let help = Some("an action is `service:Name`, such as `s3:GetObject`".to_owned());
            return Err(Failure::with_help(format!("`{}` is no action", self.action), help));
        }
        if self.action.contains(['*', '?']) || self.resource.trim_matches('*').contains(['*', '?'])
        {
            return Err(Failure::new("ask about one action and one resource, without wildcards"));
        }
        let Some(action) = data::action(&self.action) else {
            let near = did_you_mean(&self.action, data::actions().map(|known| known.name));
            return Err(Failure::with_help(format!("there is no action `{}`", self.action), near));
        };
        let is_arn = self.resource.starts_with("arn:") && self.resource.split(':').count() >= 6;
        match self.resource.as_str() {
            "*" if action.wildcard_only => Ok(()),
            "*" => Err(Failure::new(format!("`{}` needs the ARN of a resource", action.name))),
            _ if is_arn && self.resource.len() <= 2048 => Ok(()),
            text => Err(Failure::with_help(
                format!("`{text}` is no ARN"),
                Some("an ARN is `arn:partition:service:region:account:resource`".to_owned()),
            )),
        }
    }

    fn question(&self, inventory: &Inventory) -> Result<Question, Failure> {
        let mut context: Vec<(String, Vec<String>)> = Vec::new();
        for text in &self.context {
            let Some((key, value)) = text.split_once('=').filter(|(key, _)| key.contains(':'))
            else {
                let help = Some("a key is given as `aws:SourceIp=203.0.113.7`".to_owned());
                return Err(Failure::with_help(format!("`{text}` is no condition key"), help));
            };
            match context.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(key)) {
                Some((_, values)) => values.push(value.to_owned()),
                None => context.push((key.to_owned(), vec![value.to_owned()])),
            }
        }
        let account = self.resource_account.as_ref().map(AccountId::as_str);
        Ok(Question {
            action: self.action.clone(),
            target: Target::of(inventory, &self.action, &self.resource, account),
            context,
            unlisted: match self.other_keys {
                OtherKeys::Unknown => Unlisted::Unknown,
                OtherKeys::Absent => Unlisted::Absent,
            },
        })
    }
}
