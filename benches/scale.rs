//! The whole library over a large organization: `cargo bench --no-default-features --bench scale`.
//!
//! A million resources of ten types, copied from a recorded inventory with ids of their own, in fifty
//! accounts. The recorded mixture is one of an account in which everything occurs once. An organization of
//! this size has some hundreds of trails, as AWS allows five a region, and some ten thousand buckets with
//! policies: those are copied less often, and what names them names the copy that is there. All shipped checks are
//! evaluated check by check over chunks of resources, in parallel, as `postura::evaluate` does before it explains what
//! is no pass. It prints the time to compile the library and to build the inventory, evaluations per second and core,
//! peak memory, and the ratio to hand-written Rust on the checks of open ports, whose answers must be the same.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark may stop at what cannot happen")]
#![expect(clippy::indexing_slicing, reason = "the indices are the program's own")]

mod clock;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::{best, cpu_time};
use postura::check::{Bound, Check, Library, Params, PortRange, Scratch, Verdict};
use postura::diagnostic::{Level, SourceFile};
use postura::inventory::{
    Account, AccountStatus, Builder, Coverage, Draft, Inventory, Place, Row, Slot, Wanted,
    draft_from_json, snapshot,
};
use postura::resources::MODEL;
use postura::schema::{RecordType, Type};
use rayon::prelude::*;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RESOURCES: usize = 1_000_000;
const ACCOUNTS: usize = 50;
const CHUNK: usize = 256;
/// How many copies of an account's other resources share one copy of its buckets.
const SHARE_BUCKETS: usize = 10;
/// How many share one copy of its trails.
const SHARE_TRAILS: usize = 100;
const TRAIL: &str = "AWS::CloudTrail::Trail";
const BUCKET: &str = "AWS::S3::Bucket";
const TYPES: [&str; 10] = [
    "AWS::EC2::SecurityGroup",
    BUCKET,
    TRAIL,
    "AWS::EC2::Instance",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::EC2::VPC",
    "AWS::EC2::Image",
    "AWS::EC2::FlowLog",
    "AWS::EC2::Subnet",
];
/// The account of the recorded inventory whose resources are copied.
const TEMPLATE: &str = "444455556666";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn sources(folder: &Path, found: &mut Vec<Arc<SourceFile>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            found.push(SourceFile::new(path.to_string_lossy(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The library, and the best time of some loads, in which all threads of the pool take part.
fn library() -> (Library, Duration) {
    let mut files = Vec::new();
    sources(&root().join("checks"), &mut files);
    let load = || {
        let start = Instant::now();
        let (library, diagnostics) = Library::load(files.iter().cloned(), MODEL.catalog, None);
        assert!(diagnostics.iter().all(|it| it.level != Level::Error));
        (library, start.elapsed())
    };
    let loads: Vec<_> = (0..10).map(|_| load()).collect();
    loads.into_iter().min_by_key(|(_, time)| *time).unwrap()
}

/// A resource to copy.
struct Template {
    record: &'static RecordType,
    region: Option<postura::aws::Region>,
    id: String,
    draft: Draft,
}

fn templates() -> Vec<Template> {
    let file = fs::File::open(root().join("snapshots/demo-org.jsonl")).unwrap();
    let nothing = Wanted::Fields(BTreeSet::new());
    let recorded = snapshot::read(file, MODEL, &nothing).unwrap();
    let entries = recorded.entries().iter();
    let wanted =
        entries.filter(|it| it.account.as_str() == TEMPLATE && TYPES.contains(&it.record.name));
    wanted
        .map(|entry| {
            let reference = MODEL.catalog.0.iter().find(|it| it.get().name == entry.record.name);
            let json = recorded.recorded(entry).into();
            let draft = draft_from_json(&Type::Record(*reference.unwrap()), false, &json);
            Template {
                record: entry.record,
                region: entry.region.clone(),
                id: entry.id.clone(),
                draft: draft.unwrap(),
            }
        })
        .collect()
}

/// How many copies of an account share one copy of a type's resources.
fn sharing(record: &RecordType) -> usize {
    match record.name {
        TRAIL => SHARE_TRAILS,
        BUCKET => SHARE_BUCKETS,
        _ => 1,
    }
}

/// The draft with every text that ends in an id of the account given that id's copy.
fn copied(draft: &Draft, marks: &BTreeMap<&str, usize>, account: &str) -> Draft {
    match draft {
        Draft::Text(text) => {
            let last = text.rsplit(['/', ':']).next().unwrap_or_default();
            let mut text = text.replace(TEMPLATE, account);
            if let Some(copy) = marks.get(last) {
                text.push_str(&format!("-{copy}"));
            }
            Draft::Text(text)
        }
        Draft::List(items) => {
            Draft::List(items.iter().map(|it| copied(it, marks, account)).collect())
        }
        Draft::Record(fields) => {
            Draft::Record(fields.iter().map(|it| copied(it, marks, account)).collect())
        }
        other => other.clone(),
    }
}

fn inventory() -> Inventory {
    let templates = templates();
    let types: BTreeSet<&str> = templates.iter().map(|it| it.record.name).collect();
    assert_eq!(types.len(), TYPES.len(), "{types:?}");
    let regions: BTreeSet<_> = templates.iter().filter_map(|it| it.region.clone()).collect();
    let mut builder = Builder::new(MODEL);
    let mut added = 0;
    for number in 0.. {
        if added >= RESOURCES {
            break;
        }
        let account = format!("{:012}", 100_000_000_000 + number % ACCOUNTS);
        if number < ACCOUNTS {
            builder.account(Account {
                id: account.parse().unwrap(),
                name: None,
                partition: postura::aws::Partition::Aws,
                organizational_units: vec![],
                status: AccountStatus::Scanned,
                regions: regions.iter().cloned().collect(),
                excluded_regions: vec![],
            });
        }
        let round = number / ACCOUNTS;
        let marks: BTreeMap<&str, usize> = templates
            .iter()
            .map(|it| (it.id.as_str(), number - round % sharing(it.record) * ACCOUNTS))
            .collect();
        for it in templates.iter().filter(|it| round.is_multiple_of(sharing(it.record))) {
            added += 1;
            let place = Place { account: account.parse().unwrap(), region: it.region.clone() };
            builder.cover(it.record, &place, Coverage::Whole);
            let draft = copied(&it.draft, &marks, &account);
            let id = copied(&Draft::Text(it.id.clone()), &marks, &account);
            let Draft::Text(id) = id else { unreachable!("a text stays a text") };
            builder.add_draft(it.record, &place, &id, draft);
        }
    }
    builder.seal(1_764_000_000, &Wanted::Everything)
}

/// The processor time of all threads of the pool so far.
fn pool_time() -> Duration {
    rayon::broadcast(|_| cpu_time()).into_iter().sum()
}

fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    format!("{:.2} GiB", kib as f64 / 1024.0 / 1024.0)
}

/// What the whole library says: the number of each verdict.
fn whole_library(inventory: &Inventory, checks: &[(&Check, Params)]) -> [usize; 4] {
    let mut by_type: BTreeMap<&str, Vec<Bound<'_>>> = BTreeMap::new();
    for (check, params) in checks {
        let bound = check.bind(inventory, params);
        by_type.entry(check.resource.name).or_default().push(bound);
    }
    let chunk = |scratch: &mut Scratch, entries: &[postura::inventory::Entry]| {
        let (mut counts, mut verdicts) = ([0; 4], Vec::new());
        for same in entries.chunk_by(|a, b| a.record.name == b.record.name) {
            let Some(bound) = by_type.get(same[0].record.name) else { continue };
            let rows: Vec<Row> = same.iter().map(|entry| entry.row).collect();
            for bound in bound {
                bound.verdicts(&rows, scratch, &mut verdicts);
                verdicts.iter().for_each(|verdict| counts[*verdict as usize] += 1);
            }
        }
        counts
    };
    let add = |a: [usize; 4], b: [usize; 4]| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
    inventory.entries().par_chunks(CHUNK).map_init(Scratch::default, chunk).reduce(|| [0; 4], add)
}

/// What a program written for the purpose would keep of an opening to the internet.
struct NativeOpening {
    protocol: Box<str>,
    from_port: Option<i64>,
    to_port: Option<i64>,
}

fn native_groups(inventory: &Inventory, record: &RecordType) -> Vec<Vec<NativeOpening>> {
    let known = |slot: Slot<i64>| match slot {
        Slot::Known(port) => Some(port),
        _ => None,
    };
    let group =
        |entry: &postura::inventory::Entry| match inventory.view(entry).parts("open_to_internet") {
            Slot::Known(parts) => parts
                .known
                .iter()
                .map(|part| NativeOpening {
                    protocol: match part.text("protocol") {
                        Slot::Known(text) => text.into(),
                        _ => "".into(),
                    },
                    from_port: known(part.int("from_port")),
                    to_port: known(part.int("to_port")),
                })
                .collect(),
            _ => Vec::new(),
        };
    inventory.resources(record).iter().map(group).collect()
}

fn native_fails(group: &[NativeOpening], ports: &[PortRange]) -> bool {
    group.iter().any(|it| {
        &*it.protocol == "-1"
            || (&*it.protocol == "tcp" || &*it.protocol == "6")
                && ports.iter().any(|ports| {
                    it.from_port.is_none_or(|from| from <= i64::from(ports.to))
                        && it.to_port.is_none_or(|to| to >= i64::from(ports.from))
                })
    })
}

/// The checks that ask of nothing but open ports, and their ports.
fn port_checks<'a>(
    checks: &'a [(&'a Check, Params)],
) -> Vec<(&'a Check, &'a Params, Vec<PortRange>)> {
    let of_ports = checks.iter().filter(|(check, _)| {
        let [only] = check.logic.expect.as_slice() else { return false };
        only.subject == "open in group.open_to_internet"
            && only.filter.as_deref() == Some("open.covers(\"tcp\", params.ports)")
            && check.logic.applies_when.is_empty()
    });
    of_ports
        .map(|(check, params)| {
            let json = params.to_json();
            let ports = json["ports"].as_array().unwrap().iter();
            let port = |it: &serde_json::Value| PortRange::parse(it.to_string().trim_matches('"'));
            (*check, params, ports.map(|it| port(it).unwrap()).collect())
        })
        .collect()
}

/// Nanoseconds an evaluation in the language and in native Rust, one thread.
fn against_native(inventory: &Inventory, checks: &[(&Check, Params)]) {
    let record = MODEL.catalog.find("AWS::EC2::SecurityGroup").unwrap();
    let native = native_groups(inventory, record);
    let contests = port_checks(checks);
    assert!(contests.len() > 5, "{} checks of open ports", contests.len());
    let evaluations = contests.len() * native.len();
    let bound: Vec<_> =
        contests.iter().map(|(check, params, _)| check.bind(inventory, params)).collect();
    let rows: Vec<Row> = inventory.rows(record).collect();
    let (ours, failures) = best(evaluations, || {
        let (mut scratch, mut verdicts) = (Scratch::default(), Vec::new());
        let mut fails = |rows: &[Row], bound: &Bound<'_>| {
            bound.verdicts(rows, &mut scratch, &mut verdicts);
            verdicts.iter().filter(|it| **it == Verdict::Fail).count()
        };
        // All checks while a chunk is at hand, as the library is judged.
        rows.chunks(CHUNK)
            .flat_map(|rows| bound.iter().map(move |it| (rows, it)))
            .map(|(rows, it)| fails(rows, it))
            .sum()
    });
    let (theirs, expected) = best(evaluations, || {
        let fails = |group: &Vec<NativeOpening>| {
            contests.iter().filter(|(_, _, ports)| native_fails(group, ports)).count()
        };
        native.iter().map(fails).sum()
    });
    assert_eq!(failures, expected);
    println!(
        "{} checks of open ports on {} groups, one thread: {ours:.1} ns an evaluation, native {theirs:.1} ns, ratio {:.1}",
        contests.len(),
        native.len(),
        ours / theirs
    );
}

fn main() {
    let (library, compiling) = library();
    println!(
        "{} checks compiled in {:.1} ms on {} threads",
        library.checks().len(),
        compiling.as_secs_f64() * 1e3,
        rayon::current_num_threads()
    );
    let start = Instant::now();
    let inventory = inventory();
    println!(
        "{} resources of {} types in {ACCOUNTS} accounts built in {:.1?}, {} bytes a resource",
        inventory.entries().len(),
        TYPES.len(),
        start.elapsed(),
        inventory.store.bytes() / inventory.entries().len()
    );
    let checks: Vec<(&Check, Params)> = library
        .checks()
        .iter()
        .map(|check| (&**check, check.params(&BTreeMap::new()).unwrap()))
        .collect();
    let before = pool_time();
    let start = Instant::now();
    let counts = whole_library(&inventory, &checks);
    let (wall, cpu) = (start.elapsed(), pool_time() - before);
    let evaluations: usize = counts.iter().sum();
    println!(
        "{evaluations} evaluations in {wall:.1?} on {} threads: {:.1} million a second and core, {:.0} ns each",
        rayon::current_num_threads(),
        evaluations as f64 / cpu.as_secs_f64() / 1e6,
        cpu.as_secs_f64() * 1e9 / evaluations as f64
    );
    println!("fail, unknown, pass, not applicable: {counts:?}");
    against_native(&inventory, &checks);
    println!("peak memory {}", peak_memory());
}
