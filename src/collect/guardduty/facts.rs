//! From GuardDuty's answers to the fields of a detector.

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use aws_sdk_guardduty::types::{Condition, DetectorFeatureConfigurationResult, Finding};
use jiff::Timestamp;

use super::super::convert::{field, left_out, missing, text};
use crate::inventory::{Items, Slot, Time};
use crate::resources::guardduty::{
    DetectorFeature, DetectorFilter, DetectorFinding, FeatureConfiguration, FilterCriterion,
};

/// What the detector watches.
pub(super) fn features(answer: &GetDetectorOutput) -> Slot<Items<DetectorFeature>> {
    let Some(features) = &answer.features else { return left_out() };
    Slot::Known(features.iter().map(feature).collect())
}

fn feature(given: &DetectorFeatureConfigurationResult) -> DetectorFeature {
    let more = given.additional_configuration.iter().flatten();
    let more = more.map(|it| FeatureConfiguration {
        name: it.name.as_ref().map(|word| word.as_str().to_owned()).into(),
        status: it.status.as_ref().map(|word| word.as_str().to_owned()).into(),
    });
    DetectorFeature {
        name: given.name.as_ref().map(|word| word.as_str().to_owned()).into(),
        status: given.status.as_ref().map(|word| word.as_str().to_owned()).into(),
        additional_configuration: Slot::Known(more.collect()),
    }
}

/// A filter, by its name and what could be read of it.
pub(super) fn filter(name: String, answer: &Slot<GetFilterOutput>) -> DetectorFilter {
    DetectorFilter {
        name: name.into(),
        action: field(answer, |it| it.action.as_ref().map(|word| word.as_str().to_owned()).into()),
        criteria: field(answer, |it| {
            let given = it.finding_criteria.as_ref().and_then(|it| it.criterion.as_ref());
            let Some(given) = given else { return left_out() };
            let mut given: Vec<_> = given.iter().collect();
            given.sort_by_key(|(name, _)| *name);
            Slot::Known(given.into_iter().map(|(name, it)| criterion(name, it)).collect())
        }),
    }
}

#[expect(deprecated, reason = "filters may still be written in the older words")]
fn criterion(name: &str, given: &Condition) -> FilterCriterion {
    let join = |lists: [&Option<Vec<String>>; 3]| {
        Slot::Known(lists.into_iter().flatten().flatten().cloned().collect::<Items<_>>())
    };
    FilterCriterion {
        field: name.into(),
        values: join([&given.eq, &given.equals, &given.matches]),
        excluded_values: join([&given.neq, &given.not_equals, &given.not_matches]),
    }
}

/// A finding.
pub(super) fn finding(given: Finding) -> DetectorFinding {
    let updated = given.updated_at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    let resource = given.resource;
    let instance = resource.as_ref().and_then(|it| it.instance_details.as_ref());
    DetectorFinding {
        id: given.id.into(),
        finding_type: given.r#type.into(),
        severity: match given.severity {
            Some(severity) if (0.0..=10.0).contains(&severity) => {
                Slot::Known(severity.floor() as i64)
            }
            _ => Slot::Unknown(missing("the reply has no severity there")),
        },
        updated_at: updated.map(|at| Time(at.as_second())).into(),
        account_id: given.account_id.into(),
        resource_type: text(resource.as_ref().and_then(|it| it.resource_type.clone())),
        instance_id: text(instance.and_then(|it| it.instance_id.clone())),
    }
}
