//! Stances: who makes the request that two policies are compared on, and what variables stand for.

use super::super::document::Document;
use super::super::exposure::caller::{Caller, callers};
use super::super::exposure::facts::{self, Naming, Network, Scenario};
use super::super::exposure::mentions::Mentions;
use super::super::exposure::{Trust, policy};
use super::super::space::{Fact, Frame, Rule, Substitution, fresh_values_suffice};

/// One stance.
pub(super) struct Stance {
    /// Who calls; nobody in particular for policies without principals.
    pub(super) caller: Option<Caller>,
    /// What variables stand for.
    pub(super) variables: Substitution,
    /// Whether every variable has a certain value.
    pub(super) exact: bool,
    /// What the caller is compared with.
    mentions: std::rc::Rc<Mentions>,
}

/// All stances.
pub(super) struct Stances {
    pub(super) list: Vec<Stance>,
    /// Whether they stand for every request.
    pub(super) complete: bool,
}

impl Frame for Stance {
    fn fact(&self, key: &str) -> Fact {
        if let Some((_, value)) = self.variables.fixed().find(|(own, _)| *own == key) {
            return match value {
                Some(value) => Fact::exactly([value]),
                None => Fact::absent(),
            };
        }
        match &self.caller {
            Some(caller) => self.caller_fact(caller, key),
            None => general(key),
        }
    }
}

impl Stance {
    fn caller_fact(&self, caller: &Caller, key: &str) -> Fact {
        if !facts::follows_from_caller(key) {
            return general(key);
        }
        let scenario = Scenario {
            caller,
            naming: Naming::Ids,
            network: Network::Any,
            owner: "",
            trust: &Trust::default(),
            mentions: &self.mentions,
            named: &std::collections::BTreeSet::new(),
            internet: &[],
            endpoint: false,
        };
        scenario.fact(key)
    }
}

/// What holds for every request.
fn general(key: &str) -> Fact {
    match key {
        "aws:securetransport" => Fact::exactly(["true", "false"]),
        "aws:currenttime" | "aws:epochtime" => Fact::present(),
        _ => Fact::free(),
    }
}

/// The stances in which two documents are compared.
pub(super) fn stances(documents: [&Document; 2], rules: &[Rule<'_>]) -> Stances {
    let names = policy::names(documents.into_iter());
    let mentions = std::rc::Rc::new(policy::mentions(documents.into_iter(), &names));
    let fresh = mentions.variables.is_empty() || fresh_values_suffice(rules, &|_| false);
    let (everybody, complete) = if documents.iter().any(|document| document.kind.has_principal()) {
        let found = callers("", &Trust::default(), &names, &mentions);
        (found.list.into_iter().map(Some).collect(), found.complete)
    } else {
        (vec![None], true)
    };
    let mut list = Vec::new();
    for caller in everybody {
        let stance = |variables, exact| Stance {
            caller: caller.clone(),
            variables,
            exact,
            mentions: mentions.clone(),
        };
        if mentions.variables.is_empty() {
            list.push(stance(Substitution::default(), true));
            continue;
        }
        let bare = stance(Substitution::default(), true);
        let (mut present, mut absent) = (Substitution::default(), Substitution::default());
        let mut possible = (true, true);
        for (number, key) in mentions.variables.iter().enumerate() {
            let fact = bare.fact(key);
            let value = fact.only_value().unwrap_or_else(|| format!("value-{number}"));
            possible.0 &= fact.values.contains(&value);
            possible.1 &= fact.absent;
            present.set(key, Some(&value));
            absent.set(key, None);
        }
        if possible.0 {
            list.push(stance(present, true));
        }
        if possible.1 {
            list.push(stance(absent, true));
        }
        let one = mentions.variables.len() == 1;
        if !fresh || !one || !(possible.0 || possible.1) {
            list.push(stance(Substitution::default(), false));
        }
    }
    Stances { list, complete }
}
