//! Reading a generation as it is written, and stopping it as soon as the answer is decided.

use std::time::{Duration, Instant};

use engine::{CancelToken, EngineError, Event, FinishReason, Usage};
use syntax::Document;
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};

use super::flight::Flight;
use super::postprocess::is_decided;
use super::site::Site;
use crate::run_blocking::run_blocking;
use crate::workspace::{Registration, Takeover};

/// How often the caller's token is looked at while nothing arrives. The engine has a token of its own (it is tripped
/// whenever a generation ends early, which the caller must not see).
const POLL: Duration = Duration::from_millis(5);
/// The engine keeps the deadline itself; this much later it is no longer waited for (it may be busy with a request
/// that cannot be interrupted).
const GRACE: Duration = Duration::from_millis(50);
/// How long a stopped generation is waited for, to learn what it cost.
const SETTLE: Duration = Duration::from_millis(250);

/// How reading ended.
pub(super) enum Outcome {
    /// There is all the text there will be, or all that is needed.
    Done { flight: Box<Flight>, finish: FinishReason, usage: Option<Usage> },
    /// A newer request took over, or somebody cancelled.
    Cancelled,
    /// The user typed something else than the model wrote: the taken-over generation is worth nothing.
    Diverged,
    /// The engine failed.
    Failed(EngineError),
}

/// What reading a generation needs to know about its place.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) offset: usize,
    pub(super) site: &'a Site,
    pub(super) deadline: Instant,
    /// The caller's token.
    pub(super) cancel: &'a CancelToken,
}

impl Reader<'_> {
    pub(super) async fn read(&self, mut flight: Flight, registration: &mut Registration) -> Outcome {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let late = sleep_until((self.deadline + GRACE).into());
        tokio::pin!(late);
        // A flight that was taken over comes with text.
        let mut is_new = true;
        let mut seen = LinesSeen::default();
        loop {
            if self.cancel.is_cancelled() || registration.work.is_cancelled() {
                return Outcome::Cancelled;
            }
            if std::mem::take(&mut is_new) {
                if flight.diverged() {
                    return Outcome::Diverged;
                }
                if self.is_decided(flight.remaining(), &mut seen).await {
                    return self.stop(flight).await;
                }
            }
            let event = tokio::select! {
                biased;
                takeover = &mut registration.takeover => {
                    hand_over(flight, takeover.ok());
                    return Outcome::Cancelled;
                }
                event = flight.generation.next() => event,
                _ = poll.tick() => continue,
                () = &mut late => return Outcome::Done { flight: Box::new(flight), finish: FinishReason::Deadline, usage: None },
            };
            match event {
                Some(Event::Piece(piece)) => {
                    flight.produced.push(&piece);
                    is_new = true;
                }
                Some(Event::Finish(finish)) if finish.reason == FinishReason::Cancelled => return Outcome::Cancelled,
                Some(Event::Finish(finish)) => {
                    return Outcome::Done {
                        flight: Box::new(flight),
                        finish: finish.reason,
                        usage: Some(finish.usage),
                    };
                }
                Some(Event::Failed(error)) => return Outcome::Failed(error),
                None => return Outcome::Failed(EngineError::Unavailable("the engine has ended".to_owned())),
            }
        }
    }

    /// Ends a generation whose answer is decided. Who asked for it may wait for the bill; who types may not.
    async fn stop(&self, mut flight: Flight) -> Outcome {
        let mut usage = Usage { completion_tokens: flight.produced.tokens(), ..Usage::default() };
        flight.work.cancel();
        if flight.invoked {
            let finish = async {
                while let Some(event) = flight.generation.next().await {
                    if let Event::Finish(finish) = event {
                        return Some(finish.usage);
                    }
                }
                None
            };
            if let Ok(Some(known)) = timeout(SETTLE, finish).await {
                usage = known;
            }
        }
        Outcome::Done { flight: Box::new(flight), finish: FinishReason::Stop, usage: Some(usage) }
    }

    /// True when nothing that follows can change what is shown. Asked after each piece; the text is looked at where a
    /// line ends and where the next one begins. `seen` counts the looks, by lines.
    async fn is_decided(&self, text: &str, seen: &mut LinesSeen) -> bool {
        if !seen.is_news(text) {
            return false;
        }
        let (document, offset, site, raw) = (self.document.clone(), self.offset, self.site.clone(), text.to_owned());
        let decided = run_blocking("inline completion", move || is_decided(&raw, &document, offset, &site));
        // A panic in there would happen again when the answer is fitted; that one is reported.
        decided.await.unwrap_or(true)
    }
}

/// How far a text was looked at.
#[derive(Default)]
struct LinesSeen {
    /// Line ends, and whether code behind the last one was there.
    last: Option<(usize, bool)>,
}

impl LinesSeen {
    /// True when a line ended, or the next one began, since the last look.
    fn is_news(&mut self, text: &str) -> bool {
        let Some(end) = text.rfind('\n') else { return false };
        let look = (text.matches('\n').count(), !text[end..].trim().is_empty());
        let is_news = self.last != Some(look) && !text.trim().is_empty();
        self.last = Some(look);
        is_news
    }
}

/// Gives the flight to the request that replaces this one when it can use it, else stops it.
fn hand_over(flight: Flight, takeover: Option<Takeover>) {
    let Some(takeover) = takeover else { return };
    if let Some(typed) = flight.typed_by(&takeover.successor) {
        // When the successor is gone meanwhile the flight ends here.
        let _ = takeover.reply.send(Flight { typed, ..flight });
    }
}
