//! Journals that are whole, torn at any byte, of other scans, and gone on with twice.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::inventory::{AccountStatus, ReasonKind, Record, SlotType};
use crate::resources::MODEL;
use crate::resources::vpc::Vpc;

/// Keeps lines in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Keep for Memory {
    fn keep(&mut self, line: &[u8], _: bool) {
        self.0.lock().unwrap().extend_from_slice(line);
    }
}

impl Memory {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

fn selection(regions: &str) -> Selection {
    [("regions", regions), ("role", "PosturaAudit")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

fn place(region: &str) -> Place {
    Place { account: account(), region: region.parse().ok() }
}

fn vpc(id: &str, region: &str) -> Message {
    let facts = Vpc { id: id.into(), is_default: true.into(), ..Vpc::default() };
    Message::Add(Vpc::record(), place(region), id.into(), Vpc::draft(facts))
}

/// Three units: the account, a region with two VPCs that is done, one with a VPC that is not.
fn lines() -> Vec<Vec<u8>> {
    let entry = Account {
        id: account(),
        name: Some("one".into()),
        partition: crate::aws::Partition::Aws,
        organizational_units: vec![],
        status: AccountStatus::Scanned,
        regions: vec!["eu-west-1".parse().unwrap(), "us-east-1".parse().unwrap()],
        excluded_regions: vec![],
    };
    let regions = Regions { read: entry.regions.clone(), ..Regions::default() };
    let reason = Reason::new(ReasonKind::Denied, "ec2:DescribeVpcs", "UnauthorizedOperation");
    vec![
        line(0, &Message::Account(Box::new(entry))),
        regions_line(0, &regions),
        line(1, &vpc("vpc-1", "eu-west-1")),
        line(2, &vpc("vpc-3", "us-east-1")),
        done_line(0, &Place { account: account(), region: None }, ACCOUNT),
        line(1, &vpc("vpc-2", "eu-west-1")),
        line(1, &Message::Cover(Vpc::record(), place("eu-west-1"), Coverage::Cut(reason.clone()))),
        line(1, &Message::Gap(reason, Some("vpc-2".into()))),
        done_line(1, &place("eu-west-1"), "vpcs"),
    ]
}

fn written() -> Vec<u8> {
    let memory = Memory::default();
    let mut journal = Journal::begin(Box::new(memory.clone()), selection("all"), 77);
    lines().iter().for_each(|line| journal.keep(line, false));
    memory.bytes()
}

/// What goes on from those bytes: the messages in words, what is done, and the journal as it is then.
fn resumed(bytes: &[u8]) -> (Vec<String>, Done, Earlier) {
    let earlier = Earlier::read(bytes, &selection("all")).unwrap();
    let again = Earlier::read(bytes, &selection("all")).unwrap();
    let all = bytes.to_vec();
    let reread = Box::new(move || Ok(Box::new(io::Cursor::new(all.clone())) as Box<dyn BufRead>));
    let mut journal = Journal::resume(Box::new(Memory::default()), reread, earlier);
    assert_eq!(journal.scanned_at(), Some(77));
    let mut messages = Vec::new();
    let accounts = BTreeSet::from([account()]);
    let done = journal
        .replay(MODEL, &accounts, |message| {
            messages.push(String::from_utf8(line(9, &message)).unwrap());
        })
        .unwrap();
    (messages, done, again)
}

#[test]
fn units_that_are_done_come_back_and_no_others() {
    let bytes = written();
    let (messages, done, earlier) = resumed(&bytes);
    let region: Option<Region> = "eu-west-1".parse().ok();
    assert!(done.has(&account(), region.as_ref(), "vpcs"));
    assert!(!done.has(&account(), "us-east-1".parse().ok().as_ref(), "vpcs"));
    assert_eq!(done.regions(&account()).unwrap().read.len(), 2);
    assert_eq!(done.next_unit, 3, "the number of the unit that is not done is not used again");
    assert_eq!(earlier.length, bytes.len() as u64);
    let expected: Vec<String> =
        [line(9, &vpc("vpc-1", "eu-west-1")), line(9, &vpc("vpc-2", "eu-west-1"))]
            .map(|line| String::from_utf8(line).unwrap())
            .into();
    let vpcs: Vec<&String> = messages.iter().filter(|line| line.contains("{\"add\"")).collect();
    assert_eq!(vpcs, expected.iter().collect::<Vec<_>>());
    assert_eq!(messages.len(), 5, "account, two VPCs, coverage, gap: {messages:#?}");
}

#[test]
fn accounts_that_are_not_wanted_any_more_stay_away() {
    let bytes = written();
    let earlier = Earlier::read(bytes.as_slice(), &selection("all")).unwrap();
    let reread = Box::new(move || Ok(Box::new(io::Cursor::new(bytes.clone())) as Box<dyn BufRead>));
    let mut journal = Journal::resume(Box::new(Memory::default()), reread, earlier);
    let mut count = 0;
    journal.replay(MODEL, &BTreeSet::new(), |_| count += 1).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn other_scans_are_refused_by_name() {
    let bytes = written();
    let error = Earlier::read(bytes.as_slice(), &selection("eu-west-1")).unwrap_err();
    assert_eq!(error.to_string(), "the journal belongs to another scan: regions differ");
    for bytes in [b"".as_slice(), b"hello\n", b"00000000 {}\n"] {
        assert!(matches!(Earlier::read(bytes, &selection("all")), Err(JournalError::NotAJournal)));
    }
}

proptest! {
    /// Wherever the file is torn, and whatever stands behind that place, what is done before counts
    /// and nothing else.
    #[test]
    fn torn_tails_are_cut_and_never_trusted(
        share in 0.0_f64..1.0,
        tail in prop::collection::vec(any::<u8>(), 0..40),
        flip in any::<bool>(),
    ) {
        let bytes = written();
        let header = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let at = header + ((bytes.len() - header) as f64 * share) as usize;
        let mut torn = bytes[..at].to_vec();
        if flip {
            // One byte is wrong, and the rest of the file is there.
            torn.push(bytes[at] ^ 0x55);
            torn.extend_from_slice(&bytes[at + 1..]);
        } else {
            torn.extend_from_slice(&tail);
        }
        let whole = bytes[..at].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        let (messages, done, earlier) = resumed(&torn);
        let (expected, expected_done, _) = resumed(&bytes[..whole]);
        let extra = torn.len() as u64 >= earlier.length;
        prop_assert!(extra && earlier.length <= bytes.len() as u64);
        // A tail that happens to be the rest of the line makes it whole.
        if earlier.length == whole as u64 {
            prop_assert_eq!(messages, expected);
            prop_assert_eq!(done.units, expected_done.units);
        } else {
            prop_assert!(bytes.starts_with(&torn[..earlier.length as usize]));
        }
    }
}
