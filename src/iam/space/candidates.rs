//! The values to try for a condition key: one for every combination of answers that the conditions
//! on the key can give.

use jiff::Timestamp;

use super::super::atoms::{
    AddressRange, Budget, Domain, Pattern, SetTest, address_cells, atoms, points, set_atoms,
};
use super::super::condition::{Cardinality, Condition, Family, Present, Quantifier, Test};
use super::super::pattern::Case;
use super::super::truth::Truth;
use super::spell;
use super::value::{Fact, OneKey, Substitution, Value, literal};

/// The values to try, and whether they cover every value there is.
#[derive(Debug)]
pub(super) struct Candidates {
    pub(super) values: Vec<Value>,
    pub(super) complete: bool,
    /// The ranges that single values stand for, by the index of the value.
    pub(super) ranges: Vec<(usize, AddressRange)>,
}

/// The most sets of values tried for a key.
const SETS: usize = 4_096;

/// The scale of the numbers of conditions.
const ONE: i128 = 1_000_000_000_000_000_000;

/// The values to try for `key`, given all conditions on it and all that scenarios know about it.
pub(super) fn candidates(
    key: &str,
    conditions: &[&Condition],
    facts: &[&Fact],
    variables: &Substitution,
    budget: &Budget,
) -> Candidates {
    let facets = Facets::new(key, conditions, facts, variables);
    let cells = if facets.is_addresses(key) { address_cells(&facets.ranges) } else { Vec::new() };
    let (singles, mut complete) = facets.values(key, budget);
    let mut values = vec![Value::Absent];
    let mut ranges = Vec::new();
    let cardinality = conditions.first().map_or(Cardinality::NotKnown, |c| c.cardinality);
    if cardinality != Cardinality::Multiple {
        let first = values.len() + singles.len() - cells.len();
        ranges.extend(cells.into_iter().enumerate().map(|(at, cell)| (first + at, cell)));
        values.extend(singles.iter().cloned().map(Value::One));
    }
    let quantified = conditions.iter().any(|c| c.operator.quantifier != Quantifier::None);
    if cardinality == Cardinality::Multiple || (cardinality == Cardinality::NotKnown && quantified)
    {
        let (sets, all) = sets(key, conditions, facts, variables, &singles, budget);
        values.extend(sets);
        complete &= all;
    }
    Candidates { values, complete, ranges }
}

/// What it costs to compare a value with all operands of a condition.
pub(super) fn comparison(condition: &Condition) -> usize {
    let slow = condition.operator.family == Family::StringEqualsIgnoreCase;
    let cost = |text: &str| match slow || text.contains("${") {
        true => 60 + text.len() * 2,
        false => 20 + text.len() / 8,
    };
    condition.operands.iter().map(|operand| cost(&operand.text)).sum()
}

/// The sets of values to try: one for every combination of answers to the set operators.
fn sets(
    key: &str,
    conditions: &[&Condition],
    facts: &[&Fact],
    variables: &Substitution,
    singles: &[String],
    budget: &Budget,
) -> (Vec<Value>, bool) {
    let quantified: Vec<&&Condition> =
        conditions.iter().filter(|c| c.operator.quantifier != Quantifier::None).collect();
    let mut tests: Vec<SetTest> = quantified
        .iter()
        .map(|condition| match condition.operator.quantifier {
            Quantifier::ForAllValues => SetTest::All,
            Quantifier::ForAnyValue | Quantifier::None => SetTest::Any,
        })
        .collect();
    tests.extend(facts.iter().map(|_| SetTest::All));
    let comparisons = quantified.iter().map(|c| comparison(c)).sum::<usize>() * singles.len();
    if !budget.spend(comparisons) {
        return (Vec::new(), false);
    }
    let verdicts: Vec<Vec<Truth>> = singles
        .iter()
        .map(|single| {
            let list = [Box::from(single.as_str())];
            let request = OneKey { key, value: Present::Many(&list), variables };
            let asked = quantified.iter().map(|condition| condition.satisfied(&request));
            let known = facts.iter().map(|fact| Truth::from(fact.values.contains(single)));
            asked.chain(known).collect()
        })
        .collect();
    let found = set_atoms(&tests, &verdicts, SETS, budget);
    let value = |members: &Vec<usize>| {
        Value::Many(
            members.iter().filter_map(|m| singles.get(*m)).map(|s| s.as_str().into()).collect(),
        )
    };
    (found.members.iter().map(value).collect(), found.complete)
}

/// The constants that a key is compared with, by their kind.
#[derive(Default)]
struct Facets {
    texts: Vec<Pattern>,
    numbers: Vec<i128>,
    instants: Vec<i128>,
    ranges: Vec<AddressRange>,
    booleans: bool,
    /// Whether a set operator is used: it takes a set of empty strings for no set at all, so that
    /// empty members are left out.
    sets: bool,
    /// Some constant could not be put into the kind that the key has.
    inexact: bool,
}

impl Facets {
    fn new(
        key: &str,
        conditions: &[&Condition],
        facts: &[&Fact],
        variables: &Substitution,
    ) -> Self {
        let mut facets = Self::default();
        for condition in conditions {
            let family = condition.operator.family;
            facets.sets |= condition.operator.quantifier != Quantifier::None;
            for operand in condition.operands.iter().filter(|_| family != Family::Null) {
                facets.add(&operand.test, family, &operand.text, variables);
            }
        }
        for fact in facts {
            facets.texts.extend(fact.values.patterns().cloned());
            facets.ranges.extend(fact.values.ranges());
        }
        if is_address_key(key) {
            for text in std::mem::take(&mut facets.texts) {
                match textual_range(&text) {
                    Some(ranges) => facets.ranges.extend(ranges),
                    None => facets.inexact = true,
                }
            }
        }
        facets
    }

    fn add(&mut self, test: &Test, family: Family, text: &str, variables: &Substitution) {
        match test {
            Test::Text(pattern) => {
                let case = match family {
                    Family::StringEqualsIgnoreCase | Family::Bool => Case::Insensitive,
                    _ => Case::Sensitive,
                };
                self.texts.extend(spell::pattern(pattern, case, variables));
            }
            Test::Arn(pattern) => self.texts.extend(spell::arn(pattern, variables)),
            Test::Number(number) => self.numbers.push(number.scaled()),
            Test::Instant(instant) => self.instants.push(instant.timestamp().as_nanosecond()),
            Test::Bool(_) => self.booleans = true,
            Test::Bytes(_) => self.texts.push(literal(text)),
            Test::Range(net) => self.ranges.extend(AddressRange::parse(&net.to_string())),
            Test::Unusable => {}
        }
    }

    fn is_addresses(&self, key: &str) -> bool {
        !self.ranges.is_empty() || is_address_key(key)
    }

    /// The single values to try, and whether they are all there are. Addresses come last.
    fn values(mut self, key: &str, budget: &Budget) -> (Vec<String>, bool) {
        if is_boolean_key(key) || (self.booleans && self.texts.is_empty()) {
            return (vec!["true".into(), "false".into()], true);
        }
        let mut values = Vec::new();
        let kinds = [
            self.is_addresses(key),
            !self.numbers.is_empty(),
            !self.instants.is_empty(),
            !self.texts.is_empty() || self.booleans,
        ];
        let mixed = kinds.iter().filter(|used| **used).count() > 1;
        let mut complete = !mixed && !self.inexact;
        if kinds == [false; 4] || kinds.last() == Some(&true) {
            if self.booleans {
                let boolean = |text| Pattern::literal(text, super::super::atoms::Case::Insensitive);
                self.texts.extend(["true", "false"].map(boolean));
            }
            let domain =
                if key.contains("tag") && !self.sets { Domain::any() } else { Domain::text() };
            let found = atoms(&self.texts, &domain, budget);
            complete &= found.complete;
            values.extend(found.atoms.into_iter().map(|atom| atom.witness));
        }
        if !self.numbers.is_empty() {
            values.extend(points(&self.numbers, ONE).into_iter().map(decimal));
        }
        if !self.instants.is_empty() {
            let times = points(&self.instants, 86_400_000_000_000).into_iter();
            values.extend(
                times
                    .filter_map(|nanos| Timestamp::from_nanosecond(nanos).ok())
                    .map(|t| t.to_string()),
            );
        }
        if kinds.first() == Some(&true) {
            values.extend(address_cells(&self.ranges).iter().map(|c| c.example().to_string()));
        }
        (values, complete)
    }
}

/// Whether the values of a key are internet addresses.
fn is_address_key(key: &str) -> bool {
    matches!(key, "aws:sourceip" | "aws:vpcsourceip")
}

/// Whether the only values of a key are `true` and `false`.
fn is_boolean_key(key: &str) -> bool {
    matches!(
        key,
        "aws:securetransport"
            | "aws:multifactorauthpresent"
            | "aws:viaawsservice"
            | "aws:principalisawsservice"
            | "kms:grantisforawsresource"
    )
}

/// The addresses whose text matches: a literal address, `*`, or whole bytes and then `*`.
fn textual_range(pattern: &Pattern) -> Option<Vec<AddressRange>> {
    if let Some(text) = pattern.as_literal() {
        return Some(
            AddressRange::parse(&text).filter(|_| !text.contains('/')).into_iter().collect(),
        );
    }
    if *pattern == Pattern::anything() {
        return Some(Vec::new());
    }
    let (last, head) = pattern.tokens().split_last()?;
    let text = Pattern::new(head.iter().copied()).as_literal()?;
    let bytes = text.matches('.').count();
    if *last != super::super::atoms::Token::Run || !text.ends_with('.') || bytes > 3 {
        return None;
    }
    let network = format!("{text}{}/{}", ["0.0.0", "0.0", "0"].get(bytes - 1)?, bytes * 8);
    Some(AddressRange::parse(&network).into_iter().collect())
}

/// A number as conditions spell it.
fn decimal(scaled: i128) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, fraction) =
        (scaled.unsigned_abs() / ONE.unsigned_abs(), scaled.unsigned_abs() % ONE.unsigned_abs());
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let digits = format!("{fraction:018}");
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}
