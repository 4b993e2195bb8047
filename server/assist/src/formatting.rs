//! Formatting of a snapshot: whole, in part, and while somebody types.
//!
//! `analysis` does the work; what is added here is the time limit of parsing. Neither reads nor writes a file.

use std::path::PathBuf;

use analysis::{FormatError, FormatOptions, Formatted};
use syntax::{TextEdit, TextRange};

use crate::{Snapshot, parsing};

/// The document's text as its formatter lays it out.
///
/// # Errors
/// When there is no formatter for its language, it does not parse, or the result cannot be trusted.
pub fn format(snapshot: &Snapshot, options: &FormatOptions) -> Result<Formatted, FormatError> {
    parsing::parse(snapshot.document());
    analysis::format(snapshot.document(), snapshot.path().map(PathBuf::as_path), options)
}

/// The edits that lay out the document, small and in ascending order.
///
/// # Errors
/// As [`format()`].
pub fn formatting(snapshot: &Snapshot, options: &FormatOptions) -> Result<Vec<TextEdit>, FormatError> {
    format(snapshot, options).map(|it| it.edits(snapshot.document()))
}

/// The edits that lay out the statements that `range` touches, and nothing else.
///
/// # Errors
/// As [`format()`].
pub fn range_formatting(
    snapshot: &Snapshot,
    range: TextRange,
    options: &FormatOptions,
) -> Result<Vec<TextEdit>, FormatError> {
    parsing::parse(snapshot.document());
    analysis::format_range(snapshot.document(), snapshot.path().map(PathBuf::as_path), range, options)
}

/// The edits that lay out what the key `typed` right before `offset` has ended; none where that is in doubt.
pub fn on_type_formatting(snapshot: &Snapshot, offset: usize, typed: char, options: &FormatOptions) -> Vec<TextEdit> {
    parsing::parse(snapshot.document());
    analysis::format_on_type(snapshot.document(), snapshot.path().map(PathBuf::as_path), offset, typed, options)
}
