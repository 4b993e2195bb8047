//! The difference between a text and the same text formatted, as small edits.
//!
//! A line-wise difference makes one edit of a stretch of lines that all changed, and an editor that applies it loses
//! cursors and folds in there. But both texts have the same words, so they can be walked side by side.

use std::ops::Range;

use syntax::{TextEdit, TextRange, minimal_edits};

/// Edits above this number are no help to anybody: the line-wise ones are given instead.
const MAX_EDITS: usize = 20_000;

/// Signs that formatters put in, take out, or exchange for each other.
const LOOSE: &str = ",;()'\"";

/// Edits in ascending order, between which every word stays where it is.
pub(super) fn small_edits(before: &str, after: &str) -> Vec<TextEdit> {
    let coarse = minimal_edits(before, after);
    let mut fine = Vec::new();
    for edit in &coarse {
        refine(&before[edit.range.start..edit.range.end], &edit.new_text, edit.range.start, &mut fine);
        if fine.len() > MAX_EDITS {
            return coarse;
        }
    }
    fine
}

/// The edit that makes `new` of `old`, which begins at `start`, in parts: where both sides have the same words, only
/// what lies between two words is replaced.
fn refine(old: &str, new: &str, start: usize, parts: &mut Vec<TextEdit>) {
    let mut push_part = |old_range: Range<usize>, new_range: Range<usize>| {
        for edit in minimal_edits(&old[old_range.clone()], &new[new_range]) {
            let base = start + old_range.start;
            let range = TextRange::new(base + edit.range.start, base + edit.range.end);
            parts.push(TextEdit { range, ..edit });
        }
    };
    // What is put before a line's end and how the next line is indented are edits of their own.
    let mut push = |old_range: Range<usize>, new_range: Range<usize>| match (
        line_end(&old[old_range.clone()]),
        line_end(&new[new_range.clone()]),
    ) {
        (Some(end), Some(new_end)) => {
            let (end, new_end) = (old_range.start + end, new_range.start + new_end);
            push_part(old_range.start..end, new_range.start..new_end);
            push_part(end..old_range.end, new_end..new_range.end);
        }
        _ => push_part(old_range, new_range),
    };
    // Where the two sides stand, and where they were in step last.
    let (mut at, mut new_at) = (0, 0);
    let (mut from, mut new_from) = (0, 0);
    while let (Some(a), Some(b)) = (old[at..].chars().next(), new[new_at..].chars().next()) {
        if a.is_whitespace() || b.is_whitespace() {
            at = blanks_end(old, at);
            new_at = blanks_end(new, new_at);
        } else if a == b {
            if from < at || new_from < new_at {
                push(from..at, new_from..new_at);
            }
            at += a.len_utf8();
            new_at += b.len_utf8();
            (from, new_from) = (at, new_at);
        } else {
            // A sign was exchanged, put in or taken out; anything else is one part with all that follows.
            let (is_loose, is_new_loose) = (LOOSE.contains(a), LOOSE.contains(b));
            if !is_loose && !is_new_loose {
                break;
            }
            at += usize::from(is_loose);
            new_at += usize::from(is_new_loose);
        }
    }
    push(from..old.len(), new_from..new.len());
}

/// Where the first line ends.
fn line_end(text: &str) -> Option<usize> {
    let end = text.find('\n')?;
    Some(if text[..end].ends_with('\r') { end - 1 } else { end })
}

fn blanks_end(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start().len()
}
