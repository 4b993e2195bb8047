//! From our types to the wire's. The only place that writes positions.

mod code_action;
mod completion;
mod diagnostic;
mod location;
mod status;
mod symbol;

use assist::{AssistError, Snapshot};
use syntax::{Position, PositionEncoding, TextEdit, TextRange};
use tower_lsp::jsonrpc::{Error, ErrorCode};
use tower_lsp::ls_types as lsp;

use crate::session::Session;

pub(crate) use code_action::workspace_edit;
pub(crate) use completion::{completion_item, documentation, inline_completion_item};
pub(crate) use diagnostic::diagnostics;
pub(crate) use location::{edit_of_files, locations};
pub(crate) use status::{model_info, status};
pub(crate) use symbol::symbols;

/// `LSPErrorCodes.RequestFailed` (LSP 3.17): the request was valid and could not be served.
const REQUEST_FAILED: ErrorCode = ErrorCode::ServerError(-32803);

/// A feature's failure as the answer to its request.
pub(crate) fn error(error: AssistError) -> Error {
    let code = match &error {
        AssistError::Cancelled => return Error::request_cancelled(),
        AssistError::Panicked(_) => ErrorCode::InternalError,
        AssistError::Engine(_) | AssistError::DeadlineExceeded => REQUEST_FAILED,
    };
    Error { code, message: error.to_string().into(), data: None }
}

/// A request that is valid and cannot be served, with the reason for people.
pub(crate) fn request_failed(reason: String) -> Error {
    Error { code: REQUEST_FAILED, message: reason.into(), data: None }
}

/// A range of the snapshot's text.
pub(crate) fn range(range: TextRange, snapshot: &Snapshot, encoding: PositionEncoding) -> lsp::Range {
    let range = snapshot.document().text().position_range(range, encoding);
    lsp::Range { start: position(range.start), end: position(range.end) }
}

/// Edits of the snapshot's text.
pub(crate) fn text_edits(edits: Vec<TextEdit>, snapshot: &Snapshot, encoding: PositionEncoding) -> Vec<lsp::TextEdit> {
    edits.into_iter().map(|edit| lsp::TextEdit::new(range(edit.range, snapshot, encoding), edit.new_text)).collect()
}

/// A hover text, without Markdown for a client that cannot render it.
pub(crate) fn hover(hover: assist::Hover, snapshot: &Snapshot, session: &Session) -> lsp::Hover {
    lsp::Hover {
        contents: lsp::HoverContents::Markup(markup(hover.markdown, session.hover_markdown)),
        range: Some(range(hover.range, snapshot, session.encoding)),
    }
}

/// Markdown, or what is left of it without code fences.
fn markup(markdown: String, renders_markdown: bool) -> lsp::MarkupContent {
    if renders_markdown {
        return lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: markdown };
    }
    let lines: Vec<_> = markdown.lines().filter(|line| !line.trim_start().starts_with("```")).collect();
    lsp::MarkupContent { kind: lsp::MarkupKind::PlainText, value: lines.join("\n") }
}

fn position(position: Position) -> lsp::Position {
    lsp::Position { line: position.line, character: position.character }
}
