//! Reads an AWS request: who signs, for which service and region, which operation, what input.
//! Knows the protocols, not the answers.

use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderMap};

use super::params::{Params, percent_decoded};
use super::refusal::Refusal;

mod rest_json;

/// The services spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Security Token Service.
    Sts,
    /// Organizations.
    Organizations,
    /// EC2, VPC and EBS.
    Ec2,
    /// Identity and Access Management.
    Iam,
    /// S3, by bucket.
    S3,
    /// S3, by account.
    S3Control,
    /// CloudTrail.
    CloudTrail,
    /// Key Management Service.
    Kms,
    /// CloudWatch Logs.
    Logs,
    /// CloudWatch alarms.
    CloudWatch,
    /// Simple Notification Service.
    Sns,
    /// Classic load balancers.
    Elb,
    /// Application, network and gateway load balancers.
    ElbV2,
    /// AWS Config.
    Config,
    /// EventBridge.
    Events,
    /// GuardDuty.
    GuardDuty,
    /// IAM Access Analyzer.
    AccessAnalyzer,
    /// Account management.
    Account,
}

/// The wire formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out (`awsQuery`).
    Query,
    /// Form in, XML out, other envelopes (`ec2Query`).
    Ec2Query,
    /// Paths in, XML out (`restXml`), errors without a wrapper.
    RestXml,
    /// The same with errors inside `ErrorResponse`.
    RestXmlWrapped,
    /// JSON both ways, the operation in a header (`awsJson1_1`) or in the path (`restJson1`).
    Json,
    /// CBOR both ways (`rpcv2Cbor`).
    Cbor,
}

impl Service {
    /// The name in `service:Operation`.
    pub fn name(self) -> &'static str {
        match self {
            Service::Sts => "sts",
            Service::Organizations => "organizations",
            Service::Ec2 => "ec2",
            Service::Iam => "iam",
            Service::S3 => "s3",
            Service::S3Control => "s3control",
            Service::CloudTrail => "cloudtrail",
            Service::Kms => "kms",
            Service::Logs => "logs",
            Service::CloudWatch => "cloudwatch",
            Service::Sns => "sns",
            Service::Elb => "elb",
            Service::ElbV2 => "elbv2",
            Service::Config => "config",
            Service::Events => "events",
            Service::GuardDuty => "guardduty",
            Service::AccessAnalyzer => "access-analyzer",
            Service::Account => "account",
        }
    }

    /// The wire format of the service.
    pub fn protocol(self) -> Protocol {
        match self {
            Service::Sts | Service::Iam | Service::Sns | Service::Elb | Service::ElbV2 => {
                Protocol::Query
            }
            Service::Ec2 => Protocol::Ec2Query,
            Service::S3 => Protocol::RestXml,
            Service::S3Control => Protocol::RestXmlWrapped,
            Service::Organizations | Service::CloudTrail | Service::Logs => Protocol::Json,
            Service::Config | Service::Events | Service::Kms => Protocol::Json,
            Service::GuardDuty | Service::AccessAnalyzer | Service::Account => Protocol::Json,
            Service::CloudWatch => Protocol::Cbor,
        }
    }

    /// Whether the service answers the same in all regions.
    pub fn is_global(self) -> bool {
        matches!(self, Service::Iam | Service::Organizations | Service::Sts | Service::Account)
    }

    /// Whether all that the service tells is part of one region.
    pub fn is_regional(self) -> bool {
        matches!(
            self,
            Service::Ec2
                | Service::Elb
                | Service::ElbV2
                | Service::Logs
                | Service::CloudWatch
                | Service::Sns
        )
    }

    /// The IAM action that an operation needs (Service Authorization Reference).
    pub fn action(self, operation: &str) -> String {
        let name = match (self, operation) {
            (Service::S3, "ListBuckets") => "ListAllMyBuckets",
            (Service::S3, "HeadBucket") => "ListBucket",
            (Service::S3, "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
            (Service::S3, "GetBucketEncryption") => "GetEncryptionConfiguration",
            (Service::S3, "GetBucketLifecycleConfiguration") => "GetLifecycleConfiguration",
            (Service::S3, "GetObjectLockConfiguration") => "GetBucketObjectLockConfiguration",
            (Service::S3Control, "GetPublicAccessBlock") => "GetAccountPublicAccessBlock",
            (Service::AccessAnalyzer, "ListFindingsV2") => "ListFindings",
            (_, other) => other,
        };
        let prefix = match self {
            Service::S3Control => "s3",
            Service::Elb | Service::ElbV2 => "elasticloadbalancing",
            other => other.name(),
        };
        format!("{prefix}:{name}")
    }
}

/// A request, understood.
#[derive(Debug, Clone)]
pub struct Request {
    /// The access key that signs.
    pub access_key: String,
    /// The session token, where one came along.
    pub session_token: Option<String>,
    /// The region of the credential scope.
    pub region: String,
    /// The service.
    pub service: Service,
    /// The operation, as the API reference names it.
    pub operation: String,
    /// The input.
    pub params: Params,
}

/// What is needed of the HTTP head.
#[derive(Debug)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, still percent-encoded.
    pub path: &'a str,
    /// The query part.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// Understands a request, or says in which protocol and how to refuse it.
pub fn read(head: &Head<'_>, body: &[u8]) -> Result<Request, (Protocol, Refusal)> {
    let (access_key, region, signed_for) = credential_scope(head.headers)
        .ok_or_else(|| (Protocol::RestXml, Refusal::missing_authentication()))?;
    let unknown = || (Protocol::RestXml, Refusal::unknown_operation());
    let (service, operation, params) = match signed_for {
        "s3" => rest(head).ok_or_else(unknown)?,
        "monitoring" => cbor(head, body)
            .ok_or_else(|| (Protocol::Cbor, Refusal::malformed("the CBOR body is not a map")))?,
        "guardduty" | "access-analyzer" | "account" => {
            rest_json::read(head, body, signed_for).ok_or_else(unknown)?
        }
        "organizations" | "cloudtrail" | "logs" | "config" | "events" | "kms" => {
            json(head, body, signed_for)
                .ok_or_else(|| (Protocol::Json, Refusal::malformed("the JSON body is no object")))?
        }
        _ => form(body, signed_for).ok_or_else(unknown)?,
    };
    let token = head.headers.get("x-amz-security-token").and_then(|value| value.to_str().ok());
    Ok(Request {
        access_key: access_key.to_owned(),
        session_token: token.map(str::to_owned),
        region: region.to_owned(),
        service,
        operation,
        params,
    })
}

/// Access key, region and service of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn credential_scope(headers: &HeaderMap) -> Option<(&str, &str, &str)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let scope = value
        .strip_prefix("AWS4-HMAC-SHA256 ")?
        .split(',')
        .find_map(|part| part.trim().strip_prefix("Credential=")?.strip_suffix("/aws4_request"))?;
    let mut parts = scope.split('/');
    let key = parts.next()?;
    let _date = parts.next()?;
    let (region, service) = (parts.next()?, parts.next()?);
    parts.next().is_none().then_some((key, region, service))
}

fn form(body: &[u8], signed_for: &str) -> Option<(Service, String, Params)> {
    let params = Params::from_form(std::str::from_utf8(body).ok()?);
    let service = match (signed_for, params.get("Version")) {
        ("sts", _) => Service::Sts,
        ("iam", _) => Service::Iam,
        ("ec2", _) => Service::Ec2,
        ("sns", _) => Service::Sns,
        ("elasticloadbalancing", Some("2012-06-01")) => Service::Elb,
        ("elasticloadbalancing", Some("2015-12-01")) => Service::ElbV2,
        _ => return None,
    };
    let operation = params.get("Action")?.to_owned();
    Some((service, operation, params))
}

fn json(head: &Head<'_>, body: &[u8], signed_for: &str) -> Option<(Service, String, Params)> {
    let target = head.headers.get("x-amz-target")?.to_str().ok()?;
    let operation = target.rsplit('.').next()?.to_owned();
    let service = match signed_for {
        "organizations" => Service::Organizations,
        "cloudtrail" => Service::CloudTrail,
        "config" => Service::Config,
        "events" => Service::Events,
        "kms" => Service::Kms,
        _ => Service::Logs,
    };
    Some((service, operation, Params::from_json(body)?))
}

fn cbor(head: &Head<'_>, body: &[u8]) -> Option<(Service, String, Params)> {
    let operation = head.path.strip_prefix("/service/")?.split_once("/operation/")?.1;
    Some((Service::CloudWatch, operation.to_owned(), Params::from_cbor(body)?))
}

/// S3 in path style, and S3 Control, which signs under the same name.
fn rest(head: &Head<'_>) -> Option<(Service, String, Params)> {
    let mut params = Params::from_form(head.query);
    if let Some(path) = head.path.strip_prefix("/v20180820/") {
        let account = head.headers.get("x-amz-account-id")?.to_str().ok()?;
        params.set("AccountId", account);
        let operation = (head.method == Method::GET).then(|| account_path(path, &mut params))??;
        return Some((Service::S3Control, operation.to_owned(), params));
    }
    let path = head.path.trim_start_matches('/').trim_end_matches('/');
    let bucket = percent_decoded(path);
    let operation = match (head.method, bucket.is_empty()) {
        (&Method::GET, true) => "ListBuckets",
        (&Method::HEAD, false) => "HeadBucket",
        (&Method::GET, false) => subresource(&params)?,
        _ => return None,
    };
    params.set("Bucket", &bucket);
    Some((Service::S3, operation.to_owned(), params))
}

/// The operation of a path of S3 Control, whose names go into the parameters.
fn account_path(path: &str, params: &mut Params) -> Option<&'static str> {
    let mut parts = path.split('/');
    match (parts.next()?, parts.next(), parts.next()) {
        ("configuration", Some("publicAccessBlock"), None) => Some("GetPublicAccessBlock"),
        ("accesspoint", None, None) => Some("ListAccessPoints"),
        ("accesspoint", Some(name), rest) => {
            params.set("Name", &percent_decoded(name));
            match rest {
                None => Some("GetAccessPoint"),
                Some("policy") => Some("GetAccessPointPolicy"),
                Some("policyStatus") => Some("GetAccessPointPolicyStatus"),
                Some(_) => None,
            }
        }
        _ => None,
    }
}

fn subresource(params: &Params) -> Option<&'static str> {
    const NAMES: [(&str, &str); 13] = [
        ("policyStatus", "GetBucketPolicyStatus"),
        ("policy", "GetBucketPolicy"),
        ("acl", "GetBucketAcl"),
        ("publicAccessBlock", "GetPublicAccessBlock"),
        ("encryption", "GetBucketEncryption"),
        ("versioning", "GetBucketVersioning"),
        ("logging", "GetBucketLogging"),
        ("ownershipControls", "GetBucketOwnershipControls"),
        ("lifecycle", "GetBucketLifecycleConfiguration"),
        ("object-lock", "GetObjectLockConfiguration"),
        ("tagging", "GetBucketTagging"),
        ("website", "GetBucketWebsite"),
        ("location", "GetBucketLocation"),
    ];
    NAMES.iter().find(|(key, _)| params.has(key)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(service: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = format!(
            "AWS4-HMAC-SHA256 Credential=AKIA111122223333BASE/20260102/eu-west-1/{service}/\
             aws4_request, SignedHeaders=host, Signature=00"
        );
        headers.insert(AUTHORIZATION, value.parse().expect("a header value"));
        headers
    }

    fn head<'a>(
        headers: &'a HeaderMap,
        method: &'a Method,
        path: &'a str,
        query: &'a str,
    ) -> Head<'a> {
        Head { method, path, query, headers }
    }

    #[test]
    fn a_form_names_service_by_scope_and_version() {
        let headers = signed("elasticloadbalancing");
        let body = b"Action=DescribeLoadBalancers&Version=2015-12-01";
        let request = read(&head(&headers, &Method::POST, "/", ""), body).expect("understood");
        assert_eq!(request.service, Service::ElbV2);
        assert_eq!(
            (request.region.as_str(), request.operation.as_str()),
            ("eu-west-1", "DescribeLoadBalancers")
        );
        assert_eq!(request.access_key, "AKIA111122223333BASE");
    }

    #[test]
    fn s3_paths_name_bucket_and_operation() {
        let headers = signed("s3");
        let read = |path, query| read(&head(&headers, &Method::GET, path, query), b"");
        let request = read("/my-bucket", "policyStatus").expect("understood");
        assert_eq!(request.operation, "GetBucketPolicyStatus");
        assert_eq!(request.params.get("Bucket"), Some("my-bucket"));
        assert_eq!(read("/", "x-id=ListBuckets").expect("understood").operation, "ListBuckets");
        assert!(read("/my-bucket", "replication").is_err());
    }

    #[test]
    fn what_is_not_signed_or_not_known_is_refused() {
        let none = HeaderMap::new();
        assert!(read(&head(&none, &Method::POST, "/", ""), b"Action=GetCallerIdentity").is_err());
        let headers = signed("lambda");
        assert!(read(&head(&headers, &Method::POST, "/", ""), b"Action=X").is_err());
    }

    #[test]
    fn operations_name_their_iam_action() {
        assert_eq!(Service::S3.action("GetBucketEncryption"), "s3:GetEncryptionConfiguration");
        assert_eq!(
            Service::S3Control.action("GetPublicAccessBlock"),
            "s3:GetAccountPublicAccessBlock"
        );
        assert_eq!(Service::Elb.action("DescribeTags"), "elasticloadbalancing:DescribeTags");
        assert_eq!(Service::Ec2.action("DescribeVpcs"), "ec2:DescribeVpcs");
    }
}
