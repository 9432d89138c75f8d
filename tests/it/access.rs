//! `postura access`, as its user meets it: questions to a snapshot, case files, and the command lines
//! of docs/access.md.

mod cases;
mod docs;
mod questions;

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

const DEMO: &str = "snapshots/demo-org.jsonl";

fn postura(args: &[&str]) -> Output {
    run(args, "")
}

fn run(args: &[&str], input: &str) -> Output {
    let mut command = Command::cargo_bin("postura").unwrap();
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).env_clear();
    command.arg("access").args(args).write_stdin(input).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
