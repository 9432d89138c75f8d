//! From CloudTrail's answers to the fields of a trail.

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_insight_selectors::GetInsightSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector as GivenAdvanced, AdvancedFieldSelector, DataResource as GivenResource,
    EventSelector as GivenSelector, Trail as DescribedTrail,
};

use super::super::convert::{field, left_out, missing, text, texts, time};
use crate::aws::Arn;
use crate::inventory::{Items, Reason, Slot};
use crate::resources::trail::{
    AdvancedEventSelector, DataResource, EventSelector, FieldSelector, Trail, TrailStatus,
};

/// What the settings say.
pub(super) fn described(trail: &DescribedTrail) -> Trail {
    let group = text(trail.cloud_watch_logs_log_group_arn.clone());
    Trail {
        name: trail.name.clone().into(),
        is_multi_region_trail: trail.is_multi_region_trail.into(),
        include_global_service_events: trail.include_global_service_events.into(),
        is_organization_trail: trail.is_organization_trail.into(),
        log_file_validation_enabled: trail.log_file_validation_enabled.into(),
        s3_bucket_name: trail.s3_bucket_name.clone().into(),
        s3_key_prefix: text(trail.s3_key_prefix.clone()),
        sns_topic_arn: text(trail.sns_topic_arn.clone()),
        kms_key_id: text(trail.kms_key_id.clone()),
        cloud_watch_logs_log_group_arn: group
            .map(|arn| arn.strip_suffix(":*").unwrap_or(&arn).to_owned()),
        ..Trail::default()
    }
}

/// A trail that the list names and whose settings could not be read.
pub(super) fn undescribed(name: Option<String>, reason: &Reason) -> Trail {
    fn unknown<T>(reason: &Reason) -> Slot<T> {
        Slot::Unknown(reason.clone())
    }
    Trail {
        name: name.into(),
        is_multi_region_trail: unknown(reason),
        include_global_service_events: unknown(reason),
        is_organization_trail: unknown(reason),
        log_file_validation_enabled: unknown(reason),
        s3_bucket_name: unknown(reason),
        s3_key_prefix: unknown(reason),
        sns_topic_arn: unknown(reason),
        kms_key_id: unknown(reason),
        cloud_watch_logs_log_group_arn: unknown(reason),
        ..Trail::default()
    }
}

/// The account within a trail's ARN.
pub(super) fn owner(arn: &str) -> Slot<String> {
    match arn.parse::<Arn>() {
        Ok(arn) if !arn.account().is_empty() => Slot::Known(arn.account().to_owned()),
        _ => Slot::Unknown(missing("the trail's ARN names no account")),
    }
}

/// How the trail is doing.
pub(super) fn status(answer: &GetTrailStatusOutput) -> Slot<TrailStatus> {
    if answer.is_logging.is_none() {
        return left_out();
    }
    Slot::Known(TrailStatus {
        is_logging: answer.is_logging.into(),
        latest_delivery_time: time(answer.latest_delivery_time),
        latest_delivery_error: text(answer.latest_delivery_error.clone()),
        latest_digest_delivery_time: time(answer.latest_digest_delivery_time),
        latest_digest_delivery_error: text(answer.latest_digest_delivery_error.clone()),
        latest_cloud_watch_logs_delivery_time: time(answer.latest_cloud_watch_logs_delivery_time),
        latest_cloud_watch_logs_delivery_error: text(
            answer.latest_cloud_watch_logs_delivery_error.clone(),
        ),
        latest_notification_error: text(answer.latest_notification_error.clone()),
    })
}

/// The classic selectors. A trail has selectors of one kind or the other; an answer with neither
/// says nothing.
pub(super) fn classic(answer: &GetEventSelectorsOutput) -> Slot<Items<EventSelector>> {
    selectors(answer, answer.event_selectors.as_deref(), classic_selector)
}

/// The advanced selectors.
pub(super) fn advanced(answer: &GetEventSelectorsOutput) -> Slot<Items<AdvancedEventSelector>> {
    selectors(answer, answer.advanced_event_selectors.as_deref(), advanced_selector)
}

fn selectors<G, T>(
    answer: &GetEventSelectorsOutput,
    given: Option<&[G]>,
    read: fn(&G) -> T,
) -> Slot<Items<T>> {
    if answer.event_selectors.is_none() && answer.advanced_event_selectors.is_none() {
        return Slot::Unknown(missing("the reply holds no selectors"));
    }
    Slot::Known(given.unwrap_or_default().iter().map(read).collect())
}

/// The kinds of unusual activity that are reported; a trail without Insights reports none.
pub(super) fn insights(answer: &Slot<GetInsightSelectorsOutput>) -> Slot<Items<String>> {
    let types = field(answer, |it| {
        let Some(selectors) = &it.insight_selectors else { return left_out() };
        let types = selectors.iter().filter_map(|selector| selector.insight_type.as_ref());
        Slot::Known(types.map(|kind| kind.as_str().to_owned()).collect())
    });
    match types {
        Slot::Absent => Slot::Known(Items::default()),
        other => other,
    }
}

fn classic_selector(selector: &GivenSelector) -> EventSelector {
    let resources = selector.data_resources.iter().flatten();
    EventSelector {
        read_write_type: selector
            .read_write_type
            .as_ref()
            .map(|word| word.as_str().to_owned())
            .into(),
        include_management_events: selector.include_management_events.into(),
        exclude_management_event_sources: texts(selector.exclude_management_event_sources.clone()),
        data_resources: Slot::Known(resources.map(data_resource).collect()),
    }
}

fn data_resource(resource: &GivenResource) -> DataResource {
    DataResource {
        type_name: resource.r#type.clone().into(),
        values: texts(resource.values.clone()),
    }
}

fn advanced_selector(selector: &GivenAdvanced) -> AdvancedEventSelector {
    AdvancedEventSelector {
        name: text(selector.name.clone()),
        field_selectors: Slot::Known(selector.field_selectors.iter().map(condition).collect()),
    }
}

fn condition(selector: &AdvancedFieldSelector) -> FieldSelector {
    FieldSelector {
        field: selector.field.clone().into(),
        equals: texts(selector.equals.clone()),
        starts_with: texts(selector.starts_with.clone()),
        ends_with: texts(selector.ends_with.clone()),
        not_equals: texts(selector.not_equals.clone()),
        not_starts_with: texts(selector.not_starts_with.clone()),
        not_ends_with: texts(selector.not_ends_with.clone()),
    }
}
