//! An account in which everything is right.

use std::sync::Arc;

use crate::synthetic::world::{
    Account, AccountStatus, EbsSettings, OptIn, PublicAccessBlock, Region,
};

use super::site::Site;

mod balancing;
mod connect;
mod detection;
mod doors;
mod identity;
mod keys;
mod logging;
mod network;
mod storage;

pub use doors::access_point;
pub use identity::{assumed_by_account, assumed_by_service};
pub use keys::{key, policy as key_policy};
pub use logging::pattern;
pub use network::{allow_all, allow_from, open};
pub use storage::bucket;

/// Builds the account.
pub fn account(site: &Site<'_>) -> Account {
    let busy = site.regions.get(..2).unwrap_or(site.regions);
    let open = site.regions.iter().map(|name| {
        let mut region = Region { name: (*name).to_owned(), ..Region::default() };
        region.ebs = EbsSettings {
            encryption_by_default: true,
            snapshot_block: "block-all-sharing".to_owned(),
            image_block: true,
            metadata_tokens_required: Some(true),
            serial_console: false,
        };
        region.network.block.mode = "block-bidirectional".to_owned();
        if busy.contains(name) {
            network::fill(site, &mut region);
            connect::fill(site, &mut region);
            balancing::fill(site, &mut region);
        }
        doors::fill(site, &mut region);
        keys::fill(site, &mut region);
        logging::fill(site, &mut region);
        detection::fill(site, &mut region);
        Arc::new(region)
    });
    let closed = site.closed.iter().map(|name| {
        let opt_in = OptIn::NotOptedIn;
        Arc::new(Region { name: (*name).to_owned(), opt_in, ..Region::default() })
    });
    Account {
        id: site.account.to_owned(),
        name: site.name.to_owned(),
        email: format!("aws+{}@{}.example", site.role(), site.prefix),
        status: AccountStatus::Active,
        parent: String::new(),
        joined: site.days_ago(900),
        identity: identity::build(site),
        public_access_block: Some(PublicAccessBlock::ALL),
        security_contact: Some(detection::contact(site)),
        buckets: storage::buckets(site, busy),
        trails: logging::trails(site),
        regions: open.chain(closed).collect(),
    }
}
