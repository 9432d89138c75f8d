//! Whether a pattern matches every event of a set.
//!
//! *Yes* needs a proof: fields vary independently, so each must be matched whatever its value, and an
//! `$or` by one of its branches for each choice of the fields with few values. *No* needs an event
//! of the set that does not match. Between them the question stays open.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::domain::{Events, Leaf, Values};
use super::operator::Operator;
use super::{Part, Pattern};
use crate::filter_pattern::Catches;

/// How many choices of fields with few values are looked at one by one.
const MAX_CHOICES: usize = 4096;

/// An event, as far as patterns may ask.
type Event = BTreeMap<Vec<String>, Leaf>;

/// Decides for several sets.
pub(super) fn catches(pattern: &Pattern, sets: &[Events]) -> Catches {
    let mut open = None;
    for set in sets {
        match catches_set(pattern, set) {
            Catches::Yes => {}
            Catches::No(event) => return Catches::No(event),
            Catches::Undecided(why) => open = open.or(Some(why)),
        }
    }
    open.map_or(Catches::Yes, Catches::Undecided)
}

fn catches_set(pattern: &Pattern, set: &Events) -> Catches {
    if pattern.covers(set) {
        return Catches::Yes;
    }
    let mut why = "the pattern could not be decided for all events".to_owned();
    for event in examples(pattern, set) {
        match pattern.matches(&event) {
            Ok(true) => {}
            Ok(false) => return Catches::No(document(&event)),
            Err(unknown) => why = unknown,
        }
    }
    Catches::Undecided(why)
}

impl Pattern {
    /// Whether every event of the set is proved to match.
    fn covers(&self, set: &Events) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Field(path, operators) => covers_field(operators, set.get(path)),
            Part::Either(branches) => covers_either(branches, set),
        })
    }

    /// Whether an event matches.
    ///
    /// # Errors
    /// Where an operator that is not known decides.
    fn matches(&self, event: &Event) -> Result<bool, String> {
        let mut open = None;
        for part in &self.parts {
            let answer = match part {
                Part::Field(path, operators) => {
                    some(operators.iter().map(|it| it.admits(event.get(path))))
                }
                Part::Either(branches) => some(branches.iter().map(|it| it.matches(event))),
            };
            match answer {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(why) => open = Some(why),
            }
        }
        open.map_or(Ok(true), Err)
    }

    /// Every field that is asked for, with the operators.
    fn fields<'a>(&'a self, found: &mut BTreeMap<&'a [String], Vec<&'a Operator>>) {
        for part in &self.parts {
            match part {
                Part::Field(path, operators) => {
                    found.entry(path).or_default().extend(operators);
                }
                Part::Either(branches) => branches.iter().for_each(|branch| branch.fields(found)),
            }
        }
    }
}

/// Whether one of the answers is yes.
fn some(answers: impl Iterator<Item = Result<bool, String>>) -> Result<bool, String> {
    let mut open = None;
    for answer in answers {
        match answer {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => open = Some(why),
        }
    }
    open.map_or(Ok(false), Err)
}

fn covers_field(operators: &[Operator], values: Option<&Values>) -> bool {
    let any = |holds: &dyn Fn(&Operator) -> bool| operators.iter().any(holds);
    let admits = |leaf: Option<&Leaf>| any(&|it| it.admits(leaf) == Ok(true));
    match values {
        // Any value, or none.
        None => {
            any(&|it| *it == Operator::Exists(true)) && any(&|it| *it == Operator::Exists(false))
        }
        Some(Values::OneOf(leaves)) => leaves.iter().all(|leaf| admits(Some(leaf))),
        Some(Values::Text(_)) => any(&Operator::admits_all_text),
        Some(Values::Like(globs, _)) => {
            any(&|it| it.admits_all_text() || globs.iter().all(|glob| it.admits_glob(glob)))
        }
        Some(Values::OtherThan(values)) => {
            let excluded = |it: &Operator| values.iter().any(|value| *it == equals(value));
            any(&|it| match it {
                Operator::AnythingBut(list) => list.iter().all(excluded),
                other => other.admits_all_text(),
            })
        }
        Some(Values::AtLeast(least)) => any(&|it| it.admits_from(*least)),
        Some(Values::Absent) => admits(None),
    }
}

fn equals(text: &str) -> Operator {
    Operator::Equals(Leaf::Text(text.to_owned()))
}

/// Whether for each choice of the fields with few values one of the branches covers the rest.
fn covers_either(branches: &[Pattern], set: &Events) -> bool {
    if branches.iter().any(|branch| branch.covers(set)) {
        return true;
    }
    let mut asked = BTreeMap::new();
    branches.iter().for_each(|branch| branch.fields(&mut asked));
    let asked: BTreeSet<&[String]> = asked.into_keys().collect();
    let Some(choices) = choices(set, &asked) else { return false };
    choices.len() > 1
        && choices.iter().all(|choice| branches.iter().any(|branch| branch.covers(choice)))
}

/// The set, taken apart by each value of the fields with few values; `None` where that is too much.
fn choices(set: &Events, asked: &BTreeSet<&[String]>) -> Option<Vec<Events>> {
    let mut all = vec![set.clone()];
    for (path, values) in set {
        let Values::OneOf(leaves) = values else { continue };
        if leaves.len() < 2 || !asked.contains(path.as_slice()) {
            continue;
        }
        if all.len() * leaves.len() > MAX_CHOICES {
            return None;
        }
        let apart = |choice: &Events| {
            let one = |leaf: &Leaf| {
                let mut choice = choice.clone();
                choice.insert(path.clone(), Values::OneOf(vec![leaf.clone()]));
                choice
            };
            leaves.iter().map(one).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(apart).collect();
    }
    Some(all)
}

/// Events of the set that are likely not to match: an ordinary one for each choice of the fields with
/// few values, and each of them with one field at a value that the pattern names.
fn examples(pattern: &Pattern, set: &Events) -> Vec<Event> {
    let mut asked = BTreeMap::new();
    pattern.fields(&mut asked);
    let paths: BTreeSet<&[String]> = asked.keys().copied().collect();
    let choices = choices(set, &paths).unwrap_or_else(|| vec![set.clone()]);
    let mut found = Vec::new();
    for choice in &choices {
        let plain: Event =
            choice.iter().filter_map(|(path, it)| Some((path.clone(), it.sample()?))).collect();
        for (path, operators) in &asked {
            let values = operators.iter().flat_map(|it| it.values());
            for value in values.filter(|value| admits(choice.get(*path), value)) {
                let mut event = plain.clone();
                event.insert(path.to_vec(), value);
                found.push(event);
            }
        }
        found.push(plain);
        if found.len() > MAX_CHOICES {
            break;
        }
    }
    found
}

/// Whether a field may have that value.
fn admits(values: Option<&Values>, leaf: &Leaf) -> bool {
    match (values, leaf) {
        (None, _) | (Some(Values::Text(_)), Leaf::Text(_)) => true,
        (Some(Values::OneOf(leaves)), leaf) => leaves.iter().any(|it| it.same(leaf)),
        (Some(Values::OtherThan(values)), Leaf::Text(text)) => !values.contains(text),
        (Some(Values::AtLeast(least)), Leaf::Number(number)) => number >= least,
        _ => false,
    }
}

impl Values {
    /// A value; `None` for a field that is not there.
    fn sample(&self) -> Option<Leaf> {
        match self {
            Self::OneOf(leaves) => leaves.first().cloned(),
            Self::Text(sample) => Some(Leaf::Text(sample.clone())),
            Self::OtherThan(_) => Some(Leaf::Text("another".to_owned())),
            Self::Like(_, samples) => samples.first().map(|it| Leaf::Text(it.clone())),
            Self::AtLeast(least) => Some(Leaf::Number(*least)),
            Self::Absent => None,
        }
    }
}

/// The event as JSON.
fn document(event: &Event) -> Value {
    let mut root = Map::new();
    for (path, leaf) in event {
        let value = match leaf {
            Leaf::Text(text) => json!(text),
            Leaf::Number(number) => json!(number),
            Leaf::Bool(flag) => json!(flag),
        };
        insert(&mut root, path, value);
    }
    Value::Object(root)
}

fn insert(map: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((name, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        map.insert(name.clone(), value);
        return;
    }
    let inner = map.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        insert(inner, rest, value);
    }
}
