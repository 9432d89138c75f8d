//! AWS Config: recorders, delivery channels and aggregators of a region.

use aws_sdk_config::types::{
    ConfigExportDeliveryInfo, ConfigStreamDeliveryInfo, ConfigurationAggregator,
    ConfigurationRecorder, ConfigurationRecorderStatus, DeliveryChannel as GivenChannel,
    DeliveryChannelStatus,
};

use super::convert::{field, left_out, text, texts, time};
use super::place::Cell;
use super::sweep::{Sweep, sweep};
use crate::inventory::{Items, Slot};
use crate::resources::config::{
    Aggregator, DESCRIBE_CONFIGURATION_AGGREGATORS, DESCRIBE_CONFIGURATION_RECORDER_STATUS,
    DESCRIBE_CONFIGURATION_RECORDERS, DESCRIBE_DELIVERY_CHANNEL_STATUS, DESCRIBE_DELIVERY_CHANNELS,
    DeliveryChannel, DeliveryInfo, DeliveryStatus, Recorder, RecorderStatus,
};
use crate::session::Walk;

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[
    sweep!(
        "config-recorders",
        Region,
        [Recorder],
        [DESCRIBE_CONFIGURATION_RECORDERS, DESCRIBE_CONFIGURATION_RECORDER_STATUS],
        recorders
    ),
    sweep!(
        "config-delivery-channels",
        Region,
        [DeliveryChannel],
        [DESCRIBE_DELIVERY_CHANNELS, DESCRIBE_DELIVERY_CHANNEL_STATUS],
        channels
    ),
    sweep!(
        "config-aggregators",
        Region,
        [Aggregator],
        [DESCRIBE_CONFIGURATION_AGGREGATORS],
        aggregators
    ),
];

async fn recorders(cell: &Cell) {
    let config = cell.clients().config();
    let caller = cell.caller();
    let (call, about) =
        (&DESCRIBE_CONFIGURATION_RECORDERS, &DESCRIBE_CONFIGURATION_RECORDER_STATUS);
    let mut walk = Walk::default();
    let page = walk.next(caller, call, |_| config.describe_configuration_recorders().send()).await;
    let found = page.map(|page| walk.items(page.configuration_recorders)).unwrap_or_default();
    if !found.is_empty() {
        let status = cell
            .fetch(
                about,
                caller.call(about, || config.describe_configuration_recorder_status().send()),
            )
            .await;
        let status = cell.settle(about, None, status);
        for recorder in found {
            let Some(name) = recorder.name.clone() else {
                walk.cut("ItemWithoutId");
                continue;
            };
            let own = field(&status, |answer| {
                let all = answer.configuration_recorders_status.iter().flatten();
                let own = all.into_iter().find(|it| it.name.as_deref() == Some(&name));
                own.map_or_else(left_out, |it| Slot::Known(recorder_status(it)))
            });
            cell.add(&name, Recorder { status: own, ..recorder_facts(recorder) }).await;
        }
    }
    cell.cover::<Recorder>(call, walk.end()).await;
}

fn recorder_facts(given: ConfigurationRecorder) -> Recorder {
    let facts = Recorder {
        name: given.name.into(),
        arn: text(given.arn),
        role_arn: given.role_arn.into(),
        ..Recorder::default()
    };
    let Some(group) = given.recording_group else {
        return Recorder {
            all_supported: left_out(),
            include_global_resource_types: left_out(),
            recording_strategy: left_out(),
            resource_types: left_out(),
            excluded_resource_types: left_out(),
            ..facts
        };
    };
    let words = |types: Option<Vec<aws_sdk_config::types::ResourceType>>| {
        texts(types.map(|all| all.iter().map(|it| it.as_str().to_owned()).collect()))
    };
    let strategy = group.recording_strategy.and_then(|it| it.use_only);
    Recorder {
        all_supported: group.all_supported.into(),
        include_global_resource_types: group.include_global_resource_types.into(),
        recording_strategy: strategy.map(|word| word.as_str().to_owned()).into(),
        resource_types: words(group.resource_types),
        excluded_resource_types: words(
            group.exclusion_by_resource_types.and_then(|it| it.resource_types),
        ),
        ..facts
    }
}

fn recorder_status(given: &ConfigurationRecorderStatus) -> RecorderStatus {
    RecorderStatus {
        recording: given.recording.into(),
        last_status: given.last_status.as_ref().map(|word| word.as_str().to_owned()).into(),
        last_error_code: text(given.last_error_code.clone()),
        last_start_time: time(given.last_start_time),
        last_stop_time: time(given.last_stop_time),
    }
}

async fn channels(cell: &Cell) {
    let config = cell.clients().config();
    let caller = cell.caller();
    let (call, about) = (&DESCRIBE_DELIVERY_CHANNELS, &DESCRIBE_DELIVERY_CHANNEL_STATUS);
    let mut walk = Walk::default();
    let page = walk.next(caller, call, |_| config.describe_delivery_channels().send()).await;
    let found = page.map(|page| walk.items(page.delivery_channels)).unwrap_or_default();
    if !found.is_empty() {
        let status = cell
            .fetch(about, caller.call(about, || config.describe_delivery_channel_status().send()))
            .await;
        let status = cell.settle(about, None, status);
        for channel in found {
            let Some(name) = channel.name.clone() else {
                walk.cut("ItemWithoutId");
                continue;
            };
            let own = field(&status, |answer| {
                let all = answer.delivery_channels_status.iter().flatten();
                let own = all.into_iter().find(|it| it.name.as_deref() == Some(&name));
                own.map_or_else(left_out, |it| Slot::Known(channel_status(it)))
            });
            cell.add(&name, DeliveryChannel { status: own, ..channel_facts(channel) }).await;
        }
    }
    cell.cover::<DeliveryChannel>(call, walk.end()).await;
}

fn channel_facts(given: GivenChannel) -> DeliveryChannel {
    DeliveryChannel {
        name: given.name.into(),
        s3_bucket_name: given.s3_bucket_name.into(),
        s3_key_prefix: text(given.s3_key_prefix),
        sns_topic_arn: text(given.sns_topic_arn),
        ..DeliveryChannel::default()
    }
}

fn channel_status(given: &DeliveryChannelStatus) -> DeliveryStatus {
    let export = |info: Option<&ConfigExportDeliveryInfo>| {
        info.map(|it| DeliveryInfo {
            last_status: it.last_status.as_ref().map(|word| word.as_str().to_owned()).into(),
            last_error_code: text(it.last_error_code.clone()),
        })
    };
    let stream = |info: Option<&ConfigStreamDeliveryInfo>| {
        info.map(|it| DeliveryInfo {
            last_status: it.last_status.as_ref().map(|word| word.as_str().to_owned()).into(),
            last_error_code: text(it.last_error_code.clone()),
        })
    };
    DeliveryStatus {
        config_snapshot: export(given.config_snapshot_delivery_info.as_ref()).into(),
        config_history: export(given.config_history_delivery_info.as_ref()).into(),
        config_stream: stream(given.config_stream_delivery_info.as_ref()).into(),
    }
}

async fn aggregators(cell: &Cell) {
    let config = cell.clients().config();
    let call = &DESCRIBE_CONFIGURATION_AGGREGATORS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |token| {
            config.describe_configuration_aggregators().set_next_token(token).send()
        })
        .await
    {
        for (name, aggregator) in walk
            .named(page.configuration_aggregators, |it| it.configuration_aggregator_name.clone())
        {
            cell.add(&name, aggregator_facts(aggregator)).await;
        }
        walk.then(page.next_token);
    }
    cell.cover::<Aggregator>(call, walk.end()).await;
}

fn aggregator_facts(given: ConfigurationAggregator) -> Aggregator {
    let organization = given.organization_aggregation_source;
    let accounts = given.account_aggregation_sources.unwrap_or_default();
    let accounts: Items<String> = accounts.into_iter().flat_map(|it| it.account_ids).collect();
    Aggregator {
        name: given.configuration_aggregator_name.into(),
        arn: given.configuration_aggregator_arn.into(),
        covers_organization: organization.is_some().into(),
        organization_all_regions: organization.as_ref().is_some_and(|it| it.all_aws_regions).into(),
        organization_regions: texts(organization.and_then(|it| it.aws_regions)),
        account_ids: Slot::Known(accounts),
    }
}
