//! From a check file as written to a [`Check`], or to all the mistakes in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::CheckId;
use super::definition::{Assertion, AssertionText, Case, Check, Logic, Program, Subject};
use super::params::{Param, ParamType, Params};
use super::passage::Passage;
use super::remedy::{self, Elements, Remedy};
use super::source::{self, AssertionSource, CaseSource, CheckFile, Form, ParamSource, Text};
use super::syntax::{BinaryOp, Expr, ExprKind, Word, parse};
use super::template::{Template, has_words};
use super::types::{Const, Ty};
use super::typing::{Let, Typer};
use super::yaml::Node as Yaml;
use crate::diagnostic::{Diagnostic, Level, SourceFile, Span, nearest};
use crate::inventory::draft_from_json;
use crate::schema::{Catalog, RecordRef, RecordType, Type};

/// The time of the scan in cases that name none: 2026-11-24T00:00:00Z.
pub const CASE_NOW: i64 = 1_795_478_400;

/// Reads a check. Warnings may come with it; with errors there is no check.
pub fn compile(file: &Arc<SourceFile>, catalog: Catalog) -> (Option<Check>, Vec<Diagnostic>) {
    let (source, diagnostics) = source::read(file);
    let mut compiler = Compiler { file, diagnostics };
    let check = source.and_then(|source| compiler.check(&source, catalog));
    let mut diagnostics = compiler.diagnostics;
    diagnostics.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
    let broken = diagnostics.iter().any(|it| it.level == Level::Error);
    (check.filter(|_| !broken), diagnostics)
}

struct Compiler<'a> {
    file: &'a Arc<SourceFile>,
    diagnostics: Vec<Diagnostic>,
}

impl Compiler<'_> {
    fn report(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.diagnostics.push(Diagnostic::error(self.file, span, message).maybe_help(help));
    }

    fn check(&mut self, source: &CheckFile, catalog: Catalog) -> Option<Check> {
        let id = source.id.as_ref().and_then(|it| self.id(it));
        let implied_by = source.implied_by.iter().filter_map(|it| self.check_id(it)).collect();
        let params: Arc<[Param]> = self.params(&source.params).into();
        for control in &source.controls {
            self.control(control);
        }
        let reference = self.resource(source.resource.as_ref()?, catalog)?;
        let resource = reference.get();
        let named = |name: &str| params.iter().any(|param| param.name == name);
        // What is wrong with these was told, and is not told again where they are used.
        let broken = source.params.iter().map(|(name, _)| name.value.as_str());
        let broken: BTreeSet<&str> = broken.filter(|name| !named(name)).collect();
        let program = self.program(source, resource, &params, &broken);
        let cases: Vec<_> =
            source.tests.iter().map(|case| self.case(case, reference, &params, &broken)).collect();
        let spans = |texts: &[Text]| texts.iter().map(|text| text.span).collect();
        let texts = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect();
        let remedy = |(kind, text): &(Text, Passage)| Remedy {
            kind: kind.value.clone(),
            text: text.text.trim_end().to_owned(),
        };
        Some(Check {
            id: id?,
            title: source.title.as_ref()?.value.clone(),
            description: source.description.trim().to_owned(),
            risk: source.risk.trim().to_owned(),
            severity: source.severity?,
            resource,
            categories: texts(&source.categories),
            tags: texts(&source.tags),
            params,
            remediation: source.remediation.iter().map(remedy).collect(),
            controls: texts(&source.controls),
            same_as: source
                .same_as
                .iter()
                .map(|(peer, ids)| (peer.value.clone(), texts(ids)))
                .collect(),
            iac: texts(&source.iac),
            links: texts(&source.links),
            implied_by,
            cases: cases.into_iter().collect::<Option<_>>()?,
            logic: logic(source),
            reference,
            id_span: source.id.as_ref()?.span,
            title_span: source.title.as_ref()?.span,
            control_spans: spans(&source.controls),
            cause_spans: spans(&source.implied_by),
            file: Arc::clone(self.file),
            program: program?,
        })
    }

    fn check_id(&mut self, text: &Text) -> Option<CheckId> {
        match text.value.parse() {
            Ok(id) => Some(id),
            Err(error) => {
                self.report(text.span, error.to_string(), None);
                None
            }
        }
    }

    fn id(&mut self, text: &Text) -> Option<CheckId> {
        let id = self.check_id(text)?;
        let name = self.file.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
        match stem {
            Some(stem) if stem != id.as_str() => {
                let message = format!("the id is `{id}`, the file is named `{name}`");
                self.report(text.span, message, Some("give both the same name".into()));
                None
            }
            Some(_) | None => Some(id),
        }
    }

    fn control(&mut self, control: &Text) {
        let parts = control.value.split_once('/');
        if !parts.is_some_and(|(framework, requirement)| {
            !framework.is_empty() && !requirement.is_empty()
        }) {
            let message = format!("`{}` is no control", control.value);
            let help = "write framework/requirement, such as cis-aws-7.0/6.2";
            self.report(control.span, message, Some(help.into()));
        }
    }

    fn resource(&mut self, name: &Text, catalog: Catalog) -> Option<RecordRef> {
        let found = catalog.0.iter().copied().find(|record| record.get().name == name.value);
        if found.is_none() {
            let message = format!("there is no resource type `{}`", name.value);
            self.report(name.span, message, suggest_type(&name.value, catalog));
        }
        found
    }

    fn params(&mut self, sources: &[(Text, ParamSource)]) -> Vec<Param> {
        sources.iter().filter_map(|(name, source)| self.param(name, source)).collect()
    }

    fn param(&mut self, name: &Text, source: &ParamSource) -> Option<Param> {
        if !is_name(&name.value) {
            let help = "lower-case words joined by `_`";
            self.report(name.span, format!("`{}` is no name", name.value), Some(help.into()));
        }
        let ty = match ParamType::parse(&source.ty.value) {
            Ok(ty) => ty,
            Err((message, help)) => {
                self.report(source.ty.span, message, help);
                return None;
            }
        };
        let item = match &ty {
            ParamType::List(item) => item,
            other => other,
        };
        let mut bound = |node: &Option<Yaml>| {
            let node = node.as_ref()?;
            match item.read(&node.to_json()) {
                Ok(Const::Int(bound) | Const::Duration(bound)) => Some(bound),
                Ok(_) => {
                    self.report(node.span, format!("{item} has no least or greatest value"), None);
                    None
                }
                Err(why) => {
                    self.report(node.span, why, None);
                    None
                }
            }
        };
        let (min, max) = (bound(&source.min), bound(&source.max));
        let mut one_of = Vec::new();
        for node in &source.one_of {
            match item.read(&node.to_json()) {
                Ok(value) => one_of.push(value),
                Err(why) => self.report(node.span, why, None),
            }
        }
        let default = match ty.read(&source.default.to_json()) {
            Ok(default) => default,
            Err(why) => {
                self.report(source.default.span, why, None);
                return None;
            }
        };
        let about = source.about.trim().to_owned();
        let param = Param { name: name.value.clone(), ty, default, min, max, one_of, about };
        if let Err(why) = param.check(&param.default) {
            self.report(source.default.span, format!("the default does not fit: {why}"), None);
        }
        Some(param)
    }

    fn program(
        &mut self,
        source: &CheckFile,
        resource: &'static RecordType,
        params: &[Param],
        broken: &BTreeSet<&str>,
    ) -> Option<Program> {
        // Where something is wrong, not every expression is looked at.
        let whole = self.diagnostics.iter().all(|it| it.level != Level::Error);
        let lets = self.lets(source, resource);
        let mut typer = Typer::new(self.file, resource, params, broken, &lets);
        let applies_when: Vec<_> = source
            .applies_when
            .iter()
            .map(|passage| {
                let typed = parsed(&mut typer, passage).and_then(|expr| typer.condition(&expr));
                if let Some(typed) = &typed {
                    typer.learn(typed, true);
                }
                typed
            })
            .collect();
        let mut elements = Vec::new();
        let expect: Vec<_> = source
            .expect
            .iter()
            .map(|it| typer.scoped(|typer| assertion(typer, it, &mut elements)))
            .collect();
        let show: Vec<_> = source
            .show
            .iter()
            .map(|passage| {
                let expr = parsed(&mut typer, passage)?;
                let text = passage.text.trim().to_owned();
                let typed = typer.leniently(|typer| typer.expr(&expr))?;
                // Of a list that is a field evidence tells the number of items.
                let counted = matches!(typed.ty, Ty::List(_)) && typed.path().is_some();
                (counted || has_words(&typed, &mut typer)).then_some((text, typed))
            })
            .collect();
        let blanks = remedy::blanks(&mut typer, source, resource, &elements);
        typer.finish(whole);
        let whole = whole && typer.diagnostics.is_empty();
        for ((name, _), place) in source.params.iter().zip(0..) {
            if whole && !typer.uses_param(place) {
                let message = format!("parameter `{}` is never used", name.value);
                typer.diagnostics.push(Diagnostic::warning(self.file, name.span, message));
            }
        }
        self.diagnostics.append(&mut typer.diagnostics);
        Some(Program {
            applies_when: applies_when.into_iter().collect::<Option<_>>()?,
            expect: expect.into_iter().collect::<Option<_>>()?,
            show: show.into_iter().collect::<Option<_>>()?,
            blanks,
        })
    }

    fn lets(&mut self, source: &CheckFile, resource: &RecordType) -> Vec<Let> {
        let mut lets = Vec::new();
        for (name, passage) in &source.lets {
            if !is_name(&name.value) {
                let help = "lower-case words joined by `_`";
                self.report(name.span, format!("`{}` is no name", name.value), Some(help.into()));
            } else if name.value == resource.alias || name.value == "params" {
                let message = format!("`{}` already has a meaning here", name.value);
                self.report(name.span, message, Some("choose another name".into()));
            }
            match parse(passage) {
                Ok(expr) => {
                    let name = Word { text: name.value.clone(), span: name.span };
                    lets.push(Let { name, expr });
                }
                Err(error) => self.diagnostics.push(error),
            }
        }
        lets
    }

    fn case(
        &mut self,
        source: &CaseSource,
        resource: RecordRef,
        params: &Arc<[Param]>,
        broken: &BTreeSet<&str>,
    ) -> Option<Case> {
        let given = source.given.as_ref().map(Yaml::to_json);
        let read = given.as_ref().map(|it| draft_from_json(&Type::Record(resource), false, it));
        for error in read.and_then(Result::err).unwrap_or_default() {
            let given = source.given.as_ref();
            let span = given.map_or(source.span, |it| it.locate(&error.path, error.at_key));
            self.report(span, error.message, error.help);
        }
        let overrides: BTreeMap<String, Json> =
            source.params.iter().map(|it| (it.key.clone(), it.value.to_json())).collect();
        let errors = Params::new(params, &overrides).err().unwrap_or_default();
        for error in errors.into_iter().filter(|it| !broken.contains(it.param.as_str())) {
            let entry = source.params.iter().find(|entry| entry.key == error.param);
            let span = entry.map_or(source.span, |entry| {
                if error.at_key { entry.key_span } else { entry.value.span }
            });
            self.report(span, error.message, error.help);
        }
        let now = source.now.as_ref().and_then(|now| match now.value.parse::<Timestamp>() {
            Ok(time) => Some(time.as_second()),
            Err(_) => {
                let message = format!("`{}` is no timestamp", now.value);
                self.report(now.span, message, Some("write it as 2026-11-24T00:00:00Z".into()));
                None
            }
        });
        let evidence = source.evidence.iter();
        Some(Case {
            name: source.name.as_ref()?.value.clone(),
            span: source.span,
            given: given?,
            params: overrides,
            now: now.unwrap_or(CASE_NOW),
            verdict: source.verdict?,
            evidence: evidence.map(|it| (it.key.clone(), it.value.to_json())).collect(),
            says: source.says.iter().map(|text| text.value.clone()).collect(),
        })
    }
}

/// Advice for a type that is not there. Only the last part of a name tells types apart.
fn suggest_type(name: &str, catalog: Catalog) -> Option<String> {
    let last = |name: &'static str| name.rsplit("::").next().unwrap_or(name);
    if let Some(record) = catalog.iter().find(|record| record.alias == name) {
        return Some(format!("did you mean `{}`?", record.name));
    }
    let part = name.rsplit("::").next().unwrap_or(name);
    let near = nearest(part, catalog.iter().map(|record| last(record.name)));
    let near = near.and_then(|near| catalog.iter().find(|record| last(record.name) == near));
    if let Some(record) = near {
        return Some(format!("did you mean `{}`?", record.name));
    }
    let service = name.rsplit_once("::")?.0;
    let same =
        catalog.iter().filter(|it| it.name.rsplit_once("::").map(|it| it.0) == Some(service));
    let names: Vec<&str> = same.map(|record| record.name).collect();
    (!names.is_empty()).then(|| format!("known of this service: {}", names.join(", ")))
}

/// Whether it is a name: lower-case letters, digits and `_`, beginning with a letter.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn parsed(typer: &mut Typer<'_>, passage: &Passage) -> Option<Expr> {
    parse(passage).map_err(|error| typer.diagnostics.push(error)).ok()
}

fn assertion(
    typer: &mut Typer<'_>,
    source: &AssertionSource,
    elements: &mut Elements,
) -> Option<Assertion> {
    let when = match &source.when {
        None => Some(None),
        Some(passage) => {
            let typed = parsed(typer, passage).and_then(|expr| typer.condition(&expr));
            if let Some(typed) = &typed {
                typer.learn(typed, true);
            }
            typed.map(Some)
        }
    };
    let (subject, otherwise) = match source.form {
        Form::That => {
            let condition = parsed(typer, &source.subject).and_then(|expr| typer.condition(&expr));
            if let Some(condition) = &condition {
                typer.learn(condition, false);
            }
            let otherwise = Template::compile(&source.otherwise, typer);
            (condition.map(Subject::That), otherwise)
        }
        form => quantified(typer, source, form, elements),
    };
    Some(Assertion { span: source.span, when: when?, subject: subject?, otherwise: otherwise? })
}

fn quantified(
    typer: &mut Typer<'_>,
    source: &AssertionSource,
    form: Form,
    elements: &mut Elements,
) -> (Option<Subject>, Option<Template>) {
    let Some((name, list)) = element_of(typer, source) else {
        // What does not depend on the element can still be looked at.
        for passage in source.filter.iter() {
            parsed(typer, passage);
        }
        return (None, None);
    };
    let Ty::List(item) = list.ty.clone() else {
        let message = format!("`{}` needs a list, found {}", form.as_str(), list.ty);
        typer.report(list.span, message, None);
        return (None, None);
    };
    elements.push((name.text.clone(), (*item).clone()));
    let mut otherwise = None;
    let subject = typer.with_element(&name, *item, |typer, var| {
        let filter = match &source.filter {
            None => Some(None),
            Some(passage) => {
                parsed(typer, passage).and_then(|expr| typer.condition(&expr)).map(Some)
            }
        };
        // One message an element: what is known of a failing element holds in it.
        match (form, &filter) {
            (Form::None, Some(Some(filter))) => typer.learn(filter, true),
            (Form::Every, Some(Some(filter))) => typer.learn(filter, false),
            _ => {}
        }
        if matches!(form, Form::None | Form::Every) {
            otherwise = Template::compile(&source.otherwise, typer);
        }
        Some(Subject::Elements { form, name: name.text.clone(), list, var, filter: filter? })
    });
    // Some and one fail as a whole: no element is the one to blame.
    if matches!(form, Form::Some | Form::One) {
        otherwise = Template::compile(&source.otherwise, typer);
    }
    (subject, otherwise)
}

/// The name and the list of `x in list`.
fn element_of(
    typer: &mut Typer<'_>,
    source: &AssertionSource,
) -> Option<(Word, super::typed::Typed)> {
    let expr = parsed(typer, &source.subject)?;
    if let ExprKind::Binary(BinaryOp::In, name, list) = &expr.kind
        && let ExprKind::Name(text) = &name.kind
    {
        let word = Word { text: text.clone(), span: name.span };
        return typer.operand(list).map(|list| (word, list));
    }
    let form = source.form.as_str();
    let message = format!("`{form}` takes a name and a list: `{form}: x in list`");
    let help = "a condition goes under `that`, or under `where`";
    typer.report(expr.span, message, Some(help.into()));
    None
}

fn logic(source: &CheckFile) -> Logic {
    let text = |passage: &Passage| passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let assertion = |it: &AssertionSource| AssertionText {
        form: it.form.as_str(),
        subject: text(&it.subject),
        filter: it.filter.as_ref().map(text),
        when: it.when.as_ref().map(text),
        otherwise: text(&it.otherwise),
    };
    Logic {
        applies_when: source.applies_when.iter().map(text).collect(),
        lets: source.lets.iter().map(|(name, it)| (name.value.clone(), text(it))).collect(),
        expect: source.expect.iter().map(assertion).collect(),
    }
}
