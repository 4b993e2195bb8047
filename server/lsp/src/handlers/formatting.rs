//! `textDocument/formatting`, `textDocument/rangeFormatting` and `textDocument/onTypeFormatting`.
//!
//! What cannot be formatted is answered by null and a message, once for each version of a document: editors format
//! whenever a file is saved. While somebody types nothing is said at all.

use std::path::PathBuf;

use assist::{FormatError, FormatOptions, Snapshot};
use syntax::{Indentation, PositionEncoding};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, FormattingOptions,
    MessageType, TextEdit,
};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

/// The edits, or why there are none.
type Outcome = std::result::Result<Vec<syntax::TextEdit>, FormatError>;

pub(crate) async fn formatting(server: &Server, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
    let options = options(&params.options);
    answer(server, arrival::snapshot()?, move |snapshot| assist::formatting(snapshot, &options)).await
}

pub(crate) async fn range_formatting(
    server: &Server,
    params: DocumentRangeFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let range = from_proto::text_range(&snapshot, params.range, session.encoding);
    let options = options(&params.options);
    answer(server, snapshot, move |snapshot| assist::range_formatting(snapshot, range, &options)).await
}

pub(crate) async fn on_type_formatting(
    server: &Server,
    params: DocumentOnTypeFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let offset = from_proto::offset(&snapshot, params.text_document_position.position, session.encoding)?;
    let Some(typed) = params.ch.chars().last() else { return Ok(None) };
    let options = options(&params.options);
    answer(server, snapshot, move |snapshot| Ok(assist::on_type_formatting(snapshot, offset, typed, &options))).await
}

/// Runs `work` beside the other requests; its edits are for this version of the document or for none.
async fn answer(
    server: &Server,
    snapshot: Snapshot,
    work: impl FnOnce(&Snapshot) -> Outcome + Send + 'static,
) -> Result<Option<Vec<TextEdit>>> {
    let session = *server.shared.initialized_session()?;
    let computed = snapshot.clone();
    let outcome = assist::run_blocking("formatting", move || work(&computed)).await.map_err(to_proto::error)?;
    if let Some(void) = server.shared.staleness(&snapshot) {
        return Err(void);
    }
    match outcome {
        Ok(edits) => Ok(Some(to_proto::text_edits(edits, &snapshot, session.encoding))),
        Err(error) => {
            say(server, &snapshot, &error);
            Ok(None)
        }
    }
}

/// Tells why nothing was formatted. The handler does not wait until the client has read it.
fn say(server: &Server, snapshot: &Snapshot, error: &FormatError) {
    let message = message(snapshot, error);
    let once = format!("{} {} {message}", snapshot.id().as_str(), snapshot.document().version());
    if server.shared.is_news(&once) {
        let client = server.client.clone();
        server.shared.spawn(async move { client.show_message(MessageType::WARNING, message).await });
    }
}

/// `app.py:3:7: not formatted, …`, line and column counted from 1 as editors show them.
fn message(snapshot: &Snapshot, error: &FormatError) -> String {
    let name = snapshot.path().and_then(|it| it.file_name()).map(PathBuf::from);
    let name = name.map_or_else(|| snapshot.id().as_str().to_owned(), |it| it.display().to_string());
    match error {
        FormatError::Syntax(problems) if !problems.is_empty() => {
            let place = snapshot.document().text().position(problems[0].range.start, PositionEncoding::Utf32);
            format!("{name}:{}:{}: {error}", place.line + 1, place.character + 1)
        }
        _ => format!("{name}: {error}"),
    }
}

/// What the editor says of the layout.
fn options(options: &FormattingOptions) -> FormatOptions {
    let indentation = match u8::try_from(options.tab_size) {
        Ok(width) if options.insert_spaces && width > 0 => Some(Indentation::Spaces(width)),
        _ if options.insert_spaces => None,
        _ => Some(Indentation::Tabs),
    };
    FormatOptions {
        editor_indentation: indentation,
        insert_final_newline: options.insert_final_newline,
        ..FormatOptions::default()
    }
}
