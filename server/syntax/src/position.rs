//! Lines and columns as the wire knows them. The conversion to byte offsets is `Text`'s.

/// How columns are counted (LSP 3.18, `PositionEncodingKind`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PositionEncoding {
    /// Columns are bytes.
    Utf8,
    /// Columns are UTF-16 code units: LSP's default.
    #[default]
    Utf16,
    /// Columns are Unicode scalar values.
    Utf32,
}

/// A zero-based line and column. The unit of the column is a [`PositionEncoding`] that travels beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Zero-based line; only `\n`, `\r\n` and `\r` end a line.
    pub line: u32,
    /// Zero-based column within the line.
    pub character: u32,
}

/// A half-open range of positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PositionRange {
    /// First position of the range.
    pub start: Position,
    /// First position after the range.
    pub end: Position,
}
