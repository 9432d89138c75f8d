//! The types of functions, the closed list of them.

use regex::{Regex, RegexBuilder};

use super::{Checked, Typer};
use crate::check::functions::{FUNCTIONS, Receiver};
use crate::check::syntax::{Expr, ExprKind, Word};
use crate::check::typed::{ArnPart, Covers, FieldRef, Node, PortTest, Quantifier, TextTest, Typed};
use crate::check::types::{Const, PortRange, Ty, parse_duration};
use crate::diagnostic::{Span, did_you_mean};

/// The largest compiled regular expression, in bytes.
const MAX_REGEX: usize = 1 << 20;

impl Typer<'_> {
    pub(super) fn function(&mut self, name: &Word, args: &[Expr], span: Span) -> Checked {
        match (name.text.as_str(), args) {
            ("has", [path]) => self.has(path, span),
            ("now", []) => Some(Typed { ty: Ty::Time, span, node: Node::Now }),
            ("duration", [text]) => self.duration(text, span),
            ("size", [list]) => {
                let list = self.operand(list)?;
                match &list.ty {
                    Ty::List(_) => {
                        Some(Typed { ty: Ty::Int, span, node: Node::Size(Box::new(list)) })
                    }
                    ty => self.fail(list.span, format!("size() takes a list, found {ty}"), None),
                }
            }
            ("ageDays", [time]) => {
                let time = self.operand(time)?;
                match &time.ty {
                    Ty::Time => {
                        Some(Typed { ty: Ty::Int, span, node: Node::AgeDays(Box::new(time)) })
                    }
                    ty => {
                        let message = format!("ageDays() takes a timestamp, found {ty}");
                        self.fail(time.span, message, None)
                    }
                }
            }
            ("account", [arn]) => self.arn_part(ArnPart::Account, arn, span),
            ("region", [arn]) => self.arn_part(ArnPart::Region, arn, span),
            ("partition", [arn]) => self.arn_part(ArnPart::Partition, arn, span),
            _ => self.no_such_function(None, name, args.len()),
        }
    }

    fn has(&mut self, path: &Expr, span: Span) -> Checked {
        let typed = self.expr(path)?;
        let Node::Field(_, field) = &typed.node else {
            return self.fail(path.span, "has() takes a field, such as has(bucket.policy)", None);
        };
        if !field.field.optional {
            let message = format!("`{}` is always there", field.field.name);
            let help = "has() asks whether AWS says *not configured*: leave it out";
            return self.fail(path.span, message, Some(help.into()));
        }
        Some(Typed { ty: Ty::Bool, span, node: Node::Has(Box::new(typed)) })
    }

    fn duration(&mut self, text: &Expr, span: Span) -> Checked {
        let ExprKind::Text(literal) = &text.kind else {
            return self.fail(text.span, "duration() takes a literal such as \"90d\"", None);
        };
        match parse_duration(literal) {
            Some(seconds) => {
                let node = Node::Const(Const::Duration(seconds));
                Some(Typed { ty: Ty::Duration, span, node })
            }
            None => {
                let help = "whole numbers with d, h, m or s: \"90d\", \"1d12h\"";
                self.fail(text.span, format!("`{literal}` is no duration"), Some(help.into()))
            }
        }
    }

    fn arn_part(&mut self, part: ArnPart, arn: &Expr, span: Span) -> Checked {
        let arn = self.text(arn)?;
        Some(Typed { ty: Ty::Text, span, node: Node::ArnPart(part, Box::new(arn)) })
    }

    fn text(&mut self, expr: &Expr) -> Checked {
        let typed = self.operand(expr)?;
        if typed.ty.is_text() {
            return Some(typed);
        }
        self.fail(expr.span, format!("expected string, found {}", typed.ty), None)
    }

    pub(super) fn method(
        &mut self,
        base: &Expr,
        name: &Word,
        args: &[Expr],
        span: Span,
    ) -> Checked {
        let base = self.operand(base)?;
        match (&base.ty, name.text.as_str(), args) {
            (Ty::List(_), "exists", [var, body]) => {
                self.quantified(Quantifier::Exists, base, var, body, span)
            }
            (Ty::List(_), "all", [var, body]) => {
                self.quantified(Quantifier::All, base, var, body, span)
            }
            (Ty::List(_), "exists_one", [var, body]) => {
                self.quantified(Quantifier::ExistsOne, base, var, body, span)
            }
            (Ty::List(_), "filter", [var, body]) => {
                let ty = base.ty.clone();
                let (var, body) = self.element(&base, var, body, Self::condition)?;
                let node = Node::Filter(Box::new(base), var, Box::new(body));
                Some(Typed { ty, span, node })
            }
            (Ty::List(_), "map", [var, body]) => self.map(base, var, body, span),
            (Ty::Text | Ty::Enum(_), "startsWith", [arg]) => {
                self.text_test(TextTest::StartsWith, base, arg, span)
            }
            (Ty::Text | Ty::Enum(_), "endsWith", [arg]) => {
                self.text_test(TextTest::EndsWith, base, arg, span)
            }
            (Ty::Text | Ty::Enum(_), "contains", [arg]) => {
                self.text_test(TextTest::Contains, base, arg, span)
            }
            (Ty::Text | Ty::Enum(_), "matches", [pattern]) => self.matches(base, pattern, span),
            (Ty::Text | Ty::Enum(_), "lower", []) => {
                Some(Typed { ty: Ty::Text, span, node: Node::Lower(Box::new(base)) })
            }
            (Ty::Cidr, "isInternet", []) => {
                Some(Typed { ty: Ty::Bool, span, node: Node::IsInternet(Box::new(base)) })
            }
            (Ty::Cidr, "prefixLength", []) => {
                Some(Typed { ty: Ty::Int, span, node: Node::PrefixLength(Box::new(base)) })
            }
            (Ty::Cidr, "contains", [inner]) => {
                let typed = self.operand(inner)?;
                let inner = self.fit(typed, &Ty::Cidr)?;
                if !matches!(inner.ty, Ty::Cidr) {
                    let message = format!("expected cidr, found {}", inner.ty);
                    return self.fail(inner.span, message, None);
                }
                let node = Node::CidrContains(Box::new(base), Box::new(inner));
                Some(Typed { ty: Ty::Bool, span, node })
            }
            (Ty::Record(_), function, [protocol, ports]) => match PortTest::named(function) {
                Some(test) => self.covers(test, base, [protocol, ports], name.span, span),
                None => self.no_such_function(Some(&base), name, args.len()),
            },
            _ => self.no_such_function(Some(&base), name, args.len()),
        }
    }

    fn element(
        &mut self,
        list: &Typed,
        name: &Expr,
        body: &Expr,
        check: fn(&mut Self, &Expr) -> Checked,
    ) -> Option<(crate::check::typed::Var, Typed)> {
        let ExprKind::Name(text) = &name.kind else {
            self.report(name.span, "expected a name for the element", None);
            return None;
        };
        let Ty::List(of) = &list.ty else { return None };
        let word = Word { text: text.clone(), span: name.span };
        self.with_element(&word, (**of).clone(), |typer, var| {
            typer.scoped(|typer| check(typer, body)).map(|body| (var, body))
        })
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        list: Typed,
        var: &Expr,
        body: &Expr,
        span: Span,
    ) -> Checked {
        let (var, body) = self.element(&list, var, body, Self::condition)?;
        let node = Node::Quantified(quantifier, Box::new(list), var, Box::new(body));
        Some(Typed { ty: Ty::Bool, span, node })
    }

    fn map(&mut self, list: Typed, var: &Expr, body: &Expr, span: Span) -> Checked {
        let (var, body) = self.element(&list, var, body, Self::operand)?;
        if matches!(body.ty, Ty::List(_)) {
            return self.fail(body.span, "map() makes no lists of lists", None);
        }
        let ty = Ty::List(Box::new(body.ty.clone()));
        Some(Typed { ty, span, node: Node::Map(Box::new(list), var, Box::new(body)) })
    }

    fn text_test(&mut self, test: TextTest, base: Typed, arg: &Expr, span: Span) -> Checked {
        let arg = self.text(arg)?;
        let node = Node::TextTest(test, Box::new(base), Box::new(arg));
        Some(Typed { ty: Ty::Bool, span, node })
    }

    fn matches(&mut self, base: Typed, pattern: &Expr, span: Span) -> Checked {
        let ExprKind::Text(text) = &pattern.kind else {
            let message = "matches() takes a literal, so that it is checked when the file is read";
            return self.fail(pattern.span, message, None);
        };
        match self.pattern(text) {
            Ok(regex) => {
                let node = Node::Matches(Box::new(base), regex);
                Some(Typed { ty: Ty::Bool, span, node })
            }
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim().to_owned();
                let why = why.trim_start_matches("error: ");
                self.fail(pattern.span, format!("not a regular expression: {why}"), None)
            }
        }
    }

    /// A regular expression, compiled once for all its uses: a name under `let` may have thousands.
    fn pattern(&mut self, text: &str) -> Result<Regex, regex::Error> {
        if let Some(regex) = self.patterns.get(text) {
            return Ok(regex.clone());
        }
        let regex = RegexBuilder::new(text).size_limit(MAX_REGEX).build()?;
        self.patterns.insert(text.to_owned(), regex.clone());
        Ok(regex)
    }

    fn covers(
        &mut self,
        test: PortTest,
        rule: Typed,
        [protocol, ports]: [&Expr; 2],
        name: Span,
        span: Span,
    ) -> Checked {
        let Ty::Record(record) = rule.ty else { return None };
        let field =
            |name: &str| record.field(name).map(|(place, field)| FieldRef { place, record, field });
        let (Some(from_port), Some(to_port), Some(own)) =
            (field("from_port"), field("to_port"), field("protocol"))
        else {
            let (record, test) = (record.name, test.as_str());
            let message = format!("{record} has no protocol and ports, which {test}() asks for");
            return self.fail(name, message, None);
        };
        let (wanted, ports) = (self.text(protocol), self.ports(ports));
        let (wanted, ports) = (wanted?, ports?);
        if !matches!(wanted.node, Node::Const(_) | Node::Param(_)) {
            let test = test.as_str();
            let message = format!("{test}() takes a protocol that is known when the file is read");
            return self.fail(wanted.span, message, None);
        }
        let protocol = own;
        let covers = Covers { test, rule, protocol, from_port, to_port, wanted, ports };
        Some(Typed { ty: Ty::Bool, span, node: Node::Covers(Box::new(covers)) })
    }

    /// Ports: an int, a range, or a list of either, known when the file is read.
    fn ports(&mut self, expr: &Expr) -> Checked {
        let ExprKind::List(items) = &expr.kind else { return self.port(expr, true) };
        // A list may mix numbers and ranges, which no other list does.
        let items: Vec<Checked> = items.iter().map(|item| self.port(item, false)).collect();
        let items = items.into_iter().collect::<Option<Vec<_>>>()?;
        let ty = Ty::List(Box::new(Ty::Ports));
        Some(Typed { ty, span: expr.span, node: Node::List(items) })
    }

    fn port(&mut self, expr: &Expr, or_list: bool) -> Checked {
        let span = expr.span;
        let typed = self.operand(expr)?;
        let ports = match &typed.node {
            Node::Const(Const::Text(text)) => PortRange::parse(text).ok_or_else(|| text.clone()),
            Node::Const(Const::Int(port)) => u16::try_from(*port)
                .map(|port| PortRange { from: port, to: port })
                .map_err(|_| port.to_string()),
            Node::Param(_) if is_ports(&typed.ty, or_list) => return Some(typed),
            _ => {
                let lists = if or_list { " or a list of them" } else { "" };
                let message =
                    format!("expected a port, a range of ports{lists}, found {}", typed.ty);
                let help = "covers() takes literals and parameters";
                return self.fail(span, message, Some(help.into()));
            }
        };
        match ports {
            Ok(ports) => {
                Some(Typed { ty: Ty::Ports, span, node: Node::Const(Const::Ports(ports)) })
            }
            Err(text) => self.fail(span, format!("`{text}` is no port or range of ports"), None),
        }
    }

    fn no_such_function(&mut self, base: Option<&Typed>, name: &Word, args: usize) -> Checked {
        let fits = |receiver: Receiver| match base {
            None => receiver == Receiver::None,
            Some(base) => receiver.takes(&base.ty),
        };
        let same_name = || FUNCTIONS.iter().filter(|it| it.name == name.text);
        if let Some(function) = same_name().find(|it| fits(it.receiver)) {
            let message =
                format!("{}() takes {}, found {args}", function.name, function.arguments());
            let help = format!("write `{}`", function.example);
            return self.fail(name.span, message, Some(help));
        }
        if let Some(function) = same_name().next() {
            let message = match base {
                Some(base) => format!("{}() does not work on {}", function.name, base.ty),
                None => format!("{}() is asked of a value", function.name),
            };
            let help = format!("write `{}`", function.example);
            return self.fail(name.span, message, Some(help));
        }
        let near = FUNCTIONS.iter().filter(|it| fits(it.receiver)).map(|it| it.name);
        let help = did_you_mean(&name.text, near.clone())
            .or_else(|| did_you_mean(&name.text, FUNCTIONS.iter().map(|it| it.name)))
            .unwrap_or_else(|| format!("known here: {}", near.collect::<Vec<_>>().join(", ")));
        self.fail(name.span, format!("there is no function `{}`", name.text), Some(help))
    }
}

fn is_ports(ty: &Ty, or_list: bool) -> bool {
    match ty {
        Ty::Int | Ty::Ports => true,
        Ty::List(item) => or_list && is_ports(item, false),
        _ => false,
    }
}
