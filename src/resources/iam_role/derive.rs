//! Who can assume a role.

use super::Trusted;
use crate::iam::document::{Document, Kind};
use crate::iam::exposure::{Finding, ResourceKind};
use crate::inventory::{Draft, Inventory, Items, Reason, Slot, View};
use crate::resources::kleene::{Answer, required};
use crate::resources::policy::{Question, account_of, denying, known, parse};

/// What takes every request away that gives an external id or was made with MFA.
const PROTECTED: [&str; 2] = [
    r#""Action": "*", "Resource": "*", "Condition": {"Null": {"sts:ExternalId": "false"}}"#,
    r#""Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
];

/// Whether anybody can assume the role.
pub(super) fn public_trust(role: &View<'_>) -> Draft {
    list(with_question(role, |question| {
        let finding = question.ask(&[], None).public;
        Ok(found(&finding, None, false, Slot::Known(false)))
    }))
}

/// The providers whose tokens get in whatever their subject.
pub(super) fn open_federation(role: &View<'_>) -> Draft {
    list(with_question(role, |question| {
        let mut items = Items::default();
        for finding in question.ask(&[], None).open_federation {
            let one = found(&finding, None, false, Slot::Known(false));
            items.items.extend(one.items);
            items.missing.extend(one.missing);
        }
        Ok(items)
    }))
}

/// The services that can assume the role for anybody.
pub(super) fn confused_deputies(role: &View<'_>) -> Draft {
    list(with_question(role, |question| {
        let mut items = Items::default();
        for finding in question.ask(&[], None).confused_deputies {
            let one = found(&finding, None, false, Slot::Known(false));
            items.items.extend(one.items);
            items.missing.extend(one.missing);
        }
        Ok(items)
    }))
}

/// The other accounts whose principals can assume the role.
pub(super) fn foreign_trust(role: &View<'_>, inventory: &Inventory) -> Draft {
    list(with_question(role, |question| {
        let mut items = Items::default();
        for foreigner in question.foreigners() {
            let in_scan =
                foreigner.account.as_ref().is_some_and(|id| inventory.account(id).is_some());
            let protected = Slot::from(is_protected(question, &foreigner.others));
            let account = foreigner.account.as_deref();
            let one = found(&foreigner.finding, account, in_scan, protected);
            items.items.extend(one.items);
            items.missing.extend(one.missing);
        }
        Ok(items)
    }))
}

/// Whether nobody outside gets in without an external id and without MFA.
fn is_protected(question: &Question<'_>, trusted: &[String]) -> Answer<bool> {
    let mut statements = Vec::new();
    let mut control: Option<Document> = None;
    for members in PROTECTED {
        let document = denying(members, Kind::Rcp)?;
        statements.extend(document.statements.iter().cloned());
        control = Some(document);
    }
    let Some(mut control) = control else { return Ok(false) };
    control.statements = statements.into_boxed_slice();
    let finding = question.ask(trusted, Some(&control)).external;
    known(finding.answer, &finding.why).map(|gets_in| !gets_in)
}

fn with_question(
    role: &View<'_>,
    ask: impl FnOnce(&Question<'_>) -> Answer<Items<Trusted>>,
) -> Answer<Items<Trusted>> {
    let text = required(role.text("assume_role_policy_document"))?;
    let policy = parse(text, Kind::Trust)?;
    let owner = account_of(role)?;
    ask(&Question { policy: &policy, kind: ResourceKind::Role, resource: None, owner: &owner })
}

fn found(
    finding: &Finding,
    account: Option<&str>,
    in_scan: bool,
    is_protected: Slot<bool>,
) -> Items<Trusted> {
    match known(finding.answer, &finding.why) {
        Ok(false) => Items::default(),
        Err(reason) => Items { items: Vec::new(), missing: vec![reason] },
        Ok(true) => {
            let witness = finding.witness.as_ref().map(|witness| witness.principal.clone());
            let principal = account.map(str::to_owned).or(witness);
            Items::from(vec![Trusted {
                principal: principal
                    .ok_or_else(|| Reason::undecided("no request is at hand"))
                    .into(),
                account_id: account.map(str::to_owned).into(),
                in_scan: in_scan.into(),
                is_protected,
                why: Slot::Known(finding.why.clone()),
            }])
        }
    }
}

fn list(answer: Answer<Items<Trusted>>) -> Draft {
    Slot::from(answer).into_draft::<Items<Trusted>>()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Role;
    use crate::resources::tests::{assert_blinding, derived};

    fn role(principal: &Json, condition: &Json) -> Json {
        let mut statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        if principal.get("Federated").is_some() {
            statement["Action"] = json!("sts:AssumeRoleWithWebIdentity");
        }
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        json!({"assume_role_policy_document": document.to_string()})
    }

    fn seen(given: &Json, field: &str) -> Json {
        assert_blinding::<Role>(given, field);
        derived::<Role>(given, field)
    }

    #[test]
    fn everybody_is_public_unless_a_condition_confines_them() {
        let anyone = json!({"AWS": "*"});
        assert_eq!(seen(&role(&anyone, &json!(null)), "public_trust").as_array().unwrap().len(), 1);
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}});
        assert_eq!(seen(&role(&anyone, &organization), "public_trust"), json!([]));
        let external_id = json!({"StringEquals": {"sts:ExternalId": "secret"}});
        let found = seen(&role(&anyone, &external_id), "public_trust");
        assert_eq!(found.as_array().unwrap().len(), 1, "an external id alone confines nobody");
        let own = json!({"AWS": "111122223333"});
        assert_eq!(seen(&role(&own, &json!(null)), "public_trust"), json!([]));
    }

    fn protected(condition: &Json) -> Vec<(Json, Json)> {
        let other = json!({"AWS": "arn:aws:iam::444455556666:root"});
        let list = seen(&role(&other, condition), "foreign_trust");
        let items = list.as_array().unwrap().iter();
        items.map(|item| (item["account_id"].clone(), item["is_protected"].clone())).collect()
    }

    #[test]
    fn other_accounts_are_protected_by_an_external_id_or_by_mfa() {
        let account = json!("444455556666");
        let with = |condition: Json| protected(&condition);
        assert_eq!(with(json!(null)), [(account.clone(), json!(false))]);
        let external_id = json!({"StringEquals": {"sts:ExternalId": "secret"}});
        assert_eq!(with(external_id), [(account.clone(), json!(true))]);
        let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
        assert_eq!(with(mfa), [(account.clone(), json!(true))]);
        let mfa_if_exists = json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}});
        assert_eq!(with(mfa_if_exists), [(account, json!(false))]);
    }

    #[test]
    fn the_own_account_and_services_are_no_strangers() {
        for principal in [json!({"AWS": "111122223333"}), json!({"Service": "ec2.amazonaws.com"})] {
            assert_eq!(seen(&role(&principal, &json!(null)), "foreign_trust"), json!([]));
        }
    }

    #[test]
    fn a_provider_without_a_subject_is_open() {
        let github = json!({"Federated":
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"});
        let key = |name: &str| format!("token.actions.githubusercontent.com:{name}");
        let audience = json!({"StringEquals": {key("aud"): "sts.amazonaws.com"}});
        assert_eq!(seen(&role(&github, &audience), "open_federation").as_array().unwrap().len(), 1);
        let subject = json!({"StringEquals": {
            key("aud"): "sts.amazonaws.com", key("sub"): "repo:org/app:ref:refs/heads/main"}});
        assert_eq!(seen(&role(&github, &subject), "open_federation"), json!([]));
    }

    #[test]
    fn a_document_that_makes_no_sense_lets_everybody_in_perhaps() {
        let given = json!({"assume_role_policy_document": "{}"});
        for field in ["public_trust", "foreign_trust", "open_federation"] {
            assert!(derived::<Role>(&given, field).get("$unknown").is_some(), "{field}");
        }
    }
}
