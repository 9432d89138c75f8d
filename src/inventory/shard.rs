//! Parts of a scan: which accounts each of several programs reads, and how what they read becomes
//! one again.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::reason::{Reason, ReasonKind};
use super::{Account, AccountStatus};
use crate::aws::AccountId;

/// The most shards of a scan: more than accounts fit into an organization.
const MOST: u32 = 100_000;

/// What the status of an account in another shard begins with.
const ELSEWHERE: &str = "in shard ";

/// One of several parts of a scan, written `2/8`: the second of eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

/// A text that names no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a shard: write I/N, such as 2/8 for the second of eight, with I from 1 to N")]
pub struct NotAShard;

impl Shard {
    /// The shard, of so many, that reads an account. It follows from the account's id alone: the
    /// first eight bytes of its SHA-256, as a number, by the remainder.
    fn of(account: &AccountId, count: u32) -> Self {
        let digest = Sha256::digest(account.as_str());
        let number = digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let rest = u32::try_from(number % u64::from(count)).unwrap_or_default();
        Self { number: rest + 1, of: count }
    }

    /// Why this shard does not read an account; `None` where it does.
    pub fn skips(self, account: &AccountId) -> Option<String> {
        let home = Self::of(account, self.of);
        (home != self).then(|| format!("{ELSEWHERE}{home}"))
    }

    /// The shard that another one left an account to.
    pub fn named_by(status: &AccountStatus) -> Option<Self> {
        let AccountStatus::Skipped(why) = status else { return None };
        why.strip_prefix(ELSEWHERE)?.parse().ok()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, NotAShard> {
        let digits = |text: &str| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| plain).ok_or(NotAShard)
        };
        let (number, of) = text.split_once('/').ok_or(NotAShard)?;
        let (number, of) = (digits(number)?, digits(of)?);
        let valid = (1..=of).contains(&number) && of <= MOST;
        valid.then_some(Self { number, of }).ok_or(NotAShard)
    }
}

/// Two parts have read the same account, so that neither can be left out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("both have read the account {account}")]
pub struct Overlap {
    /// The account.
    pub account: AccountId,
    /// The places of the two in the list of parts.
    pub parts: [usize; 2],
}

/// An account of the whole, and the part that knows most of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The account.
    pub account: Account,
    /// The place of its part in the list of parts.
    pub part: usize,
}

impl Joined {
    /// Whether no part was even asked to read it: its shard is not among the parts.
    pub fn is_missing(&self) -> bool {
        missing(&self.account).is_some()
    }
}

/// Why an account that was [joined](join) could not be read, where its shard is not among the parts.
pub fn missing(account: &Account) -> Option<&Reason> {
    match &account.status {
        AccountStatus::Failed(reason) if reason.kind == ReasonKind::NotScanned => Some(reason),
        _ => None,
    }
}

/// The accounts of all parts, each as the part has it that read it, or else tried to. One that each
/// part leaves to a shard that is not there could not be read.
///
/// # Errors
/// When two parts have read the same account.
pub fn join(parts: &[&[Account]]) -> Result<BTreeMap<AccountId, Joined>, Overlap> {
    let mut whole: BTreeMap<AccountId, Joined> = BTreeMap::new();
    for (part, accounts) in parts.iter().enumerate() {
        for account in *accounts {
            let new = Joined { account: account.clone(), part };
            let Some(known) = whole.get_mut(&account.id) else {
                whole.insert(account.id.clone(), new);
                continue;
            };
            if known.account.was_scanned() && account.was_scanned() {
                let parts = [known.part, part];
                return Err(Overlap { account: account.id.clone(), parts });
            }
            let old = if knowledge(account) > knowledge(&known.account) {
                std::mem::replace(known, new)
            } else {
                new
            };
            // Only the organization knows them, and not every part asks it.
            known.account.name = known.account.name.take().or(old.account.name);
            if known.account.organizational_units.is_empty() {
                known.account.organizational_units = old.account.organizational_units;
            }
        }
    }
    for joined in whole.values_mut() {
        if let Some(shard) = Shard::named_by(&joined.account.status) {
            let why = format!("shard {shard} is missing");
            let reason = Reason::new(ReasonKind::NotScanned, "", why);
            joined.account.status = AccountStatus::Failed(reason);
        }
    }
    Ok(whole)
}

/// How much a part knows of an account, compared with others.
fn knowledge(account: &Account) -> u8 {
    match &account.status {
        AccountStatus::Scanned => 3,
        AccountStatus::Failed(_) => 2,
        status if Shard::named_by(status).is_none() => 1,
        AccountStatus::Skipped(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Partition;

    fn account(id: &str, status: AccountStatus) -> Account {
        Account {
            id: id.parse().unwrap(),
            name: None,
            partition: Partition::Aws,
            organizational_units: Vec::new(),
            status,
            regions: Vec::new(),
            excluded_regions: Vec::new(),
        }
    }

    fn skipped(why: &str) -> AccountStatus {
        AccountStatus::Skipped(why.into())
    }

    const ONE: &str = "111122223333";

    #[test]
    fn each_account_is_in_one_shard_and_shards_are_alike_in_size() {
        for of in [1, 2, 3, 8] {
            let mut sizes = vec![0_usize; of];
            for number in 0..4_000_u64 {
                let id: AccountId = format!("{:012}", 111_122_223_333 + number).parse().unwrap();
                let holds = |number: &usize| {
                    format!("{number}/{of}").parse::<Shard>().unwrap().skips(&id).is_none()
                };
                let holders: Vec<usize> = (1..=of).filter(holds).collect();
                let [holder] = holders.as_slice() else { panic!("{id}: {holders:?}") };
                sizes[holder - 1] += 1;
            }
            let fair = 4_000 / of;
            assert!(sizes.iter().all(|size| size.abs_diff(fair) < fair / 5), "{sizes:?}");
        }
    }

    #[test]
    fn the_shard_of_an_account_never_changes() {
        let account: AccountId = ONE.parse().unwrap();
        let other: Shard = "1/8".parse().unwrap();
        // `printf 111122223333 | sha256sum` begins with aeb221660ff09134, whose rest by 8 is 4.
        assert_eq!(Shard::of(&account, 8).to_string(), "5/8");
        assert_eq!(other.skips(&account).as_deref(), Some("in shard 5/8"));
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "1", "0/4", "5/4", "1/0", "+1/4", "1/4/2", "a/b", "1/100001", "1 / 4"] {
            assert_eq!(text.parse::<Shard>(), Err(NotAShard), "{text}");
        }
    }

    #[test]
    fn the_part_that_read_an_account_decides() {
        let refused = Reason::new(ReasonKind::NotAssumed, "sts:AssumeRole", "AccessDenied");
        let failed = account(ONE, AccountStatus::Failed(refused));
        let mut left = account(ONE, skipped("in shard 2/2"));
        left.name = Some("prod".into());
        left.organizational_units = vec!["r-1".into()];
        let read = account(ONE, AccountStatus::Scanned);
        let suspended = account(ONE, skipped("suspended"));
        let status = |parts: &[&Account]| {
            let parts: Vec<&[Account]> = parts.iter().copied().map(std::slice::from_ref).collect();
            let joined = join(&parts).unwrap().into_values().next().unwrap();
            (joined.part, joined.account)
        };
        let named = Account { name: left.name.clone(), ..read.clone() };
        let named = Account { organizational_units: left.organizational_units.clone(), ..named };
        assert_eq!(status(&[&left, &read]), (1, named.clone()));
        assert_eq!(status(&[&read, &left]), (0, named));
        assert_eq!(status(&[&failed, &read]), (1, read.clone()));
        assert_eq!(status(&[&left, &suspended]).1.status, suspended.status);
        assert_eq!(status(&[&left, &failed]).1.status, failed.status);
    }

    #[test]
    fn what_is_in_no_part_is_not_claimed_and_nothing_is_read_twice() {
        let left = [account(ONE, skipped("in shard 2/3"))];
        let joined = join(&[&left, &left]).unwrap().into_values().next().unwrap();
        assert!(joined.is_missing());
        let AccountStatus::Failed(reason) = joined.account.status else { panic!("not failed") };
        assert_eq!(reason.to_string(), "shard 2/3 is missing");
        let read = [account(ONE, AccountStatus::Scanned)];
        let overlap = join(&[&read, &left, &read]).unwrap_err();
        assert_eq!(overlap.parts, [0, 2]);
    }
}
