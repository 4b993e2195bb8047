//! The part of a long text that holds everything that is broken, so that the repairs need not parse the rest again and
//! again: what is before it and what is after it are sound programs of their own.
//!
//! Ruff's parser takes a twentieth of the time that the grammar takes, so it may look for the part several times.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;
use syntax::{Document, TextRange};

use super::engine::Broken;
use super::in_words;
use crate::block::first_word;
use crate::diagnostics::{Diagnostic, MAX_DIAGNOSTICS};

/// Shorter texts are repaired as a whole.
const MIN_BYTES: usize = 8 * 1024;
/// Statements at the margin that are tried as the end of the part, and as its beginning.
const MAX_TRIES: usize = 4;

/// What the repairs say of a long text; `None` where the broken part is no small one.
pub(super) fn diagnostics(document: &Document, text: &str, broken: &Broken) -> Option<Vec<Diagnostic>> {
    if text.len() < MIN_BYTES {
        return None;
    }
    let part = broken_part(text, broken)?;
    let own = Document::new(&text[part.start..part.end], document.language(), document.version());
    let inside = |range: TextRange| range.start >= part.start && range.start <= part.end;
    let errors = broken.errors.iter().filter(|(range, _)| inside(*range));
    let errors = errors.map(|(range, message)| (before(*range, part.start), message.clone())).collect();
    let mut found = in_words(&own, errors);
    found.truncate(MAX_DIAGNOSTICS);
    found.iter_mut().for_each(|diagnostic| shift(diagnostic, part.start));
    Some(found)
}

/// Where everything is that does not parse: whole statements at the margin, half of the text at most.
fn broken_part(text: &str, broken: &Broken) -> Option<TextRange> {
    let starts = broken.errors.iter().map(|(range, _)| range.start);
    let (first, last) = (starts.clone().min()?, starts.max()?);
    let parses = |text: &str| {
        let options = ParseOptions::from(broken.kind).with_target_version(broken.version);
        parse_unchecked(text, options).errors().is_empty()
    };
    let start = broken.beginnings.iter().copied().find(|start| parses(&text[..*start]))?;
    let ends = [first, last].into_iter().flat_map(|error| endings(text, error.max(start)).take(MAX_TRIES));
    let end = ends.filter(|end| *end > start).find(|end| parses(&text[*end..])).unwrap_or(text.len());
    let part = &text[start..end];
    // A text in quotes that begins or ends in the part may be meant to end or to begin elsewhere.
    let is_whole = ["\"\"\"", "'''"].iter().all(|quotes| part.matches(quotes).count() % 2 == 0);
    (is_whole && part.len() <= text.len() / 2).then(|| TextRange::new(start, end))
}

/// Where the last statements at the margin before an error begin, the last one first.
pub(super) fn beginnings(text: &str, tokens: &[Token], error: usize) -> Vec<usize> {
    let mut begins = vec![0];
    let mut at_start = true;
    for token in tokens {
        let at = token.start().to_usize();
        if at > error {
            break;
        }
        match token.kind() {
            TokenKind::Newline => at_start = true,
            TokenKind::Comment | TokenKind::NonLogicalNewline | TokenKind::Indent | TokenKind::Dedent => {}
            _ => {
                if std::mem::take(&mut at_start) && is_beginning(text, at) {
                    begins.push(at);
                }
            }
        }
    }
    begins.into_iter().rev().take(MAX_TRIES).collect()
}

/// Where statements at the margin begin after an error, by the layout alone: what is open at the error would hide them.
fn endings(text: &str, error: usize) -> impl Iterator<Item = usize> + '_ {
    let lines = text[error..].match_indices('\n').map(move |(at, _)| error + at + 1);
    lines.filter(|at| is_beginning(text, *at))
}

/// Whether a statement can begin at this offset, that is at the margin and belongs to nothing above it.
fn is_beginning(text: &str, at: usize) -> bool {
    let is_at_margin = at == 0 || text.as_bytes()[at - 1] == b'\n';
    let rest = &text[at..];
    let is_word = rest.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '@');
    let goes_on = matches!(first_word(rest), "elif" | "else" | "except" | "finally");
    is_at_margin && is_word && !goes_on && !is_decorated(text, at)
}

/// Whether what stands at the margin above is a decorator, which may go on over several lines.
fn is_decorated(text: &str, at: usize) -> bool {
    let is_deeper = |line: &&str| line.trim_end().is_empty() || line.starts_with([' ', '\t', ')', ']', '}', '#']);
    let above = text[..at].lines().rev().find(|line| !is_deeper(line));
    above.is_some_and(|line| line.starts_with('@'))
}

fn shift(diagnostic: &mut Diagnostic, by: usize) {
    let related = diagnostic.related.iter_mut().map(|it| &mut it.range);
    let edits = diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.range);
    for range in [&mut diagnostic.range].into_iter().chain(related).chain(edits) {
        *range = TextRange::new(range.start + by, range.end + by);
    }
}

fn before(range: TextRange, by: usize) -> TextRange {
    TextRange::new(range.start.saturating_sub(by), range.end.saturating_sub(by))
}
