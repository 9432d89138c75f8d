//! A comparison as text for people.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::{AccountChange, Change, Comparison, Kind, ResourceChange, What};
use crate::report::text::{head, plain, time};

/// The longest value that is shown.
const MAX_VALUE: usize = 160;

pub(super) fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let (old, new) = (&comparison.old, &comparison.new);
    writeln!(out, "old  {}  policy {}", time(old.scanned_at), plain(&old.policy))?;
    writeln!(out, "new  {}  policy {}", time(new.scanned_at), plain(&new.policy))?;
    for kind in Kind::ALL {
        findings(comparison, kind, out)?;
    }
    if !comparison.resources.is_empty() {
        writeln!(out, "\nResources")?;
        comparison.resources.iter().try_for_each(|it| resource(it, out))?;
    }
    if !comparison.accounts.is_empty() {
        writeln!(out, "\nAccounts")?;
        comparison.accounts.iter().try_for_each(|it| writeln!(out, "  {}", plain(&account(it))))?;
    }
    if !comparison.notes.is_empty() {
        writeln!(out, "\nNot compared")?;
        comparison.notes.iter().try_for_each(|it| writeln!(out, "  {}", plain(it)))?;
    }
    writeln!(out, "\n{}", comparison.summary())?;
    writeln!(out, "{}", answer(comparison))
}

/// Whether it got worse, in one sentence.
pub(super) fn answer(comparison: &Comparison) -> &'static str {
    match (comparison.is_worse(), comparison.is_empty()) {
        (true, _) => "Something got worse.",
        (false, true) => "Nothing differs.",
        (false, false) => "Nothing got worse.",
    }
}

fn findings(comparison: &Comparison, kind: Kind, out: &mut dyn Write) -> io::Result<()> {
    let mut first = true;
    for change in comparison.of_kind(kind) {
        if first {
            let title = match kind {
                Kind::New => "New failures",
                Kind::Fixed => "Fixed",
                Kind::Changed => "Changed",
            };
            writeln!(out, "\n{title}")?;
            first = false;
        }
        finding(change, out)?;
    }
    Ok(())
}

fn finding(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let Some(finding) = change.finding() else { return Ok(()) };
    let region = finding.region_or_global();
    writeln!(
        out,
        "{} {:<8}  {}  {} {region}  {}",
        if change.worse { "!" } else { " " },
        finding.severity(),
        finding.check(),
        finding.account(),
        plain(&finding.resource().id)
    )?;
    writeln!(out, "            {}", passage(change))?;
    let messages = change.new.as_ref().filter(|_| change.kind != Kind::Fixed);
    for message in messages.iter().flat_map(|it| &it.details.messages) {
        writeln!(out, "            {}", plain(message))?;
    }
    Ok(())
}

/// `pass -> fail (setting)`, with the severities where they differ.
pub(super) fn passage(change: &Change) -> String {
    let severities = change.old.as_ref().zip(change.new.as_ref());
    let severities = severities.filter(|(old, new)| old.severity() != new.severity());
    let severities = severities.map_or_else(String::new, |(old, new)| {
        format!(", {} -> {}", old.severity(), new.severity())
    });
    let (was, is) = (change.was.as_str(), change.is.as_str());
    format!("{was} -> {is}{severities} ({})", change.causes())
}

fn resource(change: &ResourceChange, out: &mut dyn Write) -> io::Result<()> {
    let place = &change.place;
    let region = place.region.as_ref().map_or("global", |region| region.as_str());
    let what = change.what.as_str();
    let (r#type, id) = (plain(&place.r#type), plain(&place.id));
    writeln!(out, "  {type}  {} {region}  {id}: {what}", place.account)?;
    let What::Changed(fields) = &change.what else { return Ok(()) };
    for field in fields {
        let (old, new) = (value(field.old.as_ref()), value(field.new.as_ref()));
        writeln!(out, "      {}: {old} -> {new}", plain(&field.path))?;
    }
    Ok(())
}

/// A value in one short line.
pub(super) fn value(json: Option<&Json>) -> String {
    match json {
        None => "nothing".into(),
        Some(Json::Null) => "not configured".into(),
        Some(json) => match json.get("$unknown") {
            Some(_) => "unknown".into(),
            None => head(&plain(&json.to_string()), MAX_VALUE).into_owned(),
        },
    }
}

/// An account in one line.
pub(super) fn account(change: &AccountChange) -> String {
    let name = change.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    let mut text = format!("{}{name}: ", change.id);
    let absent = "not part of the scan";
    let (old, new) = (change.old.as_deref(), change.new.as_deref());
    text.push_str(&match (old, new) {
        (old, new) if old == new => new.unwrap_or(absent).to_owned(),
        (old, new) => format!("{} -> {}", old.unwrap_or(absent), new.unwrap_or(absent)),
    });
    for (sign, regions) in [("+", &change.regions_came), ("-", &change.regions_went)] {
        for region in regions {
            text.push_str(&format!(" {sign}{region}"));
        }
    }
    text
}
