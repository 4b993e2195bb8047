//! The text before a cursor, scanned once.

use syntax::{Language, TextRange};

use crate::{
    block::{self, indent_of, line_start},
    lexer::{EventKind, Lexer},
    openers::Openers,
};

/// The text before a cursor with what is open at its end.
pub(crate) struct Prefix<'a> {
    pub(crate) text: &'a str,
    /// The scan, standing at the end of the text.
    pub(crate) lexer: Lexer<'a>,
    pub(crate) openers: Openers,
    /// Comments, in order.
    comments: Vec<TextRange>,
    /// Brackets over several lines, as (opening, closing), in the order of their closing.
    brackets: Vec<(usize, usize)>,
    /// Strings and comments over several lines, in order.
    multiline: Vec<TextRange>,
}

impl<'a> Prefix<'a> {
    pub(crate) fn new(language: Language, text: &'a str) -> Self {
        let mut lexer = Lexer::new(language, text, &[]);
        let mut openers = Openers::default();
        let mut comments = Vec::new();
        let mut multiline = Vec::new();
        let mut brackets = Vec::new();
        let mut string_start = 0;
        for event in lexer.by_ref() {
            match event.kind {
                EventKind::Comment => comments.push(event.range),
                EventKind::StringStart => string_start = event.range.start,
                EventKind::StringEnd if text[string_start..event.range.start].contains('\n') => {
                    multiline.push(TextRange::new(string_start, event.range.end));
                }
                _ => {}
            }
            let innermost = openers.last();
            openers.apply(event);
            if let (EventKind::Close(_), Some(open)) = (event.kind, innermost)
                && openers.last() != Some(open)
                && text[open.at..event.range.start].contains('\n')
            {
                brackets.push((open.at, event.range.start));
            }
        }
        Self { text, lexer, openers, comments, brackets, multiline }
    }

    /// The text from `start` to `end`, which lie on one line, without a comment at its end.
    pub(crate) fn code_line(&self, start: usize, end: usize) -> &'a str {
        let at = self.comments.partition_point(|comment| comment.end <= start);
        let mut code_end = end;
        for comment in
            self.comments[at..].iter().take_while(|comment| comment.start < end).collect::<Vec<_>>().iter().rev()
        {
            if self.text[comment.end.min(code_end)..code_end].trim().is_empty() {
                code_end = comment.start.max(start);
            }
        }
        self.text[start..code_end].trim_end()
    }

    /// The last line before `offset` (a line's start) that holds code; a docstring is none.
    pub(crate) fn last_code_line(&self, offset: usize) -> Option<TextRange> {
        let mut end = offset;
        while end > 0 {
            let trimmed = self.text[..end].trim_end();
            let line_start = line_start(trimmed, trimmed.len());
            if trimmed.is_empty() {
                return None;
            }
            // A docstring or a comment over several lines is skipped whole.
            let around = |range: &&TextRange| range.start < line_start && range.end >= trimmed.len();
            let whole = self.multiline.iter().rev().chain(self.comments.iter().rev()).find(around);
            if let Some(range) = whole
                && self.text[block::line_start(self.text, range.start)..range.start].trim().is_empty()
            {
                end = range.start;
                continue;
            }
            let code = self.code_line(line_start, trimmed.len());
            if !code.trim().is_empty() && !is_docstring(code) {
                return Some(TextRange::new(line_start, trimmed.len()));
            }
            end = line_start;
        }
        None
    }

    /// Indentation of the statement that ends with `line`: brackets may have begun it further up.
    pub(crate) fn statement_indent(&self, line: TextRange) -> &'a str {
        let mut start = line.start;
        for &(open, close) in self.brackets.iter().rev() {
            if close < start {
                break;
            }
            if open < start && close < line.end {
                start = line_start(self.text, open);
            }
        }
        indent_of(&self.text[start..])
    }

    /// Indentation of the line that `offset` is in.
    pub(crate) fn indent_at(&self, offset: usize) -> &'a str {
        let start = line_start(self.text, offset);
        indent_of(&self.text[start..])
    }
}

/// A line that holds nothing but a string in triple quotes.
fn is_docstring(code: &str) -> bool {
    let code = code.trim();
    ["\"\"\"", "'''"].iter().any(|quote| {
        code.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).is_some_and(|body| !body.contains(quote))
    })
}
