//! A directory that keeps one small line a scan.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Failure;
use super::exit::shown;
use crate::finding::trend::{self, Point};

/// The file in the directory.
const FILE: &str = "history.jsonl";

/// The scans so far. The directory is made where it is not there.
pub fn read(directory: &Path) -> Result<Vec<Point>, Failure> {
    let path = directory.join(FILE);
    let cannot = |error: &io::Error| {
        Failure::new(format!("cannot use the history `{}`: {error}", shown(&path)))
    };
    fs::create_dir_all(directory).map_err(|error| cannot(&error))?;
    super::output::writable(&path)?;
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| cannot(&error))?,
    };
    let mut points = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |why: String| Failure::new(format!("{}:{}: {why}", shown(&path), at + 1));
        let point: Point = serde_json::from_str(line)
            .map_err(|error| wrong(format!("no line of a history: {error}")))?;
        if point.version != trend::VERSION {
            return Err(wrong(format!("version {} is not known", point.version)));
        }
        points.push(point);
    }
    Ok(points)
}

/// Adds a scan, unless it is there.
pub fn append(directory: &Path, history: &[Point], point: &Point) -> Result<(), Failure> {
    if history.contains(point) {
        return Ok(());
    }
    let path: PathBuf = directory.join(FILE);
    let mut line = serde_json::to_string(point).map_err(io::Error::from)?;
    line.push('\n');
    // One write, so that two scans at a time do not mix their lines.
    let file = File::options().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(|error| Failure::writing(&path, &error))
}
