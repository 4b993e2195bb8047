//! `textDocument/references`: in the document and in the files of the workspace.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{Location, ReferenceParams};

use crate::progress::Bar;
use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn references(server: &Server, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let cancel = arrival::cancel_token();
    let offset = from_proto::offset(&snapshot, params.text_document_position.position, session.encoding)?;
    let with_definitions = params.context.include_declaration;
    let assist = server.shared.assist.clone();
    let token = params.work_done_progress_params.work_done_token;
    let bar = Bar::new(&server.client, token, "Looking for references", cancel);
    let work = move || {
        let found = assist::references(&assist, &snapshot, offset, with_definitions, &bar);
        bar.finish();
        Ok(to_proto::locations(&found?, session.encoding))
    };
    let found = assist::run_blocking("references", work).await.and_then(|found| found);
    found.map(Some).map_err(to_proto::error)
}
