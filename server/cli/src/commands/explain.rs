//! `ropewalk explain FILE[:LINE]`: what code does, in plain sentences. Uses no model.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use assist::{DetailLevel, Snapshot};
use syntax::{Language, TextRange};

use crate::args::{Detail, ExplainArgs};
use crate::{files, output};

/// Prints the explanation.
pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    let started = Instant::now();
    let (path, line) = match args.place.as_str() {
        "-" => (None, None),
        place => {
            let (path, line) = split_place(place, |it| it.is_file());
            (Some(path), line)
        }
    };
    let text = match &path {
        None => files::read_stdin()?,
        Some(path) => files::read_text(path).with_context(|| path.display().to_string())?,
    };
    let language = match (args.lang.as_deref(), &path) {
        (Some(name), _) => Language::from_name(name).with_context(|| format!("--lang {name}: no such language"))?,
        (None, None) => anyhow::bail!("standard input has no file name: give --lang"),
        (None, Some(path)) => Language::from_path(path)
            .with_context(|| format!("{}: no language goes by that name; give --lang", path.display()))?,
    };
    let snapshot = Snapshot::of_text(&text, language, path.as_deref());
    let lines = text.lines().count().max(1);
    let range = match line {
        None => TextRange::new(0, text.len()),
        Some(line) => {
            ensure!((1..=lines).contains(&line), "{}: the file has {lines} lines", args.place);
            TextRange::empty(snapshot.document().text().line_range(line - 1).start)
        }
    };
    let detail = match args.detail {
        Detail::Low => DetailLevel::Low,
        Detail::Medium => DetailLevel::Medium,
        Detail::High => DetailLevel::High,
    };
    let explained = assist::explanation(&snapshot, range, detail);
    if args.json {
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        output::print_json(&bridge::explanation_answer(&explained, snapshot.document(), elapsed_ms))?;
    } else {
        output::print(&format!("{}\n", explained.markdown.trim_end()))?;
    }
    Ok(0)
}

/// `FILE:LINE`, unless there is a file of the whole name.
fn split_place(place: &str, is_file: impl Fn(&Path) -> bool) -> (PathBuf, Option<usize>) {
    let whole = Path::new(place);
    let parts = place.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse::<usize>().ok()?)));
    match parts {
        Some((path, line)) if !path.is_empty() && !is_file(whole) => (PathBuf::from(path), Some(line)),
        _ => (whole.to_path_buf(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::split_place;

    fn check(place: &str, expect: &str) {
        let (path, line) = split_place(place, |path| path.ends_with("odd:5"));
        assert_eq!(format!("{} {line:?}", path.display()), expect, "{place}");
    }

    #[test]
    fn places() {
        check("a.py", "a.py None");
        check("a.py:7", "a.py Some(7)");
        check("C:\\a.py", "C:\\a.py None");
        check("C:\\a.py:7", "C:\\a.py Some(7)");
        check("odd:5", "odd:5 None");
        check(":5", ":5 None");
    }
}
