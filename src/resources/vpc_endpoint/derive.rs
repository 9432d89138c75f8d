//! Who uses an endpoint, and who connects to an endpoint service.

use crate::iam::document::Kind;
use crate::iam::principal::{Caller, is_account_id};
use crate::inventory::{Inventory, Items, Slot, View};
use crate::resources::kleene::{Answer, elements, optional};
use crate::resources::outsiders::{self, Outsider, organization};
use crate::resources::policy::{account_of, parse};

/// Who outside may use the endpoint for foreign resources.
pub(super) fn through_endpoint(
    endpoint: &View<'_>,
    inventory: &Inventory,
) -> Answer<Items<Outsider>> {
    let Some(text) = optional(endpoint.text("policy"))? else { return Ok(Items::default()) };
    let policy = parse(text, Kind::Endpoint)?;
    let owner = account_of(endpoint)?;
    outsiders::through_endpoint(&policy, &owner, &organization(endpoint), inventory)
}

/// Who outside may connect to the service.
pub(super) fn to_service(service: &View<'_>, inventory: &Inventory) -> Answer<Items<Outsider>> {
    let owner = account_of(service)?;
    let allowed = elements(service.texts("allowed_principals"));
    let mut found = Items { items: Vec::new(), missing: allowed.missing };
    for principal in allowed.known {
        let account = account(principal);
        if account.as_deref() == Some(owner.as_str()) {
            continue;
        }
        let in_scan = account.as_deref().is_some_and(|id| inventory.account(id).is_some());
        found.items.push(Outsider {
            principal: principal.into(),
            kind: if account.is_some() { "account" } else { "other" }.into(),
            account_id: account.into(),
            in_scan: in_scan.into(),
            action: Slot::Absent,
            why: "the service allows it".into(),
        });
    }
    Ok(found)
}

fn account(principal: &str) -> Option<String> {
    if is_account_id(principal) {
        return Some(principal.to_owned());
    }
    Caller::parse(principal)?.account().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::{EndpointService, VpcEndpoint};
    use crate::resources::tests::{assert_blinding, derived};

    fn endpoint(principal: &Json, condition: &Json) -> Vec<Json> {
        let mut statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"});
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let given = json!({"policy": policy,
            "account": {"organization": {"id": "o-own0000000"}}});
        assert_blinding::<VpcEndpoint>(&given, "foreign_access");
        let list = derived::<VpcEndpoint>(&given, "foreign_access");
        let items = list.as_array().unwrap_or_else(|| panic!("{list}")).iter();
        items.map(|item| item["account_id"].clone()).collect()
    }

    #[test]
    fn principals_or_resources_must_be_confined() {
        let everybody = json!("*");
        let with = |condition: Json| endpoint(&everybody, &condition).len();
        assert_eq!(with(json!(null)), 1, "the policy that AWS gives by default");
        for confined in [
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-own0000000"}}),
            json!({"StringEquals": {"aws:ResourceOrgID": "o-own0000000"}}),
            json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
            json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        ] {
            assert_eq!(with(confined.clone()), 0, "{confined}");
        }
        assert_eq!(with(json!({"StringEquals": {"aws:ResourceOrgID": "o-other00000"}})), 1);
        assert_eq!(with(json!({"StringLike": {"aws:PrincipalAccount": "*"}})), 1);
    }

    #[test]
    fn principals_are_told_by_account() {
        let none = json!(null);
        assert!(endpoint(&json!({"AWS": "111122223333"}), &none).is_empty());
        assert_eq!(endpoint(&json!({"AWS": "444455556666"}), &none), [json!("444455556666")]);
    }

    #[test]
    fn an_organization_that_is_not_known_leaves_it_open() {
        let policy = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*",
            "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-own0000000"}}}]});
        let given = json!({"policy": policy.to_string(), "account": {"$unknown": "denied"}});
        let list = derived::<VpcEndpoint>(&given, "foreign_access");
        assert!(list[0].get("$unknown").is_some(), "{list}");
    }

    #[test]
    fn services_admit_everybody_or_accounts() {
        let given = json!({"allowed_principals": [
            "*", "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:role/r"]});
        assert_blinding::<EndpointService>(&given, "foreign_access");
        let list = derived::<EndpointService>(&given, "foreign_access");
        let items = list.as_array().unwrap().iter();
        let seen: Vec<_> = items.map(|item| item["account_id"].clone()).collect();
        assert_eq!(seen, [json!(null), json!("444455556666")]);
    }
}
