//! `ropewalk format PATH…`: lays out files in place, on all cores, in an order that never changes. Uses no model.
//!
//! A file that cannot be formatted stays as it is and is told; the others are formatted all the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use assist::{FormatError, FormatOptions, Formatted, Snapshot};
use rayon::prelude::*;
use syntax::{Language, PositionEncoding};

use crate::args::FormatArgs;
use crate::{atomic_file, files, output, unified_diff};

/// Files that programs write for themselves, by their names: formatted when they are named, not when they are found.
const GENERATED: &[&str] = &["composer.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml"];
/// Folders with other people's code, likewise.
const FOREIGN_FOLDERS: &[&str] = &["__pypackages__", "node_modules", "site-packages"];

/// Exit code when a file could not be formatted.
const FAILED: u8 = 2;

/// Exit code 0 when all is laid out (now), 1 when `--check` or `--diff` found something to do, 2 when a file could not
/// be formatted.
pub(crate) fn run(args: &FormatArgs) -> anyhow::Result<u8> {
    if args.paths == [PathBuf::from("-")] {
        return stdin(args);
    }
    ensure!(!args.paths.iter().any(|it| it.as_os_str() == "-"), "`-` cannot be combined with other paths");
    ensure!(args.lang.is_none() && args.stdin_filename.is_none(), "--lang and --stdin-filename are for `-` alone");
    let found = files::collect(&args.paths)?;
    let named: BTreeSet<PathBuf> = args.paths.iter().map(|it| files::short(it)).collect();
    let work: Vec<_> = found.files.iter().filter(|it| named.contains(*it) || is_wanted(it)).collect();
    // `collect` keeps the order of the sorted paths, whatever thread was first.
    let mut outcomes: Vec<(&Path, Outcome)> = work
        .into_par_iter()
        .filter_map(|path| Some((path.as_path(), format_file(path, named.contains(path), args)?)))
        .collect();
    let unreadable = found.unreadable.iter().map(|(path, reason)| (path.as_path(), Outcome::Failed(reason.clone())));
    outcomes.extend(unreadable);
    outcomes.sort_by_key(|(path, _)| *path);
    report(&outcomes, args)
}

/// What became of a file.
enum Outcome {
    Unchanged,
    /// The text before and after.
    Changed(String, String),
    /// Why it could not be formatted, with the place where there is one (`3:7: `) before it.
    Failed(String),
}

/// True for files of a folder that people write and that there is a formatter for.
fn is_wanted(path: &Path) -> bool {
    let is_generated = path
        .file_name()
        .and_then(|it| it.to_str())
        .is_some_and(|name| GENERATED.contains(&name) || name.contains(".min."));
    let is_foreign = path.components().any(|it| FOREIGN_FOLDERS.iter().any(|folder| it.as_os_str() == *folder));
    let language = Language::from_path(path);
    !is_generated && !is_foreign && language.is_some_and(|it| assist::formatter_of(it).is_some())
}

/// Formats one file; `None` when there is nothing to say about it.
fn format_file(path: &Path, is_named: bool, args: &FormatArgs) -> Option<Outcome> {
    let Some(language) = Language::from_path(path) else {
        return is_named.then(|| Outcome::Failed("no language goes by that name".to_owned()));
    };
    Some(try_format(path, language, args).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}"))))
}

fn try_format(path: &Path, language: Language, args: &FormatArgs) -> anyhow::Result<Outcome> {
    let text = files::read_text(path)?;
    let formatted = match format_text(&text, language, Some(path)) {
        Ok(formatted) => formatted,
        Err(reason) => return Ok(Outcome::Failed(reason)),
    };
    if !formatted.changed {
        return Ok(Outcome::Unchanged);
    }
    if !args.check && !args.diff {
        atomic_file::replace(path, &text, &formatted.text)?;
    }
    Ok(Outcome::Changed(text, formatted.text))
}

fn format_text(text: &str, language: Language, path: Option<&Path>) -> Result<Formatted, String> {
    let snapshot = Snapshot::of_text(text, language, path);
    assist::format(&snapshot, &FormatOptions::default()).map_err(|error| with_place(&error, &snapshot))
}

/// The error, with line and column (from 1, in characters) where it has a place.
fn with_place(error: &FormatError, snapshot: &Snapshot) -> String {
    match error {
        FormatError::Syntax(problems) if !problems.is_empty() => {
            let start = problems[0].range.start;
            let place = snapshot.document().text().position(start, PositionEncoding::Utf32);
            format!("{}:{}: {error}", place.line + 1, place.character + 1)
        }
        _ => error.to_string(),
    }
}

fn stdin(args: &FormatArgs) -> anyhow::Result<u8> {
    let language = match (&args.lang, &args.stdin_filename) {
        (Some(name), _) => {
            Language::from_name(name).with_context(|| format!("--lang {name}: there is no such language"))?
        }
        (None, Some(path)) => Language::from_path(path)
            .with_context(|| format!("--stdin-filename {}: no language goes by that name", path.display()))?,
        (None, None) => bail!("`-` needs --stdin-filename or --lang to know the language"),
    };
    let path = args.stdin_filename.as_deref();
    let text = files::read_stdin()?;
    let formatted = format_text(&text, language, path).map_err(|reason| {
        anyhow::anyhow!(
            "{}:{}{reason}",
            shown(path),
            if reason.starts_with(|it: char| it.is_ascii_digit()) { "" } else { " " }
        )
    })?;
    if args.diff {
        output::print(&unified_diff::unified_diff(&shown(path), &text, &formatted.text))?;
    } else if !args.check {
        output::print(&formatted.text)?;
    }
    Ok(u8::from(formatted.changed && (args.check || args.diff)))
}

fn shown(path: Option<&Path>) -> String {
    path.map_or("standard input".to_owned(), |it| it.display().to_string())
}

/// Says what was done, or would be.
fn report(outcomes: &[(&Path, Outcome)], args: &FormatArgs) -> anyhow::Result<u8> {
    let is_dry = args.check || args.diff;
    let (mut changed, mut unchanged, mut failed) = (0_usize, 0_usize, 0_usize);
    let mut text = String::new();
    for (path, outcome) in outcomes {
        match outcome {
            Outcome::Unchanged => unchanged += 1,
            Outcome::Changed(before, after) => {
                changed += 1;
                if args.diff {
                    text.push_str(&unified_diff::unified_diff(&path.display().to_string(), before, after));
                } else {
                    let verb = if is_dry { "would format" } else { "formatted" };
                    text.push_str(&format!("{verb} {}\n", path.display()));
                }
            }
            Outcome::Failed(reason) => {
                failed += 1;
                let space = if reason.starts_with(|it: char| it.is_ascii_digit()) { "" } else { " " };
                output::plain_note(&format!("{}:{space}{reason}", path.display()));
            }
        }
    }
    output::print(&text)?;
    output::plain_note(&summary(changed, unchanged, failed, is_dry));
    Ok(if failed > 0 { FAILED } else { u8::from(is_dry && changed > 0) })
}

fn summary(changed: usize, unchanged: usize, failed: usize, is_dry: bool) -> String {
    let files = |count: usize| format!("{count} {}", if count == 1 { "file" } else { "files" });
    let done = if is_dry { "would be formatted" } else { "formatted" };
    let mut parts = Vec::new();
    if changed > 0 {
        parts.push(format!("{} {done}", files(changed)));
    }
    if unchanged > 0 {
        parts.push(format!("{} already formatted", files(unchanged)));
    }
    if failed > 0 {
        parts.push(format!("{} left alone", files(failed)));
    }
    if parts.is_empty() { "no files to format".to_owned() } else { parts.join(", ") }
}
