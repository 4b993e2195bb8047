//! Where a new import goes: among the ones that are there, in the order that isort keeps.

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;
use syntax::{TextEdit, TextRange};

use super::engine::range;

/// The edit that adds `statement` (`import os`, `from enum import Enum`) to the module.
pub(super) fn import_edit(text: &str, module: &[Stmt], statement: &str) -> TextEdit {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let is_docstring = |stmt: &Stmt| matches!(stmt, Stmt::Expr(it) if it.value.is_string_literal_expr());
    let docstring = module.first().filter(|stmt| is_docstring(stmt));
    let rest = &module[usize::from(docstring.is_some())..];
    let futures = rest.iter().take_while(|stmt| is_future(stmt)).count();
    let future = rest[..futures].last();
    let imports = first_block(text, &rest[futures..]);

    let before = imports.iter().find(|stmt| key(text, stmt) > key_of(statement));
    if let Some(before) = before {
        let at = line_start(text, range(before.range()).start);
        return insert(at, format!("{statement}{newline}"));
    }
    if let Some(last) = imports.last() {
        return insert(line_end(text, range(last.range()).end), format!("{newline}{statement}"));
    }
    if let Some(above) = future.or(docstring) {
        return insert(line_end(text, range(above.range()).end), format!("{newline}{newline}{statement}"));
    }
    insert(after_header(text), format!("{statement}{newline}"))
}

/// The imports up to the first empty line: standard library first, by convention.
fn first_block<'a>(text: &str, stmts: &'a [Stmt]) -> &'a [Stmt] {
    let mut end = 0;
    let mut previous_end = None;
    for stmt in stmts.iter().take_while(|stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_))) {
        let here = range(stmt.range());
        let gap = previous_end.map_or("", |previous: usize| &text[previous..here.start]);
        if gap.matches('\n').count() > 1 {
            break;
        }
        previous_end = Some(here.end);
        end += 1;
    }
    &stmts[..end]
}

fn is_future(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::ImportFrom(it) if it.module.as_ref().is_some_and(|module| module.as_str() == "__future__"))
}

/// Plain imports stand before `from`, then by name.
fn key_of(statement: &str) -> (bool, &str) {
    match statement.strip_prefix("from ") {
        Some(rest) => (true, rest),
        None => (false, statement.strip_prefix("import ").unwrap_or(statement)),
    }
}

fn key<'a>(text: &'a str, stmt: &Stmt) -> (bool, &'a str) {
    let range = range(stmt.range());
    key_of(&text[range.start..range.end])
}

/// Behind the comments that a file begins with.
fn after_header(text: &str) -> usize {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while text[at..].starts_with('#') {
        let end = line_end(text, at);
        at = end + text[end..].find('\n').map_or(0, |newline| newline + 1);
        if end == text.len() {
            break;
        }
    }
    at
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\r', '\n']).map_or(text.len(), |newline| at + newline)
}

fn insert(at: usize, new_text: String) -> TextEdit {
    TextEdit { range: TextRange::empty(at), new_text }
}
