//! The text of one document: a rope that counts lines as LSP does.

use crate::{Position, PositionEncoding, PositionRange, TextRange};

/// Immutable text; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Text {
    #[expect(dead_code)]
    rope: ropey::Rope,
}

impl Text {
    /// Text with this content.
    pub fn new(_text: &str) -> Self {
        unimplemented!()
    }
    /// Length in bytes.
    pub fn len(&self) -> usize {
        unimplemented!()
    }
    /// True for the empty text.
    pub fn is_empty(&self) -> bool {
        unimplemented!()
    }
    /// Number of lines; the empty text has one.
    pub fn line_count(&self) -> usize {
        unimplemented!()
    }
    /// The text of a byte range; ends inside a character are moved down to its start, ends past the text to its end.
    pub fn slice(&self, _range: TextRange) -> String {
        unimplemented!()
    }
    /// Byte range of a line, without its line end.
    pub fn line_range(&self, _line: usize) -> TextRange {
        unimplemented!()
    }
    /// Zero-based line of a byte offset.
    pub fn line_of(&self, _offset: usize) -> usize {
        unimplemented!()
    }
    /// Byte offset to position.
    pub fn position(&self, _offset: usize, _encoding: PositionEncoding) -> Position {
        unimplemented!()
    }
    /// Position to byte offset; a column past the line's end means the line's end, a line past the text its end.
    pub fn offset(&self, _position: Position, _encoding: PositionEncoding) -> usize {
        unimplemented!()
    }
    /// Position to byte offset, or `None` when the line does not exist.
    pub fn checked_offset(&self, _position: Position, _encoding: PositionEncoding) -> Option<usize> {
        unimplemented!()
    }
    /// Both ends of a byte range as positions.
    pub fn position_range(&self, _range: TextRange, _encoding: PositionEncoding) -> PositionRange {
        unimplemented!()
    }
    /// Both ends of a position range as offsets (clamped as in [`Text::offset`]).
    pub fn text_range(&self, _range: PositionRange, _encoding: PositionEncoding) -> TextRange {
        unimplemented!()
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        unimplemented!()
    }
}
