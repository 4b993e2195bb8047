//! Edits as values.

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
pub fn apply_edits(_text: &str, _edits: &[TextEdit]) -> String {
    unimplemented!()
}

/// A small set of edits that turns `old` into `new` (line-wise common parts are kept).
pub fn minimal_edits(_old: &str, _new: &str) -> Vec<TextEdit> {
    unimplemented!()
}
