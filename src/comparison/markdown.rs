//! A comparison as a pull-request comment or job summary in GitHub's Markdown, at most 1 MiB long:
//! sections are cut from their ends, which for findings are the mildest, and the rest is counted.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::table::{account, answer, passage, value};
use super::{Change, Comparison, Kind, ResourceChange, What};
use crate::report::markdown::{code, escape};
use crate::report::text::{middle_cut, time};

/// The room of each of the sections; six of them, heads and notes stay below 1 MiB.
const MAX_SECTION: usize = 160 << 10;

pub(super) fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let mark = if comparison.is_worse() { "❌" } else { "✅" };
    let mut text = format!("## {mark} {}\n\n{}.\n", answer(comparison), comparison.summary());
    let (old, new) = (&comparison.old, &comparison.new);
    let _ = writeln!(
        text,
        "\nOld: {}, policy {}. New: {}, policy {}.",
        time(old.scanned_at),
        code(&old.policy),
        time(new.scanned_at),
        code(&new.policy)
    );
    for kind in Kind::ALL {
        let title = match kind {
            Kind::New => "New failures",
            Kind::Fixed => "Fixed",
            Kind::Changed => "Changed",
        };
        let head = "| | severity | check | account | region | resource | |\n|---|---|---|---|---|---|---|\n";
        section(title, head, comparison.of_kind(kind).filter_map(finding), &mut text);
    }
    let head = "| type | account | region | resource | |\n|---|---|---|---|---|\n";
    section("Resources", head, comparison.resources.iter().map(resource), &mut text);
    let head = "| | account |\n|---|---|\n";
    let accounts = comparison.accounts.iter();
    let accounts = accounts.map(|it| format!("| {} | {} |\n", worse(it.worse), code(&account(it))));
    section("Accounts", head, accounts, &mut text);
    let notes = comparison.notes.iter().map(|it| format!("| {} |\n", code(it)));
    section("Not compared", "| |\n|---|\n", notes, &mut text);
    out.write_all(text.as_bytes())
}

fn section(title: &str, head: &str, rows: impl Iterator<Item = String>, text: &mut String) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    let _ = write!(text, "\n### {title}\n\n{head}");
    let limit = text.len() + MAX_SECTION;
    let mut left_out = 0;
    for row in rows {
        if left_out > 0 || text.len() + row.len() > limit {
            left_out += 1;
        } else {
            text.push_str(&row);
        }
    }
    if left_out > 0 {
        let _ = writeln!(text, "\n{left_out} more are left out: a summary has room for no more.");
    }
}

fn worse(worse: bool) -> &'static str {
    if worse { "❗" } else { "" }
}

fn finding(change: &Change) -> Option<String> {
    let finding = change.finding()?;
    let region = finding.region_or_global();
    let messages = change.new.iter().filter(|_| change.kind != Kind::Fixed);
    let messages: String = messages
        .flat_map(|it| &it.details.messages)
        .map(|it| format!("<br>{}", code(it)))
        .collect();
    Some(format!(
        "| {} | {} | `{}` | {} | {region} | {} | {}{messages} |\n",
        worse(change.worse),
        finding.severity(),
        finding.check(),
        finding.account(),
        code(&middle_cut(&finding.resource().id, 120)),
        escape(&passage(change)),
    ))
}

fn resource(change: &ResourceChange) -> String {
    let place = &change.place;
    let region = place.region.as_ref().map_or("global", |region| region.as_str());
    let mut what = change.what.as_str().to_owned();
    if let What::Changed(fields) = &change.what {
        for field in fields {
            let (old, new) = (value(field.old.as_ref()), value(field.new.as_ref()));
            let _ = write!(what, "<br>{}", code(&format!("{}: {old} -> {new}", field.path)));
        }
    }
    format!(
        "| {} | {} | {region} | {} | {what} |\n",
        escape(&place.r#type),
        place.account,
        code(&middle_cut(&place.id, 120))
    )
}
