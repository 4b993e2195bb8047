//! `textDocument/hover`.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{Hover, HoverParams};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn hover(server: &Server, params: HoverParams) -> Result<Option<Hover>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let position = params.text_document_position_params.position;
    let offset = from_proto::offset(&snapshot, position, session.encoding)?;
    let work = move || assist::hover(&snapshot, offset).map(|hover| to_proto::hover(hover, &snapshot, &session));
    assist::run_blocking("hover", work).await.map_err(to_proto::error)
}
