//! Files that people wrote: whatever is in `tests/fixtures`, and what the folders in `ROPEWALK_FORMAT_CORPUS` (between
//! colons) hold. Each is formatted, or refused because it does not parse; any other error is a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syntax::{Document, Language, apply_edits};

use super::super::{FormatError, FormatOptions, format, formatter_of};

/// Larger files are left out: they would take most of the time and are one file each.
const MAX_BYTES: u64 = 400_000;

fn files(folders: &[PathBuf]) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), folders.to_vec());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            match kind {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && entry.metadata().is_ok_and(|it| it.len() <= MAX_BYTES) => {
                    files.push(path)
                }
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// What became of the files of a language.
#[derive(Debug, Default)]
struct Count {
    formatted: usize,
    unchanged: usize,
    broken: usize,
    failed: usize,
}

#[test]
fn real_files_are_formatted_without_damage() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("tests/fixtures")];
    let named = std::env::var("ROPEWALK_FORMAT_CORPUS").unwrap_or_default();
    folders.extend(named.split(':').filter(|it| !it.is_empty()).map(PathBuf::from));
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in files(&folders) {
        let Some(language) = Language::from_path(&path).filter(|it| formatter_of(*it).is_some()) else { continue };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let count = counts.entry(language.id()).or_default();
        let document = Document::new(&text, language, 0);
        match format(&document, Some(&path), &FormatOptions::default()) {
            Ok(formatted) => {
                assert_eq!(apply_edits(&text, &formatted.edits(&document)), formatted.text, "{}", path.display());
                *(if formatted.changed { &mut count.formatted } else { &mut count.unchanged }) += 1;
            }
            Err(FormatError::Syntax(_) | FormatError::TooDeep { .. }) => count.broken += 1,
            Err(error) => {
                count.failed += 1;
                failures.push(format!("{}: {error}", path.display()));
            }
        }
    }
    println!("{counts:#?}");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
