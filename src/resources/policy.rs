//! From the text of a policy to answers of the IAM engine.
//!
//! What the engine cannot decide, and a text that it does not understand, is unknown.

use std::collections::BTreeSet;

use crate::iam::document::{Document, Effect, Kind, Polarity};
use crate::iam::exposure::{Exposure, Finding, Inquiry, ResourceKind, Trust, exposure};
use crate::iam::principal::{PrincipalPattern, is_account_id};
use crate::iam::truth::Truth;
use crate::inventory::{Reason, View};
use crate::resources::kleene::Answer;

/// How many other accounts of one policy are looked at one by one.
pub const MAX_ACCOUNTS: usize = 40;

/// Reads a policy.
///
/// # Errors
/// A text that IAM would not accept is unknown, with what is wrong with it.
pub fn parse(text: &str, kind: Kind) -> Answer<Document> {
    Document::parse(text, kind).map_err(|error| Reason::undecided(error.to_string()))
}

/// An answer of the engine; where it is unknown, `why` is the reason.
pub fn known(truth: Truth, why: &str) -> Answer<bool> {
    match truth {
        Truth::True => Ok(true),
        Truth::False => Ok(false),
        Truth::Unknown => Err(Reason::undecided(why)),
    }
}

/// The account that a record is in.
pub fn account_of(view: &View<'_>) -> Answer<String> {
    let owner = view.owner().ok_or_else(|| Reason::undecided("the account is not known"))?;
    Ok(owner.account.to_string())
}

/// The policy of a resource, and what is asked about it.
pub struct Question<'a> {
    /// The policy.
    pub policy: &'a Document,
    /// What it is attached to.
    pub kind: ResourceKind,
    /// The ARN of the resource.
    pub resource: Option<&'a str>,
    /// The account of the resource.
    pub owner: &'a str,
}

impl Question<'_> {
    /// Who gets in, if these accounts are trusted and what the control denies is taken away.
    pub fn ask(&self, trusted: &[String], control: Option<&Document>) -> Exposure {
        let trust = Trust { accounts: trusted.to_vec(), ..Trust::default() };
        exposure(&Inquiry {
            policy: self.policy,
            controls: control.map(std::slice::from_ref).unwrap_or_default(),
            kind: self.kind,
            resource: self.resource,
            owner: self.owner,
            trust: &trust,
        })
    }

    /// The other accounts that the allowing statements name as principals, sorted.
    pub fn named_accounts(&self) -> Vec<String> {
        let allowing =
            self.policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let principals = allowing
            .filter_map(|statement| statement.principal.as_ref())
            .filter(|element| element.polarity == Polarity::Only)
            .flat_map(|element| element.patterns.iter());
        let accounts: BTreeSet<&str> = principals
            .filter_map(PrincipalPattern::account)
            .filter(|account| is_account_id(account) && *account != self.owner)
            .collect();
        accounts.into_iter().map(str::to_owned).collect()
    }

    /// Who outside gets in, asked for each account that the policy names, then for all others.
    pub fn foreigners(&self) -> Vec<Foreigner> {
        let accounts = self.named_accounts();
        let mut found = Vec::new();
        for account in accounts.iter().take(MAX_ACCOUNTS) {
            let others: Vec<String> =
                accounts.iter().filter(|other| *other != account).cloned().collect();
            let finding = self.ask(&others, None).external;
            if !finding.answer.is_false() {
                found.push(Foreigner { account: Some(account.clone()), others, finding });
            }
        }
        if accounts.len() > MAX_ACCOUNTS {
            let why = format!("the policy names more than {MAX_ACCOUNTS} accounts");
            found.push(Foreigner { account: None, others: Vec::new(), finding: undecided(why) });
        }
        let rest = self.ask(&accounts, None);
        if !rest.external.answer.is_false() && !rest.public.answer.is_true() {
            found.push(Foreigner { account: None, others: accounts, finding: rest.external });
        }
        found
    }
}

/// Somebody outside who gets in, or may.
pub struct Foreigner {
    /// The account, if the policy names it.
    pub account: Option<String>,
    /// The accounts that were trusted when this one was asked about.
    pub others: Vec<String>,
    /// The answer.
    pub finding: Finding,
}

fn undecided(why: String) -> Finding {
    Finding { answer: Truth::Unknown, witness: None, statement: None, why }
}

/// A control that denies a statement written as JSON members, such as
/// `"NotAction": ["s3:GetObject"]`, to everybody.
///
/// # Errors
/// When the members make no statement.
pub fn denying(members: &str, kind: Kind) -> Answer<Document> {
    let text = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Deny\", \
         \"Principal\": \"*\", {members}}}]}}"
    );
    parse(&text, kind)
}
