//! What a replayed session cost and saved.

use std::collections::BTreeMap;
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
    /// Characters that suggestions brought, by who wrote them.
    saved: BTreeMap<String, usize>,
    /// Suggestions that were no rest of the one before.
    shown: usize,
    taken: usize,
    taken_in_part: usize,
    /// Changes with every suggestion taken, its place and its order.
    digest: Digest,
    /// Answers that are the rest of the suggestion shown before.
    through: Vec<Duration>,
    /// Answers with another suggestion.
    fresh: Vec<Duration>,
    /// Answers with a suggestion to the first question of a stretch, and after a key without a look.
    after_pause: Vec<Duration>,
    /// Answers without any.
    silent: Vec<Duration>,
    /// From the cancellation until the server worked on nothing.
    pub(crate) cancelled: Vec<Duration>,
    /// Answers that came after the next key.
    pub(crate) late: usize,
    /// The server does not tell what it does: the next three mean nothing.
    pub(crate) is_silent: bool,
    model_calls: u64,
    prompt_tokens: u64,
    cached_tokens: u64,
    pub(crate) unanswered: usize,
}

/// FNV-1a (Fowler, Noll and Vo), 64 bits.
#[derive(Clone, Copy, Debug)]
struct Digest(u64);

/// What is printed. Shares are of 1; `None` is what the server does not tell.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) characters: usize,
    pub(super) keys: usize,
    /// Share of the characters that needed no key.
    pub(super) saved: f64,
    /// The same by who wrote them: `model`, `copy`, `cache` (a suggestion made earlier), or `unknown`.
    pub(super) saved_by: BTreeMap<String, f64>,
    pub(super) shown: usize,
    pub(super) taken: usize,
    pub(super) taken_in_part: usize,
    /// Share of the suggestions shown of which something was taken.
    pub(super) acceptance: f64,
    /// Share of the prompts' tokens that the KV cache had.
    pub(super) cached_share: Option<f64>,
    pub(super) prompt_tokens: Option<u64>,
    pub(super) model_calls: Option<u64>,
    pub(super) model_calls_per_saved_character: Option<f64>,
    pub(super) type_through_ms: Times,
    pub(super) suggestion_ms: Times,
    pub(super) after_pause_ms: Times,
    pub(super) silence_ms: Times,
    pub(super) cancel_to_idle_ms: Times,
    pub(super) late: usize,
    pub(super) unanswered: usize,
    /// Sessions with the same one took the same suggestions.
    pub(super) digest: String,
}

/// Percentiles in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Times {
    pub(super) count: usize,
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
}

impl Figures {
    /// An answer, what was left of the suggestion before, and whether the person had paused.
    pub(crate) fn asked(&mut self, suggestion: Option<&str>, left: Option<&str>, paused: bool, elapsed: Duration) {
        match suggestion {
            None => self.silent.push(elapsed),
            Some(text) if left == Some(text) => self.through.push(elapsed),
            Some(_) => {
                self.shown += 1;
                self.fresh.push(elapsed);
                if paused {
                    self.after_pause.push(elapsed);
                }
            }
        }
    }

    /// This text at this place of its file was taken with one key.
    pub(crate) fn accepted(&mut self, place: usize, text: &str, is_whole: bool, source: Option<&str>) {
        self.keys += 1;
        *self.saved.entry(source.unwrap_or("unknown").to_owned()).or_default() += saved_characters(text);
        self.taken += 1;
        self.taken_in_part += usize::from(!is_whole);
        self.digest.add(&place.to_le_bytes());
        self.digest.add(text.as_bytes());
    }

    /// What the server says that it did meanwhile.
    pub(crate) fn worked(&mut self, model_calls: u64, prompt_tokens: u64, cached_tokens: u64) {
        self.model_calls += model_calls;
        self.prompt_tokens += prompt_tokens;
        self.cached_tokens += cached_tokens;
    }

    /// The counts of another session as well.
    pub(crate) fn add(&mut self, other: Self) {
        self.characters += other.characters;
        self.keys += other.keys;
        for (source, characters) in other.saved {
            *self.saved.entry(source).or_default() += characters;
        }
        self.shown += other.shown;
        self.taken += other.taken;
        self.taken_in_part += other.taken_in_part;
        self.digest.add(&other.digest.0.to_le_bytes());
        self.through.extend(other.through);
        self.fresh.extend(other.fresh);
        self.after_pause.extend(other.after_pause);
        self.silent.extend(other.silent);
        self.cancelled.extend(other.cancelled);
        self.late += other.late;
        self.is_silent |= other.is_silent;
        self.worked(other.model_calls, other.prompt_tokens, other.cached_tokens);
        self.unanswered += other.unanswered;
    }

    pub(super) fn summary(&self) -> Summary {
        let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
        let told = |number: u64| (!self.is_silent).then_some(number);
        let (saved, characters) = (self.saved.values().sum::<usize>() as f64, self.characters as f64);
        Summary {
            characters: self.characters,
            keys: self.keys,
            saved: share(saved, characters),
            saved_by: self.saved.iter().map(|(by, &saved)| (by.clone(), share(saved as f64, characters))).collect(),
            shown: self.shown,
            taken: self.taken,
            taken_in_part: self.taken_in_part,
            acceptance: share(self.taken as f64, self.shown as f64),
            cached_share: told(self.cached_tokens).map(|cached| share(cached as f64, self.prompt_tokens as f64)),
            prompt_tokens: told(self.prompt_tokens),
            model_calls: told(self.model_calls),
            model_calls_per_saved_character: told(self.model_calls).map(|calls| share(calls as f64, saved)),
            type_through_ms: Times::of(&self.through),
            suggestion_ms: Times::of(&self.fresh),
            after_pause_ms: Times::of(&self.after_pause),
            silence_ms: Times::of(&self.silent),
            cancel_to_idle_ms: Times::of(&self.cancelled),
            late: self.late,
            unanswered: self.unanswered,
            digest: format!("{:016x}", self.digest.0),
        }
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
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
