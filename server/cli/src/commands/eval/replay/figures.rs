//! What a replayed session cost and saved.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use crate::commands::bench::percentile;
use crate::commands::eval::taken::saved_characters;

/// Counts of a session.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Characters of the typed stretches.
    pub(crate) characters: usize,
    /// Keys that were pressed, those that take a suggestion among them.
    pub(crate) keys: usize,
    /// Characters that suggestions brought.
    saved: usize,
    /// Questions answered, with or without a suggestion.
    questions: usize,
    /// Suggestions that were no rest of the one before.
    shown: usize,
    taken: usize,
    taken_in_part: usize,
    /// Answers that are the rest of the suggestion shown before.
    through: Vec<Duration>,
    /// Answers with another suggestion.
    fresh: Vec<Duration>,
    /// Answers without any.
    silent: Vec<Duration>,
    /// From the cancellation until the server worked on nothing.
    pub(crate) cancelled: Vec<Duration>,
    pub(crate) model_calls: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) cached_tokens: u64,
    pub(crate) unanswered: usize,
}

/// What is printed.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    characters: usize,
    keys: usize,
    /// Share of the characters that needed no key.
    saved: f64,
    shown: usize,
    taken: usize,
    taken_in_part: usize,
    /// Share of the suggestions shown of which something was taken.
    acceptance: f64,
    /// Share of the prompts' tokens that the KV cache had.
    cached_share: f64,
    model_calls: u64,
    model_calls_per_saved_character: f64,
    type_through_ms: Times,
    suggestion_ms: Times,
    silence_ms: Times,
    cancel_to_idle_ms: Times,
    unanswered: usize,
}

/// Percentiles in milliseconds.
#[derive(Debug, Serialize)]
struct Times {
    count: usize,
    p50: f64,
    p95: f64,
    p99: f64,
}

impl Figures {
    /// An answer, and what was left of the suggestion before.
    pub(crate) fn asked(&mut self, suggestion: Option<&str>, left: Option<&str>, elapsed: Duration) {
        self.questions += 1;
        match suggestion {
            None => self.silent.push(elapsed),
            Some(text) if left == Some(text) => self.through.push(elapsed),
            Some(_) => {
                self.shown += 1;
                self.fresh.push(elapsed);
            }
        }
    }

    /// This text was taken with one key.
    pub(crate) fn accepted(&mut self, text: &str, is_whole: bool) {
        self.keys += 1;
        self.saved += saved_characters(text);
        self.taken += 1;
        self.taken_in_part += usize::from(!is_whole);
    }

    pub(crate) fn summary(&self) -> Summary {
        let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
        Summary {
            characters: self.characters,
            keys: self.keys,
            saved: share(self.saved as f64, self.characters as f64),
            shown: self.shown,
            taken: self.taken,
            taken_in_part: self.taken_in_part,
            acceptance: share(self.taken as f64, self.shown as f64),
            cached_share: share(self.cached_tokens as f64, self.prompt_tokens as f64),
            model_calls: self.model_calls,
            model_calls_per_saved_character: share(self.model_calls as f64, self.saved as f64),
            type_through_ms: Times::of(&self.through),
            suggestion_ms: Times::of(&self.fresh),
            silence_ms: Times::of(&self.silent),
            cancel_to_idle_ms: Times::of(&self.cancelled),
            unanswered: self.unanswered,
        }
    }
}

impl Times {
    fn of(durations: &[Duration]) -> Self {
        let mut sorted: Vec<_> = durations.iter().map(|it| it.as_secs_f64() * 1e3).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share| percentile(&sorted, share);
        Self { count: sorted.len(), p50: at(0.50), p95: at(0.95), p99: at(0.99) }
    }
}

impl Summary {
    pub(crate) fn describe(&self) -> String {
        let mut text = format!(
            "{} characters typed with {} keys: {:.1} % saved\n\
             {} suggestions shown, {} taken ({} in part): {:.1} %\n\
             {} model calls, {:.2} for each saved character; {:.1} % of the prompts' tokens from the cache\n",
            self.characters,
            self.keys,
            self.saved * 100.0,
            self.shown,
            self.taken,
            self.taken_in_part,
            self.acceptance * 100.0,
            self.model_calls,
            self.model_calls_per_saved_character,
            self.cached_share * 100.0,
        );
        let rows = [
            ("type-through", &self.type_through_ms),
            ("another suggestion", &self.suggestion_ms),
            ("no suggestion", &self.silence_ms),
            ("cancelled to idle", &self.cancel_to_idle_ms),
        ];
        for (name, Times { count, p50, p95, p99 }) in rows {
            let _ = writeln!(text, "{name:20} p50 {p50:7.2} ms, p95 {p95:7.2} ms, p99 {p99:7.2} ms of {count}");
        }
        let _ = writeln!(text, "requests without an answer: {}", self.unanswered);
        text
    }
}
