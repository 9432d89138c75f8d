//! Large and long scans with the built program: deadlines, plans, and what survives.

mod faults;
mod journal;
mod large;
mod pace;
mod shards;

use std::path::Path;
use std::process::{Command, Output};

use postura::synthetic::Server;
use serde_json::Value as Json;

/// The program, pointed at a server and cut off from the settings of whoever runs the tests.
fn scan(server: &Server, directory: &Path, args: &[&str]) -> Command {
    let keys = server.credentials();
    let mut command = Command::new(env!("CARGO_BIN_EXE_postura"));
    command.current_dir(directory).env_clear().env("HOME", directory);
    command
        .args(["scan", "--organization", "-o", "json"])
        .args(args)
        .env("AWS_ENDPOINT_URL", server.endpoint())
        .env("AWS_ACCESS_KEY_ID", keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn results(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}
