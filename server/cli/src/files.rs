//! Files and folders named on the command line: which are read, in which order, and what can be wrong with one.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ignore::WalkBuilder;

/// Files larger than this are reported, not read: no person wrote them.
pub(crate) const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// What was found below the named paths.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files, sorted, each once.
    pub(crate) files: Vec<PathBuf>,
    /// Folders that could not be read, and why, sorted.
    pub(crate) unreadable: Vec<(PathBuf, String)>,
}

/// Every file below `paths`. Folders are walked as git would (`.gitignore`, no hidden files); a file named by the user
/// is taken as it is.
///
/// # Errors
/// When a named path does not exist.
pub(crate) fn collect(paths: &[PathBuf]) -> anyhow::Result<Found> {
    let mut found = Found::default();
    for path in paths {
        let metadata = std::fs::metadata(path).with_context(|| path.display().to_string())?;
        if !metadata.is_dir() {
            found.files.push(short(path));
            continue;
        }
        for entry in WalkBuilder::new(path).require_git(false).build() {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|it| it.is_file()) => found.files.push(short(entry.path())),
                Ok(_) => {}
                // It must neither hide the findings of the rest nor go unsaid.
                Err(error) => {
                    let place = place_of(&error).unwrap_or(path);
                    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    found.unreadable.push((short(place), reason));
                }
            }
        }
    }
    found.files.sort();
    found.files.dedup();
    found.unreadable.sort();
    found.unreadable.dedup();
    Ok(found)
}

/// `a.py` for people and their editors, not `./a.py`.
pub(crate) fn short(path: &Path) -> PathBuf {
    let short = path.strip_prefix(".").unwrap_or(path);
    if short.as_os_str().is_empty() { path.to_path_buf() } else { short.to_path_buf() }
}

/// The path that a walk failed at.
fn place_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place_of(err),
        _ => None,
    }
}

/// A file's text.
///
/// # Errors
/// What keeps it from being read as text, in words for a person.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        bail!("not a regular file");
    }
    if metadata.len() > MAX_FILE_BYTES {
        bail!("larger than {} MiB", MAX_FILE_BYTES / (1024 * 1024));
    }
    text_of(std::fs::read(path)?)
}

/// Standard input as text.
///
/// # Errors
/// As [`read_text`].
pub(crate) fn read_stdin() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).context("standard input")?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        bail!("standard input: larger than {} MiB", MAX_FILE_BYTES / (1024 * 1024));
    }
    text_of(bytes).context("standard input")
}

fn text_of(bytes: Vec<u8>) -> anyhow::Result<String> {
    if bytes.contains(&0) {
        bail!("a binary file (it holds a NUL byte)");
    }
    String::from_utf8(bytes)
        .map_err(|error| anyhow::anyhow!("not UTF-8 (first bad byte at offset {})", error.utf8_error().valid_up_to()))
}
