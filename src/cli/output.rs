//! Writing the reports of a scan: checked before the scan begins, written when it ends.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use super::Failure;
use super::iac::IacArgs;
use super::whole::whole;
use crate::finding::Scan;
use crate::iac::Declarations;
use crate::report::sarif::Split;
use crate::report::{self, Format, GroupBy, OutputSpec, Target};

/// Arguments about output, shared by `scan`, `demo` and `report`.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write a report: table, json, jsonl, html, sarif, markdown, github, csv, junit, ocsf, asff,
    /// oscal; several times for several. A PATH that ends in / is a directory. [default: table]
    #[arg(short, long = "output", value_name = "FORMAT[=PATH]")]
    pub outputs: Vec<String>,
    /// How the table groups open failures.
    #[arg(long, value_enum, value_name = "GROUP", default_value_t)]
    pub group_by: GroupBy,
    /// Whether SARIF has a run for each account, or for each service of each account.
    #[arg(long, value_enum, value_name = "SPLIT", default_value_t)]
    pub sarif_split: Split,
    /// Print no progress and no notes.
    #[arg(short, long)]
    pub quiet: bool,
    /// Use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    #[command(flatten)]
    iac: IacArgs,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The reports to write, with paths that can be written, and where resources are declared.
pub struct Outputs {
    specs: Vec<OutputSpec>,
    declarations: Option<Declarations>,
}

impl OutputArgs {
    /// Reads the arguments and what they name, and makes sure that every path can be written.
    pub fn check(&self) -> Result<Outputs, Failure> {
        let mut specs = Vec::new();
        for text in &self.outputs {
            specs.push(text.parse().map_err(|error| Failure::new(format!("{error}")))?);
        }
        if specs.is_empty() {
            specs.push(OutputSpec { format: Format::Table, target: Target::Stdout });
        }
        let declarations = self.iac.read()?;
        for spec in &specs {
            match &spec.target {
                Target::Stdout => {}
                Target::File(path) => writable(path)?,
                Target::Directory(path) => {
                    fs::create_dir_all(path).map_err(|error| Failure::writing(path, &error))?;
                }
            }
        }
        Ok(Outputs { specs, declarations })
    }

    /// How reports on standard output are drawn.
    fn options(&self) -> report::Options {
        let terminal = io::stdout().is_terminal();
        report::Options {
            width: terminal.then(width).flatten(),
            colour: self.colour(),
            hyperlinks: terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            group_by: self.group_by,
            sarif_split: self.sarif_split,
        }
    }

    /// Whether colours are used on standard output.
    fn colour(&self) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }

    /// Writes the reports.
    pub fn write(&self, outputs: &Outputs, scan: &mut Scan) -> Result<(), Failure> {
        if let Some(declarations) = &outputs.declarations {
            let placed = declarations.place(scan);
            let (known, open) = (placed.known, placed.open);
            self.note(&format!("{known} of {open} open failures stand where they are declared"));
        }
        let scan = &*scan;
        for spec in &outputs.specs {
            let notes = match &spec.target {
                Target::Stdout => {
                    let options = self.options();
                    written(None, |out| report::write(spec.format, scan, &options, out))?
                }
                Target::File(path) => {
                    let options = report::Options {
                        group_by: self.group_by,
                        sarif_split: self.sarif_split,
                        ..Default::default()
                    };
                    written(Some(path), |out| report::write(spec.format, scan, &options, out))?
                }
                Target::Directory(path) => write_shards(scan, self.sarif_split, path)?,
            };
            notes.iter().for_each(|note| self.note(note));
        }
        Ok(())
    }

    fn note(&self, note: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "note: {note}");
        }
    }
}

/// Writes the SARIF report as files of a directory.
fn write_shards(scan: &Scan, split: Split, directory: &Path) -> Result<Vec<String>, Failure> {
    for shard in report::sarif::shards(scan, split) {
        let path = directory.join(&shard.name);
        written(Some(&path), |out| report::sarif::write_shard(scan, &shard, out))?;
    }
    Ok(report::sarif::notes(scan, split))
}

/// Calls a function with a file, written whole or not at all, or with standard output where none is
/// named.
pub fn written<T>(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<T, Failure> {
    let Some(path) = path else {
        let mut out = BufWriter::new(io::stdout().lock());
        let value = write(&mut out)?;
        out.flush()?;
        return Ok(value);
    };
    whole(path, false, write).map_err(|error| Failure::writing(path, &error))
}

fn width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Makes sure that a file can be written, without touching one that is there.
pub fn writable(path: &Path) -> Result<(), Failure> {
    // The reader of a pipe takes the end of a try for the end of the report.
    if fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return Ok(());
    }
    let existed = path.exists();
    File::options()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|error| Failure::writing(path, &error))?;
    if !existed {
        fs::remove_file(path).map_err(|error| Failure::writing(path, &error))?;
    }
    Ok(())
}
