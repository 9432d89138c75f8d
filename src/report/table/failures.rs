//! Open failures, grouped.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::badge;
use super::grid::{Align, Grid, Paint};
use crate::check::CheckId;
use crate::finding::{Finding, Resource, Scan};
use crate::report::text::{count_of, counted, middle_cut, plain, service};
use crate::report::{GroupBy, Options, consequences};

/// From this width on, message and resource stand side by side.
const WIDE: usize = 130;

/// Writes the groups, or that there are none.
pub(super) fn write(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<&Finding> =
        scan.findings.iter().filter(|finding| finding.is_open_failure()).collect();
    if open.is_empty() {
        return writeln!(out, "\nNo open failures");
    }
    super::section(&counted(count_of(open.len()), "open failure"), options, out)?;
    match options.group_by {
        GroupBy::Check => checks(scan, &open, options, out),
        GroupBy::Account => {
            let name = |finding: &Finding| format!("account {}", finding.account());
            outer(scan, &open, name, options, out)
        }
        GroupBy::Service => {
            let name =
                |finding: &Finding| format!("service {}", service(&finding.resource().r#type));
            outer(scan, &open, name, options, out)
        }
    }
}

fn outer(
    scan: &Scan,
    open: &[&Finding],
    name: impl Fn(&Finding) -> String,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut groups: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in open {
        groups.entry(name(finding)).or_default().push(finding);
    }
    for (at, (name, findings)) in groups.into_iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let count = counted(count_of(findings.len()), "open failure");
        let heading = format!("{}: {count}", plain(&name));
        writeln!(out, "{}\n", Paint(options.colour).bold(&heading))?;
        checks(scan, &findings, options, out)?;
    }
    Ok(())
}

/// The findings of one check and severity stand together: that is how findings are sorted.
fn checks(
    scan: &Scan,
    findings: &[&Finding],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.colour);
    let same = |a: &&Finding, b: &&Finding| a.check() == b.check() && a.severity() == b.severity();
    for (at, group) in findings.chunk_by(same).enumerate() {
        let Some(first) = group.first() else { continue };
        if at > 0 {
            writeln!(out)?;
        }
        let title = plain(first.title());
        let count = counted(count_of(group.len()), "resource");
        writeln!(out, "{} {}", badge(first.severity(), paint), paint.bold(&title))?;
        let check = linked(scan, first.check(), options);
        writeln!(out, "         {}", paint.dim(&format!("{check}, {count}")))?;
        writeln!(out, "{}", rows(group, options))?;
    }
    Ok(())
}

/// The id of a check, as a hyperlink to its documentation where the terminal follows such.
fn linked(scan: &Scan, id: &CheckId, options: &Options) -> String {
    let check = scan.checks.iter().find(|check| check.id == *id).filter(|_| options.hyperlinks);
    // An address ends the escape sequence early if it holds what no address holds.
    let safe = |link: &&String| {
        link.starts_with("https://") && link.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match check.and_then(|check| check.links.iter().find(safe)) {
        Some(link) => format!("\u{1b}]8;;{link}\u{1b}\\{id}\u{1b}]8;;\u{1b}\\"),
        None => id.to_string(),
    }
}

fn rows(group: &[&Finding], options: &Options) -> String {
    match options.width {
        Some(width) if width < WIDE => narrow(group, width, options),
        width => side_by_side(group, width, options),
    }
}

/// The message stands under the resource.
fn narrow(group: &[&Finding], width: usize, options: &Options) -> String {
    let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Left]);
    let room = width.saturating_sub(36).max(16);
    for finding in group {
        let name = name(finding.resource());
        let mut text = middle_cut(&plain(&name), room).into_owned();
        for message in messages(finding) {
            text.push('\n');
            text.push_str(&message);
        }
        grid.row([finding.account().as_str(), region(finding), &text]);
    }
    grid.draw(options)
}

fn side_by_side(group: &[&Finding], width: Option<usize>, options: &Options) -> String {
    let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Left, Align::Left]);
    for finding in group {
        let name = name(finding.resource());
        let name = plain(&name);
        let name =
            width.map_or(name.clone(), |width| middle_cut(&name, width / 3).into_owned().into());
        let messages = messages(finding);
        if messages.is_empty() {
            grid.row([finding.account().as_str(), region(finding), &name, ""]);
        }
        for message in messages {
            grid.row([finding.account().as_str(), region(finding), &name, &message]);
        }
    }
    grid.draw(options)
}

fn region(finding: &Finding) -> &str {
    finding.region_or_global()
}

/// The id, with the name behind it where that says more.
fn name(resource: &Resource) -> String {
    match resource.name.as_deref() {
        Some(name) if !name.is_empty() && name != resource.id => {
            format!("{} ({name})", resource.id)
        }
        _ => resource.id.clone(),
    }
}

fn messages(finding: &Finding) -> Vec<String> {
    let expired = finding.details.exception.as_ref().map(|exception| {
        let why = exception.note.as_deref().unwrap_or("it has lapsed");
        format!("the exception of {} does not hold: {why}", exception.owner)
    });
    let more = consequences(finding);
    let all = finding.details.messages.iter().chain(expired.as_ref()).chain(more.as_ref());
    all.map(|text| plain(text).into_owned()).collect()
}
