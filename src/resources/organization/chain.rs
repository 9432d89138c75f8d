//! Which control policies hold for an account: those of the root, of each unit above it, and its own.
//!
//! Source: Organizations User Guide, SCP evaluation: an action must be allowed at every level, and the
//! management account is not limited. What could not be read leaves the whole chain unknown.

use std::collections::{BTreeSet, HashMap};

use super::ControlPolicy;
use crate::iam::document::{Document, Kind};
use crate::inventory::{Coverage, Entry, Inventory, Reason, ReasonKind, Record, View};
use crate::resources::account::Account;
use crate::resources::kleene::{Answer, elements, optional, required};
use crate::resources::policy::parse;

/// A kind of control policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlKind {
    /// Service control policies, which limit principals.
    Service,
    /// Resource control policies, which limit who gets at resources.
    Resource,
}

impl ControlKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Service => "SERVICE_CONTROL_POLICY",
            Self::Resource => "RESOURCE_CONTROL_POLICY",
        }
    }

    const fn document(self) -> Kind {
        match self {
            Self::Service => Kind::Scp,
            Self::Resource => Kind::Rcp,
        }
    }
}

/// The control policies that hold for an account, by level from the root down to the account. Empty
/// where none limit it.
///
/// # Errors
/// The reason why they are not all known.
pub fn chain(
    inventory: &Inventory,
    account: &str,
    kind: ControlKind,
) -> Answer<Vec<Vec<Document>>> {
    let entry = inventory
        .resources_in(Account::record(), account)
        .first()
        .ok_or_else(|| Reason::undecided("the account was not read"))?;
    chain_above(inventory, &inventory.view(entry), account, kind)
}

/// The same for an account at hand.
///
/// # Errors
/// The reason why they are not all known.
pub fn chain_above(
    inventory: &Inventory,
    view: &View<'_>,
    account: &str,
    kind: ControlKind,
) -> Answer<Vec<Vec<Document>>> {
    let Some(management) = management_above(view, account)? else { return Ok(Vec::new()) };
    were_read(inventory, &management)?;
    let attached = inventory.once(Attached::of);
    let Some(policies) = attached.0.get(&(management, kind)) else {
        return Ok(Vec::new());
    };
    let policies = policies.as_ref().map_err(Clone::clone)?;
    if policies.none {
        // The type is not enabled: where it is, AWS keeps a policy at every level.
        return Ok(Vec::new());
    }
    let placed = inventory.account(account);
    let units = placed.map(|own| own.organizational_units.as_slice()).unwrap_or_default();
    if units.is_empty() {
        let why = "where the account stands in its organization is not known";
        return Err(Reason::undecided(why));
    }
    let mut levels = Vec::new();
    for level in units.iter().map(String::as_str).chain([account]) {
        let attached = policies.by_target.get(level).map(Vec::as_slice).unwrap_or_default();
        let documents = attached.iter().cloned().collect::<Answer<Vec<Document>>>()?;
        if documents.is_empty() && kind == ControlKind::Service {
            return Err(Reason::undecided(format!("no control policy is known of `{level}`")));
        }
        levels.push(documents);
    }
    Ok(levels)
}

/// The management account above an account; none where nothing limits it.
fn management_above(view: &View<'_>, account: &str) -> Answer<Option<String>> {
    let Some(organization) = optional(view.part("organization"))? else { return Ok(None) };
    let management = required(organization.text("management_account_id"))?;
    Ok((management != account).then(|| management.to_owned()))
}

fn were_read(inventory: &Inventory, management: &str) -> Answer<()> {
    let not_read = || {
        let what = "the management account is not part of the scan, and so its control policies";
        Reason::new(ReasonKind::NotScanned, "organizations:ListPolicies", what)
    };
    let id = management.parse().map_err(|_| not_read())?;
    match inventory.coverage(ControlPolicy::record(), &id, None) {
        Some(Coverage::Whole) => Ok(()),
        Some(Coverage::Cut(reason)) => Err(reason.clone()),
        None => Err(not_read()),
    }
}

/// The control policies of each management account, read once: all members ask for them.
struct Attached(HashMap<(String, ControlKind), Answer<Policies>>);

/// Control policies of one kind.
#[derive(Default)]
struct Policies {
    none: bool,
    /// In the order of the policies' ids.
    by_target: HashMap<String, Vec<Answer<Document>>>,
}

impl Attached {
    fn of(inventory: &Inventory) -> Self {
        let mut found = HashMap::new();
        let policies = inventory.resources(ControlPolicy::record());
        for of_one in policies.chunk_by(|a, b| a.account == b.account) {
            let Some(first) = of_one.first() else { continue };
            for kind in [ControlKind::Service, ControlKind::Resource] {
                let key = (first.account.to_string(), kind);
                found.insert(key, Policies::read(inventory, of_one, kind));
            }
        }
        Self(found)
    }
}

impl Policies {
    fn read(inventory: &Inventory, entries: &[Entry], kind: ControlKind) -> Answer<Self> {
        let mut found = Self { none: true, ..Self::default() };
        for entry in entries {
            let policy = inventory.view(entry);
            if required(policy.text("policy_type"))? != kind.name() {
                continue;
            }
            found.none = false;
            let targets = elements(policy.texts("target_ids"));
            if let Some(reason) = targets.missing.into_iter().next() {
                return Err(reason);
            }
            let text = required(policy.text("document"));
            let document = text.and_then(|text| parse(text, kind.document()));
            for target in targets.known.into_iter().collect::<BTreeSet<&str>>() {
                let attached = found.by_target.entry(target.to_owned()).or_default();
                attached.push(document.clone());
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Account as Scanned, AccountStatus, Builder, Place, Slot, Wanted};
    use crate::resources::MODEL;
    use crate::resources::account::Organization as Membership;

    const MANAGEMENT: &str = "111122223333";
    const MEMBER: &str = "444455556666";

    /// A member below a unit, and policies of the management account with their targets.
    fn inventory(policies: &[(&str, &str, &[&str])], coverage: Coverage) -> Inventory {
        let mut builder = Builder::new(MODEL);
        for (id, units) in [(MANAGEMENT, vec!["r-1"]), (MEMBER, vec!["r-1", "ou-1"])] {
            let place = Place { account: id.parse().unwrap(), region: None };
            builder.account(Scanned {
                id: id.parse().unwrap(),
                name: None,
                partition: crate::aws::Partition::Aws,
                organizational_units: units.into_iter().map(str::to_owned).collect(),
                status: AccountStatus::Scanned,
                regions: Vec::new(),
                excluded_regions: Vec::new(),
            });
            let organization =
                Membership { id: "o-1".into(), management_account_id: MANAGEMENT.into() };
            let organization = Slot::Known(organization);
            builder.contribute(
                &place,
                id,
                Account { id: id.into(), organization, ..Account::default() },
            );
        }
        let place = Place { account: MANAGEMENT.parse().unwrap(), region: None };
        for (id, document, targets) in policies {
            let policy = ControlPolicy {
                id: (*id).into(),
                policy_type: "SERVICE_CONTROL_POLICY".into(),
                document: (*document).into(),
                target_ids: Slot::Known(targets.iter().map(|it| (*it).to_owned()).collect()),
                ..ControlPolicy::default()
            };
            builder.add(&place, id, policy);
        }
        builder.cover(ControlPolicy::record(), &place, coverage);
        builder.seal(0, &Wanted::Everything)
    }

    const FULL: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    const GUARD: &str =
        r#"{"Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}"#;
    const EVERYWHERE: &[&str] = &["r-1", "ou-1", MANAGEMENT, MEMBER];

    #[test]
    fn a_member_has_the_policies_of_all_levels_and_the_management_account_none() {
        let policies = [("p-full", FULL, EVERYWHERE), ("p-guard", GUARD, &["ou-1"][..])];
        let inventory = inventory(&policies, Coverage::Whole);
        let levels = chain(&inventory, MEMBER, ControlKind::Service).unwrap();
        assert_eq!(levels.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1]);
        assert!(chain(&inventory, MANAGEMENT, ControlKind::Service).unwrap().is_empty());
        assert!(chain(&inventory, MEMBER, ControlKind::Resource).unwrap().is_empty());
    }

    #[test]
    fn what_was_not_read_leaves_the_chain_open() {
        let member = |inventory: &Inventory| chain(inventory, MEMBER, ControlKind::Service);
        let cut = Coverage::Cut(Reason::undecided("denied"));
        assert!(member(&inventory(&[("p-full", FULL, EVERYWHERE)], cut)).is_err());
        let gap = [("p-full", FULL, &["r-1", MEMBER][..])];
        assert!(member(&inventory(&gap, Coverage::Whole)).is_err(), "nothing at the unit");
        let malformed = [("p-full", "{}", EVERYWHERE)];
        assert!(member(&inventory(&malformed, Coverage::Whole)).is_err());
    }
}
