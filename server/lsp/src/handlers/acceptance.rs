//! `textDocument/didShowCompletion` and `textDocument/didPartiallyAcceptCompletion`: what became of a suggestion.

use crate::ext::{DidPartiallyAcceptCompletionParams, DidShowCompletionParams};
use crate::from_proto;
use crate::server::Server;

/// The client showed the item.
pub(crate) fn did_show(server: &Server, params: &DidShowCompletionParams) {
    match from_proto::suggestion_id(&params.item) {
        Ok(id) => server.shared.assist.record_shown(id),
        Err(error) => tracing::warn!(%error, "an unknown suggestion was shown"),
    }
}

/// The user took the first part of the item.
pub(crate) fn did_partially_accept(server: &Server, params: &DidPartiallyAcceptCompletionParams) {
    match from_proto::suggestion_id(&params.item) {
        Ok(id) => server.shared.assist.record_accepted(id, Some(params.accepted_length)),
        Err(error) => tracing::warn!(%error, "an unknown suggestion was accepted in part"),
    }
}
