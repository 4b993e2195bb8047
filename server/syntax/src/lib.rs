//! Text and tree of ONE file, as immutable values.
//!
//! A [`Document`] is text + language + version + syntax tree. An edit makes a new
//! document; nothing here reads a file, spawns a thread, or fails: broken code is
//! normal input. Below the front-ends every place in text is a UTF-8 byte offset;
//! [`Position`] (line and column, in a [`PositionEncoding`]) exists only for the wire.
//!
//! Not here: what the code means (`analysis`), many files (`assist`).

mod document;
mod edit;
mod grammar;
mod language;
mod position;
mod query;
mod range;
mod text;

pub use document::Document;
pub use edit::{ContentChange, TextEdit, apply_edits, minimal_edits};
pub use language::{CommentTokens, Indentation, Language};
pub use position::{Position, PositionEncoding, PositionRange};
pub use query::{Capture, Query};
pub use range::TextRange;
pub use text::Text;
pub use tree_sitter::{Node, Tree, TreeCursor};
