//! The check language against hand-written Rust: `cargo bench --no-default-features --bench language [-- NAME…]`.
//!
//! 200,000 security groups with ten rules each, one thread. For each check the time a resource takes
//! in the language, in Rust over native structs, and in the `cel` crate, and the allocations that the
//! language makes on the way. The language is asked as `postura::evaluate` asks it: chunk by chunk,
//! with room that is there from the chunk before. It prints, it does not judge: a shared machine is no
//! place for timed tests.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::indexing_slicing, reason = "the indices are the program's own")]
#![expect(clippy::unwrap_used, reason = "a benchmark may stop at what cannot happen")]

mod clock;

use std::alloc::System;
use std::collections::HashMap;
use std::time::Instant;

use cel::{Context, Program, Value as CelValue};
use clock::best;
use postura::check::{Check, Scratch, Verdict, compile};
use postura::diagnostic::SourceFile;
use postura::inventory::{
    Builder, CidrText, Coverage, Derivation, Inventory, Items, Model, Place, Record, Row, Slot,
    Wanted,
};
use postura::schema::{Call, Catalog, RecordRef};
use postura::{part, resource};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const GROUPS: usize = 200_000;
const RULES: usize = 10;
const CEL_GROUPS: usize = 2_000;
/// The resources of a chunk.
const CHUNK: usize = 256;

const READ: Call = Call { service: "ec2", operation: "DescribeX", actions: &[], absent: &[] };

part! {
    /// A source.
    pub struct Source("Source", shown as range) from READ {
        /// The range.
        range: CidrText,
    }
}

part! {
    /// A rule.
    pub struct Rule("Rule") from READ {
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
    pub struct Group("AWS::EC2::SecurityGroup", group, Region, id) from READ {
        /// Id.
        id: String,
        /// Name.
        name: String,
        /// Network.
        vpc_id: Option<String>,
        /// Rules.
        ingress: Items<Rule>,
    }
    relations {
        /// Network.
        vpc: maybe Vpc where "vpc_id" = "id" within Region;
    }
}

resource! {
    /// A network.
    pub struct Vpc("AWS::EC2::VPC", vpc, Region, id) from READ {
        /// Id.
        id: String,
        /// Default.
        is_default: bool,
    }
}

const NO_DERIVATIONS: &[&[Derivation]] = &[];
const MODEL: Model = Model {
    catalog: Catalog(&[RecordRef(Group::record), RecordRef(Vpc::record)]),
    derivations: NO_DERIVATIONS,
};

/// A rule as a program written for the purpose would hold it.
struct NativeRule {
    protocol: Box<str>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    source: Box<str>,
}

struct NativeGroup {
    name: Box<str>,
    vpc: Option<usize>,
    ingress: Vec<NativeRule>,
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

fn native_groups() -> Vec<NativeGroup> {
    let mut dice = Dice(7);
    let rule = |dice: &mut Dice| {
        let protocol = ["tcp", "tcp", "tcp", "udp", "icmp"][dice.roll(5) as usize];
        let port = [22, 80, 443, 3389, 5432, 8080, 9000, 53][dice.roll(8) as usize];
        let wide = dice.roll(500) == 0;
        let source =
            if wide { "0.0.0.0/0".to_owned() } else { format!("10.{}.0.0/16", dice.roll(200)) };
        let (protocol, source) = (protocol.into(), source.into());
        NativeRule { protocol, from_port: Some(port), to_port: Some(port), source }
    };
    (0..GROUPS)
        .map(|number| NativeGroup {
            name: format!("group-{number}").into(),
            vpc: (number % 7 != 0).then_some(number % 2_000),
            ingress: (0..RULES).map(|_| rule(&mut dice)).collect(),
        })
        .collect()
}

fn inventory(groups: &[NativeGroup]) -> Inventory {
    let mut builder = Builder::new(MODEL);
    let place = Place {
        account: "111122223333".parse().unwrap(),
        region: Some("eu-west-1".parse().unwrap()),
    };
    builder.account(postura::inventory::Account {
        id: place.account.clone(),
        name: None,
        partition: postura::aws::Partition::Aws,
        organizational_units: vec![],
        status: postura::inventory::AccountStatus::Scanned,
        regions: place.region.iter().cloned().collect(),
        excluded_regions: vec![],
    });
    for number in 0..2_000 {
        let id = format!("vpc-{number}");
        builder.add(
            &place,
            &id,
            Vpc { id: id.clone().into(), is_default: (number % 50 == 0).into() },
        );
    }
    for (number, group) in groups.iter().enumerate() {
        let rules = group.ingress.iter().enumerate().map(|(place, rule)| Rule {
            id: format!("sgr-{number}-{place}").into(),
            protocol: rule.protocol.to_string().into(),
            from_port: rule.from_port.into(),
            to_port: rule.to_port.into(),
            source: Source { range: CidrText(rule.source.to_string()).into() }.into(),
            description: Slot::Absent,
        });
        let id = format!("sg-{number:06}");
        builder.add(
            &place,
            &id,
            Group {
                id: id.clone().into(),
                name: group.name.to_string().into(),
                vpc_id: group.vpc.map(|vpc| format!("vpc-{vpc}")).into(),
                ingress: rules.collect::<Items<_>>().into(),
            },
        );
    }
    for record in [Group::record(), Vpc::record()] {
        builder.cover(record, &place, Coverage::Whole);
    }
    builder.seal(1_764_000_000, &Wanted::Everything)
}

/// A check in all three forms.
struct Contest {
    name: &'static str,
    logic: &'static str,
    native: fn(&NativeGroup, &[bool]) -> bool,
    cel: &'static str,
}

const CONTESTS: [Contest; 5] = [
    Contest {
        name: "open port, spelled out",
        logic: "none: r in group.ingress\n    where: |\n      r.source.range.isInternet() and r.protocol == \"tcp\" and has(r.from_port) and has(r.to_port)\n      and r.from_port <= 22 and r.to_port >= 22",
        native: |group, _| {
            !group.ingress.iter().any(|rule| {
                (&*rule.source == "0.0.0.0/0" || &*rule.source == "::/0")
                    && &*rule.protocol == "tcp"
                    && rule.from_port.is_some_and(|port| port <= 22)
                    && rule.to_port.is_some_and(|port| port >= 22)
            })
        },
        cel: "!group.ingress.exists(r, r.source in ['0.0.0.0/0', '::/0'] && r.protocol == 'tcp' && r.from_port <= 22 && r.to_port >= 22)",
    },
    Contest {
        name: "open ports, covers()",
        logic: "none: r in group.ingress\n    where: r.covers(\"tcp\", [22, 3389]) and r.source.range.isInternet()",
        native: |group, _| {
            !group.ingress.iter().any(|rule| {
                let inside = |port: i64| {
                    rule.from_port.is_none_or(|from| from <= port)
                        && rule.to_port.is_none_or(|to| to >= port)
                };
                (&*rule.protocol == "-1"
                    || &*rule.protocol == "tcp" && (inside(22) || inside(3389)))
                    && (&*rule.source == "0.0.0.0/0" || &*rule.source == "::/0")
            })
        },
        cel: "!group.ingress.exists(r, (r.protocol == '-1' || r.protocol == 'tcp' && (r.from_port <= 22 && r.to_port >= 22 || r.from_port <= 3389 && r.to_port >= 3389)) && r.source in ['0.0.0.0/0', '::/0'])",
    },
    Contest {
        name: "join with the network",
        logic: "that: not has(group.vpc) or not group.vpc.is_default or group.ingress.all(r, not r.source.range.isInternet())",
        native: |group, vpcs| {
            group.vpc.is_none_or(|vpc| !vpcs[vpc])
                || group
                    .ingress
                    .iter()
                    .all(|rule| &*rule.source != "0.0.0.0/0" && &*rule.source != "::/0")
        },
        cel: "!has(group.vpc) || !group.vpc.is_default || group.ingress.all(r, !(r.source in ['0.0.0.0/0', '::/0']))",
    },
    Contest {
        name: "text and count",
        logic: "that: group.name.startsWith(\"group-\") and size(group.ingress) <= 50",
        native: |group, _| group.name.starts_with("group-") && group.ingress.len() <= 50,
        cel: "group.name.startsWith('group-') && size(group.ingress) <= 50",
    },
    Contest {
        name: "few open rules",
        logic: "that: size(group.ingress.filter(r, r.source.range.isInternet() and r.protocol in [\"tcp\", \"udp\"])) < 2",
        native: |group, _| {
            let open = group.ingress.iter().filter(|rule| {
                (&*rule.source == "0.0.0.0/0" || &*rule.source == "::/0")
                    && (&*rule.protocol == "tcp" || &*rule.protocol == "udp")
            });
            open.count() < 2
        },
        cel: "size(group.ingress.filter(r, r.source in ['0.0.0.0/0', '::/0'] && r.protocol in ['tcp', 'udp'])) < 2",
    },
];

fn check(logic: &str) -> Check {
    let text = format!(
        "id: a-check\ntitle: A\nseverity: low\nresource: AWS::EC2::SecurityGroup\nexpect:\n  - {logic}\n    otherwise: Bad\n"
    );
    let (check, diagnostics) = compile(&SourceFile::new("a-check.yaml", text), MODEL.catalog);
    check.unwrap_or_else(|| unreachable!("{diagnostics:?}"))
}

fn cel_value(group: &NativeGroup) -> CelValue {
    let rule = |rule: &NativeRule| {
        let mut map: HashMap<String, CelValue> = HashMap::new();
        map.insert("protocol".into(), (&*rule.protocol).into());
        map.insert("source".into(), (&*rule.source).into());
        for (name, port) in [("from_port", rule.from_port), ("to_port", rule.to_port)] {
            if let Some(port) = port {
                map.insert(name.into(), CelValue::Int(port));
            }
        }
        CelValue::from(map)
    };
    let mut map: HashMap<String, CelValue> = HashMap::new();
    map.insert("name".into(), (&*group.name).into());
    map.insert("ingress".into(), group.ingress.iter().map(rule).collect::<Vec<_>>().into());
    if let Some(vpc) = group.vpc {
        let is_default = CelValue::Bool(vpc % 50 == 0);
        map.insert("vpc".into(), HashMap::from([("is_default".to_owned(), is_default)]).into());
    }
    map.into()
}

fn main() {
    let groups = native_groups();
    let vpcs: Vec<bool> = (0..2_000).map(|number| number % 50 == 0).collect();
    let start = Instant::now();
    let inventory = inventory(&groups);
    println!("{GROUPS} groups of {RULES} rules, built in {:.1?}", start.elapsed());
    println!("{} bytes a group", inventory.store.bytes() / GROUPS);
    println!(
        "{:<24} {:>9} {:>9} {:>6} {:>9}  {:>8}  {:>11}",
        "ns a resource", "language", "native", "ratio", "cel", "failures", "allocations"
    );
    let named: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let is_named = |contest: &&Contest| {
        named.is_empty() || named.iter().any(|name| contest.name.contains(&**name))
    };
    for contest in CONTESTS.iter().filter(is_named) {
        let check = check(contest.logic);
        let params = check.params(&Default::default()).unwrap();
        let bound = check.bind(&inventory, &params);
        let rows: Vec<Row> = inventory.rows(Group::record()).collect();
        let (mut scratch, mut verdicts) = (Scratch::default(), Vec::new());
        let mut pass = || {
            let fails = |chunk: &[Row]| {
                bound.verdicts(chunk, &mut scratch, &mut verdicts);
                verdicts.iter().filter(|it| **it == Verdict::Fail).count()
            };
            rows.chunks(CHUNK).map(fails).sum()
        };
        pass();
        let region = Region::new(ALLOCATOR);
        pass();
        let allocations = region.change().allocations;
        let (ours, failures) = best(GROUPS, pass);
        let (native, expected) =
            best(GROUPS, || groups.iter().filter(|group| !(contest.native)(group, &vpcs)).count());
        assert_eq!(failures, expected, "{}", contest.name);
        let program = Program::compile(contest.cel).unwrap();
        let (cel, failures_of_cel) = best(CEL_GROUPS, || {
            let failed = |group: &&NativeGroup| {
                let mut context = Context::default();
                context.add_variable_from_value("group", cel_value(group));
                program.execute(&context).unwrap() == CelValue::Bool(false)
            };
            groups.iter().take(CEL_GROUPS).filter(failed).count()
        });
        let few = groups.iter().take(CEL_GROUPS);
        let expected = few.filter(|group| !(contest.native)(group, &vpcs)).count();
        assert_eq!(failures_of_cel, expected, "{} in cel", contest.name);
        let ratio = ours / native.max(0.1);
        println!(
            "{:<24} {ours:>9.1} {native:>9.1} {ratio:>6.1} {cel:>9.0}  {failures:>8}  {allocations:>11}",
            contest.name
        );
    }
    let text = "none: r in group.ingress\n    where: r.covers(\"tcp\", [22, 3389]) and r.source.range.isInternet()";
    let (compiling, _) = best(1_000, || (0..1_000).map(|_| check(text).assertions()).sum());
    println!("one check file is compiled in {:.0} µs", compiling / 1e3);
}
