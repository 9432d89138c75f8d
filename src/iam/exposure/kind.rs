//! Kinds of resources with policies of their own: which actions and resources their policies can
//! be about.

use std::str::FromStr;

use super::super::atoms::{Domain, Pattern, Token};
use super::super::data;
use super::super::document;
use super::super::space::{glob, literal};

/// A kind of resource that has a policy of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// An S3 bucket.
    Bucket,
    /// An S3 access point.
    AccessPoint,
    /// A KMS key.
    Key,
    /// An SNS topic.
    Topic,
    /// An SQS queue.
    Queue,
    /// A Lambda function or layer.
    Function,
    /// An ECR repository.
    Repository,
    /// A secret of Secrets Manager.
    Secret,
    /// An IAM role: its trust policy.
    Role,
    /// A VPC endpoint.
    Endpoint,
    /// A log group or destination of CloudWatch Logs.
    LogGroup,
    /// Any other: nothing is known about its actions.
    Other,
}

/// The text is no kind of resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a kind of resource is needed")]
pub struct NoKind;

impl FromStr for ResourceKind {
    type Err = NoKind;

    /// Reads a service prefix (`s3`, `kms`, …), a CloudFormation type, or a word for the resource.
    /// Kinds that are not known are [`ResourceKind::Other`].
    fn from_str(text: &str) -> Result<Self, NoKind> {
        let lower = text.to_ascii_lowercase();
        Ok(match lower.as_str() {
            "" => return Err(NoKind),
            "s3" | "bucket" | "s3_bucket" | "aws::s3::bucket" => Self::Bucket,
            "accesspoint"
            | "access_point"
            | "s3_access_point"
            | "s3accesspoint"
            | "aws::s3::accesspoint" => Self::AccessPoint,
            "kms" | "key" | "kms_key" | "aws::kms::key" => Self::Key,
            "sns" | "topic" | "aws::sns::topic" => Self::Topic,
            "sqs" | "queue" | "aws::sqs::queue" => Self::Queue,
            "lambda" | "function" | "layer" | "aws::lambda::function" => Self::Function,
            "ecr" | "repository" | "aws::ecr::repository" => Self::Repository,
            "secretsmanager" | "secret" | "aws::secretsmanager::secret" => Self::Secret,
            "iam" | "role" | "sts" | "iam_role" | "trust" | "aws::iam::role" => Self::Role,
            "endpoint" | "vpce" | "vpc_endpoint" | "vpcendpoint" | "aws::ec2::vpcendpoint" => {
                Self::Endpoint
            }
            "logs"
            | "log_group"
            | "loggroup"
            | "aws::logs::loggroup"
            | "aws::logs::resourcepolicy" => Self::LogGroup,
            _ => Self::Other,
        })
    }
}

impl ResourceKind {
    /// How the document is read.
    pub fn document(self) -> document::Kind {
        match self {
            Self::Role => document::Kind::Trust,
            Self::Endpoint => document::Kind::Endpoint,
            Self::Bucket
            | Self::AccessPoint
            | Self::Key
            | Self::Topic
            | Self::Queue
            | Self::Function
            | Self::Repository
            | Self::Secret
            | Self::LogGroup
            | Self::Other => document::Kind::Resource,
        }
    }

    /// The service whose actions the policy is about.
    pub fn service(self) -> Option<&'static str> {
        match self {
            Self::Bucket | Self::AccessPoint => Some("s3"),
            Self::Key => Some("kms"),
            Self::Topic => Some("sns"),
            Self::Queue => Some("sqs"),
            Self::Function => Some("lambda"),
            Self::Repository => Some("ecr"),
            Self::Secret => Some("secretsmanager"),
            Self::Role => Some("sts"),
            Self::LogGroup => Some("logs"),
            Self::Endpoint | Self::Other => None,
        }
    }

    /// The actions, in lower case: those of today and of any future.
    pub(in crate::iam) fn actions(self) -> Domain {
        let name = [Token::OneInSegment, Token::RunInSegment];
        let prefix: Vec<Token> = match self {
            Self::Role => "sts:assumerole".chars().map(Token::Char).collect(),
            kind => match kind.service() {
                Some(service) => service.chars().chain([':']).map(Token::Char).collect(),
                None => name.into_iter().chain([Token::Char(':')]).collect(),
            },
        };
        let rest: &[Token] = if self == Self::Role { &name[1..] } else { &name };
        let pattern = Pattern::new(prefix.into_iter().chain(rest.iter().copied()));
        Domain::of(vec![pattern]).over(action_characters())
    }

    /// Actions of the service that no policy of a resource can grant, since they have no resource.
    pub(in crate::iam) fn excluded_actions(self) -> Vec<String> {
        let Some(service) = self.service().filter(|_| self != Self::Role) else {
            return Vec::new();
        };
        data::expand(&format!("{service}:*"))
            .filter(|action| action.wildcard_only)
            .map(|action| action.name.to_ascii_lowercase())
            .collect()
    }

    /// The resources: those that belong to `arn`, if it is known.
    pub(in crate::iam) fn resources(self, arn: Option<&str>) -> Domain {
        let within = match (arn, self) {
            (Some(""), Self::Endpoint) => vec![glob("arn:*:?*:*:*:?*")],
            (Some(arn), Self::Role | Self::Topic | Self::Queue | Self::Key) => vec![literal(arn)],
            (Some(arn), Self::Bucket) => vec![literal(arn), below(arn, "/?*")],
            (Some(arn), Self::AccessPoint) => vec![literal(arn), below(arn, "/object/?*")],
            (Some(arn), Self::Function) => vec![literal(arn), below(arn, ":?*")],
            (Some(arn), Self::LogGroup) => {
                vec![literal(arn), literal(&format!("{arn}:*")), streams(arn)]
            }
            (Some(arn), Self::Repository | Self::Secret | Self::Other) => vec![literal(arn)],
            (_, Self::Endpoint | Self::Other) => vec![segments("*")],
            (None, Self::Role) => vec![literal("arn:aws:iam::000000000000:role/this")],
            (None, Self::Bucket | Self::AccessPoint) => vec![segments("s3")],
            (None, kind) => vec![segments(kind.service().unwrap_or("*"))],
        };
        Domain::of(within)
    }
}

/// The characters of actions, in lower case.
pub(in crate::iam) fn action_characters() -> impl Iterator<Item = char> {
    ('a'..='z').chain('0'..='9').chain(['-', ':'])
}

fn below(arn: &str, rest: &str) -> Pattern {
    let head = arn.chars().map(Token::Char);
    Pattern::new(head.chain(glob(rest).tokens().iter().copied()))
}

/// The streams of a log group. Their names have no colon, so that no pattern for another log group
/// finds its own name in one of them.
fn streams(arn: &str) -> Pattern {
    let head = arn.chars().chain(":log-stream:".chars()).map(Token::Char);
    Pattern::new(head.chain([Token::OneInSegment, Token::RunInSegment]))
}

/// Any ARN of a service.
fn segments(service: &str) -> Pattern {
    Pattern::arn(&format!("arn:aws*:{service}:*:*:?*")).unwrap_or_else(Pattern::anything)
}
