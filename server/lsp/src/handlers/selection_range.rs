//! `textDocument/selectionRange`.

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{SelectionRange, SelectionRangeParams};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn selection_range(
    server: &Server,
    params: SelectionRangeParams,
) -> Result<Option<Vec<SelectionRange>>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let offsets = params.positions.iter().map(|position| from_proto::offset(&snapshot, *position, session.encoding));
    let offsets = offsets.collect::<Result<Vec<usize>>>()?;
    let work = move || {
        let chains = assist::selection_ranges(&snapshot, &offsets).into_iter();
        let nested = |chain: Vec<syntax::TextRange>| {
            let outermost_first = chain.into_iter().rev();
            outermost_first.fold(None, |parent, range| {
                let range = to_proto::range(range, &snapshot, session.encoding);
                Some(SelectionRange { range, parent: parent.map(Box::new) })
            })
        };
        chains.filter_map(nested).collect::<Vec<_>>()
    };
    assist::run_blocking("selectionRange", work).await.map(Some).map_err(to_proto::error)
}
