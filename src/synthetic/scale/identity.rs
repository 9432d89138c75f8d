//! Many users, roles and policies.

use super::dice::Dice;
use super::policies;
use crate::synthetic::scenario::site::Site;
use crate::synthetic::world::{
    AccessKey, Identity, InlinePolicy, LastUse, ManagedPolicy, Mfa, Password, Role, User,
};

const TEAMS: &[&str] = &["billing", "search", "orders", "ledger", "images", "mail", "ingest"];

/// Adds `size` of them: seven roles and two policies for each user.
pub(super) fn fill(site: &Site<'_>, seed: u64, size: u32, identity: &mut Identity) {
    for index in 0..size {
        let number = index.to_string();
        let mut dice = Dice::new(seed, &[site.account, "iam", &number]);
        let name = format!("{}-{index:05}", dice.pick(TEAMS));
        match index % 10 {
            0 => identity.users.push(user(site, &mut dice, name)),
            1 | 2 => identity.policies.push(policy(site, &mut dice, name)),
            _ => identity.roles.push(role(site, &mut dice, name)),
        }
    }
}

fn used(site: &Site<'_>, dice: &mut Dice) -> Option<LastUse> {
    let hours = i64::try_from(dice.below(24 * 400)).unwrap_or(0);
    dice.happens(0.8).then(|| LastUse {
        at: site.hours_ago(hours + 1),
        region: site.home().to_owned(),
        service: "s3".to_owned(),
    })
}

fn role(site: &Site<'_>, dice: &mut Dice, name: String) -> Role {
    let inline = (0..dice.tail(3)).map(|number| InlinePolicy {
        name: format!("inline-{number}"),
        document: policies::identity(site, dice, &name),
    });
    let inline = inline.collect();
    let created = site.days_ago(i64::try_from(dice.below(1500)).unwrap_or(0) + 1);
    Role {
        trust: policies::trust(site, dice, &name),
        attached: match dice.below(30) {
            0 => vec![site.aws_policy("AdministratorAccess")],
            1..10 => vec![site.own_policy("deploy-artifacts")],
            _ => Vec::new(),
        },
        last_used: used(site, dice),
        tags: site.tags("platform"),
        created,
        inline,
        name,
        ..Role::default()
    }
}

fn user(site: &Site<'_>, dice: &mut Dice, name: String) -> User {
    let day = |dice: &mut Dice, most: usize| {
        site.days_ago(i64::try_from(dice.below(most)).unwrap_or(0) + 1)
    };
    let created = site.days_ago(700);
    let password = dice
        .happens(0.3)
        .then(|| Password { changed: day(dice, 300), last_used: Some(day(dice, 200)) });
    let key = dice.happens(0.7).then(|| AccessKey {
        active: dice.happens(0.9),
        created: day(dice, 600),
        last_used: used(site, dice),
    });
    let has_mfa = dice.happens(0.85);
    let mfa = Mfa { name: name.clone(), enabled: day(dice, 600), ..Mfa::default() };
    User {
        created,
        password,
        keys: key.into_iter().collect(),
        mfa: has_mfa.then_some(mfa).into_iter().collect(),
        groups: vec![dice.pick(&["auditors", "deployers"]).to_owned()],
        tags: site.tags("platform"),
        name,
        ..User::default()
    }
}

fn policy(site: &Site<'_>, dice: &mut Dice, name: String) -> ManagedPolicy {
    let versions: Vec<String> =
        (0..dice.tail(5)).map(|_| policies::identity(site, dice, &name)).collect();
    ManagedPolicy {
        created: site.days_ago(400),
        default_version: versions.len(),
        description: "Made up".to_owned(),
        versions,
        name,
        ..ManagedPolicy::default()
    }
}
