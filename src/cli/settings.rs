//! The severities and parameters that a policy puts in force, check by check and place by place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Failure;
use crate::check::{Check, CheckId};
use crate::evaluate::{Context, Selected, Setting, Settings, resource_of};
use crate::inventory::Inventory;
use crate::policy::{CheckMeta, Effective, Place, Policy};
use crate::resources::MODEL;

/// What policies know of a check.
pub fn meta(check: &Check) -> CheckMeta {
    CheckMeta {
        id: check.id.clone(),
        severity: check.severity,
        service: check.service(MODEL.catalog),
        controls: check.controls.clone(),
        tags: check.tags.iter().chain(&check.categories).cloned().collect(),
        tier: None,
        params: check.params.iter().map(|param| param.name.clone()).collect(),
    }
}

/// A policy's choice for each resource of an inventory.
pub struct Choice<'a> {
    policy: &'a Policy,
    variants: BTreeMap<CheckId, Vec<Effective>>,
}

impl<'a> Choice<'a> {
    /// Finds out which settings the resources of an inventory have.
    pub fn new(
        policy: &'a Policy,
        inventory: &Inventory,
        checks: &[Arc<Check>],
    ) -> Result<(Self, Vec<Selected>), Failure> {
        let mut variants = BTreeMap::new();
        let mut selected = Vec::new();
        for check in checks {
            let found = if policy.overrides(&check.id) {
                found(policy, inventory, check)
            } else {
                Vec::new()
            };
            let plain = Effective { severity: check.severity, params: BTreeMap::new() };
            let all: Vec<Effective> = if found.is_empty() { vec![plain] } else { found };
            let settings = all.iter().map(|effective| setting(check, effective));
            let settings = settings.collect::<Result<Vec<_>, _>>()?;
            selected.push(Selected { check: Arc::clone(check), settings });
            variants.insert(check.id.clone(), all);
        }
        Ok((Self { policy, variants }, selected))
    }
}

fn setting(check: &Check, effective: &Effective) -> Result<Setting, Failure> {
    let params = check.params(&effective.params).map_err(|errors| {
        let why = errors.first().map_or("", |error| error.message.as_str());
        Failure::new(format!("`{}`: {why}", check.id))
    })?;
    Ok(Setting { severity: effective.severity, params })
}

fn found(policy: &Policy, inventory: &Inventory, check: &Check) -> Vec<Effective> {
    let mut found = Vec::new();
    for entry in inventory.resources(check.resource) {
        let resource = resource_of(inventory, entry);
        let account = inventory.account(entry.account.as_str());
        let place = place(Context { account, entry, resource: &resource });
        let effective = policy.effective(&check.id, &place);
        found.extend(effective.filter(|it| !found.contains(it)));
    }
    found
}

fn place<'a>(context: Context<'a>) -> Place<'a> {
    Place {
        account: &context.entry.account,
        organizational_units: context.account.map_or(&[], |it| &it.organizational_units),
        region: context.entry.region.as_ref(),
        tags: &context.resource.tags,
    }
}

impl Settings for Choice<'_> {
    fn choose(&self, check: &Check, context: Context<'_>) -> usize {
        let variants = self.variants.get(&check.id).map_or(&[][..], Vec::as_slice);
        if variants.len() < 2 {
            return 0;
        }
        let effective = self.policy.effective(&check.id, &place(context));
        variants.iter().position(|it| Some(it) == effective.as_ref()).unwrap_or_default()
    }
}
