//! The list of files that git tracks, read from its index.
//!
//! Git itself is not called: a checkout is input from outside, and its configuration may name
//! programs that git would start.

use std::collections::BTreeSet;

const HEADER: usize = 12;

/// The paths in an index of version 2, 3 or 4, with `/`. `hash` is the length of an object's name in
/// bytes. `None` where the index cannot be read, or does not list every file by itself.
pub fn tracked(index: &[u8], hash: usize) -> Option<BTreeSet<String>> {
    let version = number(index, 4)?;
    if index.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let count = number(index, 8)?;
    let (mut at, mut paths, mut before) = (HEADER, BTreeSet::new(), Vec::new());
    for _ in 0..count {
        let (path, next) = entry(index, at, hash, version, &before)?;
        paths.insert(String::from_utf8_lossy(&path).into_owned());
        (before, at) = (path, next);
    }
    whole(index, at, hash).then_some(paths)
}

/// The path of the entry that begins at an offset, and where the next begins.
fn entry(
    index: &[u8],
    start: usize,
    hash: usize,
    version: u32,
    before: &[u8],
) -> Option<(Vec<u8>, usize)> {
    // Ten numbers of four bytes, the object's name, and the flags.
    let flags = start + 40 + hash;
    let extended = index.get(flags)? & 0x40 != 0 && version >= 3;
    let mut at = flags + if extended { 4 } else { 2 };
    let mut path = Vec::new();
    if version == 4 {
        let (strip, next) = variable(index, at)?;
        path.extend(before.get(..before.len().checked_sub(strip)?)?);
        at = next;
    }
    let rest = index.get(at..)?;
    let length = rest.iter().position(|byte| *byte == 0)?;
    path.extend(rest.get(..length)?);
    let end = at + length;
    let next = match version {
        4 => end + 1,
        // One to eight zeros make the entry a multiple of eight bytes long.
        _ => start + ((end - start) / 8 + 1) * 8,
    };
    Some((path, next))
}

/// Whether the rest of the index tells of no files that stand elsewhere: shared or sparse indexes do.
fn whole(index: &[u8], mut at: usize, hash: usize) -> bool {
    while at + 8 + hash <= index.len() {
        let (Some(name), Some(length)) = (index.get(at..at + 4), number(index, at + 4)) else {
            return false;
        };
        if name == b"link" || name == b"sdir" {
            return false;
        }
        let Ok(length) = usize::try_from(length) else { return false };
        let Some(next) = at.checked_add(8 + length) else { return false };
        at = next;
    }
    true
}

fn number(index: &[u8], at: usize) -> Option<u32> {
    let bytes: [u8; 4] = index.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

/// A number in git's variable-width form, and where it ends.
fn variable(index: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *index.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *index.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    fn git(directory: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(directory).args(["-c", "user.email=a@example.com"]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn indexes_of_all_versions_list_what_git_lists() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        git(root, &["init", "-q"]);
        let names = ["a.tf", "modules/net/main.tf", "modules/net/main.tf.json", "ü/1234567.tf"];
        for name in names {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "x").unwrap();
        }
        std::fs::write(root.join("later.tf"), "x").unwrap();
        git(root, &["add", "a.tf", "modules", "ü"]);
        // A file that is only intended to be added needs flags of version 3.
        git(root, &["add", "--intent-to-add", "later.tf"]);
        let mut expected: BTreeSet<String> = names.map(str::to_owned).into();
        expected.insert("later.tf".into());
        for version in ["2", "3", "4"] {
            git(root, &["update-index", "--index-version", version]);
            let index = std::fs::read(root.join(".git/index")).unwrap();
            assert_eq!(tracked(&index, 20), Some(expected.clone()), "version {version}");
            for cut in 0..index.len() {
                let _ = tracked(&index[..cut], 20);
            }
        }
        git(root, &["update-index", "--split-index"]);
        assert_eq!(tracked(&std::fs::read(root.join(".git/index")).unwrap(), 20), None);
        assert_eq!(tracked(b"DIRC\0\0\0\x09\0\0\0\0", 20), None);
    }
}
