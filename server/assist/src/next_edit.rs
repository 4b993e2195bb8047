//! The next edit: where a name or a signature was just changed, the other places in the file that use it should follow.
//!
//! [`NextEdits`] watches the words and the parameter lists that the user changes. When the cursor comes to a line that
//! still has the old name, and the tree of the text before the change says that it stood for the same definition, the
//! line with the new name is proposed. No model is asked. Nothing is proposed for a name that is unchanged again, or changed to what is no name;
//! and a change at a use is believed only when it was made twice.
//!
//! When the cursor comes to a call of a function whose parameters were changed, the call with its arguments in their new
//! order, under their new names, without those that nothing takes any more, and with variables that are called like the
//! new parameters is proposed: nothing where one of these is not known.
//!
//! Entry: [`NextEdits::see`] and [`propose`]. Not here: other files.

mod call;
mod call_lead;
mod history;
mod parameter_lists;
mod stretch;

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock};

use analysis::ReferenceKind;
use syntax::{Document, TextEdit, TextRange};

use crate::sync::lock;
use crate::{DocumentId, Snapshot, Workspace, parsing};
use call_lead::CallLead;
use history::History;

/// Documents watched, the least recently asked about is forgotten first.
const MAX_DOCUMENTS: usize = 16;
/// Larger documents are not watched: each of their versions would be compared with the one before.
const MAX_BYTES: usize = 512 << 10;
/// How sure a proposal is after a change at the definition, and after the same change at two uses.
const AT_DEFINITION: f32 = 0.9;
const AT_USES: f32 = 0.7;

/// What should stand in place of a range within the cursor's line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proposal {
    /// Holds the cursor.
    pub(crate) range: TextRange,
    pub(crate) text: String,
    /// 0 to 1.
    pub(crate) confidence: f32,
}

/// What was changed in the open documents.
#[derive(Default)]
pub(crate) struct NextEdits {
    watched: Mutex<VecDeque<Watched>>,
}

struct Watched {
    id: DocumentId,
    history: History,
}

/// A change that may have to be followed on the cursor's line.
pub(crate) enum Lead {
    Name(NameLead),
    Call(CallLead),
}

/// A change of a word, and where its old name may still stand on the cursor's line.
pub(crate) struct NameLead {
    /// The text before the change.
    before: Document,
    /// The word there.
    at: TextRange,
    new_name: String,
    /// Places on the line that have the old name, as they are now and as they were then.
    places: Vec<(TextRange, TextRange)>,
    /// The same change was made elsewhere, too.
    is_repeated: bool,
    references: std::sync::Arc<OnceLock<Option<analysis::References>>>,
}

impl NextEdits {
    /// Takes note of what changed since the last call. Gives what may be worth a look at `offset`: only then is there
    /// work to do that belongs on another thread.
    pub(crate) fn see(&self, workspace: &Workspace, snapshot: &Snapshot, offset: usize) -> Vec<Lead> {
        let document = snapshot.document();
        let Some(revision) = snapshot.revision().filter(|_| document.text().len() <= MAX_BYTES) else {
            return Vec::new();
        };
        let mut all = lock(&self.watched);
        let known = all.iter().position(|watched| watched.id == *snapshot.id()).and_then(|at| all.remove(at));
        let mut watched = known.unwrap_or_else(|| Watched { id: snapshot.id().clone(), history: History::default() });
        let (texts, current) = workspace.take_unseen(snapshot.id()).unwrap_or_default();
        texts.iter().for_each(|text| watched.history.see(text));
        // A request that was overtaken by an edit is answered with nothing in any case.
        let is_current = current == revision;
        if is_current && !texts.is_empty() {
            watched.history.see(document.text());
        }
        let leads = if is_current { watched.history.leads(document, offset) } else { Vec::new() };
        all.push_back(watched);
        if all.len() > MAX_DOCUMENTS {
            all.pop_front();
        }
        leads
    }
}

/// The first lead that holds: parses the text before the change once, and the text after the proposal.
pub(crate) fn propose(document: &Document, offset: usize, leads: &[Lead]) -> Option<Proposal> {
    leads.iter().find_map(|lead| match lead {
        Lead::Name(lead) => lead.propose(document, offset),
        Lead::Call(lead) => lead.propose(document, offset),
    })
}

/// Edits within the cursor's line as one, if the text parses afterwards as far as it does now.
fn proposal(document: &Document, offset: usize, edits: &[TextEdit], confidence: f32) -> Option<Proposal> {
    let (first, last) = (edits.first()?, edits.last()?);
    let range = TextRange::new(first.range.start.min(offset), last.range.end.max(offset));
    let accepted = document.edit(edits, document.version());
    let is_sound = parsing::parse(document)
        && parsing::parse(&accepted)
        && analysis::syntax_error_count(&accepted) <= analysis::syntax_error_count(document);
    let grown = accepted.text().len() + range.len() - document.text().len();
    let text = accepted.text().slice(TextRange::new(range.start, range.start + grown));
    is_sound.then_some(Proposal { range, text, confidence })
}

impl NameLead {
    fn propose(&self, document: &Document, offset: usize) -> Option<Proposal> {
        let references = self.references.get_or_init(|| {
            parsing::parse(&self.before);
            analysis::references(&self.before, self.at.start)
        });
        let references = references.as_ref()?;
        let confidence = match references.definition == self.at {
            true => AT_DEFINITION,
            false if self.is_repeated => AT_USES,
            false => return None,
        };
        let old_name = self.before.text().slice(self.at);
        let mut edits = Vec::new();
        for &(range, then) in &self.places {
            let Some(place) = references.places.iter().find(|place| place.range == then) else { continue };
            // What is imported may be what was renamed.
            if place.kind == ReferenceKind::Import {
                return None;
            }
            edits.push(TextEdit { range, new_text: place.renamed(&old_name, &self.new_name)? });
        }
        proposal(document, offset, &edits, confidence)
    }
}

#[cfg(test)]
mod tests;
