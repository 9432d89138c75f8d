//! KMS, access points, endpoint services, policies of log groups, and control policies.

use aws_sdk_organizations::types::PolicyType;
use postura::synthetic::world::{Account, Region};

use super::{Aws, code, run, scenario, time, twice};
use postura::synthetic::Faults;
use scenario::{MANAGEMENT, PRODUCTION};

#[test]
fn keys_come_through_with_aliases_rotation_policy_and_grants() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let client = aws_sdk_kms::Client::new(&aws.config(&account.id, &region.name));
                keys(&client, region).await;
            }
        }
    });
}

async fn keys(client: &aws_sdk_kms::Client, region: &Region) {
    let pages = client.list_keys().into_paginator().send().try_collect().await.expect("pages");
    let listed: Vec<_> = pages.iter().flat_map(|page| page.keys()).collect();
    assert_eq!(listed.len(), region.keys.len());
    let pages = client.list_aliases().into_paginator().send().try_collect().await.expect("pages");
    let aliases: Vec<_> = pages.iter().flat_map(|page| page.aliases()).collect();
    assert_eq!(aliases.len(), region.keys.iter().map(|key| key.aliases.len()).sum::<usize>());
    for (read, own) in listed.iter().zip(&region.keys) {
        let id = read.key_id().expect("an id");
        assert_eq!(id, own.id);
        assert!(read.key_arn().is_some_and(|arn| arn.ends_with(&format!(":key/{id}"))));
        let described = client.describe_key().key_id(id).send().await.expect("a key");
        let described = described.key_metadata.expect("a description");
        assert_eq!(described.key_state().map(|it| it.as_str()), Some(own.state.as_str()));
        assert_eq!(described.key_spec().map(|it| it.as_str()), Some(own.spec.as_str()));
        assert_eq!(described.origin().map(|it| it.as_str()), Some(own.origin.as_str()));
        assert_eq!(time(described.deletion_date()), own.deletion);
        let manager = described.key_manager().expect("a manager").as_str();
        assert_eq!(manager == "AWS", own.aws_managed);
        let rotation = client.get_key_rotation_status().key_id(id).send().await;
        match own.rotates() {
            false => assert_eq!(code(rotation), "UnsupportedOperationException"),
            true => {
                let rotation = rotation.expect("a status");
                assert_eq!(rotation.key_rotation_enabled(), own.rotation_days.is_some());
                let days = own.rotation_days.map(|days| i32::try_from(days).expect("days"));
                assert_eq!(rotation.rotation_period_in_days(), days);
            }
        }
        let policy = client.get_key_policy().key_id(id).send().await.expect("a policy");
        assert_eq!(policy.policy(), Some(own.policy.as_str()));
        let grants = client.list_grants().key_id(id).send().await.expect("grants");
        let grantees: Vec<_> =
            grants.grants().iter().filter_map(|it| it.grantee_principal()).collect();
        let owned: Vec<_> = own.grants.iter().map(|it| it.grantee.as_str()).collect();
        assert_eq!(grantees, owned);
    }
}

#[test]
fn access_points_come_through_with_settings_and_policy() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let config = aws.config(&account.id, &region.name);
                let client = aws_sdk_s3control::Client::new(&config);
                access_points(&client, &account, region).await;
            }
        }
    });
}

async fn access_points(client: &aws_sdk_s3control::Client, account: &Account, region: &Region) {
    let request = client.list_access_points().account_id(&account.id);
    let pages = request.into_paginator().send().try_collect().await.expect("pages");
    let listed: Vec<_> = pages.iter().flat_map(|page| page.access_point_list()).collect();
    assert_eq!(listed.len(), region.access_points.len());
    for (read, own) in listed.iter().zip(&region.access_points) {
        assert_eq!((read.name(), read.bucket()), (own.name.as_str(), own.bucket.as_str()));
        let vpc = read.vpc_configuration().map(|it| it.vpc_id());
        assert_eq!(vpc, own.vpc.as_deref());
        let settings = client.get_access_point().account_id(&account.id).name(&own.name);
        let settings = settings.send().await.expect("settings");
        let block = settings.public_access_block_configuration().expect("settings");
        assert_eq!(block.restrict_public_buckets(), Some(own.block.restrict_public_buckets));
        let policy = client.get_access_point_policy().account_id(&account.id).name(&own.name);
        let policy = policy.send().await;
        let status = client.get_access_point_policy_status().account_id(&account.id);
        let status = status.name(&own.name).send().await;
        match &own.policy {
            None => {
                assert_eq!(code(policy), "NoSuchAccessPointPolicy");
                assert_eq!(code(status), "NoSuchAccessPointPolicy");
            }
            Some(document) => {
                assert_eq!(policy.expect("a policy").policy(), Some(document.as_str()));
                let status = status.expect("a status").policy_status.expect("a status");
                assert_eq!(status.is_public, own.policy_is_public);
            }
        }
    }
}

#[test]
fn endpoint_services_and_policies_of_log_groups_come_through() {
    twice(async |aws| {
        for account in aws.accounts() {
            for region in Aws::regions(&account) {
                let config = aws.config(&account.id, &region.name);
                let ec2 = aws_sdk_ec2::Client::new(&config);
                let request = ec2.describe_vpc_endpoint_service_configurations();
                let pages = request.into_paginator().send().try_collect().await.expect("pages");
                let read: Vec<_> =
                    pages.iter().flat_map(|page| page.service_configurations()).collect();
                assert_eq!(read.len(), region.endpoint_services.len());
                for (read, own) in read.iter().zip(&region.endpoint_services) {
                    assert_eq!(read.acceptance_required(), Some(own.acceptance));
                    let request = ec2.describe_vpc_endpoint_service_permissions();
                    let pages = request.service_id(&own.id).into_paginator().send();
                    let pages = pages.try_collect().await.expect("pages");
                    let read: Vec<_> = pages
                        .iter()
                        .flat_map(|page| page.allowed_principals())
                        .filter_map(|it| it.principal())
                        .collect();
                    assert_eq!(read, own.principals);
                }
                let logs = aws_sdk_cloudwatchlogs::Client::new(&config);
                let mut read = Vec::new();
                let mut token = None;
                loop {
                    let request = logs.describe_resource_policies().set_next_token(token);
                    let page = request.send().await.expect("a page");
                    let policies = page.resource_policies().iter();
                    read.extend(policies.filter_map(|it| it.policy_document.clone()));
                    token = page.next_token;
                    if token.is_none() {
                        break;
                    }
                }
                let own: Vec<_> =
                    region.log_policies.iter().map(|it| it.document.as_str()).collect();
                assert_eq!(read, own);
            }
        }
    });
}

#[test]
fn control_policies_come_through_to_the_management_account_alone() {
    twice(async |aws| {
        let world = aws.server.world();
        let organization = world.organizations.first().expect("an organization");
        let client = aws_sdk_organizations::Client::new(&aws.config(MANAGEMENT, "us-east-1"));
        for kind in [PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy] {
            let pages = client.list_policies().filter(kind.clone()).into_paginator().send();
            let pages = pages.try_collect().await.expect("pages");
            let read: Vec<_> = pages.iter().flat_map(|page| page.policies()).collect();
            let own: Vec<_> =
                organization.policies.iter().filter(|it| it.kind == kind.as_str()).collect();
            assert_eq!(read.len(), own.len());
            for (read, own) in read.iter().zip(own) {
                assert_eq!((read.id(), read.name()), (Some(&*own.id), Some(&*own.name)));
                let content = client.describe_policy().policy_id(&own.id).send().await;
                let policy = content.expect("a policy").policy.expect("a policy");
                assert_eq!(policy.content(), Some(own.document.as_str()));
                let targets = client.list_targets_for_policy().policy_id(&own.id);
                let pages = targets.into_paginator().send().try_collect().await.expect("pages");
                let targets: Vec<_> = pages
                    .iter()
                    .flat_map(|page| page.targets())
                    .filter_map(|target| target.target_id())
                    .collect();
                assert_eq!(targets, own.targets);
            }
        }
        let features = aws_sdk_iam::Client::new(&aws.config(MANAGEMENT, "us-east-1"));
        let features = features.list_organizations_features().send().await.expect("features");
        let read: Vec<_> = features.enabled_features().iter().map(|it| it.as_str()).collect();
        assert_eq!(read, organization.iam_features);
    });
    run(async {
        let aws = Aws::demo(Faults::default());
        let member = aws_sdk_organizations::Client::new(&aws.config(PRODUCTION, "us-east-1"));
        let refused = member.list_policies().filter(PolicyType::ServiceControlPolicy).send().await;
        assert_eq!(code(refused), "AccessDeniedException");
    });
}
