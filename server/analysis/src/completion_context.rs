//! What the cursor stands in: decides whether and how much an inline completion may write.

use syntax::{Document, TextRange};

/// How much text fits at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// The rest of the line.
    SingleLine,
    /// A block: several lines, deeper than the cursor line's indentation.
    Block,
    /// Whole statements at this indentation (an empty line between statements, the end of the file).
    Statements,
}

/// The surroundings of a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionContext {
    /// Byte offset of the cursor.
    pub offset: usize,
    /// The cursor's line, without its line end.
    pub line: TextRange,
    /// White space at the start of the line.
    pub indent: String,
    /// Text of the line before the cursor, indentation included.
    pub line_prefix: String,
    /// Text of the line after the cursor.
    pub line_suffix: String,
    /// The character before the cursor and the one after it both belong to a word.
    pub mid_word: bool,
    /// What follows on the line is only closing brackets, quotes, `;`, `,` or `:` (as an editor's auto-close leaves it), or nothing.
    pub suffix_is_closers: bool,
    /// The cursor is in a comment.
    pub in_comment: bool,
    /// The cursor is in a string.
    pub in_string: bool,
    /// How much fits here.
    pub hole: Hole,
}

/// The surroundings of `offset`.
pub fn completion_context(_document: &Document, _offset: usize) -> CompletionContext {
    unimplemented!()
}
