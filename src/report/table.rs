//! `table`: for people at a terminal. The answer first (numbers, verdicts), then open failures by
//! severity and check, what stayed unknown and why, what could not be read, and the gate.
//!
//! On a terminal, names are cut in their middle and messages wrapped to its width. Anywhere else
//! nothing is cut: one line holds one message of one resource.

mod failures;
mod grid;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::summary::Summary;
use super::text::{count_of, counted, plain, time};
use super::{Options, TOOL, TOOL_VERSION, implied};
use crate::check::{Severity, Verdict};
use crate::finding::{Assessed, Compliance, Scan, State};
use crate::inventory::{AccountStatus, Reason};

use grid::{Align, Grid, Paint};

/// Writes the report.
///
/// # Errors
/// When the writer fails.
pub(super) fn write(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.colour);
    header(scan, paint, out)?;
    numbers(scan, options, out)?;
    verdicts(scan, options, out)?;
    requirements(scan, options, out)?;
    failures::write(scan, options, out)?;
    unknowns(scan, options, out)?;
    accounts(scan, options, out)?;
    gaps(scan, options, out)?;
    gate(scan, options, out)
}

fn header(scan: &Scan, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{TOOL} {TOOL_VERSION}");
    let policy = plain(&scan.gate.policy);
    writeln!(out, "{}  policy {policy}, read {}", paint.bold(&title), time(scan.scanned_at))?;
    writeln!(out, "\n  {}", decision(scan, paint))
}

fn numbers(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(scan);
    let accounts = [
        (summary.accounts.scanned, "scanned"),
        (summary.accounts.skipped, "skipped"),
        (summary.accounts.failed, "failed"),
    ];
    let accounts: Vec<String> = accounts
        .into_iter()
        .filter(|(count, what)| *count > 0 || *what == "scanned")
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let types = counted(summary.resource_types, "type");
    let mut grid = Grid::new(&[Align::Left, Align::Left]);
    grid.row(["accounts", &accounts.join(", ")]);
    grid.row(["regions", &summary.regions.to_string()]);
    grid.row(["resources", &format!("{} of {types}", summary.resources)]);
    grid.row(["checks", &scan.checks.len().to_string()]);
    if summary.calls > 0 {
        grid.row(["API calls", &summary.calls.to_string()]);
    }
    let gaps = match summary.gaps {
        0 => "none: everything that was asked for was read".to_owned(),
        gaps => format!("{gaps}, listed below"),
    };
    grid.row(["gaps", &gaps]);
    if let Some(elapsed) = scan.stats.elapsed_ms {
        grid.row(["time", &format!("{}.{} s", elapsed / 1000, elapsed % 1000 / 100)]);
    }
    writeln!(out, "\n{}", grid.draw(options))
}

fn verdicts(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(scan);
    let mut grid = Grid::new(&[
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Right,
    ]);
    grid.row(["", "fail", "excepted", "unknown", "pass", "not applicable"]);
    let named = summary.verdicts.iter().map(|(severity, counts)| (severity.as_str(), counts));
    for (name, counts) in named.chain([("all", &summary.total)]) {
        let counts =
            [counts.fail, counts.excepted, counts.unknown, counts.pass, counts.not_applicable];
        let cells = counts.map(|count| if count == 0 { "·".to_owned() } else { count.to_string() });
        grid.row(std::iter::once(name).chain(cells.iter().map(String::as_str)));
    }
    writeln!(out, "\n{}", grid.draw(options))?;
    if let Some(text) = implied(&summary) {
        writeln!(out)?;
        item(&text, options, out)?;
    }
    Ok(())
}

/// Where the policy is a framework: how many requirements are met, and which are not.
fn requirements(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let Some(compliance) = &scan.gate.compliance else { return Ok(()) };
    section(&plain(&compliance.title), options, out)?;
    let counts: Vec<String> = State::ALL
        .into_iter()
        .map(|state| format!("{} {}", compliance.count(state), state.as_str()))
        .collect();
    item(&format!("requirements: {}", counts.join(", ")), options, out)?;
    let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Left, Align::Right]);
    for it in &compliance.requirements {
        let found = match it.state {
            State::NotMet => counted(it.failures, "failure"),
            State::Unknown => format!("{} unknown", it.unknown),
            State::Met | State::NotApplicable | State::Manual | State::NotCovered => continue,
        };
        grid.row([it.state.as_str(), &*plain(&it.id), &*plain(&it.title), &found]);
    }
    if !grid.is_empty() {
        writeln!(out, "\n{}", grid.draw(options))?;
    }
    others(compliance, options, out)
}

/// The requirements that nothing is wrong with, by their ids: what is met, and what people must look
/// at, apart by whether checks have looked before them.
fn others(compliance: &Compliance, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    type Belongs = fn(&Assessed) -> bool;
    let groups: [(&str, Belongs); 5] = [
        ("met", |it| it.state == State::Met),
        ("not applicable", |it| it.state == State::NotApplicable),
        ("for people to assess, nothing found", |it| {
            it.state == State::Manual && !it.checks.is_empty()
        }),
        ("for people to assess, without checks", |it| {
            it.state == State::Manual && it.checks.is_empty()
        }),
        ("not covered", |it| it.state == State::NotCovered),
    ];
    writeln!(out)?;
    for (name, belongs) in groups {
        let ids: Vec<&str> = compliance
            .requirements
            .iter()
            .filter(|it| belongs(it))
            .map(|it| it.id.as_str())
            .collect();
        if !ids.is_empty() {
            item(&format!("{name}: {}", plain(&ids.join(", "))), options, out)?;
        }
    }
    Ok(())
}

/// Unknown verdicts summed up by reason: the same refusal usually blinds many checks.
fn unknowns(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Default)]
    struct Sum<'a> {
        verdicts: u64,
        checks: BTreeSet<&'a str>,
        accounts: BTreeSet<&'a str>,
    }
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let unknown = scan.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown);
    let mut count = 0;
    for finding in unknown {
        count += 1;
        let reasons: BTreeSet<String> =
            finding.details.unknown.iter().map(Reason::to_string).collect();
        let reasons =
            if reasons.is_empty() { BTreeSet::from(["not said".to_owned()]) } else { reasons };
        for reason in reasons {
            let sum = sums.entry(reason).or_default();
            sum.verdicts += 1;
            sum.checks.insert(finding.check().as_str());
            sum.accounts.insert(finding.account().as_str());
        }
    }
    if count == 0 {
        return Ok(());
    }
    let mut sums: Vec<(String, Sum)> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.verdicts.cmp(&a.1.verdicts).then_with(|| a.0.cmp(&b.0)));
    let mut grid = Grid::new(&[Align::Right, Align::Left, Align::Left]);
    for (reason, sum) in &sums {
        let checks = counted(count_of(sum.checks.len()), "check");
        let accounts = counted(count_of(sum.accounts.len()), "account");
        grid.row([&*sum.verdicts.to_string(), &*plain(reason), &format!("{checks}, {accounts}")]);
    }
    let heading = format!("{} unknown, because of", counted(count, "verdict"));
    section(&heading, options, out)?;
    writeln!(out, "{}", grid.draw(options))
}

/// The accounts that were not read, each with its reason.
fn accounts(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Left]);
    for account in &scan.accounts {
        let (word, why) = match &account.status {
            AccountStatus::Scanned => continue,
            AccountStatus::Skipped(why) => ("skipped", why.clone()),
            AccountStatus::Failed(reason) => ("failed", reason.to_string()),
        };
        grid.row([account.id.as_str(), word, &plain(&why)]);
    }
    if grid.is_empty() {
        return Ok(());
    }
    section("Accounts not scanned", options, out)?;
    writeln!(out, "{}", grid.draw(options))
}

fn gaps(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if scan.gaps.is_empty() {
        return Ok(());
    }
    let mut grid = Grid::new(&[Align::Left, Align::Left, Align::Left, Align::Right]);
    for gap in &scan.gaps {
        let account = gap.reason.account.as_ref().map_or("-", |account| account.as_str());
        let region = gap.reason.region.as_ref().map_or("global", |region| region.as_str());
        let example = gap.example.as_deref().map(|of| format!(" (such as {})", plain(of)));
        let what = format!("{}{}", plain(&gap.reason.to_string()), example.unwrap_or_default());
        grid.row([account, region, &what, &format!("{}×", gap.count)]);
    }
    let heading = format!("{}: could not be read", counted(count_of(scan.gaps.len()), "gap"));
    section(&heading, options, out)?;
    writeln!(out, "{}", grid.draw(options))
}

fn gate(scan: &Scan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let gate = &scan.gate;
    writeln!(out, "\n{}\n", decision(scan, Paint(options.colour)))?;
    for reason in &gate.reasons {
        item(&plain(reason), options, out)?;
    }
    for warning in &gate.warnings {
        item(&format!("warning: {}", plain(warning)), options, out)?;
    }
    Ok(())
}

fn decision(scan: &Scan, paint: Paint) -> String {
    match (scan.gate.passed, scan.gate.incomplete) {
        (true, false) => paint.green("Gate passed"),
        (true, true) => paint.yellow("Nothing failed the gate, but the scan is incomplete"),
        (false, false) => paint.red("Gate failed"),
        (false, true) => paint.red("Gate failed, and the scan is incomplete"),
    }
}

/// A sentence with a bullet, wrapped on a terminal.
fn item(text: &str, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut grid = Grid::new(&[Align::Left, Align::Left]);
    grid.row(["-", text]);
    writeln!(out, "{}", grid.draw(options))
}

fn section(heading: &str, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}\n", Paint(options.colour).bold(heading))
}

/// A severity as a heading.
fn badge(severity: Severity, paint: Paint) -> String {
    let word = format!("{:<8}", severity.as_str().to_uppercase());
    match severity {
        Severity::Critical | Severity::High => paint.red(&word),
        Severity::Medium => paint.yellow(&word),
        Severity::Low | Severity::Info => paint.cyan(&word),
    }
}
