//! Places and edits in several documents.

use std::collections::HashMap;
use std::str::FromStr;

use assist::{FileEdits, FileView};
use syntax::{PositionEncoding, TextRange};
use tower_lsp::ls_types::{self as lsp, OneOf, Uri};

use super::position;
use crate::session::Session;

/// Places in files; one whose path is no URI is left out.
pub(crate) fn locations(locations: &[assist::Location], encoding: PositionEncoding) -> Vec<lsp::Location> {
    let location = |it: &assist::Location| {
        Some(lsp::Location { uri: uri(&it.file)?, range: range_in(&it.file, it.range, encoding) })
    };
    locations.iter().filter_map(location).collect()
}

/// Edits of several documents, bound to the versions of the open ones where the client knows how.
pub(crate) fn edit_of_files(edits: &[FileEdits], session: &Session) -> lsp::WorkspaceEdit {
    let mut changes = HashMap::new();
    let mut versioned = Vec::new();
    for FileEdits { file, edits } in edits {
        let Some(uri) = uri(file) else { continue };
        let edits = edits
            .iter()
            .map(|edit| lsp::TextEdit::new(range_in(file, edit.range, session.encoding), edit.new_text.clone()));
        if session.versioned_edits {
            let text_document = lsp::OptionalVersionedTextDocumentIdentifier { uri, version: file.version() };
            versioned.push(lsp::TextDocumentEdit { text_document, edits: edits.map(OneOf::Left).collect() });
        } else {
            changes.insert(uri, edits.collect());
        }
    }
    if session.versioned_edits {
        return lsp::WorkspaceEdit {
            document_changes: Some(lsp::DocumentChanges::Edits(versioned)),
            ..lsp::WorkspaceEdit::default()
        };
    }
    lsp::WorkspaceEdit::new(changes)
}

/// The client's own spelling of an open document's name, else the one of its path.
fn uri(file: &FileView) -> Option<Uri> {
    match &file.id {
        Some(id) => Uri::from_str(id.as_str()).ok(),
        None => Uri::from_file_path(file.path.as_ref()?),
    }
}

fn range_in(file: &FileView, range: TextRange, encoding: PositionEncoding) -> lsp::Range {
    let range = file.document.text().position_range(range, encoding);
    lsp::Range { start: position(range.start), end: position(range.end) }
}
