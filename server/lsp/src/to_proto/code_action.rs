//! Code actions.

use std::collections::HashMap;

use assist::{Diagnostic, Fix, Snapshot};
use tower_lsp::ls_types::{self as lsp, CodeAction, CodeActionKind, CodeActionOrCommand, OneOf, Uri};

use super::{diagnostics, range};
use crate::session::Session;

/// The ways out of a document's problems, problem by problem, best first.
pub(crate) fn quick_fixes(
    problems: Vec<Diagnostic>,
    uri: &Uri,
    snapshot: &Snapshot,
    session: &Session,
) -> Vec<CodeActionOrCommand> {
    let mut actions = Vec::new();
    for problem in problems {
        let fixes = problem.fixes.clone();
        let solved = diagnostics(vec![problem], snapshot, session);
        actions.extend(fixes.into_iter().map(|fix| {
            CodeActionOrCommand::CodeAction(CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(solved.clone()),
                // What is preferred, an editor may apply without showing it.
                is_preferred: fix.safe.then_some(true),
                edit: Some(workspace_edit(fix, uri, snapshot, session)),
                ..CodeAction::default()
            })
        }));
    }
    actions
}

/// An edit of one document, bound to its version where the client knows how.
fn workspace_edit(fix: Fix, uri: &Uri, snapshot: &Snapshot, session: &Session) -> lsp::WorkspaceEdit {
    let edits = fix.edits.into_iter();
    let edits = edits.map(|edit| lsp::TextEdit::new(range(edit.range, snapshot, session.encoding), edit.new_text));
    if !session.versioned_edits {
        return lsp::WorkspaceEdit::new(HashMap::from([(uri.clone(), edits.collect())]));
    }
    let text_document =
        lsp::OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version: Some(snapshot.document().version()) };
    let edit = lsp::TextDocumentEdit { text_document, edits: edits.map(OneOf::Left).collect() };
    lsp::WorkspaceEdit { document_changes: Some(lsp::DocumentChanges::Edits(vec![edit])), ..Default::default() }
}
