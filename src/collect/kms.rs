//! KMS: the keys of a region that the account manages itself, with their policies and grants.

use std::collections::BTreeMap;

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::types::{GrantListEntry, KeyManagerType, KeyMetadata, KeySpec, OriginType};
use futures::stream::{self, StreamExt};

use super::convert::{field, int, items, left_out, text, time};
use super::place::{Cell, Fetched};
use super::sweep::{Sweep, sweep};
use crate::inventory::{Reason, Slot};
use crate::resources::kms::{
    DESCRIBE_KEY, GET_KEY_POLICY, GET_KEY_ROTATION_STATUS, Key, KeyGrant, LIST_ALIASES,
    LIST_GRANTS, LIST_KEYS,
};
use crate::session::{CallError, Walk};

/// The sweeps of this service.
pub(super) const SWEEPS: &[Sweep] = &[sweep!(
    "kms-keys",
    Region,
    [Key],
    [LIST_KEYS, LIST_ALIASES, DESCRIBE_KEY, GET_KEY_ROTATION_STATUS, GET_KEY_POLICY, LIST_GRANTS],
    keys
)];

/// How many keys of a region are read at the same time, each with up to four calls.
const KEYS_AT_ONCE: usize = 8;

/// The key of the policy that every key has.
const POLICY_NAME: &str = "default";

/// The aliases of each key, and why there may be more.
struct Aliases {
    of: BTreeMap<String, Vec<String>>,
    missing: Option<Reason>,
}

async fn keys(cell: &Cell) {
    let kms = cell.clients().kms();
    let aliases = aliases(cell, &kms).await;
    let call = &LIST_KEYS;
    let mut walk = Walk::default();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| kms.list_keys().limit(1000).set_marker(marker).send())
        .await
    {
        let mut found = Vec::new();
        for key in walk.items(page.keys) {
            match key.key_id {
                Some(id) if aliases.names_one_of_aws(&id) => {}
                Some(id) => found.push((id, key.key_arn)),
                None => walk.cut("ItemWithoutId"),
            }
        }
        walk.marker(page.truncated, page.next_marker);
        stream::iter(found)
            .for_each_concurrent(KEYS_AT_ONCE, |(id, arn)| key(cell, &kms, &aliases, id, arn))
            .await;
    }
    cell.cover::<Key>(call, walk.end()).await;
}

impl Aliases {
    /// Whether a key has the alias of a key that AWS manages.
    fn names_one_of_aws(&self, id: &str) -> bool {
        let names = self.of.get(id).map(Vec::as_slice).unwrap_or_default();
        names.iter().any(|name| name.starts_with("alias/aws/"))
    }
}

async fn aliases(cell: &Cell, kms: &Client) -> Aliases {
    let call = &LIST_ALIASES;
    let mut walk = Walk::default();
    let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| kms.list_aliases().limit(100).set_marker(marker).send())
        .await
    {
        for alias in walk.items(page.aliases) {
            // AWS keeps aliases for keys that it has yet to make.
            if let (Some(name), Some(key)) = (alias.alias_name, alias.target_key_id) {
                of.entry(key).or_default().push(name);
            }
        }
        walk.marker(page.truncated, page.next_marker);
    }
    of.values_mut().for_each(|names| names.sort());
    Aliases { of, missing: walk.end().err().map(|error| cell.note(call, &error, None)) }
}

async fn key(cell: &Cell, kms: &Client, aliases: &Aliases, id: String, arn: Option<String>) {
    let caller = cell.caller();
    let call = &DESCRIBE_KEY;
    let described = caller.call(call, || kms.describe_key().key_id(&id).send());
    let described = cell.fetch(call, described).await;
    if gone(&described) {
        return;
    }
    let described = cell.settle(call, Some(&id), described);
    let data = field(&described, |it| it.key_metadata.clone().map_or_else(left_out, Slot::Known));
    if data.known().is_some_and(|it| it.key_manager == Some(KeyManagerType::Aws)) {
        return;
    }
    let (rotation, policy, grants) = futures::join!(
        rotation(cell, kms, &id, &data),
        cell.fetch(
            &GET_KEY_POLICY,
            caller.call(&GET_KEY_POLICY, || {
                kms.get_key_policy().key_id(&id).policy_name(POLICY_NAME).send()
            })
        ),
        grants(cell, kms, &id),
    );
    if gone(&policy) {
        return;
    }
    let policy = cell.settle(&GET_KEY_POLICY, Some(&id), policy);
    let facts = Key {
        id: id.as_str().into(),
        arn: arn.into(),
        rotation_enabled: field(&rotation, |it| Slot::Known(it.key_rotation_enabled)),
        rotation_period_in_days: field(&rotation, |it| int(it.rotation_period_in_days)),
        policy: field(&policy, |it| it.policy.clone().map_or_else(left_out, Slot::Known)),
        grants,
        ..described_facts(&data)
    };
    cell.add(&id, named(facts, aliases, &id)).await;
}

/// Whether the key rotates. Keys of which it is known that they cannot are not asked: some refuse the
/// question.
async fn rotation(
    cell: &Cell,
    kms: &Client,
    id: &str,
    data: &Slot<KeyMetadata>,
) -> Slot<GetKeyRotationStatusOutput> {
    let rotates = |it: &KeyMetadata| {
        it.key_spec == Some(KeySpec::SymmetricDefault) && it.origin == Some(OriginType::AwsKms)
    };
    if data.known().is_some_and(|it| !rotates(it)) {
        return Slot::Absent;
    }
    let call = &GET_KEY_ROTATION_STATUS;
    let request = cell.caller().call(call, || kms.get_key_rotation_status().key_id(id).send());
    cell.settle(call, Some(id), cell.fetch(call, request).await)
}

fn gone<T>(fetched: &Fetched<T>) -> bool {
    fetched.failed_with("NotFoundException")
}

/// Adds what the list of aliases says of a key.
fn named(key: Key, aliases: &Aliases, id: &str) -> Key {
    let names = aliases.of.get(id).cloned().unwrap_or_default();
    let name = names.first().map(|name| name.trim_start_matches("alias/").to_owned());
    Key {
        name: match &aliases.missing {
            Some(reason) => Slot::Unknown(reason.clone()),
            None => name.into(),
        },
        aliases: items(names, aliases.missing.clone()),
        ..key
    }
}

fn described_facts(data: &Slot<KeyMetadata>) -> Key {
    Key {
        description: field(data, |it| text(it.description.clone())),
        key_state: field(data, |it| word(it.key_state.as_ref().map(|word| word.as_str()))),
        key_spec: field(data, |it| word(it.key_spec.as_ref().map(|word| word.as_str()))),
        key_usage: field(data, |it| word(it.key_usage.as_ref().map(|word| word.as_str()))),
        origin: field(data, |it| word(it.origin.as_ref().map(|word| word.as_str()))),
        multi_region_key_type: field(data, |it| {
            let configuration = it.multi_region_configuration.as_ref();
            word(
                configuration
                    .and_then(|it| it.multi_region_key_type.as_ref())
                    .map(|it| it.as_str()),
            )
        }),
        creation_date: field(data, |it| time(it.creation_date)),
        deletion_date: field(data, |it| time(it.deletion_date)),
        ..Key::default()
    }
}

fn word(word: Option<&str>) -> Slot<String> {
    word.map(str::to_owned).into()
}

async fn grants(cell: &Cell, kms: &Client, id: &str) -> Slot<crate::inventory::Items<KeyGrant>> {
    let call = &LIST_GRANTS;
    if !cell.wants(call) {
        return Slot::Pending;
    }
    let mut walk = Walk::default();
    let mut found = Vec::new();
    while let Some(page) = walk
        .next(cell.caller(), call, |marker| {
            kms.list_grants().key_id(id).limit(100).set_marker(marker).send()
        })
        .await
    {
        found.extend(walk.items(page.grants).into_iter().map(grant));
        walk.marker(page.truncated, page.next_marker);
    }
    let missing = walk.end().err().map(|error: CallError| cell.note(call, &error, Some(id)));
    items(found, missing)
}

fn grant(given: GrantListEntry) -> KeyGrant {
    let operations = given.operations.unwrap_or_default();
    KeyGrant {
        id: given.grant_id.into(),
        grantee_principal: given.grantee_principal.or(given.grantee_service_principal).into(),
        operations: Slot::Known(operations.iter().map(|it| it.as_str().to_owned()).collect()),
    }
}
