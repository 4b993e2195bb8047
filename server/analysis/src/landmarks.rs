//! Lines that explain the code below them when nothing else of what is above it is shown: imports, and the heads of the
//! blocks around.
//!
//! Found by words and indentation, not in the tree: somebody is typing below, and these lines must not come and go with
//! the errors that typing makes. A guess, then; what it is for is context, never an edit.

#[cfg(test)]
mod tests;

use syntax::{Language, TextRange};

use crate::block::{columns, first_word, indent_of, opens_block};
use crate::family::Family;

/// Most lines of an import, or of a head that goes over several.
const MAX_LINES: usize = 12;

/// Lines that stay worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landmark {
    /// The lines, with their line ends.
    pub range: TextRange,
    /// Where what they explain ends: the block of a head, the text for an import.
    pub until: usize,
}

/// The landmarks of the text before a cursor, in order of appearance.
pub fn landmarks(language: Language, before: &str) -> Vec<Landmark> {
    let lines = lines(before);
    let mut found: Vec<Landmark> = Vec::new();
    // Heads whose block goes on: index in `found`, and width of the indentation.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let code = line.text.trim();
        if code.is_empty() {
            at += 1;
            continue;
        }
        let indent = columns(indent_of(line.text));
        while let Some(&(head, _)) = open.last().filter(|(_, outer)| *outer >= indent) {
            found[head].until = line.start;
            open.pop();
        }
        if indent == 0 && is_import(language, code) {
            let last = import_end(&lines, at);
            found.push(Landmark { range: TextRange::new(line.start, lines[last].end), until: before.len() });
            at = last + 1;
            continue;
        }
        if opens_block(language, code) {
            let first = head_start(&lines, at, indent);
            open.push((found.len(), indent));
            found.push(Landmark { range: TextRange::new(lines[first].start, line.end), until: before.len() });
        }
        at += 1;
    }
    found
}

struct Line<'a> {
    start: usize,
    /// Behind the line end.
    end: usize,
    text: &'a str,
}

/// The lines that are complete: the cursor's is not.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole
        .map(|text| {
            let line = Line { start, end: start + text.len(), text };
            start = line.end;
            line
        })
        .collect()
}

fn is_import(language: Language, code: &str) -> bool {
    let first = first_word(code);
    match Family::of(language) {
        Family::Python => matches!(first, "import" | "from"),
        Family::Script | Family::ScriptJsx => {
            first == "import"
                || (first == "export" && code.contains(" from "))
                || (matches!(first, "const" | "let" | "var") && code.contains("require("))
        }
        Family::Rust => first == "use" || code.starts_with("pub use ") || code.starts_with("extern crate "),
        Family::Go => matches!(first, "import" | "package"),
        Family::Java => matches!(first, "import" | "package"),
        Family::C | Family::Cpp => code.starts_with("#include") || code.starts_with("using "),
        Family::Bash => matches!(first, "source"),
        Family::Other => {
            matches!(first, "import" | "from" | "use" | "using" | "require" | "require_relative" | "package" | "open")
                || code.starts_with("#include")
        }
        Family::Json | Family::Html | Family::Css => false,
    }
}

/// The last line of the import that begins at line `first`: where its brackets are closed.
fn import_end(lines: &[Line<'_>], first: usize) -> usize {
    let mut depth = 0_i32;
    for (index, line) in lines.iter().enumerate().skip(first).take(MAX_LINES) {
        for byte in line.text.bytes() {
            depth += i32::from(matches!(byte, b'(' | b'{' | b'[')) - i32::from(matches!(byte, b')' | b'}' | b']'));
        }
        if depth <= 0 {
            return index;
        }
    }
    first
}

/// The first line of the head whose last line is `last`: `):` alone says nothing.
fn head_start(lines: &[Line<'_>], last: usize, indent: usize) -> usize {
    if !lines[last].text.trim_start().starts_with([')', ']', '>']) {
        return last;
    }
    let above = (last.saturating_sub(MAX_LINES)..last).rev();
    let mut at_same_depth = above.filter(|&index| {
        let text = lines[index].text;
        !text.trim().is_empty() && columns(indent_of(text)) <= indent
    });
    at_same_depth.next().filter(|&index| columns(indent_of(lines[index].text)) == indent).unwrap_or(last)
}
