//! Security Token Service.

use jiff::{SignedDuration, Timestamp};

use crate::synthetic::context::Context;
use crate::synthetic::mix::iam_id;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::request::Service;
use crate::synthetic::session::{session_key, session_token};
use crate::synthetic::world::AccountStatus;

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    match context.request.operation.as_str() {
        "AssumeRole" => assume_role(context),
        "GetCallerIdentity" => Ok(caller_identity(context)),
        _ => Err(context.unknown_operation()),
    }
}

fn caller_identity(context: &Context<'_>) -> Answer {
    let caller = context.caller;
    let user_id = match &caller.role {
        None => iam_id("AIDA", &[&caller.account, "auditor"]),
        Some((role, name)) => format!("{}:{name}", iam_id("AROA", &[&caller.account, role])),
    };
    context.query(|xml| {
        xml.leaf("UserId", user_id);
        xml.leaf("Account", &caller.account);
        xml.leaf("Arn", caller.arn(context.partition()));
    })
}

fn assume_role(context: &Context<'_>) -> Result<Answer, Refusal> {
    let target = context.required("RoleArn")?;
    let name = context.required("RoleSessionName")?;
    let (account, role) = role_of(target, context.partition())
        .ok_or_else(|| Refusal::invalid(Service::Sts, format!("`{target}` is no role ARN")))?;
    let denied = || {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {target}",
            context.caller.arn(context.partition())
        );
        Refusal::new(403, "AccessDenied", message)
    };
    // STS gives the same answer for a role that is not there and for one that trusts others.
    let known = context.world.account(account).ok_or_else(denied)?;
    if known.status == AccountStatus::Suspended || context.faults.unassumable.contains(account) {
        return Err(denied());
    }
    let ends = end_of_session(context)?;
    let id = format!("{}:{name}", iam_id("AROA", &[account, role]));
    Ok(context.query(|xml| {
        xml.node("Credentials", |xml| {
            xml.leaf("AccessKeyId", session_key(account));
            xml.leaf("SecretAccessKey", "synthetic");
            xml.leaf("SessionToken", session_token(account, role, name, ends));
            xml.leaf("Expiration", ends);
        });
        xml.node("AssumedRoleUser", |xml| {
            xml.leaf("AssumedRoleId", id);
            let partition = context.partition();
            xml.leaf("Arn", format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}"));
        });
    }))
}

/// Account and role name of a role ARN in the partition.
fn role_of<'a>(arn: &'a str, partition: &str) -> Option<(&'a str, &'a str)> {
    let rest = arn.strip_prefix(&format!("arn:{partition}:iam::"))?;
    let (account, path) = rest.split_once(":role/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    (account.len() == 12).then_some((account, name))
}

/// By the fault, else by the request, else an hour; whole seconds, as STS writes them.
fn end_of_session(context: &Context<'_>) -> Result<Timestamp, Refusal> {
    let asked = match context.get("DurationSeconds") {
        None => 3600,
        Some(text) => text
            .parse()
            .ok()
            .filter(|seconds| (900..=43_200).contains(seconds))
            .ok_or_else(|| Refusal::invalid(Service::Sts, "DurationSeconds is out of range"))?,
    };
    let seconds = context
        .faults
        .session_length
        .map_or(asked, |length| i64::try_from(length.as_secs()).unwrap_or(asked));
    let start = Timestamp::from_second(context.clock.as_second()).unwrap_or(context.clock);
    start
        .checked_add(SignedDuration::from_secs(seconds))
        .map_err(|_| Refusal::internal(Service::Sts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_arn_gives_account_and_name() {
        let role = role_of("arn:aws:iam::444455556666:role/team/Audit", "aws");
        assert_eq!(role, Some(("444455556666", "Audit")));
        assert_eq!(role_of("arn:aws-cn:iam::444455556666:role/Audit", "aws"), None);
        assert_eq!(role_of("arn:aws:iam::444455556666:user/Audit", "aws"), None);
    }
}
