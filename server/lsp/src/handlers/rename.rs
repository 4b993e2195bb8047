//! `textDocument/prepareRename` and `textDocument/rename`. Nothing is written: the client applies the edits.

use assist::RenameError;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{PrepareRenameResponse, RenameParams, TextDocumentPositionParams, WorkspaceEdit};

use crate::progress::Bar;
use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn prepare(
    server: &Server,
    params: TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let offset = from_proto::offset(&snapshot, params.position, session.encoding)?;
    let assist = server.shared.assist.clone();
    let work = move || {
        let target = assist::prepare_rename(&assist, &snapshot, offset)?;
        let range = to_proto::range(target.range, &snapshot, session.encoding);
        Ok(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: target.placeholder })
    };
    assist::run_blocking("prepareRename", work).await.map_err(to_proto::error)?.map(Some).map_err(error)
}

pub(crate) async fn rename(server: &Server, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let cancel = arrival::cancel_token();
    let offset = from_proto::offset(&snapshot, params.text_document_position.position, session.encoding)?;
    let assist = server.shared.assist.clone();
    let seen = snapshot.clone();
    let token = params.work_done_progress_params.work_done_token;
    let bar = Bar::new(&server.client, token, "Renaming", cancel);
    let work = move || {
        let edits = assist::rename(&assist, &seen, offset, &params.new_name, &bar);
        bar.finish();
        edits
    };
    let edits = assist::run_blocking("rename", work).await.map_err(to_proto::error)?.map_err(error)?;
    // Edits are for the text they were made from.
    let open = edits.iter().filter_map(|edits| Some((edits.file.id.as_ref()?, edits.file.document.version())));
    let workspace = server.shared.assist.workspace();
    let is_stale = open.into_iter().any(|(id, version)| !workspace.is_current(id, version));
    match server.shared.staleness(&snapshot) {
        Some(stale) => Err(stale),
        None if is_stale => Err(Error::content_modified()),
        None => Ok(Some(to_proto::edit_of_files(&edits, &session))),
    }
}

fn error(error: RenameError) -> Error {
    match error {
        RenameError::Cancelled => Error::request_cancelled(),
        RenameError::Refused(reason) => to_proto::request_failed(reason),
    }
}
