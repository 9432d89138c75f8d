//! `postura checks list`: one line a check.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets::NOTHING};
use serde_json::json;

use crate::check::{Check, Library, Severity};
use crate::cli::library::Selection;
use crate::cli::{Exit, Failure};
use crate::diagnostic::did_you_mean;
use crate::report::text::{count_of, counted, plain};
use crate::resources::MODEL;

/// Arguments of `postura checks list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only checks of this service, such as `s3`: that of the resource type, or, of a check of the account as a
    /// whole, the one that its id begins with.
    #[arg(long)]
    service: Option<String>,
    /// Only checks of this severity.
    #[arg(long)]
    severity: Option<Severity>,
    /// Only checks that speak to this framework, such as `cis-aws-7.0`.
    #[arg(long)]
    framework: Option<String>,
    /// Only checks of this resource type, such as `AWS::S3::Bucket` or `bucket`.
    #[arg(long, value_name = "TYPE")]
    resource: Option<String>,
    /// The form of the list.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Lists the checks that are asked for.
pub fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let library = args.selection.library()?;
    let wanted = Wanted::new(args, &library)?;
    let chosen = args.selection.choose(&library)?;
    let checks: Vec<_> = chosen.iter().filter(|check| wanted.takes(check)).collect();
    let mut out = io::stdout().lock();
    match args.format {
        Form::Json => writeln!(out, "{}", as_json(&checks))?,
        Form::Table => writeln!(out, "{}", as_table(&checks))?,
    }
    Ok(Exit::Passed)
}

/// The filters, every name in them resolved.
struct Wanted<'a> {
    service: Option<String>,
    severity: Option<Severity>,
    framework: Option<&'a str>,
    resource: Option<&'static str>,
}

impl<'a> Wanted<'a> {
    fn new(args: &'a ListArgs, library: &Library) -> Result<Self, Failure> {
        let service = args.service.as_deref().map(str::to_lowercase);
        if let Some(service) = &service {
            let checks = library.checks().iter();
            let known: BTreeSet<String> = checks.map(|it| it.service(MODEL.catalog)).collect();
            known_name("no check looks at the service", service, known.iter().map(String::as_str))?;
        }
        if let Some(framework) = &args.framework {
            let known = crate::policy::embedded_frameworks().iter().map(|it| it.id.as_str());
            known_name("there is no framework", framework, known)?;
        }
        Ok(Self {
            service,
            severity: args.severity,
            framework: args.framework.as_deref(),
            resource: args.resource.as_deref().map(resource_type).transpose()?,
        })
    }

    fn takes(&self, check: &Check) -> bool {
        let of_framework =
            |name: &str| check.controls.iter().any(|it| it.split('/').next() == Some(name));
        self.service.as_ref().is_none_or(|it| check.service(MODEL.catalog) == *it)
            && self.severity.is_none_or(|it| check.severity == it)
            && self.framework.is_none_or(of_framework)
            && self.resource.is_none_or(|it| check.resource.name == it)
    }
}

fn known_name<'a>(
    sentence: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let known: Vec<&str> = known.collect();
    if known.contains(&name) {
        return Ok(());
    }
    let help = did_you_mean(name, known.iter().copied());
    let help = help.unwrap_or_else(|| format!("known are {}", known.join(", ")));
    Err(Failure::with_help(format!("{sentence} `{}`", plain(name)), Some(help)))
}

/// The type of that name, or with that name in checks.
pub fn resource_type(name: &str) -> Result<&'static str, Failure> {
    let types = || MODEL.catalog.iter();
    if let Some(record) = types().find(|it| it.name == name || it.alias == name) {
        return Ok(record.name);
    }
    let help = did_you_mean(name, types().flat_map(|record| [record.name, record.alias]));
    let help = help.unwrap_or_else(|| {
        format!("known are {}", types().map(|record| record.name).collect::<Vec<_>>().join(", "))
    });
    Err(Failure::with_help(format!("there is no resource type `{}`", plain(name)), Some(help)))
}

fn as_json(checks: &[&Arc<Check>]) -> String {
    let row = |check: &&Arc<Check>| {
        json!({
            "id": check.id, "title": check.title, "severity": check.severity,
            "service": check.service(MODEL.catalog), "resource": check.resource.name,
            "categories": check.categories, "controls": check.controls, "same_as": check.same_as,
        })
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    serde_json::to_string_pretty(&rows).unwrap_or_default()
}

fn as_table(checks: &[&Arc<Check>]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    let width = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    match width {
        Some((width, _)) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0.max(60))
        }
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for check in checks {
        table.add_row([
            check.severity.to_string(),
            check.id.to_string(),
            plain(&check.title).into_owned(),
        ]);
    }
    // An id is copied as it is; only titles go over several lines.
    for column in table.column_iter_mut().take(2) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 1));
    }
    let rows: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{rows}{}", counted(count_of(checks.len()), "check"))
}
