//! Callers: the finitely many kinds of principals that a policy can tell apart, and how far away
//! each one is from the owner of the policy.

use std::collections::BTreeSet;

use super::super::atoms::Pattern;
use super::super::space::glob;
use super::federation::Provider;
use super::mentions::Mentions;
use super::trust::Trust;

/// How far outside a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// From anyone: nothing about the request is tied to a named account, network or identity.
    World,
    /// From somebody named, or somebody in a named place, whom the zone of trust does not include.
    Outsider,
    /// From somebody who may be inside or outside; the text says what would have to be known.
    Unclear(String),
    /// From another account inside the zone of trust.
    Member,
}

/// A kind of caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) struct Caller {
    pub(in crate::iam) identity: Identity,
    pub(in crate::iam) reach: Reach,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) enum Identity {
    /// Without credentials.
    Anonymous,
    /// A principal of an account.
    Account { id: String, organization: Organization, individual: Individual },
    /// An AWS service, on behalf of a resource in some account.
    Service { name: String, source: Source },
    /// Somebody whom an identity provider vouches for.
    Federated { provider: String },
    /// An account by the canonical id that S3 uses.
    Canonical { id: String },
}

/// The organization of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) enum Organization {
    /// The account is in none.
    None,
    /// The account is in this one, in a unit with one of these paths.
    Member { id: Option<String>, paths: Vec<Pattern> },
}

/// A principal within an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) enum Individual {
    /// The root user.
    Root,
    /// A user whom no statement names.
    User,
    /// A session of a role that no statement names.
    Role,
    /// The principal with this ARN, which a statement names.
    Named(String),
}

/// On whose behalf a service calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) enum Source {
    /// A resource of this account.
    Account { id: String, organization: Organization },
    /// A resource whose ARN does not name an account, for instance a bucket that a statement names.
    Unnamed,
}

/// What the principal elements of a policy name.
#[derive(Debug, Clone, Default)]
pub(in crate::iam) struct Names {
    /// Account ids.
    pub(in crate::iam) accounts: BTreeSet<String>,
    /// ARNs of users, roles and sessions.
    pub(in crate::iam) arns: BTreeSet<String>,
    pub(in crate::iam) services: BTreeSet<String>,
    pub(in crate::iam) providers: BTreeSet<String>,
    pub(in crate::iam) canonical: BTreeSet<String>,
}

/// The most callers asked about.
const MOST: usize = 2_048;

/// The most unnamed accounts and organizations tried.
const FRESH: usize = 64;

/// All callers that a policy can tell apart, nearest to the world first.
#[derive(Debug)]
pub(in crate::iam) struct Callers {
    pub(in crate::iam) list: Vec<Caller>,
    /// Whether they stand for everybody.
    pub(in crate::iam) complete: bool,
}

/// Lists the callers outside of `owner`.
pub(in crate::iam) fn callers(
    owner: &str,
    trust: &Trust,
    names: &Names,
    mentions: &Mentions,
) -> Callers {
    let known: BTreeSet<String> =
        trust.accounts.iter().cloned().chain([owner.to_owned()]).collect();
    let trusted_ids = trust.units().filter_map(|(id, _)| id.map(str::to_owned));
    let trusted: BTreeSet<String> = trust.orgs.iter().cloned().chain(trusted_ids).collect();
    let accounts = mentions.fresh_accounts(&known, FRESH);
    let organizations = mentions.fresh_organizations(&trusted, FRESH);
    let mut census = Census {
        mentions,
        names,
        individuals: mentions.uses_any(INDIVIDUAL_KEYS),
        organizations: mentions.uses_any(ORGANIZATION_KEYS),
        complete: accounts.complete && organizations.complete,
        list: vec![Caller { identity: Identity::Anonymous, reach: Reach::World }],
    };
    let mut strange: Vec<Organization> = vec![Organization::None];
    if census.organizations {
        strange.extend(organizations.names.iter().map(|id| whole(id)));
    }
    for id in &accounts.names {
        for organization in &strange {
            census.account(id, organization, Reach::World);
            census.services(id, organization, Reach::World);
        }
    }
    census.outsiders(&accounts.names, &strange, &known, trust);
    census.members(owner, accounts.names.first(), trust);
    census.others(owner, trust);
    Callers { list: census.list, complete: census.complete }
}

/// The keys that tell principals of one account apart.
const INDIVIDUAL_KEYS: &[&str] = &[
    "aws:principalarn",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:tokenissuetime",
    "aws:assumedroot",
    "aws:federatedprovider",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
];

const ORGANIZATION_KEYS: &[&str] =
    &["aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"];

struct Census<'a> {
    mentions: &'a Mentions,
    names: &'a Names,
    /// Whether principals of one account need to be told apart.
    individuals: bool,
    /// Whether organizations matter.
    organizations: bool,
    /// Whether there was room for all.
    complete: bool,
    list: Vec<Caller>,
}

impl Census<'_> {
    /// Adds a caller, if there is room.
    fn add(&mut self, identity: Identity, reach: Reach) {
        if self.has_room() {
            self.list.push(Caller { identity, reach });
        }
    }

    /// Whether there is room for one more; who asks has one more.
    fn has_room(&mut self) -> bool {
        let room = self.list.len() < MOST;
        self.complete &= room;
        room
    }

    fn account(&mut self, id: &str, organization: &Organization, reach: Reach) {
        if !self.has_room() {
            return;
        }
        let mut individuals = vec![Individual::Role];
        if self.individuals {
            individuals.extend([Individual::User, Individual::Root]);
        }
        let own = self.names.arns.iter().filter(|arn| account_of(arn) == Some(id));
        individuals.extend(own.map(|arn| Individual::Named(arn.clone())));
        for individual in individuals {
            let (id, organization) = (id.to_owned(), organization.clone());
            self.add(Identity::Account { id, organization, individual }, reach.clone());
        }
    }

    /// Services on behalf of an account: every service that is named, and one that is not.
    fn services(&mut self, id: &str, organization: &Organization, reach: Reach) {
        if !self.has_room() {
            return;
        }
        let source = Source::Account { id: id.to_owned(), organization: organization.clone() };
        self.service_names().into_iter().for_each(|name| {
            let identity = Identity::Service { name, source: source.clone() };
            self.add(identity, reach.clone());
        });
    }

    fn service_names(&self) -> BTreeSet<String> {
        let keys = ["aws:principalservicename", "aws:principalservicenameslist"];
        let tested = keys.iter().flat_map(|key| self.mentions.fixed(key));
        let mut names: BTreeSet<String> = self.names.services.clone();
        names.extend(tested.filter_map(|pattern| pattern.as_literal()));
        names.insert(OTHER_SERVICE.to_owned());
        names
    }

    /// Accounts and organizations that are named but not trusted.
    fn outsiders(
        &mut self,
        fresh: &[String],
        strange: &[Organization],
        known: &BTreeSet<String>,
        trust: &Trust,
    ) {
        let named: Vec<Organization> = self
            .mentions
            .organizations
            .iter()
            .filter(|id| !trust.has_organization(id))
            .map(|id| Organization::Member {
                id: Some(id.clone()),
                paths: vec![glob(&format!("{id}/*"))],
            })
            .collect();
        for id in fresh {
            for organization in &named {
                self.account(id, organization, Reach::Outsider);
                self.services(id, organization, Reach::Outsider);
            }
        }
        let in_arns = self.names.arns.iter().filter_map(|arn| account_of(arn).map(str::to_owned));
        let mut accounts: BTreeSet<String> = self.mentions.accounts.clone();
        accounts.extend(in_arns);
        for id in accounts.difference(known) {
            for organization in strange.iter().chain(&named) {
                self.account(id, organization, Reach::Outsider);
                self.services(id, organization, Reach::Outsider);
            }
        }
        if self.mentions.unowned_sources().next().is_some() {
            for name in self.service_names() {
                let reason = "the account that owns the named source resource is not known";
                let identity = Identity::Service { name, source: Source::Unnamed };
                self.add(identity, Reach::Unclear(reason.into()));
            }
        }
    }

    /// Other accounts inside the zone of trust.
    fn members(&mut self, owner: &str, fresh: Option<&String>, trust: &Trust) {
        let mut homes: Vec<Organization> = trust.orgs.iter().map(|id| whole(id)).collect();
        homes.extend(trust.units().map(|(organization, path)| Organization::Member {
            id: organization.map(str::to_owned),
            paths: vec![path],
        }));
        let colleague = fresh.map_or(COLLEAGUE, String::as_str);
        for home in &homes {
            self.account(colleague, home, Reach::Member);
        }
        for id in trust.accounts.iter().filter(|id| *id != owner) {
            for home in homes.iter().chain([&Organization::None]) {
                self.account(id, home, Reach::Member);
            }
        }
    }

    /// Identity providers and canonical ids.
    fn others(&mut self, owner: &str, trust: &Trust) {
        for provider in &self.names.providers {
            let ours = account_of(provider).is_some_and(|id| id == owner || trust.has_account(id));
            let reach = match (Provider::parse(provider).is_open(), ours) {
                (true, _) => Reach::World,
                (false, true) => Reach::Member,
                (false, false) => Reach::Outsider,
            };
            self.add(Identity::Federated { provider: provider.clone() }, reach);
        }
        for id in &self.names.canonical {
            let inside = trust.has_account(id);
            let reach = if inside { Reach::Member } else { Reach::Outsider };
            self.add(Identity::Canonical { id: id.clone() }, reach);
        }
    }
}

/// An account that no text names, for organizations that are trusted as a whole.
const COLLEAGUE: &str = "777788889999";

/// A service that no statement names.
const OTHER_SERVICE: &str = "another-service.amazonaws.com";

fn whole(id: &str) -> Organization {
    Organization::Member { id: Some(id.to_owned()), paths: vec![glob(&format!("{id}/*"))] }
}

/// The account segment of an ARN.
pub(in crate::iam) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|id| !id.is_empty())
}
