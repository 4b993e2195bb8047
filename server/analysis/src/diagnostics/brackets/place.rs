//! Where a bracket that is never closed should have been closed.

use crate::{
    block::{columns, first_word, indent_of},
    diagnostics::literals::line_end,
    family::Family,
    lexer::{Event, EventKind, closer_of},
};

/// Words whose condition stands in parentheses, so that a `{` on the same line is outside them.
const HEADER_WORDS: &[&str] = &[
    "catch", "def", "elif", "else", "fn", "for", "foreach", "func", "function", "if", "pub", "switch", "while", "with",
];

/// A place, and what to insert there.
pub(super) struct Closing {
    pub(super) at: usize,
    pub(super) new_text: String,
}

/// The place for the closer of the bracket `byte` at `open`, not behind `limit`.
pub(super) fn closing_place(
    text: &str,
    events: &[Event],
    family: Family,
    open: usize,
    byte: u8,
    limit: usize,
) -> Closing {
    let close = char::from(closer_of(byte));
    let line_start = text[..open].rfind(['\n', '\r']).map_or(0, |n| n + 1);
    let code_end = code_end(text, events, open).min(limit);
    let rest = text[open + 1..code_end.max(open + 1)].trim_end();
    if limit <= line_end(text, open) {
        let at = text[..limit].trim_end_matches([' ', '\t']).len().max(open + 1);
        return Closing { at, new_text: close.to_string() };
    }
    let first = first_word(&text[line_start..open]);
    let is_block = byte == b'{' && family.has_brace_blocks();
    let is_header = HEADER_WORDS.contains(&first) || text[line_start..open].contains("} ");
    if !rest.is_empty() && !is_block {
        // Brackets opened behind it on this line take their own closers along.
        let end = match last_open_on_line(events, open, code_end) {
            Some((inner, b'{')) if is_header => inner,
            Some((_, _)) if !is_header => return below(text, open, limit, close, false),
            _ => code_end,
        };
        let mut at = text[..end].trim_end().len();
        let strips: &[char] = if family == Family::Python { &[':', ','] } else { &[';', ',', '{'] };
        let stripped = text[open + 1..at].trim_end_matches(|c: char| strips.contains(&c) || c == ' ').len();
        // `f(x: int` ends with a word; only what stands at the very end is outside.
        if is_header || family != Family::Python || !text[..at].ends_with(':') {
            at = open + 1 + stripped;
        }
        return Closing { at, new_text: close.to_string() };
    }
    below(text, open, limit, close, true)
}

/// Before the first line below that is not deeper than the line of `open`.
fn below(text: &str, open: usize, limit: usize, close: char, on_new_line: bool) -> Closing {
    let line_start = text[..open].rfind(['\n', '\r']).map_or(0, |n| n + 1);
    let indent = indent_of(&text[line_start..]);
    let mut end = line_end(text, open);
    let mut start = end;
    for line in text[end..limit.max(end)].split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let is_deeper = columns(indent_of(content)) > columns(indent);
        if start > line_end(text, open) && !content.trim().is_empty() {
            let closes_inner = content.trim_start().starts_with([')', ']', '}']) && !on_new_line;
            if !is_deeper && !closes_inner {
                break;
            }
            end = start + content.trim_end().len();
        }
        start += line.len();
    }
    let end = text[..end.min(limit.max(open + 1))].trim_end().len().max(open + 1);
    if on_new_line {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Closing { at: end, new_text: format!("{newline}{indent}{close}") }
    } else {
        // Before the semicolon of a statement that ends there.
        let at = end - usize::from(text[..end].ends_with(';'));
        Closing { at, new_text: close.to_string() }
    }
}

/// The end of the line of `offset` without a comment there.
fn code_end(text: &str, events: &[Event], offset: usize) -> usize {
    let end = line_end(text, offset);
    let from = events.partition_point(|event| event.range.start < offset);
    events[from..]
        .iter()
        .take_while(|event| event.range.start < end)
        .find(|event| event.kind == EventKind::Comment && event.range.end >= end)
        .map_or(end, |comment| comment.range.start)
}

/// The first bracket behind `open` that is still open at `end`.
fn last_open_on_line(events: &[Event], open: usize, end: usize) -> Option<(usize, u8)> {
    let from = events.partition_point(|event| event.range.start <= open);
    let mut stack = Vec::new();
    for event in events[from..].iter().take_while(|event| event.range.start < end) {
        match event.kind {
            EventKind::Open(byte) => stack.push((event.range.start, byte)),
            EventKind::Close(_) => drop(stack.pop()),
            _ => {}
        }
    }
    stack.first().copied()
}
