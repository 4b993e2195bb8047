//! Replacing a file's contents: whoever reads it meanwhile, or a power cut, sees the old text or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// Names tried for the file beside it before giving up.
const MAX_ATTEMPTS: u32 = 100;

/// Replaces the contents `before` of a file by `after`, through a new file beside it that takes its name. A symbolic link
/// stays one, and the permissions stay.
///
/// # Errors
/// When the file is read-only or no longer holds `before`, and what the file system fails with. The file is as it was
/// then.
pub(crate) fn replace(path: &Path, before: &str, after: &str) -> anyhow::Result<()> {
    // What a link points to is replaced, not the link.
    let target = fs::canonicalize(path)?;
    let permissions = fs::metadata(&target)?.permissions();
    ensure!(!permissions.readonly(), "it is read-only");
    let (beside, mut file) = create_beside(&target)?;
    let written = || -> anyhow::Result<()> {
        file.write_all(after.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        ensure!(fs::read(&target)? == before.as_bytes(), "it was changed meanwhile");
        fs::rename(&beside, &target)?;
        Ok(())
    };
    if let Err(error) = written() {
        // It is ours alone; what is wrong is told by the error already.
        let _ = fs::remove_file(&beside);
        return Err(error).context("it could not be written");
    }
    sync_folder(&target);
    Ok(())
}

fn create_beside(target: &Path) -> anyhow::Result<(PathBuf, File)> {
    let name = target.file_name().context("it has no name")?.to_string_lossy();
    for attempt in 0..MAX_ATTEMPTS {
        let beside = target.with_file_name(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context("no file can be written beside it"),
        }
    }
    bail!("too many temporary files lie beside it")
}

/// The new name lasts once its folder is written; not every system lets folders be opened for that.
fn sync_folder(target: &Path) {
    if let Some(folder) = target.parent().and_then(|it| File::open(it).ok()) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn the_text_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.py");
        std::fs::write(&path, "x=1\n").expect("a file");
        replace(&path, "x=1\n", "x = 1\n").expect("it is replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("a text"), "x = 1\n");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.py");
        std::fs::write(&path, "y=1\n").expect("a file");
        let error = replace(&path, "x=1\n", "x = 1\n").expect_err("another text");
        assert_eq!(format!("{error:#}"), "it could not be written: it was changed meanwhile");
        assert_eq!(std::fs::read_to_string(&path).expect("a text"), "y=1\n");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("a.py"), folder.path().join("b.py"));
        std::fs::write(&path, "x=1\n").expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o751)).expect("permissions");
        symlink(&path, &link).expect("a link");
        replace(&link, "x=1\n", "x = 1\n").expect("it is replaced");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&path).expect("a text"), "x = 1\n");
        assert_eq!(std::fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o751);
    }
}
