//! `textDocument/completion` and `completionItem/resolve`.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{CompletionItem, CompletionList, CompletionParams, CompletionResponse};

use crate::ext::CompletionItemData;
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

/// The item with its definition's doc. An item whose document is not what it was stays as it is: it can be used
/// without.
pub(crate) async fn resolve(server: &Server, mut item: CompletionItem) -> Result<CompletionItem> {
    let session = *server.shared.initialized_session()?;
    let data: Option<CompletionItemData> = item.data.clone().and_then(|data| serde_json::from_value(data).ok());
    let (Some(data), Ok(snapshot)) = (data, arrival::snapshot()) else { return Ok(item) };
    if snapshot.document().version() == data.version {
        let offset = from_proto::offset(&snapshot, data.position, session.encoding)?;
        let name = item.label.clone();
        let work = move || assist::name_documentation(&snapshot, offset, &name);
        let markdown = assist::run_blocking("completionItem/resolve", work).await.map_err(to_proto::error)?;
        item.documentation = markdown.map(|markdown| to_proto::documentation(markdown, &session));
    }
    Ok(item)
}
