//! `src/` is layered: a module uses only modules that stand before it in this list.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. `lib.rs` introduces them in the same order.
const LAYERS: &[&str] = &[
    "diagnostic",
    "aws",
    "iam",
    "filter_pattern",
    "event_pattern",
    "schema",
    "inventory",
    "check",
    "finding",
    "evaluate",
    "policy",
    "report",
    "iac",
    "resources",
    "access",
    "comparison",
    "docs",
    "session",
    "collect",
    "synthetic",
    "terminal",
    "cli",
];

#[test]
fn modules_use_only_lower_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |module: &str| LAYERS.iter().position(|layer| *layer == module);
    let mut breaches = Vec::new();
    for file in rust_files(&src) {
        let path = file.strip_prefix(&src).unwrap();
        let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        // Files of tests may use sample data and drawings of any layer, as test modules may.
        let is_test =
            path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests")));
        if matches!(module, "lib" | "main") || is_test {
            continue;
        }
        let Some(own) = rank(module) else {
            breaches.push(format!("{}: `{module}` is in no layer", path.display()));
            continue;
        };
        for used in crate_paths(&code_of(&file)) {
            // Macros are exported at the root of the crate.
            if matches!(used.as_str(), "part" | "resource" | "record_struct" | "record_field") {
                continue;
            }
            if rank(&used).is_none_or(|rank| rank > own) {
                breaches.push(format!("{}: `{module}` uses `{used}`", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "layers breached:\n{}", breaches.join("\n"));
}

/// The first segment of every `crate::` path, those inside `use crate::{a, b::c}` included.
fn crate_paths(code: &str) -> Vec<String> {
    let ident = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut paths = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + path.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            paths.push(ident(rest));
            continue;
        };
        let mut depth = 0;
        paths.push(ident(group));
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => paths.push(ident(&group[at + 1..])),
                _ => {}
            }
        }
    }
    paths.retain(|path| !path.is_empty());
    paths
}

/// The file's text without comment lines, whose links may point anywhere, and without test modules,
/// which may use sample data of any layer.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
