//! The names that mean something at a place of a check, and the types of expressions over them.
//!
//! The file need not compile, so that types are told as far as they can be: an unknown name has none.

use super::outline::Item;
use crate::check::functions::{FUNCTIONS, Function, Receiver};
use crate::check::passage::Passage;
use crate::check::syntax::{Expr, ExprKind, parse};
use crate::check::types::Ty;
use crate::schema::{Catalog, Field, RecordType};

/// How deep names may lead to each other.
const MAX_DEPTH: usize = 16;

/// A declared parameter.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its type as written.
    pub ty: String,
    /// What it is for.
    pub about: String,
}

/// A name and the expression it stands for, or the list whose elements it goes through.
#[derive(Debug, Clone)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The expression.
    pub text: String,
    /// Whether it is an element of that list.
    pub element: bool,
}

/// What names mean.
pub struct Scope {
    /// The type of resource that the check tests.
    pub resource: Option<&'static RecordType>,
    /// The parameters.
    pub params: Vec<Declared>,
    /// The names under `let`, and the elements in scope, the innermost last.
    pub names: Vec<Named>,
}

impl Scope {
    /// The names in scope in the values at a path. `before` is the expression up to the place.
    pub fn new(
        text: &str,
        items: &[Item],
        path: &[String],
        before: &str,
        catalog: Catalog,
    ) -> Self {
        let value = |item: &Item| text.get(item.value.clone()).unwrap_or_default();
        let top = |name: &str| items.iter().find(|it| it.path == [name]).map(value);
        let resource = top("resource").and_then(|name| catalog.find(bare(name)));
        let mut scope = Self { resource, params: Vec::new(), names: Vec::new() };
        for item in items {
            let path: Vec<&str> = item.path.iter().map(String::as_str).collect();
            match path.as_slice() {
                ["params", name] => {
                    scope.param(name);
                }
                ["params", name, "type"] => scope.param(name).ty = bare(value(item)).to_owned(),
                ["params", name, "about"] => {
                    scope.param(name).about = bare(value(item)).to_owned();
                }
                ["let", name] => scope.names.push(Named {
                    name: (*name).to_owned(),
                    text: expression(value(item)),
                    element: false,
                }),
                _ => {}
            }
        }
        // The element of the assertion that the place is in.
        let assertion = path.get(..2).unwrap_or_default();
        for item in items.iter().filter(|it| it.path.get(..2) == Some(assertion)) {
            if let Some("none" | "every" | "some" | "one") = item.path.get(2).map(String::as_str) {
                scope.names.extend(element(&expression(value(item))));
            }
        }
        scope.names.extend(macros(before));
        scope
    }

    fn param(&mut self, name: &str) -> &mut Declared {
        let place = self.params.iter().position(|it| it.name == name).unwrap_or_else(|| {
            self.params.push(Declared { name: name.to_owned(), ..Declared::default() });
            self.params.len() - 1
        });
        self.params.get_mut(place).expect("it was found or pushed right before")
    }

    /// The type of an expression, as far as it is known.
    pub fn type_of(&self, text: &str) -> Option<Ty> {
        let expr = parse(&Passage::alone(text)).ok()?;
        self.of(&expr, MAX_DEPTH)
    }

    fn of(&self, expr: &Expr, depth: usize) -> Option<Ty> {
        let depth = depth.checked_sub(1)?;
        match &expr.kind {
            ExprKind::Bool(_) | ExprKind::Not(_) | ExprKind::And(_) | ExprKind::Or(_) => {
                Some(Ty::Bool)
            }
            ExprKind::Int(_) | ExprKind::Negative(_) => Some(Ty::Int),
            ExprKind::Text(_) => Some(Ty::Text),
            ExprKind::List(items) => {
                let item = items.first().and_then(|item| self.of(item, depth));
                Some(Ty::List(Box::new(item.unwrap_or(Ty::Nothing))))
            }
            ExprKind::Binary(..) => None,
            ExprKind::Name(name) => self.name(name, depth),
            ExprKind::Member(base, word) => match &base.kind {
                ExprKind::Name(name) if name == "params" => {
                    let param = self.params.iter().find(|it| it.name == word.text)?;
                    param_type(&param.ty)
                }
                _ => match self.of(base, depth)? {
                    Ty::Record(record) => Some(Ty::of(&record.field(&word.text)?.1.ty)),
                    _ => None,
                },
            },
            ExprKind::Call(base, word, _) => match (base, word.text.as_str()) {
                (Some(base), "filter") => self.of(base, depth),
                (base, name) => {
                    let receiver = base.as_ref().and_then(|base| self.of(base, depth));
                    function(name, receiver.as_ref()).and_then(|it| named_type(it.result))
                }
            },
        }
    }

    fn name(&self, name: &str, depth: usize) -> Option<Ty> {
        if let Some(resource) = self.resource.filter(|it| it.alias == name) {
            return Some(Ty::Record(resource));
        }
        let named = self.names.iter().rev().find(|it| it.name == name)?;
        let ty = self.of(&parse(&Passage::alone(&named.text)).ok()?, depth)?;
        match (named.element, ty) {
            (true, Ty::List(item)) => Some(*item),
            (true, _) => None,
            (false, ty) => Some(ty),
        }
    }

    /// The record and field that a chain such as `group.vpc.is_default` ends in.
    pub fn field(
        &self,
        receiver: &str,
        name: &str,
    ) -> Option<(&'static RecordType, &'static Field)> {
        match self.type_of(receiver)? {
            Ty::Record(record) => record.field(name).map(|(_, field)| (record, field)),
            _ => None,
        }
    }
}

/// The function of that name that can be asked of such a value, or of nothing.
pub fn function(name: &str, receiver: Option<&Ty>) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|it| {
        it.name == name
            && match receiver {
                Some(ty) => it.receiver.takes(ty),
                None => it.receiver == Receiver::None,
            }
    })
}

fn named_type(name: &str) -> Option<Ty> {
    Some(match name {
        "bool" => Ty::Bool,
        "int" => Ty::Int,
        "string" => Ty::Text,
        "timestamp" => Ty::Time,
        "duration" => Ty::Duration,
        "cidr" => Ty::Cidr,
        "port_range" => Ty::Ports,
        _ => return None,
    })
}

fn param_type(text: &str) -> Option<Ty> {
    match text.strip_prefix("list(").and_then(|it| it.strip_suffix(')')) {
        Some(item) => Some(Ty::List(Box::new(named_type(item)?))),
        None => named_type(text),
    }
}

/// A plain value without its quotes.
fn bare(value: &str) -> &str {
    value.trim().trim_matches(['"', '\''])
}

/// The expression in a value: without the sign of a block and without quotes around the whole.
fn expression(value: &str) -> String {
    let value = value.trim();
    if value.starts_with(['|', '>']) {
        return value.split_once('\n').map_or("", |(_, text)| text).trim().to_owned();
    }
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|it| it.strip_suffix(quote)) {
            return inner.replace("\\\"", "\"").replace("''", "'");
        }
    }
    value.to_owned()
}

/// The element of `x in list`.
fn element(text: &str) -> Option<Named> {
    let (name, list) = text.split_once(" in ")?;
    let named = Named { name: name.trim().to_owned(), text: list.trim().to_owned(), element: true };
    named.name.chars().all(is_word).then_some(named)
}

/// The elements of the calls that are open at the end of a text: `list.exists(x, …`.
fn macros(text: &str) -> Vec<Named> {
    let mut open: Vec<Option<Named>> = Vec::new();
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => open.push(macro_at(text, at)),
            (None, ')') => {
                open.pop();
            }
            (None, _) => {}
        }
    }
    open.into_iter().flatten().collect()
}

/// The element of the call whose bracket opens there.
fn macro_at(text: &str, bracket: usize) -> Option<Named> {
    let before = text.get(..bracket)?;
    let function = before.trim_end_matches(is_word);
    let list = receiver(function.strip_suffix('.')?);
    let name: String =
        text.get(bracket + 1..)?.trim_start().chars().take_while(|c| is_word(*c)).collect();
    let after = text.get(bracket + 1..)?.trim_start().get(name.len()..)?;
    let takes =
        matches!(before.get(function.len()..)?, "exists" | "all" | "exists_one" | "filter" | "map");
    (takes && !name.is_empty() && after.trim_start().starts_with(',')).then(|| Named {
        name,
        text: list.to_owned(),
        element: true,
    })
}

/// The value that a text ends in and that a dot after it would ask: names, dots and brackets.
pub fn receiver(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        let belongs = match (quote, c) {
            (Some(end), c) => {
                if c == end {
                    quote = None;
                }
                true
            }
            (None, ')' | ']') => {
                depth += 1;
                true
            }
            (None, '(' | '[') if depth > 0 => {
                depth -= 1;
                true
            }
            (None, '"' | '\'') if depth > 0 => {
                quote = Some(c);
                true
            }
            (None, c) => depth > 0 || is_word(c) || c == '.',
        };
        if !belongs {
            break;
        }
        start = at;
    }
    text.get(start..).unwrap_or_default()
}

/// Whether names are made of such characters.
pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_asks_what_stands_before_it() {
        for (text, expected) in [
            ("a and group.ingress", "group.ingress"),
            (
                "size(group.ingress.filter(r, r.id == \"a)\"))",
                "size(group.ingress.filter(r, r.id == \"a)\"))",
            ),
            ("not (a or b", "b"),
            ("x in ", ""),
        ] {
            assert_eq!(receiver(text), expected);
        }
    }

    #[test]
    fn open_calls_bring_their_elements() {
        let found = macros("a.b.exists(x, x.c.all(y, y.d == \"(\") and x.e.filter(z, z");
        let names: Vec<(&str, &str)> = found.iter().map(|it| (&*it.name, &*it.text)).collect();
        assert_eq!(names, [("x", "a.b"), ("z", "x.e")]);
    }
}
