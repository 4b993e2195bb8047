//! `ropewalk/viewText` and `ropewalk/viewSyntaxTree`: what the server holds, for bug reports and outside checks.

use tower_lsp::jsonrpc::Result;

use crate::{arrival, to_proto};

/// The document's text.
pub(crate) async fn text() -> Result<String> {
    let snapshot = arrival::snapshot()?;
    assist::run_blocking("viewText", move || snapshot.document().text().to_string()).await.map_err(to_proto::error)
}

/// The document's tree as an S-expression; null for a language without a grammar.
pub(crate) async fn syntax_tree() -> Result<Option<String>> {
    let snapshot = arrival::snapshot()?;
    assist::run_blocking("viewSyntaxTree", move || snapshot.document().syntax_tree_text())
        .await
        .map_err(to_proto::error)
}
