//! Who gets at a key.

use std::collections::BTreeMap;

use crate::iam::document::Kind;
use crate::iam::exposure::ResourceKind;
use crate::iam::principal::{Caller, is_account_id};
use crate::inventory::{Inventory, Items, Reason, Slot, View};
use crate::resources::kleene::{Answer, elements, required};
use crate::resources::outsiders::{Outsider, anybody, organization, outsiders};
use crate::resources::policy::{Question, account_of, parse};

/// Whether anybody gets at the key.
pub(super) fn public_access(key: &View<'_>) -> Answer<Items<Outsider>> {
    with_question(key, anybody)
}

/// Who outside gets at the key.
pub(super) fn foreign_access(key: &View<'_>, inventory: &Inventory) -> Answer<Items<Outsider>> {
    let organization = organization(key);
    // Services act on a key for somebody who may use it; alone they reach nothing.
    let by_policy =
        with_question(key, |question| Ok(outsiders(question, &organization, inventory)));
    let mut found =
        by_policy.unwrap_or_else(|reason| Items { items: Vec::new(), missing: vec![reason] });
    let owner = account_of(key)?;
    let by_grant = by_grant(key, &owner, inventory);
    let named = |items: &[Outsider], account: &str| {
        items.iter().any(|it| it.account_id.known().is_some_and(|own| own == account))
    };
    for (account, outsider) in by_grant.0 {
        if !named(&found.items, &account) {
            found.items.push(outsider);
        }
    }
    found.missing.extend(by_grant.1);
    Ok(found)
}

/// The other accounts that have grants, each once.
fn by_grant(
    key: &View<'_>,
    owner: &str,
    inventory: &Inventory,
) -> (BTreeMap<String, Outsider>, Vec<Reason>) {
    let grants = elements(key.parts("grants"));
    let mut found = BTreeMap::new();
    let mut missing = grants.missing;
    for grant in &grants.known {
        match required(grant.text("grantee_principal")) {
            Err(reason) => missing.push(reason),
            Ok(grantee) => {
                let Some(account) = account(grantee).filter(|account| account != owner) else {
                    continue;
                };
                let why = required(grant.text("id"));
                let in_scan = inventory.account(&account).is_some();
                let operations = elements(grant.texts("operations"));
                let action = operations.known.first().map(|name| format!("kms:{name}"));
                found.entry(account.clone()).or_insert_with(|| Outsider {
                    principal: account.as_str().into(),
                    kind: "account".into(),
                    account_id: Slot::Known(account.clone()),
                    in_scan: in_scan.into(),
                    action: operations.missing.into_iter().next().map_or(Ok(action), Err).into(),
                    why: why.map(|id| format!("grant {id} is for {grantee}")).into(),
                });
            }
        }
    }
    (found, missing)
}

/// The account of a grantee; services have none.
fn account(grantee: &str) -> Option<String> {
    if is_account_id(grantee) {
        return Some(grantee.to_owned());
    }
    Caller::parse(grantee)?.account().map(str::to_owned)
}

fn with_question<T>(key: &View<'_>, ask: impl FnOnce(&Question<'_>) -> Answer<T>) -> Answer<T> {
    let policy = parse(required(key.text("policy"))?, Kind::Resource)?;
    let arn = required(key.text("arn"))?;
    let owner = account_of(key)?;
    let kind = ResourceKind::Key;
    ask(&Question { policy: &policy, kind, resource: Some(arn), owner: &owner })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Key;
    use crate::resources::tests::{assert_blinding, derived};

    const ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

    fn key(principal: &Json, condition: &Json, grantee: Option<&str>) -> Json {
        let mut statement = json!({"Effect": "Allow", "Principal": principal,
            "Action": "kms:*", "Resource": "*"});
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        let grants: Vec<Json> = grantee
            .map(|grantee| {
                json!({"id": "g", "grantee_principal": grantee, "operations": ["Decrypt"]})
            })
            .into_iter()
            .collect();
        json!({"id": "k", "arn": ARN, "policy": policy.to_string(), "grants": grants,
            "account": {"organization": {"id": "o-own0000000"}}})
    }

    fn seen(given: &Json, field: &str) -> Vec<Json> {
        assert_blinding::<Key>(given, field);
        let list = derived::<Key>(given, field);
        let items = list.as_array().unwrap_or_else(|| panic!("{list}")).iter();
        items.map(|item| item["principal"].clone()).collect()
    }

    #[test]
    fn everybody_is_public_unless_a_condition_confines_them() {
        let everybody = json!({"AWS": "*"});
        let public = |condition: Json| seen(&key(&everybody, &condition, None), "public_access");
        assert_eq!(public(json!(null)).len(), 1);
        let account = json!({"StringEquals": {"kms:CallerAccount": "111122223333"}});
        assert_eq!(public(account), Vec::<Json>::new());
        // A service that calls on behalf of anybody: the caller may still be anybody's account.
        let via = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
        assert_eq!(public(via).len(), 1);
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-own0000000"}});
        assert_eq!(public(organization), Vec::<Json>::new());
    }

    #[test]
    fn the_own_organization_is_no_stranger_and_another_is() {
        let everybody = json!({"AWS": "*"});
        let of = |id: &str| {
            let condition = json!({"StringEquals": {"aws:PrincipalOrgID": id}});
            seen(&key(&everybody, &condition, None), "foreign_access").len()
        };
        assert_eq!((of("o-own0000000"), of("o-other00000")), (0, 1));
    }

    #[test]
    fn accounts_come_by_policy_and_by_grant() {
        let own = json!({"AWS": "arn:aws:iam::111122223333:root"});
        let none = json!(null);
        assert!(seen(&key(&own, &none, None), "foreign_access").is_empty());
        let service = key(&own, &none, Some("rds.amazonaws.com"));
        assert!(seen(&service, "foreign_access").is_empty());
        let granted = key(&own, &none, Some("arn:aws:iam::444455556666:role/r"));
        assert_eq!(seen(&granted, "foreign_access"), ["444455556666"]);
        let named = key(&json!({"AWS": "444455556666"}), &none, None);
        assert_eq!(seen(&named, "foreign_access"), ["444455556666"]);
    }

    #[test]
    fn what_is_not_known_is_neither_inside_nor_outside() {
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-own0000000"}});
        let mut given = key(&json!("*"), &organization, None);
        given["account"] = json!({"organization": {"$unknown": "denied"}});
        let list = derived::<Key>(&given, "foreign_access");
        assert!(list[0].get("$unknown").is_some(), "{list}");
        let mut given = key(&json!("*"), &organization, None);
        given["policy"] = json!("{}");
        assert!(derived::<Key>(&given, "public_access").get("$unknown").is_some());
    }
}
