//! Names that the format strings of Rust's macros capture: `println!("{amount:width$}")`.

use syntax::{Node, TextRange};

use crate::tree::range_of;

/// Macros with a format string, and which argument that is.
const MACROS: &[(&str, usize)] = &[
    ("anyhow", 0),
    ("assert", 1),
    ("assert_eq", 2),
    ("assert_ne", 2),
    ("bail", 0),
    ("debug", 0),
    ("debug_assert", 1),
    ("debug_assert_eq", 2),
    ("debug_assert_ne", 2),
    ("ensure", 1),
    ("eprint", 0),
    ("eprintln", 0),
    ("error", 0),
    ("format", 0),
    ("format_args", 0),
    ("info", 0),
    ("panic", 0),
    ("print", 0),
    ("println", 0),
    ("todo", 0),
    ("trace", 0),
    ("unimplemented", 0),
    ("unreachable", 0),
    ("warn", 0),
    ("write", 1),
    ("writeln", 1),
];

/// Whether a node is the format string of a macro's call, be it one within the arguments of another.
pub(super) fn is_format_string(node: Node<'_>, text: &str) -> bool {
    if !is_string(node) {
        return false;
    }
    let Some(tokens) = node.parent().filter(|it| it.kind() == "token_tree") else { return false };
    let before = text[..tokens.start_byte()].trim_end().strip_suffix('!').unwrap_or_default().trim_end();
    let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let Some((_, expected)) = MACROS.iter().find(|(known, _)| *known == name) else { return false };
    let mut cursor = tokens.walk();
    let earlier = tokens.children(&mut cursor).take_while(|child| child.start_byte() < node.start_byte());
    let before = text[..node.start_byte()].trim_end();
    before.ends_with([',', '(', '[', '{']) && earlier.filter(|child| child.kind() == ",").count() == *expected
}

/// Where a format string captures `name`.
pub(super) fn captures(node: Node<'_>, text: &str, name: &str) -> Vec<TextRange> {
    let range = range_of(node);
    let is_given = node.parent().is_some_and(|tokens| is_argument(tokens, text, name));
    let literal = text.get(range.start..range.end).filter(|literal| !is_given && literal.contains(name));
    let is_raw = node.kind().starts_with("raw");
    let names = literal.map(|literal| names(literal, is_raw)).unwrap_or_default();
    names
        .into_iter()
        .filter(|(_, found)| *found == name)
        .map(|(at, found)| TextRange::new(range.start + at, range.start + at + found.len()))
        .collect()
}

fn is_string(node: Node<'_>) -> bool {
    matches!(node.kind(), "string_literal" | "raw_string_literal")
}

/// Whether the macro is given a value of this name: `println!("{amount}", amount = 1)`.
fn is_argument(tokens: Node<'_>, text: &str, name: &str) -> bool {
    let mut cursor = tokens.walk();
    tokens.children(&mut cursor).any(|child| {
        let after = text[child.end_byte()..].trim_start();
        let is_named = after.starts_with('=') && !after.starts_with("==");
        is_named && text.get(child.start_byte()..child.end_byte()) == Some(name)
    })
}

/// The names in the places for values of a format string, and where they start.
fn names(literal: &str, is_raw: bool) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = literal[from..].find('{').map(|at| from + at) {
        let inside = &literal[open + 1..];
        if inside.starts_with('{') {
            from = open + 2;
            continue;
        }
        let Some(end) = inside.find('}') else { break };
        from = open + 1 + end + 1;
        // A character by its number.
        if !is_raw && literal[..open].ends_with("\\u") {
            continue;
        }
        let (value, format) = inside[..end].split_once(':').unwrap_or((&inside[..end], ""));
        found.push((open + 1 + value.len() - value.trim_start().len(), value.trim()));
        // Width and precision: `{:width$.precision$}`.
        let format_at = open + 1 + value.len() + 1;
        for (dollar, _) in format.match_indices('$') {
            let before = format[..dollar].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            found.push((format_at + dollar - before.len(), before));
        }
    }
    found
}
