//! `textDocument/codeAction`: ways out of the problems on some lines.
//!
//! The problems are looked for again in the text as it is; those in the request may be older than it.

use assist::LintSettings;
use syntax::TextRange;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{CodeActionKind, CodeActionParams, CodeActionResponse};

use crate::server::Server;
use crate::{arrival, from_proto, to_proto};

pub(crate) async fn code_action(server: &Server, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let asks_for_fixes = params.context.only.is_none_or(|only| only.iter().any(includes_quick_fixes));
    if !asks_for_fixes || !session.code_action_literals {
        return Ok(Some(Vec::new()));
    }
    let asked = from_proto::text_range(&snapshot, params.range, session.encoding);
    let text = snapshot.document().text();
    // Editors ask at the cursor, and a user whose cursor is on the line of a problem means that problem.
    let lines = TextRange {
        start: text.line_range(text.line_of(asked.start)).start,
        end: text.line_range(text.line_of(asked.end)).end,
    };
    let uri = params.text_document.uri;
    let work = move || {
        let mut problems = assist::diagnostics(&snapshot, &LintSettings::default());
        problems.retain(|problem| problem.range.touches(lines.start) || lines.touches(problem.range.start));
        to_proto::quick_fixes(problems, &uri, &snapshot, &session)
    };
    assist::run_blocking("codeAction", work).await.map(Some).map_err(to_proto::error)
}

/// Kinds are trees: asking for one asks for everything below it. Nothing is below `quickfix` here.
fn includes_quick_fixes(kind: &CodeActionKind) -> bool {
    *kind == CodeActionKind::EMPTY || *kind == CodeActionKind::QUICKFIX
}
