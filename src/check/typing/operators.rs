//! The types of operators and literals.

use super::{Checked, Typer, one_of};
use crate::check::syntax::{BinaryOp, Expr};
use crate::check::typed::{Comparison, Node, Typed};
use crate::check::types::{Const, Ty, parse_duration};
use crate::diagnostic::Span;
use crate::inventory::CidrFacts;

impl Typer<'_> {
    pub(super) fn list(&mut self, items: &[Expr], span: Span) -> Checked {
        let typed: Vec<Checked> = items.iter().map(|item| self.operand(item)).collect();
        let typed = typed.into_iter().collect::<Option<Vec<_>>>()?;
        let first = typed.first().map_or(Ty::Nothing, |item| item.ty.clone());
        for item in &typed {
            if !item.ty.is_scalar() {
                let message = format!("a list holds simple values, not {}", item.ty);
                return self.fail(item.span, message, None);
            }
            if !item.ty.comparable(&first) {
                let message = format!("a list of {first} cannot hold {}", item.ty);
                return self.fail(item.span, message, None);
            }
        }
        Some(Typed { ty: Ty::List(Box::new(first)), span, node: Node::List(typed) })
    }

    pub(super) fn negative(&mut self, inner: &Expr, span: Span) -> Checked {
        let inner = self.operand(inner)?;
        match inner.ty {
            Ty::Int | Ty::Duration => {
                let ty = inner.ty.clone();
                Some(Typed { ty, span, node: Node::Negative(Box::new(inner)) })
            }
            _ => self.fail(span, format!("`-` does not work on {}", inner.ty), None),
        }
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Checked {
        let (left, right) = (self.operand(left), self.operand(right));
        let (left, right) = (left?, right?);
        let comparison = match op {
            BinaryOp::Equal => Comparison::Equal,
            BinaryOp::NotEqual => Comparison::NotEqual,
            BinaryOp::Less => Comparison::Less,
            BinaryOp::LessOrEqual => Comparison::LessOrEqual,
            BinaryOp::Greater => Comparison::Greater,
            BinaryOp::GreaterOrEqual => Comparison::GreaterOrEqual,
            BinaryOp::In => return self.membership(left, right, span),
            BinaryOp::Add => return self.add(left, right, span),
            BinaryOp::Subtract => return self.subtract(left, right, span),
        };
        self.compare(comparison, op, left, right, span)
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        op: BinaryOp,
        left: Typed,
        right: Typed,
        span: Span,
    ) -> Checked {
        let (left, right) = self.fit_each_other(left, right)?;
        if !left.ty.comparable(&right.ty) {
            let message = format!("cannot compare {} with {}", left.ty, right.ty);
            let help = advice(&left, &right).or_else(|| advice(&right, &left));
            return self.fail(span, message, help);
        }
        let ordered = !matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        if ordered && !left.ty.is_ordered() {
            let message = format!("`{}` does not work on {}", op.as_str(), left.ty);
            return self.fail(span, message, None);
        }
        let node = Node::Compare(comparison, Box::new(left), Box::new(right));
        Some(Typed { ty: Ty::Bool, span, node })
    }

    fn membership(&mut self, item: Typed, list: Typed, span: Span) -> Checked {
        let Ty::List(of) = list.ty.clone() else {
            let help = match list.ty {
                Ty::Text | Ty::Enum(_) => Some("ask `text.contains(\"…\")`"),
                Ty::Cidr => Some("ask `cidr.contains(…)`"),
                _ => None,
            };
            let message = format!("`in` needs a list, found {}", list.ty);
            return self.fail(list.span, message, help.map(str::to_owned));
        };
        let item = self.fit(item, &of)?;
        let list = match list.node {
            Node::List(items) => {
                let fitted: Vec<Checked> =
                    items.into_iter().map(|it| self.fit(it, &item.ty)).collect();
                let items = fitted.into_iter().collect::<Option<Vec<_>>>()?;
                let of = items.first().map_or(Ty::Nothing, |it| it.ty.clone());
                Typed { ty: Ty::List(Box::new(of)), span: list.span, node: Node::List(items) }
            }
            node => Typed { node, ..list },
        };
        let Ty::List(of) = &list.ty else { return None };
        if !item.ty.comparable(of) {
            let message = format!("cannot look for {} in {}", item.ty, list.ty);
            let help =
                matches!(**of, Ty::Ports).then(|| "ask `rule.covers(protocol, ports)`".to_owned());
            return self.fail(span, message, help);
        }
        let node = Node::In(Box::new(item), Box::new(list));
        Some(Typed { ty: Ty::Bool, span, node })
    }

    fn add(&mut self, left: Typed, right: Typed, span: Span) -> Checked {
        let ty = match (&left.ty, &right.ty) {
            (Ty::Int, Ty::Int) => Ty::Int,
            (Ty::Time, Ty::Duration) | (Ty::Duration, Ty::Time) => Ty::Time,
            (Ty::Duration, Ty::Duration) => Ty::Duration,
            (left, right) => {
                return self.fail(span, format!("cannot add {right} to {left}"), None);
            }
        };
        Some(Typed { ty, span, node: Node::Add(Box::new(left), Box::new(right)) })
    }

    fn subtract(&mut self, left: Typed, right: Typed, span: Span) -> Checked {
        let ty = match (&left.ty, &right.ty) {
            (Ty::Int, Ty::Int) => Ty::Int,
            (Ty::Time, Ty::Time) | (Ty::Duration, Ty::Duration) => Ty::Duration,
            (Ty::Time, Ty::Duration) => Ty::Time,
            (left, right) => {
                return self.fail(span, format!("cannot subtract {right} from {left}"), None);
            }
        };
        Some(Typed { ty, span, node: Node::Subtract(Box::new(left), Box::new(right)) })
    }

    fn fit_each_other(&mut self, left: Typed, right: Typed) -> Option<(Typed, Typed)> {
        let (left_ty, right_ty) = (left.ty.clone(), right.ty.clone());
        let (left, right) = (self.fit(left, &right_ty), self.fit(right, &left_ty));
        Some((left?, right?))
    }

    /// A text literal where a value of another type is wanted: an address range, or a word of a
    /// closed list. Anything else is left as it is.
    pub(super) fn fit(&mut self, typed: Typed, wanted: &Ty) -> Checked {
        let Node::Const(Const::Text(text)) = &typed.node else { return Some(typed) };
        match wanted {
            Ty::Cidr => match CidrFacts::parse(text) {
                Some(cidr) => Some(Typed {
                    ty: Ty::Cidr,
                    span: typed.span,
                    node: Node::Const(Const::Cidr(cidr)),
                }),
                None => {
                    let message = format!("`{text}` is no address range");
                    let help = "write it as \"10.0.0.0/8\" or \"::/0\"";
                    self.fail(typed.span, message, Some(help.into()))
                }
            },
            Ty::Enum(words) if !words.contains(&text.as_str()) => {
                let message = format!("`{text}` is none of the values that this can have");
                self.fail(typed.span, message, Some(one_of(text, words)))
            }
            _ => Some(typed),
        }
    }
}

/// What may be meant by comparing the two.
fn advice(one: &Typed, other: &Typed) -> Option<String> {
    let literal = match &other.node {
        Node::Const(Const::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    match (&one.ty, &other.ty, literal) {
        (Ty::Int, _, Some(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("remove the quotes: {text}"))
        }
        (Ty::Bool, _, Some(text)) if matches!(text, "true" | "false") => {
            Some(format!("remove the quotes: {text}"))
        }
        (Ty::Text | Ty::Enum(_), Ty::Int, _) => match &other.node {
            Node::Const(Const::Int(value)) => Some(format!("put it in quotes: \"{value}\"")),
            _ => None,
        },
        (Ty::Duration, _, Some(text)) if parse_duration(text).is_some() => {
            Some(format!("write duration(\"{text}\")"))
        }
        (Ty::Duration, Ty::Int, _) => {
            Some("a span of time is written duration(\"90d\"); or ask ageDays(…)".into())
        }
        (Ty::Time, Ty::Int, _) | (Ty::Time, _, Some(_)) => {
            Some("a time is compared with now(), or by its age: ageDays(…)".into())
        }
        (Ty::List(_), _, _) => Some("ask `x in list`, `exists` or `all`".into()),
        (Ty::Record(record), _, _) => {
            record.shown_as().map(|shown| format!("compare its field `{shown}`"))
        }
        _ => None,
    }
}
