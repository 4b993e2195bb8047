//! What is offered in the end: texts fitted to their place, copies where the model has nothing, and the item that goes out.

use engine::{FinishReason, Usage};

use super::{Attempt, FEATURE, Prepared, silent};
use crate::copy_engine::Proposal;
use crate::inline_completion::postprocess::{Fitted, fit};
use crate::inline_completion::site::{Site, line_end};
use crate::inline_completion::suggestion_cache::Suggestion;
use crate::inline_completion::worth::is_worth_showing;
use crate::inline_completion::{InlineCompletion, InlineCompletionItem, SilenceReason, Source, gate, syntax_check};
use crate::record::Offer;
use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::workspace::Lane;
use crate::{AssistError, InlineCompletionConfig};

impl Attempt<'_> {
    /// Least confidence of what is shown.
    pub(super) fn min_confidence(&self) -> f32 {
        if self.invoked() { 0.0 } else { self.config.min_confidence }
    }

    /// Whether a suggestion is to be shown.
    pub(super) fn is_worth_showing(&self, fitted: &Fitted, confidence: f32) -> bool {
        let InlineCompletionConfig { min_confidence, min_gain, .. } = self.config;
        self.invoked() || (confidence >= *min_confidence && is_worth_showing(&fitted.text, confidence, *min_gain))
    }

    /// The copy engine's answer when it is worth it, else silence for this reason.
    pub(super) async fn copy_alone(
        &self,
        prepared: &mut Prepared,
        reason: SilenceReason,
        usage: Option<Usage>,
    ) -> Result<InlineCompletion, AssistError> {
        match self.fitting_copy(prepared, 0.0).await? {
            Some(copy) => Ok(self.copied(copy, usage)),
            None => Ok(silent(reason, usage)),
        }
    }

    /// The first proposal of the copy engine that is surer than that, fits, and is worth showing.
    pub(super) async fn fitting_copy(
        &self,
        prepared: &mut Prepared,
        surer_than: f32,
    ) -> Result<Option<(Fitted, f32)>, AssistError> {
        while let Some(next) = prepared.proposals.iter().position(|it| it.confidence > surer_than) {
            let Proposal { text, confidence } = prepared.proposals.remove(next);
            if let Ok(fitted) = self.fit(text, false, prepared.site.clone()).await?
                && self.is_worth_showing(&fitted, confidence)
            {
                return Ok(Some((fitted, confidence)));
            }
        }
        Ok(None)
    }

    pub(super) fn copied(&self, (fitted, confidence): (Fitted, f32), usage: Option<Usage>) -> InlineCompletion {
        self.keep(&fitted, confidence, FinishReason::Stop);
        self.item(&fitted, Source::Copy, confidence, FinishReason::Stop, usage)
    }

    pub(super) async fn fit(
        &self,
        raw: String,
        cut_short: bool,
        site: Site,
    ) -> Result<Result<Fitted, SilenceReason>, AssistError> {
        let place = self.place.clone();
        run_blocking(FEATURE, move || {
            let fitted = fit(&raw, cut_short, &place.document, place.offset, &site)?;
            if !gate::joins_the_word(&site, &fitted) {
                return Err(SilenceReason::MidWord);
            }
            syntax_check::sound_variant(&place.document, place.offset, &site, fitted).ok_or(SilenceReason::SyntaxError)
        })
        .await
    }

    pub(super) fn keep(&self, fitted: &Fitted, confidence: f32, finish: FinishReason) {
        if self.is_ordinary() {
            lock(self.assist.suggestions()).insert(Suggestion {
                scene: self.scene.clone(),
                text: fitted.text.clone(),
                overtyped: fitted.overtyped,
                invoked: self.invoked(),
                is_worth_showing: is_worth_showing(&fitted.text, confidence, self.config.min_gain),
                confidence,
                finish,
            });
        }
    }

    pub(super) fn item(
        &self,
        fitted: &Fitted,
        source: Source,
        confidence: f32,
        finish: FinishReason,
        usage: Option<Usage>,
    ) -> InlineCompletion {
        if !self.invoked() && gate::is_unwanted(&lock(self.assist.record()), &self.scene, &fitted.text) {
            return silent(SilenceReason::Rejected, usage);
        }
        let text = fitted.text.replace('\n', line_end(self.place.document.text()));
        let (range, insert_text) = self.place.item(&text, fitted.overtyped);
        let (name, document) = (self.snapshot.id(), self.snapshot.document());
        // What nobody asked for is offered when somebody does.
        let id = if self.lane == Lane::Ahead {
            0
        } else {
            let offer = Offer::new(name, document, range, &insert_text, &self.scene, &fitted.text);
            self.assist.record_offered(offer, source == Source::Cache)
        };
        let item = InlineCompletionItem { id, range, insert_text, source, confidence, finish };
        InlineCompletion { items: vec![item], silence: None, usage }
    }
}
