//! What to do about the failures of a check: its advice, and the commands for its resources.

use std::fmt::Write as _;

use super::escape;
use crate::finding::{CheckSummary, Finding};
use crate::report::remedies;
use crate::report::text::{fence, plain};

/// The most commands that are shown for a check.
const MAX_COMMANDS: usize = 10;

/// The advice for the open failures of one check. It stands between a heading and a table.
pub(super) fn advice(check: Option<&CheckSummary>, group: &[&Finding]) -> String {
    let Some(first) = group.first() else { return String::new() };
    let mut text = String::new();
    let own = remedies(check, first);
    if let Some((_, what)) = own.iter().find(|(kind, _)| *kind == "text") {
        let _ = writeln!(text, "{}\n", escape(what));
    }
    let mut commands: Vec<&str> = Vec::new();
    for finding in group {
        let all = remedies(check, finding);
        let found = all.iter().find(|(kind, _)| *kind == "cli").map(|(_, command)| *command);
        commands.extend(found.filter(|command| !commands.contains(command)));
    }
    if commands.is_empty() {
        return text;
    }
    let more = commands.len().saturating_sub(MAX_COMMANDS);
    commands.truncate(MAX_COMMANDS);
    let lines: Vec<_> = commands.iter().flat_map(|it| it.lines()).map(plain).collect();
    let code = lines.join("\n");
    let fence = fence(&code);
    let _ = writeln!(
        text,
        "<details><summary>AWS CLI</summary>\n\n{fence}sh\n{code}\n{fence}\n\n</details>\n"
    );
    if more > 0 {
        let _ = writeln!(text, "and {more} more commands\n");
    }
    text
}
