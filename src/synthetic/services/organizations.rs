//! AWS Organizations.

use serde_json::{Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Account, AccountStatus, Organization};

mod controls;

/// Organizations lists come 20 at a time, and never more.
const SIZES: Sizes = Sizes { field: "MaxResults", default: 20, most: 20, token: "NextToken" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let organization = context.organization;
    let operation = context.request.operation.as_str();
    if operation == "DescribeOrganization" {
        return Ok(Answer::Json(json!({"Organization": description(organization)})));
    }
    if context.caller.account != organization.management {
        return Err(Refusal::denied(
            context.request.service,
            &context.caller.arn(context.partition()),
            &context.request.service.action(operation),
            "only the management account may call it",
        ));
    }
    let accounts = |parent: Option<&str>| {
        let inside = |account: &&std::sync::Arc<Account>| {
            parent.is_none_or(|parent| account.parent == parent)
        };
        let found = organization.accounts.iter().filter(inside);
        found.map(|account| render_account(organization, account)).collect::<Vec<_>>()
    };
    match operation {
        "ListAccounts" => list(context, "Accounts", &accounts(None)),
        "ListAccountsForParent" => list(context, "Accounts", &accounts(Some(parent(context)?))),
        "ListRoots" => list(context, "Roots", &[root(organization)]),
        "ListOrganizationalUnitsForParent" => units(context, parent(context)?),
        "ListParents" => parents(context),
        "ListDelegatedAdministrators" => delegated(context),
        "ListPolicies" => controls::policies(context),
        "DescribePolicy" => controls::policy_content(context),
        "ListTargetsForPolicy" => controls::targets(context),
        _ => Err(context.unknown_operation()),
    }
}

fn list(context: &Context<'_>, name: &str, items: &[Value]) -> Result<Answer, Refusal> {
    let page = context.page(items, SIZES)?;
    let mut answer = json!({name: page.items});
    if let (Some(next), Some(map)) = (page.next, answer.as_object_mut()) {
        map.insert("NextToken".to_owned(), Value::String(next));
    }
    Ok(Answer::Json(answer))
}

/// The root or unit that the request names, where it exists.
fn parent<'a>(context: &'a Context<'_>) -> Result<&'a str, Refusal> {
    let id = context.required("ParentId")?;
    let organization = context.organization;
    let known = organization.root == id || organization.units.iter().any(|unit| unit.id == id);
    known.then_some(id).ok_or_else(|| {
        Refusal::new(400, "ParentNotFoundException", "You specified a parent that doesn't exist")
    })
}

/// The accounts that administer a service, or any service where none is named.
fn delegated(context: &Context<'_>) -> Result<Answer, Refusal> {
    let organization = context.organization;
    let service = context.get("ServicePrincipal");
    let administers = |account: &str| {
        let named = |it: &&(String, String)| service.is_none_or(|service| it.0 == service);
        organization.delegated.iter().filter(named).any(|it| it.1 == account)
    };
    let found = organization.accounts.iter().filter(|one| administers(&one.id));
    let found: Vec<Value> = found.map(|one| render_account(organization, one)).collect();
    list(context, "DelegatedAdministrators", &found)
}

fn units(context: &Context<'_>, parent: &str) -> Result<Answer, Refusal> {
    let below = context.organization.units.iter().filter(|unit| unit.parent == parent);
    let items: Vec<Value> = below
        .map(|unit| {
            let arn = arn(context.organization, "ou", &unit.id);
            json!({"Id": unit.id, "Arn": arn, "Name": unit.name})
        })
        .collect();
    list(context, "OrganizationalUnits", &items)
}

fn parents(context: &Context<'_>) -> Result<Answer, Refusal> {
    let organization = context.organization;
    let child = context.required("ChildId")?;
    let account = organization.accounts.iter().find(|one| one.id == child);
    let unit = organization.units.iter().find(|one| one.id == child);
    let parent =
        account.map(|one| &one.parent).or(unit.map(|one| &one.parent)).ok_or_else(|| {
            Refusal::new(400, "ChildNotFoundException", "You specified a child that doesn't exist")
        })?;
    let kind = if *parent == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    list(context, "Parents", &[json!({"Id": parent, "Type": kind})])
}

/// ARNs of Organizations name the management account, the organization and the thing.
fn arn(organization: &Organization, kind: &str, id: &str) -> String {
    let Organization { partition, management, id: own, .. } = organization;
    format!("arn:{partition}:organizations::{management}:{kind}/{own}/{id}")
}

fn description(organization: &Organization) -> Value {
    let Organization { id, management, partition, .. } = organization;
    let account = organization.accounts.iter().find(|one| one.id == *management);
    json!({
        "Id": id,
        "Arn": format!("arn:{partition}:organizations::{management}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn(organization, "account", management),
        "MasterAccountId": management,
        "MasterAccountEmail": account.map(|one| one.email.as_str()),
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    })
}

fn root(organization: &Organization) -> Value {
    json!({
        "Id": organization.root,
        "Arn": arn(organization, "root", &organization.root),
        "Name": "Root",
        "PolicyTypes": controls::enabled(organization),
    })
}

fn render_account(organization: &Organization, account: &Account) -> Value {
    let status = match account.status {
        AccountStatus::Active => "ACTIVE",
        AccountStatus::Suspended => "SUSPENDED",
    };
    json!({
        "Id": account.id,
        "Arn": arn(organization, "account", &account.id),
        "Email": account.email,
        "Name": account.name,
        "Status": status,
        "State": status,
        "JoinedMethod": if account.id == organization.management { "INVITED" } else { "CREATED" },
        "JoinedTimestamp": account.joined.as_second(),
        "Paths": [path(organization, account)],
    })
}

/// The way from the organization down to an account.
fn path(organization: &Organization, account: &Account) -> String {
    let mut steps = vec![account.id.as_str()];
    let mut parent = account.parent.as_str();
    while let Some(unit) = organization.units.iter().find(|unit| unit.id == parent) {
        steps.push(&unit.id);
        parent = &unit.parent;
    }
    steps.extend([organization.root.as_str(), organization.id.as_str()]);
    steps.reverse();
    format!("{}/", steps.join("/"))
}
