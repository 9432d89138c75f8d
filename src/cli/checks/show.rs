//! `postura checks show`: everything about one check.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::check::{Check, case};
use crate::cli::library::Selection;
use crate::cli::{Exit, Failure};
use crate::docs;
use crate::report::text::plain;
use crate::resources::MODEL;
use crate::schema::needs::Needs;

/// Arguments of `postura checks show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The check.
    id: String,
    #[command(flatten)]
    selection: Selection,
}

/// Shows the check.
pub fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let library = args.selection.library()?;
    let Some(check) = library.find(&args.id) else {
        let message = format!("there is no check `{}`", plain(&args.id));
        return Err(Failure::with_help(message, library.suggest(&args.id)));
    };
    io::stdout().lock().write_all(text(check).as_bytes())?;
    Ok(Exit::Passed)
}

/// Everything about a check. Files of users are hostile, so what they say goes through `plain`.
fn text(check: &Check) -> String {
    let mut text = format!("{}  ({})\n{}\n", check.id, check.severity, plain(&check.title));
    for (name, words) in [("Looks at", &check.description), ("Risk", &check.risk)] {
        if !words.is_empty() {
            section(&mut text, name, words);
        }
    }
    section(&mut text, "Logic", &docs::logic(check));
    params(&mut text, check);
    needs(&mut text, check);
    for remedy in &check.remediation {
        section(&mut text, &format!("Remediation ({})", remedy.kind), &remedy.text);
    }
    example(&mut text, check);
    let peers = check.same_as.iter().map(|(peer, ids)| format!("{peer}: {}", ids.join(", ")));
    let ids: Vec<String> = check.implied_by.iter().map(ToString::to_string).collect();
    for (name, lines) in [
        ("Controls", check.controls.clone()),
        ("The same elsewhere", peers.collect()),
        ("Declared in", check.iac.clone()),
        ("Categories", check.categories.clone()),
        ("Tags", check.tags.clone()),
        ("Fails too where these fail", ids),
        ("Links", check.links.clone()),
        ("File", vec![check.file.name.clone()]),
    ] {
        if !lines.is_empty() {
            section(&mut text, name, &lines.join("\n"));
        }
    }
    text
}

fn section(text: &mut String, name: &str, body: &str) {
    let _ = writeln!(text, "\n{name}");
    for line in body.trim_end().lines() {
        let _ = writeln!(text, "{}", format!("  {}", plain(line)).trim_end());
    }
}

fn params(text: &mut String, check: &Check) {
    let line = |param: &crate::check::Param| {
        let bounds = param.bounds();
        let bounds = if bounds.is_empty() { bounds } else { format!(" ({bounds})") };
        let (name, ty, default) = (&param.name, &param.ty, param.default.to_json());
        format!("{name}: {ty}{bounds} = {default}  {}\n", param.about)
    };
    let lines: String = check.params.iter().map(line).collect();
    if !lines.is_empty() {
        section(text, "Parameters", &lines);
    }
}

fn needs(text: &mut String, check: &Check) {
    let mut needs = Needs::default();
    check.needs(&mut needs);
    let line = |call: &&crate::schema::Call| format!("{call}  ({})\n", call.actions.join(", "));
    let lines: String = needs.calls.iter().map(line).collect();
    section(text, "API calls (and the IAM actions that they need)", &lines);
}

fn example(text: &mut String, check: &Check) {
    let Some((case, outcome)) = case::example(check, MODEL) else { return };
    let mut body = format!("{}:\n", case.name);
    for line in docs::yaml(&case.given).lines() {
        let _ = writeln!(body, "  {line}");
    }
    for message in &outcome.messages {
        let _ = writeln!(body, "fails: {message}");
    }
    for it in &outcome.evidence {
        let _ = writeln!(body, "  {} = {}", it.path, it.value);
    }
    section(text, "Example", &body);
}
