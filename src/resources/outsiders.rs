//! Who gets at a resource from outside, by its policy: the parts that all such resources share.
//!
//! The account itself and its own organization are inside. Where the organization is not known, a
//! grant to some organization is neither inside nor outside.

use serde_json::json;

use crate::iam::document::{Document, Kind};
use crate::iam::exposure::{Finding, Inquiry, ResourceKind, Trust, exposure};
use crate::iam::truth::Truth;
use crate::inventory::{Draft, Inventory, Items, Reason, Slot, View};
use crate::part;
use crate::resources::kleene::{Answer, optional, required};
use crate::resources::policy::{MAX_ACCOUNTS, Question, denying, known};

part! {
    /// Somebody outside who gets at a resource.
    pub struct Outsider("Outsider", shown as principal) {
        /// Who: an account id, an ARN, `anonymous`, or the name of a service.
        principal: String,
        /// What kind of principal it is.
        #[one_of("account", "service", "other")]
        kind: String,
        /// The other account; absent where it is none or not one.
        account_id: Option<String>,
        /// Whether that account is part of the scan.
        in_scan: bool,
        /// An action of a request that gets in; absent where none is at hand.
        action: Option<String>,
        /// The statement or grant that lets them in.
        why: String,
    }
}

/// The organization of the record's account: its id, or nothing where it is in none.
pub fn organization(record: &View<'_>) -> Answer<Option<String>> {
    let account = required(record.part("account"))?;
    match optional(account.part("organization"))? {
        None => Ok(None),
        Some(organization) => Ok(Some(required(organization.text("id"))?.to_owned())),
    }
}

/// Whether anybody in the world gets in. One entry at most, with a request.
pub fn anybody(question: &Question<'_>) -> Answer<Items<Outsider>> {
    let finding = question.ask(&[], None).public;
    let mut found = Items::default();
    note(&mut found, &finding, |finding| outsider(finding, None, false));
    Ok(found)
}

/// Who outside gets in: each account that the policy names, then everybody else. Services are not
/// listed.
pub fn outsiders(
    question: &Question<'_>,
    organization: &Answer<Option<String>>,
    inventory: &Inventory,
) -> Items<Outsider> {
    asked(&question.named_accounts(), inventory, |accounts| ask(question, accounts, organization))
}

/// Who outside gets in by an endpoint's policy with a resource that is foreign as well. The policy may
/// confine the principals or the resources: then nobody carries data of yours to an account of theirs.
pub fn through_endpoint(
    policy: &Document,
    owner: &str,
    organization: &Answer<Option<String>>,
    inventory: &Inventory,
) -> Answer<Items<Outsider>> {
    let mut own = vec![own_is_denied("aws:ResourceAccount", owner)?];
    let mut named = Vec::new();
    match organization {
        Ok(None) => {}
        Ok(Some(id)) => named.push(id.clone()),
        Err(_) => named = organizations(policy),
    }
    let mut maybe = Vec::new();
    for id in &named {
        maybe.push(own_is_denied("aws:PrincipalOrgID", id)?);
        maybe.push(own_is_denied("aws:ResourceOrgID", id)?);
    }
    let open = organization.is_err() && !named.is_empty();
    if !open {
        own.append(&mut maybe);
    }
    // Whose the resource is, is left open; the account's own principals are trusted instead.
    let question = Question { policy, kind: ResourceKind::Endpoint, resource: None, owner: "" };
    let ask = |accounts: &[String]| {
        let accounts = accounts.iter().cloned().chain([owner.to_owned()]).collect();
        let trust = Trust { accounts, ..Trust::default() };
        let with =
            |controls: &[Document]| exposure(&Inquiry { controls, ..inquiry(&question, &trust) });
        let mut found = with(&own).external;
        if open && found.answer.is_true() {
            let all: Vec<Document> = own.iter().chain(&maybe).cloned().collect();
            if !with(&all).external.answer.is_true() {
                found.answer = Truth::Unknown;
                found.why = UNKNOWN_ORGANIZATION.to_owned();
            }
        }
        found
    };
    let accounts = question.named_accounts().into_iter().filter(|account| account != owner);
    Ok(asked(&accounts.collect::<Vec<_>>(), inventory, ask))
}

const UNKNOWN_ORGANIZATION: &str = "the account's own organization is not known";

/// A control that takes away all requests in which a key has the value.
fn own_is_denied(key: &str, value: &str) -> Answer<Document> {
    let condition = json!({"StringEquals": {key: value}});
    let members = format!(r#""Action": "*", "Resource": "*", "Condition": {condition}"#);
    denying(&members, Kind::Rcp)
}

/// Asks about each account with all others trusted, then about everybody else.
fn asked(
    accounts: &[String],
    inventory: &Inventory,
    ask: impl Fn(&[String]) -> Finding,
) -> Items<Outsider> {
    let mut found = Items::default();
    let in_scan = |id: &str| inventory.account(id).is_some();
    for account in accounts.iter().take(MAX_ACCOUNTS) {
        let others: Vec<String> = accounts.iter().filter(|it| *it != account).cloned().collect();
        note(&mut found, &ask(&others), |finding| {
            outsider(finding, Some(account), in_scan(account))
        });
    }
    if accounts.len() > MAX_ACCOUNTS {
        let why = format!("the policy names more than {MAX_ACCOUNTS} accounts");
        found.missing.push(Reason::undecided(why));
    }
    note(&mut found, &ask(accounts), |finding| outsider(finding, None, false));
    found.missing.sort();
    found.missing.dedup();
    found
}

fn inquiry<'a>(question: &Question<'a>, trust: &'a Trust) -> Inquiry<'a> {
    Inquiry {
        policy: question.policy,
        controls: &[],
        kind: question.kind,
        resource: question.resource,
        owner: question.owner,
        trust,
    }
}

/// Who outside gets in if these accounts and the own organization are trusted.
fn ask(
    question: &Question<'_>,
    accounts: &[String],
    organization: &Answer<Option<String>>,
) -> Finding {
    let with = |orgs: Vec<String>| {
        let trust = Trust { accounts: accounts.to_vec(), orgs, ..Trust::default() };
        exposure(&inquiry(question, &trust)).external
    };
    match organization {
        Ok(own) => with(own.iter().cloned().collect()),
        Err(_) => {
            let mut found = with(Vec::new());
            let named = organizations(question.policy);
            if found.answer.is_true() && !named.is_empty() && !with(named).answer.is_true() {
                found.answer = Truth::Unknown;
                found.why = UNKNOWN_ORGANIZATION.to_owned();
            }
            found
        }
    }
}

/// The organizations that the conditions of a policy name.
fn organizations(policy: &Document) -> Vec<String> {
    let conditions = policy.statements.iter().flat_map(|statement| statement.conditions.iter());
    conditions
        .flat_map(|condition| condition.operands.iter())
        .map(|operand| operand.text.split('/').next().unwrap_or_default())
        .filter(|text| text.starts_with("o-"))
        .map(str::to_owned)
        .collect()
}

fn note(
    found: &mut Items<Outsider>,
    finding: &Finding,
    outsider: impl FnOnce(&Finding) -> Outsider,
) {
    match known(finding.answer, &finding.why) {
        Ok(false) => {}
        Ok(true) => found.items.push(outsider(finding)),
        Err(reason) => found.missing.push(reason),
    }
}

fn outsider(finding: &Finding, account: Option<&str>, in_scan: bool) -> Outsider {
    let witness = finding.witness.as_ref();
    let principal = account.map(str::to_owned).or(witness.map(|it| it.principal.clone()));
    Outsider {
        principal: principal.ok_or_else(|| Reason::undecided("no request is at hand")).into(),
        kind: if account.is_some() { "account" } else { "other" }.into(),
        account_id: account.map(str::to_owned).into(),
        in_scan: in_scan.into(),
        action: witness.map(|it| it.action.clone()).filter(|action| !action.is_empty()).into(),
        why: Slot::Known(finding.why.clone()),
    }
}

/// A list of outsiders as the value of a field.
pub fn list(answer: Answer<Items<Outsider>>) -> Draft {
    Slot::from(answer).into_draft::<Items<Outsider>>()
}
