//! Whether accepted text is still there some time later, and what share of it.
//!
//! Acceptance alone flatters: text that is taken and then rewritten was no help. So each accepted suggestion is looked
//! for after 30 seconds and after two minutes. Its place is found by the text that stood before it (or behind it), and
//! what is left is the longest common subsequence of its tokens and those that stand there now, weighted by their
//! length. Blanks do not count: formatted text is kept text.

use std::time::Duration;

use syntax::{Document, TextRange};

use crate::DocumentId;
use crate::words::is_word;

/// Bytes before and after a suggestion by which its place is found again.
const AROUND: usize = 128;
/// Bytes of the document in which it is looked for, before and after where it was.
const REACH: usize = 512 << 10;
/// Tokens compared; of a longer suggestion the rest is taken to be like them.
const MAX_TOKENS: usize = 1000;

/// When an accepted suggestion is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Early,
    Late,
}

impl Look {
    pub(crate) const ALL: [Self; 2] = [Self::Early, Self::Late];

    /// Time since the acceptance.
    pub(crate) fn after(self) -> Duration {
        match self {
            Self::Early => Duration::from_secs(30),
            Self::Late => Duration::from_secs(120),
        }
    }
}

/// An accepted suggestion.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Followed {
    pub(crate) id: u64,
    pub(crate) document: DocumentId,
    /// The part of its text that was accepted.
    pub(crate) accepted: String,
    pub(crate) surroundings: Surroundings,
}

/// The text around a place that a suggestion is put into.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Surroundings {
    offset: usize,
    before: String,
    after: String,
}

impl Surroundings {
    /// Around `range`, which is replaced.
    pub(crate) fn new(document: &Document, range: TextRange) -> Self {
        let text = document.text();
        Self {
            offset: range.start,
            before: text.slice(TextRange::new(range.start.saturating_sub(AROUND), range.start)),
            after: text.slice(TextRange::new(range.end, (range.end + AROUND).min(text.len()))),
        }
    }
}

impl Followed {
    /// The share of the accepted characters that is still there, 0 to 1.
    pub(crate) fn share_kept(&self, document: &Document) -> f64 {
        let text = document.text();
        let from = text.snap(self.surroundings.offset.saturating_sub(REACH));
        let text = text.slice(TextRange::new(from, (self.surroundings.offset + REACH).min(text.len())));
        share(&self.accepted, self.window(&text, self.surroundings.offset.saturating_sub(from)))
    }

    /// Where in `text` the suggestion would stand. `near` is where it was put.
    fn window<'a>(&self, text: &'a str, near: usize) -> &'a str {
        // As much again may have been written into it.
        let length = 2 * self.accepted.len() + AROUND;
        let Surroundings { before, after, .. } = &self.surroundings;
        let starts = before.char_indices().map(|(at, _)| &before[at..]).filter(|part| is_mark(part));
        if let Some(start) = starts.clone().find_map(|part| nearest(text, part, near).map(|at| at + part.len())) {
            return &text[start..text.floor_char_boundary(start + length)];
        }
        let ends = after.char_indices().rev().map(|(at, c)| &after[..at + c.len_utf8()]).filter(|part| is_mark(part));
        if let Some(end) = ends.clone().find_map(|part| nearest(text, part, near)) {
            return &text[text.ceil_char_boundary(end.saturating_sub(length))..end];
        }
        let start = text.floor_char_boundary(near);
        &text[start..text.floor_char_boundary(start + length)]
    }
}

/// Whether a place can be recognised by this text: a word of some length, not a bracket that stands everywhere.
fn is_mark(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).count() >= 3
}

/// The occurrence of `part` that is nearest to `near`.
fn nearest(text: &str, part: &str, near: usize) -> Option<usize> {
    text.match_indices(part).map(|(at, _)| at).min_by_key(|at| at.abs_diff(near))
}

/// Words, and single characters that are neither word nor blank.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next()
        && tokens.len() < MAX_TOKENS
    {
        let end = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}

/// Characters of the longest common subsequence of tokens, as a share of those of `accepted`.
fn share(accepted: &str, now: &str) -> f64 {
    let (accepted, now) = (tokens(accepted), tokens(now));
    let length = |token: &str| token.chars().count();
    let all: usize = accepted.iter().map(|token| length(token)).sum();
    if all == 0 {
        return 1.0;
    }
    // best[n]: the most characters of the tokens so far that are among the first n of `now`.
    let mut best = vec![0; now.len() + 1];
    for token in &accepted {
        let mut diagonal = 0;
        for (index, other) in now.iter().enumerate() {
            let above = best[index + 1];
            let taken = if token == other { diagonal + length(token) } else { 0 };
            best[index + 1] = above.max(best[index]).max(taken);
            diagonal = above;
        }
    }
    best[now.len()] as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language, TextRange};

    use super::{Followed, Surroundings};
    use crate::DocumentId;

    /// The share of `accepted`, put in at the cursor of `before`, that `after` still has; in percent.
    fn check(before: &str, accepted: &str, after: &str, expected: f64) {
        let (text, offset) = testkit::cursor(before);
        let document = |text: &str| Document::new(text, Language::plain_text(), 1);
        let surroundings = Surroundings::new(&document(&text), TextRange::empty(offset));
        let followed = Followed { id: 1, document: DocumentId::new("a"), accepted: accepted.to_owned(), surroundings };
        let share = (followed.share_kept(&document(after)) * 100.0).round();
        assert_eq!(share, expected, "{accepted:?} in {after:?}");
    }

    #[test]
    fn what_is_left_is_a_share_of_the_characters() {
        let before = "total = <CURSOR>\nprint(total)\n";
        check(before, "width * height", "total = width * height\nprint(total)\n", 100.0);
        check(before, "width * height", "total = width * depth\nprint(total)\n", 50.0);
        check(before, "width * height", "total = \nprint(total)\n", 0.0);
        check(before, "width * height", "", 0.0);
        check(before, "width * height", "total = (width*height) + 1\nprint(total)\n", 100.0);
    }

    #[test]
    fn the_place_is_found_where_it_moved_to() {
        let before = "def area(width, height):\n    return <CURSOR>\n";
        let moved = format!("{}def area(width, height):\n    return width * height\n", "import os\n".repeat(500));
        check(before, "width * height", &moved, 100.0);
        // The line before it was rewritten; what stands behind tells.
        check("a = <CURSOR>\nprint(total)\n", "width", "other = width\nprint(total)\n", 100.0);
        // The same text elsewhere is not it.
        let elsewhere = format!("def area(width, height):\n    return None\n{}width * height\n", "pass\n".repeat(60));
        check(before, "width * height", &elsewhere, 0.0);
    }

    #[test]
    fn long_and_odd_texts_end() {
        let long = "word ".repeat(5000);
        check("<CURSOR>", &long, &long, 100.0);
        check("ä<CURSOR>ö", "😀", "ä😀ö", 100.0);
        check("<CURSOR>", "  ", "", 100.0);
    }
}
