//! What the users and roles of an account are and can become: administrators, or by which steps.

use rayon::prelude::*;

use super::kleene::Answer;
use super::principals::Principal;
use crate::iam::admin::{Policies, administrator};
use crate::iam::document::Document;
use crate::iam::escalation::{Class, Other, Path, Subject, Surroundings, Survey, Verdict, survey};
use crate::iam::evaluate::PolicySet;
use crate::iam::principal::Caller;
use crate::iam::truth::Truth;

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
    path.verdict == Verdict::Certain && ends_higher(path)
}

/// Whether what a path ends with is certainly more: an administrator, or permissions of the principal's
/// choice.
pub fn ends_higher(path: &Path) -> bool {
    path.hops.last().is_some_and(|last| {
        last.gain.is_true() || (last.method.class == Class::Own && last.target.is_none())
    })
}

/// The principals of one account.
pub struct Room<'a> {
    /// Whether all users and all roles are known.
    pub whole: [bool; 2],
    /// The users and roles.
    pub list: Vec<&'a Principal>,
    /// The service control policies that hold for them, by level; those that are not known are left
    /// out of account.
    pub controls: &'a [Vec<Document>],
}

impl Room<'_> {
    /// The standing of each principal, in the order of the list.
    pub fn standings(&self) -> Vec<Standing> {
        let admins: Vec<Truth> = self.list.par_iter().map(|it| is_administrator(it)).collect();
        // What an administrator could do besides leads nowhere that matters: a path ends with it.
        let starts = self.list.iter().zip(&admins);
        let starts = starts.filter(|(it, admin)| !admin.is_true() && unknown(it).is_none());
        let subjects: Vec<Subject<'_>> = starts.map(|(it, _)| self.subject(it)).collect();
        let found = survey(&subjects, &self.surroundings(&admins));
        let one = |(principal, admin): (&&Principal, &Truth)| {
            let place = found.binary_search_by(|it| it.start.as_str().cmp(&principal.name));
            let found = place.ok().and_then(|place| found.get(place));
            match (admin, unknown(principal), found) {
                (Truth::True, _, _) => Standing::Administrator,
                (_, Some(why), _) => Standing::Unknown(why),
                (_, None, Some(Survey { path: Some(path), .. })) => Standing::Path(path.clone()),
                (Truth::Unknown, None, _) => {
                    Standing::Unknown("whether it is an administrator cannot be decided".into())
                }
                (_, None, Some(Survey { doubt: Some(why), .. })) => Standing::Unknown(why.clone()),
                (Truth::False, None, _) => Standing::Confined,
            }
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

    fn subject<'a>(&'a self, principal: &'a Principal) -> Subject<'a> {
        let boundary = principal.boundary.as_ref().and_then(|set| set.documents().first());
        // Roles of services are beyond the organization's policies.
        let controls = if principal.caller.is_service_linked() { &[] } else { self.controls };
        Subject {
            arn: Some(&principal.name),
            policies: principal.identity.documents().iter().map(AsRef::as_ref).collect(),
            boundary: boundary.map(AsRef::as_ref),
            controls: controls.iter().map(|level| level.iter().collect()).collect(),
            groups: principal.groups.as_ref().map(|list| texts(list)),
            managed: principal.managed.as_ref().map(|list| texts(list)),
            keys: Default::default(),
        }
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
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

/// Keys whose values a caller brings about by itself: it signs in with MFA, uses TLS, goes to another
/// region.
const IN_REACH: [&str; 6] = [
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:securetransport",
    "aws:requestedregion",
    "aws:useragent",
    "iam:passedtoservice",
];

/// Whether the principal can walk a path: yes where all that it takes was seen or is in its own reach;
/// not known where the path rests on something else.
pub fn walkable(path: &Path) -> Answer<bool> {
    let assumed = path.hops.iter().flat_map(|hop| &hop.assuming);
    let beyond = assumed.filter(|(key, _)| !IN_REACH.contains(&key.to_ascii_lowercase().as_str()));
    let words: Vec<String> = beyond.map(|(key, value)| format!("{key} {value}")).collect();
    if !words.is_empty() {
        let why = format!("{}, if {}", told(path), words.join(", "));
        return Err(crate::inventory::Reason::undecided(why));
    }
    if !ends_higher(path) {
        let why = format!("{}, if that is more than it has", told(path));
        return Err(crate::inventory::Reason::undecided(why));
    }
    Ok(true)
}

/// A path in words: each step with its requests and whom it leads to.
pub fn told(path: &Path) -> String {
    let step = |hop: &crate::iam::escalation::Finding| {
        let requests: Vec<String> = hop
            .requests
            .iter()
            .map(|(action, resource)| format!("{action} on {resource}"))
            .collect();
        let end = hop.target.as_ref().map_or_else(String::new, |it| format!(" to become {it}"));
        format!("{}{end}", requests.join(" and "))
    };
    path.hops.iter().map(step).collect::<Vec<_>>().join(", then ")
}
