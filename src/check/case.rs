//! The cases of a check: each is judged, then judged again with parts of it hidden.
//!
//! *Blinding* proves that a check never takes what was not seen for good or bad: hide any value of
//! what is given, or cut any list short, and the verdict may only stay or become unknown. That holds
//! for the check and for every derived field that it reads.

use serde_json::{Map, Value as Json, json};

use super::definition::{Case, Check};
use super::eval::{Frame, MAX_STEPS};
use super::plan::Truth;
use super::{Bound, CheckId, Outcome, Verdict};
use crate::diagnostic::{Diagnostic, Span};
use crate::inventory::{Builder, Inventory, JsonError, Model, Place, Row, draft_from_json};
use crate::schema::{Scope, Type};

/// The most variants of a case that are judged. There is one for each value, and each is as large as the case: an
/// editor waits for their product.
const MAX_VARIANTS: usize = 3_000;
/// The account and region in which the resource of a case lives.
const CASE_ACCOUNT: &str = "111122223333";
const CASE_REGION: &str = "eu-west-1";

/// What became of the cases of a check.
#[derive(Debug)]
pub struct CaseReport {
    /// The check.
    pub check: CheckId,
    /// Its cases.
    pub cases: Vec<CaseResult>,
    /// What no case shows: assertions that never fail, conditions under `applies_when` that always
    /// hold, kinds of verdicts without a case. Warnings in the check's file.
    pub uncovered: Vec<Diagnostic>,
}

/// What became of a case.
#[derive(Debug)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Its place in the file.
    pub span: Span,
    /// What is not as the case says, one sentence each; empty when all is.
    pub problems: Vec<String>,
    /// The number of variants with something hidden.
    pub blinded: usize,
    /// What the check says; `None` where the case could not be read.
    pub outcome: Option<Outcome>,
}

impl CaseReport {
    /// Whether every case is as it says, blinded or not.
    pub fn passed(&self) -> bool {
        self.cases.iter().all(|case| case.problems.is_empty())
    }

    /// The problems of all cases as errors in the check's file, then what is uncovered.
    pub fn diagnostics(&self, check: &Check) -> Vec<Diagnostic> {
        let problem = |case: &CaseResult, problem: &String| {
            let message = format!("case `{}`: {problem}", case.name);
            Diagnostic::error(&check.file, case.span, message)
        };
        let problems = self
            .cases
            .iter()
            .flat_map(|case| case.problems.iter().map(move |it| problem(case, it)));
        problems.chain(self.uncovered.iter().cloned()).collect()
    }
}

/// Judges the cases of a check and their blinded variants.
pub fn run(check: &Check, model: Model) -> CaseReport {
    let mut coverage = Coverage::new(check);
    let mut cases = Vec::new();
    for case in &check.cases {
        coverage.verdicts.push(case.verdict);
        let result = judge(check, model, case, &case.given, |bound, row| coverage.add(bound, row));
        let mut result = match result {
            Ok(outcome) => CaseResult {
                name: case.name.clone(),
                span: case.span,
                problems: compare(case, &outcome),
                blinded: 0,
                outcome: Some(outcome),
            },
            Err(problems) => CaseResult {
                name: case.name.clone(),
                span: case.span,
                problems,
                blinded: 0,
                outcome: None,
            },
        };
        if result.problems.is_empty() {
            blind(check, model, case, &mut result);
        }
        cases.push(result);
    }
    CaseReport { check: check.id.clone(), cases, uncovered: coverage.missing(check) }
}

/// What no case of a check shows, without a verdict on the cases: see [`CaseReport::uncovered`].
pub fn uncovered(check: &Check, model: Model) -> Vec<Diagnostic> {
    let mut coverage = Coverage::new(check);
    for case in &check.cases {
        coverage.verdicts.push(case.verdict);
        // A case that cannot be judged shows nothing; `run` tells why.
        let _ = judge(check, model, case, &case.given, |bound, row| coverage.add(bound, row));
    }
    coverage.missing(check)
}

/// The first case that fails, as an example, with what the check says of it.
pub fn example(check: &Check, model: Model) -> Option<(&Case, Outcome)> {
    let failing = check.cases.iter().find(|case| case.verdict == Verdict::Fail)?;
    let outcome = judge(check, model, failing, &failing.given, |_, _| {}).ok()?;
    Some((failing, outcome))
}

/// An inventory that holds the resource of a case and nothing else.
///
/// # Errors
/// The places of `given` that do not fit the schema.
pub fn fixture(
    check: &Check,
    model: Model,
    given: &Json,
    now: i64,
) -> Result<Inventory, Vec<JsonError>> {
    let draft = draft_from_json(&Type::Record(check.reference), false, given)?;
    let region = match check.resource.scope() {
        Some(Scope::Region) => CASE_REGION.parse().ok(),
        Some(Scope::Account) | None => None,
    };
    let account = CASE_ACCOUNT.parse().expect("a constant of twelve digits");
    let place = Place { account, region };
    Ok(Builder::fixture(model, check.resource, &place, draft, now))
}

fn judge(
    check: &Check,
    model: Model,
    case: &Case,
    given: &Json,
    observe: impl FnOnce(&Bound<'_>, Row),
) -> Result<Outcome, Vec<String>> {
    let words = |errors: Vec<JsonError>| -> Vec<String> {
        errors.iter().map(ToString::to_string).collect()
    };
    let inventory = fixture(check, model, given, case.now).map_err(words)?;
    let params = check
        .params(&case.params)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let entry = inventory.resources(check.resource).first();
    let entry = entry.ok_or_else(|| vec!["the resource is not in the inventory".to_owned()])?;
    let bound = check.bind(&inventory, &params);
    observe(&bound, entry.row);
    Ok(bound.judge(entry))
}

fn compare(case: &Case, outcome: &Outcome) -> Vec<String> {
    let mut problems = Vec::new();
    if outcome.verdict != case.verdict {
        problems.push(format!(
            "expected {}, found {}{}",
            case.verdict,
            outcome.verdict,
            why(outcome)
        ));
        return problems;
    }
    for (path, value) in &case.evidence {
        match outcome.evidence.iter().find(|it| it.path == *path) {
            Some(found) if found.value == *value => {}
            Some(found) => problems.push(format!("`{path}` is {}, expected {value}", found.value)),
            None => {
                let paths: Vec<&str> = outcome.evidence.iter().map(|it| it.path.as_str()).collect();
                problems.push(format!("no evidence `{path}`, found: {}", paths.join(", ")));
            }
        }
    }
    for words in &case.says {
        if !outcome.messages.iter().any(|message| message.contains(words)) {
            let found = outcome.messages.join(" | ");
            problems.push(format!("no message says `{words}`, found: {found}"));
        }
    }
    problems
}

/// What the outcome tells of its reason, for a problem's sentence.
fn why(outcome: &Outcome) -> String {
    let reasons = outcome.unknown.iter().map(ToString::to_string);
    let words: Vec<String> = outcome.messages.iter().cloned().chain(reasons).collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join("; ")) }
}

fn blind(check: &Check, model: Model, case: &Case, result: &mut CaseResult) {
    let mut failed = 0_usize;
    let variants = variants(&case.given);
    if variants.len() > MAX_VARIANTS {
        let count = variants.len();
        result
            .problems
            .push(format!("too large to blind: {count} variants, the most is {MAX_VARIANTS}"));
        return;
    }
    for (hidden, given) in variants {
        result.blinded += 1;
        let problem = match judge(check, model, case, &given, |_, _| {}) {
            Ok(outcome) if outcome.verdict == Verdict::Unknown && outcome.unknown.is_empty() => {
                "unknown without a reason".to_owned()
            }
            Ok(outcome) if [case.verdict, Verdict::Unknown].contains(&outcome.verdict) => continue,
            Ok(outcome) => format!("{} turns {}{}", case.verdict, outcome.verdict, why(&outcome)),
            Err(problems) => problems.join("; "),
        };
        failed += 1;
        // One mistake shows in many variants.
        if failed <= 3 {
            result.problems.push(format!("blinded {hidden}: {problem}"));
        }
    }
    if failed > 3 {
        result.problems.push(format!("and {} more blinded variants", failed - 3));
    }
}

/// Every variant of a document in which one value is hidden or one list cut short, and what it is.
pub fn variants(given: &Json) -> impl ExactSizeIterator<Item = (String, Json)> {
    let mut places = Vec::new();
    find_places(given, &mut Vec::new(), &mut places);
    places.into_iter().map(|place| {
        let described = place.describe();
        let mut variant = given.clone();
        place.hide(&mut variant);
        (described, variant)
    })
}

/// A step into a document.
#[derive(Debug, Clone)]
enum Step {
    Name(String),
    Item(usize),
}

/// A value to hide, or a list to cut after so many items.
struct HidingPlace {
    path: Vec<Step>,
    cut: Option<usize>,
}

impl HidingPlace {
    fn describe(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) if text.is_empty() => text.push_str(name),
                Step::Name(name) => text.push_str(&format!(".{name}")),
                Step::Item(place) => text.push_str(&format!("[{place}]")),
            }
        }
        match self.cut {
            Some(after) => format!("`{text}` after {after} items"),
            None => format!("`{text}`"),
        }
    }

    fn hide(&self, document: &mut Json) {
        let unknown = json!({"$unknown": "hidden by blinding"});
        let mut at = document;
        for step in &self.path {
            let next = match step {
                Step::Name(name) => at.get_mut(name),
                Step::Item(place) => at.get_mut(place),
            };
            let Some(next) = next else { return };
            at = next;
        }
        match (self.cut, at) {
            (Some(after), Json::Array(items)) => {
                items.truncate(after);
                items.push(unknown);
            }
            (_, at) => *at = unknown,
        }
    }
}

fn find_places(json: &Json, path: &mut Vec<Step>, places: &mut Vec<HidingPlace>) {
    let children: Vec<(Step, &Json)> = match json {
        Json::Object(object) if is_unknown(object) => return,
        Json::Object(object) => {
            object.iter().map(|(name, value)| (Step::Name(name.clone()), value)).collect()
        }
        Json::Array(items) => {
            for after in 0..=items.len() {
                places.push(HidingPlace { path: path.clone(), cut: Some(after) });
            }
            items.iter().enumerate().map(|(place, item)| (Step::Item(place), item)).collect()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => return,
    };
    for (step, child) in children {
        path.push(step);
        places.push(HidingPlace { path: path.clone(), cut: None });
        find_places(child, path, places);
        path.pop();
    }
}

fn is_unknown(object: &Map<String, Json>) -> bool {
    object.contains_key("$unknown")
}

/// What the cases show of a check.
struct Coverage {
    applies_when: Vec<bool>,
    expect: Vec<bool>,
    verdicts: Vec<Verdict>,
}

impl Coverage {
    fn new(check: &Check) -> Self {
        Self {
            applies_when: vec![false; check.program.applies_when.len()],
            expect: vec![false; check.program.expect.len()],
            verdicts: Vec::new(),
        }
    }

    fn add(&mut self, bound: &Bound<'_>, row: Row) {
        let eval = bound.eval();
        let frame = &mut Frame::new(row, MAX_STEPS);
        for (seen, condition) in self.applies_when.iter_mut().zip(&bound.applies_when) {
            *seen |= eval.truth(condition, frame) == Truth::False;
        }
        if bound.applies(eval, frame) == Truth::True {
            for (seen, assertion) in self.expect.iter_mut().zip(&bound.expect) {
                *seen |= assertion.truth(eval, frame) == Truth::False;
            }
        }
    }

    fn missing(&self, check: &Check) -> Vec<Diagnostic> {
        let mut missing = Vec::new();
        let mut warn = |span, message: String| {
            missing.push(Diagnostic::warning(&check.file, span, message));
        };
        for verdict in [Verdict::Pass, Verdict::Fail, Verdict::Unknown] {
            if !self.verdicts.contains(&verdict) {
                warn(check.id_span, format!("no case has the verdict {verdict}"));
            }
        }
        for (seen, condition) in self.applies_when.iter().zip(&check.program.applies_when) {
            if !seen {
                warn(condition.span, "no case makes this condition false".into());
            }
        }
        for (seen, assertion) in self.expect.iter().zip(&check.program.expect) {
            if !seen {
                warn(assertion.span, "no case makes this assertion fail".into());
            }
        }
        missing
    }
}
