//! S3, in path style.

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::mix::mix;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Bucket, Grantee, LifecycleRule, PublicAccessBlock};
use crate::synthetic::xml::Xml;

/// Without a page size all buckets come at once (up to 10,000).
const SIZES: Sizes =
    Sizes { field: "max-buckets", default: 10_000, most: 10_000, token: "continuation-token" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let operation = context.request.operation.as_str();
    if operation == "ListBuckets" {
        return list_buckets(context);
    }
    let bucket = bucket(context)?;
    match operation {
        "HeadBucket" => Ok(Answer::Text(String::new())),
        "GetBucketLocation" => Ok(location(context, bucket)),
        "GetBucketPolicy" => match &bucket.policy {
            Some(policy) => Ok(Answer::Text(policy.clone())),
            None => Err(no_policy()),
        },
        "GetBucketPolicyStatus" => policy_status(context, bucket),
        "GetBucketAcl" => Ok(acl(context, bucket)),
        "GetPublicAccessBlock" => match &bucket.public_access_block {
            Some(block) => Ok(context.rest("PublicAccessBlockConfiguration", |xml| {
                public_access_block(xml, block);
            })),
            None => Err(absent("NoSuchPublicAccessBlockConfiguration")),
        },
        "GetBucketEncryption" => encryption(context, bucket),
        "GetBucketVersioning" => Ok(versioning(context, bucket)),
        "GetBucketLogging" => Ok(logging(context, bucket)),
        "GetBucketOwnershipControls" => ownership(context, bucket),
        "GetBucketLifecycleConfiguration" => lifecycle(context, bucket),
        "GetObjectLockConfiguration" => object_lock(context, bucket),
        "GetBucketTagging" => tagging(context, bucket),
        "GetBucketWebsite" => website(context, bucket),
        _ => Err(context.unknown_operation()),
    }
}

fn absent(code: &str) -> Refusal {
    Refusal::new(404, code, "The configuration does not exist")
}

fn no_policy() -> Refusal {
    Refusal::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
}

/// The canonical user id of an account: 64 hexadecimal digits.
fn canonical_id(account: &str) -> String {
    (0..4).map(|n| format!("{:016x}", mix(n, &["canonical", account]))).collect()
}

/// The bucket of the request; refuses what is not there, belongs to another account, or is asked
/// for in another region than its own.
fn bucket<'a>(context: &'a Context<'_>) -> Result<&'a Bucket, Refusal> {
    let name = context.required("Bucket")?;
    let Some(bucket) = context.account.buckets.iter().find(|bucket| bucket.name == name) else {
        let mut accounts = context.organization.accounts.iter();
        let foreign = accounts.any(|one| one.buckets.iter().any(|bucket| bucket.name == name));
        return Err(if foreign {
            Refusal::new(403, "AccessDenied", "Access Denied")
        } else {
            Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist")
        });
    };
    let elsewhere = bucket.region != context.request.region;
    if elsewhere && context.request.operation != "GetBucketLocation" {
        let message = "The bucket must be addressed using the specified endpoint";
        let mut refusal = Refusal::new(301, "PermanentRedirect", message);
        refusal.headers.push(("x-amz-bucket-region", bucket.region.clone()));
        return Err(refusal);
    }
    Ok(bucket)
}

fn owner(xml: &mut Xml, account: &str) {
    xml.node("Owner", |xml| xml.leaf("ID", canonical_id(account)));
}

fn list_buckets(context: &Context<'_>) -> Result<Answer, Refusal> {
    let wanted = |bucket: &&Bucket| {
        context.get("bucket-region").is_none_or(|region| region == bucket.region)
            && context.get("prefix").is_none_or(|prefix| bucket.name.starts_with(prefix))
    };
    let mut buckets: Vec<&Bucket> = context.account.buckets.iter().filter(wanted).collect();
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    let page = context.page(&buckets, SIZES)?;
    Ok(context.rest("ListAllMyBucketsResult", |xml| {
        owner(xml, &context.account.id);
        xml.list("Buckets", "Bucket", page.items, |xml, bucket| {
            xml.leaf("Name", &bucket.name);
            xml.leaf("CreationDate", bucket.created);
            xml.leaf("BucketRegion", &bucket.region);
            xml.leaf("BucketArn", format!("arn:{}:s3:::{}", context.partition(), bucket.name));
        });
        xml.maybe("ContinuationToken", page.next);
    }))
}

/// Buckets of us-east-1 have an empty location.
fn location(context: &Context<'_>, bucket: &Bucket) -> Answer {
    context.rest("LocationConstraint", |xml| {
        if bucket.region != "us-east-1" {
            xml.text(&bucket.region);
        }
    })
}

fn policy_status(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    bucket.policy.as_ref().ok_or_else(no_policy)?;
    Ok(context.rest("PolicyStatus", |xml| xml.leaf("IsPublic", bucket.policy_is_public)))
}

fn acl(context: &Context<'_>, bucket: &Bucket) -> Answer {
    const XSI: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let grant = |xml: &mut Xml, grantee: &Grantee, permission: &str| {
        xml.node("Grant", |xml| {
            let (kind, name, value) = match grantee {
                Grantee::Canonical(id) => ("CanonicalUser", "ID", id),
                Grantee::Group(uri) => ("Group", "URI", uri),
            };
            let attributes = format!("{XSI} xsi:type=\"{kind}\"");
            xml.node_with("Grantee", &attributes, |xml| xml.leaf(name, value));
            xml.leaf("Permission", permission);
        });
    };
    context.rest("AccessControlPolicy", |xml| {
        owner(xml, &context.account.id);
        xml.node("AccessControlList", |xml| {
            let own = Grantee::Canonical(canonical_id(&context.account.id));
            grant(xml, &own, "FULL_CONTROL");
            for one in &bucket.grants {
                grant(xml, &one.grantee, &one.permission);
            }
        });
    })
}

/// The four flags of Block Public Access.
pub fn public_access_block(xml: &mut Xml, block: &PublicAccessBlock) {
    xml.leaf("BlockPublicAcls", block.block_public_acls);
    xml.leaf("IgnorePublicAcls", block.ignore_public_acls);
    xml.leaf("BlockPublicPolicy", block.block_public_policy);
    xml.leaf("RestrictPublicBuckets", block.restrict_public_buckets);
}

fn encryption(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    let encryption = bucket
        .encryption
        .as_ref()
        .ok_or_else(|| absent("ServerSideEncryptionConfigurationNotFoundError"))?;
    Ok(context.rest("ServerSideEncryptionConfiguration", |xml| {
        xml.node("Rule", |xml| {
            xml.node("ApplyServerSideEncryptionByDefault", |xml| {
                xml.leaf("SSEAlgorithm", &encryption.algorithm);
                xml.maybe("KMSMasterKeyID", encryption.key.as_ref());
            });
            xml.leaf("BucketKeyEnabled", encryption.bucket_key);
        });
    }))
}

fn versioning(context: &Context<'_>, bucket: &Bucket) -> Answer {
    context.rest("VersioningConfiguration", |xml| {
        if let Some(versioning) = &bucket.versioning {
            xml.leaf("Status", if versioning.enabled { "Enabled" } else { "Suspended" });
            if versioning.mfa_delete {
                xml.leaf("MfaDelete", "Enabled");
            }
        }
    })
}

fn logging(context: &Context<'_>, bucket: &Bucket) -> Answer {
    context.rest("BucketLoggingStatus", |xml| {
        if let Some(logging) = &bucket.logging {
            xml.node("LoggingEnabled", |xml| {
                xml.leaf("TargetBucket", &logging.target);
                xml.leaf("TargetPrefix", &logging.prefix);
            });
        }
    })
}

fn ownership(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    let ownership =
        bucket.ownership.as_ref().ok_or_else(|| absent("OwnershipControlsNotFoundError"))?;
    Ok(context.rest("OwnershipControls", |xml| {
        xml.node("Rule", |xml| xml.leaf("ObjectOwnership", ownership));
    }))
}

fn lifecycle(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    if bucket.lifecycle.is_empty() {
        return Err(absent("NoSuchLifecycleConfiguration"));
    }
    Ok(context.rest("LifecycleConfiguration", |xml| {
        for rule in &bucket.lifecycle {
            xml.node("Rule", |xml| lifecycle_rule(xml, rule));
        }
    }))
}

fn lifecycle_rule(xml: &mut Xml, rule: &LifecycleRule) {
    xml.leaf("ID", &rule.id);
    xml.leaf("Status", if rule.enabled { "Enabled" } else { "Disabled" });
    xml.node("Filter", |xml| xml.leaf("Prefix", &rule.prefix));
    if let Some(days) = rule.expire_days {
        xml.node("Expiration", |xml| xml.leaf("Days", days));
    }
    if let Some((days, class)) = &rule.transition {
        xml.node("Transition", |xml| {
            xml.leaf("Days", days);
            xml.leaf("StorageClass", class);
        });
    }
    if let Some(days) = rule.noncurrent_days {
        xml.node("NoncurrentVersionExpiration", |xml| xml.leaf("NoncurrentDays", days));
    }
}

fn object_lock(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    let lock = bucket
        .object_lock
        .as_ref()
        .ok_or_else(|| absent("ObjectLockConfigurationNotFoundError"))?;
    Ok(context.rest("ObjectLockConfiguration", |xml| {
        xml.leaf("ObjectLockEnabled", "Enabled");
        if let Some(mode) = &lock.mode {
            xml.node("Rule", |xml| {
                xml.node("DefaultRetention", |xml| {
                    xml.leaf("Mode", mode);
                    xml.leaf("Days", lock.days);
                });
            });
        }
    }))
}

fn website(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    let index = bucket.website.as_ref().ok_or_else(|| absent("NoSuchWebsiteConfiguration"))?;
    Ok(context.rest("WebsiteConfiguration", |xml| {
        xml.node("IndexDocument", |xml| xml.leaf("Suffix", index));
    }))
}

fn tagging(context: &Context<'_>, bucket: &Bucket) -> Result<Answer, Refusal> {
    if bucket.tags.is_empty() {
        return Err(absent("NoSuchTagSet"));
    }
    Ok(context.rest("Tagging", |xml| {
        xml.list("TagSet", "Tag", &bucket.tags, |xml, (key, value)| {
            xml.leaf("Key", key);
            xml.leaf("Value", value);
        });
    }))
}
