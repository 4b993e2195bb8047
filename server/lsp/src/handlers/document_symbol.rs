//! `textDocument/documentSymbol`.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{DocumentSymbolParams, DocumentSymbolResponse};

use crate::server::Server;
use crate::{arrival, to_proto};

pub(crate) async fn document_symbol(
    server: &Server,
    params: DocumentSymbolParams,
) -> Result<Option<DocumentSymbolResponse>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let uri = params.text_document.uri;
    let work = move || to_proto::symbols(assist::outline(&snapshot), &uri, &snapshot, &session);
    assist::run_blocking("documentSymbol", work).await.map(Some).map_err(to_proto::error)
}
