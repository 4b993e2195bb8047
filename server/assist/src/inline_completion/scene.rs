//! What two requests must have in common for one's text to serve the other.

use syntax::{Document, TextRange};

use super::site::lines;

/// Bytes before the cursor that must agree.
const ORIGIN_TAIL: usize = 256;
/// Bytes before the cursor that are looked at: the above and what was typed since.
const TAIL: usize = 1024;
/// Bytes after the cursor's line in which the next line is looked for.
const BELOW: usize = 1024;

/// The text around a cursor, and who would complete it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scene {
    /// Language id.
    pub(crate) language: &'static str,
    /// Which model would answer; empty for none.
    pub(crate) model: String,
    /// The last [`TAIL`] bytes before the cursor, with line feeds only.
    tail: String,
    /// The line after the cursor.
    pub(crate) line_suffix: String,
    /// The first non-blank line below.
    next_line: String,
}

impl Scene {
    pub(crate) fn new(document: &Document, offset: usize, model: String) -> Self {
        let text = document.text();
        let line_end = text.line_range(text.line_of(offset)).end.max(offset);
        let below = text.slice(TextRange::new(line_end, (line_end + BELOW).min(text.len())));
        let next_line = lines(&below).find(|line| !line.trim().is_empty()).unwrap_or_default();
        Self {
            language: document.language().id(),
            model,
            tail: text
                .slice(TextRange::new(offset.saturating_sub(TAIL), offset))
                .replace("\r\n", "\n")
                .replace('\r', "\n"),
            line_suffix: text.slice(TextRange::new(offset, line_end)),
            next_line: next_line.trim_end().to_owned(),
        }
    }

    /// Everything but the text before the cursor is the same.
    pub(crate) fn has_same_surroundings(&self, other: &Self) -> bool {
        self.is_of_same_kind(other) && self.line_suffix == other.line_suffix
    }

    /// The same but for the rest of the line, into which an editor may have put closers meanwhile.
    pub(crate) fn is_of_same_kind(&self, other: &Self) -> bool {
        self.language == other.language && self.model == other.model && self.next_line == other.next_line
    }

    /// Length in bytes of the longest start of `text` that was typed since `origin`; `None` when this is no
    /// continuation of it.
    pub(crate) fn typed_of(&self, origin: &Self, text: &str) -> Option<usize> {
        let most = text.len().min(TAIL - ORIGIN_TAIL);
        let last = self.tail.as_bytes().last();
        (0..=most).rev().find(|&typed| {
            // Most lengths are ruled out by one byte: this runs over every kept suggestion at each keystroke.
            (typed == 0 || text.as_bytes().get(typed - 1) == last)
                && text.is_char_boundary(typed)
                && self.tail.strip_suffix(&text[..typed]).is_some_and(|before| origin.ends_like(before))
        })
    }

    /// What was typed since `origin`, a line's length at most.
    pub(crate) fn typed_since(&self, origin: &Self) -> Option<&str> {
        let most = self.tail.len().min(TAIL - ORIGIN_TAIL);
        let start = (0..=most).map(|typed| self.tail.len() - typed);
        let mut start = start.filter(|&at| self.tail.is_char_boundary(at));
        start.find(|&at| origin.ends_like(&self.tail[..at])).map(|at| &self.tail[at..])
    }

    /// True when `before` ends as this scene's text before the cursor does.
    fn ends_like(&self, before: &str) -> bool {
        if self.tail.len() <= ORIGIN_TAIL {
            // The start of the document is in sight.
            return self.tail == before;
        }
        let from = self.tail.ceil_char_boundary(self.tail.len() - ORIGIN_TAIL);
        before.ends_with(&self.tail[from..])
    }
}
