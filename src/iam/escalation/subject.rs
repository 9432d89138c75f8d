//! Whose permissions are asked about, and what is known of the users and roles around.

use std::collections::{BTreeMap, BTreeSet};

use super::super::condition::Test;
use super::super::document::{Document, Effect, Polarity, Statement};
use super::super::pattern::{Case, Pattern, Piece};
use super::super::principal::{Caller, Strength};
use super::super::truth::Truth;

/// A user or role with everything that decides about its requests.
#[derive(Debug, Clone, Default)]
pub struct Subject<'a> {
    /// Its ARN; `None` means any user or role that has these policies.
    pub arn: Option<&'a str>,
    /// Its own policies and those of its groups.
    pub policies: Vec<&'a Document>,
    /// Its permissions boundary.
    pub boundary: Option<&'a Document>,
    /// The service control policies above it, by level; each level must allow. Empty where none
    /// apply, as in the management account.
    pub controls: Vec<Vec<&'a Document>>,
    /// The ARNs of the groups that it is in, if they are known.
    pub groups: Option<Vec<&'a str>>,
    /// The ARNs of the customer managed policies that apply to it, if they are known.
    pub managed: Option<Vec<&'a str>>,
    /// What is known of its condition keys, in lower case: tags, organization.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// The users and roles of the account. What is not listed is assumed to exist.
#[derive(Debug, Clone, Default)]
pub struct Surroundings<'a> {
    /// All users, if they are known.
    pub users: Option<Vec<Other<'a>>>,
    /// All roles, if they are known.
    pub roles: Option<Vec<Other<'a>>>,
}

/// A user or role that somebody could turn into.
#[derive(Debug, Clone)]
pub struct Other<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// The trust policy of a role, if it could be read.
    pub trust: Option<&'a Document>,
    /// The ARNs of the customer managed policies that apply to it, if they are known.
    pub managed: Option<Vec<&'a str>>,
    /// Whether it can do more than whoever turns into it.
    pub privileged: Truth,
}

/// Whether a principal is a user or a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Species {
    User,
    Role,
    /// Either: its policies do not tell the two apart.
    Either,
}

/// Keys that differ between users and roles.
const SPECIES_KEYS: [&str; 5] =
    ["aws:principalarn", "aws:principaltype", "aws:tokenissuetime", "aws:userid", "aws:username"];

/// Where the requests are made, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) partition: String,
    pub(super) account: String,
    pub(super) species: Species,
    /// The principal's ARN; for one that is not known, an ARN that nothing names.
    pub(super) own: String,
    pub(super) known: bool,
}

/// Accounts tried for a principal that is not known.
const ACCOUNTS: usize = 8;
/// Partitions with IAM of their own.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];
/// The name of a principal that is not known.
const NAME: &str = "whoever-has-these-policies";

/// The places to look at, and whether they are all that the documents tell apart.
pub(super) fn places(subject: &Subject<'_>) -> (Vec<Place>, bool) {
    if let Some(arn) = subject.arn {
        return (known_place(arn).into_iter().collect(), true);
    }
    let (partitions, accounts, complete) = mentioned(subject);
    let species: &[(Species, &str)] = if tells_species(subject) {
        &[(Species::User, "user"), (Species::Role, "role")]
    } else {
        &[(Species::Either, "user")]
    };
    let mut places = Vec::new();
    for partition in &partitions {
        for account in &accounts {
            for (species, kind) in species {
                let own = format!("arn:{partition}:iam::{account}:{kind}/{NAME}");
                let (partition, account) = (partition.clone(), account.clone());
                places.push(Place { partition, account, species: *species, own, known: false });
            }
        }
    }
    (places, complete)
}

/// Whether a condition or variable depends on what the principal is.
fn tells_species(subject: &Subject<'_>) -> bool {
    let tells = |key: &str| SPECIES_KEYS.contains(&key);
    let variables = |pattern: &Pattern| {
        pattern.pieces().iter().any(|piece| match piece {
            Piece::Variable(variable) => tells(&variable.key),
            Piece::Literal(_) | Piece::One { .. } | Piece::Run { .. } => false,
        })
    };
    statements(subject).any(|statement| {
        let resources = statement.resource.iter().flat_map(|element| element.patterns.iter());
        let tested = statement.conditions.iter().any(|condition| {
            let operands = condition.operands.iter().any(|operand| match &operand.test {
                Test::Text(pattern) => variables(pattern),
                Test::Arn(pattern) => pattern.segments().iter().any(variables),
                _ => false,
            });
            tells(&condition.key) || operands
        });
        tested || resources.map(|resource| resource.pattern()).any(variables)
    })
}

fn known_place(arn: &str) -> Option<Place> {
    let mut segments = arn.split(':');
    let partition = segments.nth(1)?.to_owned();
    let species = match Caller::parse(arn)? {
        Caller::User { .. } => Species::User,
        Caller::Role { .. } => Species::Role,
        Caller::Anonymous
        | Caller::Service(_)
        | Caller::Root(_)
        | Caller::Session { .. }
        | Caller::FederatedUser { .. }
        | Caller::Federated(_) => return None,
    };
    let account = Caller::parse(arn)?.account()?.to_owned();
    Some(Place { partition, account, species, own: arn.to_owned(), known: true })
}

/// The partitions and accounts that resources and conditions name, and a pair that they do not.
fn mentioned(subject: &Subject<'_>) -> (BTreeSet<String>, BTreeSet<String>, bool) {
    let mut partitions = BTreeSet::from(["aws".to_owned()]);
    let mut accounts = BTreeSet::new();
    for text in statements(subject).flat_map(texts) {
        let mut segments = text.split(':');
        match segments.nth(1) {
            Some(partition) if PARTITIONS.contains(&partition) => {
                partitions.insert(partition.to_owned());
            }
            _ => {}
        }
        if let Some(id) = segments.nth(2).filter(|id| is_account(id)) {
            accounts.insert(id.to_owned());
        } else if let Some(prefix) = text.split(':').nth(4).and_then(account_prefix) {
            accounts.insert(prefix);
        }
        if is_account(text) {
            accounts.insert(text.to_owned());
        }
    }
    let complete = accounts.len() < ACCOUNTS;
    let mut some: BTreeSet<String> = accounts.iter().take(ACCOUNTS - 1).cloned().collect();
    let fresh = (0..=accounts.len()).map(|n| format!("{:012}", 900_000_000_000_u64 + n as u64));
    some.extend(fresh.into_iter().find(|id| !accounts.contains(id)));
    (partitions, some, complete)
}

/// An account that a glob such as `1111*` names.
fn account_prefix(glob: &str) -> Option<String> {
    let literal = glob.split(['*', '?']).next().unwrap_or_default();
    let digits = !literal.is_empty() && literal.bytes().all(|byte| byte.is_ascii_digit());
    (digits && glob != literal && literal.len() < 12).then(|| format!("{literal:0<12}"))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// All policies that have a say: its own, its boundary, and those of the organization.
pub(super) fn documents<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Document> {
    let own = subject.policies.iter().copied().chain(subject.boundary);
    own.chain(subject.controls.iter().flatten().copied())
}

/// Their statements.
pub(super) fn statements<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Statement> {
    documents(subject).flat_map(|document| document.statements.iter())
}

/// The resources of a statement and the values of its conditions.
fn texts(statement: &Statement) -> impl Iterator<Item = &str> {
    let resources = statement.resource.iter().flat_map(|element| element.patterns.iter());
    let values = statement.conditions.iter().flat_map(|condition| condition.operands.iter());
    resources.map(|pattern| pattern.text()).chain(values.map(|operand| &*operand.text))
}

/// Whether a trust policy lets a caller in, and whether it names the caller itself rather than its
/// account. A condition may hold.
pub(super) fn admits(trust: &Document, caller: &Caller, action: &str) -> (Truth, bool) {
    let (mut allowed, mut direct, mut denied) = (Truth::False, false, Truth::False);
    for statement in &trust.statements {
        let acts = statement
            .action
            .patterns
            .iter()
            .any(|pattern| pattern.matches_plain(action, Case::Insensitive));
        if acts != (statement.action.polarity == Polarity::Only) {
            continue;
        }
        let (fits, strength) = principal_fits(statement, caller);
        let holds = match statement.conditions.is_empty() {
            true => fits,
            false => fits.and(Truth::Unknown),
        };
        match statement.effect {
            Effect::Allow => {
                allowed = allowed.or(holds);
                direct |= !holds.is_false() && strength != Strength::Account;
            }
            Effect::Deny => denied = denied.or(holds),
        }
    }
    (allowed.and(!denied), direct)
}

fn principal_fits(statement: &Statement, caller: &Caller) -> (Truth, Strength) {
    let Some(element) = &statement.principal else { return (Truth::False, Strength::Account) };
    let mut best = (Truth::False, Strength::Account);
    for pattern in &element.patterns {
        let fit = pattern.matches(caller);
        let better = fit.0 > best.0 || (fit.0 == best.0 && best.1 == Strength::Account);
        if better {
            best = fit;
        }
    }
    match element.polarity {
        Polarity::Only => best,
        // Everybody but those named: AWS warns against it, and nobody is named by it.
        Polarity::Except => (!best.0, Strength::Account),
    }
}
