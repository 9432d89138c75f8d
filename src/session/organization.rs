//! The accounts of an organization, and the organizational units above them.
//!
//! Newer answers of `ListAccounts` carry each account's path. Where one does not, the tree of units
//! is walked from its root: two calls a unit, never one an account.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations as organizations;
use aws_sdk_organizations::types::Account as Listed;
use futures::stream::{self, StreamExt};

use super::SessionError;
use super::failure::{CallError, ErrorKind};
use super::targets::Target;
use super::traffic::Caller;
use crate::aws::AccountId;
use crate::schema::Call;

macro_rules! organization_call {
    ($(#[doc = $doc:literal])* $name:ident, $operation:literal) => {
        $(#[doc = $doc])*
        pub const $name: Call = Call {
            service: "organizations",
            operation: $operation,
            actions: &[concat!("organizations:", $operation)],
            absent: &[],
        };
    };
}

organization_call! {
    /// All accounts of the organization.
    LIST_ACCOUNTS, "ListAccounts"
}
organization_call! {
    /// The root of the organization.
    LIST_ROOTS, "ListRoots"
}
organization_call! {
    /// The units directly below a root or unit.
    LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, "ListOrganizationalUnitsForParent"
}
organization_call! {
    /// The accounts directly below a root or unit.
    LIST_ACCOUNTS_FOR_PARENT, "ListAccountsForParent"
}

/// The most organizational units that are walked; AWS allows 2,000 by default.
const MAX_UNITS: usize = 50_000;

/// How many units are looked at at the same time; AWS allows five calls a second.
const UNITS_AT_ONCE: usize = 4;

/// A call and what it ended in.
pub type FailedCall = (&'static Call, CallError);

/// Where each account is: the ids of root and units above it.
type Places = BTreeMap<String, Vec<String>>;

/// An organization, seen from its management account or a delegated administrator.
pub(super) struct Organization {
    pub client: organizations::Client,
    pub caller: Caller,
}

impl Organization {
    /// All accounts in the order of their ids, or those below the units given.
    pub(super) async fn targets(
        &self,
        units: &[String],
        exclude: &[AccountId],
    ) -> Result<(Vec<Target>, Vec<FailedCall>), SessionError> {
        let mut gaps = Vec::new();
        let accounts = self.accounts().await.map_err(|error| refused(&LIST_ACCOUNTS, error))?;
        let mut places = Places::new();
        if accounts.iter().any(|account| path_of(account).is_none()) {
            match self.walk().await {
                Ok(walked) => places = walked,
                Err((call, error)) if !units.is_empty() => return Err(refused(call, error)),
                Err(gap) => gaps.push(gap),
            }
        }
        let mut targets = BTreeMap::new();
        for account in accounts {
            let id: AccountId = account.id().unwrap_or_default().parse()?;
            let path = path_of(&account).or_else(|| places.get(id.as_str()).cloned());
            let excluded = exclude.contains(&id);
            let target = Target {
                name: account.name().map(str::to_owned),
                units: path.unwrap_or_default(),
                skip: skip(&account, excluded),
                account: id,
            };
            targets.insert(target.account.clone(), target);
        }
        if let Some(stranger) = exclude.iter().find(|account| !targets.contains_key(*account)) {
            return Err(SessionError::NotInOrganization(stranger.to_string()));
        }
        let known: BTreeSet<&String> = targets.values().flat_map(|target| &target.units).collect();
        if let Some(stranger) = units.iter().find(|unit| !known.contains(unit)) {
            return Err(SessionError::NotInOrganization(stranger.clone()));
        }
        let chosen = |target: &Target| {
            units.is_empty() || target.units.iter().any(|unit| units.contains(unit))
        };
        Ok((targets.into_values().filter(chosen).collect(), gaps))
    }

    async fn accounts(&self) -> Result<Vec<Listed>, CallError> {
        let list = |token| self.client.list_accounts().max_results(20).set_next_token(token).send();
        let pages =
            self.caller.pages(&LIST_ACCOUNTS, list, |page| (page.accounts, page.next_token)).await;
        // Half an organization would look like a whole one.
        pages.cut.map_or(Ok(pages.items), Err)
    }

    /// Walks the tree of units, level by level.
    async fn walk(&self) -> Result<Places, FailedCall> {
        let mut places = Places::new();
        let mut seen = BTreeSet::new();
        let mut level: Vec<Vec<String>> =
            self.roots().await?.into_iter().map(|id| vec![id]).collect();
        while !level.is_empty() {
            let level_now = std::mem::take(&mut level);
            let mut below = stream::iter(level_now)
                .map(|path| async move {
                    let parent = path.last().cloned().unwrap_or_default();
                    let found = futures::try_join!(
                        self.units_below(parent.clone()),
                        self.accounts_below(parent)
                    );
                    found.map(|(units, accounts)| (path, units, accounts))
                })
                .buffer_unordered(UNITS_AT_ONCE);
            while let Some(found) = below.next().await {
                let (path, units, accounts) = found?;
                for account in accounts {
                    places.insert(account, path.clone());
                }
                for unit in units {
                    if seen.len() < MAX_UNITS && seen.insert(unit.clone()) {
                        level.push(path.iter().cloned().chain([unit]).collect());
                    }
                }
            }
        }
        Ok(places)
    }

    async fn roots(&self) -> Result<Vec<String>, FailedCall> {
        let list = |token| self.client.list_roots().set_next_token(token).send();
        let pages = self.caller.pages(&LIST_ROOTS, list, |page| {
            let roots = page.roots.map(|it| it.into_iter().filter_map(|root| root.id).collect());
            (roots, page.next_token)
        });
        let pages = pages.await;
        pages.cut.map_or(Ok(pages.items), |error| Err((&LIST_ROOTS, error)))
    }

    async fn units_below(&self, parent: String) -> Result<Vec<String>, FailedCall> {
        let list = |token| {
            let request = self.client.list_organizational_units_for_parent().parent_id(&parent);
            request.max_results(20).set_next_token(token).send()
        };
        let call = &LIST_ORGANIZATIONAL_UNITS_FOR_PARENT;
        let pages = self.caller.pages(call, list, |page| {
            let units = page
                .organizational_units
                .map(|it| it.into_iter().filter_map(|unit| unit.id).collect());
            (units, page.next_token)
        });
        let pages = pages.await;
        pages.cut.map_or(Ok(pages.items), |error| Err((call, error)))
    }

    async fn accounts_below(&self, parent: String) -> Result<Vec<String>, FailedCall> {
        let list = |token| {
            let request = self.client.list_accounts_for_parent().parent_id(&parent);
            request.max_results(20).set_next_token(token).send()
        };
        let pages = self.caller.pages(&LIST_ACCOUNTS_FOR_PARENT, list, |page| {
            let accounts =
                page.accounts.map(|it| it.into_iter().filter_map(|account| account.id).collect());
            (accounts, page.next_token)
        });
        let pages = pages.await;
        pages.cut.map_or(Ok(pages.items), |error| Err((&LIST_ACCOUNTS_FOR_PARENT, error)))
    }
}

/// Why an account is not read. `State` has taken the place of `Status`; an answer with neither says
/// nothing against reading it.
fn skip(account: &Listed, excluded: bool) -> Option<String> {
    if excluded {
        return Some("left out by name".into());
    }
    let state = account.state().map(|state| state.as_str());
    // Older endpoints answer with the status alone.
    let status = account.status().map(|status| status.as_str());
    match state.or(status) {
        None | Some("ACTIVE") => None,
        Some(state) => Some(state.to_ascii_lowercase().replace('_', " ")),
    }
}

/// The root and units of a path such as `o-a1/r-b2/ou-b2-c3/111122223333/`.
fn path_of(account: &Listed) -> Option<Vec<String>> {
    let path = account.paths().first()?;
    let units = path.split('/').filter(|part| part.starts_with("r-") || part.starts_with("ou-"));
    Some(units.map(str::to_owned).collect())
}

fn refused(call: &Call, error: CallError) -> SessionError {
    match error.kind {
        ErrorKind::Interrupted => SessionError::Stopped,
        _ => SessionError::Organization {
            action: call.actions.first().copied().unwrap_or_default().into(),
            code: error.code,
        },
    }
}
