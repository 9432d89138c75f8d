//! The same for the same seed, of about the size that was asked for, and with a heavy tail.

use super::*;

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn scale(accounts: u32, resources: u32, seed: u64) -> Scale {
    Scale { accounts, regions: 4, resources, seed }
}

/// The number of resources of an account, and a text that tells accounts apart.
fn content(world: &World, index: u32) -> (usize, String) {
    let listed = world.account(&account_id(index)).unwrap();
    let account = world.filled(Arc::clone(&listed));
    let identity = &account.identity;
    let mut size = identity.users.len() + identity.roles.len() + identity.policies.len();
    size += account.buckets.len();
    let mut text = format!("{:?} {:?}", identity, account.buckets);
    for region in &listed.regions {
        let region = world.region(&listed, &region.name).unwrap();
        size += region.network.security_groups.len() + region.network.subnets.len();
        size += region.network.interfaces.len() + region.instances.len();
        size += region.log_groups.len() + region.network.vpcs.len();
        text.push_str(&format!("{region:?}"));
    }
    (size, text)
}

#[test]
fn the_seed_decides_everything_and_order_nothing() {
    let (one, other) = (world(scale(6, 50, 7), now()), world(scale(6, 50, 7), now()));
    let forwards: Vec<_> = (0..6).map(|index| content(&one, index)).collect();
    let mut backwards: Vec<_> = (0..6).rev().map(|index| content(&other, index)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
    assert_ne!(forwards[1].1, content(&world(scale(6, 50, 8), now()), 1).1);
    // An account is the same in an organization of another size.
    assert_eq!(forwards[3], content(&world(scale(60, 50, 7), now()), 3));
}

#[test]
fn sizes_are_about_right_and_have_a_heavy_tail() {
    let place = Place { scale: scale(3_000, 1_000, 1), now: now() };
    let mut sizes: Vec<u32> = (0..3_000)
        .map(|index| {
            let id = account_id(index);
            let regions = REGIONS.iter().take(4).map(|region| place.size(&id, region));
            place.size(&id, "") + regions.sum::<u32>()
        })
        .collect();
    sizes.sort_unstable();
    let all: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    assert!((2_400_000..=3_600_000).contains(&all), "{all}");
    let tenth: u64 = sizes.iter().rev().take(300).map(|size| u64::from(*size)).sum();
    assert!(tenth * 10 > all * 3, "the largest tenth holds {tenth} of {all}");
    assert!(sizes[1_500] < 700, "half of all are small: {}", sizes[1_500]);
}

#[test]
fn few_places_are_kept() {
    let world = Made {
        place: Place { scale: scale(1_000, 1, 1), now: now() },
        accounts: Mutex::default(),
        regions: Mutex::default(),
    };
    for index in 0..1_000 {
        let id = account_id(index);
        let listed = Account { name: format!("large-{index:05}"), id, ..Account::default() };
        world.account(&listed);
    }
    let kept = world.accounts.lock().unwrap().kept.len();
    assert!(kept <= KEPT, "{kept}");
}
