//! `textDocument/inlineCompletion`.

use assist::{AssistError, InlineCompletionRequest, Trigger};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{InlineCompletionList, InlineCompletionParams, InlineCompletionTriggerKind};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

/// Always answers: with suggestions, with an empty list, or with the error that says why the question is void.
pub(crate) async fn inline_completion(server: &Server, params: InlineCompletionParams) -> Result<InlineCompletionList> {
    let shared = &server.shared;
    let encoding = shared.initialized_session()?.encoding;
    let snapshot = arrival::snapshot()?;
    let request = InlineCompletionRequest {
        offset: from_proto::offset(&snapshot, params.text_document_position.position, encoding)?,
        trigger: match params.context.trigger_kind {
            InlineCompletionTriggerKind::INVOKED => Trigger::Invoked,
            _ => Trigger::Automatic,
        },
        selected: params
            .context
            .selected_completion_info
            .map(|info| (from_proto::text_range(&snapshot, info.range, encoding), info.text)),
        max_tokens: None,
        sampling: None,
        stop: Vec::new(),
        cancel: arrival::cancel_token(),
    };
    let answer = assist::inline_completion(&shared.assist, &snapshot, request).await;
    match (answer, shared.staleness(&snapshot)) {
        // Its ranges are those of a text that is no more.
        (Ok(_) | Err(AssistError::Cancelled), Some(void)) => Err(void),
        (Ok(answer), None) => {
            if let Some(reason) = answer.silence {
                tracing::debug!(reason = reason.code(), "no inline completion");
            }
            // The first one is what an editor shows.
            if let Some(item) = answer.items.first() {
                shared.assist.record_answered(item.id);
            }
            let items = answer.items.into_iter();
            let items = items.map(|item| to_proto::inline_completion_item(item, &snapshot, encoding)).collect();
            Ok(InlineCompletionList { items })
        }
        (Err(error), _) => Err(to_proto::error(error)),
    }
}
