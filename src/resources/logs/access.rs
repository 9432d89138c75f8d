//! Who gets at a log group by the resource policies of its region.

use crate::iam::document::Kind;
use crate::iam::exposure::ResourceKind;
use crate::inventory::{Items, View};
use crate::resources::kleene::{Answer, reach, required};
use crate::resources::outsiders::{Outsider, anybody};
use crate::resources::policy::{Question, account_of, parse};

/// Whether anybody gets at the log group. All policies of the region count together: one may allow and
/// another deny, and one that cannot be read may do either.
pub(super) fn public_access(group: &View<'_>) -> Answer<Items<Outsider>> {
    let arn = required(group.text("arn"))?;
    let owner = account_of(group)?;
    let policies = reach(*group, &["region", "log_resource_policies"]);
    let mut missing = policies.missing;
    let mut whole = None;
    for policy in &policies.known {
        let document =
            required(policy.text("document")).and_then(|text| parse(text, Kind::Resource));
        match (document, &mut whole) {
            (Err(reason), _) => missing.push(reason),
            (Ok(document), None) => whole = Some(document),
            (Ok(document), Some(whole)) => {
                let statements = whole.statements.iter().chain(&document.statements).cloned();
                whole.statements = statements.collect();
            }
        }
    }
    let mut found = match &whole {
        None => Items::default(),
        Some(policy) => {
            let kind = ResourceKind::LogGroup;
            anybody(&Question { policy, kind, resource: Some(arn), owner: &owner })?
        }
    };
    // A policy that was not seen may deny what another allows.
    if let (Some(reason), false) = (missing.first(), found.items.is_empty()) {
        return Err(reason.clone());
    }
    found.missing.append(&mut missing);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::LogGroup;
    use crate::resources::tests::{assert_blinding, derived};

    fn group(statements: &[Json]) -> Json {
        let policies: Vec<Json> = statements
            .iter()
            .map(|statement| {
                let document = json!({"Version": "2012-10-17", "Statement": [statement]});
                json!({"name": "p", "document": document.to_string()})
            })
            .collect();
        json!({"name": "/app", "region": {"log_resource_policies": policies},
            "arn": "arn:aws:logs:eu-west-1:111122223333:log-group:/app"})
    }

    fn statement(effect: &str, principal: &Json, resource: &str) -> Json {
        json!({"Effect": effect, "Principal": principal, "Resource": resource,
            "Action": ["logs:PutLogEvents", "logs:FilterLogEvents"]})
    }

    fn entries(statements: &[Json]) -> usize {
        let given = group(statements);
        assert_blinding::<LogGroup>(&given, "public_access");
        derived::<LogGroup>(&given, "public_access").as_array().unwrap().len()
    }

    #[test]
    fn the_policies_of_a_region_count_together() {
        let everybody = json!("*");
        let all = "arn:aws:logs:*:*:log-group:/app*";
        let open = statement("Allow", &everybody, all);
        assert_eq!(entries(&[]), 0);
        assert_eq!(entries(std::slice::from_ref(&open)), 1);
        assert_eq!(entries(&[open, statement("Deny", &everybody, "*")]), 0);
        let other = "arn:aws:logs:*:*:log-group:/vpc*";
        assert_eq!(entries(&[statement("Allow", &everybody, other)]), 0);
        let service = json!({"Service": "delivery.logs.amazonaws.com"});
        assert_eq!(entries(&[statement("Allow", &service, all)]), 0);
    }
}
