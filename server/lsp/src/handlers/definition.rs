//! `textDocument/definition`: through imports, also into files that are not open.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{GotoDefinitionParams, GotoDefinitionResponse};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn definition(
    server: &Server,
    params: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let position = params.text_document_position_params.position;
    let offset = from_proto::offset(&snapshot, position, session.encoding)?;
    let assist = server.shared.assist.clone();
    let work = move || to_proto::locations(&assist::definition(&assist, &snapshot, offset), session.encoding);
    let locations = assist::run_blocking("definition", work).await.map_err(to_proto::error)?;
    Ok((!locations.is_empty()).then_some(GotoDefinitionResponse::Array(locations)))
}
