//! Which regions of an account are to be read.
//!
//! The list of enabled regions comes from AWS, account by account: an account's opted-out regions
//! are not there at all, and asking them would look like bad credentials.

use aws_sdk_ec2 as ec2;

use super::SessionError;
use super::failure::CallError;
use super::traffic::Caller;
use crate::aws::{Partition, Region};
use crate::diagnostic::did_you_mean;
use crate::resources::region::DESCRIBE_REGIONS;

/// The regions that the user chose.
#[derive(Debug, Clone, Default)]
pub struct RegionChoice {
    /// Only those; empty for all enabled ones.
    pub only: Vec<Region>,
    /// All but those.
    pub exclude: Vec<Region>,
}

/// The regions of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regions {
    /// To be read, sorted.
    pub read: Vec<Region>,
    /// Enabled, but left out by the user.
    pub left_out: Vec<Region>,
    /// May be enabled, which could not be found out.
    pub unsure: Vec<Region>,
}

/// A region as AWS lists it for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The region.
    pub region: Region,
    /// Whether the account can use it.
    pub enabled: bool,
}

/// All regions of the partition, as seen by an account.
///
/// # Errors
/// When they cannot be listed.
pub async fn list(caller: &Caller, client: &ec2::Client) -> Result<Vec<Listed>, CallError> {
    let answer =
        caller.call(&DESCRIBE_REGIONS, || client.describe_regions().all_regions(true).send());
    let regions = answer.await?.regions.unwrap_or_default().into_iter();
    let listed = regions.filter_map(|region| {
        let enabled = region.opt_in_status.as_deref() != Some("not-opted-in");
        Some(Listed { region: region.region_name?.parse().ok()?, enabled })
    });
    let mut listed: Vec<Listed> = listed.collect();
    listed.sort_by(|a, b| a.region.cmp(&b.region));
    if listed.is_empty() {
        return Err(CallError::failed("NoRegionsInReply"));
    }
    Ok(listed)
}

impl RegionChoice {
    /// Refuses names of regions that do not exist.
    ///
    /// # Errors
    /// The first region that is in neither list.
    pub fn check(&self, listed: &[Listed]) -> Result<(), SessionError> {
        let known = |region: &Region| listed.iter().any(|listed| listed.region == *region);
        match self.only.iter().chain(&self.exclude).find(|region| !known(region)) {
            None => Ok(()),
            Some(stranger) => {
                let names = listed.iter().map(|listed| listed.region.as_str());
                Err(SessionError::UnknownRegion {
                    name: stranger.to_string(),
                    help: did_you_mean(stranger.as_str(), names),
                })
            }
        }
    }

    /// Refuses regions of another partition.
    ///
    /// # Errors
    /// The first such region.
    pub fn check_partition(&self, partition: Partition) -> Result<(), SessionError> {
        let strange = |region: &&Region| region.partition() != partition;
        match self.only.iter().chain(&self.exclude).find(strange) {
            None => Ok(()),
            Some(region) => Err(SessionError::UnknownRegion {
                name: region.to_string(),
                help: Some(format!("the credentials belong to the partition {partition}")),
            }),
        }
    }

    fn wants(&self, region: &Region) -> bool {
        (self.only.is_empty() || self.only.contains(region)) && !self.exclude.contains(region)
    }

    /// The regions of an account by its list.
    pub fn of(&self, listed: &[Listed]) -> Regions {
        let mut regions = Regions::default();
        for listed in listed.iter().filter(|listed| listed.enabled) {
            let list =
                if self.wants(&listed.region) { &mut regions.read } else { &mut regions.left_out };
            list.push(listed.region.clone());
        }
        regions
    }

    /// The regions of an account that could not be asked: those that the user named, or else those
    /// that are enabled everywhere; all others may be enabled too.
    pub fn without_list(&self, partition: Partition, others: &[Listed]) -> Regions {
        let mut regions = Regions::default();
        let known = known(partition);
        for region in &self.only {
            if self.wants(region) {
                regions.read.push(region.clone());
            }
        }
        for (region, always) in &known {
            match (self.only.is_empty(), self.wants(region)) {
                (true, true) if *always => regions.read.push(region.clone()),
                (true, true) => regions.unsure.push(region.clone()),
                (_, false) => regions.left_out.push(region.clone()),
                (false, true) => {}
            }
        }
        for other in others.iter().map(|listed| &listed.region) {
            if !known.iter().any(|(region, _)| region == other) {
                let wanted = self.only.is_empty() && self.wants(other);
                let list = if wanted { &mut regions.unsure } else { &mut regions.left_out };
                if !regions.read.contains(other) {
                    list.push(other.clone());
                }
            }
        }
        for list in [&mut regions.read, &mut regions.left_out, &mut regions.unsure] {
            list.sort();
            list.dedup();
        }
        regions
    }
}

/// The regions of a partition that we know of, and whether every account has them.
fn known(partition: Partition) -> Vec<(Region, bool)> {
    let (always, by_choice): (&[&str], &[&str]) = match partition {
        Partition::Aws => (ALWAYS, BY_CHOICE),
        Partition::AwsCn => (&["cn-north-1", "cn-northwest-1"], &[]),
        Partition::AwsUsGov => (&["us-gov-east-1", "us-gov-west-1"], &[]),
    };
    let mark = |names: &[&str], always: bool| -> Vec<(Region, bool)> {
        names.iter().filter_map(|name| Some((name.parse().ok()?, always))).collect()
    };
    [mark(always, true), mark(by_choice, false)].concat()
}

/// The regions that every account of the partition `aws` has.
const ALWAYS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The regions of the partition `aws` that an account must switch on, as of late 2026.
const BY_CHOICE: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    fn listed(names: &[(&str, bool)]) -> Vec<Listed> {
        let listed =
            |(name, enabled): &(&str, bool)| Listed { region: region(name), enabled: *enabled };
        names.iter().map(listed).collect()
    }

    fn names(regions: &[Region]) -> Vec<&str> {
        regions.iter().map(Region::as_str).collect()
    }

    #[test]
    fn opted_out_regions_are_not_there_at_all() {
        let list = listed(&[("eu-west-1", true), ("me-south-1", false), ("us-east-1", true)]);
        let all = RegionChoice::default().of(&list);
        assert_eq!(
            (names(&all.read), names(&all.left_out)),
            (vec!["eu-west-1", "us-east-1"], vec![])
        );
        let choice = RegionChoice { only: vec![], exclude: vec![region("us-east-1")] };
        let some = choice.of(&list);
        assert_eq!(
            (names(&some.read), names(&some.left_out)),
            (vec!["eu-west-1"], vec!["us-east-1"])
        );
        let choice = RegionChoice { only: vec![region("me-south-1")], exclude: vec![] };
        choice.check(&list).unwrap();
        assert_eq!(names(&choice.of(&list).read), Vec::<&str>::new());
    }

    #[test]
    fn a_region_that_does_not_exist_is_refused_with_a_suggestion() {
        let list = listed(&[("eu-west-1", true), ("us-east-1", true)]);
        let choice = RegionChoice { only: vec![region("eu-wset-1")], exclude: vec![] };
        let error = choice.check(&list).unwrap_err();
        assert_eq!(error.help().as_deref(), Some("did you mean `eu-west-1`?"));
        let choice = RegionChoice { only: vec![region("cn-north-1")], exclude: vec![] };
        assert!(choice.check_partition(Partition::Aws).is_err());
        choice.check_partition(Partition::AwsCn).unwrap();
    }

    #[test]
    fn without_a_list_the_regions_by_choice_stay_unsure() {
        let others = listed(&[("us-east-1", true), ("xx-new-1", false)]);
        let regions = RegionChoice::default().without_list(Partition::Aws, &others);
        assert_eq!(names(&regions.read), ALWAYS);
        assert!(regions.unsure.contains(&region("me-south-1")));
        assert!(regions.unsure.contains(&region("xx-new-1")));
        let choice = RegionChoice { only: vec![region("eu-west-1")], exclude: vec![] };
        let regions = choice.without_list(Partition::Aws, &others);
        assert_eq!(names(&regions.read), ["eu-west-1"]);
        assert!(regions.unsure.is_empty() && regions.left_out.contains(&region("us-east-1")));
    }
}
