//! `--baseline FILE`: findings that were there before and are not to be reported again.
//!
//! A finding is known by its file, its code and the text of the line it begins on (`Finding::line_hash`), not by a line
//! number: code above it may come and go. Of several findings that look alike, as many are known as there were when the
//! file was written. The file is sorted JSON with a line for each entry, so that version control can merge it. Paths are
//! those from the file's own folder, with `/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use crate::report::{FileReport, Finding};

/// Of the file's shape.
const VERSION: u32 = 1;

/// Known findings, and how many of each.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    folder: PathBuf,
    known: BTreeMap<Key, usize>,
}

/// What makes two findings the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    path: String,
    code: String,
    line: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Stored {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    path: String,
    code: String,
    /// Hash of the line's text, in hexadecimal digits.
    line: String,
    count: usize,
}

impl Baseline {
    /// Reads a file that [`Baseline::write`] wrote.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let hint = "write it with --write-baseline";
        let text = std::fs::read_to_string(file).with_context(|| format!("--baseline {} ({hint})", file.display()))?;
        let stored: Stored = serde_json::from_str(&text)
            .with_context(|| format!("--baseline {}: no baseline ({hint})", file.display()))?;
        let version = stored.version;
        ensure!(version == VERSION, "--baseline {}: version {version} is not known; {hint} anew", file.display());
        let mut this = Self { folder: folder_of(file)?, known: BTreeMap::new() };
        for Entry { path, code, line, count } in stored.findings {
            *this.known.entry(Key { path, code, line }).or_default() += count;
        }
        Ok(this)
    }

    /// The findings of these reports, as a baseline beside `file`.
    ///
    /// # Errors
    /// When the folder of `file` does not exist.
    pub(super) fn of(file: &Path, reports: &[FileReport]) -> anyhow::Result<Self> {
        let mut this = Self { folder: folder_of(file)?, known: BTreeMap::new() };
        for report in reports {
            let path = this.name(&report.path);
            for finding in &report.findings {
                *this.known.entry(key(&path, finding)).or_default() += 1;
            }
        }
        Ok(this)
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (index, (Key { path, code, line }, count)) in self.known.iter().enumerate() {
            let entry = Entry { path: path.clone(), code: code.clone(), line: line.clone(), count: *count };
            text.push_str(if index == 0 { "\n    " } else { ",\n    " });
            text.push_str(&serde_json::to_string(&entry)?);
        }
        text.push_str(if self.known.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        std::fs::write(file, text).with_context(|| format!("--baseline {}", file.display()))
    }

    /// How many findings it knows.
    pub(super) fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// Takes known findings out of the reports. Returns what should be said of entries that were not found: those of
    /// the files that were checked, of files that are gone, and with codes that no rule has.
    pub(super) fn subtract(mut self, reports: &mut [FileReport]) -> Vec<String> {
        let mut checked = Vec::new();
        for report in &mut *reports {
            let path = self.name(&report.path);
            report.findings.retain(|finding| match self.known.get_mut(&key(&path, finding)) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            });
            checked.push(path);
        }
        checked.sort();
        let mut said = Vec::new();
        for (Key { path, code, .. }, count) in self.known.iter().filter(|(_, count)| **count > 0) {
            if !super::is_known_code(code) {
                said.push(format!("{path}: the baseline has {code}, a code that no finding has"));
            } else if checked.binary_search(path).is_ok() || !self.folder.join(path).exists() {
                said.push(format!("{path}: {code} of the baseline is gone ({count})"));
            }
        }
        said.dedup();
        said
    }

    /// A file's name in the baseline.
    fn name(&self, path: &Path) -> String {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let inside = absolute.strip_prefix(&self.folder).unwrap_or(&absolute);
        inside.to_string_lossy().replace('\\', "/")
    }
}

fn key(path: &str, finding: &Finding) -> Key {
    Key { path: path.to_owned(), code: finding.code.to_owned(), line: format!("{:016x}", finding.line_hash) }
}

fn folder_of(file: &Path) -> anyhow::Result<PathBuf> {
    let absolute = std::path::absolute(file).with_context(|| format!("--baseline {}", file.display()))?;
    Ok(absolute.parent().unwrap_or(&absolute).to_path_buf())
}
