//! Edits of code actions.

use std::collections::HashMap;

use assist::Snapshot;
use syntax::TextEdit;
use tower_lsp::ls_types::{self as lsp, OneOf, Uri};

use super::range;
use crate::session::Session;

/// An edit of one document, bound to its version where the client knows how.
pub(crate) fn workspace_edit(
    edits: Vec<TextEdit>,
    uri: &Uri,
    snapshot: &Snapshot,
    session: &Session,
) -> lsp::WorkspaceEdit {
    let edits = edits.into_iter();
    let edits = edits.map(|edit| lsp::TextEdit::new(range(edit.range, snapshot, session.encoding), edit.new_text));
    if !session.versioned_edits {
        return lsp::WorkspaceEdit::new(HashMap::from([(uri.clone(), edits.collect())]));
    }
    let text_document =
        lsp::OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version: Some(snapshot.document().version()) };
    let edit = lsp::TextDocumentEdit { text_document, edits: edits.map(OneOf::Left).collect() };
    lsp::WorkspaceEdit { document_changes: Some(lsp::DocumentChanges::Edits(vec![edit])), ..Default::default() }
}
