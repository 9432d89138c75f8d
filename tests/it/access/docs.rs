//! docs/access.md shows what its command lines print. `UPDATE=1` writes it anew.

use std::fs;
use std::path::Path;

use super::{postura, text};

#[test]
fn every_command_line_of_the_page_prints_what_it_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/access.md");
    let page = fs::read_to_string(&path).unwrap();
    let (mut fresh, mut in_block, mut commands) = (String::new(), false, 0);
    for line in page.lines() {
        match line.strip_prefix("$ postura access ") {
            Some(arguments) if in_block => {
                let args: Vec<&str> = arguments.split_whitespace().collect();
                let output = postura(&args);
                assert_eq!(output.status.code(), Some(0), "{line}: {}", text(&output.stderr));
                fresh.push_str(&format!("{line}\n{}", text(&output.stdout)));
                commands += 1;
            }
            _ if line == "```console" => {
                in_block = true;
                fresh.push_str(&format!("{line}\n"));
            }
            _ if line == "```" || !in_block => {
                in_block = false;
                fresh.push_str(&format!("{line}\n"));
            }
            // What the last command printed when the page was written.
            _ => {}
        }
    }
    assert!(commands >= 14, "only {commands} command lines");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, fresh).unwrap();
    } else {
        assert!(page == fresh, "docs/access.md is out of date: UPDATE=1 writes it\n{fresh}");
    }
}
