//! The generated pages are those that the code makes, and the examples of the language hold.
//! `UPDATE=1 cargo test --test it docs` writes the pages anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use postura::check::{Check, Library, Verdict, case, compile, lint};
use postura::diagnostic::SourceFile;
use postura::docs::pages;
use postura::policy::embedded_frameworks;
use postura::resources::MODEL;

use super::shipped::{files, root, source};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn library() -> Library {
    let sources = files(&root().join("checks")).into_iter().map(|path| source(&path));
    Library::load(sources, MODEL.catalog, None).0
}

#[test]
fn generated_pages_are_up_to_date() {
    let pages = pages(&library(), embedded_frameworks(), MODEL);
    let folder = folder();
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for (name, text) in &pages {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_ref() == Some(text) {
            continue;
        }
        if update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else {
            stale.push(name.clone());
        }
    }
    for entry in fs::read_dir(folder.join("checks")).into_iter().flatten() {
        let name = format!("checks/{}", entry.unwrap().file_name().to_str().unwrap());
        match (pages.contains_key(&name), update) {
            (true, _) => {}
            (false, true) => fs::remove_file(folder.join(&name)).unwrap(),
            (false, false) => stale.push(name),
        }
    }
    assert!(
        stale.is_empty(),
        "run `UPDATE=1 cargo test --no-default-features --test it docs` to refresh docs/{}",
        stale.join(", docs/")
    );
}

/// The fenced blocks of a page: what stands behind the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = page.split("```").collect();
    parts.iter().skip(1).step_by(2).map(|part| part.split_once('\n').unwrap()).collect()
}

fn checked(text: String) -> Check {
    let name = "example.yaml";
    let id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
    let name = if id == "example" { name.to_owned() } else { format!("{id}.yaml") };
    let (check, found) = compile(&SourceFile::new(name, text.clone()), MODEL.catalog);
    check.unwrap_or_else(|| panic!("{found:?}\n{text}"))
}

/// The verdict on a resource of a check with that logic.
fn verdict(resource: &str, given: &str, logic: &str) -> Verdict {
    let indented: String = given.lines().map(|line| format!("      {line}\n")).collect();
    let text = format!(
        "id: example\ntitle: Examples hold\nseverity: low\nresource: {resource}\n{logic}\ntests:\n  \
         - name: example\n    verdict: fail\n    given:\n{indented}"
    );
    let check = checked(text);
    case::example(&check, MODEL).unwrap().1.verdict
}

#[test]
fn every_example_of_the_language_holds() {
    let page = fs::read_to_string(folder().join("language.md")).unwrap();
    let blocks = blocks(&page);
    let mut given: BTreeMap<&str, &str> = BTreeMap::new();
    // The examples before the first mention of a type look at that first mention.
    for (head, text) in blocks.iter().rev() {
        if let Some(resource) = head.strip_prefix("yaml given ") {
            given.insert(resource, text);
        }
    }
    let mut count = 0;
    for (head, text) in blocks {
        if let Some(resource) = head.strip_prefix("yaml given ") {
            given.insert(resource, text);
        } else if let Some(rest) = head.strip_prefix("yaml logic ") {
            let (resource, expected) = rest.split_once(' ').unwrap();
            assert_eq!(verdict(resource, given[resource], text).as_str(), expected, "{text}");
            count += 1;
        } else if head == "yaml check" {
            let check = checked(text.to_owned());
            assert!(lint(&check).is_empty(), "{:?}", lint(&check));
            let found = case::run(&check, MODEL).diagnostics(&check);
            assert!(found.is_empty(), "{found:?}");
            count += 1;
        } else if head == "cel" {
            for line in text.lines() {
                condition(line, &given);
                count += 1;
            }
        }
    }
    assert!(count > 40, "{count} examples were found");
}

/// Holds a line such as `size(group.ingress) == 2  // true`.
fn condition(line: &str, given: &BTreeMap<&str, &str>) {
    let (condition, expected) = line.split_once("  // ").unwrap();
    let named = |alias: &str| {
        condition.match_indices(&format!("{alias}.")).any(|(at, _)| {
            !condition[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'))
        })
    };
    let resource = given.keys().find(|name| named(MODEL.catalog.find(name).unwrap().alias));
    let resource = resource.unwrap_or(&"AWS::EC2::SecurityGroup");
    let logic = format!("expect:\n  - that: |\n      {condition}\n    otherwise: Bad");
    let found = match verdict(resource, given[resource], &logic) {
        Verdict::Pass => "true",
        Verdict::Fail => "false",
        Verdict::Unknown | Verdict::NotApplicable => "unknown",
    };
    assert_eq!(found, expected, "{condition}");
}

#[test]
fn the_page_of_the_language_shows_every_function() {
    let page = fs::read_to_string(folder().join("language.md")).unwrap();
    let missing: BTreeSet<&str> = postura::check::functions::FUNCTIONS
        .iter()
        .map(|function| function.example)
        .filter(|example| !page.contains(&format!("{example}  // true")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(!page.contains("{{"), "a placeholder is left");
}
