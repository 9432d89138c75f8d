//! Cases: who calls, over which network, and what policy variables stand for. Together the cases
//! of a policy are every request from outside there is.

use std::collections::{BTreeMap, BTreeSet};

use super::super::atoms::AddressRange;
use super::super::space::{Fact, Frame, Substitution};
use super::caller::{Caller, Identity, Reach};
use super::facts::{Naming, Network, Scenario};
use super::mentions::Mentions;
use super::trust::Trust;

/// One case.
pub(super) struct Case<'a> {
    pub(super) scenario: Scenario<'a>,
    pub(super) reach: Reach,
    /// What variables stand for, as far as it is certain here.
    pub(super) variables: Substitution,
    /// Keys that the case fixes beyond what the scenario knows.
    fixed: BTreeMap<Box<str>, Fact>,
    /// Whether every variable has a certain value.
    pub(super) exact: bool,
}

impl Frame for Case<'_> {
    fn fact(&self, key: &str) -> Fact {
        self.fixed.get(key).cloned().unwrap_or_else(|| self.scenario.fact(key))
    }
}

/// What all cases share.
pub(super) struct Setting<'a> {
    pub(super) owner: &'a str,
    pub(super) trust: &'a Trust,
    pub(super) mentions: &'a Mentions,
    pub(super) named: &'a BTreeSet<String>,
    pub(super) internet: &'a [AddressRange],
    /// Whether requests come through an endpoint in the first place.
    pub(super) endpoint: bool,
}

/// Keys that tell networks apart.
const NETWORK_KEYS: &[&str] = &[
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Keys that name a place which belongs to somebody.
const PLACE_KEYS: &[&str] = &[
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// The cases of a caller.
pub(super) fn cases<'a>(setting: &Setting<'a>, caller: &'a Caller) -> Vec<Case<'a>> {
    let mentions = setting.mentions;
    let mut namings = vec![(Naming::Fresh, caller.reach.clone())];
    if caller.reach != Reach::World && !has_provider_claims(caller) {
        namings = vec![(Naming::Networks, caller.reach.clone())];
    } else if mentions.uses_any(PLACE_KEYS) || has_provider_claims(caller) {
        namings.push((Naming::Networks, named_reach(caller)));
    }
    if caller.reach != Reach::Member
        && mentions.uses("aws:userid")
        && matches!(caller.identity, Identity::Account { .. })
    {
        let reason = "whose unique principal id the policy names is not known";
        namings.push((Naming::Ids, Reach::Unclear(reason.into())));
    }
    let service = matches!(caller.identity, Identity::Service { .. });
    let networks: &[Network] = match (setting.endpoint, mentions.uses_any(NETWORK_KEYS)) {
        (true, _) => &[Network::Endpoint],
        (false, true) if !service => &[Network::Internet, Network::Endpoint],
        (false, _) => &[Network::Internet],
    };
    let mut cases = Vec::new();
    for (naming, reach) in namings {
        for network in networks {
            let scenario = Scenario {
                caller,
                naming,
                network: *network,
                owner: setting.owner,
                trust: setting.trust,
                mentions,
                named: setting.named,
                internet: setting.internet,
                endpoint: setting.endpoint,
            };
            with_variables(scenario, &reach, &mut cases);
        }
    }
    cases
}

fn has_provider_claims(caller: &Caller) -> bool {
    matches!(caller.identity, Identity::Federated { .. })
}

/// Somebody in a named place, or with a claim that a policy names. A provider of the owner's own
/// account was set up for such callers.
fn named_reach(caller: &Caller) -> Reach {
    match &caller.identity {
        Identity::Federated { provider } if provider.starts_with("arn:") => Reach::Member,
        Identity::Federated { .. }
        | Identity::Anonymous
        | Identity::Account { .. }
        | Identity::Service { .. }
        | Identity::Canonical { .. } => Reach::Outsider,
    }
}

/// The scenario with all variables present with values of their own, with all of them absent, and
/// with nothing assumed. The first two are exact, the last one covers everything.
fn with_variables<'a>(scenario: Scenario<'a>, reach: &Reach, cases: &mut Vec<Case<'a>>) {
    let mut known = Substitution::default();
    let mut open = Vec::new();
    for key in &scenario.mentions.variables {
        let fact = scenario.fact(key);
        if fact.is_absent() {
            known.set(key, None);
        } else if let Some(value) = fact.only_value() {
            known.set(key, Some(&value));
        } else {
            open.push((key, fact));
        }
    }
    let case = |scenario, variables, fixed, exact| Case {
        scenario,
        reach: reach.clone(),
        variables,
        fixed,
        exact,
    };
    if open.is_empty() {
        cases.push(case(scenario, known, BTreeMap::new(), true));
        return;
    }
    let (mut present, mut absent) = (known.clone(), known.clone());
    let (mut values, mut nothing) = (BTreeMap::new(), BTreeMap::new());
    let mut may_be_absent = true;
    for (number, (key, fact)) in open.iter().enumerate() {
        let value = format!("value-{number}-of-a-stranger");
        present.set(key, Some(&value));
        values.insert((*key).clone(), Fact::exactly([&value]));
        absent.set(key, None);
        nothing.insert((*key).clone(), Fact::absent());
        may_be_absent &= fact.absent;
    }
    let fits = open
        .iter()
        .enumerate()
        .all(|(number, (_, fact))| fact.values.contains(&format!("value-{number}-of-a-stranger")));
    if fits {
        cases.push(case(scenario.clone(), present, values, true));
    }
    if may_be_absent {
        cases.push(case(scenario.clone(), absent, nothing, true));
    }
    cases.push(case(scenario, known, BTreeMap::new(), false));
}
