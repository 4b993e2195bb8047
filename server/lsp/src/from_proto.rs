//! From the wire's types to ours. The only place that reads positions.

use assist::{DocumentId, Snapshot};
use syntax::{ContentChange, Position, PositionEncoding, PositionRange, TextRange};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{self as lsp, Uri};

use crate::ext::AcceptedArgument;

/// A document's name: the client's own spelling, which comes back unchanged.
pub(crate) fn document_id(uri: &Uri) -> DocumentId {
    DocumentId::new(uri.as_str())
}

/// An entry of a change notification.
pub(crate) fn content_change(change: lsp::TextDocumentContentChangeEvent) -> ContentChange {
    ContentChange { range: change.range.map(position_range), text: change.text }
}

/// A place in the snapshot's text. A column past the end of its line means that end, as the specification has it.
///
/// # Errors
/// When there is no such line.
pub(crate) fn offset(snapshot: &Snapshot, place: lsp::Position, encoding: PositionEncoding) -> Result<usize> {
    let text = snapshot.document().text();
    text.checked_offset(position(place), encoding).ok_or_else(|| {
        let lines = text.line_count();
        Error::invalid_params(format!("line {} is outside the document, which has {lines} lines", place.line))
    })
}

/// A range of the snapshot's text; what lies outside it is cut off.
pub(crate) fn text_range(snapshot: &Snapshot, range: lsp::Range, encoding: PositionEncoding) -> TextRange {
    snapshot.document().text().text_range(position_range(range), encoding)
}

/// The number of a suggestion, from the command it was sent with.
///
/// # Errors
/// When the item is none of ours.
pub(crate) fn suggestion_id(item: &lsp::InlineCompletionItem) -> Result<u64> {
    let arguments = item.command.as_ref().and_then(|command| command.arguments.as_deref());
    accepted(arguments.unwrap_or_default()).map(|argument| argument.id)
}

/// The arguments of the command that reports an acceptance.
///
/// # Errors
/// When they are not `[{"id": number}]`.
pub(crate) fn accepted(arguments: &[lsp::LSPAny]) -> Result<AcceptedArgument> {
    only_argument(arguments)
}

/// The one argument of a command.
///
/// # Errors
/// When there is none, or one of another shape.
pub(crate) fn only_argument<T: serde::de::DeserializeOwned>(arguments: &[lsp::LSPAny]) -> Result<T> {
    let argument = arguments.first().cloned().unwrap_or_default();
    serde_json::from_value(argument).map_err(|error| Error::invalid_params(format!("arguments[0]: {error}")))
}

fn position(place: lsp::Position) -> Position {
    Position { line: place.line, character: place.character }
}

fn position_range(range: lsp::Range) -> PositionRange {
    PositionRange { start: position(range.start), end: position(range.end) }
}
