//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Calls a function with a file of another name, which takes the place of `path` when all is
/// written: a full disk or a kill leaves what was there before. The file keeps the permissions of
/// the one it replaces; a new one gets those of any file, or its owner's only where it is `private`.
/// A pipe or device is written to as it is.
///
/// # Errors
/// When the file cannot be written; then `path` is as it was.
pub fn whole<T, E: From<io::Error>>(
    path: &Path,
    private: bool,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    // A link stays a link: the file behind it is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        let mut out = BufWriter::new(fs::File::options().write(true).open(path)?);
        let value = write(&mut out)?;
        out.flush()?;
        return Ok(value);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".postura-").suffix(".partial");
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(if private { 0o600 } else { 0o666 });
    #[cfg(unix)]
    builder.permissions(mode);
    let mut file = builder.tempfile_in(directory.unwrap_or(Path::new(".")))?;
    let value = filled(&mut file, write)?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.persist(path).map_err(|failed| failed.error)?;
    Ok(value)
}

fn filled<T, E: From<io::Error>>(
    file: &mut NamedTempFile,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    let mut out = BufWriter::new(file);
    let value = write(&mut out)?;
    out.flush()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_failure_leaves_what_was_there_and_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report");
        fs::write(&path, "old").unwrap();
        let failed: io::Result<()> = whole(&path, false, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(directory.path()), ["report"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        whole(&link, true, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        let secret = directory.path().join("secret");
        whole(&secret, true, |out| out.write_all(b"x")).unwrap();
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
