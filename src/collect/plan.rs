//! From what the selected checks need to the sweeps that bring it, and nothing more.

use std::collections::BTreeSet;

use super::sweep::{self, Sweep};
use crate::schema::needs::Needs;
use crate::schema::{Call, Scope};

/// Which sweeps run, and which calls they make.
pub struct Plan {
    calls: BTreeSet<&'static Call>,
    types: BTreeSet<&'static str>,
    sweeps: Vec<&'static Sweep>,
}

impl Plan {
    /// The plan for what is needed.
    pub fn of(needs: &Needs) -> Self {
        let is_needed = |sweep: &&Sweep| {
            sweep.types.iter().any(|record| needs.types.contains(record().name))
                || sweep.calls.iter().any(|call| needs.calls.contains(call))
        };
        Self {
            calls: needs.calls.clone(),
            types: needs.types.clone(),
            sweeps: sweep::all().filter(is_needed).collect(),
        }
    }

    /// Whether a call is made.
    pub fn calls(&self, call: &Call) -> bool {
        self.calls.contains(call)
    }

    /// Whether a type is looked at.
    pub fn has(&self, type_name: &str) -> bool {
        self.types.contains(type_name)
    }

    /// The names of the sweeps of a scope, in the order in which they begin.
    pub fn names(&self, scope: Scope) -> Vec<&'static str> {
        self.sweeps(scope).map(|sweep| sweep.name).collect()
    }

    pub(super) fn sweeps(&self, scope: Scope) -> impl Iterator<Item = &'static Sweep> {
        self.sweeps.iter().copied().filter(move |sweep| sweep.scope == scope)
    }
}
