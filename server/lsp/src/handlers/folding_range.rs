//! `textDocument/foldingRange`.

use assist::{Fold, FoldKind, Snapshot};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams};

use crate::server::Server;
use crate::session::Session;
use crate::{arrival, to_proto};

pub(crate) async fn folding_range(server: &Server, _params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let work = move || {
        let folds = assist::folds(&snapshot).into_iter();
        folds.filter_map(|fold| folding(fold, &snapshot, &session)).collect::<Vec<_>>()
    };
    assist::run_blocking("foldingRange", work).await.map(Some).map_err(to_proto::error)
}

/// A client that folds whole lines gets none that would take the closing bracket's line with it.
fn folding(fold: Fold, snapshot: &Snapshot, session: &Session) -> Option<FoldingRange> {
    let range = to_proto::range(fold.range, snapshot, session.encoding);
    let mut end_line = range.end.line;
    if session.folds_lines_only && fold.has_closing {
        end_line = end_line.saturating_sub(1);
    }
    let kind = match fold.kind {
        FoldKind::Code => None,
        FoldKind::Comment => Some(FoldingRangeKind::Comment),
        FoldKind::Imports => Some(FoldingRangeKind::Imports),
        FoldKind::Region => Some(FoldingRangeKind::Region),
    };
    (end_line > range.start.line).then(|| FoldingRange {
        start_line: range.start.line,
        start_character: (!session.folds_lines_only).then_some(range.start.character),
        end_line,
        end_character: (!session.folds_lines_only).then_some(range.end.character),
        kind,
        collapsed_text: None,
    })
}
