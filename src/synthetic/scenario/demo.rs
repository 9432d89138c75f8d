//! Faults and traps, added to the account in which everything is right. The management account has
//! a few, production some that hurt, the sandbox many.
//!
//! A trap is something that looks wrong and is right, or the other way round; each says so where
//! it is set.

use crate::synthetic::world::Account;

use super::site::Site;
use super::{MANAGEMENT, PRODUCTION};

mod balancing;
mod connect;
mod detection;
mod doors;
mod identity;
mod keys;
mod logging;
mod network;
mod storage;

/// Adds the faults of the demo account that the site stands for.
pub fn spoil(site: &Site<'_>, account: &mut Account) {
    identity::everywhere(site, &mut account.identity);
    match site.account {
        MANAGEMENT => {
            identity::management(site, &mut account.identity);
            logging::management(site, account);
            detection::management(site, account);
        }
        PRODUCTION => {
            identity::production(site, &mut account.identity);
            storage::production(site, account);
            keys::production(site, account);
            doors::production(site, account);
            network::production(site, account);
            connect::production(site, account);
            connect::forgetful(account);
            logging::production(site, account);
            balancing::production(site, account);
            detection::production(site, account);
        }
        _ => {
            identity::sandbox(site, &mut account.identity);
            storage::sandbox(site, account);
            keys::sandbox(site, account);
            doors::sandbox(site, account);
            network::sandbox(site, account);
            connect::sandbox(site, account);
            logging::sandbox(site, account);
            balancing::sandbox(site, account);
            detection::sandbox(site, account);
        }
    }
}

/// A few faults for accounts of other partitions.
pub fn spoil_a_little(site: &Site<'_>, account: &mut Account) {
    identity::without_policy(&mut account.identity);
    network::open_administration(site, account, site.home());
    storage::public_bucket(site, account);
}
