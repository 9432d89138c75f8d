//! What the principals of an account can become, and who manages its root user.

use super::{EscalationPath, PrincipalStanding};
use crate::inventory::{Draft, Inventory, Items, Reason, ReasonKind, Slot, View};
use crate::resources::kleene::{Answer, elements, optional, required};
use crate::resources::organization::{ControlKind, chain_above};
use crate::resources::policy::account_of;
use crate::resources::principals::{Principal, Reader};
use crate::resources::standing::{Room, Standing, told, walkable};

/// One entry for each user and role: whether it can become an administrator, and how.
pub(super) fn standings(account: &View<'_>, inventory: &Inventory) -> Draft {
    Slot::from(computed(account, inventory)).into_draft::<Items<PrincipalStanding>>()
}

fn computed(account: &View<'_>, inventory: &Inventory) -> Answer<Items<PrincipalStanding>> {
    let (users, roles) = (elements(account.parts("users")), elements(account.parts("roles")));
    let whole = [users.missing.is_empty(), roles.missing.is_empty()];
    let mut found = Items::default();
    let mut reader = Reader::default();
    let mut principals: Vec<Principal> = Vec::new();
    for view in users.known.iter().chain(&roles.known) {
        match required(view.text("arn")) {
            Err(reason) => found.missing.push(reason),
            Ok(arn) => match reader.principal(view) {
                Some(principal) => principals.push(principal),
                None => {
                    let why = format!("`{arn}` is neither a user nor a role");
                    found.missing.push(Reason::undecided(why));
                }
            },
        }
    }
    let id = account_of(account)?;
    let controls = chain_above(inventory, account, &id, ControlKind::Service);
    let room = Room {
        whole,
        list: principals.iter().collect(),
        controls: controls.as_deref().unwrap_or_default(),
    };
    let standings = room.standings();
    for (principal, standing) in principals.iter().zip(standings) {
        found.items.push(entry(principal, &standing, controls.as_ref().err()));
    }
    found.missing.extend(users.missing);
    found.missing.extend(roles.missing);
    Ok(found)
}

/// A principal that gets nowhere without control policies gets nowhere with them; where it gets
/// somewhere and they are not known, they might stop it.
fn entry(principal: &Principal, standing: &Standing, unseen: Option<&Reason>) -> PrincipalStanding {
    let (escalates, path) = match standing {
        Standing::Administrator | Standing::Confined => (Ok(false), None),
        Standing::Unknown(why) => (Err(Reason::undecided(why.as_str())), None),
        Standing::Path(path) => match (walkable(path), unseen) {
            (Ok(_), Some(reason)) if !principal.caller.is_service_linked() => {
                (Err(reason.clone()), Some(told(path)))
            }
            (answer, _) => (answer, Some(told(path))),
        },
    };
    PrincipalStanding {
        principal: principal.name.as_str().into(),
        is_administrator: match standing {
            Standing::Administrator => Slot::Known(true),
            Standing::Path(_) | Standing::Confined => Slot::Known(false),
            Standing::Unknown(why) => Slot::Unknown(Reason::undecided(why.as_str())),
        },
        escalates: escalates.into(),
        path: path.into(),
    }
}

/// The way up of one user or role, found in the standings of its account.
pub fn escalations_of(principal: &View<'_>) -> Draft {
    Slot::from(found_for(principal)).into_draft::<Items<EscalationPath>>()
}

fn found_for(principal: &View<'_>) -> Answer<Items<EscalationPath>> {
    let arn = required(principal.text("arn"))?;
    let standings = elements(required(principal.part("account"))?.parts("standings"));
    let own = standings.known.iter().find(|it| required(it.text("principal")) == Ok(arn));
    let Some(own) = own else {
        let not_there = || Reason::undecided(format!("`{arn}` is not among the principals"));
        return Err(standings.missing.into_iter().next().unwrap_or_else(not_there));
    };
    if !required(own.bool("escalates"))? {
        return Ok(Items::default());
    }
    let steps = required(own.text("path"))?.to_owned();
    Ok(Items::from(vec![EscalationPath { steps: Slot::Known(steps) }]))
}

/// Whether the organization manages the root credentials of its members; absent outside of one.
pub(super) fn root_managed_centrally(account: &View<'_>) -> Answer<Option<bool>> {
    let Some(organization) = optional(account.part("organization"))? else { return Ok(None) };
    let id = required(organization.text("id"))?;
    let organizations = elements(account.parts("organizations"));
    for found in &organizations.known {
        if required(found.text("id"))? == id {
            let features = elements(found.texts("iam_features"));
            let on = features.any(|feature| Ok(*feature == "RootCredentialsManagement"))?;
            return Ok(Some(on));
        }
    }
    let not_read = || {
        let what = "the management account is not part of the scan";
        Reason::new(ReasonKind::NotScanned, "iam:ListOrganizationsFeatures", what)
    };
    Err(organizations.missing.into_iter().next().unwrap_or_else(not_read))
}
