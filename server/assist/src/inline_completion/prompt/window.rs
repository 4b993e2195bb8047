//! The part of a document that a prompt shows: where it begins, where the primer begins, where the suffix begins and
//! ends. Each place moves in blocks or not at all while somebody types.

use analysis::landmarks;
use engine::Landmark;
use syntax::{Document, TextRange};

/// Bytes before the cursor for each token of the window, at most; the start moves in steps of a third of that. With the
/// suffix it is a little more than a token has in code, so the engine cuts the rest exactly where that matters.
const PREFIX: usize = 3;
/// Bytes after the cursor: half a byte for each token of the window.
const SUFFIX_SHARE: usize = 2;
/// Bytes after the cursor for small models: the built-in one was trained with suffixes of this length.
pub(super) const SUFFIX_SMALL: usize = 600;
/// The primer begins at the last line whose number is a multiple of this, so a new line moves it now and then only. The
/// model has seen holes of many lines; that a part of the middle is there already is what it sees after its first line.
pub(super) const PRIMER_LINES: usize = 16;
/// Documents with more bytes before the cursor are not searched for landmarks.
const MAX_SEARCHED: usize = 1 << 20;

/// What is shown, in bytes of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Where the text before the cursor begins.
    pub(super) start: usize,
    /// Where what is being written begins.
    pub(super) primer: usize,
    /// The text after the hole.
    pub(super) suffix: TextRange,
}

impl Window {
    /// The window around `offset` for so many `tokens`, with a suffix that begins at `suffix`.
    pub(super) fn new(document: &Document, offset: usize, suffix: usize, tokens: usize, is_small: bool) -> Self {
        let text = document.text();
        let (prefix, step) = (tokens * PREFIX, tokens);
        let mut start = offset.saturating_sub(prefix).div_ceil(step) * step;
        if start > 0 {
            start = next_line(document, start).min(offset);
        }
        let line = text.line_of(offset);
        let primer = text.line_range(line - line % PRIMER_LINES).start.clamp(start, offset);
        let length = (tokens / SUFFIX_SHARE).min(if is_small { SUFFIX_SMALL } else { usize::MAX });
        let mut end = (suffix + length).min(text.len());
        if end < text.len() {
            // A whole number of lines, as long as that leaves more than one.
            end = Some(text.line_range(text.line_of(end)).start)
                .filter(|&start| start > next_line(document, suffix))
                .unwrap_or_else(|| text.snap(end));
        }
        Self { start, primer, suffix: TextRange::new(suffix, end) }
    }

    /// The text before the cursor, behind the landmarks that explain its beginning and do not stand in it.
    pub(super) fn prefix(&self, document: &Document, offset: usize) -> (String, Vec<Landmark>) {
        if offset > MAX_SEARCHED {
            return (document.text().slice(TextRange::new(self.start, offset)), Vec::new());
        }
        let before = document.text().slice(TextRange::new(0, offset));
        let found = landmarks(document.language(), &before);
        let (above, inside): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.range.end <= self.start);
        let mut prefix = String::new();
        let mut ranges = Vec::new();
        for landmark in above.iter().filter(|it| it.until > self.start || it.until == offset) {
            let from = prefix.len();
            prefix.push_str(&before[landmark.range.start..landmark.range.end]);
            ranges.push((from..prefix.len(), landmark.until));
        }
        let head = prefix.len();
        prefix.push_str(&before[self.start..]);
        let moved = |at: usize| at - self.start + head;
        // One that the window cuts is in it in part.
        let inside = inside.into_iter().filter(|it| it.range.start >= self.start);
        let far = ranges.into_iter().map(|(range, until)| Landmark { range, until: moved(until.max(self.start)) });
        let near =
            inside.map(|it| Landmark { range: moved(it.range.start)..moved(it.range.end), until: moved(it.until) });
        let all = far.chain(near).collect();
        (prefix, all)
    }
}

/// Start of the line after the one that holds `offset`.
fn next_line(document: &Document, offset: usize) -> usize {
    let text = document.text();
    let line = text.line_of(offset) + 1;
    if line < text.line_count() { text.line_range(line).start } else { text.len() }
}
