//! Conditions on one value that was fetched: what evaluation of one resource and of many at once
//! have in common.

use super::{Eval, plain, same_text, spelled};
use crate::check::bind::ALL_PROTOCOLS;
use crate::check::plan::{CoversPlan, TextVal, Truth, Val};
use crate::check::typed::{PortTest, TextTest};
use crate::check::types::{Const, PortRange};
use crate::inventory::{SymbolId, Value};

/// Whether a boolean is true.
#[inline]
pub fn holds(value: Val<'_>) -> Truth {
    match value {
        Val::Stored(Value::Bool(value)) | Val::Const(&Const::Bool(value)) => Truth::of(value),
        Val::Truth(truth) => truth,
        _ => Truth::Unknown,
    }
}

/// Whether an optional field is set.
#[inline]
pub fn is_set(value: Val<'_>) -> Truth {
    match value {
        Val::Stored(Value::Absent) => Truth::False,
        Val::Stored(Value::Unknown(_) | Value::Pending) => Truth::Unknown,
        _ => Truth::True,
    }
}

/// Whether the text of an enum is one of these.
#[inline]
pub fn is_word(value: Val<'_>, words: &[SymbolId]) -> Truth {
    match value {
        Val::Stored(Value::Symbol(id)) => Truth::of(words.contains(&id)),
        _ => Truth::Unknown,
    }
}

/// Whether a text begins with, ends with or contains another.
pub fn has_text(test: TextTest, text: TextVal<'_>, arg: TextVal<'_>) -> Truth {
    if text.lower || arg.lower {
        return has_text(test, plain(&spelled(text)), plain(&spelled(arg)));
    }
    Truth::of(match test {
        TextTest::StartsWith => text.text.starts_with(arg.text),
        TextTest::EndsWith => text.text.ends_with(arg.text),
        TextTest::Contains => text.text.contains(arg.text),
    })
}

/// What a rule's protocol says of [`CoversPlan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The answer, whatever the ports.
    Decides(Truth),
    /// It is the one asked for: the ports decide.
    Asked,
}

/// What a rule's ports say, where its protocol is the one asked for.
#[inline]
pub fn covers_ports(covers: &CoversPlan<'_>, from: Val<'_>, to: Val<'_>) -> Truth {
    let bound = |port: Val<'_>, all: i64| match port {
        Val::Stored(Value::Absent | Value::Int(i64::MIN..0)) => Some(all),
        Val::Stored(Value::Int(port)) => Some(port),
        _ => None,
    };
    let from = bound(from, 0);
    let to = bound(to, i64::from(u16::MAX));
    if let (Some(from), Some(to), PortTest::Covers) = (from, to, covers.test) {
        // All are looked at: which is the first cannot be foreseen.
        let inside = |ports: &PortRange| (from <= ports.to.into()) & (to >= ports.from.into());
        return Truth::of(covers.ports.iter().fold(false, |any, ports| any | inside(ports)));
    }
    // Whether the rule begins before and ends after a port.
    let begins = |port: u16| from.map_or(Truth::Unknown, |from| Truth::of(from <= port.into()));
    let ends = |port: u16| to.map_or(Truth::Unknown, |to| Truth::of(to >= port.into()));
    covers.ports.iter().fold(Truth::False, |any, ports| {
        any.or(match covers.test {
            PortTest::Covers => begins(ports.to).and(ends(ports.from)),
            PortTest::Within => {
                // One end outside is enough to know, whatever the other is.
                let inside = |port: Option<i64>| {
                    let range = i64::from(ports.from)..=i64::from(ports.to);
                    port.map_or(Truth::Unknown, |port| Truth::of(range.contains(&port)))
                };
                inside(from).and(inside(to))
            }
        })
    })
}

impl<'a> Eval<'a> {
    /// Whether a text is one of these.
    #[inline]
    pub fn is_text(self, value: Val<'a>, texts: &[&str]) -> Truth {
        self.text_of(value).map_or(Truth::Unknown, |found| {
            Truth::of(texts.iter().any(|text| same_text(found, plain(text))))
        })
    }

    /// How many leading bits of an address range are fixed.
    #[inline]
    pub fn prefix_length(self, value: Val<'_>) -> Option<u8> {
        match value {
            Val::Stored(Value::Cidr { prefix, .. }) => Some(prefix),
            Val::Const(Const::Cidr(facts)) => Some(facts.net.prefix_len()),
            _ => None,
        }
    }

    /// What a rule's protocol says. An unknown one may be the one that covers all ports.
    #[inline]
    pub fn covers_protocol(self, covers: &CoversPlan<'a>, protocol: Val<'a>) -> Protocol {
        if covers.ports.is_empty() {
            return Protocol::Decides(Truth::False);
        }
        let (all, asked) = match protocol {
            Val::Stored(Value::Symbol(id)) => {
                let asked = covers.wanted_symbols.iter().fold(false, |any, it| any | (*it == id));
                (covers.all == Some(id), asked)
            }
            value => match self.text_of(value) {
                Some(text) => (text.text == ALL_PROTOCOLS, covers.wanted.contains(&text.text)),
                None => return Protocol::Decides(Truth::Unknown),
            },
        };
        match (all, asked) {
            (true, _) => Protocol::Decides(Truth::of(covers.test == PortTest::Covers)),
            (false, true) => Protocol::Asked,
            (false, false) => Protocol::Decides(Truth::False),
        }
    }
}
