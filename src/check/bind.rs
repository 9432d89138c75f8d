//! From typed expressions to plans for one inventory and one set of parameters.

use super::definition::{Check, Subject};
use super::params::Params;
use super::plan::{CidrPlan, Cond, CoversPlan, Load, Num, Scalar, Step, Stream, TextPlan, Truth};
use super::remedy::Blank;
use super::source::Form;
use super::template::{Part, Template};
use super::typed::{Comparison, Covers, FieldRef, Node, PortTest, Typed};
use super::types::{Const, PortRange, Ty};
use crate::inventory::{Inventory, Store, SymbolId};

/// A check made ready for one inventory.
pub struct Bound<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) check: &'a Check,
    pub(super) applies_when: Vec<Cond<'a>>,
    pub(super) expect: Vec<BoundAssertion<'a>>,
    /// The expressions as written, and their plans.
    pub(super) show: Vec<(&'a str, Scalar<'a>)>,
    pub(super) blanks: Vec<BoundBlank<'a>>,
}

/// An assertion made ready.
#[derive(Debug)]
pub(super) struct BoundAssertion<'a> {
    pub(super) when: Option<Cond<'a>>,
    pub(super) subject: BoundSubject<'a>,
    pub(super) otherwise: Vec<BoundPart<'a>>,
    /// The names of remediation that speak of its elements, by their place in the check.
    pub(super) blanks: Vec<usize>,
}

/// A name in remediation texts made ready.
#[derive(Debug)]
pub(super) struct BoundBlank<'a> {
    pub(super) name: &'a str,
    /// The place of the element that it speaks of; `None` for the resource.
    pub(super) slot: Option<usize>,
    pub(super) value: Scalar<'a>,
}

/// What an assertion is about.
#[derive(Debug)]
pub(super) enum BoundSubject<'a> {
    That(Cond<'a>),
    Elements {
        form: Form,
        list: Stream<'a>,
        slot: usize,
        filter: Cond<'a>,
        /// Whether the file gives no condition: every element counts, by being there.
        whole: bool,
    },
}

/// A part of a message.
#[derive(Debug)]
pub(super) enum BoundPart<'a> {
    Text(&'a str),
    Value(Scalar<'a>),
}

impl<'a> Bound<'a> {
    pub(super) fn new(check: &'a Check, inventory: &'a Inventory, params: &'a Params) -> Self {
        let binder = Binder { store: &inventory.store, params, now: inventory.scanned_at };
        let assertion = |assertion: &'a super::definition::Assertion| BoundAssertion {
            when: assertion.when.as_ref().map(|when| binder.cond(when)),
            subject: match &assertion.subject {
                Subject::That(condition) => BoundSubject::That(binder.cond(condition)),
                Subject::Elements { form, list, var, filter, .. } => BoundSubject::Elements {
                    form: *form,
                    list: binder.stream(list),
                    slot: var.slot,
                    filter: match filter {
                        Some(filter) => binder.cond(filter),
                        None => Cond::Const(Truth::True),
                    },
                    whole: filter.is_none(),
                },
            },
            otherwise: binder.template(&assertion.otherwise),
            blanks: check.program.blanks_of(&assertion.subject),
        };
        let program = &check.program;
        Self {
            inventory,
            check,
            applies_when: program.applies_when.iter().map(|it| binder.cond(it)).collect(),
            expect: program.expect.iter().map(assertion).collect(),
            show: program
                .show
                .iter()
                .map(|(text, typed)| (text.as_str(), binder.scalar(typed)))
                .collect(),
            blanks: program.blanks.iter().map(|blank| binder.blank(blank)).collect(),
        }
    }
}

struct Binder<'a> {
    store: &'a Store,
    params: &'a Params,
    now: i64,
}

impl<'a> Binder<'a> {
    fn blank(&self, blank: &'a Blank) -> BoundBlank<'a> {
        let slot = blank.element.as_ref().map(|(_, _, slot)| *slot);
        BoundBlank { name: &blank.name, slot, value: self.scalar(&blank.typed) }
    }

    fn template(&self, template: &'a Template) -> Vec<BoundPart<'a>> {
        let part = |part: &'a Part| match part {
            Part::Text(text) => BoundPart::Text(text),
            Part::Value(typed) => BoundPart::Value(self.scalar(typed)),
        };
        template.parts.iter().map(part).collect()
    }

    /// The constant that an expression is.
    fn constant(&self, typed: &'a Typed) -> Option<&'a Const> {
        match &typed.node {
            Node::Const(constant) => Some(constant),
            Node::Param(place) => self.params.value(*place),
            _ => None,
        }
    }

    /// The constants of a list that holds nothing else.
    fn constants(&self, list: &'a Typed) -> Option<Vec<&'a Const>> {
        match &list.node {
            Node::List(items) => items.iter().map(|item| self.constant(item)).collect(),
            _ => match self.constant(list)? {
                Const::List(items) => Some(items.iter().collect()),
                _ => None,
            },
        }
    }

    fn load(&self, typed: &'a Typed) -> Option<Load<'a>> {
        let mut steps = Vec::new();
        let mut at = typed;
        loop {
            match &at.node {
                Node::Var(var) => {
                    steps.reverse();
                    return Some(Load { slot: var.slot, steps: steps.into(), ty: &typed.ty });
                }
                Node::Field(base, field) => {
                    steps.push(step(*field));
                    at = base;
                }
                _ => return None,
            }
        }
    }

    fn cond(&self, typed: &'a Typed) -> Cond<'a> {
        match &typed.node {
            Node::And(items) => Cond::All(items.iter().map(|item| self.cond(item)).collect()),
            Node::Or(items) => Cond::Any(items.iter().map(|item| self.cond(item)).collect()),
            Node::Not(inner) => self.cond(inner).opposite(),
            Node::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            Node::In(item, list) => self.membership(item, list),
            Node::Has(path) => match self.load(path) {
                Some(load) => Cond::Has { load, negate: false },
                None => Cond::Const(Truth::Unknown),
            },
            Node::Quantified(quantifier, list, var, body) => Cond::Quantified(
                *quantifier,
                Box::new(self.stream(list)),
                var.slot,
                Box::new(self.cond(body)),
            ),
            Node::TextTest(test, text, arg) => {
                Cond::TextTest(*test, self.text(text), self.text(arg))
            }
            Node::Matches(text, regex) => Cond::Matches(self.text(text), regex),
            Node::IsInternet(cidr) => Cond::IsInternet(self.cidr(cidr)),
            Node::CidrContains(outer, inner) => {
                Cond::CidrContains(self.cidr(outer), self.cidr(inner))
            }
            Node::Covers(covers) => self.covers(covers),
            _ => match (self.constant(typed), self.load(typed)) {
                (Some(Const::Bool(value)), _) => Cond::Const(Truth::of(*value)),
                (_, Some(load)) => Cond::Load { load, negate: false },
                _ => Cond::Const(Truth::Unknown),
            },
        }
    }

    fn compare(&self, comparison: Comparison, left: &'a Typed, right: &'a Typed) -> Cond<'a> {
        if left.ty.is_ordered() || right.ty.is_ordered() {
            return Cond::Numbers(comparison, self.num(left), self.num(right));
        }
        let negate = comparison == Comparison::NotEqual;
        for (one, other) in [(left, right), (right, left)] {
            if let Some(Const::Text(text)) = self.constant(other)
                && let Some(fused) = self.text_is(one, vec![text.as_str()], negate)
            {
                return fused;
            }
        }
        Cond::Same { left: self.scalar(left), right: self.scalar(right), negate }
    }

    fn membership(&self, item: &'a Typed, list: &'a Typed) -> Cond<'a> {
        let texts = self.constants(list).and_then(|constants| {
            let text = |constant: &'a Const| match constant {
                Const::Text(text) => Some(text.as_str()),
                _ => None,
            };
            constants.into_iter().map(text).collect::<Option<Vec<_>>>()
        });
        texts
            .and_then(|texts| self.text_is(item, texts, false))
            .unwrap_or_else(|| Cond::In(self.scalar(item), self.stream(list)))
    }

    /// The fused comparison of a field with constant texts.
    fn text_is(&self, item: &'a Typed, texts: Vec<&'a str>, negate: bool) -> Option<Cond<'a>> {
        let load = self.load(item)?;
        // A variable may hold a constant or a computed text, which are no symbols.
        if matches!(item.ty, Ty::Enum(_)) && !load.steps.is_empty() {
            let words = self.symbols(&texts);
            return Some(Cond::Word { load, words, negate });
        }
        item.ty.is_text().then(|| Cond::TextIs { load, texts: texts.into(), negate })
    }

    fn symbols(&self, texts: &[&str]) -> Box<[SymbolId]> {
        texts.iter().filter_map(|text| self.store.symbol(text)).collect()
    }

    fn num(&self, typed: &'a Typed) -> Num<'a> {
        let boxed = |typed: &'a Typed| Box::new(self.num(typed));
        match &typed.node {
            Node::Now => Num::Const(self.now),
            Node::Size(list) => Num::Size(Box::new(self.stream(list))),
            Node::AgeDays(time) => Num::AgeDays(boxed(time)),
            Node::Add(left, right) => Num::Add(boxed(left), boxed(right)),
            Node::Subtract(left, right) => Num::Subtract(boxed(left), boxed(right)),
            Node::Negative(inner) => Num::Negative(boxed(inner)),
            Node::PrefixLength(cidr) => Num::PrefixLength(self.cidr(cidr)),
            _ => match (self.constant(typed), self.load(typed)) {
                (Some(Const::Int(value) | Const::Duration(value)), _) => Num::Const(*value),
                (_, Some(load)) => Num::Load(load),
                // The type checker lets nothing else through; it would be unknown.
                _ => Num::Load(nothing(&typed.ty)),
            },
        }
    }

    fn text(&self, typed: &'a Typed) -> TextPlan<'a> {
        match &typed.node {
            Node::Lower(inner) => TextPlan::Lower(Box::new(self.text(inner))),
            Node::ArnPart(part, inner) => TextPlan::ArnPart(*part, Box::new(self.text(inner))),
            _ => match (self.constant(typed), self.load(typed)) {
                (Some(Const::Text(text)), _) => TextPlan::Const(text),
                (_, Some(load)) => TextPlan::Load(load),
                _ => TextPlan::Load(nothing(&typed.ty)),
            },
        }
    }

    fn cidr(&self, typed: &'a Typed) -> CidrPlan<'a> {
        match (self.constant(typed), self.load(typed)) {
            (Some(Const::Cidr(cidr)), _) => CidrPlan::Const(cidr.net),
            (_, Some(load)) => CidrPlan::Load(load),
            _ => CidrPlan::Load(nothing(&typed.ty)),
        }
    }

    fn scalar(&self, typed: &'a Typed) -> Scalar<'a> {
        if matches!(typed.ty, Ty::List(_)) {
            return Scalar::List(Box::new(self.stream(typed)), &typed.ty);
        }
        if let Some(constant) = self.constant(typed) {
            return Scalar::Const(constant);
        }
        if let Some(load) = self.load(typed) {
            return Scalar::Load(load);
        }
        match &typed.ty {
            Ty::Bool => Scalar::Cond(Box::new(self.cond(typed))),
            Ty::Int | Ty::Time | Ty::Duration => Scalar::Num(self.num(typed), &typed.ty),
            Ty::Text | Ty::Enum(_) => Scalar::Text(self.text(typed)),
            Ty::Cidr | Ty::Ports | Ty::List(_) | Ty::Record(_) | Ty::Nothing => {
                Scalar::Load(nothing(&typed.ty))
            }
        }
    }

    fn stream(&self, typed: &'a Typed) -> Stream<'a> {
        match &typed.node {
            Node::List(items) => Stream::Items(items.iter().map(|it| self.scalar(it)).collect()),
            Node::Filter(list, var, body) => {
                Stream::Filter(Box::new(self.stream(list)), var.slot, Box::new(self.cond(body)))
            }
            Node::Map(list, var, body) => {
                Stream::Map(Box::new(self.stream(list)), var.slot, Box::new(self.scalar(body)))
            }
            _ => match (self.constant(typed), self.load(typed)) {
                (Some(Const::List(items)), _) => Stream::Consts(items),
                (_, Some(load)) => Stream::Load(load),
                _ => Stream::Load(nothing(&typed.ty)),
            },
        }
    }

    fn covers(&self, covers: &'a Covers) -> Cond<'a> {
        let load = |field: FieldRef, ty: &'a Ty| {
            let rule = self.load(&covers.rule)?;
            let steps = rule.steps.iter().copied().chain([step(field)]).collect();
            Some(Load { slot: rule.slot, steps, ty })
        };
        let (Some(protocol), Some(from_port), Some(to_port)) = (
            load(covers.protocol, &Ty::Text),
            load(covers.from_port, &Ty::Int),
            load(covers.to_port, &Ty::Int),
        ) else {
            return Cond::Const(Truth::Unknown);
        };
        let wanted = match self.constant(&covers.wanted) {
            Some(Const::Text(text)) => protocol_names(text),
            _ => Vec::new(),
        };
        let constants = self.constants(&covers.ports);
        let constants = constants.or_else(|| self.constant(&covers.ports).map(|it| vec![it]));
        let ports = constants.unwrap_or_default().into_iter().filter_map(|constant| {
            match constant {
                Const::Ports(ports) => Some(*ports),
                // A number that is no port lies in no rule.
                Const::Int(port) => {
                    let port = u16::try_from(*port).ok()?;
                    Some(PortRange { from: port, to: port })
                }
                _ => None,
            }
        });
        let ports: Vec<PortRange> = ports.collect();
        let ports = match covers.test {
            PortTest::Covers => ports,
            PortTest::Within => merged(ports),
        };
        Cond::Covers(Box::new(CoversPlan {
            test: covers.test,
            protocol,
            from_port,
            to_port,
            wanted_symbols: self.symbols(&wanted),
            wanted: wanted.into(),
            all: self.store.symbol(ALL_PROTOCOLS),
            ports: ports.into(),
        }))
    }
}

/// The same ports in ranges that neither overlap nor touch.
fn merged(mut ports: Vec<PortRange>) -> Vec<PortRange> {
    ports.sort_unstable();
    let mut apart: Vec<PortRange> = Vec::new();
    for range in ports {
        match apart.last_mut() {
            Some(last) if range.from <= last.to.saturating_add(1) => {
                last.to = last.to.max(range.to)
            }
            _ => apart.push(range),
        }
    }
    apart
}

/// The protocol that stands for all of them in rules of groups and network ACLs.
pub(super) const ALL_PROTOCOLS: &str = "-1";

/// The names of a protocol: EC2 gives some rules by name and some by number.
fn protocol_names(name: &str) -> Vec<&str> {
    const NAMES: [[&str; 2]; 4] = [["tcp", "6"], ["udp", "17"], ["icmp", "1"], ["icmpv6", "58"]];
    match NAMES.into_iter().find(|names| names.contains(&name)) {
        Some(names) => names.to_vec(),
        None => vec![name],
    }
}

fn step(field: FieldRef) -> Step {
    // A record type has a few dozen fields.
    Step { place: u32::try_from(field.place).unwrap_or(u32::MAX), field }
}

/// A load that is always unknown: a slot beyond the frame.
fn nothing(ty: &Ty) -> Load<'_> {
    Load { slot: usize::MAX, steps: Box::new([]), ty }
}
