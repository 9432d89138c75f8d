//! Privilege escalation: which users and roles can become an administrator, and how.

use rayon::prelude::*;

use super::organization::Membership;
use super::principal::{Principal, Principals};
use crate::iam::admin::{Policies, administrator};
use crate::iam::document::Document;
use crate::iam::escalation::{Class, Other, Path, Subject, Surroundings, Verdict, paths};
use crate::iam::evaluate::PolicySet;
use crate::iam::principal::Caller;
use crate::iam::truth::Truth;
use crate::inventory::{Coverage, Inventory, Record};
use crate::resources::iam_role::Role;
use crate::resources::iam_user::User;

/// What a principal can become.
#[derive(Debug, Clone, PartialEq)]
pub struct Escalation {
    /// The principal's ARN.
    pub principal: String,
    /// Whether it is an administrator, can become one, or neither.
    pub outcome: Standing,
    /// What may change the answer and was not seen.
    pub notes: Vec<String>,
}

/// Whether a principal is or can become an administrator.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It has every permission, or all of IAM.
    Administrator,
    /// It can become one, or get permissions of its choice, by these steps.
    Path(Path),
    /// No known method leads there.
    Confined,
    /// Its permissions are not known well enough.
    Unknown(String),
}

/// Whether a path needs nothing but what was seen: every request is allowed, and what it ends with is
/// an administrator or permissions of the principal's choice.
pub fn is_certain(path: &Path) -> bool {
    let ends = path.hops.last().is_some_and(|last| {
        last.gain.is_true() || (last.method.class == Class::Own && last.target.is_none())
    });
    path.verdict == Verdict::Certain && ends
}

/// The users and roles of an inventory with what each can become, in the order of their ARNs.
pub fn escalations(inventory: &Inventory, principals: &Principals<'_>) -> Vec<Escalation> {
    let accounts: Vec<_> = inventory.accounts.iter().collect();
    let mut all: Vec<Escalation> = accounts
        .par_iter()
        .flat_map(|account| {
            let own = |it: &&Principal| it.account() == Some(account.id.as_str());
            let list: Vec<&Principal> = principals.list.iter().filter(own).collect();
            let whole = |record| {
                matches!(inventory.coverage(record, &account.id, None), Some(Coverage::Whole))
            };
            let room = Room { whole: [whole(User::record()), whole(Role::record())], list };
            room.escalations(&Membership::of(inventory, account.id.as_str()))
        })
        .collect();
    all.sort_by(|a, b| a.principal.cmp(&b.principal));
    all
}

/// The principals of one account.
struct Room<'a> {
    /// Whether all users and all roles are known.
    whole: [bool; 2],
    list: Vec<&'a Principal>,
}

impl Room<'_> {
    fn escalations(&self, membership: &Membership) -> Vec<Escalation> {
        let admins: Vec<Truth> = self.list.par_iter().map(|it| is_administrator(it)).collect();
        let known = |principal: &Principal| unknown(principal).is_none();
        let subjects: Vec<Subject<'_>> =
            self.list.iter().filter(|it| known(it)).map(|it| subject(it)).collect();
        let found = paths(&subjects, &self.surroundings(&admins));
        let one = |(principal, admin): (&&Principal, &Truth)| {
            let path = found.iter().find(|path| path.start == principal.name);
            let outcome = match (admin, unknown(principal), path) {
                (Truth::True, _, _) => Standing::Administrator,
                (_, Some(why), _) => Standing::Unknown(why),
                (_, None, Some(path)) => Standing::Path(path.clone()),
                (Truth::Unknown, None, None) => {
                    Standing::Unknown("whether it is an administrator cannot be decided".into())
                }
                (Truth::False, None, None) => Standing::Confined,
            };
            let notes = match &outcome {
                Standing::Administrator | Standing::Path(_) => notes(membership),
                Standing::Confined | Standing::Unknown(_) => Vec::new(),
            };
            Escalation { principal: principal.name.clone(), outcome, notes }
        };
        self.list.iter().zip(&admins).map(one).collect()
    }

    fn surroundings<'a>(&'a self, admins: &[Truth]) -> Surroundings<'a> {
        let mut around = Surroundings { users: Some(Vec::new()), roles: Some(Vec::new()) };
        for (principal, admin) in self.list.iter().zip(admins) {
            let other = Other {
                arn: &principal.name,
                trust: principal.trust.as_deref(),
                managed: principal.managed.as_ref().map(|list| texts(list)),
                privileged: *admin,
            };
            let role = matches!(principal.caller, Caller::Role { .. });
            let list = if role { &mut around.roles } else { &mut around.users };
            list.get_or_insert_default().push(other);
        }
        let [users, roles] = self.whole;
        around.users = around.users.filter(|_| users);
        around.roles = around.roles.filter(|_| roles);
        around
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn subject(principal: &Principal) -> Subject<'_> {
    let boundary = principal.boundary.as_ref().and_then(|set| set.documents().first());
    Subject {
        arn: Some(&principal.name),
        policies: principal.identity.documents().iter().map(AsRef::as_ref).collect(),
        boundary: boundary.map(AsRef::as_ref),
        controls: Vec::new(),
        groups: principal.groups.as_ref().map(|list| texts(list)),
        managed: principal.managed.as_ref().map(|list| texts(list)),
        keys: Default::default(),
    }
}

/// Why a principal's permissions are not wholly known, if they are not.
fn unknown(principal: &Principal) -> Option<String> {
    let sets = [Some(&principal.identity), principal.boundary.as_ref()];
    let missing = sets.into_iter().flatten().find_map(PolicySet::missing)?;
    Some(format!("its policies are not all known: {missing}"))
}

fn is_administrator(principal: &Principal) -> Truth {
    if unknown(principal).is_some() {
        return Truth::Unknown;
    }
    let owned = |set: &PolicySet| -> Vec<Document> {
        set.documents().iter().map(|document| (**document).clone()).collect()
    };
    let identity = owned(&principal.identity);
    let boundary = principal.boundary.as_ref().map(owned).unwrap_or_default();
    let policies = Policies { identity: &identity, boundary: boundary.first(), controls: &[] };
    administrator(&policies).is_equivalent()
}

fn notes(membership: &Membership) -> Vec<String> {
    match membership {
        Membership::None | Membership::Management(_) => Vec::new(),
        Membership::Member(id) => vec![format!(
            "service control policies of organization {id} are not in the snapshot and may prevent it"
        )],
        Membership::Unknown => vec![
            "whether the account is in an organization is not in the snapshot; its service control \
             policies may prevent it"
                .to_owned(),
        ],
    }
}
