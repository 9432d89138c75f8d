//! What to do about a failure: advice with names in braces, filled with the values of one resource.
//!
//! Names and tags come from accounts, and advice is pasted into shells. So only values that no shell
//! obeys are filled in: what holds a quote, a dollar sign, a semicolon or anything unseen leaves its
//! name in braces where it stands. That is stricter than quoting for one shell, and holds for POSIX
//! shells, PowerShell and `cmd` alike.

use std::collections::BTreeMap;

use super::source::CheckFile;
use super::syntax::{Expr, ExprKind, Word};
use super::template::{braced, placeholders, shown};
use super::typed::Typed;
use super::types::Ty;
use super::typing::Typer;
use crate::schema::RecordType;

/// The longest value that is filled in.
const MAX_VALUE: usize = 512;

/// The most values of one name, and the most texts of one remedy.
const MAX_VALUES: usize = 20;

/// What to do about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// `text`, `console`, `cli`, `terraform` or `cloudformation`.
    pub kind: String,
    /// The advice. Names in braces such as `{group.id}` stand for values.
    pub text: String,
}

/// The values of the names in braces: those of one failing element, or of the resource alone.
pub type Values = BTreeMap<String, Vec<String>>;

/// A name in braces with its meaning.
#[derive(Debug)]
pub(super) struct Blank {
    /// As written between the braces.
    pub(super) name: String,
    /// The element of an assertion that it speaks of: its name, type and place in the frame.
    pub(super) element: Option<(String, Ty, usize)>,
    pub(super) typed: Typed,
}

/// The names and types of elements, by which remediation may speak of them.
pub(super) type Elements = Vec<(String, Ty)>;

/// Checks and collects the names in remediation texts.
pub(super) fn blanks(
    typer: &mut Typer<'_>,
    source: &CheckFile,
    resource: &RecordType,
    elements: &Elements,
) -> Vec<Blank> {
    let mut blanks: Vec<Blank> = Vec::new();
    for (_, passage) in &source.remediation {
        let root = |name: &str| {
            name == resource.alias
                || name == "params"
                || elements.iter().any(|(element, _)| element == name)
        };
        let (found, mistakes) = placeholders(passage, root);
        typer.diagnostics.extend(mistakes);
        for expr in found {
            let name = dotted(&expr);
            let blank = blank(typer, &expr, name, elements);
            if let Some(blank) = blank.filter(|it| blanks.iter().all(|old| old.name != it.name)) {
                blanks.push(blank);
            }
        }
    }
    blanks
}

fn blank(typer: &mut Typer<'_>, expr: &Expr, name: String, elements: &Elements) -> Option<Blank> {
    let root = name.split('.').next().unwrap_or_default();
    let Some((element, ty)) = elements.iter().find(|(element, _)| element == root) else {
        let typed = shown(expr, typer)?;
        return Some(Blank { name, element: None, typed });
    };
    let word = Word { text: element.clone(), span: expr.span };
    typer.with_element(&word, ty.clone(), |typer, var| {
        let typed = shown(expr, typer)?;
        Some(Blank { name, element: Some((element.clone(), ty.clone(), var.slot)), typed })
    })
}

fn dotted(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Member(base, word) => format!("{}.{}", dotted(base), word.text),
        ExprKind::Name(name) => name.clone(),
        _ => String::new(),
    }
}

impl Remedy {
    /// The advice for one failure, once for each set of values that makes a text of its own; `None`
    /// where no name in it has a value that may be filled in.
    pub fn fill(&self, rows: &[Values]) -> Option<String> {
        let mut texts: Vec<String> = Vec::new();
        for values in rows.iter().take(MAX_VALUES) {
            let text = filled(&self.kind, &self.text, values);
            if text != self.text && !texts.contains(&text) {
                texts.push(text);
            }
        }
        (!texts.is_empty()).then(|| texts.join("\n"))
    }
}

/// Where a name stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A word of its own: it may be quoted.
    Word,
    /// Within quotes or a longer word.
    Within,
}

/// One pass over the text: what was filled in is not looked at again.
fn filled(kind: &str, text: &str, values: &Values) -> String {
    let mut result = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        result.push_str(before);
        let inner = braced(after).and_then(|name| {
            let tail = after.get(name.len() + 1..)?;
            Some((name, tail, values.get(name)))
        });
        let literal = before.ends_with(['$', '%']);
        let value = match inner {
            Some((_, tail, Some(found))) if !literal => {
                let place = place(&result, tail);
                fitted(kind, place, found).map(|value| (value, tail))
            }
            _ => None,
        };
        match value {
            Some((value, tail)) => {
                result.push_str(&value);
                rest = tail;
            }
            None => {
                result.push('{');
                rest = after;
            }
        }
    }
    result + rest
}

fn place(before: &str, after: &str) -> Place {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let open = |quote: char| line.matches(quote).count() % 2 == 1;
    let apart = |next: Option<char>| next.is_none_or(char::is_whitespace);
    if open('"') || open('\'') || !apart(before.chars().next_back()) || !apart(after.chars().next())
    {
        return Place::Within;
    }
    Place::Word
}

/// The values as they may stand there; `None` if any of them may not.
fn fitted(kind: &str, place: Place, values: &[String]) -> Option<String> {
    let fits = |value: &String| !value.is_empty() && value.len() <= MAX_VALUE && is_tame(value);
    if values.is_empty() || values.len() > MAX_VALUES || !values.iter().all(fits) {
        return None;
    }
    let bare = values.iter().all(|value| is_bare(value));
    match (kind, place, values) {
        ("terraform" | "cloudformation", Place::Word, [value]) => Some(format!("\"{value}\"")),
        ("terraform" | "cloudformation", Place::Word, several) => {
            let quoted: Vec<String> = several.iter().map(|it| format!("\"{it}\"")).collect();
            Some(format!("[{}]", quoted.join(", ")))
        }
        ("terraform" | "cloudformation", Place::Within, [value]) => Some(value.clone()),
        ("cli", Place::Word, several) => {
            // A value that begins with a hyphen is an option, one with a scheme a file to send.
            let option = |it: &String| it.starts_with('-') || it.contains("://");
            let word = |it: &String| if is_bare(it) { it.clone() } else { format!("'{it}'") };
            let words: Vec<String> = several.iter().map(word).collect();
            (!several.iter().any(option)).then(|| words.join(" "))
        }
        ("cli", Place::Within, [value]) => bare.then(|| value.clone()),
        ("text" | "console", _, several) => Some(several.join(", ")),
        _ => None,
    }
}

/// Whether a value is one word in every shell without quotes.
fn is_bare(value: &str) -> bool {
    value.bytes().all(|it| it.is_ascii_alphanumeric() || b"._/:@+-".contains(&it))
        && !value.starts_with('@')
}

/// Whether a value is text and no more between single quotes in every shell, and between double
/// quotes in Terraform and YAML.
fn is_tame(value: &str) -> bool {
    value.chars().all(|it| it.is_alphanumeric() || "._/:@+-=, ()[]{}#*?~".contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &[&str])]) -> Values {
        let list = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        pairs.iter().map(|(name, it)| ((*name).to_owned(), list(it))).collect()
    }

    fn told(kind: &str, text: &str, rows: &[Values]) -> String {
        let remedy = Remedy { kind: kind.into(), text: text.into() };
        remedy.fill(rows).unwrap_or_else(|| "as it was".into())
    }

    #[test]
    fn values_stand_as_their_language_wants_them() {
        let ids = values(&[("group.id", &["sg-1"]), ("open.ids", &["r-1", "r 2"])]);
        let rows = [ids];
        let cli = "aws x --group {group.id} --ids {open.ids} --json '{\"g\": \"{group.id}\"}'";
        assert_eq!(
            told("cli", cli, &rows),
            "aws x --group sg-1 --ids r-1 'r 2' --json '{\"g\": \"sg-1\"}'"
        );
        assert_eq!(told("cli", "aws x Id={open.ids}", &rows), "as it was");
        let hcl = "id = {group.id}\nids = {open.ids}\nname = \"x-{group.id}-${group.id}\"";
        assert_eq!(
            told("terraform", hcl, &rows),
            "id = \"sg-1\"\nids = [\"r-1\", \"r 2\"]\nname = \"x-sg-1-${group.id}\""
        );
        assert_eq!(told("cloudformation", "Id: {group.id}", &rows), "Id: \"sg-1\"");
        assert_eq!(told("text", "Look at {open.ids}.", &rows), "Look at r-1, r 2.");
        assert_eq!(told("cli", "aws x", &rows), "as it was");
        assert_eq!(told("cli", "aws {unknown.name} {group.id", &rows), "as it was");
    }

    #[test]
    fn each_failing_element_has_its_line() {
        let rows = ["a", "b", "a"].map(|it| values(&[("key.id", &[it])]));
        assert_eq!(told("cli", "aws x {key.id}", &rows), "aws x a\naws x b");
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let rows = [values(&[("a.b", &["{c.d}"]), ("c.d", &["x"])])];
        assert_eq!(told("cli", "run {a.b}", &rows), "run '{c.d}'");
    }

    #[test]
    fn what_a_shell_might_obey_is_left_out() {
        let hostile = [
            "a;reboot",
            "$(reboot)",
            "`reboot`",
            "a|b",
            "a&b",
            "a>b",
            "a<b",
            "x'y",
            "x\"y",
            "a\nb",
            "a\u{1b}[201~b",
            "a\u{202e}b",
            "a\\b",
            "!!",
            "%PATH%",
            "a^b",
            "\u{2019};x",
            "--endpoint-url=x",
            "-x",
            "file:///etc/passwd",
            "a\tb",
            "a\u{a0}b",
            "\u{200b}",
            "",
        ];
        for name in hostile {
            let rows = [values(&[("user.name", &[name])])];
            assert_eq!(told("cli", "aws x --user {user.name}", &rows), "as it was", "{name:?}");
            assert!(!told("cli", "aws x 'u={user.name}'", &rows).contains("reboot"));
        }
        let long = "a".repeat(MAX_VALUE + 1);
        let rows = [values(&[("user.name", &[&long])])];
        assert_eq!(told("cli", "aws x {user.name}", &rows), "as it was");
    }

    #[test]
    fn a_shell_reads_back_what_was_filled_in() {
        let names =
            ["a b", "*", "~root", "a=b,c", "{a,b}", "#x", "@x", "(x)", "[a-z]", "é日本", "a?"];
        for name in names {
            let rows = [values(&[("user.name", &[name])])];
            let script = told("cli", "printf '%s|' {user.name}", &rows);
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{name}|"), "{script}");
        }
    }
}
