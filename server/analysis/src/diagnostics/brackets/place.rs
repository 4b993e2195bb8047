//! Where a bracket that is never closed should have been closed.

use crate::{
    block::{columns, first_word, indent_of, line_end, line_start},
    family::Family,
    lexer::{Event, EventKind, closer_of},
};

/// Words whose condition or parameters stand in parentheses, so that a `{` behind them is outside.
const HEADER_WORDS: &[&str] = &[
    "catch", "def", "elif", "else", "fn", "for", "foreach", "func", "function", "if", "pub", "switch", "while", "with",
];

/// Brackets, strings and comments of one line that are looked at.
const MAX_LOOK: usize = 1_000;

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
    if limit < line_end(text, open) {
        let outside: &[char] = if byte == b'{' { &[' ', '\t'] } else { &[' ', '\t', ';'] };
        let at = text[..limit].trim_end_matches(outside).len().max(open + 1);
        return Closing { at, new_text: close.to_string() };
    }
    let code_end = code_end(text, events, open).min(limit).max(open + 1);
    let rest = text[open + 1..code_end].trim_end();
    // Code between JSX tags ends before the next closing tag.
    if let Some(len) = rest.find("</").filter(|_| family == Family::ScriptJsx && byte == b'{') {
        return Closing { at: open + 1 + len, new_text: close.to_string() };
    }
    let is_block = byte == b'{' && family.has_brace_blocks() && !is_inline(text, open, limit);
    if rest.is_empty() || is_block {
        return below(text, open, limit, close, true);
    }
    // Brackets opened behind it on this line take their own closers along, unless they are a block's.
    let end = match blocks_after(text, events, family, open, code_end) {
        Some(block) => block,
        None if is_open_at(events, open, code_end) => return below(text, open, limit, close, false),
        None => code_end,
    };
    let outside: &[char] = match family {
        Family::Python => &[':', ','],
        _ => &[';', ',', '{'],
    };
    let mut at = text[..end].trim_end().len();
    // In Python only a header's colon is outside.
    let line_start = line_start(text, open);
    let is_header =
        HEADER_WORDS.contains(&first_word(&text[line_start..])) || first_word(&text[line_start..]) == "class";
    if family != Family::Python || is_header || !text[..at].ends_with(':') {
        at = open + 1 + text[open + 1..at].trim_end_matches(|c: char| outside.contains(&c) || c == ' ').len();
    }
    Closing { at, new_text: close.to_string() }
}

/// True for a `{` with something behind it whose next line is no deeper: a literal rather than a block.
fn is_inline(text: &str, open: usize, limit: usize) -> bool {
    let end = line_end(text, open);
    if text[open + 1..end].trim().is_empty() {
        return false;
    }
    let line_start = line_start(text, open);
    let before = text[line_start..open].trim_end();
    let is_literal = before.ends_with(['=', '(', ',', ':', '[']) || before.ends_with("return") || before.ends_with('}');
    let next = text[end..limit.max(end)].lines().find(|line| !line.trim().is_empty());
    let is_deeper = next.is_some_and(|next| columns(indent_of(next)) > columns(indent_of(&text[line_start..])));
    is_literal && !is_deeper
}

/// Before the first line below that is not deeper than the line of `open`.
fn below(text: &str, open: usize, limit: usize, close: char, on_new_line: bool) -> Closing {
    let line_start = line_start(text, open);
    let indent = indent_of(&text[line_start..]);
    let first_end = line_end(text, open);
    let mut end = first_end;
    let mut start = first_end;
    for line in text[first_end..limit.max(first_end)].split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if start > first_end && !content.trim().is_empty() {
            let is_deeper = columns(indent_of(content)) > columns(indent);
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
        .take(MAX_LOOK)
        .take_while(|event| event.range.start < end)
        .find(|event| event.kind == EventKind::Comment && event.range.end >= end)
        .map_or(end, |comment| comment.range.start)
}

/// Brackets behind `open` up to `end`, as (offset, byte, depth before it).
fn brackets_after(events: &[Event], open: usize, end: usize) -> impl Iterator<Item = (usize, u8, usize)> {
    let from = events.partition_point(|event| event.range.start <= open);
    let mut depth = 0usize;
    events[from..].iter().take(MAX_LOOK).take_while(move |event| event.range.start < end).filter_map(move |event| {
        match event.kind {
            EventKind::Open(byte) => {
                depth += 1;
                Some((event.range.start, byte, depth - 1))
            }
            EventKind::Close(byte) => {
                depth = depth.saturating_sub(1);
                Some((event.range.start, byte, depth))
            }
            _ => None,
        }
    })
}

/// A bracket behind `open` is still open at `end`.
fn is_open_at(events: &[Event], open: usize, end: usize) -> bool {
    let opened = brackets_after(events, open, end).filter(|(_, byte, _)| b"([{".contains(byte)).count();
    let closed = brackets_after(events, open, end).filter(|(_, byte, _)| b")]}".contains(byte)).count();
    opened > closed
}

/// The `{` on the line of `open` that begins a block: not an argument, but what a header is followed by.
fn blocks_after(text: &str, events: &[Event], family: Family, open: usize, end: usize) -> Option<usize> {
    if !family.has_brace_blocks() || text.as_bytes()[open] == b'{' {
        return None;
    }
    let line_start = line_start(text, open);
    let before = &text[line_start..open];
    let is_header = HEADER_WORDS.contains(&first_word(before)) || before.contains("} ");
    // `void f(int a {`: behind a word there is no argument, except in Rust (`f(Point { … })`).
    let is_function = matches!(family, Family::C | Family::Cpp | Family::Java | Family::Go);
    brackets_after(events, open, end).find_map(|(at, byte, depth)| {
        let last = text[..at].trim_end().chars().next_back()?;
        let follows_word = last.is_alphanumeric() || last == '_' || last == '(';
        (byte == b'{' && depth == 0 && (is_header || (is_function && follows_word))).then_some(at)
    })
}
