//! The model's part of a request: whether to wait for the next key, what to ask for, and what becomes of the answer.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use analysis::Hole;
use engine::{CancelToken, EngineError, FinishReason, GenerateRequest, ModelInfo, Priority, Usage};
use tokio::time::{self, sleep_until};

use super::{Attempt, Prepared, in_service, silent};
use crate::AssistError;
use crate::context::refresh_definitions;
use crate::copy_engine::{CopyPredictor, Ending};
use crate::inline_completion::flight::{Flight, Produced};
use crate::inline_completion::place::Place;
use crate::inline_completion::site::{Site, indent_of};
use crate::inline_completion::stream::{Outcome, Reader};
use crate::inline_completion::worth::chance_of_model;
use crate::inline_completion::{InlineCompletion, SilenceReason, Source, prompt};
use crate::sync::lock;
use crate::workspace::{Lane, Registration};

/// A copy of which so many are right is not improved by asking the model.
const SURE_COPY: f32 = 0.67;

impl Attempt<'_> {
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

    pub(super) async fn with_model(
        &self,
        prepared: &mut Prepared,
        mut handed_over: Option<Flight>,
        registration: &mut Registration,
    ) -> Result<InlineCompletion, AssistError> {
        let model = match in_service(&self.model) {
            Ok(model) => model,
            Err(reason) => return self.copy_alone(prepared, reason, None).await,
        };
        let is_line = prepared.site.is_rest_of_line() && !self.invoked();
        if !self.invoked()
            && let Some(copy) = self.fitting_copy(prepared, SURE_COPY).await?
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
                None => match self.take_off(prepared, model, is_line) {
                    Ok(flight) => flight,
                    Err(reason) => return self.copy_alone(prepared, reason, None).await,
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
                    self.copy_alone(prepared, SilenceReason::EngineFailed, None).await
                }
            };
        }
    }

    fn note_latency(&self, took: Duration, outcome: &Outcome) {
        // Work in the background takes as long as it takes.
        if self.lane == Lane::Ahead {
            return;
        }
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
        let hole = prompt::Place::new(document, *offset, &prepared.context);
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
        // A token of its own: it is tripped when the generation ends, the caller's is not.
        let work = CancelToken::new();
        // A script, which has no parameters, is to be read as it stands.
        let copies = prepared.copies.clone().filter(|_| greedy && model.parameters_or_many() > 0);
        let predictor = copies.map(|copies| CopyPredictor::new(copies, ending));
        let request = GenerateRequest {
            max_new_tokens: self.request.max_tokens.unwrap_or(usual),
            sampling,
            stop,
            deadline: Some(self.deadline),
            priority: if self.lane == Lane::Ahead { Priority::Background } else { Priority::Interactive },
            predictor: predictor.map(|predictor| Box::new(predictor) as Box<dyn engine::Predictor>),
            // A cursor inside a word ends the prompt with a token that the model would not have chosen. With the built-in
            // model alone, 3.5 % of 400 Python and 4.2 % of 400 JavaScript holes come out right instead of 0.5 and 1.0 %
            // (`ropewalk eval --compare`, 2026-11). It costs at most three tokens written again; what the KV cache has of
            // the prompt before them stays.
            heal: true,
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
        prepared: &mut Prepared,
        flight: &Flight,
        finish: FinishReason,
        usage: Option<Usage>,
    ) -> Result<InlineCompletion, AssistError> {
        let raw = flight.remaining();
        if finish == FinishReason::Deadline && raw.trim().is_empty() {
            return self.copy_alone(prepared, SilenceReason::Timeout, usage).await;
        }
        let cut_short = matches!(finish, FinishReason::Length | FinishReason::Context | FinishReason::Deadline);
        let fitted = match self.fit(raw.to_owned(), cut_short, prepared.site.clone()).await? {
            Ok(fitted) => fitted,
            // What was written elsewhere may fit where the model's text does not.
            Err(reason) => return self.copy_alone(prepared, reason, usage).await,
        };
        let start = flight.typed.len();
        // The first line with anything on it: a block begins with a line end.
        let blank = fitted.text.len() - fitted.text.trim_start().len();
        let first_line = fitted.text[blank..].find('\n').map_or(fitted.text.len(), |end| blank + end);
        let confidence = chance_of_model(flight.produced.confidence(start..start + first_line.min(raw.len())));
        if !self.invoked()
            && let Some(copy) = self.fitting_copy(prepared, confidence).await?
        {
            return Ok(self.copied(copy, usage));
        }
        if !self.is_worth_showing(&fitted, confidence) {
            return Ok(silent(SilenceReason::LowConfidence, usage));
        }
        self.keep(&fitted, confidence, finish);
        Ok(self.item(&fitted, Source::Model, confidence, finish, usage))
    }
}
