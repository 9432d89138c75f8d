//! Errors as AWS gives them: code, message, status.

use super::request::{Protocol, Service};

/// An error answer, before it is written in its protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code, as the service's API reference names it.
    pub code: String,
    /// The message.
    pub message: String,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// Any error.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Refusal { status, code: code.to_owned(), message: message.into(), headers: Vec::new() }
    }

    /// No signature.
    pub fn missing_authentication() -> Self {
        let message = "Request is missing Authentication Token";
        Refusal::new(403, "MissingAuthenticationToken", message)
    }

    /// An operation that this server does not speak.
    pub fn unknown_operation() -> Self {
        Refusal::new(
            400,
            "InvalidAction",
            "The synthetic organization does not know this operation",
        )
    }

    /// A body that cannot be read.
    pub fn malformed(what: &str) -> Self {
        Refusal::new(400, "SerializationException", what)
    }

    /// An input value that is not right.
    pub fn invalid(service: Service, message: impl Into<String>) -> Self {
        let code = match service.protocol() {
            Protocol::Ec2Query => "InvalidParameterValue",
            Protocol::RestXml | Protocol::RestXmlWrapped => "InvalidArgument",
            Protocol::Json if service == Service::Organizations => "InvalidInputException",
            Protocol::Json if service == Service::Logs => "InvalidParameterException",
            Protocol::Json if service == Service::GuardDuty => "BadRequestException",
            Protocol::Json if service == Service::Account => "ValidationException",
            Protocol::Json if service == Service::AccessAnalyzer => "ValidationException",
            Protocol::Json | Protocol::Query | Protocol::Cbor => "ValidationError",
        };
        Refusal::new(400, code, message)
    }

    /// A page token that this list never handed out.
    pub fn bad_token(service: Service) -> Self {
        let code = match service {
            Service::Ec2 => "InvalidNextToken",
            Service::CloudWatch => "InvalidNextToken",
            Service::CloudTrail => "InvalidNextTokenException",
            Service::Kms => "InvalidMarkerException",
            _ => return Refusal::invalid(service, "The page token is not valid"),
        };
        Refusal::new(400, code, "The page token is not valid")
    }

    /// The caller's policies do not allow the action; `why` ends the sentence.
    pub fn denied(service: Service, caller: &str, action: &str, why: &str) -> Self {
        let (status, code) = match service {
            Service::Ec2 => (403, "UnauthorizedOperation"),
            Service::Organizations
            | Service::CloudTrail
            | Service::Kms
            | Service::Logs
            | Service::Config
            | Service::Events => (400, "AccessDeniedException"),
            Service::GuardDuty | Service::AccessAnalyzer | Service::Account => {
                (403, "AccessDeniedException")
            }
            Service::Sns => (403, "AuthorizationError"),
            Service::Sts
            | Service::Iam
            | Service::S3
            | Service::S3Control
            | Service::CloudWatch
            | Service::Elb
            | Service::ElbV2 => (403, "AccessDenied"),
        };
        let message =
            format!("User: {caller} is not authorized to perform: {action} because {why}");
        Refusal::new(status, code, message)
    }

    /// The credentials are not known, or the region is not enabled for the account: AWS uses the
    /// same codes for both.
    pub fn unknown_credentials(service: Service) -> Self {
        let (status, code) = match service.protocol() {
            Protocol::Ec2Query => (401, "AuthFailure"),
            Protocol::Query => (403, "InvalidClientTokenId"),
            Protocol::RestXml | Protocol::RestXmlWrapped => (403, "InvalidAccessKeyId"),
            Protocol::Json => (400, "UnrecognizedClientException"),
            Protocol::Cbor => (403, "InvalidClientTokenId"),
        };
        Refusal::new(status, code, "The security token included in the request is invalid")
    }

    /// The session has ended.
    pub fn expired(service: Service) -> Self {
        let (status, code) = match service.protocol() {
            Protocol::Ec2Query => (400, "RequestExpired"),
            Protocol::Query => (403, "ExpiredToken"),
            Protocol::RestXml | Protocol::RestXmlWrapped => (400, "ExpiredToken"),
            Protocol::Json => (400, "ExpiredTokenException"),
            Protocol::Cbor => (403, "ExpiredToken"),
        };
        Refusal::new(status, code, "The security token included in the request is expired")
    }

    /// Too many requests.
    pub fn throttled(service: Service) -> Self {
        let (status, code) = match service.protocol() {
            Protocol::Ec2Query => (503, "RequestLimitExceeded"),
            Protocol::RestXml | Protocol::RestXmlWrapped => (503, "SlowDown"),
            Protocol::Json if service == Service::Organizations => {
                (400, "TooManyRequestsException")
            }
            Protocol::Json => (400, "ThrottlingException"),
            Protocol::Query | Protocol::Cbor => (400, "Throttling"),
        };
        Refusal::new(status, code, "Rate exceeded")
    }

    /// A failure inside the service.
    pub fn internal(service: Service) -> Self {
        let code = match service.protocol() {
            Protocol::Ec2Query | Protocol::RestXml | Protocol::RestXmlWrapped => "InternalError",
            Protocol::Json if service == Service::Organizations => "ServiceException",
            Protocol::Json | Protocol::Query | Protocol::Cbor => "InternalFailure",
        };
        Refusal::new(500, code, "An internal error has occurred")
    }

    /// The time of the signature is too far from that of the service.
    pub fn clock_skew() -> Self {
        let message = "The difference between the request time and the current time is too large.";
        Refusal::new(403, "RequestTimeTooSkewed", message)
    }

    /// What the request names does not exist (any more).
    pub fn gone(service: Service) -> Self {
        let (status, code) = match service {
            Service::S3 => (404, "NoSuchBucket"),
            Service::CloudTrail => (400, "TrailNotFoundException"),
            Service::Elb | Service::ElbV2 => (400, "LoadBalancerNotFound"),
            Service::Sns => (404, "NotFound"),
            Service::Iam => (404, "NoSuchEntity"),
            _ => (400, "ResourceNotFoundException"),
        };
        Refusal::new(status, code, "The specified resource does not exist")
    }
}
