//! `ropewalk complete FILE:LINE:COLUMN`: one completion, the same text at every run.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use assist::generation::{CancelToken, FinishReason};
use assist::{InlineCompletionRequest, Snapshot, Trigger};
use serde::Serialize;
use syntax::{Language, Position, PositionEncoding};

use crate::args::CompleteArgs;
use crate::config::Config;
use crate::{files, output, wiring};

/// A slow machine may take its time here: nobody is typing, and the answer must not depend on the clock.
const DEADLINE_MS: u64 = 10 * 60 * 1000;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Answer {
    text: String,
    finish_reason: Option<&'static str>,
    silence: Option<&'static str>,
    elapsed_ms: f64,
    prompt_tokens: usize,
    cached_tokens: usize,
    completion_tokens: usize,
}

/// Prints the completion; exit code 1 when there is none.
pub(crate) fn run(config: &Config, args: &CompleteArgs) -> anyhow::Result<u8> {
    let (snapshot, offset) = place(args)?;
    let mut config = config.clone();
    config.assist.inline_completion.deadline_invoked_ms = DEADLINE_MS;
    let assist = wiring::start_loaded(&config)?;
    let request = InlineCompletionRequest {
        offset,
        trigger: Trigger::Invoked,
        selected: None,
        max_tokens: Some(usize::from(args.max_tokens)),
        sampling: None,
        stop: Vec::new(),
        cancel: CancelToken::new(),
    };
    let started = std::time::Instant::now();
    let answer = wiring::runtime()?.block_on(assist::inline_completion(&assist, &snapshot, request))?;
    let elapsed = started.elapsed();
    let item = answer.items.first();
    // What the item replaces before the cursor is already in the file: people want the new text alone.
    let text = item.map_or("", |it| {
        let typed = offset.saturating_sub(it.range.start);
        it.insert_text.get(typed..).unwrap_or(&it.insert_text)
    });
    if args.json {
        let usage = answer.usage.unwrap_or_default();
        output::print_json(&Answer {
            text: text.to_owned(),
            finish_reason: item.map(|it| finish_code(it.finish)),
            silence: answer.silence.map(assist::SilenceReason::code),
            elapsed_ms: elapsed.as_secs_f64() * 1e3,
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage.cached_tokens,
            completion_tokens: usage.completion_tokens,
        })?;
    } else if item.is_some() {
        output::print(&format!("{text}\n"))?;
    }
    match answer.silence {
        None => Ok(0),
        Some(reason) => {
            tracing::warn!(reason = reason.code(), "no completion");
            Ok(1)
        }
    }
}

fn finish_code(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop | FinishReason::StopText => "stop",
        FinishReason::Length | FinishReason::Context => "length",
        FinishReason::Deadline => "deadline",
        FinishReason::Cancelled => "cancelled",
    }
}

/// The document and the byte offset of the cursor.
fn place(args: &CompleteArgs) -> anyhow::Result<(Snapshot, usize)> {
    if args.place == "-" {
        let name = args.lang.as_deref().context("standard input has no file name: give --lang")?;
        let language = Language::from_name(name).with_context(|| format!("--lang {name}: no such language"))?;
        let text = files::read_stdin()?;
        let offset = text.len();
        return Ok((Snapshot::of_text(&text, language, None), offset));
    }
    let (path, line, column) = parse_place(&args.place)?;
    let text = files::read_text(&path).with_context(|| path.display().to_string())?;
    let language = match args.lang.as_deref() {
        Some(name) => Language::from_name(name).with_context(|| format!("--lang {name}: no such language"))?,
        None => Language::from_path(&path).unwrap_or_else(Language::plain_text),
    };
    let snapshot = Snapshot::of_text(&text, language, Some(&path));
    let position = Position { line: line - 1, character: column - 1 };
    let offset =
        snapshot.document().text().checked_offset(position, PositionEncoding::Utf32).with_context(|| {
            format!("{}: the file has {} lines", args.place, snapshot.document().text().line_count())
        })?;
    Ok((snapshot, offset))
}

/// Splits `FILE:LINE:COLUMN` from the right, so that a path may hold colons.
fn parse_place(place: &str) -> anyhow::Result<(PathBuf, u32, u32)> {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, path) = (parts.next(), parts.next(), parts.next());
    let number = |it: Option<&str>| it.and_then(|it| it.parse::<u32>().ok()).filter(|it| *it > 0);
    match (path, number(line), number(column)) {
        (Some(path), Some(line), Some(column)) if !path.is_empty() => Ok((Path::new(path).to_path_buf(), line, column)),
        _ => bail!("{place}: expected FILE:LINE:COLUMN with both numbers counted from 1, such as src/app.py:12:8"),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_place;

    fn check(place: &str, expect: &str) {
        let answer = match parse_place(place) {
            Ok((path, line, column)) => format!("{} {line} {column}", path.display()),
            Err(_) => "refused".to_owned(),
        };
        assert_eq!(answer, expect, "{place}");
    }

    #[test]
    fn places() {
        check("a.py:1:2", "a.py 1 2");
        check("C:\\a.py:1:2", "C:\\a.py 1 2");
        check("dir:x/a.py:10:1", "dir:x/a.py 10 1");
        check("a.py", "refused");
        check("a.py:3", "refused");
        check("a.py:0:1", "refused");
        check("a.py:1:0", "refused");
        check(":1:1", "refused");
    }
}
