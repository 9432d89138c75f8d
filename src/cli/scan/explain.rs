//! `--explain-plan`: what a scan would do, on standard output.

use std::io::{self, Write};

use crate::cli::{Exit, Failure};
use crate::collect::{self, Options, Planned, Times};

/// How many resources of each kind the estimates are made for.
const ASSUMED: [u32; 3] = [10, 100, 1000];

/// Prints the plan.
pub fn print(options: &Options) -> Result<Exit, Failure> {
    let plan = collect::explain(options);
    let mut out = io::stdout().lock();
    let number = |number: Option<usize>| number.map_or("all".into(), |it| it.to_string());
    writeln!(
        out,
        "Nothing is called. Accounts: {}, regions: {}, share of AWS's quotas: {}%.",
        number(plan.accounts),
        number(plan.regions),
        plan.share * 100.0
    )?;
    let mut guessed = false;
    for (title, calls) in [
        ("Once", &plan.scan),
        ("In each account", &plan.account),
        ("In each region of each account", &plan.region),
    ] {
        let pages = calls.iter().filter(|it| it.times != Times::Resources).count();
        let details = calls.len() - pages;
        writeln!(
            out,
            "\n{title}: {pages} calls at least, {details} more for each resource or unit"
        )?;
        writeln!(out, "  {:<58} {:<22} allowed by AWS", "call", "how often")?;
        for planned in calls {
            guessed |= !planned.quota.is_published;
            writeln!(out, "  {:<58} {:<22} {}", planned.call, often(planned), allowed(planned))?;
        }
    }
    if guessed {
        writeln!(
            out,
            "\n* AWS does not publish this quota; the scan learns it when it is throttled."
        )?;
    }
    writeln!(out, "\nTime that the limits cost one account, all regions side by side:")?;
    for resources in ASSUMED {
        let (whole, by) = plan.seconds(&plan.account, resources);
        let (region, by_region) = plan.seconds(&plan.region, resources);
        let by = if region > whole { by_region } else { by };
        let by = by.map_or_else(String::new, |call| format!(", by {call}"));
        let seconds = whole.max(region);
        writeln!(out, "  {resources:>5} resources of each kind in each place: {seconds:.1} s{by}")?;
    }
    writeln!(
        out,
        "Accounts are read side by side; listing 1,000 accounts takes {:.0} s.",
        list(&plan)
    )?;
    writeln!(out, "\nIAM actions of the role in each account:")?;
    for action in &plan.actions {
        writeln!(out, "  {action}")?;
    }
    Ok(Exit::Passed)
}

fn often(planned: &Planned) -> &'static str {
    match planned.times {
        Times::Pages => "once, then by page",
        Times::Once => "once",
        Times::Resources => "by resource or page",
    }
}

fn allowed(planned: &Planned) -> String {
    let quota = planned.quota;
    let mark = if quota.is_published { "" } else { " *" };
    let with = quota.pool.map_or_else(String::new, |pool| format!(", all of {pool} together"));
    format!("{}/s, {} at once{with}{mark}", quota.rate, quota.burst)
}

/// The seconds that the fifty pages of a thousand accounts take.
fn list(plan: &collect::Explained) -> f64 {
    let quota = crate::session::quota(&crate::session::LIST_ACCOUNTS);
    (50.0 - quota.burst * plan.share) / (quota.rate * plan.share)
}
