//! The caller's own credentials and settings, from the ecosystem's chain.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::Region as SdkRegion;

use super::clients::{Clients, OfSigner};
use super::credentials::Keeper;
use super::failure::{CallError, ErrorKind};
use super::role::{Role, RoleProvider};
use super::traffic::{Caller, Traffic};
use super::{SessionError, http};
use crate::aws::{AccountId, Arn, NameError, Partition, Region};
use crate::resources::account::GET_CALLER_IDENTITY;

/// Where the caller's credentials and settings come from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The profile of the AWS configuration files to use, and no other source. Without it the whole
    /// chain is tried: environment, profile, web identity, container, instance metadata.
    pub profile: Option<String>,
    /// The region to ask first, when neither environment nor profile names one.
    pub region: Option<Region>,
    /// Where all services answer, in place of `AWS_ENDPOINT_URL` and its per-service forms.
    pub endpoint_url: Option<String>,
    /// The credentials, in place of the chain.
    pub keys: Option<Keys>,
}

/// A pair of keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// Who the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The user or role session.
    pub arn: String,
    /// The account's partition.
    pub partition: Partition,
}

/// The caller's credentials, and everything that leads from them to other accounts.
#[derive(Debug, Clone)]
pub struct Base {
    sdk: SdkConfig,
    keeper: Arc<Keeper>,
    region: Region,
    /// The clients of the regions that were asked for.
    clients: Arc<Mutex<HashMap<Region, Clients>>>,
}

impl Base {
    /// Loads settings and credentials.
    ///
    /// # Errors
    /// When there are no credentials, or none that can be loaded.
    pub async fn load(origin: &Origin) -> Result<Self, SessionError> {
        let client = http::shared();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(client.clone())
            .timeout_config(timeouts())
            .identity_cache(IdentityCache::no_cache());
        if let Some(url) = &origin.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(keys) = &origin.keys {
            let Keys { access_key_id, secret_access_key } = keys.clone();
            let name = "given keys";
            let keys = Credentials::new(access_key_id, secret_access_key, None, None, name);
            loader = loader.credentials_provider(keys);
        } else if let Some(profile) = &origin.profile {
            let config = ProviderConfig::default().with_http_client(client);
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(profile)
                .build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        let loaded = loader.load().await;
        let provider = loaded.credentials_provider().ok_or_else(|| no_credentials(origin))?;
        let region = loaded.region().and_then(|region| region.as_ref().parse().ok());
        let region = region.or_else(|| origin.region.clone());
        let base = Self::from_parts(
            loaded,
            provider,
            region.unwrap_or_else(|| Partition::Aws.home_region()),
        );
        base.keeper.get().await.map_err(|error| unloaded(origin, &error))?;
        Ok(base)
    }

    /// The settings of a scan around given credentials.
    pub(super) fn from_parts(
        loaded: SdkConfig,
        provider: SharedCredentialsProvider,
        region: Region,
    ) -> Self {
        let clock = SharedTimeSource::new(SystemTimeSource::new());
        let keeper = Arc::new(Keeper::new(provider, clock));
        let mut sdk = loaded
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .identity_cache(IdentityCache::no_cache())
            .credentials_provider(SharedCredentialsProvider::new(OfSigner));
        sdk.set_app_name(AppName::new(concat!("postura-", env!("CARGO_PKG_VERSION"))).ok());
        Self { sdk: sdk.build(), keeper, region, clients: Arc::default() }
    }

    /// The region to ask what is not about a region.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The credentials.
    pub fn keeper(&self) -> &Arc<Keeper> {
        &self.keeper
    }

    /// Clients for a region. The caller by which a request is made signs it.
    pub fn clients(&self, region: &Region) -> Clients {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let region = SdkRegion::new(region.to_string());
            Clients::new(self.sdk.to_builder().region(region).build())
        };
        clients.entry(region.clone()).or_insert_with(make).clone()
    }

    /// Asks AWS who the caller is.
    ///
    /// # Errors
    /// When AWS refuses the credentials or cannot be reached.
    pub async fn identity(&self, traffic: &Arc<Traffic>) -> Result<Identity, SessionError> {
        let client = self.clients(&self.region).sts();
        let caller = Caller::new(Arc::clone(traffic), Arc::clone(&self.keeper))
            .at(None, Some(self.region.clone()));
        let answer =
            caller.call(&GET_CALLER_IDENTITY, || client.get_caller_identity().send()).await;
        let answer = answer.map_err(|error| match error.kind {
            ErrorKind::Interrupted => SessionError::Stopped,
            _ => SessionError::RefusedCredentials { code: error.code },
        })?;
        let arn: Arn = answer.arn.unwrap_or_default().parse()?;
        let account = answer.account.unwrap_or_default().parse()?;
        let partition: Result<Partition, NameError> = arn.partition().parse();
        Ok(Identity { account, arn: arn.to_string(), partition: partition? })
    }

    /// Assumes the role in an account.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn assume(
        &self,
        traffic: &Arc<Traffic>,
        role: &Role,
        partition: Partition,
        account: &AccountId,
    ) -> Result<Arc<Keeper>, CallError> {
        let caller = Caller::new(Arc::clone(traffic), Arc::clone(&self.keeper))
            .at(None, Some(self.region.clone()));
        let provider = RoleProvider {
            client: self.clients(&self.region).sts(),
            caller: caller.clone(),
            role: role.clone(),
            arn: role.arn(partition, account),
        };
        let clock = SharedTimeSource::new(SystemTimeSource::new());
        let keeper = Arc::new(Keeper::new(SharedCredentialsProvider::new(provider), clock));
        let assumed = Caller::new(Arc::clone(traffic), Arc::clone(&keeper));
        assumed.ready().await?;
        Ok(keeper)
    }
}

/// How long to wait for a connection, for the beginning of an answer, for the whole of it. The SDK
/// by itself waits for ever.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .read_timeout(Duration::from_secs(20))
        .operation_attempt_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_secs(120))
        .build()
}

fn no_credentials(origin: &Origin) -> SessionError {
    let tried = match &origin.profile {
        Some(profile) => vec![format!("profile `{profile}`")],
        None => [
            "environment variables (AWS_ACCESS_KEY_ID)",
            "the profile of the AWS configuration files (AWS_PROFILE, or `default`)",
            "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)",
            "container credentials (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)",
            "EC2 instance metadata",
        ]
        .map(String::from)
        .to_vec(),
    };
    SessionError::NoCredentials { tried }
}

fn unloaded(origin: &Origin, error: &CredentialsError) -> SessionError {
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) && origin.profile.is_none() {
        return no_credentials(origin);
    }
    let mut why = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        why = format!("{why}: {cause}");
        next = cause.source();
    }
    SessionError::BrokenCredentials { why: why.chars().take(400).collect() }
}
