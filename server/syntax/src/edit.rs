//! Edits as values, and what can be done with them on plain strings.
//!
//! Not here: edits of a [`Document`](crate::Document), which also keep its tree.

mod diff;

use crate::{PositionRange, TextRange};

/// Replaces `range` by `new_text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced, in bytes of the text before any edit of the same set.
    pub range: TextRange,
    /// What stands there afterwards.
    pub new_text: String,
}

/// One entry of a change notification (LSP `TextDocumentContentChangeEvent`): applied in order, each to the result of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentChange {
    /// What is replaced; `None` is the whole text.
    pub range: Option<PositionRange>,
    /// What stands there afterwards.
    pub text: String,
}

/// Applies non-overlapping edits, given in any order, to `text`. Offsets are clamped to the text.
///
/// Insertions at one offset keep their order. An edit that overlaps one that starts before it is
/// left out: there is no right answer, and half an edit is worse than none.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> String {
    let snap =
        |range: TextRange| TextRange::new(text.floor_char_boundary(range.start), text.floor_char_boundary(range.end));
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, new_text) in in_order(edits, snap) {
        result.push_str(&text[copied..range.start]);
        result.push_str(new_text);
        copied = range.end;
    }
    result.push_str(&text[copied..]);
    result
}

/// A small set of edits that turns `old` into `new` (line-wise common parts are kept).
///
/// The edits are in ascending order and do not overlap, and no end of one lies inside a
/// character or between `\r` and `\n`, so each can be said in lines and columns.
pub fn minimal_edits(old: &str, new: &str) -> Vec<TextEdit> {
    diff::minimal_edits(old, new)
}

/// The edits with their ranges put through `snap`, ascending, without those that overlap an earlier one.
pub(crate) fn in_order(edits: &[TextEdit], snap: impl Fn(TextRange) -> TextRange) -> Vec<(TextRange, &str)> {
    let mut ordered: Vec<_> = edits.iter().map(|edit| (snap(edit.range), edit.new_text.as_str())).collect();
    ordered.sort_by_key(|(range, _)| *range);
    let mut end = 0;
    ordered.retain(|(range, _)| {
        let is_free = end <= range.start;
        if is_free {
            end = range.end;
        }
        is_free
    });
    ordered
}

#[cfg(test)]
mod tests;
