//! The way of one request, from the gates ([`gate`]) to the item.

mod follow;
mod generation;
mod offer;

use std::time::{Duration, Instant};

use analysis::CompletionContext;
use engine::{ModelInfo, ModelState, SamplingParams, Usage};
use tokio::time::{self, timeout, timeout_at};

use super::flight::Successor;
use super::gate;
use super::place::Place;
use super::postprocess::Fitted;
use super::scene::Scene;
use super::site::Site;
use super::worth::chance_of_copy;
use super::{InlineCompletion, InlineCompletionRequest, SilenceReason, Source, Trigger};
use crate::copy_engine::{CopyView, Proposal};
use crate::parsing;
use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::workspace::Lane;
use crate::{Assist, AssistError, InlineCompletionConfig, Snapshot};

const FEATURE: &str = "inline completion";
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
    /// What the copy engine says alone, with the chances that it is right, the surest first; what was tried and did not
    /// fit is taken out.
    proposals: Vec<Proposal>,
}

struct Attempt<'a> {
    assist: &'a Assist,
    snapshot: &'a Snapshot,
    request: &'a InlineCompletionRequest,
    lane: Lane,
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
    if request.trigger == Trigger::Automatic && lane != Lane::Ahead {
        lock(assist.pace()).asked(lane, came);
    }
    let config = assist.config();
    let config = &config.inline_completion;
    let (mut registration, replaced) = assist.workspace().register(snapshot, lane);
    if request.cancel.is_cancelled() || registration.work.is_cancelled() {
        return Err(AssistError::Cancelled);
    }
    let reason = gate::of_document(snapshot, config);
    if let Some(reason) = reason.or_else(|| gate::of_line(snapshot.document(), request.offset)) {
        return Ok(silent(reason, None));
    }
    let place = Place::new(snapshot, &request);
    let limit_ms = match request.trigger {
        Trigger::Invoked => config.deadline_invoked_ms,
        Trigger::Automatic if lane == Lane::Menu => config.deadline_ms.min(MENU_DEADLINE_MS),
        Trigger::Automatic => config.deadline_ms,
    };
    let deadline = arrived + Duration::from_millis(limit_ms);
    let mut attempt = Attempt::new(assist, snapshot, (&request, lane), config, place, (came, deadline));
    if lane == Lane::Inline {
        lock(assist.record()).looked_at(snapshot.id(), &attempt.scene);
    }
    if lane == Lane::Inline
        && let Some(answer) = attempt.next_edit().await?
    {
        return if request.cancel.is_cancelled() || registration.is_void() {
            Err(AssistError::Cancelled)
        } else {
            Ok(answer)
        };
    }
    attempt.settle().await;
    if let Some(answer) = attempt.cached_answer() {
        return Ok(answer);
    }
    let successor =
        attempt.is_ordinary().then(|| Successor { scene: attempt.scene.clone(), invoked: attempt.invoked() });
    let flight = match replaced.and_then(|replaced| replaced.end(successor)) {
        Some(handed_over) => timeout(HAND_OVER, handed_over).await.ok().and_then(Result::ok),
        None => None,
    };
    let mut prepared = attempt.prepare().await?;
    if request.cancel.is_cancelled() || registration.work.is_cancelled() {
        return Err(AssistError::Cancelled);
    }
    let reason = gate::of_place(&prepared.context, config).filter(|_| !attempt.invoked());
    if let Some(reason) = reason {
        return Ok(silent(reason, None));
    }
    let answer = attempt.with_model(&mut prepared, flight, &mut registration).await?;
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

impl<'a> Attempt<'a> {
    fn new(
        assist: &'a Assist,
        snapshot: &'a Snapshot,
        (request, lane): (&'a InlineCompletionRequest, Lane),
        config: &'a InlineCompletionConfig,
        place: Place,
        (came, deadline): (time::Instant, Instant),
    ) -> Self {
        let model = assist.engine().status().model;
        let scene = Scene::new(&place.document, place.offset, model_key(&model));
        Self { assist, snapshot, request, lane, config, place, scene, model, came, deadline }
    }

    /// The first request of a session often comes while the model is being loaded: a moment later it can be answered.
    async fn settle(&mut self) {
        if !matches!(self.model, ModelState::Loading { .. }) {
            return;
        }
        if timeout_at(self.deadline.into(), self.assist.engine().settled()).await.is_err() {
            tracing::debug!("the model is still being loaded");
        }
        self.model = self.assist.engine().status().model;
        self.scene = Scene::new(&self.place.document, self.place.offset, model_key(&self.model));
    }

    fn invoked(&self) -> bool {
        self.request.trigger == Trigger::Invoked
    }

    fn sampling(&self) -> SamplingParams {
        self.request.sampling.clone().unwrap_or_default()
    }

    fn is_ordinary(&self) -> bool {
        self.request.is_ordinary()
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
            let mut proposals = copies.as_ref().map_or_else(Vec::new, |copies| copies.propose(COPIES_TRIED));
            for proposal in &mut proposals {
                proposal.confidence = chance_of_copy(proposal.confidence);
            }
            Prepared { context, site, copies, proposals }
        })
        .await
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
