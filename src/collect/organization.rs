//! The organization that an account is in, and in its management account the control policies.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{
    Organization as Described, PolicySummary, PolicyType, PolicyTypeStatus,
};
use futures::future;
use futures::stream::{self, StreamExt};

use super::convert::{field, items, left_out};
use super::delegation;
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Coverage, Items, Record, Slot};
use crate::resources::account::{Account, DESCRIBE_ORGANIZATION, Organization as Membership};
use crate::resources::delegation::LIST_DELEGATED_ADMINISTRATORS;
use crate::resources::organization::{
    ControlPolicy, DESCRIBE_POLICY, LIST_ORGANIZATIONS_FEATURES, LIST_POLICIES, LIST_ROOTS,
    LIST_TARGETS_FOR_POLICY, Organization,
};
use crate::session::{CallError, Walk};

pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "organization",
    Account,
    [Organization, ControlPolicy],
    [
        DESCRIBE_ORGANIZATION,
        LIST_DELEGATED_ADMINISTRATORS,
        LIST_ORGANIZATIONS_FEATURES,
        LIST_ROOTS,
        LIST_POLICIES,
        DESCRIBE_POLICY,
        LIST_TARGETS_FOR_POLICY,
    ],
    organization
)];

/// How many policies of a type are read at the same time; AWS allows two descriptions a second.
const POLICIES_AT_ONCE: usize = 2;

/// The types of policies that limit what is allowed.
const CONTROLS: [PolicyType; 2] =
    [PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy];

/// Every member may ask which organization it is in; the rest is for the management account.
async fn organization(cell: &Cell) {
    let client = cell.clients().organizations();
    let call = &DESCRIBE_ORGANIZATION;
    let answer =
        cell.fetch(call, cell.caller().call(call, || client.describe_organization().send())).await;
    let answer = cell.settle(call, None, answer);
    let given =
        field(&answer, |answer| answer.organization.clone().map_or_else(left_out, Slot::Known));
    // Policies wait longest, since AWS hands out two a second: nothing that they do not need goes before.
    futures::join!(account(cell, &client, &given), controls(cell, &client, &given));
}

/// What the account says of the organization that it is in.
async fn account(cell: &Cell, client: &Client, given: &Slot<Described>) {
    let organization = field(given, |given| Slot::Known(membership(given)));
    let delegated_administrators = delegation::administrators(cell, client, given).await;
    let account = Account { organization, delegated_administrators, ..Account::default() };
    cell.contribute(cell.account().as_str(), account).await;
}

/// The organization itself and its policies, as its management account sees them.
async fn controls(cell: &Cell, client: &Client, given: &Slot<Described>) {
    match managed(cell, given) {
        Err(coverage) => {
            cover::<Organization>(cell, coverage.clone()).await;
            cover::<ControlPolicy>(cell, coverage).await;
        }
        Ok(described) => {
            let organization = async {
                if cell.has::<Organization>() {
                    itself(cell, described).await;
                }
            };
            let policies = async {
                if cell.has::<ControlPolicy>() {
                    policies(cell, client).await;
                }
            };
            futures::join!(organization, policies);
        }
    }
}

fn membership(given: &Described) -> Membership {
    Membership {
        id: given.id.clone().into(),
        management_account_id: given.master_account_id.clone().into(),
    }
}

/// The organization, where this is its management account; else how far its types are known here.
fn managed<'a>(cell: &Cell, organization: &'a Slot<Described>) -> Result<&'a Described, Coverage> {
    match organization {
        Slot::Unknown(reason) => Err(Coverage::Cut(reason.clone())),
        Slot::Absent | Slot::Pending => Err(Coverage::Whole),
        Slot::Known(described) => {
            let is_own = described.master_account_id.as_deref() == Some(cell.account().as_str());
            if is_own { Ok(described) } else { Err(Coverage::Whole) }
        }
    }
}

async fn cover<R: Record>(cell: &Cell, coverage: Coverage) {
    if cell.has::<R>() {
        cell.cover_as(R::record(), coverage).await;
    }
}

async fn itself(cell: &Cell, described: &Described) {
    let iam = cell.clients().iam();
    let call = &LIST_ORGANIZATIONS_FEATURES;
    let request = cell.caller().call(call, || iam.list_organizations_features().send());
    let fetched = cell.fetch(call, request).await;
    // By these errors IAM says that nobody has turned it on, or that the organization only pays bills.
    let never_on = fetched.failed_with("ServiceAccessNotEnabledException")
        || fetched.failed_with("OrganizationNotInAllFeaturesModeException");
    let features = match never_on {
        true => Slot::Known(Items::default()),
        false => {
            let answer = cell.settle(call, None, fetched);
            field(&answer, |answer| match &answer.enabled_features {
                Some(features) => {
                    Slot::Known(features.iter().map(|it| it.as_str().to_owned()).collect())
                }
                None => left_out(),
            })
        }
    };
    if let Some(id) = &described.id {
        let facts = Organization {
            id: id.as_str().into(),
            arn: described.arn.clone().into(),
            iam_features: features,
        };
        cell.add(id, facts).await;
    }
    cell.cover_as(Organization::record(), Coverage::Whole).await;
}

/// The control policies of the types that are enabled.
async fn policies(cell: &Cell, client: &Client) {
    let enabled = match enabled_types(cell, client).await {
        Ok(enabled) => enabled,
        Err(error) => return cell.cover::<ControlPolicy>(&LIST_ROOTS, Err(error)).await,
    };
    let kinds = CONTROLS.iter().filter(|kind| enabled.contains(kind));
    let ends = future::join_all(kinds.map(|kind| of_kind(cell, client, kind))).await;
    cell.cover::<ControlPolicy>(&LIST_POLICIES, ends.into_iter().collect()).await;
}

/// The policies of one type; an error says where their list ends.
async fn of_kind(cell: &Cell, client: &Client, kind: &PolicyType) -> Result<(), CallError> {
    let (found, end) = listed(cell, client, kind).await;
    stream::iter(found)
        .for_each_concurrent(POLICIES_AT_ONCE, |policy| read(cell, client, kind, policy))
        .await;
    end
}

async fn enabled_types(cell: &Cell, client: &Client) -> Result<Vec<PolicyType>, CallError> {
    let mut walk = Walk::default();
    let mut enabled = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), &LIST_ROOTS, |token| client.list_roots().set_next_token(token).send())
        .await
    {
        for root in walk.items(page.roots) {
            let types = root.policy_types.unwrap_or_default().into_iter();
            let on = types.filter(|it| it.status == Some(PolicyTypeStatus::Enabled));
            enabled.extend(on.filter_map(|it| it.r#type));
        }
        walk.then(page.next_token);
    }
    walk.end().map(|()| enabled)
}

async fn listed(
    cell: &Cell,
    client: &Client,
    kind: &PolicyType,
) -> (Vec<(String, PolicySummary)>, Result<(), CallError>) {
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), &LIST_POLICIES, |token| {
            let request = client.list_policies().filter(kind.clone());
            request.max_results(20).set_next_token(token).send()
        })
        .await
    {
        found.extend(walk.named(page.policies, |it| it.id.clone()));
        walk.then(page.next_token);
    }
    (found, walk.end())
}

async fn read(
    cell: &Cell,
    client: &Client,
    kind: &PolicyType,
    (id, summary): (String, PolicySummary),
) {
    let call = &DESCRIBE_POLICY;
    let request = cell.caller().call(call, || client.describe_policy().policy_id(&id).send());
    let (described, target_ids) =
        futures::join!(cell.fetch(call, request), targets(cell, client, &id));
    if described.failed_with("PolicyNotFoundException") {
        return;
    }
    let described = cell.settle(call, Some(&id), described);
    let policy = ControlPolicy {
        id: id.as_str().into(),
        arn: summary.arn.into(),
        name: summary.name.into(),
        policy_type: Slot::Known(kind.as_str().to_owned()),
        aws_managed: summary.aws_managed.into(),
        document: field(&described, |it| {
            let content = it.policy.as_ref().and_then(|policy| policy.content.clone());
            content.map_or_else(left_out, Slot::Known)
        }),
        target_ids,
    };
    cell.add(&id, policy).await;
}

async fn targets(cell: &Cell, client: &Client, id: &str) -> Slot<Items<String>> {
    let call = &LIST_TARGETS_FOR_POLICY;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            let request = client.list_targets_for_policy().policy_id(id);
            request.max_results(20).set_next_token(token).send()
        })
        .await
    {
        found.extend(
            walk.named(page.targets, |it| it.target_id.clone()).into_iter().map(|(name, _)| name),
        );
        walk.then(page.next_token);
    }
    let missing = walk.end().err().map(|error| cell.note(call, &error, Some(id)));
    items(found, missing)
}
