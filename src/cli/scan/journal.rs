//! The journal of a scan as a file: where it is, that nobody else writes it, and what happens when
//! the disk is full.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::cli::Failure;
use crate::cli::exit::shown;
use crate::collect::Options;
use crate::collect::journal::{Earlier, Journal, JournalError, Keep, Selection};
use crate::inventory::time_text;
use crate::resources::MODEL;

/// Arguments about the journal.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "What survives")]
pub struct JournalArgs {
    /// Keep what was read in this directory until the scan is finished. Scans of an organization,
    /// and those that record a snapshot, keep it in the user's state directory where nothing is said.
    #[arg(long, value_name = "DIR", conflicts_with = "snapshot")]
    journal: Option<PathBuf>,
    /// Go on with the scan that the journal holds, if it holds one.
    #[arg(long, conflicts_with = "snapshot")]
    resume: bool,
}

/// An open journal, and the file behind it.
pub struct Kept {
    /// What `collect` writes to.
    pub journal: Journal,
    path: PathBuf,
    syncing: Option<Syncing>,
}

const NAME: &str = "postura-journal.jsonl";

impl JournalArgs {
    /// Opens the journal of what the [`selection`] says. Where it `keeps` one, nobody need ask for it.
    pub fn open(
        &self,
        selection: Selection,
        keeps: bool,
        note: &dyn Fn(&str),
    ) -> Result<Option<Kept>, Failure> {
        let directory = match (&self.journal, keeps || self.resume) {
            (Some(directory), _) => directory.clone(),
            (None, false) => return Ok(None),
            (None, true) => match state_directory(&selection) {
                Some(directory) => directory,
                None if self.resume => {
                    let help = "name the directory with --journal".into();
                    return Err(Failure::with_help("there is no place for a journal", Some(help)));
                }
                None => return Ok(None),
            },
        };
        let opened = self.open_in(&directory, selection, note);
        match opened {
            // Nobody asked for this journal, and a scan does not need one.
            Err(failure) if self.journal.is_none() && !self.resume => {
                note(&format!("no journal is kept: {}", message(&failure)));
                Ok(None)
            }
            opened => opened.map(Some),
        }
    }

    fn open_in(
        &self,
        directory: &Path,
        selection: Selection,
        note: &dyn Fn(&str),
    ) -> Result<Kept, Failure> {
        let path = directory.join(NAME);
        let cannot = |error: io::Error| {
            Failure::new(format!("cannot keep a journal in `{}`: {error}", shown(directory)))
        };
        fs::create_dir_all(directory).map_err(cannot)?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("another scan keeps its journal in `{}`", shown(directory));
                return Err(Failure::new(message));
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        let is_empty = file.metadata().map_err(cannot)?.len() == 0;
        let earlier = if self.resume && !is_empty {
            let reader = BufReader::new(File::open(&path).map_err(cannot)?);
            Some(Earlier::read(reader, &selection).map_err(|error| refused(&path, &error))?)
        } else {
            None
        };
        let length = earlier.as_ref().map_or(0, |earlier| earlier.length);
        file.set_len(length).map_err(cannot)?;
        file.seek(SeekFrom::Start(length)).map_err(cannot)?;
        let (keep, syncing) = Lines::new(file, &path).map_err(cannot)?;
        let journal = match earlier {
            Some(earlier) => {
                let began = time_text(earlier.scanned_at);
                let done = earlier.done();
                note(&format!("going on with the scan of {began}: {done} parts are done"));
                let from = path.clone();
                let reread = Box::new(move || {
                    let file = File::open(&from)?;
                    Ok(Box::new(BufReader::new(file)) as Box<dyn io::BufRead>)
                });
                Journal::resume(Box::new(keep), reread, earlier)
            }
            None => {
                if self.resume {
                    note("there is nothing to go on with; the scan begins anew");
                }
                let now = jiff::Timestamp::now().as_second();
                Journal::begin(Box::new(keep), selection, now)
            }
        };
        Ok(Kept { journal, path, syncing: Some(syncing) })
    }
}

impl Kept {
    /// Ends the journal: a finished scan needs none, another may be gone on with.
    pub fn end(mut self, is_finished: bool, note: &dyn Fn(&str)) {
        drop(self.syncing.take());
        if is_finished {
            // What stays behind would be overwritten by the next scan.
            let _ = fs::remove_file(&self.path);
        } else {
            note("the same command with --resume goes on with this scan");
        }
    }
}

fn message(failure: &Failure) -> String {
    match failure {
        Failure::Plain { message, .. } => message.clone(),
        Failure::Files(_) | Failure::Write(_) => failure.to_string(),
    }
}

fn refused(path: &Path, error: &JournalError) -> Failure {
    let help = match error {
        JournalError::Io(_) => None,
        JournalError::NotAJournal | JournalError::OtherScan(_) => {
            Some("scan without --resume to begin anew, or name another directory".to_owned())
        }
    };
    Failure::with_help(format!("cannot resume from `{}`: {error}", shown(path)), help)
}

/// What a journal is about: everything that decides which calls are made, or what they mean.
/// `policy` and `checks` are what the scan is judged by.
pub fn selection(options: &Options, policy: &str, checks: &[String]) -> Selection {
    let types = MODEL.catalog.iter().map(|record| {
        let fields = record.fields.iter().map(|field| format!("{} {}", field.name, field.ty));
        format!("{}: {}", record.name, fields.collect::<Vec<_>>().join(", "))
    });
    let types: Vec<String> = types.collect();
    let needs = options.needs.fields.iter().map(|(record, field)| format!("{record}.{field}"));
    let checks: Vec<String> = checks.iter().cloned().chain(needs).collect();
    let role = &options.role;
    let origin = &options.origin;
    [
        ("accounts", format!("{:?}", options.targets)),
        ("shard", options.shard.map(|shard| shard.to_string()).unwrap_or_default()),
        ("checks", digest(&checks)),
        ("policy", policy.to_owned()),
        ("profile", format!("{:?} {:?}", origin.profile, origin.region)),
        ("regions", format!("{:?} but {:?}", options.regions.only, options.regions.exclude)),
        ("role", format!("{} {:?} {}", role.name, role.external_id, role.in_own_account)),
        ("version", format!("{} {}", env!("CARGO_PKG_VERSION"), digest(&types))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn digest(words: &[String]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A directory for this selection in the state directory of the user, where there is one.
fn state_directory(selection: &Selection) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("state")))?;
    // A journal of another version is found, and refused, rather than left behind.
    let parts = selection.iter().filter(|(name, _)| *name != "version");
    let parts: Vec<String> = parts.map(|(name, value)| format!("{name}={value}")).collect();
    Some(state.join("postura").join(digest(&parts)))
}

/// How often lines are made to survive a loss of power. The system keeps them from the end of each
/// unit on, so that the end of the program costs nothing.
const SYNC: Duration = Duration::from_secs(1);

/// Appends lines to the file. When that fails, the scan goes on without.
struct Lines {
    file: File,
    path: PathBuf,
    buffer: Vec<u8>,
    is_dirty: Arc<AtomicBool>,
    has_failed: bool,
}

impl Lines {
    fn new(file: File, path: &Path) -> io::Result<(Self, Syncing)> {
        let is_dirty = Arc::new(AtomicBool::new(false));
        let is_over = Arc::new(AtomicBool::new(false));
        let (dirty, over) = (Arc::clone(&is_dirty), Arc::clone(&is_over));
        let synced = file.try_clone()?;
        let thread = std::thread::Builder::new().name("journal".into()).spawn(move || {
            loop {
                let last = over.load(Ordering::Acquire);
                if dirty.swap(false, Ordering::AcqRel) {
                    // Nobody can be helped by an error here: what was written is written.
                    let _ = synced.sync_data();
                }
                if last {
                    return;
                }
                std::thread::park_timeout(SYNC);
            }
        })?;
        let path = path.to_owned();
        let lines = Self { file, path, buffer: Vec::new(), is_dirty, has_failed: false };
        Ok((lines, Syncing { is_over, thread: Some(thread) }))
    }
}

impl Keep for Lines {
    fn keep(&mut self, line: &[u8], is_last: bool) {
        if self.has_failed {
            return;
        }
        self.buffer.extend_from_slice(line);
        if !is_last && self.buffer.len() < 1 << 20 {
            return;
        }
        match self.file.write_all(&self.buffer) {
            Ok(()) => self.is_dirty.store(true, Ordering::Release),
            Err(error) => {
                self.has_failed = true;
                let path = shown(&self.path);
                let _ = writeln!(
                    io::stderr(),
                    "warning: the journal `{path}` cannot be written any more: {error}\n  the scan \
                     goes on; after a crash, --resume would begin at this point"
                );
            }
        }
        self.buffer.clear();
    }
}

/// The thread that syncs; it ends when dropped, after the last sync.
struct Syncing {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
