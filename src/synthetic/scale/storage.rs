//! Many buckets.

use super::dice::Dice;
use super::policies;
use crate::synthetic::scenario::baseline_bucket;
use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{Bucket, LifecycleRule};

/// Adds `size` buckets in all regions; one in ten lacks something.
pub(super) fn fill(site: &Site<'_>, seed: u64, size: u32, buckets: &mut Vec<Bucket>) {
    for index in 0..size {
        let mut dice = Dice::new(seed, &[site.account, "s3", &index.to_string()]);
        let region = dice.pick(site.regions).to_owned();
        let name = format!("{}-{}-{index:05}", site.prefix, site.account);
        let more = policies::bucket(site, &mut dice, &name);
        let mut bucket = baseline_bucket(site, &name, &region, more);
        if dice.happens(0.5) {
            bucket.lifecycle.push(LifecycleRule {
                id: "old-versions".to_owned(),
                enabled: true,
                noncurrent_days: Some(30),
                ..LifecycleRule::default()
            });
        }
        match dice.below(40) {
            0 => bucket.policy = None,
            1 => bucket.encryption = None,
            2 => bucket.versioning = None,
            3 => bucket.public_access_block = None,
            4 => bucket.logging = None,
            _ => {}
        }
        buckets.push(bucket);
    }
}
