//! EBS snapshots that the account owns, and with whom they are shared.

use super::account::Account;
use super::kleene::elements;
use super::tag::Tag;
use crate::inventory::{Derivation, Draft, Inventory, Items, Record, Slot, Time, View};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The EBS snapshots that the account itself owns.
    DESCRIBE_SNAPSHOTS: "ec2" "DescribeSnapshots" needs ["ec2:DescribeSnapshots"] absent [];
    /// Who may make volumes of a snapshot; one call a snapshot.
    DESCRIBE_SNAPSHOT_ATTRIBUTE: "ec2" "DescribeSnapshotAttribute"
        needs ["ec2:DescribeSnapshotAttribute"] absent [];
}

part! {
    /// An account that a snapshot is shared with.
    pub struct SharedAccount("SharedAccount", shown as account_id) {
        /// The account.
        account_id: String,
        /// Whether that account is part of the scan.
        in_scan: bool,
    }
}

resource! {
    /// An EBS snapshot that the account owns.
    pub struct Snapshot("AWS::EC2::Snapshot", snapshot, Region, id) from DESCRIBE_SNAPSHOTS {
        /// The snapshot's id.
        id: String,
        /// The volume that it was made of.
        volume_id: String,
        /// The account that owns it.
        owner_id: String,
        /// Whether it is encrypted.
        encrypted: bool,
        /// When it was begun.
        start_time: Time,
        /// What was written about it, often by the service that made it.
        description: String,
        /// Its tags.
        tags: Items<Tag>,
        /// The ids of the accounts that may make volumes of it. Everybody is not listed here:
        /// `public_snapshot_ids` of the region names the snapshots that are public.
        shared_account_ids: Items<String> => DESCRIBE_SNAPSHOT_ATTRIBUTE,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
    derived {
        /// The accounts that may make volumes of it, with whether they are part of the scan.
        shared_with: Items<SharedAccount>, from ["shared_account_ids"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    record: RecordRef(Snapshot::record),
    field: "shared_with",
    compute: shared_with,
}];

fn shared_with(snapshot: &View<'_>, inventory: &Inventory) -> Draft {
    let ids = elements(snapshot.texts("shared_account_ids"));
    let in_scan = |id: &str| inventory.account(id).is_some();
    let shared = ids.known.iter().map(|id| SharedAccount {
        account_id: Slot::Known((*id).to_owned()),
        in_scan: in_scan(id).into(),
    });
    let items = Items { items: shared.collect(), missing: ids.missing };
    Slot::Known(items).into_draft::<Items<SharedAccount>>()
}
