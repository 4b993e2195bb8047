//! The way of one request, from the gates ([`gate`]) to the item.

mod follow;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use analysis::{CompletionContext, Hole};
use engine::{
    CancelToken, EngineError, FinishReason, GenerateRequest, ModelInfo, ModelState, Priority, SamplingParams, Usage,
};
use tokio::time::{self, sleep_until, timeout, timeout_at};

use super::flight::{Flight, Produced, Successor};
use super::gate;
use super::place::Place;
use super::postprocess::{Fitted, fit};
use super::prompt;
use super::scene::Scene;
use super::site::{Site, indent_of, line_end};
use super::stream::{Outcome, Reader};
use super::suggestion_cache::Suggestion;
use super::syntax_check;
use super::worth::is_worth_showing;
use super::{InlineCompletion, InlineCompletionItem, InlineCompletionRequest, SilenceReason, Source, Trigger};
use crate::context::refresh_definitions;
use crate::copy_engine::{CopyPredictor, CopyView, Ending, Proposal, Strength};
use crate::parsing;
use crate::record::Offer;
use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::workspace::{Lane, Registration};
use crate::{Assist, AssistError, InlineCompletionConfig, Snapshot};

const FEATURE: &str = "inline completion";
/// A copy of this confidence is not improved by asking the model (measured: 73 % of them are right).
const SURE_COPY: f32 = 0.8;
/// Copies looked at until one fits.
const COPIES_TRIED: usize = 3;
/// How long the request that this one replaces is waited for, when it may have text to hand over.
const HAND_OVER: Duration = Duration::from_millis(100);
/// A menu is not kept waiting longer than this: other servers' items may wait for it too.
const MENU_DEADLINE_MS: u64 = 600;

/// What the blocking pool works out before anything is decided.
struct Prepared {
    context: CompletionContext,
    site: Site,
    /// `None` where copies are switched off.
    copies: Option<CopyView>,
    /// What the copy engine says alone, the surest first.
    proposals: Vec<Proposal>,
}

struct Attempt<'a> {
    assist: &'a Assist,
    snapshot: &'a Snapshot,
    request: &'a InlineCompletionRequest,
    config: &'a InlineCompletionConfig,
    place: Place,
    scene: Scene,
    model: ModelState,
    /// When the request came, on the clock that waits.
    came: time::Instant,
    deadline: Instant,
}

pub(super) async fn answer(
    assist: &Assist,
    snapshot: &Snapshot,
    request: InlineCompletionRequest,
    lane: Lane,
) -> Result<InlineCompletion, AssistError> {
    let arrived = Instant::now();
    assist.refresh_project();
    let came = time::Instant::now();
    if request.trigger == Trigger::Automatic {
        lock(assist.pace()).asked(lane, came);
    }
    let config = assist.config();
    let config = &config.inline_completion;
    let (mut registration, replaced) = assist.workspace().register(snapshot, lane);
    if request.cancel.is_cancelled() || registration.work.is_cancelled() {
        return Err(AssistError::Cancelled);
    }
    if let Some(reason) = gate::of_document(snapshot, config) {
        return Ok(silent(reason, None));
    }
    let place = Place::new(snapshot, &request);
    let limit_ms = match request.trigger {
        Trigger::Invoked => config.deadline_invoked_ms,
        Trigger::Automatic if lane == Lane::Menu => config.deadline_ms.min(MENU_DEADLINE_MS),
        Trigger::Automatic => config.deadline_ms,
    };
    let deadline = arrived + Duration::from_millis(limit_ms);
    // The first request of a session often comes while the model is being loaded: a moment later it can be answered.
    if timeout_at(deadline.into(), assist.engine().settled()).await.is_err() {
        tracing::debug!("the model is still being loaded");
    }
    let model = assist.engine().status().model;
    let scene = Scene::new(&place.document, place.offset, model_key(&model));
    if lane == Lane::Inline {
        lock(assist.record()).looked_at(snapshot.id(), &scene);
    }
    let attempt = Attempt { assist, snapshot, request: &request, config, place, scene, model, came, deadline };
    if lane == Lane::Inline
        && let Some(answer) = attempt.next_edit().await?
    {
        return if request.cancel.is_cancelled() || registration.is_void() {
            Err(AssistError::Cancelled)
        } else {
            Ok(answer)
        };
    }
    if let Some(answer) = attempt.cached_answer() {
        return Ok(answer);
    }
    let successor =
        attempt.is_ordinary().then(|| Successor { scene: attempt.scene.clone(), invoked: attempt.invoked() });
    let flight = match replaced.and_then(|replaced| replaced.end(successor)) {
        Some(handed_over) => timeout(HAND_OVER, handed_over).await.ok().and_then(Result::ok),
        None => None,
    };
    let prepared = attempt.prepare().await?;
    if request.cancel.is_cancelled() || registration.work.is_cancelled() {
        return Err(AssistError::Cancelled);
    }
    let reason = gate::of_place(&prepared.context, config).filter(|_| !attempt.invoked());
    if let Some(reason) = reason {
        return Ok(silent(reason, None));
    }
    let answer = attempt.with_model(prepared, flight, &mut registration).await?;
    if request.cancel.is_cancelled() || registration.is_void() {
        return Err(AssistError::Cancelled);
    }
    Ok(answer)
}

fn silent(reason: SilenceReason, usage: Option<Usage>) -> InlineCompletion {
    InlineCompletion { items: Vec::new(), silence: Some(reason), usage }
}

/// The model that answers, or why none does.
fn in_service(model: &ModelState) -> Result<&ModelInfo, SilenceReason> {
    match model {
        ModelState::Ready(model) => Ok(model),
        ModelState::Loading { .. } => Err(SilenceReason::ModelLoading),
        ModelState::None | ModelState::Failed(_) => Err(SilenceReason::NoModel),
    }
}

/// Two models share no suggestions.
pub(super) fn model_key(model: &ModelState) -> String {
    in_service(model)
        .map_or_else(|_| String::new(), |model| format!("{}/{}/{}", model.name, model.quantization, model.parameters))
}

impl Attempt<'_> {
    fn invoked(&self) -> bool {
        self.request.trigger == Trigger::Invoked
    }

    fn sampling(&self) -> SamplingParams {
        self.request.sampling.clone().unwrap_or_default()
    }

    /// Without wishes of its own: what it gets may serve others, and the other way round.
    fn is_ordinary(&self) -> bool {
        self.request.sampling.is_none() && self.request.max_tokens.is_none() && self.request.stop.is_empty()
    }

    /// Least confidence of what is shown.
    fn min_confidence(&self) -> f32 {
        if self.invoked() { 0.0 } else { self.config.min_confidence }
    }

    /// Whether a suggestion is to be shown.
    fn is_worth_showing(&self, fitted: &Fitted, confidence: f32) -> bool {
        self.invoked() || (confidence >= self.config.min_confidence && is_worth_showing(&fitted.text, confidence))
    }

    fn cached_answer(&self) -> Option<InlineCompletion> {
        if !self.is_ordinary() {
            return None;
        }
        let hit = lock(self.assist.suggestions()).get(&self.scene, self.invoked(), self.min_confidence())?;
        let fitted = Fitted { text: hit.text, overtyped: hit.overtyped, unclosed: String::new() };
        Some(self.item(&fitted, Source::Cache, hit.confidence, hit.finish, None))
    }

    async fn prepare(&self) -> Result<Prepared, AssistError> {
        let (assist, snapshot, place) = (self.assist.clone(), self.snapshot.clone(), self.place.clone());
        let with_copies = self.config.copies;
        run_blocking(FEATURE, move || {
            parsing::parse(&place.document);
            let context = analysis::completion_context(&place.document, place.offset);
            let site = Site::new(&place.document, &context);
            let as_opened = place.selected.is_none();
            let copies = with_copies.then(|| {
                let shards = assist.project().shards();
                assist.copies().view(&snapshot, &place.document, place.offset, as_opened, &shards)
            });
            let proposals = copies.as_ref().map_or_else(Vec::new, |copies| copies.propose(COPIES_TRIED));
            Prepared { context, site, copies, proposals }
        })
        .await
    }

    /// Waits for the next key where a slow model would be asked in vain ([`super::pace`]). Ends at once when that key
    /// comes, or the client cancels.
    async fn wait(&self, site: &Site, registration: &mut Registration) -> Result<(), AssistError> {
        // At the start of a line a suggestion is worth the most, and somebody who got there is thinking.
        let asks_at_once = self.invoked() || site.line_prefix.trim().is_empty();
        let wait = if asks_at_once { Duration::ZERO } else { lock(self.assist.pace()).wait(&self.scene.model) };
        if wait.is_zero() {
            return Ok(());
        }
        tokio::select! {
            biased;
            _ = &mut registration.takeover => Err(AssistError::Cancelled),
            () = self.request.cancel.cancelled() => Err(AssistError::Cancelled),
            () = sleep_until(self.came + wait) => Ok(()),
        }
    }

    async fn with_model(
        &self,
        prepared: Prepared,
        mut handed_over: Option<Flight>,
        registration: &mut Registration,
    ) -> Result<InlineCompletion, AssistError> {
        let model = match in_service(&self.model) {
            Ok(model) => model,
            Err(reason) => return self.copy_alone(&prepared, reason, None).await,
        };
        let is_line = prepared.site.is_rest_of_line() && !self.invoked();
        if !self.invoked()
            && let Some(copy) = self.fitting_copy(&prepared, SURE_COPY).await?
        {
            return Ok(self.copied(copy, None));
        }
        handed_over = handed_over.filter(|flight| flight.is_line == is_line);
        if handed_over.is_none() {
            self.wait(&prepared.site, registration).await?;
        }
        loop {
            // A generation that was taken over says nothing of how long one takes.
            let begun = (handed_over.is_none() && !self.invoked()).then(time::Instant::now);
            let flight = match handed_over.take() {
                Some(flight) => flight,
                None => match self.take_off(&prepared, model, is_line) {
                    Ok(flight) => flight,
                    Err(reason) => return self.copy_alone(&prepared, reason, None).await,
                },
            };
            // From now on it is this flight's work that a newer request or a closed document stops.
            registration.adopt(flight.work.clone());
            let reader = Reader {
                document: &self.place.document,
                offset: self.place.offset,
                site: &prepared.site,
                deadline: self.deadline,
                cancel: &self.request.cancel,
            };
            registration.streaming.store(self.is_ordinary(), Ordering::Release);
            let outcome = reader.read(flight, registration).await;
            registration.streaming.store(false, Ordering::Release);
            if let Some(begun) = begun {
                self.note_latency(begun.elapsed(), &outcome);
            }
            return match outcome {
                Outcome::Done { flight, finish, usage } => self.finish(prepared, &flight, finish, usage).await,
                Outcome::Cancelled => Err(AssistError::Cancelled),
                Outcome::Diverged => continue,
                Outcome::Failed(error) => {
                    tracing::warn!(%error, "the model failed");
                    self.copy_alone(&prepared, SilenceReason::EngineFailed, None).await
                }
            };
        }
    }

    fn note_latency(&self, took: Duration, outcome: &Outcome) {
        let mut pace = lock(self.assist.pace());
        match outcome {
            Outcome::Done { .. } => pace.answered(&self.scene.model, took),
            Outcome::Cancelled => pace.abandoned(&self.scene.model, took),
            Outcome::Diverged | Outcome::Failed(_) => {}
        }
    }

    /// Starts a generation.
    fn take_off(&self, prepared: &Prepared, model: &ModelInfo, is_line: bool) -> Result<Flight, SilenceReason> {
        let Place { document, offset, .. } = &self.place;
        let speed = self.assist.engine().status().prefill_tokens_per_second;
        let time = Duration::from_millis(self.config.deadline_ms);
        let window = lock(self.assist.prompt_budget()).tokens(model, speed, time);
        let site = &prepared.context;
        let suffix = if site.suffix_is_closers { site.line.end } else { *offset };
        let hole = prompt::Place { document, offset: *offset, suffix };
        let context = self.assist.context();
        if prompt::takes_context(model) {
            context.visit(self.snapshot, *offset, Instant::now());
            refresh_definitions(self.assist, self.snapshot);
        }
        let prompt = prompt::prompt(self.snapshot, hole, model, window, context).ok_or(SilenceReason::NoFim)?;
        let sampling = self.sampling();
        let greedy = sampling.temperature == 0.0;
        let usual = if self.invoked() { self.config.max_tokens_invoked } else { self.config.max_tokens };
        let mut stop = self.request.stop.clone();
        if is_line {
            stop.push("\n".to_owned());
        }
        let ending = match prepared.site.hole {
            Hole::SingleLine => Ending::Line,
            Hole::Block if prepared.site.line_prefix.trim().is_empty() => Ending::Dedent(prepared.site.indent()),
            Hole::Block => Ending::Dedent(prepared.site.indent() + 1),
            Hole::Statement | Hole::Statements => Ending::Dedent(indent_of(&prepared.site.line_prefix)),
        };
        let strength = Strength::of(model.parameters_or_many());
        // A token of its own: it is tripped when the generation ends, the caller's is not.
        let work = CancelToken::new();
        let copies = prepared.copies.clone().filter(|_| greedy);
        let predictor = copies.map(|copies| CopyPredictor::new(copies, ending, strength));
        let request = GenerateRequest {
            max_new_tokens: self.request.max_tokens.unwrap_or(usual),
            sampling,
            stop,
            deadline: Some(self.deadline),
            priority: Priority::Interactive,
            predictor: predictor.map(|predictor| Box::new(predictor) as Box<dyn engine::Predictor>),
            cancel: work.clone(),
            ..GenerateRequest::new(prompt, usual)
        };
        let generation = self.assist.engine().generate(request).map_err(|error| match error {
            EngineError::NoModel { loading: true } => SilenceReason::ModelLoading,
            EngineError::NoModel { loading: false } => SilenceReason::NoModel,
            EngineError::QueueFull { .. } => SilenceReason::QueueFull,
            error => {
                tracing::warn!(%error, "the engine refused a request");
                SilenceReason::EngineFailed
            }
        })?;
        Ok(Flight {
            generation,
            work,
            produced: Produced::default(),
            origin: self.scene.clone(),
            is_line,
            invoked: self.invoked(),
            typed: String::new(),
        })
    }

    /// Fits what the model wrote to its place.
    async fn finish(
        &self,
        prepared: Prepared,
        flight: &Flight,
        finish: FinishReason,
        usage: Option<Usage>,
    ) -> Result<InlineCompletion, AssistError> {
        let raw = flight.remaining();
        if finish == FinishReason::Deadline && raw.trim().is_empty() {
            return self.copy_alone(&prepared, SilenceReason::Timeout, usage).await;
        }
        let cut_short = matches!(finish, FinishReason::Length | FinishReason::Context | FinishReason::Deadline);
        let fitted = match self.fit(raw.to_owned(), cut_short, prepared.site.clone()).await? {
            Ok(fitted) => fitted,
            // What was written elsewhere may fit where the model's text does not.
            Err(reason) => return self.copy_alone(&prepared, reason, usage).await,
        };
        let start = flight.typed.len();
        let first_line = fitted.text.find('\n').unwrap_or(fitted.text.len());
        let confidence = flight.produced.confidence(start..start + first_line.min(raw.len()));
        if !self.invoked()
            && let Some(copy) = self.fitting_copy(&prepared, confidence).await?
        {
            return Ok(self.copied(copy, usage));
        }
        if !self.is_worth_showing(&fitted, confidence) {
            return Ok(silent(SilenceReason::LowConfidence, usage));
        }
        self.keep(&fitted, confidence, finish);
        Ok(self.item(&fitted, Source::Model, confidence, finish, usage))
    }

    /// The copy engine's answer when it is worth it, else silence for this reason.
    async fn copy_alone(
        &self,
        prepared: &Prepared,
        reason: SilenceReason,
        usage: Option<Usage>,
    ) -> Result<InlineCompletion, AssistError> {
        match self.fitting_copy(prepared, 0.0).await? {
            Some(copy) => Ok(self.copied(copy, usage)),
            None => Ok(silent(reason, usage)),
        }
    }

    /// The first proposal of the copy engine that is surer than that, fits, and is worth showing.
    async fn fitting_copy(&self, prepared: &Prepared, surer_than: f32) -> Result<Option<(Fitted, f32)>, AssistError> {
        for Proposal { text, confidence } in prepared.proposals.iter().filter(|it| it.confidence > surer_than) {
            if let Ok(fitted) = self.fit(text.clone(), false, prepared.site.clone()).await?
                && self.is_worth_showing(&fitted, *confidence)
            {
                return Ok(Some((fitted, *confidence)));
            }
        }
        Ok(None)
    }

    fn copied(&self, (fitted, confidence): (Fitted, f32), usage: Option<Usage>) -> InlineCompletion {
        self.keep(&fitted, confidence, FinishReason::Stop);
        self.item(&fitted, Source::Copy, confidence, FinishReason::Stop, usage)
    }

    async fn fit(
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

    fn keep(&self, fitted: &Fitted, confidence: f32, finish: FinishReason) {
        if self.is_ordinary() {
            lock(self.assist.suggestions()).insert(Suggestion {
                scene: self.scene.clone(),
                text: fitted.text.clone(),
                overtyped: fitted.overtyped,
                invoked: self.invoked(),
                confidence,
                finish,
            });
        }
    }

    fn item(
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
        let offer = Offer::new(name, document, range, &insert_text, &self.scene, &fitted.text);
        let id = self.assist.record_offered(offer, source == Source::Cache);
        let item = InlineCompletionItem { id, range, insert_text, source, confidence, finish };
        InlineCompletion { items: vec![item], silence: None, usage }
    }
}

#[cfg(test)]
mod tests {
    use engine::ModelState;

    use super::{SilenceReason, in_service};

    #[test]
    fn why_no_model_answers() {
        assert_eq!(in_service(&ModelState::None), Err(SilenceReason::NoModel));
        assert_eq!(in_service(&ModelState::Loading { progress: 0.5 }), Err(SilenceReason::ModelLoading));
        assert_eq!(in_service(&ModelState::Failed("a reason".to_owned())), Err(SilenceReason::NoModel));
    }
}
