//! Case files: one JSON object a line in, one out, in the same order.
//!
//! Lines are answered in parallel and written as soon as all before them are: what has arrived on a
//! pipe is answered before more is waited for, so that another program can ask one case at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::super::{Exit, Failure};
use crate::iam::batch::{MAX_LINE, Reply};

/// How much is read from a file before it is answered: lines, and about as many bytes.
const CHUNK_LINES: usize = 1024;
const CHUNK_BYTES: usize = 8 << 20;

/// Arguments of the commands that answer case files.
#[derive(Debug, clap::Args)]
pub struct CasesArgs {
    /// The cases, one JSON object a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
}

/// Answers all cases. Lines that are no cases are answered by an error and make the program fail in
/// the end.
pub fn run(args: &CasesArgs, answer: fn(&str) -> Reply) -> Result<Exit, Failure> {
    let failure = |error: &io::Error| {
        Failure::new(format!("cannot read `{}`: {error}", args.cases.display()))
    };
    let mut input = Input::open(&args.cases).map_err(|error| failure(&error))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut tally = Tally::default();
    loop {
        let chunk = input.chunk().map_err(|error| failure(&error))?;
        if chunk.is_empty() {
            break;
        }
        let one = |line: &Line| match &line.text {
            Ok(text) => answer(text).at_line(line.number),
            Err(why) => Reply::failed(why.clone()).at_line(line.number),
        };
        let replies: Vec<(Option<String>, String)> = chunk
            .par_iter()
            .map(|line| {
                let reply = one(line);
                (reply.error().map(str::to_owned), reply.to_string())
            })
            .collect();
        for (line, (error, text)) in chunk.iter().zip(replies) {
            writeln!(out, "{text}")?;
            tally.add(line.number, error);
        }
        out.flush()?;
    }
    tally.finish()
}

/// How many lines were cases.
#[derive(Default)]
struct Tally {
    lines: u64,
    failed: u64,
    first: Option<(u64, String)>,
}

impl Tally {
    fn add(&mut self, number: u64, error: Option<String>) {
        self.lines += 1;
        if let Some(error) = error {
            self.failed += 1;
            self.first.get_or_insert((number, error));
        }
    }

    fn finish(self) -> Result<Exit, Failure> {
        let Some((number, error)) = self.first else { return Ok(Exit::Passed) };
        let all = if self.lines == 1 { "line is no case" } else { "lines are no cases" };
        Err(Failure::new(format!(
            "{} of {} {all}; the first is line {number}: {}",
            self.failed,
            self.lines,
            crate::report::text::plain(&error)
        )))
    }
}

/// A line that is not blank.
struct Line {
    /// Its number, from 1.
    number: u64,
    /// Its text without its end, or why there is none.
    text: Result<String, String>,
}

struct Input {
    reader: BufReader<Box<dyn Read>>,
    /// Whether reading never waits for somebody who waits for us.
    is_file: bool,
    number: u64,
}

impl Input {
    fn open(path: &Path) -> io::Result<Self> {
        let (source, is_file): (Box<dyn Read>, bool) = if path.as_os_str() == "-" {
            (Box::new(io::stdin()), false)
        } else {
            let file = File::open(path)?;
            let is_file = file.metadata()?.is_file();
            (Box::new(file), is_file)
        };
        Ok(Self { reader: BufReader::with_capacity(1 << 16, source), is_file, number: 0 })
    }

    /// The next lines: at least one unless the input has ended.
    fn chunk(&mut self) -> io::Result<Vec<Line>> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while lines.is_empty()
            || (self.is_ready() && lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES)
        {
            let Some(line) = self.line()? else { break };
            bytes += line.text.as_ref().map_or(0, String::len);
            let is_blank = line.text.as_ref().is_ok_and(|text| text.trim().is_empty());
            if !is_blank {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    /// Whether a whole line can be read without waiting.
    fn is_ready(&self) -> bool {
        self.is_file || self.reader.buffer().contains(&b'\n')
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX).saturating_add(2);
        let mut bytes = Vec::new();
        if self.reader.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let number = self.number;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        } else if bytes.len() > MAX_LINE {
            self.reader.skip_until(b'\n')?;
            let text = Err(format!("longer than {MAX_LINE} bytes"));
            return Ok(Some(Line { number, text }));
        }
        let text = String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned());
        Ok(Some(Line { number, text }))
    }
}
