//! The arena: 16-byte values that point into shared tables.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::draft::Draft;
use super::reason::Reason;
use crate::schema::{RecordType, Type};

/// A stored value. `Copy`, so that evaluation never allocates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A relation or derived field that was not computed, or a field that was not collected.
    Pending,
    /// Unknown, for this reason.
    Unknown(ReasonId),
    /// AWS says: not configured.
    Absent,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Seconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Text of an enum, interned.
    Symbol(SymbolId),
    /// Other text.
    Text {
        /// Where it begins among the [`Store::texts`].
        at: usize,
        /// Its length in bytes.
        len: u32,
    },
    /// An address range.
    Cidr {
        /// Its place among those of [`Store::cidr`].
        id: u32,
        /// How many leading bits are fixed: what checks mostly ask for.
        prefix: u8,
    },
    /// A list. An [`Value::Unknown`] item says that there may be more.
    List {
        /// Where its items begin.
        at: u32,
        /// The number of items.
        len: u32,
        /// How many of them are unknown: each stands for any number of others.
        open: u32,
    },
    /// A record, by where its fields are.
    Record(Row),
}

/// Where the fields of a record are. Records of one type stand column by column: a check that asks a field
/// or two of many goes through little memory, from one end to the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The slot of the first field.
    pub first: u32,
    /// From the slot of one field to that of the next: the number of records side by side.
    pub stride: u32,
}

impl Row {
    /// The slot of a field by its place in the record's type.
    #[inline]
    pub fn slot(self, place: u32) -> u32 {
        self.first + place * self.stride
    }

    /// The same for a place that counts in memory.
    pub fn field(self, place: usize) -> u32 {
        self.slot(index(place))
    }
}

/// The most records that stand side by side: so many that each of their columns fills a page.
const BLOCK: u32 = 256;

/// Slots for records of one type.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// The next record's.
    row: Row,
    /// How many records there is room for.
    free: u32,
}

/// An interned text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

/// A reason, stored once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonId(pub u32);

/// An address range with its text as AWS spelled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CidrFacts {
    /// The range.
    pub net: IpNet,
    /// As written.
    pub text: Box<str>,
}

impl CidrFacts {
    /// Reads `10.0.0.0/8`, `::/0`, or a bare address as a range of one.
    pub fn parse(text: &str) -> Option<Self> {
        let net =
            text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
        Some(Self { net, text: text.into() })
    }
}

/// The tables that values point into.
#[derive(Default)]
pub struct Store {
    slots: Vec<Value>,
    /// The block of each type that takes in the next of its records, by the type's name.
    blocks: HashMap<&'static str, Block>,
    text: String,
    symbols: Vec<Box<str>>,
    symbol_ids: HashMap<Box<str>, SymbolId>,
    cidrs: Vec<CidrFacts>,
    cidr_ids: HashMap<Box<str>, Value>,
    reasons: Vec<Reason>,
    reason_ids: HashMap<Reason, ReasonId>,
}

/// The slots of a store. A loop over thousands keeps in registers where they are; the store would be asked
/// again for each.
#[derive(Clone, Copy)]
pub struct Slots<'a>(&'a [Value]);

impl Slots<'_> {
    /// The value in a slot; beyond the arena everything is pending.
    #[inline]
    pub fn get(self, at: u32) -> Value {
        // To choose between two places costs less than between two values.
        *self.0.get(at as usize).unwrap_or(&Value::Pending)
    }
}

impl Store {
    /// The value in a slot; beyond the arena everything is pending.
    #[inline]
    pub fn slot(&self, at: u32) -> Value {
        self.slots().get(at)
    }

    /// All slots.
    #[inline]
    pub fn slots(&self) -> Slots<'_> {
        Slots(&self.slots)
    }

    /// All texts, one after the other.
    #[inline]
    pub fn texts(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The items of a list.
    #[inline]
    pub fn items(&self, at: u32, len: u32) -> &[Value] {
        self.slots.get(at as usize..at as usize + len as usize).unwrap_or_default()
    }

    /// The text of a [`Value::Text`] or [`Value::Symbol`].
    #[inline]
    pub fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text { at, len } => self.text.get(at..at + len as usize),
            Value::Symbol(id) => self.symbols.get(id.0 as usize).map(AsRef::as_ref),
            Value::Cidr { id, .. } => self.cidr(id).map(|cidr| &*cidr.text),
            _ => None,
        }
    }

    /// The id of an interned text, if any value has it.
    pub fn symbol(&self, text: &str) -> Option<SymbolId> {
        self.symbol_ids.get(text).copied()
    }

    /// An address range.
    #[inline]
    pub fn cidr(&self, id: u32) -> Option<&CidrFacts> {
        self.cidrs.get(id as usize)
    }

    /// A reason.
    pub fn reason(&self, id: ReasonId) -> Option<&Reason> {
        self.reasons.get(id.0 as usize)
    }

    /// Why a value is not known, where it is not.
    pub fn why_unknown(&self, value: Value) -> Option<Reason> {
        match value {
            Value::Unknown(id) => self.reason(id).cloned(),
            Value::Pending => Some(Reason::not_collected()),
            _ => None,
        }
    }

    /// Bytes held by the values and their tables, without spare capacity.
    pub fn bytes(&self) -> usize {
        let symbols: usize = self.symbols.iter().map(|symbol| symbol.len() * 2 + 64).sum();
        self.slots.len() * size_of::<Value>() + self.text.len() + symbols + self.cidrs.len() * 96
    }

    /// Interns a reason.
    pub(super) fn intern_reason(&mut self, reason: Reason) -> ReasonId {
        if let Some(id) = self.reason_ids.get(&reason) {
            return *id;
        }
        let id = ReasonId(index(self.reasons.len()));
        self.reasons.push(reason.clone());
        self.reason_ids.insert(reason, id);
        id
    }

    /// Overwrites a slot.
    pub(super) fn set(&mut self, at: u32, value: Value) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            *slot = value;
        }
    }

    /// Stores the fields of a resource, except that its own slots go to the end of `row`: those of
    /// all resources are put side by side when the inventory is sealed.
    pub(super) fn store_row(
        &mut self,
        record: &RecordType,
        fields: Vec<Draft>,
        row: &mut Vec<Value>,
    ) {
        let end = row.len() + record.fields.len();
        for (field, draft) in record.fields.iter().zip(fields) {
            row.push(self.store_value(&field.ty, field.optional, draft));
        }
        row.resize(end, Value::Pending);
    }

    /// Makes room for so many slots more, and not for others.
    pub(super) fn reserve(&mut self, slots: usize) {
        self.slots.reserve_exact(slots);
    }

    /// Appends values and returns where they begin.
    pub(super) fn append(&mut self, values: impl Iterator<Item = Value>) -> u32 {
        let at = index(self.slots.len());
        self.slots.extend(values);
        at
    }

    /// Stores a record's fields and returns where they are.
    fn store_record(&mut self, record: &RecordType, fields: Vec<Draft>) -> Row {
        let row = self.free_row(record);
        for (place, (field, draft)) in record.fields.iter().zip(fields).enumerate() {
            let value = self.store_value(&field.ty, field.optional, draft);
            self.set(row.field(place), value);
        }
        row
    }

    /// Where the fields of one more record of a type go: beside those of the one before. Blocks grow, so
    /// that what holds a record or two of a type takes no room for hundreds.
    fn free_row(&mut self, record: &RecordType) -> Row {
        let block = self.blocks.get(record.name).copied().unwrap_or_default();
        let block = match block.free {
            0 => {
                let stride = (block.row.stride * 2).clamp(1, BLOCK);
                let count = stride as usize * record.fields.len();
                let first = self.append(std::iter::repeat_n(Value::Pending, count));
                Block { row: Row { first, stride }, free: stride }
            }
            _ => block,
        };
        let next = Row { first: block.row.first + 1, ..block.row };
        self.blocks.insert(record.name, Block { row: next, free: block.free - 1 });
        block.row
    }

    /// Stores a list of values and returns the list.
    pub(super) fn store_list(&mut self, items: &[Value]) -> Value {
        let at = self.append(items.iter().copied());
        Value::List { at, len: index(items.len()), open: open_items(items) }
    }

    /// Stores one value of a declared type. What does not fit the type is unknown, never a default.
    pub(super) fn store_value(&mut self, ty: &Type, optional: bool, draft: Draft) -> Value {
        match (ty, draft) {
            (_, Draft::Pending) => Value::Pending,
            (_, Draft::Unknown(reason)) => Value::Unknown(self.intern_reason(*reason)),
            (_, Draft::Absent) if optional => Value::Absent,
            (_, Draft::Absent) => self.unknown("the reply left it out"),
            (Type::Bool, Draft::Bool(value)) => Value::Bool(value),
            (Type::Int, Draft::Int(value)) => Value::Int(value),
            (Type::Timestamp, Draft::Time(value)) => Value::Time(value),
            (Type::Text, Draft::Text(text)) => self.store_text(&text),
            (Type::Enum(_), Draft::Text(text)) => Value::Symbol(self.intern(&text)),
            (Type::Cidr, Draft::Text(text)) => self.store_cidr(&text),
            (Type::List(item), Draft::List(drafts)) => {
                let len = index(drafts.len());
                let at = self.append(std::iter::repeat_n(Value::Pending, drafts.len()));
                for (slot, draft) in (at..).zip(drafts) {
                    let value = self.store_value(item, false, draft);
                    self.set(slot, value);
                }
                Value::List { at, len, open: open_items(self.items(at, len)) }
            }
            (Type::Record(record), Draft::Record(fields)) => {
                Value::Record(self.store_record(record.get(), fields))
            }
            _ => self.unknown("a value of another type than declared"),
        }
    }

    fn unknown(&mut self, what: &str) -> Value {
        let reason = Reason::new(super::ReasonKind::Missing, "", what);
        Value::Unknown(self.intern_reason(reason))
    }

    fn store_text(&mut self, text: &str) -> Value {
        let at = self.text.len();
        self.text.push_str(text);
        Value::Text { at, len: index(text.len()) }
    }

    fn intern(&mut self, text: &str) -> SymbolId {
        if let Some(id) = self.symbol_ids.get(text) {
            return *id;
        }
        let id = SymbolId(index(self.symbols.len()));
        self.symbols.push(text.into());
        self.symbol_ids.insert(text.into(), id);
        id
    }

    fn store_cidr(&mut self, text: &str) -> Value {
        if let Some(known) = self.cidr_ids.get(text) {
            return *known;
        }
        let Some(facts) = CidrFacts::parse(text) else {
            return self.unknown("not an address range");
        };
        let value = Value::Cidr { id: index(self.cidrs.len()), prefix: facts.net.prefix_len() };
        self.cidrs.push(facts);
        self.cidr_ids.insert(text.into(), value);
        value
    }
}

/// How many items of a list stand for what was not seen.
fn open_items(items: &[Value]) -> u32 {
    let open = items.iter().filter(|item| matches!(item, Value::Unknown(_) | Value::Pending));
    index(open.count())
}

/// An index that fits the arena. Four billion values are 64 GiB, more than a scan may hold.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("an inventory holds fewer than four billion values")
}
