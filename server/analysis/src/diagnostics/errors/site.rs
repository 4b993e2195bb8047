//! The place at which the grammar had to give up.

use syntax::{Document, Node, TextRange, Tree, TreeCursor};

use crate::{
    block::line_end,
    diagnostics::{
        Diagnostic,
        expected::{Expected, accepts, expected_in, state_after},
    },
    family::Family,
    tree::{goto_next_outside, path_to, range_of},
};

/// Leaves of one error that are looked at.
const MAX_LEAVES: usize = 400;
/// Longest piece of code that a message quotes, in bytes.
const MAX_QUOTE: usize = 30;

/// Where a parse went wrong.
pub(super) struct ErrorSite<'a> {
    pub(super) document: &'a Document,
    text: &'a str,
    /// The token that does not fit, empty at the end of the text.
    pub(super) token: TextRange,
    /// From the end of the token before to the start of `token`.
    pub(super) gap: TextRange,
    /// The gap before the one token before `gap`.
    pub(super) gap_before: Option<TextRange>,
    /// What would have fitted, where the tree knows it.
    pub(super) expected: Option<Expected>,
    /// Names of HTML elements that are open at the end of the error.
    pub(super) open_elements: Vec<String>,
}

impl<'a> ErrorSite<'a> {
    /// The site of `error`; tokens before `from` are dealt with.
    pub(super) fn new(document: &'a Document, tree: &'a Tree, text: &'a str, error: Node<'a>, from: usize) -> Self {
        let start = error.start_byte().max(from);
        let mut before_previous: Option<Node<'_>> = None;
        let mut previous = previous_leaf(tree, text, start);
        let mut cursor = tree.walk();
        let mut token = None;
        let mut state = state_after(document, previous);
        if goto_leaf_from(&mut cursor, start) {
            for _ in 0..MAX_LEAVES {
                let leaf = cursor.node();
                let is_token = !leaf.is_extra() || leaf.is_error();
                if is_token && !leaf.is_missing() && leaf.end_byte() > leaf.start_byte() {
                    // A token that the parser skipped while it looked for a way to go on has state 0.
                    state = state.or(Some(leaf.parse_state()).filter(|state| *state != u16::MAX));
                    let is_refused = state.is_some_and(|state| state == 0 || !accepts(document, state, leaf));
                    if is_refused || leaf.is_error() || leaf.start_byte() >= error.end_byte() {
                        token = Some(leaf);
                        break;
                    }
                    before_previous = previous;
                    previous = Some(leaf);
                    state = state_after(document, previous);
                }
                if !goto_next_leaf(&mut cursor) {
                    break;
                }
            }
        }
        let previous_end = previous.map_or(0, |leaf| leaf.end_byte());
        let end = text.trim_end().len().max(previous_end);
        let token = token.map_or(TextRange::empty(end), |leaf| widened(text, leaf));
        let previous_end = previous_end.min(token.start);
        Self {
            document,
            text,
            token,
            gap: TextRange::new(previous_end, token.start),
            gap_before: before_previous
                .or_else(|| previous_leaf(tree, text, previous?.start_byte()))
                .zip(previous)
                .map(|(a, b)| TextRange::new(a.end_byte(), b.start_byte())),
            expected: state.filter(|state| *state != 0).map(|state| expected_in(document, state)),
            open_elements: open_elements(document, error),
        }
    }

    /// The token as a message quotes it.
    pub(super) fn quoted_token(&self) -> String {
        quoted(self.text, self.token).unwrap_or_else(|| match self.token.is_empty() {
            true => "end of file".to_owned(),
            false => "text".to_owned(),
        })
    }

    /// " after `x`" for the word or operator before the gap.
    pub(super) fn after(&self) -> String {
        after(self.text, self.gap.start)
    }

    /// The message of last resort.
    pub(super) fn unexpected(&self) -> Diagnostic {
        // A parse that went astray before this token may expect the very token: that would help nobody.
        let is_astray = |it: &&Expected| it.tokens.contains(&self.text[self.token.start..self.token.end]);
        let expected = self.expected.as_ref().filter(|it| !is_astray(it)).and_then(Expected::in_words);
        if self.token.is_empty() {
            let range = super::last_char(self.text, self.gap.start);
            let message = match expected {
                Some(words) => format!("unexpected end of file, expected {words}"),
                None => "unexpected end of file".to_owned(),
            };
            return Diagnostic::error("unexpected-token", range, message);
        }
        let line_len = line_end(self.text, self.token.start) - self.token.start;
        let range = TextRange::new(self.token.start, self.token.end.min(self.token.start + line_len));
        match (quoted(self.text, self.token), expected) {
            (Some(token), Some(words)) => {
                Diagnostic::error("unexpected-token", range, format!("unexpected {token}, expected {words}"))
            }
            (Some(token), None) => Diagnostic::error("unexpected-token", range, format!("unexpected {token}")),
            (None, _) => {
                let message = format!("this does not parse as {}", self.document.language().name());
                Diagnostic::error("syntax-error", range, message)
            }
        }
    }
}

/// " after `x`" for the word or operator that ends at `place`.
pub(super) fn after(text: &str, place: usize) -> String {
    let before = &text[..place];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_operator = |c: char| "-=<>!&|+*/%:.".contains(c);
    let Some(last) = before.chars().next_back() else { return String::new() };
    if matches!(last, '"' | '\'' | '`') {
        return " after the string".to_owned();
    }
    let same_kind = |c: &char| if is_word(last) { is_word(*c) } else { is_operator(last) && is_operator(*c) };
    let len: usize = before.chars().rev().take_while(same_kind).map(char::len_utf8).sum();
    let range = TextRange::new(place - len.max(last.len_utf8()), place);
    quoted(text, range).map(|quote| format!(" after {quote}")).unwrap_or_default()
}

/// `text[range]` in backquotes; `None` when it is empty or too long to quote.
fn quoted(text: &str, range: TextRange) -> Option<String> {
    let code = text[range.start..range.end].trim();
    let fits = !code.is_empty() && code.len() <= MAX_QUOTE && !code.contains(['\n', '\r', '`']);
    fits.then(|| format!("`{code}`"))
}

/// The range to report for `leaf`: a delimiter stands for its whole literal, a bit of a word for the word.
fn widened(text: &str, leaf: Node<'_>) -> TextRange {
    let range = range_of(leaf);
    if let Some(parent) = leaf.parent()
        && parent.start_byte() == range.start
        && !parent.is_error()
        && !parent.has_error()
        && (parent.kind().contains("string") || matches!(parent.kind(), "end_tag" | "char_literal"))
    {
        return range_of(parent);
    }
    // `</b>`, whichever of its tokens the parser stumbled over.
    let tag = if leaf.kind() == "</" {
        Some(range.start)
    } else {
        text[..range.start].ends_with("</").then(|| range.start - 2)
    };
    if let Some(start) = tag
        && let Some(len) = text[start..].find('>')
    {
        return TextRange::new(start, start + len + 1);
    }
    if leaf.is_error() || range.len() > MAX_QUOTE {
        // A run of characters that are no token: its first word.
        let code = &text[range.start..range.end];
        let skipped = code.len() - code.trim_start().len();
        let len = code.trim_start().find(char::is_whitespace).unwrap_or(code.trim_start().len());
        let start = range.start + skipped;
        return TextRange::new(start, (start + len).min(range.end));
    }
    range
}

/// The last token before `offset`, comments left out.
pub(super) fn previous_leaf<'tree>(tree: &'tree Tree, text: &str, offset: usize) -> Option<Node<'tree>> {
    let mut end = offset;
    for _ in 0..64 {
        let before = text[..end].trim_end();
        if before.is_empty() {
            return None;
        }
        let path = path_to(tree, before.len() - 1);
        let comment =
            path.iter().find(|node| node.is_extra() && !node.is_error() && node.end_byte() > node.start_byte());
        match comment {
            Some(comment) if comment.start_byte() < end => end = comment.start_byte(),
            _ => return path.last().copied().filter(|leaf| leaf.child_count() == 0),
        }
    }
    None
}

/// Moves to the first leaf that ends behind `offset`.
fn goto_leaf_from(cursor: &mut TreeCursor<'_>, offset: usize) -> bool {
    loop {
        if cursor.goto_first_child_for_byte(offset).is_some() {
            continue;
        }
        if cursor.node().child_count() == 0 {
            break;
        }
        // No child reaches that far.
        if !goto_next_outside(cursor) {
            return false;
        }
    }
    while cursor.node().start_byte() < offset {
        if !goto_next_leaf(cursor) {
            return false;
        }
    }
    true
}

fn goto_next_leaf(cursor: &mut TreeCursor<'_>) -> bool {
    if !goto_next_outside(cursor) {
        return false;
    }
    while cursor.goto_first_child() {}
    true
}

/// Names of the HTML elements that are open at the end of `error`, outermost first.
fn open_elements(document: &Document, error: Node<'_>) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    if Family::of(document.language()) != Family::Html {
        return open;
    }
    let mut cursor = error.walk();
    for child in error.children(&mut cursor) {
        let Some(name) = child.named_child(0).filter(|name| name.kind() == "tag_name") else { continue };
        let name = document.text().slice(range_of(name));
        match child.kind() {
            "start_tag" => open.push(name),
            "end_tag" => {
                if let Some(at) = open.iter().rposition(|element| *element == name) {
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    open
}
