//! The speed at which prompts are read, as the last passes had it.

use std::time::Duration;

use crate::EngineStatus;

/// How fast prompts are read: sums that forget.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prefill {
    tokens: f64,
    seconds: f64,
}

impl Prefill {
    /// What is left of the sums after each pass.
    const KEPT: f64 = 0.8;

    /// Takes a pass over so many tokens into account, where it says something.
    pub(super) fn add(&mut self, tokens: usize, time: Duration) {
        if tokens < EngineStatus::MIN_PREFILL {
            return;
        }
        self.tokens = self.tokens * Self::KEPT + tokens as f64;
        self.seconds = self.seconds * Self::KEPT + time.as_secs_f64();
    }

    /// `None` before the first pass.
    pub(super) fn tokens_per_second(self) -> Option<f32> {
        (self.seconds > 0.0).then_some((self.tokens / self.seconds) as f32)
    }
}
