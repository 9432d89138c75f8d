//! A small model for unit tests of the engine: groups with rules, networks, an account.

use super::*;
use crate::schema::{Call, RecordRef};
use crate::{part, resource};

pub const DESCRIBE_GROUPS: Call = Call {
    service: "ec2",
    operation: "DescribeSecurityGroups",
    actions: &["ec2:DescribeSecurityGroups"],
    absent: &[],
};
pub const DESCRIBE_VPCS: Call =
    Call { service: "ec2", operation: "DescribeVpcs", actions: &["ec2:DescribeVpcs"], absent: &[] };
pub const GET_SUMMARY: Call = Call {
    service: "iam",
    operation: "GetAccountSummary",
    actions: &["iam:GetAccountSummary"],
    absent: &[],
};

part! {
    /// A tag.
    pub struct Tag("Tag") from DESCRIBE_GROUPS {
        /// Key.
        key: String,
        /// Value.
        value: String,
    }
}

part! {
    /// Where traffic comes from.
    pub struct Source("Source", shown as range) from DESCRIBE_GROUPS {
        /// The range.
        range: CidrText,
    }
    derived {
        /// Whether everybody is in it.
        reaches_internet: bool, from ["range"];
    }
}

part! {
    /// A rule.
    pub struct Rule("SecurityGroupRule") from DESCRIBE_GROUPS {
        /// Id.
        id: String,
        /// Protocol.
        #[one_of("tcp", "udp", "icmp", "-1")]
        protocol: String,
        /// First port.
        from_port: Option<i64>,
        /// Last port.
        to_port: Option<i64>,
        /// Source.
        source: Source,
        /// Description.
        description: Option<String>,
    }
}

resource! {
    /// A group.
    pub struct Group("AWS::EC2::SecurityGroup", group, Region, id) from DESCRIBE_GROUPS {
        /// Id.
        id: String,
        /// Name.
        name: String,
        /// Network.
        vpc_id: Option<String>,
        /// Rules.
        ingress: Items<Rule>,
        /// When it was made.
        created: Time,
        /// Tags.
        tags: Items<Tag>,
    }
    relations {
        /// Network.
        vpc: maybe Vpc where "vpc_id" = "id" within Region;
        /// Account.
        account: one ToyAccount within Account;
    }
    derived {
        /// Whether it is the default one.
        is_default: bool, from ["name"];
    }
}

resource! {
    /// A network.
    pub struct Vpc("AWS::EC2::VPC", vpc, Region, id) from DESCRIBE_VPCS {
        /// Id.
        id: String,
        /// Default.
        is_default: bool,
    }
    relations {
        /// Groups.
        groups: many Group where "id" = "vpc_id" within Region;
    }
}

resource! {
    /// An account.
    pub struct ToyAccount("AWS::::Account", account, Account, id) from GET_SUMMARY {
        /// Id.
        id: String,
        /// Root MFA.
        root_mfa: bool,
        /// Alias.
        alias: Option<String>,
    }
    relations {
        /// All groups.
        groups: many Group within Account;
    }
}

/// The toy model.
pub const MODEL: Model = Model {
    catalog: Catalog(&[
        RecordRef(Group::record),
        RecordRef(Vpc::record),
        RecordRef(ToyAccount::record),
    ]),
    derivations: &[&[
        Derivation {
            record: RecordRef(Group::record),
            field: "is_default",
            compute: |view, _| view.text("name").map(|name| name == "default").into_draft::<bool>(),
        },
        Derivation {
            record: RecordRef(Source::record),
            field: "reaches_internet",
            compute: |view, _| {
                view.text("range").map(|range| range.ends_with("/0")).into_draft::<bool>()
            },
        },
    ]],
};

fn place(account: &str, region: Option<&str>) -> Place {
    Place { account: account.parse().unwrap(), region: region.map(|name| name.parse().unwrap()) }
}

fn account(id: &str, regions: &[&str]) -> Account {
    Account {
        id: id.parse().unwrap(),
        name: None,
        partition: Partition::Aws,
        organizational_units: vec![],
        status: AccountStatus::Scanned,
        regions: regions.iter().map(|name| name.parse().unwrap()).collect(),
        excluded_regions: vec![],
    }
}

fn group(id: &str, vpc: Option<&str>) -> Group {
    Group {
        id: id.into(),
        name: "default".into(),
        vpc_id: vpc.map(str::to_owned).into(),
        ingress: Slot::Known(Items {
            items: vec![Rule {
                id: "r-1".into(),
                protocol: "tcp".into(),
                from_port: Some(22).into(),
                to_port: Some(22).into(),
                source: Slot::Known(Source { range: CidrText("0.0.0.0/0".into()).into() }),
                description: Slot::Absent,
            }],
            missing: vec![Reason::new(
                ReasonKind::Throttled,
                "ec2:DescribeSecurityGroups",
                "page 2",
            )],
        }),
        created: Time(0).into(),
        tags: Items::default().into(),
    }
}

fn sample(reverse: bool) -> Inventory {
    let mut builder = Builder::new(MODEL);
    builder.account(account("111122223333", &["eu-west-1", "us-east-1"]));
    let here = place("111122223333", Some("eu-west-1"));
    let mut ids = vec!["sg-1", "sg-2"];
    if reverse {
        ids.reverse();
    }
    for id in ids {
        builder.add(&here, id, group(id, Some(if id == "sg-1" { "vpc-1" } else { "vpc-9" })));
    }
    builder.add(&here, "vpc-1", Vpc { id: "vpc-1".into(), is_default: true.into() });
    builder.cover(Vpc::record(), &here, Coverage::Whole);
    builder.cover(Group::record(), &here, Coverage::Whole);
    let denied = Reason::new(ReasonKind::Denied, "ec2:DescribeSecurityGroups", "AccessDenied");
    let there = place("111122223333", Some("us-east-1"));
    builder.cover(Group::record(), &there, Coverage::Cut(denied.clone()));
    builder.gap(denied, None);
    let whole = place("111122223333", None);
    builder.contribute(
        &whole,
        "111122223333",
        ToyAccount { id: "111122223333".into(), ..Default::default() },
    );
    builder.contribute(
        &whole,
        "111122223333",
        ToyAccount { root_mfa: true.into(), ..Default::default() },
    );
    builder.cover(ToyAccount::record(), &whole, Coverage::Whole);
    builder.seal(1_764_000_000, &Wanted::Everything)
}

#[test]
fn relations_are_found_absent_or_unknown() {
    let inventory = sample(false);
    let [first, second] = inventory.resources(Group::record()) else { panic!("two groups") };
    let vpc = inventory.view(first).part("vpc").known().copied().unwrap();
    assert_eq!(vpc.text("id"), Slot::Known("vpc-1"));
    assert_eq!(inventory.view(second).value("vpc"), Value::Absent);
    let account = inventory.view(first).part("account").known().copied().unwrap();
    assert_eq!(account.bool("root_mfa"), Slot::Known(true));
    let groups = account.parts("groups").known().unwrap().clone();
    assert_eq!(groups.known.len(), 2);
    assert_eq!(groups.missing.len(), 1, "us-east-1 was denied");
    assert_eq!(groups.missing[0].error, "AccessDenied");
}

#[test]
fn derived_fields_are_computed_in_parts_too() {
    let inventory = sample(false);
    let view = inventory.view(&inventory.resources(Group::record())[0]);
    assert_eq!(view.bool("is_default"), Slot::Known(true));
    let rules = view.parts("ingress").known().unwrap().clone();
    let source = rules.known[0].part("source").known().copied().unwrap();
    assert_eq!(source.bool("reaches_internet"), Slot::Known(true));
}

fn written(inventory: &Inventory, packing: snapshot::Packing) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot::write(inventory, &mut bytes, packing).unwrap();
    bytes
}

#[test]
fn snapshots_do_not_depend_on_arrival_and_survive_a_round_trip() {
    let plain = written(&sample(false), snapshot::Packing::Plain);
    assert_eq!(plain, written(&sample(true), snapshot::Packing::Plain));
    for packing in [snapshot::Packing::Plain, snapshot::Packing::Gzip] {
        let bytes = written(&sample(false), packing);
        let again = snapshot::read(bytes.as_slice(), MODEL, &Wanted::Everything).unwrap();
        assert_eq!(written(&again, snapshot::Packing::Plain), plain);
        assert_eq!(again.resources(Group::record()).len(), 2);
    }
}

#[test]
fn broken_snapshots_are_refused() {
    let text = String::from_utf8(written(&sample(false), snapshot::Packing::Plain)).unwrap();
    let read = |text: &str| snapshot::read(text.as_bytes(), MODEL, &Wanted::Everything).err();
    assert!(matches!(read(""), Some(snapshot::SnapshotError::NotASnapshot)));
    assert!(matches!(read("{}\n"), Some(snapshot::SnapshotError::NotASnapshot)));
    let newer = text.replacen("\"postura_snapshot\":1", "\"postura_snapshot\":2", 1);
    assert!(matches!(read(&newer), Some(snapshot::SnapshotError::Version { found: 2 })));
    let cut = &text[..text.len() - 20];
    assert!(matches!(read(cut), Some(snapshot::SnapshotError::Truncated)));
    let lines: Vec<&str> = text.lines().collect();
    let missing_one = [&lines[..1], &lines[2..]].concat().join("\n") + "\n";
    assert!(matches!(read(&missing_one), Some(snapshot::SnapshotError::Truncated)));
    let wrong = text.replacen("\"protocol\":\"tcp\"", "\"protokol\":\"tcp\"", 1);
    let Some(snapshot::SnapshotError::Malformed { why, .. }) = read(&wrong) else { panic!() };
    assert!(why.contains("has no field `protokol`"), "{why}");
}

#[test]
fn what_does_not_fit_its_type_is_unknown() {
    let mut builder = Builder::new(MODEL);
    let here = place("111122223333", Some("eu-west-1"));
    let mut odd = group("sg-1", None);
    odd.name = Slot::Absent;
    builder.add(&here, "sg-1", odd);
    let inventory = builder.seal(0, &Wanted::Everything);
    let view = inventory.view(&inventory.resources(Group::record())[0]);
    assert!(matches!(view.text("name"), Slot::Unknown(_)), "always there, yet left out");
    assert!(matches!(view.bool("is_default"), Slot::Unknown(_)), "derived from an unknown");
}

fn links(groups: &[(&str, Slot<String>)], vpcs: &[Vpc], regions: &[&str]) -> Inventory {
    let mut builder = Builder::new(MODEL);
    builder.account(account("111122223333", regions));
    let here = place("111122223333", Some("eu-west-1"));
    for (id, vpc_id) in groups {
        let group = Group { id: (*id).into(), vpc_id: vpc_id.clone(), ..Default::default() };
        builder.add(&here, id, group);
    }
    for vpc in vpcs {
        let id = vpc.id.known().cloned().unwrap_or_default();
        builder.add(&here, &id, vpc.clone());
    }
    builder.cover(Vpc::record(), &here, Coverage::Whole);
    builder.cover(Group::record(), &here, Coverage::Whole);
    builder.seal(0, &Wanted::Everything)
}

#[test]
fn a_target_whose_key_is_not_known_leaves_the_relation_open() {
    let vpc = Vpc { id: "vpc-1".into(), is_default: true.into() };
    let groups = [
        ("sg-1", Slot::Known("vpc-1".to_owned())),
        ("sg-2", Slot::Unknown(Reason::undecided("hidden"))),
    ];
    let inventory = links(&groups, &[vpc], &["eu-west-1"]);
    let vpc = inventory.resources(Vpc::record()).first().unwrap();
    let found = inventory.view(vpc).parts("groups").known().unwrap().clone();
    assert_eq!(found.known.len(), 1);
    assert_eq!(found.missing, [Reason::undecided("hidden")]);
    let closed = links(&groups[..1], &[], &["eu-west-1"]);
    let group = closed.resources(Group::record()).first().unwrap();
    assert_eq!(closed.view(group).value("vpc"), Value::Absent);
    let nameless = Vpc { id: Slot::Pending, is_default: true.into() };
    let open = links(&groups[..1], &[nameless], &["eu-west-1"]);
    let group = open.resources(Group::record()).first().unwrap();
    assert!(matches!(open.view(group).part("vpc"), Slot::Unknown(_)));
}

resource! {
    /// Something that names others by their ARNs.
    pub struct Watcher("Watcher", watcher, Account, id) from GET_SUMMARY {
        /// Id.
        id: String,
        /// What it names.
        arns: Items<String>,
    }
    relations {
        /// The networks named.
        vpcs: many Vpc where "arns" = "id" within Everywhere;
    }
}

#[test]
fn an_arn_names_the_only_place_that_matters() {
    let model = Model {
        catalog: Catalog(&[RecordRef(Watcher::record), RecordRef(Vpc::record)]),
        derivations: &[],
    };
    let missing = |arns: Items<String>| {
        let mut builder = Builder::new(model);
        builder.account(account("111122223333", &["eu-west-1", "us-east-1"]));
        builder.account(account("444455556666", &["eu-west-1"]));
        let read = place("111122223333", Some("eu-west-1"));
        builder.cover(Vpc::record(), &read, Coverage::Whole);
        let watcher = Watcher { id: "w".into(), arns: arns.into() };
        builder.add(&place("111122223333", None), "w", watcher);
        let inventory = builder.seal(0, &Wanted::Everything);
        let entry = inventory.resources(Watcher::record()).first().unwrap();
        let missing = inventory.view(entry).parts("vpcs").known().unwrap().missing.clone();
        missing.iter().map(|reason| reason.kind).collect::<Vec<_>>()
    };
    let arn = |account: &str, region: &str| {
        Items::from(vec![format!("arn:aws:ec2:{region}:{account}:vpc/vpc-1")])
    };
    assert_eq!(missing(arn("111122223333", "eu-west-1")), []);
    assert_eq!(missing(arn("111122223333", "us-east-1")), [ReasonKind::NotCollected]);
    assert_eq!(missing(arn("111122223333", "ap-east-1")), [ReasonKind::NotScanned]);
    assert_eq!(missing(arn("777788889999", "eu-west-1")), [ReasonKind::NotScanned]);
    assert_eq!(missing(arn("aws", "eu-west-1")), []);
    assert_eq!(missing(Items::default()), []);
    let cut = Items { items: vec![], missing: vec![Reason::undecided("hidden")] };
    assert_eq!(missing(cut), [ReasonKind::Undecided]);
}

#[test]
fn what_was_not_read_of_many_accounts_is_one_reason_for_each_region() {
    let model = Model {
        catalog: Catalog(&[RecordRef(Watcher::record), RecordRef(Vpc::record)]),
        derivations: &[],
    };
    let mut builder = Builder::new(model);
    for number in 1..=40_u64 {
        let id = format!("{number:012}");
        builder.account(account(&id, &["eu-west-1", "us-east-1"]));
        for region in ["eu-west-1", "us-east-1"] {
            let place = place(&id, Some(region));
            let denied = Reason {
                account: Some(place.account.clone()),
                region: place.region.clone(),
                ..Reason::new(ReasonKind::Denied, "ec2:DescribeVpcs", "AccessDenied")
            };
            builder.cover(Vpc::record(), &place, Coverage::Cut(denied.clone()));
            builder.gap(denied, None);
        }
    }
    let watcher = Watcher { id: "w".into(), arns: Items::from(vec!["vpc-1".to_owned()]).into() };
    builder.add(&place("000000000001", None), "w", watcher);
    let inventory = builder.seal(0, &Wanted::Everything);
    let entry = inventory.resources(Watcher::record()).first().unwrap();
    let missing = inventory.view(entry).parts("vpcs").known().unwrap().missing.clone();
    let told: Vec<_> = missing
        .iter()
        .map(|it| (it.region.as_ref().map(Region::as_str), it.more_accounts))
        .collect();
    assert_eq!(told, [(Some("eu-west-1"), 39), (Some("us-east-1"), 39)]);
    assert_eq!(inventory.gaps.len(), 80, "each place is a gap of its own");
}
