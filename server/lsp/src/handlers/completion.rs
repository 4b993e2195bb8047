//! `textDocument/completion`.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{CompletionList, CompletionParams, CompletionResponse};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn completion(server: &Server, params: CompletionParams) -> Result<Option<CompletionResponse>> {
    let shared = &server.shared;
    let session = *shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let offset = from_proto::offset(&snapshot, params.text_document_position.position, session.encoding)?;
    let with_suggestion = shared.settings().suggestion_in_menu.unwrap_or(!session.inline_completion);
    let (items, is_incomplete) =
        assist::completion(&shared.assist, &snapshot, offset, with_suggestion, arrival::cancel_token())
            .await
            .map_err(to_proto::error)?;
    let items = items.into_iter().map(|item| to_proto::completion_item(item, offset, &snapshot, &session)).collect();
    Ok(Some(CompletionResponse::List(CompletionList { is_incomplete, items })))
}
