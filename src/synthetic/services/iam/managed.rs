//! Policies that AWS manages, as far as the world attaches them. The documents are shortened; what
//! decides a posture (full administration, read-only, one service) is kept.

/// The document of an AWS managed policy by its name; one that is not known here grants nothing
/// that matters: it may only be looked at.
pub fn document(name: &str) -> &'static str {
    match name {
        "AdministratorAccess" => ADMINISTRATOR,
        "PowerUserAccess" => POWER_USER,
        "IAMFullAccess" => IAM_FULL,
        "ReadOnlyAccess" => READ_ONLY,
        "SecurityAudit" | "ViewOnlyAccess" => SECURITY_AUDIT,
        "AWSSupportAccess" => SUPPORT,
        "AWSCloudShellFullAccess" => CLOUD_SHELL,
        "AmazonS3ReadOnlyAccess" => S3_READ_ONLY,
        "CloudWatchAgentServerPolicy" => AGENT,
        _ => NOTHING,
    }
}

const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const POWER_USER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeOrganization","account:ListRegions"],"Resource":"*"}]}"#;

const IAM_FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:ListRoots","organizations:ListPolicies"],"Resource":"*"}]}"#;

const READ_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"ReadOnlyActions","Effect":"Allow","Action":["cloudtrail:Describe*","cloudtrail:Get*","cloudtrail:List*","cloudwatch:Describe*","cloudwatch:Get*","cloudwatch:List*","ec2:Describe*","ec2:Get*","elasticloadbalancing:Describe*","iam:Get*","iam:List*","logs:Describe*","logs:Get*","s3:Get*","s3:List*","sns:Get*","sns:List*"],"Resource":"*"}]}"#;

const SECURITY_AUDIT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"BaseSecurityAuditStatement","Effect":"Allow","Action":["cloudtrail:DescribeTrails","cloudtrail:GetEventSelectors","cloudtrail:GetTrailStatus","cloudtrail:ListTrails","ec2:Describe*","elasticloadbalancing:Describe*","iam:GenerateCredentialReport","iam:Get*","iam:List*","logs:Describe*","s3:GetBucket*","s3:ListAllMyBuckets","sns:GetTopicAttributes"],"Resource":"*"}]}"#;

const SUPPORT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["support:*"],"Resource":"*"}]}"#;

const CLOUD_SHELL: &str = r#"{"Version":"2012-10-17","Statement":[{"Action":["cloudshell:*"],"Effect":"Allow","Resource":"*"}]}"#;

const S3_READ_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#;

const AGENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudwatch:PutMetricData","ec2:DescribeVolumes","ec2:DescribeTags","logs:PutLogEvents","logs:CreateLogStream","logs:CreateLogGroup"],"Resource":"*"}]}"#;

const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_documents_are_json() {
        for name in [
            "AdministratorAccess",
            "PowerUserAccess",
            "IAMFullAccess",
            "ReadOnlyAccess",
            "SecurityAudit",
            "AWSSupportAccess",
            "AWSCloudShellFullAccess",
            "AmazonS3ReadOnlyAccess",
            "CloudWatchAgentServerPolicy",
            "AnythingElse",
        ] {
            let value: serde_json::Value =
                serde_json::from_str(document(name)).expect("well-formed");
            assert!(value["Statement"].is_array(), "{name}");
        }
    }
}
