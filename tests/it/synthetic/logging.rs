//! CloudTrail, CloudWatch Logs, alarms, SNS, load balancers.

use postura::synthetic::world::{Account, Alarm, AlarmMetric, DefaultAction, Region, Selectors};

use super::{Aws, code, time, twice};

#[test]
fn trails_come_with_status_and_selectors_also_those_of_the_organization() {
    twice(async |aws| {
        for account in aws.accounts() {
            let home = aws_sdk_cloudtrail::Client::new(&aws.config(&account.id, "eu-west-1"));
            let pages = home.list_trails().into_paginator().send();
            let pages = pages.try_collect().await.expect("pages");
            let listed: Vec<_> = pages.iter().flat_map(|page| page.trails()).collect();
            let foreign = usize::from(account.id != super::scenario::MANAGEMENT);
            assert_eq!(listed.len(), account.trails.len() + foreign);
            for own in &account.trails {
                let region = &own.home_region;
                let client = aws_sdk_cloudtrail::Client::new(&aws.config(&account.id, region));
                let described = client.describe_trails().send().await.expect("trails");
                let read = described
                    .trail_list()
                    .iter()
                    .find(|one| one.name() == Some(own.name.as_str()))
                    .expect("the trail");
                assert_eq!(read.s3_bucket_name(), Some(own.bucket.as_str()));
                assert_eq!(read.is_multi_region_trail(), Some(own.multi_region));
                assert_eq!(read.is_organization_trail(), Some(own.organization));
                assert_eq!(read.log_file_validation_enabled(), Some(own.validation));
                assert_eq!(read.kms_key_id(), own.key.as_deref());
                assert_eq!(read.cloud_watch_logs_log_group_arn(), own.log_group.as_deref());
                let arn = read.trail_arn().expect("an ARN");
                let status = client.get_trail_status().name(arn).send().await.expect("status");
                assert_eq!(status.is_logging(), Some(own.status.logging));
                assert_eq!(time(status.latest_delivery_time()), own.status.delivered);
                let error = own.status.delivery_error.as_deref();
                assert_eq!(status.latest_delivery_error(), error);
                let read = client.get_insight_selectors().trail_name(arn).send().await;
                if own.insights.is_empty() {
                    assert_eq!(code(read), "InsightNotEnabledException");
                } else {
                    let read = read.expect("selectors");
                    assert_eq!(read.insight_selectors().len(), own.insights.len());
                }
                let read = client.get_event_selectors().trail_name(arn).send().await;
                let read = read.expect("selectors");
                match &own.selectors {
                    Selectors::Classic(list) => {
                        assert_eq!(read.event_selectors().len(), list.len());
                        let (read, own) = (&read.event_selectors()[0], &list[0]);
                        let kind = read.read_write_type().map(|kind| kind.as_str());
                        assert_eq!(kind, Some(own.read_write.as_str()));
                        assert_eq!(read.exclude_management_event_sources(), own.excluded);
                        assert_eq!(read.data_resources().len(), own.data.len());
                    }
                    Selectors::Advanced(list) => {
                        assert_eq!(read.advanced_event_selectors().len(), list.len());
                        let (read, (name, fields)) =
                            (&read.advanced_event_selectors()[0], &list[0]);
                        assert_eq!(read.name(), Some(name.as_str()));
                        assert_eq!(read.field_selectors().len(), fields.len());
                        let last = read.field_selectors().last().expect("a field");
                        assert_eq!(last.starts_with(), fields.last().expect("one").starts_with);
                    }
                }
            }
            let nothing = home.get_trail_status().name("nothing").send().await;
            assert_eq!(code(nothing), "TrailNotFoundException");
        }
    });
}

#[test]
fn log_groups_filters_alarms_and_topics_come_through() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let config = aws.config(&account.id, &region.name);
                logs(&aws_sdk_cloudwatchlogs::Client::new(&config), region).await;
                alarms(&aws_sdk_cloudwatch::Client::new(&config), region).await;
                topics(&aws_sdk_sns::Client::new(&config), &account, region).await;
            }
        }
    });
}

async fn logs(client: &aws_sdk_cloudwatchlogs::Client, region: &Region) {
    let pages = client.describe_log_groups().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let groups: Vec<_> = pages.iter().flat_map(|page| page.log_groups()).collect();
    assert_eq!(groups.len(), region.log_groups.len());
    for (read, own) in groups.iter().zip(&region.log_groups) {
        assert_eq!(read.log_group_name(), Some(own.name.as_str()));
        assert_eq!(read.retention_in_days(), own.retention);
        assert_eq!(read.kms_key_id(), own.key.as_deref());
    }
    let pages = client.describe_metric_filters().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let read: Vec<_> = pages.iter().flat_map(|page| page.metric_filters()).collect();
    let own: Vec<_> = region.log_groups.iter().flat_map(|group| &group.filters).collect();
    assert_eq!(read.len(), own.len());
    for (read, own) in read.iter().zip(own) {
        assert_eq!(read.filter_pattern(), Some(own.pattern.as_str()));
        let transformation = &read.metric_transformations()[0];
        assert_eq!(transformation.metric_name(), own.metric);
        assert_eq!(transformation.metric_namespace(), own.namespace);
    }
}

async fn alarms(client: &aws_sdk_cloudwatch::Client, region: &Region) {
    use aws_sdk_cloudwatch::types::AlarmType;
    let both = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm];
    let request = client.describe_alarms().set_alarm_types(Some(both.to_vec())).max_records(100);
    let pages = request.into_paginator().send().try_collect().await.expect("pages");
    let metric: Vec<_> = pages.iter().flat_map(|page| page.metric_alarms()).collect();
    let composite: Vec<_> = pages.iter().flat_map(|page| page.composite_alarms()).collect();
    assert_eq!(metric.len() + composite.len(), region.alarms.len());
    let find = |own: &&Alarm| metric.iter().find(|one| one.alarm_name() == Some(own.name.as_str()));
    for own in &region.alarms {
        match &own.watches {
            AlarmMetric::Metric { namespace, name } => {
                let read = find(&own).expect("the alarm");
                assert_eq!(read.namespace(), Some(namespace.as_str()));
                assert_eq!(read.metric_name(), Some(name.as_str()));
                assert_eq!(read.actions_enabled(), Some(own.actions_enabled));
                assert_eq!(read.alarm_actions(), own.actions);
                assert_eq!(time(read.state_updated_timestamp()), Some(own.updated));
                assert_eq!(read.threshold(), Some(1.0));
            }
            AlarmMetric::Math { expression, metrics } => {
                let read = find(&own).expect("the alarm");
                assert_eq!(read.metrics().len(), metrics.len() + 1);
                assert_eq!(read.metrics()[0].expression(), Some(expression.as_str()));
                let stat = read.metrics()[1].metric_stat().expect("a metric");
                let name = stat.metric().and_then(|metric| metric.metric_name());
                assert_eq!(name, Some(metrics[0].2.as_str()));
            }
            AlarmMetric::Composite { rule } => {
                assert!(composite.iter().any(|one| one.alarm_rule() == Some(rule.as_str())));
            }
        }
    }
}

async fn topics(client: &aws_sdk_sns::Client, account: &Account, region: &Region) {
    let pages = client.list_topics().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let listed: Vec<_> = pages.iter().flat_map(|page| page.topics()).collect();
    assert_eq!(listed.len(), region.topics.len());
    for (read, own) in listed.iter().zip(&region.topics) {
        let arn = read.topic_arn().expect("an ARN");
        let read = client.get_topic_attributes().topic_arn(arn).send().await.expect("attributes");
        let attribute = |key: &str| read.attributes().and_then(|all| all.get(key));
        assert_eq!(attribute("Policy"), Some(&own.policy));
        assert_eq!(attribute("KmsMasterKeyId"), own.key.as_ref());
        let pages = client.list_subscriptions_by_topic().topic_arn(arn).into_paginator().send();
        let pages = pages.try_collect().await.expect("pages");
        let read: Vec<_> = pages.iter().flat_map(|page| page.subscriptions()).collect();
        assert_eq!(read.len(), own.subscriptions.len());
        for (read, own) in read.iter().zip(&own.subscriptions) {
            assert_eq!(read.endpoint(), Some(own.endpoint.as_str()));
            let pending = read.subscription_arn() == Some("PendingConfirmation");
            assert_eq!(pending, !own.confirmed);
        }
    }
    let gone = format!("arn:aws:sns:{}:{}:gone", region.name, account.id);
    assert_eq!(code(client.get_topic_attributes().topic_arn(gone).send().await), "NotFound");
}

#[test]
fn load_balancers_come_with_attributes_listeners_and_tags() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let config = aws.config(&account.id, &region.name);
                classic(&aws_sdk_elasticloadbalancing::Client::new(&config), region).await;
                modern(&aws_sdk_elasticloadbalancingv2::Client::new(&config), region).await;
            }
        }
    });
}

async fn classic(client: &aws_sdk_elasticloadbalancing::Client, region: &Region) {
    let pages = client.describe_load_balancers().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let read: Vec<_> = pages.iter().flat_map(|page| page.load_balancer_descriptions()).collect();
    assert_eq!(read.len(), region.classic_balancers.len());
    for (read, own) in read.iter().zip(&region.classic_balancers) {
        assert_eq!(read.scheme(), Some(own.scheme.as_str()));
        assert_eq!(read.security_groups(), own.groups);
        for (read, own) in read.listener_descriptions().iter().zip(&own.listeners) {
            let listener = read.listener().expect("a listener");
            assert_eq!(listener.protocol(), own.protocol);
            assert_eq!(listener.load_balancer_port(), own.port);
            assert_eq!(read.policy_names().first(), own.policy.as_ref());
        }
        let request = client.describe_load_balancer_attributes().load_balancer_name(&own.name);
        let read = request.send().await.expect("attributes").load_balancer_attributes;
        let log = read.and_then(|one| one.access_log).expect("an access log");
        let bucket = own.access_log.as_ref().map(|log| log.bucket.as_str());
        assert_eq!(log.enabled(), own.access_log.is_some());
        assert_eq!(log.s3_bucket_name(), bucket);
        let tags = client.describe_tags().load_balancer_names(&own.name).send().await;
        assert_eq!(tags.expect("tags").tag_descriptions()[0].tags().len(), own.tags.len());
    }
}

async fn modern(client: &aws_sdk_elasticloadbalancingv2::Client, region: &Region) {
    let pages = client.describe_load_balancers().into_paginator().send();
    let pages = pages.try_collect().await.expect("pages");
    let read: Vec<_> = pages.iter().flat_map(|page| page.load_balancers()).collect();
    assert_eq!(read.len(), region.load_balancers.len());
    for (read, own) in read.iter().zip(&region.load_balancers) {
        assert_eq!(read.r#type().map(|kind| kind.as_str()), Some(own.kind.as_str()));
        let arn = read.load_balancer_arn().expect("an ARN");
        let request = client.describe_load_balancer_attributes().load_balancer_arn(arn);
        let attributes = request.send().await.expect("attributes");
        let value = |key: &str| {
            let found = attributes.attributes().iter().find(|one| one.key() == Some(key));
            found.and_then(|one| one.value()).map(str::to_owned)
        };
        let logs = own.access_log.is_some().to_string();
        let expected = (own.kind != "gateway").then_some(logs);
        assert_eq!(value("access_logs.s3.enabled"), expected);
        let pages = client.describe_listeners().load_balancer_arn(arn).into_paginator().send();
        let pages = pages.try_collect().await.expect("pages");
        let listeners: Vec<_> = pages.iter().flat_map(|page| page.listeners()).collect();
        assert_eq!(listeners.len(), own.listeners.len());
        for (read, own) in listeners.iter().zip(&own.listeners) {
            assert_eq!(read.port(), Some(own.port));
            assert_eq!(read.ssl_policy(), own.tls_policy.as_deref());
            let kind = read.default_actions()[0].r#type().map(|kind| kind.as_str());
            let expected = match own.action {
                DefaultAction::Forward => "forward",
                DefaultAction::RedirectToHttps => "redirect",
                DefaultAction::FixedResponse(_) => "fixed-response",
            };
            assert_eq!(kind, Some(expected));
        }
        let tags = client.describe_tags().resource_arns(arn).send().await.expect("tags");
        assert_eq!(tags.tag_descriptions()[0].tags().len(), own.tags.len());
    }
}
