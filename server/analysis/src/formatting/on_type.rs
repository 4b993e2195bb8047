//! Formatting while somebody types: the statement that a key has just ended, and nothing at or behind the cursor.

use std::path::Path;

use syntax::{Document, TextEdit, TextRange};

use super::{FormatOptions, format_range};
use crate::{family::Family, tree::path_to};

/// Keys that end something, in any language.
pub const ON_TYPE_KEYS: &[char] = &['\n', ';', '}'];

/// The edits that lay out what the key `typed` has ended; `offset` is the cursor, right behind it. Nothing in code that
/// does not parse: what somebody is in the middle of is theirs.
pub fn format_on_type(
    document: &Document,
    path: Option<&Path>,
    offset: usize,
    typed: char,
    options: &FormatOptions,
) -> Vec<TextEdit> {
    let ended = match (Family::of(document.language()), typed) {
        (Family::Python | Family::Script | Family::ScriptJsx | Family::Css, '\n') => line_above(document, offset),
        (Family::Script | Family::ScriptJsx | Family::Css, ';' | '}') => ended_by_sign(document, offset),
        _ => None,
    };
    let Some(ended) = ended else { return Vec::new() };
    let edits = format_range(document, path, ended, options).unwrap_or_default();
    // An edit that reaches the cursor would move what is being typed; without it the others may make no sense.
    if edits.iter().all(|it| ended.start <= it.range.start && it.range.end <= ended.end) { edits } else { Vec::new() }
}

/// The line before the cursor's, unless it is blank or goes on below.
fn line_above(document: &Document, offset: usize) -> Option<TextRange> {
    let line = document.text().line_of(offset).checked_sub(1)?;
    let range = document.text().line_range(line);
    let code = document.text().slice(range);
    let start = range.start + (code.len() - code.trim_start().len());
    let end = range.start + code.trim_end().len();
    if start >= end {
        return None;
    }
    // Everything that begins on the line is over before the cursor.
    let path = path_to(document.tree()?, start);
    let goes_on =
        path.iter().any(|node| node.start_byte() == start && node.parent().is_some() && node.end_byte() > end);
    (!goes_on).then(|| TextRange::new(start, end))
}

/// The largest thing that ends right before the cursor, but for the whole document.
fn ended_by_sign(document: &Document, offset: usize) -> Option<TextRange> {
    let path = path_to(document.tree()?, offset.checked_sub(1)?);
    let ended = path.iter().find(|node| node.end_byte() == offset && node.parent().is_some() && node.is_named())?;
    Some(TextRange::new(ended.start_byte(), ended.end_byte()))
}
