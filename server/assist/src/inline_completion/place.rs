//! Where a completion goes.

use syntax::{Document, TextEdit, TextRange};

use super::InlineCompletionRequest;
use crate::Snapshot;

/// Where a completion goes, with the menu's selected item taken as accepted.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) document: Document,
    pub(super) offset: usize,
    /// The selected item: the document's range it replaces, and its text.
    pub(super) selected: Option<(TextRange, String)>,
}

impl Place {
    pub(super) fn new(snapshot: &Snapshot, request: &InlineCompletionRequest) -> Self {
        let document = snapshot.document();
        match &request.selected {
            Some((range, selected)) => {
                let text = document.text();
                let range = TextRange::new(text.snap(range.start), text.snap(range.end));
                let edit = TextEdit { range, new_text: selected.clone() };
                let offset = range.start + selected.len();
                let document = document.edit(&[edit], document.version());
                Self { document, offset, selected: Some((range, selected.clone())) }
            }
            None => {
                let text = document.text();
                let offset = text.snap(request.offset);
                // Nothing is ever inserted between the two halves of a line end.
                let is_inside = text.char_before(offset) == Some('\r') && text.char_at(offset) == Some('\n');
                let offset = offset - usize::from(is_inside);
                Self { document: document.clone(), offset, selected: None }
            }
        }
    }

    /// The item's range and text, in the document as the client has it.
    pub(super) fn item(&self, text: &str, overtyped: usize) -> (TextRange, String) {
        match &self.selected {
            Some((range, selected)) => {
                (TextRange::new(range.start, range.end + overtyped), format!("{selected}{text}"))
            }
            None => (TextRange::new(self.offset, self.offset + overtyped), text.to_owned()),
        }
    }
}
