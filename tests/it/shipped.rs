//! The checks that are shipped: they load, their cases hold, blinded or not, and every id in them
//! is one that exists.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use postura::check::{Check, Library, Scratch, Verdict, case};
use postura::diagnostic::{Diagnostic, Level, SourceFile};
use postura::evaluate::{Plain, Selected, Setting, evaluate};
use postura::finding::Finding;
use postura::inventory::{Row, Wanted, snapshot};
use postura::resources::MODEL;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The YAML files below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn source(path: &Path) -> Arc<SourceFile> {
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    SourceFile::new(name, fs::read_to_string(path).unwrap())
}

/// Every requirement of the frameworks that are shipped, as checks name them.
fn requirements() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files(&root().join("policies/frameworks")) {
        let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let framework: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(framework["id"], id.as_str());
        for requirement in framework["requirements"].as_array().unwrap() {
            let requirement = requirement["id"].as_str().unwrap();
            assert!(found.insert(format!("{id}/{requirement}")), "{id}/{requirement} twice");
        }
    }
    found
}

fn library() -> (Library, Vec<Diagnostic>) {
    let sources: Vec<_> = files(&root().join("checks")).iter().map(|path| source(path)).collect();
    Library::load(sources.into_iter(), MODEL.catalog, Some(&requirements()))
}

/// Everything that is found in a recorded inventory, read and evaluated in so many threads.
fn found(threads: usize, snapshot: &[u8], selected: &[Selected]) -> Vec<Finding> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let inventory = snapshot::read(snapshot, MODEL, &Wanted::Everything).unwrap();
        evaluate(&inventory, selected, &Plain)
    })
}

#[test]
fn recorded_resources_are_judged_at_once_as_they_are_alone() {
    let (library, _) = library();
    let (mut scratch, mut verdicts, mut seen) = (Scratch::default(), Vec::new(), [0; 4]);
    for entry in fs::read_dir(root().join("snapshots")).unwrap() {
        let file = fs::File::open(entry.unwrap().path()).unwrap();
        let inventory = snapshot::read(file, MODEL, &Wanted::Everything).unwrap();
        for check in library.checks() {
            let params = check.params(&BTreeMap::new()).unwrap();
            let bound = check.bind(&inventory, &params);
            let rows: Vec<Row> = inventory.rows(check.resource).collect();
            bound.verdicts(&rows, &mut scratch, &mut verdicts);
            let alone: Vec<Verdict> = rows.iter().map(|row| bound.verdict(*row)).collect();
            assert_eq!(verdicts, alone, "{}", check.id);
            alone.iter().for_each(|verdict| seen[*verdict as usize] += 1);
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}

#[test]
fn findings_of_recorded_inventories_do_not_depend_on_the_number_of_threads() {
    let (library, _) = library();
    let selected = |check: &Arc<Check>| {
        let params = check.params(&BTreeMap::new()).unwrap();
        let settings = vec![Setting { severity: check.severity, params }];
        Selected { check: Arc::clone(check), settings }
    };
    let selected: Vec<Selected> = library.checks().iter().map(selected).collect();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let snapshot = fs::read(&path).unwrap();
        let alone = found(1, &snapshot, &selected);
        assert!(!alone.is_empty(), "{}", path.display());
        for threads in [2, 7] {
            let same = found(threads, &snapshot, &selected) == alone;
            assert!(same, "{} in {threads} threads", path.display());
        }
        seen += 1;
    }
    assert!(seen >= 4, "{seen} recorded inventories");
}

fn lines(diagnostics: &[Diagnostic]) -> String {
    let line = |it: &Diagnostic| {
        let help = it.help.as_deref().map_or(String::new(), |help| format!(" ({help})"));
        format!("{it}{help}\n")
    };
    diagnostics.iter().map(line).collect()
}

#[test]
fn every_shipped_check_loads_without_a_word() {
    let (library, diagnostics) = library();
    assert!(diagnostics.is_empty(), "{}", lines(&diagnostics));
    assert!(library.checks().len() >= 100);
}

#[test]
fn every_case_holds_blinded_or_not_and_covers_its_check() {
    let (library, _) = library();
    let mut found = Vec::new();
    for check in library.checks() {
        found.extend(case::run(check, MODEL).diagnostics(check));
    }
    assert!(found.iter().all(|it| it.level != Level::Error), "{}", lines(&found));
    assert!(found.is_empty(), "{}", lines(&found));
}

#[test]
fn a_check_is_named_as_its_file_and_stands_in_the_folder_of_its_service() {
    for path in files(&root().join("checks")) {
        let text = fs::read_to_string(&path).unwrap();
        let id = path.file_stem().unwrap().to_str().unwrap();
        assert!(text.contains(&format!("\nid: {id}\n")), "{}", path.display());
    }
}
