//! KMS.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::synthetic::context::{Context, Sizes};
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::{Key, Region};

const KEYS: Sizes = Sizes { field: "Limit", default: 100, most: 1000, token: "Marker" };
const FEW: Sizes = Sizes { field: "Limit", default: 50, most: 100, token: "Marker" };

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let region = context.region()?;
    let key = || key(context, &region);
    match context.request.operation.as_str() {
        "ListKeys" => list(
            context,
            "Keys",
            KEYS,
            &region.keys,
            |key| json!({"KeyId": key.id, "KeyArn": arn(context, &key.id)}),
        ),
        "ListAliases" => aliases(context, &region),
        "DescribeKey" => key().map(|key| describe(context, key)),
        "GetKeyRotationStatus" => key().and_then(|key| rotation(context, key)),
        "GetKeyPolicy" => {
            key().map(|key| Answer::Json(json!({"Policy": key.policy, "PolicyName": "default"})))
        }
        "ListGrants" => list(context, "Grants", FEW, &key()?.grants, |grant| {
            json!({
                "GrantId": grant.id,
                "GranteePrincipal": grant.grantee,
                "Operations": grant.operations,
            })
        }),
        _ => Err(context.unknown_operation()),
    }
}

fn arn(context: &Context<'_>, id: &str) -> String {
    let region = &context.request.region;
    format!("arn:{}:kms:{region}:{}:key/{id}", context.partition(), context.account.id)
}

fn key<'r>(context: &Context<'_>, region: &'r Arc<Region>) -> Result<&'r Key, Refusal> {
    let wanted = context.required("KeyId")?;
    region.keys.iter().find(|key| key.id == wanted || arn(context, &key.id) == wanted).ok_or_else(
        || {
            let message = format!("Key '{}' does not exist", arn(context, wanted));
            Refusal::new(400, "NotFoundException", message)
        },
    )
}

fn aliases(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let pairs: Vec<(&Key, &String)> = region
        .keys
        .iter()
        .flat_map(|key| key.aliases.iter().map(move |alias| (key, alias)))
        .collect();
    list(context, "Aliases", FEW, &pairs, |(key, alias)| {
        let at = arn(context, &key.id);
        let base = at.strip_suffix(&format!("key/{}", key.id)).unwrap_or(&at);
        json!({
            "AliasName": alias,
            "AliasArn": format!("{base}{alias}"),
            "TargetKeyId": key.id,
            "CreationDate": key.created.as_second(),
        })
    })
}

fn describe(context: &Context<'_>, key: &Key) -> Answer {
    let symmetric = key.spec == "SYMMETRIC_DEFAULT";
    let mut data = json!({
        "AWSAccountId": context.account.id,
        "KeyId": key.id,
        "Arn": arn(context, &key.id),
        "CreationDate": key.created.as_second(),
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": if symmetric { "ENCRYPT_DECRYPT" } else { "SIGN_VERIFY" },
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": if key.aws_managed { "AWS" } else { "CUSTOMER" },
        "KeySpec": key.spec,
        "MultiRegion": false,
    });
    if let (Some(deletion), Some(map)) = (key.deletion, data.as_object_mut()) {
        map.insert("DeletionDate".to_owned(), json!(deletion.as_second()));
    }
    Answer::Json(json!({"KeyMetadata": data}))
}

fn rotation(context: &Context<'_>, key: &Key) -> Result<Answer, Refusal> {
    if !key.rotates() {
        let message = format!("{} cannot rotate", arn(context, &key.id));
        return Err(Refusal::new(400, "UnsupportedOperationException", message));
    }
    let mut answer = json!({
        "KeyId": arn(context, &key.id),
        "KeyRotationEnabled": key.rotation_days.is_some(),
    });
    if let (Some(days), Some(map)) = (key.rotation_days, answer.as_object_mut()) {
        map.insert("RotationPeriodInDays".to_owned(), json!(days));
    }
    Ok(Answer::Json(answer))
}

/// A list as KMS ends it: whether there is more, and the marker.
fn list<T>(
    context: &Context<'_>,
    name: &str,
    sizes: Sizes,
    items: &[T],
    render: impl Fn(&T) -> Value,
) -> Result<Answer, Refusal> {
    let page = context.page(items, sizes)?;
    let mut answer = Map::new();
    answer.insert(name.to_owned(), page.items.iter().map(render).collect());
    answer.insert("Truncated".to_owned(), json!(page.next.is_some()));
    if let Some(next) = page.next {
        answer.insert("NextMarker".to_owned(), Value::String(next));
    }
    Ok(Answer::Json(Value::Object(answer)))
}
