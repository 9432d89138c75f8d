//! Config, GuardDuty, Access Analyzer, event rules and contacts.

use aws_sdk_guardduty::types::{Condition, FindingCriteria};
use postura::synthetic::world::{Account, Detector, Recording, Region};

use super::scenario::{MANAGEMENT, PRODUCTION, SANDBOX};
use super::{Aws, code, twice};

#[test]
fn recorders_channels_and_aggregators_come_as_the_world_has_them() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                config(aws, &account, region).await;
            }
        }
    });
}

async fn config(aws: &Aws, account: &Account, region: &Region) {
    let client = aws_sdk_config::Client::new(&aws.config(&account.id, &region.name));
    let own = &region.config;
    let read = client.describe_configuration_recorders().send().await.expect("recorders");
    let read = read.configuration_recorders();
    assert_eq!(read.len(), usize::from(own.recorder.is_some()));
    let status = client.describe_configuration_recorder_status().send().await.expect("status");
    for (read, own) in read.iter().zip(&own.recorder) {
        assert_eq!(read.name(), Some(own.name.as_str()));
        assert_eq!(read.role_arn(), Some(own.role.as_str()));
        let group = read.recording_group().expect("a group");
        assert_eq!(group.all_supported(), matches!(own.recording, Recording::Everything));
        assert_eq!(group.include_global_resource_types(), own.global_types);
        let status = &status.configuration_recorders_status()[0];
        assert_eq!((status.name(), status.recording()), (read.name(), own.running));
        assert_eq!(status.last_error_code(), own.error.as_deref());
    }
    let channels = client.describe_delivery_channels().send().await.expect("channels");
    let status = client.describe_delivery_channel_status().send().await.expect("status");
    for (read, own) in channels.delivery_channels().iter().zip(&own.channel) {
        assert_eq!(read.s3_bucket_name(), Some(own.bucket.as_str()));
        let history = status.delivery_channels_status()[0].config_history_delivery_info();
        assert_eq!(history.expect("a status").last_error_code(), own.error.as_deref());
    }
    let pages = client.describe_configuration_aggregators().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let read = pages.iter().flat_map(|page| page.configuration_aggregators());
    let read: Vec<_> = read.map(|it| it.configuration_aggregator_name().unwrap()).collect();
    let names: Vec<_> = own.aggregators.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(read, names);
}

#[test]
fn detectors_come_with_features_findings_filters_and_administrator() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let client = aws_sdk_guardduty::Client::new(&aws.config(&account.id, &region.name));
                let pages = client.list_detectors().into_paginator().send();
                let pages = pages.try_collect().await.expect("pages");
                let ids: Vec<&String> = pages.iter().flat_map(|page| page.detector_ids()).collect();
                let own: Vec<&String> = region.detector.iter().map(|it| &it.id).collect();
                assert_eq!(ids, own);
                if let Some(own) = &region.detector {
                    detector(&client, own).await;
                }
            }
        }
    });
}

async fn detector(client: &aws_sdk_guardduty::Client, own: &Detector) {
    let id = own.id.as_str();
    let read = client.get_detector().detector_id(id).send().await.expect("a detector");
    let status = read.status().map(|word| word.as_str());
    assert_eq!(status, Some(if own.enabled { "ENABLED" } else { "DISABLED" }));
    for feature in read.features() {
        let name = feature.name().expect("a name").as_str();
        let on = feature.status().map(|word| word.as_str()) == Some("ENABLED");
        assert_eq!(on, own.features.iter().any(|it| it == name), "{name}");
    }
    let open = FindingCriteria::builder()
        .criterion("service.archived", Condition::builder().equals("false").build())
        .criterion("severity", Condition::builder().greater_than_or_equal(4).build())
        .build();
    let pages = client.list_findings().detector_id(id).finding_criteria(open);
    let pages = pages.into_paginator().send().try_collect().await.expect("pages");
    let ids: Vec<String> = pages.iter().flat_map(|page| page.finding_ids()).cloned().collect();
    let wanted = own.findings.iter().filter(|it| !it.archived && it.severity >= 4.0);
    let wanted: Vec<_> = wanted.collect();
    assert_eq!(ids, wanted.iter().map(|it| it.id.clone()).collect::<Vec<_>>());
    let request = client.get_findings().detector_id(id).set_finding_ids(Some(ids));
    let found = request.send().await.expect("findings");
    for (read, own) in found.findings().iter().zip(wanted) {
        assert_eq!(read.r#type(), Some(own.kind.as_str()));
        assert_eq!(read.severity(), Some(own.severity));
        let resource = read.resource().and_then(|it| it.instance_details());
        assert_eq!(resource.and_then(|it| it.instance_id()), own.instance.as_deref());
    }
    let pages = client.list_filters().detector_id(id).into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let names: Vec<&String> = pages.iter().flat_map(|page| page.filter_names()).collect();
    assert_eq!(names, own.filters.iter().map(|it| &it.name).collect::<Vec<_>>());
    for own in &own.filters {
        let read = client.get_filter().detector_id(id).filter_name(&own.name).send().await;
        let read = read.expect("a filter");
        let criteria = read.finding_criteria().and_then(|it| it.criterion()).expect("criteria");
        for (field, values) in &own.criteria {
            assert_eq!(criteria[field].equals(), values.as_slice());
        }
    }
    let read = client.get_administrator_account().detector_id(id).send().await.expect("an answer");
    let administrator = read.administrator().and_then(|it| it.account_id());
    assert_eq!(administrator, own.administrator.as_deref());
    let enrolment = client.describe_organization_configuration().detector_id(id).send().await;
    match &own.enrols {
        Some(enrols) => {
            let read = enrolment.expect("an answer");
            let members = read.auto_enable_organization_members().map(|word| word.as_str());
            assert_eq!(members, Some(enrols.as_str()));
        }
        None => assert_eq!(code(enrolment), "BadRequestException"),
    }
}

#[test]
fn analyzers_come_with_their_open_findings() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let config = aws.config(&account.id, &region.name);
                let client = aws_sdk_accessanalyzer::Client::new(&config);
                let pages = client.list_analyzers().into_paginator().send();
                let pages = pages.try_collect().await.expect("pages");
                let read: Vec<_> = pages.iter().flat_map(|page| page.analyzers()).collect();
                assert_eq!(read.len(), region.analyzers.len());
                for (read, own) in read.iter().zip(&region.analyzers) {
                    assert_eq!(read.name(), own.name);
                    assert_eq!(read.r#type().as_str(), own.kind);
                    assert_eq!(read.status().as_str(), own.status);
                    let pages = client.list_findings_v2().analyzer_arn(read.arn());
                    let pages = pages.into_paginator().send().try_collect().await.expect("pages");
                    let found = pages.iter().flat_map(|page| page.findings());
                    let found: Vec<_> = found.filter_map(|it| it.resource()).collect();
                    let own: Vec<_> = own.findings.iter().map(|it| it.resource.as_str()).collect();
                    assert_eq!(found, own);
                }
            }
        }
    });
}

#[test]
fn event_rules_come_with_patterns_and_targets() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let config = aws.config(&account.id, &region.name);
                let client = aws_sdk_eventbridge::Client::new(&config);
                let (mut read, mut token) = (Vec::new(), None);
                loop {
                    let page = client.list_rules().set_next_token(token).send().await;
                    let page = page.expect("a page");
                    read.extend(page.rules.unwrap_or_default());
                    token = page.next_token;
                    if token.is_none() {
                        break;
                    }
                }
                assert_eq!(read.len(), region.event_rules.len());
                for (read, own) in read.iter().zip(&region.event_rules) {
                    assert_eq!(read.name(), Some(own.name.as_str()));
                    assert_eq!(read.event_pattern(), own.pattern.as_deref());
                    let enabled = read.state().map(|word| word.as_str()) == Some("ENABLED");
                    assert_eq!(enabled, own.enabled);
                    let targets = client.list_targets_by_rule().rule(&own.name).send().await;
                    let targets = targets.expect("targets").targets.unwrap_or_default();
                    assert!(targets.iter().all(|it| own.targets.contains(&it.arn)));
                }
            }
        }
    });
}

#[test]
fn a_contact_that_is_not_there_has_its_own_code() {
    super::run(async {
        let aws = Aws::demo(super::Faults::default());
        let kind = aws_sdk_account::types::AlternateContactType::Security;
        let ask = async |account: &str| {
            let client = aws_sdk_account::Client::new(&aws.config(account, "us-east-1"));
            client.get_alternate_contact().alternate_contact_type(kind.clone()).send().await
        };
        let read = ask(PRODUCTION).await.expect("a contact");
        let contact = read.alternate_contact().expect("a contact");
        assert_eq!(contact.email_address(), Some("security@acme.example"));
        assert_eq!(code(ask(SANDBOX).await), "ResourceNotFoundException");
    });
}

#[test]
fn the_management_account_names_the_administrators_of_a_service() {
    super::run(async {
        let aws = Aws::demo(super::Faults::default());
        let client = aws_sdk_organizations::Client::new(&aws.config(MANAGEMENT, "us-east-1"));
        let ask = async |service: &str| {
            let request = client.list_delegated_administrators().service_principal(service);
            request.send().await.expect("administrators").delegated_administrators
        };
        let found = ask("config.amazonaws.com").await.expect("a list");
        let ids: Vec<_> = found.iter().filter_map(|it| it.id()).collect();
        assert_eq!(ids, [PRODUCTION]);
        assert_eq!(ask("access-analyzer.amazonaws.com").await, Some(vec![]));
        let member = aws_sdk_organizations::Client::new(&aws.config(PRODUCTION, "us-east-1"));
        let denied = member.list_delegated_administrators().send().await;
        assert_eq!(code(denied), "AccessDeniedException");
    });
}
