//! What the model is shown of the document and of the other open ones.

use engine::{ContextFile, FimPrompt, ModelInfo, Prompt};
use syntax::{Document, TextRange};

use crate::Snapshot;

/// Bytes before the cursor, at least and at most: the start moves in steps, so that typing does not shift every token
/// of the prompt (the KV cache would be worth nothing).
const PREFIX: usize = 12 << 10;
const PREFIX_STEP: usize = 4 << 10;
/// Bytes after the cursor.
const SUFFIX: usize = 2 << 10;
/// Bytes after the cursor for small models: the built-in one was trained with suffixes of this length.
const SUFFIX_SMALL: usize = 600;
/// Models up to this many parameters count as small.
const SMALL_PARAMETERS: u64 = 200_000_000;
/// Other documents help models from this size on; smaller ones pay for reading them and get nothing (CrossCodeEval:
/// 24.6 % at half a billion parameters against 40.2 % at one and a half).
const CONTEXT_PARAMETERS: u64 = 1_000_000_000;
/// Other documents shown, and bytes of each.
const CONTEXT_FILES: usize = 3;
const CONTEXT_BYTES: usize = 2 << 10;

/// The prompt at `offset` of `document`; `None` when the model cannot fill holes and there is text after the cursor.
pub(super) fn prompt(snapshot: &Snapshot, document: &Document, offset: usize, model: &ModelInfo) -> Option<Prompt> {
    let text = document.text();
    let mut start = offset.saturating_sub(PREFIX).div_ceil(PREFIX_STEP) * PREFIX_STEP;
    if start > 0 {
        start = next_line(document, start).min(offset);
    }
    let prefix = text.slice(TextRange::new(start, offset));
    if model.fim.is_none() {
        let rest = text.slice(TextRange::new(offset, (offset + SUFFIX).min(text.len())));
        return rest.trim().is_empty().then_some(Prompt::Text(prefix));
    }
    let length = if model.parameters_or_many() <= SMALL_PARAMETERS { SUFFIX_SMALL } else { SUFFIX };
    let mut end = (offset + length).min(text.len());
    if end < text.len() {
        // A whole number of lines, as long as that leaves more than one.
        end = Some(text.line_range(text.line_of(end)).start)
            .filter(|&start| start > next_line(document, offset))
            .unwrap_or(end);
    }
    let large = model.parameters_or_many() > CONTEXT_PARAMETERS;
    Some(Prompt::Fim(FimPrompt {
        language: Some(language_name(document.language().id()).to_owned()),
        path: path(snapshot),
        context: if large { context(snapshot, document) } else { Vec::new() },
        prefix,
        suffix: text.slice(TextRange::new(offset, end)),
    }))
}

/// Models know the languages, not the dialects that editors tell apart.
fn language_name(id: &str) -> &str {
    id.strip_suffix("react").unwrap_or(id)
}

/// Start of the line after the one that holds `offset`.
fn next_line(document: &Document, offset: usize) -> usize {
    let text = document.text();
    let line = text.line_of(offset) + 1;
    if line < text.line_count() { text.line_range(line).start } else { text.len() }
}

/// The path as it was given when it is relative, else the file name: where the project starts is not known here.
fn path(snapshot: &Snapshot) -> Option<String> {
    let path = snapshot.path()?;
    if path.is_relative() {
        return Some(path.to_string_lossy().replace('\\', "/"));
    }
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Heads of other documents in the same language, the least recently changed first.
fn context(snapshot: &Snapshot, document: &Document) -> Vec<ContextFile> {
    let others = snapshot.others().iter().enumerate();
    let alike = others.filter(|(_, (_, other))| other.language().id() == document.language().id());
    let mut files: Vec<ContextFile> = alike
        .take(CONTEXT_FILES)
        .filter_map(|(index, (_, other))| {
            let name = snapshot.other_path(index)?.file_name()?.to_string_lossy().into_owned();
            let end = other.text().len().min(CONTEXT_BYTES);
            Some(ContextFile { path: name, text: other.text().slice(TextRange::new(0, end)) })
        })
        .collect();
    files.reverse();
    files
}

#[cfg(test)]
mod tests;
