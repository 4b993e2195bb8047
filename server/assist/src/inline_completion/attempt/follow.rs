//! A request that comes where something should follow a change made elsewhere: answered from the tree, without a model.

use engine::FinishReason;

use super::{Attempt, FEATURE};
use crate::inline_completion::place::Place;
use crate::inline_completion::{InlineCompletion, InlineCompletionItem, Source, gate};
use crate::record::Offer;
use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::{AssistError, next_edit};

impl Attempt<'_> {
    /// What should follow a change that the user made elsewhere: whoever comes to such a place wants to see it, wherever
    /// in the line the cursor is.
    pub(super) async fn next_edit(&self) -> Result<Option<InlineCompletion>, AssistError> {
        if !self.is_ordinary() || self.place.selected.is_some() {
            return Ok(None);
        }
        let Place { document, offset, .. } = self.place.clone();
        let leads = self.assist.next_edits().see(self.assist.workspace(), self.snapshot, offset);
        if leads.is_empty() {
            return Ok(None);
        }
        let proposal = run_blocking(FEATURE, move || next_edit::propose(&document, offset, &leads)).await?;
        let Some(proposal) = proposal.filter(|it| it.confidence >= self.min_confidence()) else { return Ok(None) };
        let next_edit::Proposal { range, text, confidence } = proposal;
        if !self.invoked() && gate::is_unwanted(&lock(self.assist.record()), &self.scene, &text) {
            return Ok(None);
        }
        let offer = Offer::new(self.snapshot.id(), self.snapshot.document(), range, &text, &self.scene, &text);
        let id = self.assist.record_offered(offer, false);
        let (source, finish) = (Source::Edit, FinishReason::Stop);
        let item = InlineCompletionItem { id, range, insert_text: text, source, confidence, finish };
        Ok(Some(InlineCompletion { items: vec![item], silence: None, usage: None }))
    }
}
