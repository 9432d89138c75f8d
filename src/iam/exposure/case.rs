//! Cases: who calls, over which network, and what policy variables stand for. Together the cases
//! of a policy are every request from outside there is.

use std::collections::{BTreeMap, BTreeSet};

use super::super::atoms::AddressRange;
use super::super::space::{Fact, Frame, Substitution};
use super::caller::{Caller, Identity, Reach};
use super::facts::{NETWORK_KEYS, Naming, Network, Scenario};
use super::mentions::Mentions;
use super::trust::Trust;

/// One case.
pub(in crate::iam) struct Case<'a> {
    pub(in crate::iam) scenario: Scenario<'a>,
    pub(in crate::iam) reach: Reach,
    /// What variables stand for, as far as it is certain here.
    pub(in crate::iam) variables: Substitution,
    /// Keys that the case fixes beyond what the scenario knows.
    fixed: BTreeMap<Box<str>, Fact>,
    /// Whether every variable has a certain value.
    pub(in crate::iam) exact: bool,
}

impl Frame for Case<'_> {
    fn fact(&self, key: &str) -> Fact {
        self.fixed.get(key).cloned().unwrap_or_else(|| self.scenario.fact(key))
    }
}

/// What all cases share.
pub(in crate::iam) struct Setting<'a> {
    pub(in crate::iam) owner: &'a str,
    pub(in crate::iam) trust: &'a Trust,
    pub(in crate::iam) mentions: &'a Mentions,
    pub(in crate::iam) named: &'a BTreeSet<String>,
    pub(in crate::iam) internet: &'a [AddressRange],
    /// Whether one fresh value stands for all values of a variable.
    pub(in crate::iam) fresh_suffices: bool,
    /// Whether requests come through an endpoint in the first place.
    pub(in crate::iam) endpoint: bool,
}

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
pub(in crate::iam) fn cases<'a>(setting: &Setting<'a>, caller: &'a Caller) -> Vec<Case<'a>> {
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
            with_variables(scenario, &reach, setting.fresh_suffices, &mut cases);
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
fn with_variables<'a>(
    scenario: Scenario<'a>,
    reach: &Reach,
    fresh_suffices: bool,
    cases: &mut Vec<Case<'a>>,
) {
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
    // With several variables some may be present and others absent.
    if !fresh_suffices || !fits || (may_be_absent && open.len() > 1) {
        cases.push(case(scenario, known, BTreeMap::new(), false));
    }
}
