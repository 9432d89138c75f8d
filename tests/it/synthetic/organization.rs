//! STS and Organizations, sessions, and what is denied.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sts::types::Credentials as StsCredentials;
use postura::synthetic::world::AccountStatus;
use postura::synthetic::{Fault, Faults, Rule, Scope};

use super::{Aws, code, run, scenario, twice};
use scenario::{MANAGEMENT, PRODUCTION, SANDBOX};

async fn assume(aws: &Aws, account: &str) -> Result<StsCredentials, String> {
    let sts = aws_sdk_sts::Client::new(&aws.config(MANAGEMENT, "eu-west-1"));
    let request = sts
        .assume_role()
        .role_arn(format!("arn:aws:iam::{account}:role/PosturaAudit"))
        .role_session_name("test");
    match request.send().await {
        Ok(output) => Ok(output.credentials.expect("credentials")),
        Err(error) => Err(code(Err::<(), _>(error))),
    }
}

fn keys(of: &StsCredentials) -> Credentials {
    let token = Some(of.session_token().to_owned());
    Credentials::new(of.access_key_id(), of.secret_access_key(), token, None, "test")
}

#[test]
fn an_assumed_role_acts_in_its_account() {
    run(async {
        let aws = Aws::demo(Faults::default().unassumable(SANDBOX));
        let assumed = assume(&aws, PRODUCTION).await.expect("assumed");
        let sts = aws_sdk_sts::Client::new(&aws.config_with(keys(&assumed), "eu-west-1"));
        let identity = sts.get_caller_identity().send().await.expect("identity");
        assert_eq!(identity.account(), Some(PRODUCTION));
        let arn = format!("arn:aws:sts::{PRODUCTION}:assumed-role/PosturaAudit/test");
        assert_eq!(identity.arn(), Some(arn.as_str()));
        assert_eq!(assume(&aws, SANDBOX).await.expect_err("refused"), "AccessDenied");
    });
}

#[test]
fn a_short_session_ends_and_says_so_in_every_protocol() {
    run(async {
        let length = Some(Duration::ZERO);
        let aws = Aws::demo(Faults { session_length: length, ..Faults::default() });
        let assumed = assume(&aws, PRODUCTION).await.expect("assumed");
        let config = aws.config_with(keys(&assumed), "eu-west-1");
        let ec2 = aws_sdk_ec2::Client::new(&config);
        assert_eq!(code(ec2.describe_vpcs().send().await), "RequestExpired");
        let iam = aws_sdk_iam::Client::new(&config);
        assert_eq!(code(iam.get_account_summary().send().await), "ExpiredToken");
        let trails = aws_sdk_cloudtrail::Client::new(&config);
        assert_eq!(code(trails.list_trails().send().await), "ExpiredTokenException");
        let s3 = aws_sdk_s3::Client::new(&config);
        assert_eq!(code(s3.list_buckets().send().await), "ExpiredToken");
    });
}

#[test]
fn organizations_lists_accounts_units_and_parents() {
    twice(async |aws| {
        let world = aws.server.world();
        let organization = world.organizations.first().expect("one");
        let client = aws_sdk_organizations::Client::new(&aws.config(MANAGEMENT, "us-east-1"));
        let described = client.describe_organization().send().await.expect("described");
        let described = described.organization().expect("an organization");
        assert_eq!(described.id(), Some("o-exampleorgid"));
        assert_eq!(described.master_account_id(), Some(MANAGEMENT));
        let mut accounts = Vec::new();
        let mut pages = client.list_accounts().into_paginator().send();
        while let Some(page) = pages.next().await {
            accounts.extend(page.expect("a page").accounts.unwrap_or_default());
        }
        assert_eq!(accounts.len(), organization.accounts.len());
        for (read, own) in accounts.iter().zip(&organization.accounts) {
            assert_eq!(read.id(), Some(own.id.as_str()));
            assert_eq!(read.name(), Some(own.name.as_str()));
            assert_eq!(read.email(), Some(own.email.as_str()));
            let suspended = read.status().map(|status| status.as_str()) == Some("SUSPENDED");
            assert_eq!(suspended, own.status == AccountStatus::Suspended);
        }
        let pages = client.list_roots().into_paginator().send();
        let pages = pages.try_collect().await.expect("roots");
        let root = pages.iter().flat_map(|page| page.roots()).next().expect("a root");
        let root = root.id().expect("an id");
        let pages = client.list_organizational_units_for_parent().parent_id(root);
        let pages = pages.into_paginator().send().try_collect().await.expect("units");
        let units: Vec<_> = pages.iter().flat_map(|page| page.organizational_units()).collect();
        assert_eq!(units.len(), organization.units.len());
        let mut inside = 0;
        for unit in units {
            let parent = unit.id().expect("an id");
            let pages = client.list_accounts_for_parent().parent_id(parent);
            let pages = pages.into_paginator().send().try_collect().await.expect("accounts");
            inside += pages.iter().map(|page| page.accounts().len()).sum::<usize>();
        }
        let below = organization.accounts.iter().filter(|one| one.parent != root).count();
        assert_eq!(inside, below);
        let parents = client.list_parents().child_id(PRODUCTION).into_paginator().send();
        let parents = parents.try_collect().await.expect("parents");
        let parent = parents.iter().flat_map(|page| page.parents()).next().expect("a parent");
        assert_eq!(parent.id(), Some("ou-acme-workload1"));
        let member = aws_sdk_organizations::Client::new(&aws.config(PRODUCTION, "us-east-1"));
        assert_eq!(code(member.list_accounts().send().await), "AccessDeniedException");
    });
}

#[test]
fn a_denied_call_has_the_code_of_its_service() {
    run(async {
        let aws = Aws::demo(Faults::default().with(Rule::new(Scope::operation("*"), Fault::Deny)));
        let config = aws.config(PRODUCTION, "eu-west-1");
        let denied = "AccessDenied";
        let iam = aws_sdk_iam::Client::new(&config);
        assert_eq!(code(iam.get_account_summary().send().await), denied);
        let ec2 = aws_sdk_ec2::Client::new(&config);
        assert_eq!(code(ec2.describe_vpcs().send().await), "UnauthorizedOperation");
        let s3 = aws_sdk_s3::Client::new(&config);
        assert_eq!(code(s3.list_buckets().send().await), denied);
        let control = aws_sdk_s3control::Client::new(&config);
        let block = control.get_public_access_block().account_id(PRODUCTION);
        assert_eq!(code(block.send().await), denied);
        let trails = aws_sdk_cloudtrail::Client::new(&config);
        assert_eq!(code(trails.list_trails().send().await), "AccessDeniedException");
        let logs = aws_sdk_cloudwatchlogs::Client::new(&config);
        assert_eq!(code(logs.describe_log_groups().send().await), "AccessDeniedException");
        let alarms = aws_sdk_cloudwatch::Client::new(&config);
        assert_eq!(code(alarms.describe_alarms().send().await), denied);
        let sns = aws_sdk_sns::Client::new(&config);
        assert_eq!(code(sns.list_topics().send().await), "AuthorizationError");
        let elb = aws_sdk_elasticloadbalancing::Client::new(&config);
        assert_eq!(code(elb.describe_load_balancers().send().await), denied);
        let elbv2 = aws_sdk_elasticloadbalancingv2::Client::new(&config);
        assert_eq!(code(elbv2.describe_load_balancers().send().await), denied);
        let denied = "AccessDeniedException";
        let recorders = aws_sdk_config::Client::new(&config);
        assert_eq!(code(recorders.describe_configuration_recorders().send().await), denied);
        let guardduty = aws_sdk_guardduty::Client::new(&config);
        assert_eq!(code(guardduty.list_detectors().send().await), denied);
        let analyzers = aws_sdk_accessanalyzer::Client::new(&config);
        assert_eq!(code(analyzers.list_analyzers().send().await), denied);
        let events = aws_sdk_eventbridge::Client::new(&config);
        assert_eq!(code(events.list_rules().send().await), denied);
    });
}

#[test]
fn a_throttled_call_is_one_that_the_sdk_repeats() {
    run(async {
        let throttle = Rule::new(Scope::operation("*"), Fault::Throttle)
            .when(postura::synthetic::When::First(1));
        let aws = Aws::demo(Faults::default().with(throttle));
        let retries = aws_smithy_types::retry::RetryConfig::standard()
            .with_initial_backoff(Duration::from_millis(1));
        let config =
            aws.config(MANAGEMENT, "us-east-1").into_builder().retry_config(retries).build();
        let ec2 = aws_sdk_ec2::Client::new(&config);
        ec2.describe_vpcs().send().await.expect("repeated");
        let iam = aws_sdk_iam::Client::new(&config);
        iam.get_account_summary().send().await.expect("repeated");
        let organizations = aws_sdk_organizations::Client::new(&config);
        organizations.list_roots().send().await.expect("repeated");
        let s3 = aws_sdk_s3::Client::new(&config);
        s3.list_buckets().send().await.expect("repeated");
        let alarms = aws_sdk_cloudwatch::Client::new(&config);
        alarms.describe_alarms().send().await.expect("repeated");
        assert!(aws.server.calls().values().all(|count| *count == 2));
    });
}
