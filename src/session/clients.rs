//! SDK clients of one account and region, made when they are needed and dropped afterwards: a client
//! costs 30 microseconds and 17 kilobytes, and a large scan would need a quarter of a million.

use aws_config::SdkConfig;

use super::complete::Complete;
use super::lists::{LISTED, NOT_EMPTY};

/// Makes the clients of one account and region.
#[derive(Debug, Clone)]
pub struct Clients {
    sdk: SdkConfig,
}

macro_rules! client {
    ($(#[doc = $doc:literal])* $name:ident, $service:ident) => {
        $(#[doc = $doc])*
        pub fn $name(&self) -> $service::Client {
            let config = $service::config::Builder::from(&self.sdk).interceptor(Complete);
            $service::Client::from_conf(config.build())
        }
    };
}

impl Clients {
    pub(super) fn new(sdk: SdkConfig) -> Self {
        Self { sdk }
    }

    client! {
        /// Account management.
        account, aws_sdk_account
    }
    client! {
        /// CloudTrail.
        cloudtrail, aws_sdk_cloudtrail
    }
    client! {
        /// CloudWatch.
        cloudwatch, aws_sdk_cloudwatch
    }
    client! {
        /// CloudWatch Logs.
        logs, aws_sdk_cloudwatchlogs
    }
    client! {
        /// Config.
        config, aws_sdk_config
    }
    client! {
        /// EventBridge.
        events, aws_sdk_eventbridge
    }
    client! {
        /// EC2 and VPC.
        ec2, aws_sdk_ec2
    }
    client! {
        /// Classic load balancers.
        elb, aws_sdk_elasticloadbalancing
    }
    client! {
        /// Application, network and gateway load balancers.
        elbv2, aws_sdk_elasticloadbalancingv2
    }
    client! {
        /// IAM.
        iam, aws_sdk_iam
    }
    client! {
        /// KMS.
        kms, aws_sdk_kms
    }
    client! {
        /// Organizations.
        organizations, aws_sdk_organizations
    }
    client! {
        /// S3 for accounts.
        s3control, aws_sdk_s3control
    }
    client! {
        /// SNS.
        sns, aws_sdk_sns
    }
    client! {
        /// STS.
        sts, aws_sdk_sts
    }

    /// IAM Access Analyzer, whose replies must hold the lists that they are for.
    pub fn access_analyzer(&self) -> aws_sdk_accessanalyzer::Client {
        let config = aws_sdk_accessanalyzer::config::Builder::from(&self.sdk)
            .interceptor(Complete)
            .interceptor(LISTED);
        aws_sdk_accessanalyzer::Client::from_conf(config.build())
    }

    /// GuardDuty, which never answers with nothing.
    pub fn guardduty(&self) -> aws_sdk_guardduty::Client {
        let config = aws_sdk_guardduty::config::Builder::from(&self.sdk)
            .interceptor(Complete)
            .interceptor(NOT_EMPTY);
        aws_sdk_guardduty::Client::from_conf(config.build())
    }

    /// S3, with the bucket in the path: as part of the host's name every bucket would be a name to
    /// look up and a TLS handshake of its own, and no local endpoint could serve it.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk)
            .interceptor(Complete)
            .force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }
}
