//! What goes wrong, as data: rules that say where, what and how often.

use std::collections::BTreeSet;
use std::time::Duration;

/// Everything that the server does wrong on purpose. The default is a healthy AWS.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Faults by place; the first rule that strikes decides.
    pub rules: Vec<Rule>,
    /// Accounts whose roles nobody may assume.
    pub unassumable: BTreeSet<String>,
    /// Role sessions end after this long, whatever the caller asked for.
    pub session_length: Option<Duration>,
    /// No page is longer than this.
    pub page_limit: Option<usize>,
    /// Pages end early now and then, and some are empty but carry a token.
    pub ragged_pages: bool,
    /// Each answer waits this long.
    pub latency: Duration,
    /// How many times the credential report is still in progress before it is there.
    pub report_polls: u64,
    /// Decides which calls are struck by [`When::Share`].
    pub seed: u64,
}

impl Faults {
    /// Adds a rule.
    pub fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Denies an operation (`ec2:DescribeVpcs`) or an IAM action (`s3:ListAllMyBuckets`)
    /// everywhere.
    pub fn deny(self, operation: &str) -> Self {
        self.with(Rule::new(Scope::operation(operation), Fault::Deny))
    }

    /// Denies it in one account only.
    pub fn deny_in(self, account: &str, operation: &str) -> Self {
        let scope = Scope { account: Some(account.to_owned()), ..Scope::operation(operation) };
        self.with(Rule::new(scope, Fault::Deny))
    }

    /// Makes the roles of an account impossible to assume.
    pub fn unassumable(mut self, account: &str) -> Self {
        self.unassumable.insert(account.to_owned());
        self
    }
}

/// A fault, where it strikes and how often.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Which calls.
    pub scope: Scope,
    /// What happens to them.
    pub fault: Fault,
    /// To how many of them.
    pub when: When,
}

impl Rule {
    /// A rule that always strikes.
    pub fn new(scope: Scope, fault: Fault) -> Self {
        Rule { scope, fault, when: When::Always }
    }

    /// The same rule, striking now and then.
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }
}

/// Which calls a rule is about.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Only calls that this account signs.
    pub account: Option<String>,
    /// Only calls signed for this region.
    pub region: Option<String>,
    /// An operation (`ec2:DescribeVpcs`), the IAM action that it needs (`s3:ListAllMyBuckets`), a
    /// whole service (`ec2:*`), or `*`.
    pub operation: String,
    /// Only this bucket (S3 only).
    pub bucket: Option<String>,
}

impl Scope {
    /// An operation in all accounts and regions.
    pub fn operation(operation: &str) -> Self {
        Scope { account: None, region: None, operation: operation.to_owned(), bucket: None }
    }

    /// Whether a call falls under this scope.
    pub fn covers(&self, place: &Place<'_>) -> bool {
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == actual)
        };
        let operation = match self.operation.strip_suffix('*') {
            Some(prefix) => place.operation.starts_with(prefix) || place.action.starts_with(prefix),
            None => self.operation == place.operation || self.operation == place.action,
        };
        operation
            && is(&self.account, place.account)
            && is(&self.region, place.region)
            && is(&self.bucket, place.bucket)
    }
}

/// Where a call is made, as scopes see it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The account whose credentials sign.
    pub account: &'a str,
    /// The region of the signature.
    pub region: &'a str,
    /// `service:Operation`.
    pub operation: &'a str,
    /// The IAM action that the operation needs.
    pub action: &'a str,
    /// The bucket, or nothing.
    pub bucket: &'a str,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No identity-based policy allows it.
    Deny,
    /// A service control policy denies it.
    DenyByOrganization,
    /// Too many requests.
    Throttle,
    /// An internal error of the service.
    ServerError,
    /// A 502 with an HTML page from something in between.
    BadGateway,
    /// A 200 with an HTML page, as a captive portal gives it.
    CaptivePortal,
    /// The connection closes before an answer.
    Disconnect,
    /// The connection closes in the middle of the body.
    DisconnectInBody,
    /// A well-framed answer that holds only the first half of the document.
    HalfDocument,
    /// A 200 without a body.
    EmptyBody,
    /// Headers and half of the body, then silence.
    Stall,
    /// Nothing ever comes.
    Hang,
    /// The session is said to have expired.
    ExpiredSession,
    /// The next token of the first page comes back for ever.
    LoopingToken,
    /// A success whose body is no document of any protocol.
    Garbage,
    /// The clock of the caller is said to be wrong.
    ClockSkew,
    /// The resource that the request names is gone.
    Gone,
    /// The account was closed: its credentials are not known any more.
    AccountClosed,
    /// The body comes in small pieces with pauses, and is whole in the end.
    Trickle,
}

/// Which of the calls in a rule's scope are struck. Calls are counted for each account, region
/// and operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// All of them.
    Always,
    /// The first ones.
    First(u64),
    /// All after the first ones.
    After(u64),
    /// This share (0 to 1), chosen by the seed.
    Share(f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_match_operations_actions_services_and_places() {
        let place = Place {
            account: "111122223333",
            region: "eu-west-1",
            operation: "s3:ListBuckets",
            action: "s3:ListAllMyBuckets",
            bucket: "",
        };
        for operation in ["s3:ListBuckets", "s3:ListAllMyBuckets", "s3:*", "*"] {
            assert!(Scope::operation(operation).covers(&place), "{operation}");
        }
        assert!(!Scope::operation("s3:List").covers(&place));
        let elsewhere = Scope { region: Some("us-east-1".into()), ..Scope::operation("*") };
        assert!(!elsewhere.covers(&place));
    }
}
