//! What a trail records, by the content of its selectors.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::inventory::{Elements, Inventory, Reason, Record, View};
use crate::resources::kleene::{Answer, all, any, elements, required};
use crate::resources::trail::Trail;

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Events {
    /// Management events of all services.
    Management,
    /// Management events, whether or not those of [`OPTIONAL`] services are among them.
    MostManagement,
    /// Data events of the objects of all buckets.
    S3Objects,
}

/// The services whose management events a trail may leave out by name, since they are many.
const OPTIONAL: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// The operators of a field selector.
const OPERATORS: [&str; 6] =
    ["equals", "not_equals", "starts_with", "ends_with", "not_starts_with", "not_ends_with"];

/// Whether events change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Access {
    /// They only read.
    Read,
    /// They change something.
    Write,
}

/// What may be asked about a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// Whether it records at all.
    IsLogging,
    /// Whether it records all events of a kind.
    Records(Events, Access),
    /// Whether it reports unusual numbers of calls.
    ReportsCallRates,
    /// Whether it reports unusual numbers of errors.
    ReportsErrorRates,
}

impl Question {
    const ALL: [Self; 9] = [
        Self::IsLogging,
        Self::Records(Events::Management, Access::Write),
        Self::Records(Events::Management, Access::Read),
        Self::Records(Events::MostManagement, Access::Write),
        Self::Records(Events::MostManagement, Access::Read),
        Self::Records(Events::S3Objects, Access::Write),
        Self::Records(Events::S3Objects, Access::Read),
        Self::ReportsCallRates,
        Self::ReportsErrorRates,
    ];

    /// What one record of the trail says.
    fn ask(self, trail: &View<'_>) -> Answer<bool> {
        let reports =
            |kind: &str| elements(trail.texts("insight_types")).any(|known| Ok(*known == kind));
        match self {
            Self::IsLogging => required(required(trail.part("status"))?.bool("is_logging")),
            Self::Records(events, access) => selects(trail, events, access),
            Self::ReportsCallRates => reports("ApiCallRateInsight"),
            Self::ReportsErrorRates => reports("ApiErrorRateInsight"),
        }
    }
}

/// Asks the record of the account that looks; where it does not know, the record of the same trail
/// in another scanned account, which for the trail of an organization is the management account.
pub(super) fn answer(trail: &View<'_>, inventory: &Inventory, question: Question) -> Answer<bool> {
    let here = question.ask(trail);
    let (Err(reason), Some(arn)) = (&here, trail.text("arn").known().copied()) else {
        return here;
    };
    let seen = inventory.once(Sightings::of);
    seen.0.get(&question).and_then(|it| it.get(arn)).copied().ok_or_else(|| reason.clone())
}

/// What is known of each trail by its ARN, whichever account sees it.
struct Sightings(HashMap<Question, HashMap<String, bool>>);

impl Sightings {
    fn of(inventory: &Inventory) -> Self {
        let trails = || {
            let views = inventory.resources(Trail::record()).iter().map(|it| inventory.view(it));
            views.filter_map(|view| Some((view.text("arn").known().copied()?.to_owned(), view)))
        };
        let known = |question: Question| {
            let mut known = HashMap::new();
            for (arn, trail) in trails() {
                // The first account that knows is believed; the others need not be asked.
                if let Entry::Vacant(place) = known.entry(arn)
                    && let Ok(answer) = question.ask(&trail)
                {
                    place.insert(answer);
                }
            }
            (question, known)
        };
        Self(Question::ALL.into_iter().map(known).collect())
    }
}

fn selects(trail: &View<'_>, events: Events, access: Access) -> Answer<bool> {
    let classic = elements(trail.parts("event_selectors"));
    let advanced = elements(trail.parts("advanced_event_selectors"));
    let none = |list: &Elements<View<'_>>| list.known.is_empty() && list.missing.is_empty();
    if none(&classic) && none(&advanced) {
        return Err(Reason::undecided("the reply names no event selector at all"));
    }
    any([
        classic.any(|selector| classic_selects(selector, events, access)),
        advanced.any(|selector| advanced_selects(selector, events, access)),
    ])
}

fn classic_selects(selector: &View<'_>, events: Events, access: Access) -> Answer<bool> {
    let kind = required(selector.text("read_write_type")).map(|kind| match access {
        Access::Read => matches!(kind, "All" | "ReadOnly"),
        Access::Write => matches!(kind, "All" | "WriteOnly"),
    });
    let content = match events {
        Events::Management => all([
            required(selector.bool("include_management_events")),
            is_empty(&elements(selector.texts("exclude_management_event_sources"))),
        ]),
        Events::MostManagement => required(selector.bool("include_management_events")),
        Events::S3Objects => {
            elements(selector.parts("data_resources")).any(|resource| all_objects(resource))
        }
    };
    all([kind, content])
}

fn all_objects(resource: &View<'_>) -> Answer<bool> {
    let is_s3 = required(resource.text("type_name")).map(|name| name == "AWS::S3::Object");
    let values = elements(resource.texts("values"));
    let whole = values.any(|value| {
        let mut parts = value.splitn(4, ':');
        let arn = parts.next() == Some("arn") && parts.next().is_some();
        Ok(arn && parts.next() == Some("s3") && matches!(parts.next(), None | Some("" | "::")))
    });
    all([is_s3, whole])
}

/// Whether an advanced selector takes all events of a kind: it must name the category (and for data
/// events the resource type), may say read or write, and must ask nothing else.
fn advanced_selects(selector: &View<'_>, events: Events, access: Access) -> Answer<bool> {
    let fields = elements(selector.parts("field_selectors"));
    let asks = |name: &str, value: &str| {
        fields.any(|field| {
            let named = required(field.text("field")).map(|field| field == name);
            all([named, equals_only(field, value)])
        })
    };
    let read_only = if access == Access::Read { "true" } else { "false" };
    let harmless = fields.all(|field| match required(field.text("field"))? {
        "eventCategory" => Ok(true),
        "resources.type" => Ok(events == Events::S3Objects),
        "readOnly" => equals_only(field, read_only),
        "eventSource" if events == Events::MostManagement => leaves_out_optional(field),
        _ => Ok(false),
    });
    let content = match events {
        Events::Management | Events::MostManagement => asks("eventCategory", "Management"),
        Events::S3Objects => {
            all([asks("eventCategory", "Data"), asks("resources.type", "AWS::S3::Object")])
        }
    };
    all([content, harmless])
}

/// Whether a field selector leaves out services whose events may be left out, and nothing else.
fn leaves_out_optional(field: &View<'_>) -> Answer<bool> {
    let left_out = elements(field.texts("not_equals"));
    let optional = left_out.all(|source| Ok(OPTIONAL.contains(source)));
    all([optional, has_only(field, "not_equals")])
}

/// Whether a field selector takes that value and has no other operator.
fn equals_only(field: &View<'_>, value: &str) -> Answer<bool> {
    let equals = elements(field.texts("equals"));
    all([equals.any(|text| Ok(*text == value)), has_only(field, "equals")])
}

/// Whether a field selector has no operator but one.
fn has_only(field: &View<'_>, operator: &str) -> Answer<bool> {
    let others = OPERATORS.iter().filter(|it| **it != operator);
    all(others.map(|name| is_empty(&elements(field.texts(name)))))
}

fn is_empty<T>(list: &Elements<T>) -> Answer<bool> {
    list.any(|_| Ok(true)).map(|some| !some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::{AdvancedEventSelector, EventSelector, FieldSelector, TrailStatus};
    use super::*;
    use crate::aws::Partition;
    use crate::inventory::{Account, AccountStatus, Builder, Items, Place, Slot, Wanted};
    use crate::resources::MODEL;
    use crate::resources::tests::{assert_blinding, derived};

    const FIELDS: [&str; 4] = [
        "records_all_management_writes",
        "records_all_management_reads",
        "records_all_s3_writes",
        "records_all_s3_reads",
    ];

    fn recorded(given: &Json) -> Vec<Json> {
        FIELDS.iter().map(|field| derived::<Trail>(given, field)).collect()
    }

    fn classic(kind: &str, management: bool, excluded: Json, values: Json) -> Json {
        json!({
            "event_selectors": [{
                "read_write_type": kind,
                "include_management_events": management,
                "exclude_management_event_sources": excluded,
                "data_resources": [{"type_name": "AWS::S3::Object", "values": values}],
            }],
            "advanced_event_selectors": [],
        })
    }

    fn selector(field: &str, equals: Json, not_equals: Json) -> Json {
        json!({
            "field": field, "equals": equals, "not_equals": not_equals, "starts_with": [],
            "ends_with": [], "not_starts_with": [], "not_ends_with": [],
        })
    }

    fn advanced(selectors: &[Json]) -> Json {
        json!({
            "event_selectors": [],
            "advanced_event_selectors": [{"name": "any name", "field_selectors": selectors}],
        })
    }

    #[test]
    fn classic_selectors_count_by_what_they_leave_out() {
        let all = classic("All", true, json!([]), json!([]));
        assert_eq!(recorded(&all), [true, true, false, false]);
        let writes = classic("WriteOnly", true, json!([]), json!([]));
        assert_eq!(recorded(&writes), [true, false, false, false]);
        let without_kms = classic("All", true, json!(["kms.amazonaws.com"]), json!([]));
        assert_eq!(recorded(&without_kms), [false, false, false, false]);
        let none = classic("All", false, json!([]), json!([]));
        assert_eq!(recorded(&none), [false, false, false, false]);
    }

    #[test]
    fn only_all_buckets_are_all_buckets() {
        for whole in ["arn:aws:s3", "arn:aws:s3:::", "arn:aws-cn:s3:::"] {
            let given = classic("WriteOnly", false, json!([]), json!([whole]));
            assert_eq!(recorded(&given), [false, false, true, false], "{whole}");
        }
        let one = classic("All", false, json!([]), json!(["arn:aws:s3:::one/"]));
        assert_eq!(recorded(&one), [false, false, false, false]);
    }

    #[test]
    fn advanced_selectors_count_by_content_not_by_name() {
        let management = selector("eventCategory", json!(["Management"]), json!([]));
        assert_eq!(
            recorded(&advanced(std::slice::from_ref(&management))),
            [true, true, false, false]
        );
        let reads = selector("readOnly", json!(["true"]), json!([]));
        assert_eq!(recorded(&advanced(&[management.clone(), reads])), [false, true, false, false]);
        let without = selector("eventSource", json!([]), json!(["kms.amazonaws.com"]));
        assert_eq!(recorded(&advanced(&[management, without])), [false, false, false, false]);
    }

    #[test]
    fn a_data_selector_is_no_management_selector() {
        let data = selector("eventCategory", json!(["Data"]), json!([]));
        let objects = selector("resources.type", json!(["AWS::S3::Object"]), json!([]));
        let given = advanced(&[data.clone(), objects.clone()]);
        assert_eq!(recorded(&given), [false, false, true, true]);
        let one = selector("resources.ARN", json!(["arn:aws:s3:::one/"]), json!([]));
        assert_eq!(recorded(&advanced(&[data, objects, one])), [false, false, false, false]);
    }

    #[test]
    fn no_selector_at_all_decides_nothing() {
        let given = json!({"event_selectors": [], "advanced_event_selectors": []});
        assert!(recorded(&given).iter().all(|value| value.get("$unknown").is_some()));
    }

    #[test]
    fn hiding_a_selector_decides_nothing_else() {
        let two = selector("eventCategory", json!(["Management"]), json!([]));
        let three = selector("readOnly", json!(["true"]), json!([]));
        for given in [
            classic("All", true, json!(["kms.amazonaws.com"]), json!(["arn:aws:s3"])),
            classic("ReadOnly", true, json!([]), json!([])),
            advanced(&[two.clone(), three]),
            advanced(&[two]),
        ] {
            for field in FIELDS {
                assert_blinding::<Trail>(&given, field);
            }
        }
        assert_blinding::<Trail>(&json!({"status": {"is_logging": true}}), "is_logging");
    }

    #[test]
    fn a_member_learns_from_the_account_of_the_trail() {
        let mut builder = Builder::new(MODEL);
        let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org";
        let denied = || Slot::Unknown(Reason::undecided("denied"));
        let everything = AdvancedEventSelector {
            field_selectors: Slot::Known(Items::from(vec![FieldSelector {
                field: "eventCategory".into(),
                equals: Slot::Known(Items::from(vec!["Management".to_owned()])),
                starts_with: Items::default().into(),
                ends_with: Items::default().into(),
                not_equals: Items::default().into(),
                not_starts_with: Items::default().into(),
                not_ends_with: Items::default().into(),
            }])),
            ..Default::default()
        };
        let home = Trail {
            arn: arn.into(),
            status: Slot::Known(TrailStatus { is_logging: true.into(), ..Default::default() }),
            event_selectors: Slot::Known(Items::<EventSelector>::default()),
            advanced_event_selectors: Slot::Known(Items::from(vec![everything])),
            ..Default::default()
        };
        let shadow = Trail {
            arn: arn.into(),
            status: denied().map(|()| TrailStatus::default()),
            event_selectors: denied().map(|()| Items::default()),
            advanced_event_selectors: denied().map(|()| Items::default()),
            ..Default::default()
        };
        for (id, trail) in [("111122223333", home), ("444455556666", shadow)] {
            let account = id.parse().unwrap();
            builder.account(Account {
                id: id.parse().unwrap(),
                name: None,
                partition: Partition::Aws,
                organizational_units: vec![],
                status: AccountStatus::Scanned,
                regions: vec![],
                excluded_regions: vec![],
            });
            builder.add(&Place { account, region: None }, arn, trail);
        }
        let inventory = builder.seal(0, &Wanted::Everything);
        for entry in inventory.resources(Trail::record()) {
            let view = inventory.view(entry);
            assert_eq!(view.bool("is_logging"), Slot::Known(true), "{}", entry.account);
            assert_eq!(view.bool("records_all_management_reads"), Slot::Known(true));
        }
    }

    #[test]
    fn services_that_may_be_left_out_matter_only_to_their_own_events() {
        let most = |given: &Json| {
            assert_blinding::<Trail>(given, "records_management_writes");
            derived::<Trail>(given, "records_management_writes")
        };
        let kms = json!(["kms.amazonaws.com"]);
        assert_eq!(most(&classic("All", true, kms.clone(), json!([]))), true);
        assert_eq!(most(&classic("ReadOnly", true, kms.clone(), json!([]))), false);
        assert_eq!(most(&classic("All", false, json!([]), json!([]))), false);
        let without = |sources: Json| {
            let management = selector("eventCategory", json!(["Management"]), json!([]));
            advanced(&[management, selector("eventSource", json!([]), sources)])
        };
        assert_eq!(most(&without(kms)), true);
        assert_eq!(most(&without(json!(["s3.amazonaws.com"]))), false);
    }
}
