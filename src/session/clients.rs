//! SDK clients of one region. A client costs 30 microseconds and 17 kilobytes, and a large scan would need a
//! quarter of a million if each account had its own: all accounts share those of a region. Whose credentials sign
//! is said call by call, with [`signed_by`].

use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future::ProvideCredentials as Providing};

use super::complete::Complete;
use super::credentials::Keeper;
use super::lists::{LISTED, NOT_EMPTY};

tokio::task_local! {
    static SIGNER: Arc<Keeper>;
}

/// Has the requests of a future signed with those credentials, if they are made by clients of ours.
pub(super) fn signed_by<F: Future>(
    keeper: &Arc<Keeper>,
    requests: F,
) -> impl Future<Output = F::Output> + use<F> {
    SIGNER.scope(Arc::clone(keeper), requests)
}

/// The credentials of whoever makes a request.
#[derive(Debug)]
pub(super) struct OfSigner;

impl ProvideCredentials for OfSigner {
    fn provide_credentials<'a>(&'a self) -> Providing<'a>
    where
        Self: 'a,
    {
        let signer = SIGNER.try_with(Arc::clone);
        Providing::new(async move {
            match signer {
                Ok(keeper) => keeper.get().await,
                Err(_) => Err(CredentialsError::not_loaded("nobody signs this request")),
            }
        })
    }
}

/// Makes the clients of one region; clones share them.
#[derive(Debug, Clone)]
pub struct Clients(Arc<Made>);

/// Services by name, with what their settings have beside the common ones.
macro_rules! clients {
    ($($(#[doc = $doc:literal])* $name:ident: $service:ident $(, .$setting:ident($value:expr))?;)*) => {
        #[derive(Debug)]
        struct Made {
            sdk: SdkConfig,
            $($name: OnceLock<$service::Client>,)*
        }

        impl Clients {
            pub(super) fn new(sdk: SdkConfig) -> Self {
                Self(Arc::new(Made { sdk, $($name: OnceLock::new(),)* }))
            }

            $(
                $(#[doc = $doc])*
                pub fn $name(&self) -> $service::Client {
                    let make = || {
                        let config = $service::config::Builder::from(&self.0.sdk).interceptor(Complete);
                        $(let config = config.$setting($value);)?
                        $service::Client::from_conf(config.build())
                    };
                    self.0.$name.get_or_init(make).clone()
                }
            )*
        }
    };
}

clients! {
    /// IAM Access Analyzer, whose replies must hold the lists that they are for.
    access_analyzer: aws_sdk_accessanalyzer, .interceptor(LISTED);
    /// Account management.
    account: aws_sdk_account;
    /// CloudTrail.
    cloudtrail: aws_sdk_cloudtrail;
    /// CloudWatch.
    cloudwatch: aws_sdk_cloudwatch;
    /// CloudWatch Logs.
    logs: aws_sdk_cloudwatchlogs;
    /// Config.
    config: aws_sdk_config;
    /// EventBridge.
    events: aws_sdk_eventbridge;
    /// EC2 and VPC.
    ec2: aws_sdk_ec2;
    /// Classic load balancers.
    elb: aws_sdk_elasticloadbalancing;
    /// Application, network and gateway load balancers.
    elbv2: aws_sdk_elasticloadbalancingv2;
    /// GuardDuty, which never answers with nothing.
    guardduty: aws_sdk_guardduty, .interceptor(NOT_EMPTY);
    /// IAM.
    iam: aws_sdk_iam;
    /// KMS.
    kms: aws_sdk_kms;
    /// Organizations.
    organizations: aws_sdk_organizations;
    /// S3, with the bucket in the path: as part of the host's name every bucket would be a name to
    /// look up and a TLS handshake of its own, and no local endpoint could serve it.
    s3: aws_sdk_s3, .force_path_style(true);
    /// S3 for accounts.
    s3control: aws_sdk_s3control;
    /// SNS.
    sns: aws_sdk_sns;
    /// STS.
    sts: aws_sdk_sts;
}
