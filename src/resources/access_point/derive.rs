//! Who gets in through an access point.

use crate::iam::document::{Document, Effect, Kind, Statement};
use crate::iam::evaluate::grants_to;
use crate::iam::exposure::{ResourceKind, Witness, replay};
use crate::iam::s3::{AccessPoint, BlockPublicAccess, PolicyAnswers, public_status};
use crate::iam::truth::Truth;
use crate::inventory::{Items, Reason, View};
use crate::resources::kleene::{Answer, optional, required};
use crate::resources::outsiders::{Outsider, anybody};
use crate::resources::policy::{Question, account_of, parse};
use crate::resources::s3::block_public_access;

/// Whether the policy by itself lets anybody in.
pub(super) fn public_grants(point: &View<'_>) -> Answer<Items<Outsider>> {
    let Some(policy) = policy_of(point)? else { return Ok(Items::default()) };
    let owner = account_of(point)?;
    let resource = Some(required(point.text("arn"))?);
    anybody(&Question { policy: &policy, kind: ResourceKind::AccessPoint, resource, owner: &owner })
}

fn policy_of(point: &View<'_>) -> Answer<Option<Document>> {
    let text = optional(point.text("policy"))?;
    text.map(|text| parse(text, Kind::Resource)).transpose()
}

/// An access point as a way into its bucket, for requests that the control does not take away: with an
/// action that gets in, and the reasons for what is open.
pub fn into_bucket(
    point: &View<'_>,
    bucket_arn: &Answer<String>,
    bucket_policy: &Answer<Option<Document>>,
    control: &Document,
) -> (AccessPoint, Option<String>, Vec<Reason>) {
    let mut reasons = Vec::new();
    let named = required(point.text("name"));
    reasons.extend(named.as_ref().err().cloned());
    let name = named.as_ref().map_or_else(|_| String::new(), |name| (*name).to_owned());
    let block = block_public_access(point).unwrap_or_else(|reason| {
        reasons.push(reason);
        BlockPublicAccess::UNKNOWN
    });
    let vpc_only = match required(point.text("network_origin")) {
        Ok(origin) => Truth::from(origin == "VPC"),
        Err(reason) => {
            reasons.push(reason);
            Truth::Unknown
        }
    };
    let (policy, witness) = answers(point, control).unwrap_or_else(|reason| {
        reasons.push(reason);
        (PolicyAnswers::UNKNOWN, None)
    });
    let delegated = match bucket_policy {
        // A way that has no name cannot be told.
        _ if named.is_err() => Truth::Unknown,
        Ok(None) => Truth::False,
        Err(reason) => {
            reasons.push(reason.clone());
            Truth::Unknown
        }
        Ok(Some(bucket)) => bucket_arn
            .clone()
            .and_then(|arn| delegated(point, witness.as_ref(), &arn, bucket))
            .unwrap_or_else(|reason| {
                reasons.push(reason);
                Truth::Unknown
            }),
    };
    if reasons.is_empty() {
        let why = format!("whether access point `{name}` lets the public in cannot be decided");
        reasons.push(Reason::undecided(why));
    }
    let action = witness.map(|witness| witness.action);
    (AccessPoint { name, policy, block, vpc_only, delegated }, action, reasons)
}

/// What the policy of the access point gives the public, and a request.
fn answers(point: &View<'_>, control: &Document) -> Answer<(PolicyAnswers, Option<Witness>)> {
    let Some(policy) = policy_of(point)? else { return Ok((PolicyAnswers::NONE, None)) };
    let owner = account_of(point)?;
    let resource = Some(required(point.text("arn"))?);
    let kind = ResourceKind::AccessPoint;
    let question = Question { policy: &policy, kind, resource, owner: &owner };
    let finding = question.ask(&[], Some(control)).public;
    let status = Truth::from(public_status(&policy, kind).public);
    let answers = PolicyAnswers { public: finding.answer, external: finding.answer, status };
    Ok((answers, finding.witness))
}

/// Whether the bucket's own policy allows the request as well when it comes through the access point.
/// A bucket policy that allows nothing to such a caller does not; else another request might get in.
fn delegated(
    point: &View<'_>,
    witness: Option<&Witness>,
    bucket_arn: &str,
    bucket: &Document,
) -> Answer<Truth> {
    let Some(witness) = witness else { return Ok(Truth::Unknown) };
    let owner = account_of(point)?;
    let arn = required(point.text("arn"))?;
    let mut request = witness.clone();
    let key = request.resource.strip_prefix(arn).and_then(|rest| rest.strip_prefix("/object"));
    request.resource = format!("{bucket_arn}{}", key.unwrap_or_default());
    for (key, value) in [
        ("s3:dataaccesspointaccount", owner.as_str()),
        ("s3:dataaccesspointarn", arn),
        ("s3:accesspointnetworkorigin", "Internet"),
    ] {
        request.absent.retain(|absent| absent != key);
        request.context.insert(key.to_owned(), vec![value.to_owned()]);
    }
    let statements: Vec<&Statement> = bucket.statements.iter().collect();
    if replay(&request, &statements, &owner).is_true() {
        return Ok(Truth::True);
    }
    let caller = request.caller();
    let may_allow = statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && !grants_to(statement, &caller, Truth::False).any().is_false()
    });
    Ok(if may_allow { Truth::Unknown } else { Truth::False })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::AccessPoint;
    use crate::resources::s3::Bucket;
    use crate::resources::tests::{assert_blinding, derived};

    const ARN: &str = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";

    fn statement(resource: &str, condition: &Json) -> String {
        let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": resource});
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    fn point(origin: &str, restrict: bool, condition: &Json) -> Json {
        json!({"name": "p", "arn": ARN, "network_origin": origin,
            "policy": statement(&format!("{ARN}/object/*"), condition),
            "public_access_block": {"ignore_public_acls": true, "restrict_public_buckets": restrict}})
    }

    #[test]
    fn the_policy_by_itself_is_public_or_not() {
        let entries = |condition: Json| {
            let given = point("Internet", true, &condition);
            assert_blinding::<AccessPoint>(&given, "public_grants");
            derived::<AccessPoint>(&given, "public_grants").as_array().unwrap().len()
        };
        assert_eq!(entries(json!(null)), 1);
        assert_eq!(entries(json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})), 0);
    }

    fn bucket(point: &Json, policy: &Json) -> Json {
        json!({"arn": "arn:aws:s3:::b", "region": "eu-west-1", "policy": policy,
            "acl_grants": [], "object_ownership": "BucketOwnerEnforced",
            "public_access_block": null, "account": {"public_access_block": null},
            "access_points": [point]})
    }

    fn ways(point: &Json, policy: &Json) -> Vec<Json> {
        let given = bucket(point, policy);
        assert_blinding::<Bucket>(&given, "public_access");
        let list = derived::<Bucket>(&given, "public_access");
        list.as_array().unwrap().iter().map(|way| way["via"].clone()).collect()
    }

    #[test]
    fn a_bucket_is_public_through_a_point_that_its_policy_trusts() {
        let through = json!({"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}});
        let delegates = json!(statement("arn:aws:s3:::b/*", &through));
        let open = point("Internet", false, &json!(null));
        assert_eq!(ways(&open, &delegates), ["access_point"]);
        assert!(ways(&open, &json!(null)).is_empty(), "the bucket has no policy");
        assert!(ways(&point("VPC", false, &json!(null)), &delegates).is_empty());
        assert!(ways(&point("Internet", true, &json!(null)), &delegates).is_empty());
        let own = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
            "Action": "s3:*", "Resource": "*"}]});
        assert!(ways(&open, &json!(own.to_string())).is_empty());
    }
}
