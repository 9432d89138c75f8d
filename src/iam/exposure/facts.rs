//! What AWS vouches for: which condition keys a request has, and with which values, given who
//! makes it and from where.
//!
//! Keys fall into three groups. Some follow from the caller (`aws:PrincipalAccount`), some from the
//! network (`aws:SourceIp`), and all others are the caller's to choose (`aws:UserAgent`, tags, an
//! external id), so that nothing about them can be relied on. Source: IAM User Guide,
//! reference_policies_condition-keys.

use std::collections::BTreeSet;

use super::super::atoms::{AddressRange, Family, Pattern, Token, address_cells};
use super::super::space::{Allowed, Fact, Frame, arn, glob, literal};
use super::caller::{Caller, Identity, Individual, Organization, Source, account_of};
use super::federation;
use super::mentions::Mentions;
use super::trust::Trust;

/// Whether the networks and ids that AWS vouches for are ones that the policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::iam) enum Naming {
    /// None that the policy names in full: such as anyone can have.
    Fresh,
    /// Networks may be named ones, as long as they are not trusted.
    Networks,
    /// Unique ids of principals may be named ones, too: nobody knows whose they are.
    Ids,
}

/// The way a request takes to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) enum Network {
    /// A public address.
    Internet,
    /// A VPC endpoint.
    Endpoint,
    /// Any: nothing about it is relied on.
    Any,
}

/// Keys about the network of a request.
pub(in crate::iam) const NETWORK_KEYS: &[&str] = &[
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// A caller on a network: everything that decides about the keys AWS vouches for.
#[derive(Clone)]
pub(in crate::iam) struct Scenario<'a> {
    pub(in crate::iam) caller: &'a Caller,
    pub(in crate::iam) naming: Naming,
    pub(in crate::iam) network: Network,
    pub(in crate::iam) owner: &'a str,
    pub(in crate::iam) trust: &'a Trust,
    pub(in crate::iam) mentions: &'a Mentions,
    /// The principals that statements name, by ARN.
    pub(in crate::iam) named: &'a BTreeSet<String>,
    /// The public addresses outside the zone of trust.
    pub(in crate::iam) internet: &'a [AddressRange],
    /// Whether the policy is that of an endpoint, whose network is the owner's.
    pub(in crate::iam) endpoint: bool,
}

impl Frame for Scenario<'_> {
    fn fact(&self, key: &str) -> Fact {
        if let Some(fact) = self.network_fact(key) {
            return fact;
        }
        if let Some(fact) = self.constant_fact(key) {
            return fact;
        }
        match &self.caller.identity {
            Identity::Anonymous => anonymous_fact(key),
            Identity::Account { id, organization, individual } => {
                self.account_fact(key, id, organization, individual)
            }
            Identity::Service { name, source } => self.service_fact(key, name, source),
            Identity::Federated { provider } => {
                federation::fact(provider, key, self.mentions, self.naming)
            }
            Identity::Canonical { .. } => unknown_account_fact(key),
        }
    }
}

impl Scenario<'_> {
    /// Keys about the way the request takes.
    fn network_fact(&self, key: &str) -> Option<Fact> {
        if self.network == Network::Any {
            return NETWORK_KEYS.contains(&key).then(Fact::free);
        }
        let endpoint = self.network == Network::Endpoint;
        let service = matches!(self.caller.identity, Identity::Service { .. });
        let fact = match key {
            "aws:sourceip" if endpoint => Fact::absent(),
            // A service calls from addresses of its own, and may not show them.
            "aws:sourceip" => {
                Fact { absent: service, values: Allowed::Addresses(self.internet.to_vec()) }
            }
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" | "aws:sourcevpcarn"
            | "aws:vpceaccount" | "aws:vpceorgid" | "aws:vpceorgpaths"
                if !endpoint =>
            {
                Fact::absent()
            }
            "aws:sourcevpc" | "aws:sourcevpce" if self.endpoint => Fact::present(),
            "aws:sourcevpc" => Fact::within([glob("vpc-*")]).except(self.foreign(key)),
            "aws:sourcevpce" => Fact::within([glob("vpce-*")]).except(self.foreign(key)),
            "aws:vpcsourceip" => Fact::present(),
            "aws:sourcevpcarn" => Fact::within([arn("arn:*:ec2:*:*:vpc/*")])
                .except(self.foreign(key))
                .except(self.inside_arns()),
            "aws:vpceaccount" => self.foreign_account(key),
            "aws:vpceorgid" => {
                let trusted = self.trust.orgs.iter().map(|id| literal(id));
                Fact::within([glob("o-*")]).except(self.foreign(key)).except(trusted).or_absent()
            }
            "aws:vpceorgpaths" => Fact::free().except(self.foreign(key)).except(self.trust.paths()),
            _ => return None,
        };
        Some(fact)
    }

    /// Keys about the request or the resource.
    fn constant_fact(&self, key: &str) -> Option<Fact> {
        let fact = match key {
            "aws:securetransport" | "aws:viaawsservice" => Fact::exactly(["true", "false"]),
            "aws:currenttime" | "aws:epochtime" | "aws:requestedregion" => Fact::present(),
            "aws:resourceaccount" if !self.owner.is_empty() => Fact::exactly([self.owner]),
            "aws:resourceorgid" => match self.trust.orgs.as_slice() {
                [only] => Fact::exactly([only]),
                _ => Fact::within([glob("o-*")]).except(self.strange_organization()).or_absent(),
            },
            "s3:dataaccesspointaccount" => self.foreign_account(key).or_absent(),
            "s3:dataaccesspointarn" => Fact::within([arn("arn:*:s3:*:*:accesspoint/*")])
                .except(self.foreign(key))
                .except(self.inside_arns())
                .or_absent(),
            _ => return None,
        };
        Some(fact)
    }

    /// The values of a key that AWS vouches for which a stranger cannot have here.
    fn foreign(&self, key: &str) -> Vec<Pattern> {
        match self.naming {
            Naming::Fresh => self.mentions.fixed(key),
            Naming::Networks | Naming::Ids => self.trust.networks(),
        }
    }

    /// An account outside the zone of trust.
    fn foreign_account(&self, key: &str) -> Fact {
        let inside = self.trust.accounts.iter().map(String::as_str).chain([self.owner]);
        Fact::within([Pattern::new([Token::One; 12])]).except(inside.map(literal)).except(
            if self.naming == Naming::Fresh { self.mentions.fixed(key) } else { Vec::new() },
        )
    }

    /// ARNs of accounts inside the zone of trust; in fresh scenarios, of all accounts named.
    fn inside_arns(&self) -> Vec<Pattern> {
        let inside = self.trust.accounts.iter().map(String::as_str).chain([self.owner]);
        let named = self.mentions.accounts.iter().map(String::as_str);
        let named = named.filter(|_| self.naming == Naming::Fresh);
        inside.chain(named).map(|id| arn(&format!("arn:*:*:*:{id}:*"))).collect()
    }

    fn strange_organization(&self) -> Vec<Pattern> {
        match &self.caller.identity {
            Identity::Account {
                organization: Organization::Member { id: Some(id), .. }, ..
            } => {
                vec![literal(id)]
            }
            _ => Vec::new(),
        }
    }

    fn account_fact(
        &self,
        key: &str,
        id: &str,
        organization: &Organization,
        individual: &Individual,
    ) -> Fact {
        match key {
            "aws:principalaccount" | "kms:calleraccount" | "aws:sourceowner" => Fact::exactly([id]),
            "aws:principalorgid" => organization_id(organization),
            "aws:principalorgpaths" => {
                organization_paths(organization, self.trust, &self.caller.reach)
            }
            "aws:principalisawsservice" => Fact::exactly(["false"]),
            key if source_key(key) || service_key(key) => Fact::absent(),
            key => self.individual_fact(key, id, individual),
        }
    }

    fn individual_fact(&self, key: &str, id: &str, individual: &Individual) -> Fact {
        let named = match individual {
            Individual::Named(arn) => Some(arn.as_str()),
            Individual::Root | Individual::User | Individual::Role => None,
        };
        let user = match named {
            Some(arn) => arn.contains(":user/"),
            None => *individual == Individual::User,
        };
        let root = *individual == Individual::Root;
        match key {
            "aws:principalarn" => match named {
                Some(arn) => principal_arn(arn),
                None => self.unnamed_arn(id, individual),
            },
            "aws:principaltype" if root => Fact::exactly(["Account"]),
            "aws:principaltype" if user => Fact::exactly(["User"]),
            "aws:principaltype" => Fact::within([literal("AssumedRole"), literal("FederatedUser")]),
            "aws:username" if user => match named.and_then(|arn| arn.rsplit('/').next()) {
                Some(name) => Fact::exactly([name]),
                None => Fact::present(),
            },
            "aws:username" => Fact::absent(),
            "aws:userid" if root => Fact::exactly([id]),
            "aws:userid" => self.unique_id(if user { "AIDA" } else { "AROA" }, user),
            "aws:tokenissuetime" if !user && !root => Fact::present(),
            _ => Fact::free(),
        }
    }

    fn unnamed_arn(&self, id: &str, individual: &Individual) -> Fact {
        let named = self.named_arns(id);
        match individual {
            Individual::Root => Fact::within([arn(&format!("arn:aws*:iam::{}:root", plain(id)))]),
            Individual::User => {
                Fact::within([arn(&format!("arn:aws*:iam::{}:user/?*", plain(id)))]).except(named)
            }
            Individual::Role | Individual::Named(_) => {
                Fact::within([arn(&format!("arn:aws*:iam::{}:role/?*", plain(id)))]).except(named)
            }
        }
    }

    /// Principals that statements name are callers of their own. A stranger does not have an ARN
    /// that a condition spells out, either.
    fn named_arns(&self, id: &str) -> Vec<Pattern> {
        let own = self.named.iter().filter(|arn| account_of(arn) == Some(id));
        let mut named: Vec<Pattern> = own.map(|arn| literal(arn)).collect();
        if self.caller.reach == super::Reach::World {
            named.extend(self.mentions.fixed("aws:principalarn"));
        }
        named
    }

    /// The unique id of a role or user: nobody can choose it.
    fn unique_id(&self, prefix: &str, user: bool) -> Fact {
        let session = if user { "" } else { ":*" };
        match self.naming {
            Naming::Ids => Fact::within([glob(&format!("{prefix}*{session}"))]),
            Naming::Fresh | Naming::Networks => {
                let pinned = self.mentions.values("aws:userid").iter().filter_map(pinned_id);
                Fact::within([glob(&format!("{prefix}?????????????????{session}"))])
                    .except(self.mentions.fixed("aws:userid"))
                    .except(pinned)
            }
        }
    }

    fn service_fact(&self, key: &str, name: &str, source: &Source) -> Fact {
        match (key, source) {
            ("aws:principalisawsservice", _) => Fact::exactly(["true"]),
            ("aws:principalservicename" | "aws:principalservicenameslist", _) => {
                Fact::exactly([name])
            }
            ("aws:sourcearn", Source::Account { id, .. }) => self.source_arn(id),
            ("aws:sourcearn", Source::Unnamed) => Fact::within(self.unowned_sources("", "")),
            ("aws:sourceaccount" | "aws:sourceowner", Source::Account { id, .. }) => {
                Fact::exactly([id])
            }
            ("aws:sourceorgid", Source::Account { organization, .. }) => {
                organization_id(organization)
            }
            ("aws:sourceorgpaths", Source::Account { organization, .. }) => {
                organization_paths(organization, self.trust, &self.caller.reach)
            }
            ("aws:sourceaccount" | "aws:sourceowner", Source::Unnamed) => self.foreign_account(key),
            (key, _) if source_key(key) => Fact::free(),
            (key, _) if caller_key(key) => Fact::absent(),
            _ => Fact::free(),
        }
    }

    /// ARNs of resources of an account; those of buckets name none, and a bucket that the policy
    /// names is not anyone's.
    fn source_arn(&self, id: &str) -> Fact {
        Fact::within([arn(&format!("arn:aws*:?*:*:{}:?*", plain(id))), arn("arn:aws*:s3:::?*")])
            .except(self.unowned_sources("*", "*"))
    }

    /// The source ARNs in the policy that name a resource but no account, with these segments for
    /// region and account.
    fn unowned_sources(&self, region: &str, account: &str) -> Vec<Pattern> {
        let resources = self.mentions.unowned_sources();
        resources
            .map(|name| arn(&format!("arn:aws*:s3:{region}:{account}:{}", plain(&name))))
            .collect()
    }
}

/// The part of a unique id that a pattern fixes: nobody else has such an id.
fn pinned_id(pattern: &Pattern) -> Option<Pattern> {
    let id: Vec<Token> = pattern
        .tokens()
        .iter()
        .copied()
        .take_while(|t| matches!(t, Token::Char(c) if *c != ':'))
        .collect();
    (id.len() >= 16).then(|| Pattern::new(id.into_iter().chain([Token::Run])))
}

/// A text inside a glob of ours: it must not bring wildcards with it.
fn plain(text: &str) -> String {
    text.replace(['*', '?'], "\u{fffd}")
}

fn organization_id(organization: &Organization) -> Fact {
    match organization {
        Organization::None => Fact::absent(),
        Organization::Member { id: Some(id), .. } => Fact::exactly([id]),
        Organization::Member { id: None, .. } => Fact::within([glob("o-*")]),
    }
}

fn organization_paths(organization: &Organization, trust: &Trust, reach: &super::Reach) -> Fact {
    match organization {
        Organization::None => Fact::absent(),
        Organization::Member { paths, .. } => {
            let outside = *reach != super::Reach::Member;
            let trusted = if outside { trust.paths() } else { Vec::new() };
            Fact::within(paths.iter().cloned()).except(trusted)
        }
    }
}

/// The value of `aws:PrincipalArn` for a principal that a statement names: for the session of a
/// role it is the role, whose path the session's ARN leaves out.
fn principal_arn(name: &str) -> Fact {
    let session = name.split_once(":sts::").and_then(|(start, rest)| {
        let (account, resource) = rest.split_once(":assumed-role/")?;
        let role = resource.split('/').next()?;
        Some((format!("{start}:iam::{account}:role/"), role))
    });
    match session {
        Some((roles, role)) => Fact::within([
            literal(&format!("{roles}{role}")),
            glob(&format!("{}*/{}", plain(&roles), plain(role))),
        ]),
        None => Fact::exactly([name]),
    }
}

/// Whether AWS or an identity provider may vouch for the values of a key.
pub(in crate::iam) fn is_bound(key: &str) -> bool {
    let free =
        ["", "aws:requesttag/", "aws:resourcetag/", "aws:tagkeys", "s3:", "kms:", "ec2:", "iam:"];
    let vouched = ["s3:dataaccesspoint", "kms:calleraccount"];
    !free.iter().any(|prefix| key == *prefix || (!prefix.is_empty() && key.starts_with(prefix)))
        || vouched.iter().any(|prefix| key.starts_with(prefix))
}

/// Whether who calls decides about a key.
pub(in crate::iam) fn follows_from_caller(key: &str) -> bool {
    matches!(key, "aws:principaltype" | "aws:principalisawsservice")
        || service_key(key)
        || (caller_key(key) && !matches!(key, "aws:sourceidentity"))
}

/// Keys that only requests of services on behalf of a resource have.
fn source_key(key: &str) -> bool {
    matches!(key, "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths")
}

fn service_key(key: &str) -> bool {
    matches!(key, "aws:principalservicename" | "aws:principalservicenameslist")
}

/// Keys about a principal with credentials of an account.
fn caller_key(key: &str) -> bool {
    key.starts_with("aws:principaltag/")
        || matches!(
            key,
            "aws:principalaccount"
                | "aws:principalarn"
                | "aws:principalorgid"
                | "aws:principalorgpaths"
                | "aws:username"
                | "aws:userid"
                | "kms:calleraccount"
                | "aws:sourceidentity"
                | "aws:multifactorauthpresent"
                | "aws:multifactorauthage"
                | "aws:tokenissuetime"
                | "aws:federatedprovider"
                | "aws:assumedroot"
        )
}

fn anonymous_fact(key: &str) -> Fact {
    match key {
        "aws:principaltype" => Fact::exactly(["Anonymous"]),
        "aws:userid" => Fact::exactly(["anonymous"]),
        "aws:principalisawsservice" => Fact::exactly(["false"]),
        "aws:sourceowner" => Fact::absent(),
        key if caller_key(key) || source_key(key) || service_key(key) => Fact::absent(),
        _ => Fact::free(),
    }
}

/// A canonical id says which account, but not its number.
fn unknown_account_fact(key: &str) -> Fact {
    match key {
        "aws:principalisawsservice" => Fact::exactly(["false"]),
        key if source_key(key) || service_key(key) => Fact::absent(),
        _ => Fact::free(),
    }
}

/// Addresses that no request from the internet has: private, local, reserved (RFC 6890).
const RESERVED: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
];

/// The public addresses that are not trusted.
pub(in crate::iam) fn internet(trust: &Trust) -> Vec<AddressRange> {
    let mut closed: Vec<AddressRange> =
        RESERVED.iter().filter_map(|text| AddressRange::parse(text)).collect();
    closed.extend(trust.ranges());
    let global = AddressRange::parse("2000::/3");
    let mut cuts = closed.clone();
    cuts.extend(global);
    address_cells(&cuts)
        .into_iter()
        .filter(|cell| !closed.iter().any(|range| range.covers(cell)))
        .filter(|cell| cell.family == Family::V4 || global.is_some_and(|all| all.covers(cell)))
        .collect()
}
