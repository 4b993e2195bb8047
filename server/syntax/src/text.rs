//! The text of one document: a rope that counts lines as LSP does.
//!
//! The only module that knows the rope. The rope counts characters, tree-sitter bytes and
//! the wire lines and columns: all conversions between the three are here, and each is
//! total. An offset inside a character means that character's start, an offset past the end
//! the end. A byte order mark is text like any other.
//!
//! Lines end at `\n`, `\r\n` and `\r` and nowhere else (LSP 3.18, `TextDocument`): not at
//! U+2028, NEL, vertical tab or form feed.

use ropey::Rope;

use crate::{Position, PositionEncoding, PositionRange, TextRange};

/// Immutable text; cloning is cheap.
#[derive(Clone)]
pub struct Text {
    rope: Rope,
    /// Whether some `\r` may stand without its `\n`. May say true wrongly, never false wrongly.
    has_lone_cr: bool,
}

impl Text {
    /// Text with this content.
    pub fn new(text: &str) -> Self {
        Self { rope: Rope::from_str(text), has_lone_cr: contains_lone_cr(text) }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.rope.len_bytes()
    }

    /// True for the empty text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of lines; the empty text has one.
    pub fn line_count(&self) -> usize {
        self.rope.len_lines()
    }

    /// The text of a byte range; ends inside a character are moved down to its start, ends past the text to its end.
    pub fn slice(&self, range: TextRange) -> String {
        let range = self.snap_range(range);
        self.rope.byte_slice(range.start..range.end).to_string()
    }

    /// The text of a line, without its line end; empty for a line past the text.
    pub fn line(&self, line: usize) -> String {
        self.slice(self.line_range(line))
    }

    /// Byte range of a line, without its line end; empty, at the text's end, for a line past the text.
    pub fn line_range(&self, line: usize) -> TextRange {
        let count = self.line_count();
        if line >= count {
            return TextRange::empty(self.len());
        }
        let start = self.rope.line_to_byte(line);
        if line + 1 == count {
            return TextRange::new(start, self.len());
        }
        let mut end = self.rope.line_to_byte(line + 1);
        if self.rope.byte(end - 1) == b'\n' {
            end -= 1;
            if end > start && self.rope.byte(end - 1) == b'\r' {
                end -= 1;
            }
        } else {
            end -= 1; // A lone `\r`: one byte too.
        }
        TextRange::new(start, end)
    }

    /// Zero-based line of a byte offset. Between `\r` and `\n` it is the line that the two end.
    pub fn line_of(&self, offset: usize) -> usize {
        self.rope.byte_to_line(self.snap(offset))
    }

    /// True when every character is one byte, so that all encodings count alike. Takes no time.
    pub fn is_ascii(&self) -> bool {
        self.rope.len_chars() == self.rope.len_bytes()
    }

    /// Byte offset to position. Between `\r` and `\n` it is the end of the line that the two end.
    pub fn position(&self, offset: usize, encoding: PositionEncoding) -> Position {
        let line = self.line_of(offset);
        let range = self.line_range(line);
        let offset = self.snap(offset).min(range.end);
        let column = match encoding {
            PositionEncoding::Utf8 => offset - range.start,
            PositionEncoding::Utf16 | PositionEncoding::Utf32 if self.is_ascii() => offset - range.start,
            PositionEncoding::Utf16 => self.utf16_units_before(offset) - self.utf16_units_before(range.start),
            PositionEncoding::Utf32 => self.rope.byte_to_char(offset) - self.rope.byte_to_char(range.start),
        };
        Position { line: saturating_u32(line), character: saturating_u32(column) }
    }

    /// Position to byte offset; a column past the line's end means the line's end, a line past the text its end.
    pub fn offset(&self, position: Position, encoding: PositionEncoding) -> usize {
        self.checked_offset(position, encoding).unwrap_or_else(|| self.len())
    }

    /// Position to byte offset, or `None` when the line does not exist.
    ///
    /// A column past the line's end means the line's end; one inside a character (between two
    /// surrogates, or inside a UTF-8 sequence) that character's start.
    pub fn checked_offset(&self, position: Position, encoding: PositionEncoding) -> Option<usize> {
        let line = position.line as usize;
        if line >= self.line_count() {
            return None;
        }
        let range = self.line_range(line);
        let column = position.character as usize;
        let offset = match encoding {
            PositionEncoding::Utf8 => self.snap(range.start.saturating_add(column).min(range.end)),
            PositionEncoding::Utf16 => {
                let units = self.utf16_units_before(range.start).saturating_add(column);
                let units = units.min(self.utf16_units_before(range.end));
                self.rope.char_to_byte(self.rope.utf16_cu_to_char(units))
            }
            PositionEncoding::Utf32 => {
                let chars = self.rope.byte_to_char(range.start).saturating_add(column);
                self.rope.char_to_byte(chars.min(self.rope.byte_to_char(range.end)))
            }
        };
        Some(offset)
    }

    /// Both ends of a byte range as positions.
    pub fn position_range(&self, range: TextRange, encoding: PositionEncoding) -> PositionRange {
        PositionRange { start: self.position(range.start, encoding), end: self.position(range.end, encoding) }
    }

    /// Both ends of a position range as offsets (clamped as in [`Text::offset`]); the smaller becomes the start.
    pub fn text_range(&self, range: PositionRange, encoding: PositionEncoding) -> TextRange {
        TextRange::new(self.offset(range.start, encoding), self.offset(range.end, encoding))
    }

    /// The character that starts at `offset`; `None` at the end.
    pub fn char_at(&self, offset: usize) -> Option<char> {
        self.chunk_from(offset).chars().next()
    }

    /// The character that ends at `offset`; `None` at the start.
    pub fn char_before(&self, offset: usize) -> Option<char> {
        let before = self.rope.byte_to_char(self.snap(offset)).checked_sub(1)?;
        self.rope.get_char(before)
    }

    /// The text in pieces, in order, without a copy. Where the pieces end means nothing.
    pub fn chunks(&self) -> impl Iterator<Item = &str> {
        self.rope.chunks()
    }

    /// The pieces of a byte range, in order, without a copy (ends as in [`Text::slice`]).
    pub fn chunks_in(&self, range: TextRange) -> impl Iterator<Item = &str> {
        let range = self.snap_range(range);
        self.rope.byte_slice(range.start..range.end).chunks()
    }

    /// Some text that starts at `offset`, as long as it lies in one piece; empty only at the end.
    pub fn chunk_from(&self, offset: usize) -> &str {
        let offset = self.snap(offset);
        let (chunk, chunk_start, ..) = self.rope.chunk_at_byte(offset);
        &chunk[offset - chunk_start..]
    }

    /// The offset itself, or the start of the character it is inside of, or the text's end.
    pub fn snap(&self, offset: usize) -> usize {
        let offset = offset.min(self.len());
        let (chunk, chunk_start, ..) = self.rope.chunk_at_byte(offset);
        chunk_start + chunk.floor_char_boundary(offset - chunk_start)
    }

    /// Both ends snapped.
    pub(crate) fn snap_range(&self, range: TextRange) -> TextRange {
        TextRange::new(self.snap(range.start), self.snap(range.end))
    }

    /// The text with `range` replaced. Shares what has not changed with `self`.
    pub(crate) fn replaced(&self, range: TextRange, new_text: &str) -> Text {
        let range = self.snap_range(range);
        let mut rope = self.rope.clone();
        let start = rope.byte_to_char(range.start);
        let end = rope.byte_to_char(range.end);
        rope.remove(start..end);
        rope.insert(start, new_text);
        let mut text = Text { rope, has_lone_cr: self.has_lone_cr };
        if !text.has_lone_cr {
            // A pair is broken, or a `\r` added, only in or beside what is new.
            let before = TextRange::new(range.start.saturating_sub(1), range.start);
            let after = range.start + new_text.len();
            let mut around = text.slice(before);
            around.push_str(new_text);
            around.push_str(&text.slice(TextRange::new(after, after + 1)));
            text.has_lone_cr = contains_lone_cr(&around);
        }
        text
    }

    /// Row and byte column as tree-sitter counts them, where only `\n` ends a row; `None` when a
    /// lone `\r` makes our lines differ from its rows.
    pub(crate) fn point(&self, offset: usize) -> Option<tree_sitter::Point> {
        if self.has_lone_cr {
            return None;
        }
        let row = self.line_of(offset);
        Some(tree_sitter::Point { row, column: self.snap(offset) - self.rope.line_to_byte(row) })
    }

    fn utf16_units_before(&self, offset: usize) -> usize {
        self.rope.char_to_utf16_cu(self.rope.byte_to_char(offset))
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.chunks().try_for_each(|chunk| f.write_str(chunk))
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes, {} lines)", self.len(), self.line_count())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.rope == other.rope
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.rope == *other
    }
}

fn contains_lone_cr(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices('\r').any(|(at, _)| bytes.get(at + 1) != Some(&b'\n'))
}

fn saturating_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
