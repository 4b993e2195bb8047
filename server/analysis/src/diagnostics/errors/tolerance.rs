//! Valid code that a grammar cannot read: an error there says nothing about the code.
//!
//! Measured on system headers, the CPython sources and shipped web pages (2026-11): nearly all
//! errors there came from what is listed here.

use syntax::TextRange;

use crate::{
    block::{line_end, line_start},
    family::Family,
};

/// Lines around an error in which a macro or a directive excuses it.
const LINES_AROUND: usize = 3;

/// True when an error at `token` (with `gap` before it) is most likely the grammar's.
pub(super) fn is_beyond_grammar(family: Family, text: &str, gap: TextRange, token: TextRange) -> bool {
    match family {
        Family::C | Family::Cpp => {
            // What a macro expands to is not in the text.
            let around = lines_around(text, gap.start.min(token.start), token.end);
            around.lines().any(|line| line.trim_start().starts_with('#')) || words(around).any(is_macro_name)
        }
        Family::Css => {
            let line = line_of(text, token.start);
            // `! important` and unquoted addresses.
            text[token.start..].starts_with('!') || line.contains("url(")
        }
        Family::Html => {
            let rest = &text[token.start..];
            // A bare `>` is text; so are the tags of template languages to this grammar.
            let line = line_of(text, token.start);
            let is_value = text[..gap.start].ends_with('=');
            (rest.starts_with('>') && !is_value)
                || ["<?", "<%", "{%", "{{", "%>"].iter().any(|mark| line.contains(mark))
        }
        _ => false,
    }
}

fn lines_around(text: &str, start: usize, end: usize) -> &str {
    let mut from = start;
    for _ in 0..=LINES_AROUND {
        from = text[..from].rfind('\n').unwrap_or(0);
    }
    let mut to = end;
    for _ in 0..2 {
        to = text[to..].find('\n').map_or(text.len(), |n| to + n + 1);
    }
    &text[from..to]
}

fn line_of(text: &str, offset: usize) -> &str {
    &text[line_start(text, offset)..line_end(text, offset)]
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// `UNUSED`, `PyDoc_STRVAR`, `__catch`; not `EOF` or `T`, which are values and types.
fn is_macro_name(word: &str) -> bool {
    let is_capital = |part: &str| {
        part.chars().filter(char::is_ascii_uppercase).count() >= 3 && !part.chars().any(char::is_lowercase)
    };
    let is_value = matches!(word, "NULL" | "EOF" | "FILE" | "TRUE" | "FALSE" | "SIZE_MAX" | "INT_MAX");
    !is_value
        && (is_capital(word)
            || word.starts_with("__")
            || word.split_once('_').is_some_and(|(_, rest)| is_capital(rest)))
}
