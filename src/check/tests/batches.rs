//! Many resources at once are judged as each of them alone.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::generated::{Names, Seen, condition, group};
use super::properties::logic;
use super::*;
use crate::check::bind::Bound;
use crate::check::eval::{Frame, MAX_STEPS};
use crate::inventory::{Builder, Coverage, Inventory, Place, Row, Wanted, draft_from_json};
use crate::schema::Type;

/// The groups with an account and a network that are theirs where they name no other.
fn inventory(groups: &[Json], wanted: &Wanted) -> Inventory {
    let mut builder = Builder::new(MODEL);
    let place = Place {
        account: "111122223333".parse().unwrap(),
        region: Some("eu-west-1".parse().unwrap()),
    };
    let mut add = |type_of: usize, id: &str, given: &Json| {
        let record = MODEL.catalog.0[type_of];
        let draft = draft_from_json(&Type::Record(record), false, given).unwrap();
        builder.add_draft(record.get(), &place, id, draft);
        builder.cover(record.get(), &place, Coverage::Whole);
    };
    for (number, group) in groups.iter().enumerate() {
        add(0, &format!("sg-{number:04}"), group);
    }
    add(1, "vpc-1", &json!({"id": "vpc-1", "is_default": true}));
    add(2, "111122223333", &json!({"id": "111122223333", "root_mfa": true, "alias": null}));
    builder.seal(CASE_NOW, wanted)
}

/// Judges the groups, each as often and in such an order as `order` says, in both ways.
fn compare(check: &Check, inventory: &Inventory, steps: &[u32], order: impl Fn(usize) -> usize) {
    let params = check.params(&Default::default()).unwrap();
    let bound = check.bind(inventory, &params);
    let entries = inventory.resources(check.resource);
    let rows: Vec<Row> =
        (0..entries.len()).map(|place| entries[order(place) % entries.len()].row).collect();
    // What was there before must not matter.
    let (mut scratch, mut verdicts) = (Scratch::default(), vec![Verdict::Fail; 3]);
    for steps in steps {
        let alone = |bound: &Bound<'_>, row: Row| bound.decide(&mut Frame::new(row, *steps));
        let expected: Vec<Verdict> = rows.iter().map(|row| alone(&bound, *row)).collect();
        bound.verdicts_within(*steps, &rows, &mut scratch, &mut verdicts);
        assert!(verdicts == expected, "{steps} steps: {verdicts:?} for {expected:?}");
    }
}

fn wanted() -> impl Strategy<Value = Wanted> {
    // Where nobody asks for them, relations and derived fields are pending.
    prop_oneof![
        3 => Just(Wanted::Everything),
        1 => Just(Wanted::Fields(BTreeSet::new())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_block_is_judged_as_its_resources_alone(
        logic in logic(),
        groups in prop::collection::vec(group(Seen::Some), 1..24),
        wanted in wanted(),
        copies in 1..40_usize,
        few in 1..40_u32,
        turn in 1..7_usize,
    ) {
        // More resources than a block has.
        let groups: Vec<Json> = groups.iter().cycle().take(groups.len() * copies).cloned().collect();
        let check = load(&check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n"));
        let inventory = inventory(&groups, &wanted);
        compare(&check, &inventory, &[MAX_STEPS, few, few * 37], |place| place * turn);
    }

    #[test]
    fn conditions_on_lists_of_lists_are_judged_alike(
        inner in condition(Names::All),
        mut groups in prop::collection::vec(group(Seen::Some), 1..40),
        own in prop::collection::vec(any::<bool>(), 40),
        few in 1..2_000_u32,
    ) {
        for (group, own) in groups.iter_mut().zip(own) {
            if own {
                group.as_object_mut().unwrap().retain(|name, _| name != "account" && name != "vpc");
            }
        }
        let inner = inner.replace("group.", "g.");
        let check = load(&check_text(
            &format!(
                "expect:\n  - that: |\n      group.account.groups.all(g, g.name == group.name or ({inner}))\n    \
                 otherwise: Bad\n  - some: g in group.account.groups\n    where: |\n      \
                 g.ingress.exists(x, x.protocol == \"tcp\" and group.ingress.exists_one(y, y.id == x.id and g.name != group.name))\n    \
                 otherwise: Bad"
            ),
            "  - {name: a, given: {}, verdict: unknown}\n",
        ));
        compare(&check, &inventory(&groups, &Wanted::Everything), &[MAX_STEPS, few], |place| place);
    }
}

#[test]
fn what_is_too_much_for_a_block_is_judged_in_parts() {
    let rule = |id: usize| json!({"id": format!("r-{id}"), "protocol": "tcp", "from_port": 22, "to_port": 22, "source": "::/0", "description": null});
    let group = |number: usize| {
        let rules: Vec<Json> = (0..number % 3).map(rule).collect();
        json!({"id": "sg", "name": format!("n-{}", number % 5), "ingress": rules, "tags": []})
    };
    let groups: Vec<Json> = (0..600).map(group).collect();
    let inventory = inventory(&groups, &Wanted::Everything);
    let all_of_all = check_text(
        "expect:\n  - none: g in group.account.groups\n    where: g.ingress.exists(r, r.id == \"r-1\") and g.name != group.name and group.name == \"n-3\"\n    otherwise: Bad",
        "  - {name: a, given: {}, verdict: unknown}\n",
    );
    compare(&load(&all_of_all), &inventory, &[MAX_STEPS, 600, 1_000], |place| place);
    // One that is too much by itself: the list of a group is longer than all that a block may hold.
    let long: Vec<Json> = (0..70_000).map(|number| rule(number % 7)).collect();
    let groups = [group(1), json!({"id": "sg", "name": "long", "ingress": long}), group(2)];
    let text = all_of_all.replace("group.account.groups", "group.ingress").replace(
        "where: g.ingress.exists(r, r.id == \"r-1\") and g.name != group.name and group.name == \"n-3\"",
        "where: g.id == \"r-9\"",
    );
    let inventory = super::batches::inventory(&groups, &Wanted::Everything);
    compare(&load(&text), &inventory, &[MAX_STEPS, 70_000, 70_001], |place| place);
}

#[test]
fn what_may_be_absent_is_asked_together_with_its_guard() {
    let hidden = json!({"$unknown": "ec2:X AccessDenied"});
    let networks = [
        json!({}),
        json!({"vpc": null, "vpc_id": null}),
        json!({"vpc": hidden, "vpc_id": hidden}),
        json!({"vpc": {"id": "vpc-2", "is_default": false}}),
        json!({"vpc": {"id": "vpc-2", "is_default": hidden}}),
        json!({"vpc": {"id": "vpc-2", "is_default": true}}),
    ];
    let ports = [json!(null), hidden.clone(), json!(5), json!(i64::MAX)];
    let mut groups = Vec::new();
    for (network, port) in networks.iter().flat_map(|it| ports.iter().map(move |port| (it, port))) {
        let rule = json!({"id": "r", "protocol": "tcp", "from_port": port, "to_port": port, "source": "::/0"});
        let mut group = json!({"id": "sg", "name": "n", "ingress": [rule], "tags": []});
        group.as_object_mut().unwrap().extend(network.as_object().unwrap().clone());
        groups.push(group);
    }
    let inventory = inventory(&groups, &Wanted::Everything);
    for condition in [
        "not has(group.vpc) or group.vpc.is_default",
        "has(group.vpc) and not group.vpc.is_default",
        "not has(group.vpc) or group.vpc.is_default or group.name == \"n\"",
        "has(group.vpc) and group.vpc.id == \"vpc-2\"",
        "group.ingress.all(r, has(r.from_port) and r.from_port <= 9223372036854775807)",
        "group.ingress.all(r, not has(r.from_port) or r.from_port > 9223372036854775807)",
        "group.ingress.exists(r, has(r.from_port) and has(r.to_port) and r.to_port < 6)",
        "group.ingress.exists(r, has(r.from_port) and r.from_port == 5)",
    ] {
        let logic = format!("expect:\n  - that: {condition}\n    otherwise: Bad");
        let check = load(&check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n"));
        compare(&check, &inventory, &[MAX_STEPS], |place| place);
    }
}
