//! Policies shaped like those in the field, made here: AWS's own may not be handed on.
//!
//! The shapes of [`managed`] follow the figures of 1,582 managed policies of AWS: statements (median 3,
//! nine in ten have at most 12, the largest 163), actions (10, 58, 4,533), resource patterns (3, 17, 235)
//! and conditions (1, 8, 253), with real action names. Those of [`buckets`] are the statements that the
//! guides of S3, CloudTrail, CloudFront, load balancing and organizations give as examples, mixed.

use postura::iam::data;
use serde_json::{Value, json};

/// A small generator of random numbers (xorshift): the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.roll(from.len())).copied()
    }

    /// A size by its quantiles: nine of ten lie below the last step but one.
    fn size(&mut self, steps: [usize; 5]) -> usize {
        let [few, median, many, most, all] = steps;
        let (low, high) = match self.roll(100) {
            0..25 => (few, few),
            25..50 => (few, median),
            50..75 => (median, many),
            75..95 => (many, most),
            _ => (most, all),
        };
        low + self.roll(high - low + 1)
    }
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Texts shaped like managed policies; the last one has a list of 4,500 actions.
pub fn managed(count: usize) -> Vec<String> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let prefixes: Vec<&str> = data::service_prefixes().collect();
    let mut texts: Vec<String> = (1..count)
        .map(|_| {
            let statements = dice.size([1, 3, 6, 20, 163]);
            let list: Vec<Value> =
                (0..statements).map(|n| statement(&mut dice, &prefixes, n)).collect();
            document(&list)
        })
        .collect();
    let every: Vec<&str> =
        data::actions().map(|action| action.name).step_by(5).take(4500).collect();
    texts.push(document(&[json!({"Effect": "Allow", "Action": every, "Resource": "*"})]));
    texts
}

fn statement(dice: &mut Dice, prefixes: &[&str], number: usize) -> Value {
    let service = dice.pick(prefixes).unwrap_or("s3");
    let known: Vec<&str> = data::expand(&format!("{service}:*")).map(|a| a.name).collect();
    let mut actions: Vec<String> = (0..dice.size([1, 2, 5, 20, 120]))
        .filter_map(|_| {
            let name = dice.pick(&known)?;
            let cut = name.find(':')? + 1;
            let verb =
                name[cut..].find(|c: char| c.is_ascii_uppercase() && !name[cut..].starts_with(c));
            Some(match (dice.roll(5), verb) {
                (0, Some(end)) => format!("{}*", &name[..cut + end]),
                _ => name.to_owned(),
            })
        })
        .collect();
    actions.sort();
    actions.dedup();
    if actions.is_empty() {
        actions.push(format!("{service}:*"));
    }
    let resources: Vec<String> = (0..dice.size([1, 1, 2, 6, 40]))
        .map(|n| match dice.roll(5) {
            0 => format!("arn:aws:{service}:*:*:thing/app-{n}-*"),
            1 => format!("arn:aws:s3:::{service}-assets-*/*"),
            2 => format!("arn:aws:iam::*:role/service-role/{service}-{}-*", number % 7),
            3 => format!("arn:aws:{service}:*:${{aws:PrincipalAccount}}:*/{n}"),
            _ => format!("arn:*:{service}:*:*:*:app*"),
        })
        .collect();
    let resource = if dice.roll(2) == 0 { json!("*") } else { json!(resources) };
    let effect = if dice.roll(14) == 0 { "Deny" } else { "Allow" };
    let mut statement = json!({"Sid": format!("S{number}"), "Effect": effect, "Action": actions,
        "Resource": resource});
    let conditions = dice.size([0, 0, 1, 2, 4]);
    let blocks: Vec<Value> = (0..conditions).map(|_| condition(dice, service)).collect();
    for block in blocks.iter().filter_map(Value::as_object) {
        for (operator, keys) in block {
            statement["Condition"][operator] = keys.clone();
        }
    }
    statement
}

/// A condition, as often as managed policies have its operator.
fn condition(dice: &mut Dice, service: &str) -> Value {
    let name = format!("{service}.amazonaws.com");
    match dice.roll(44) {
        0..12 => json!({"StringEquals": {"iam:PassedToService": [name]}}),
        12..18 => json!({"StringEquals": {"aws:ResourceTag/managed-by": service}}),
        18..25 => {
            json!({"StringLike": {"aws:ResourceTag/app": [format!("{service}-*"), "shared*"]}})
        }
        25..30 => json!({"Null": {format!("aws:RequestTag/{service}"): "false"}}),
        30..34 => json!({"ForAnyValue:StringEquals": {"aws:TagKeys": [service, "managed-by"]}}),
        34..36 => json!({"ForAllValues:StringEquals": {"aws:TagKeys": [service, "Name", "team"]}}),
        36..38 => json!({"ArnLike": {"aws:SourceArn": format!("arn:aws:{service}:*:*:*")}}),
        38..40 => json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        40..42 => json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}),
        _ => json!({"StringLike": {"kms:ViaService": format!("{service}.*.amazonaws.com")}}),
    }
}

/// Texts shaped like bucket policies.
pub fn buckets(count: usize) -> Vec<String> {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    (0..count)
        .map(|n| {
            let bucket = format!("arn:aws:s3:::bucket-{n}");
            let statements = dice.size([1, 2, 3, 6, 15]);
            let list: Vec<Value> = (0..statements).map(|_| grant(&mut dice, &bucket)).collect();
            document(&list)
        })
        .collect()
}

fn grant(dice: &mut Dice, bucket: &str) -> Value {
    let objects = format!("{bucket}/*");
    let both = json!([bucket, objects]);
    let account = dice.pick(&["111122223333", "222233334444", "333344445555"]).unwrap_or_default();
    let role = format!("arn:aws:iam::{account}:role/app-{}", dice.roll(20));
    let mut grant = match dice.roll(12) {
        0 | 1 => json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": both,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        2 => json!({"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject", "Resource": objects, "Condition": {"StringEquals":
            {"aws:SourceArn": format!("arn:aws:cloudfront::{account}:distribution/EDFDVBD6EXAMPLE")}}}),
        3 => json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": format!("{bucket}/AWSLogs/{account}/*"),
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control",
            "aws:SourceArn": format!("arn:aws:cloudtrail:eu-central-1:{account}:trail/main")}}}),
        4 => {
            json!({"Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": objects})
        }
        5 => json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": ["s3:GetObject",
            "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"], "Resource": both}),
        6 => json!({"Effect": "Allow", "Principal": "*", "Action": ["s3:Get*", "s3:List*"],
            "Resource": both, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}),
        7 => json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": both,
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d", "vpce-1a2b3c4d"]},
            "ArnNotLike": {"aws:PrincipalArn": [role, "arn:aws:iam::111122223333:role/admin-*"]}}}),
        8 => {
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects,
            "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/25",
            "2001:db8::/48"]}}})
        }
        9 => {
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects,
            "Condition": {"StringNotEqualsIfExists":
            {"s3:x-amz-server-side-encryption": ["aws:kms", "aws:kms:dsse"]}}})
        }
        10 => {
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": both,
            "Condition": {"StringEquals": {"s3:DataAccessPointAccount": account}}})
        }
        _ => json!({"Effect": "Deny", "NotPrincipal": {"AWS": [role, account]}, "Action":
            ["s3:PutBucketPolicy", "s3:DeleteBucket*"], "Resource": bucket}),
    };
    grant["Sid"] = json!(format!("S{}", dice.roll(1000)));
    grant
}
