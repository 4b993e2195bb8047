//! `textDocument/documentHighlight`: where the document names what is under the cursor, and whether it changes there.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn document_highlight(
    server: &Server,
    params: DocumentHighlightParams,
) -> Result<Option<Vec<DocumentHighlight>>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let position = params.text_document_position_params.position;
    let offset = from_proto::offset(&snapshot, position, session.encoding)?;
    let work = move || {
        let found = assist::highlights(&snapshot, offset).into_iter();
        let highlight = |it: assist::Highlight| DocumentHighlight {
            range: to_proto::range(it.range, &snapshot, session.encoding),
            kind: Some(if it.is_write { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
        };
        found.map(highlight).collect::<Vec<_>>()
    };
    let found = assist::run_blocking("documentHighlight", work).await.map_err(to_proto::error)?;
    // With nothing to say, an editor marks the word itself.
    Ok((!found.is_empty()).then_some(found))
}
