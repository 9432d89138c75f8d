//! The type checker: from an expression as written to one whose names and types are resolved.
//!
//! It follows what conditions say of optional fields: after `has(bucket.policy) and` the policy is
//! there. A field that may be absent and is not guarded is an error, so *not configured* can never
//! be taken for *unknown*. It reports all mistakes and goes on after each.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use regex::Regex;

use super::params::Param;
use super::syntax::{Expr, ExprKind, KEYWORDS, Word};
use super::typed::{FieldRef, MAX_VARS, Node, Typed, Var};
use super::types::{Const, Ty};
use crate::diagnostic::{Diagnostic, SourceFile, Span, did_you_mean, nearest};
use crate::schema::RecordType;

mod calls;
mod operators;

/// The most parts that the expressions of a check may have, names under `let` unfolded.
const MAX_NODES: usize = 20_000;

/// How deep a part may be within others, names under `let` unfolded: whatever walks an expression later does so
/// on the stack. An expression by itself may have half of it.
const MAX_DEPTH: usize = 128;

/// A name under `let`.
pub struct Let {
    /// The name.
    pub name: Word,
    /// What it stands for.
    pub expr: Expr,
}

/// What stands for *this was reported already; go on*.
type Checked = Option<Typed>;

/// A path of which it is known that it is there: the variable and the places of the fields.
type Fact = (usize, Vec<usize>);

struct Local {
    name: String,
    ty: Ty,
    var: Var,
}

/// Checks the expressions of one file.
pub struct Typer<'a> {
    file: &'a Arc<SourceFile>,
    root: &'static RecordType,
    params: &'a [Param],
    /// The names of parameters that are declared with a mistake.
    broken: &'a BTreeSet<&'a str>,
    lets: &'a [Let],
    scope: Vec<Local>,
    /// Locals before this one cannot be named: those around the use of a `let`.
    visible_from: usize,
    facts: Vec<Fact>,
    open_lets: Vec<usize>,
    used_lets: BTreeSet<usize>,
    used_params: BTreeSet<usize>,
    next_id: usize,
    nodes: usize,
    depth: usize,
    /// Whether it was reported already that there are too many parts, or too deep ones.
    too_large: bool,
    /// The regular expressions so far, by their text.
    patterns: HashMap<String, Regex>,
    /// In messages a value that is not there is shown as such and needs no guard.
    lenient: bool,
    /// The mistakes so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Typer<'a> {
    /// A type checker for checks of that type of resource.
    pub fn new(
        file: &'a Arc<SourceFile>,
        root: &'static RecordType,
        params: &'a [Param],
        broken: &'a BTreeSet<&'a str>,
        lets: &'a [Let],
    ) -> Self {
        let resource = Local {
            name: root.alias.to_owned(),
            ty: Ty::Record(root),
            var: Var { slot: 0, id: 0 },
        };
        Self {
            file,
            root,
            params,
            broken,
            lets,
            scope: vec![resource],
            visible_from: 1,
            facts: Vec::new(),
            open_lets: Vec::new(),
            used_lets: BTreeSet::new(),
            used_params: BTreeSet::new(),
            next_id: 1,
            nodes: 0,
            depth: 0,
            too_large: false,
            patterns: HashMap::new(),
            lenient: false,
            diagnostics: Vec::new(),
        }
    }

    /// A condition.
    pub fn condition(&mut self, expr: &Expr) -> Checked {
        let typed = self.operand(expr)?;
        match &typed.ty {
            Ty::Bool => Some(typed),
            ty => {
                let help = match ty {
                    Ty::List(_) => Some("ask `x.exists(…)`, `x.all(…)` or `size(x) > 0`"),
                    Ty::Record(_) => Some("ask for one of its fields"),
                    _ => None,
                };
                let message = format!("expected a condition, found {ty}");
                self.fail(expr.span, message, help.map(str::to_owned))
            }
        }
    }

    /// An expression whose value is used, so it must be there.
    pub fn operand(&mut self, expr: &Expr) -> Checked {
        let typed = self.expr(expr)?;
        let Some(field) = self.unguarded(&typed) else { return Some(typed) };
        let name = field.field.name;
        let span = match &expr.kind {
            ExprKind::Member(_, word) => word.span,
            _ => expr.span,
        };
        let path = self.file.text.get(expr.span.range()).unwrap_or(name).trim();
        let help = format!("guard it: `has({path}) and …`, or `when: has({path})`");
        self.fail(span, format!("`{name}` may be not set"), Some(help))
    }

    /// The field that an expression ends with, if nothing says that it is there.
    fn unguarded(&self, typed: &Typed) -> Option<FieldRef> {
        let Node::Field(_, field) = &typed.node else { return None };
        if !field.field.optional || self.lenient {
            return None;
        }
        let (var, places) = typed.path()?;
        (!self.facts.contains(&(var.id, places))).then_some(*field)
    }

    /// An expression whose value may be absent.
    pub fn expr(&mut self, expr: &Expr) -> Checked {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.depth == MAX_DEPTH {
            self.too_large(expr.span);
            return None;
        }
        self.depth += 1;
        let typed = self.part(expr);
        self.depth -= 1;
        typed
    }

    /// Says once that a check is too large.
    fn too_large(&mut self, span: Span) {
        if std::mem::replace(&mut self.too_large, true) {
            return;
        }
        let message = if self.nodes > MAX_NODES {
            format!("the expressions of this check have more than {MAX_NODES} parts")
        } else {
            format!("this is more than {MAX_DEPTH} levels deep")
        };
        let help = "each name under `let` counts with all that it stands for";
        self.report(span, message, Some(help.into()));
    }

    fn part(&mut self, expr: &Expr) -> Checked {
        let span = expr.span;
        let make = |ty, node| Some(Typed { ty, span, node });
        match &expr.kind {
            ExprKind::Bool(value) => make(Ty::Bool, Node::Const(Const::Bool(*value))),
            ExprKind::Int(value) => make(Ty::Int, Node::Const(Const::Int(*value))),
            ExprKind::Text(text) => make(Ty::Text, Node::Const(Const::Text(text.clone()))),
            ExprKind::Name(name) => self.name(name, span),
            ExprKind::List(items) => self.list(items, span),
            ExprKind::Not(inner) => {
                let inner = self.condition(inner)?;
                make(Ty::Bool, Node::Not(Box::new(inner)))
            }
            ExprKind::Negative(inner) => self.negative(inner, span),
            ExprKind::And(items) => self.junction(items, true, span),
            ExprKind::Or(items) => self.junction(items, false, span),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span),
            ExprKind::Member(base, word) => self.member(base, word, span),
            ExprKind::Call(None, name, args) => self.function(name, args, span),
            ExprKind::Call(Some(base), name, args) => self.method(base, name, args, span),
        }
    }

    fn junction(&mut self, items: &[Expr], all: bool, span: Span) -> Checked {
        let known = self.facts.len();
        let mut typed = Vec::with_capacity(items.len());
        for item in items {
            let item = self.condition(item);
            if let Some(item) = &item {
                self.learn(item, all);
            }
            typed.push(item);
        }
        self.facts.truncate(known);
        let items = typed.into_iter().collect::<Option<Vec<_>>>()?;
        let node = if all { Node::And(items) } else { Node::Or(items) };
        Some(Typed { ty: Ty::Bool, span, node })
    }

    fn name(&mut self, name: &str, span: Span) -> Checked {
        let locals = self.scope.iter().enumerate().rev();
        let mut visible = locals.filter(|(place, _)| *place == 0 || *place >= self.visible_from);
        if let Some((_, local)) = visible.find(|(_, local)| local.name == name) {
            return Some(Typed { ty: local.ty.clone(), span, node: Node::Var(local.var) });
        }
        if let Some(place) = self.lets.iter().position(|it| it.name.text == name) {
            return self.unfold(place, span);
        }
        if name == "params" {
            return self.fail(span, "name a parameter: `params.…`", None);
        }
        let alias = self.root.alias;
        let help = if self.root.field(name).is_some() {
            Some(format!("did you mean `{alias}.{name}`?"))
        } else {
            let names = self.names();
            did_you_mean(name, names.iter().map(String::as_str))
                .or_else(|| Some(format!("known here: {}", names.join(", "))))
        };
        self.fail(span, format!("nothing is named `{name}` here"), help)
    }

    /// Every name that means something here.
    fn names(&self) -> Vec<String> {
        let locals = self.scope.iter().enumerate();
        locals
            .filter(|(place, _)| *place == 0 || *place >= self.visible_from)
            .map(|(_, local)| local.name.clone())
            .chain(self.lets.iter().map(|it| it.name.text.clone()))
            .chain((!self.params.is_empty()).then(|| "params".to_owned()))
            .collect()
    }

    /// A name under `let` is checked where it is used, with what is known there.
    fn unfold(&mut self, place: usize, span: Span) -> Checked {
        self.used_lets.insert(place);
        let it = self.lets.get(place)?;
        if self.open_lets.contains(&place) {
            let message = format!("`{}` is defined by itself", it.name.text);
            return self.fail(it.name.span, message, None);
        }
        self.open_lets.push(place);
        let visible_from = std::mem::replace(&mut self.visible_from, self.scope.len());
        let typed = self.expr(&it.expr);
        self.visible_from = visible_from;
        self.open_lets.pop();
        typed.map(|typed| Typed { span, ..typed })
    }

    fn member(&mut self, base: &Expr, word: &Word, span: Span) -> Checked {
        if let ExprKind::Name(name) = &base.kind
            && name == "params"
        {
            return self.param(word, span);
        }
        let base = self.operand(base)?;
        let Ty::Record(record) = base.ty else {
            let help = match &base.ty {
                Ty::List(_) => Some("ask about its elements: `.exists(x, …)` or `.all(x, …)`"),
                _ => None,
            };
            let message = format!("{} has no field `{}`", base.ty, word.text);
            return self.fail(word.span, message, help.map(str::to_owned));
        };
        match record.field(&word.text) {
            Some((place, field)) => {
                let ty = Ty::of(&field.ty);
                let field = FieldRef { place, record, field };
                Some(Typed { ty, span, node: Node::Field(Box::new(base), field) })
            }
            None => {
                let known = record.fields.iter().map(|field| field.name);
                let help = did_you_mean(&word.text, known.clone()).or_else(|| {
                    let names: Vec<&str> = known.collect();
                    Some(format!("its fields: {}", names.join(", ")))
                });
                self.fail(word.span, format!("{} has no field `{}`", record.name, word.text), help)
            }
        }
    }

    fn param(&mut self, word: &Word, span: Span) -> Checked {
        let params = self.params;
        match params.iter().position(|param| param.name == word.text) {
            Some(place) => {
                self.used_params.insert(place);
                let ty = params.get(place)?.ty.ty();
                Some(Typed { ty, span, node: Node::Param(place) })
            }
            None if self.broken.contains(word.text.as_str()) => None,
            None => {
                let help = did_you_mean(&word.text, params.iter().map(|it| it.name.as_str()));
                self.fail(word.span, format!("there is no parameter `{}`", word.text), help)
            }
        }
    }

    /// Checks something in which a variable stands for the elements of a list.
    pub fn with_element<T>(
        &mut self,
        name: &Word,
        ty: Ty,
        check: impl FnOnce(&mut Self, Var) -> Option<T>,
    ) -> Option<T> {
        let taken = KEYWORDS.contains(&name.text.as_str())
            || name.text == "params"
            || self.names().contains(&name.text);
        if taken {
            let message = format!("`{}` already has a meaning here", name.text);
            self.report(name.span, message, Some("choose another name".into()));
            return None;
        }
        let slot = self.scope.len();
        if slot >= MAX_VARS {
            let message = format!("elements of elements, more than {} levels deep", MAX_VARS - 1);
            self.report(name.span, message, Some("name the inner part under `let`".into()));
            return None;
        }
        let var = Var { slot, id: self.next_id };
        self.next_id += 1;
        self.scope.push(Local { name: name.text.clone(), ty, var });
        let checked = check(self, var);
        self.scope.pop();
        checked
    }

    /// Checks something where only the place counts, not whether it is there.
    pub fn leniently<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.lenient, true);
        let checked = check(self);
        self.lenient = before;
        checked
    }

    /// From now on a condition is known to be true or false.
    pub fn learn(&mut self, condition: &Typed, truth: bool) {
        match (&condition.node, truth) {
            (Node::Has(path), true) => {
                if let Some((var, places)) = path.path() {
                    self.facts.push((var.id, places));
                }
            }
            (Node::Not(inner), truth) => self.learn(inner, !truth),
            (Node::And(items), true) => items.iter().for_each(|item| self.learn(item, true)),
            (Node::Or(items), false) => items.iter().for_each(|item| self.learn(item, false)),
            _ => {}
        }
    }

    /// Checks something and forgets what was learnt in it.
    pub fn scoped<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.facts.len();
        let checked = check(self);
        self.facts.truncate(known);
        checked
    }

    /// Checks the names under `let` that nothing used, and warns of them where the `whole` file was looked at.
    pub fn finish(&mut self, whole: bool) {
        for (place, it) in self.lets.iter().enumerate() {
            // In a check that is too large not all uses were met.
            if !self.used_lets.contains(&place) && !self.too_large {
                self.unfold(place, it.name.span);
                if whole {
                    let message = format!("`{}` is never used", it.name.text);
                    self.diagnostics.push(Diagnostic::warning(self.file, it.name.span, message));
                }
            }
        }
        // The same mistake is met wherever a `let` is used.
        let mut seen = BTreeSet::new();
        self.diagnostics.retain(|it| seen.insert((it.span, it.message.clone())));
    }

    /// Whether an expression reads the parameter declared at that place.
    pub fn uses_param(&self, place: usize) -> bool {
        self.used_params.contains(&place)
    }

    /// Notes a mistake.
    pub fn report(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.diagnostics.push(Diagnostic::error(self.file, span, message).maybe_help(help));
    }

    fn fail(&mut self, span: Span, message: impl Into<String>, help: Option<String>) -> Checked {
        self.report(span, message, help);
        None
    }
}

/// The most words that advice lists.
const MAX_WORDS: usize = 15;

/// Advice for a word that is none of a list: the nearest one, or all of them.
fn one_of(word: &str, words: &[&str]) -> String {
    let all = || {
        let shown: Vec<&str> = words.iter().copied().take(MAX_WORDS).collect();
        let more = if words.len() > MAX_WORDS { ", …" } else { "" };
        format!("one of {}{more}", shown.join(", "))
    };
    nearest(word, words.iter().copied()).map_or_else(all, |near| format!("did you mean `{near}`?"))
}
