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

/// What became of the files of an extension.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    formatted: usize,
    unchanged: usize,
    broken: usize,
    failed: usize,
}

/// What became of one file: its extension, its count of one, and why it failed.
type Outcome = (String, Count, Option<String>);

fn outcome(path: &Path) -> Option<Outcome> {
    let language = Language::from_path(path).filter(|it| formatter_of(*it).is_some())?;
    let text = std::fs::read_to_string(path).ok()?;
    let document = Document::new(&text, language, 0);
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let mut count = Count::default();
    let mut failure = None;
    match format(&document, Some(path), &FormatOptions::default()) {
        Ok(formatted) => {
            assert_eq!(apply_edits(&text, &formatted.edits(&document)), formatted.text, "{}", path.display());
            *(if formatted.changed { &mut count.formatted } else { &mut count.unchanged }) = 1;
        }
        Err(FormatError::Syntax(_) | FormatError::TooDeep { .. }) => count.broken = 1,
        Err(error) => {
            count.failed = 1;
            failure = Some(format!("{}: {error}", path.display()));
        }
    }
    Some((format!("{} ({extension})", language.id()), count, failure))
}

#[test]
fn real_files_are_formatted_without_damage() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("tests/fixtures")];
    let named = std::env::var("ROPEWALK_FORMAT_CORPUS").unwrap_or_default();
    folders.extend(named.split(':').filter(|it| !it.is_empty()).map(PathBuf::from));
    let files = files(&folders);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|first| {
                let files = &files;
                scope.spawn(move || {
                    files.iter().skip(first).step_by(threads).filter_map(|it| outcome(it)).collect::<Vec<_>>()
                })
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Vec<Outcome>>()
    });
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for (name, one, _) in &outcomes {
        let count = counts.entry(name.clone()).or_default();
        count.formatted += one.formatted;
        count.unchanged += one.unchanged;
        count.broken += one.broken;
        count.failed += one.failed;
    }
    for (name, count) in &counts {
        println!("{name}: {count:?}");
    }
    let mut failures: Vec<_> = outcomes.into_iter().filter_map(|(_, _, failure)| failure).collect();
    failures.sort();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
