//! Whether an analyzer looks at a region from outside.

use crate::inventory::{Elements, View};
use crate::resources::kleene::{Answer, all, any, elements, optional, required};

/// The service as organizations name it.
const SERVICE: &str = "access-analyzer.amazonaws.com";

/// Whether an active analyzer of external access looks at a region: one of the account, or one of
/// its organization. *No* needs that the accounts were seen that may hold one for the organization:
/// its management account and those that administer Access Analyzer.
pub(super) fn has_external_access_analyzer(region: &View<'_>) -> Answer<bool> {
    let own = elements(region.parts("analyzers")).any(|analyzer| {
        let kind = required(analyzer.text("analyzer_type"));
        all([kind.map(|kind| matches!(kind, "ACCOUNT" | "ORGANIZATION")), is_active(analyzer)])
    });
    if own == Ok(true) {
        return own;
    }
    any([own, by_organization(region)])
}

fn is_active(analyzer: &View<'_>) -> Answer<bool> {
    required(analyzer.text("status")).map(|status| status == "ACTIVE")
}

fn by_organization(region: &View<'_>) -> Answer<bool> {
    let account = required(region.part("account"))?;
    let Some(organization) = optional(account.part("organization"))? else { return Ok(false) };
    let id = required(organization.text("id"))?;
    let analyzers = in_region(region, elements(region.parts("organization_analyzers")));
    let covered = analyzers.any(|analyzer| all([is_active(analyzer), is_of(analyzer, id)]));
    if covered == Ok(true) {
        return covered;
    }
    let management = required(organization.part("management_account"))?;
    let unseen = elements(management.parts("delegated_administrators")).any(|administrator| {
        if required(administrator.text("service_principal"))? == SERVICE {
            required(administrator.part("account"))?;
        }
        Ok(false)
    });
    any([covered, unseen])
}

/// Whether an analyzer belongs to the organization: a scan may see several.
fn is_of(analyzer: &View<'_>, id: &str) -> Answer<bool> {
    let account = required(analyzer.part("account"))?;
    let Some(organization) = optional(account.part("organization"))? else { return Ok(false) };
    Ok(required(organization.text("id"))? == id)
}

/// Analyzers of another region cannot matter here, also where they could not be read.
fn in_region<'a>(region: &View<'a>, mut list: Elements<View<'a>>) -> Elements<View<'a>> {
    if let Some(name) = region.text("name").known() {
        let here = |other: &crate::aws::Region| other.as_str() == *name;
        list.missing.retain(|reason| reason.region.as_ref().is_none_or(here));
    }
    list
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::resources::region::Region;
    use crate::resources::tests::{assert_blinding, derived};

    fn analyzer(kind: &str, status: &str) -> Json {
        json!({"name": "a", "analyzer_type": kind, "status": status})
    }

    fn region(own: &[Json], of_organization: &[Json], management: &Json) -> Json {
        let organization = json!({"id": "o-1", "management_account": management});
        json!({
            "name": "eu-west-1",
            "analyzers": own,
            "organization_analyzers": of_organization,
            "account": {"organization": organization},
        })
    }

    fn seen() -> Json {
        json!({"id": "111122223333", "delegated_administrators": []})
    }

    fn shared(organization: &str, status: &str) -> Json {
        json!({
            "name": "a", "analyzer_type": "ORGANIZATION", "status": status,
            "account": {"organization": {"id": organization}},
        })
    }

    fn has(given: &Json) -> Json {
        assert_blinding::<Region>(given, "has_external_access_analyzer");
        derived::<Region>(given, "has_external_access_analyzer")
    }

    #[test]
    fn an_active_analyzer_of_the_account_counts_and_one_of_unused_access_does_not() {
        assert_eq!(has(&region(&[analyzer("ACCOUNT", "ACTIVE")], &[], &seen())), true);
        assert_eq!(has(&region(&[analyzer("ORGANIZATION", "ACTIVE")], &[], &seen())), true);
        assert_eq!(has(&region(&[analyzer("ACCOUNT", "CREATING")], &[], &seen())), false);
        let unused = analyzer("ACCOUNT_UNUSED_ACCESS", "ACTIVE");
        assert_eq!(has(&region(&[unused], &[], &seen())), false);
    }

    #[test]
    fn an_analyzer_of_the_own_organization_covers_its_members() {
        assert_eq!(has(&region(&[], &[shared("o-1", "ACTIVE")], &seen())), true);
        assert_eq!(has(&region(&[], &[shared("o-1", "FAILED")], &seen())), false);
        assert_eq!(has(&region(&[], &[shared("o-2", "ACTIVE")], &seen())), false);
    }

    #[test]
    fn without_its_administrators_nobody_knows() {
        let unknown = |given: &Json| has(given).get("$unknown").is_some();
        assert!(unknown(&region(&[], &[], &json!({"$unknown": "not scanned"}))));
        let administrator = |service: &str| {
            let account = json!({"$unknown": "not scanned"});
            json!({"account_id": "222233334444", "service_principal": service, "account": account})
        };
        let delegated = |service: &str| {
            let list = [administrator(service)];
            json!({"id": "111122223333", "delegated_administrators": list})
        };
        assert!(unknown(&region(&[], &[], &delegated("access-analyzer.amazonaws.com"))));
        assert_eq!(has(&region(&[], &[], &delegated("config.amazonaws.com"))), false);
    }

    #[test]
    fn an_account_outside_organizations_needs_its_own() {
        let given = json!({
            "name": "eu-west-1", "analyzers": [], "organization_analyzers": [],
            "account": {"organization": null},
        });
        assert_eq!(has(&given), false);
    }
}
