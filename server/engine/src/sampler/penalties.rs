//! What lowers or raises single logits before the choice: repetition, frequency and presence penalties, and biases.

use std::collections::{HashMap, VecDeque};

use crate::SamplingParams;

/// Tokens that the repetition penalty looks back on.
const WINDOW: usize = 64;

/// The tokens that penalties depend on.
#[derive(Debug)]
pub(super) struct Penalties {
    /// The last tokens of prompt and answer.
    recent: VecDeque<u32>,
    /// How often each token occurs in the answer.
    counts: HashMap<u32, u32>,
}

impl Penalties {
    pub(super) fn new() -> Self {
        Self { recent: VecDeque::with_capacity(WINDOW), counts: HashMap::new() }
    }

    /// Notes a token of the prompt.
    pub(super) fn read(&mut self, token: u32) {
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(token);
    }

    /// Notes a token of the answer.
    pub(super) fn write(&mut self, token: u32, params: &SamplingParams) {
        self.read(token);
        if params.frequency_penalty != 0.0 || params.presence_penalty != 0.0 {
            *self.counts.entry(token).or_insert(0) += 1;
        }
    }

    /// Changes the logits of the tokens concerned.
    pub(super) fn apply(&self, logits: &mut [f32], params: &SamplingParams) {
        self.repetition(logits, params.repetition_penalty);
        for (token, count) in &self.counts {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit -= params.frequency_penalty * *count as f32 + params.presence_penalty;
            }
        }
        for (token, bias) in &params.logit_bias {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit += bias;
            }
        }
    }

    /// A positive logit is divided, a negative one multiplied (Keskar et al. 2019, CTRL).
    fn repetition(&self, logits: &mut [f32], penalty: f32) {
        if penalty == 1.0 {
            return;
        }
        for (index, token) in self.recent.iter().enumerate() {
            if self.recent.iter().take(index).any(|earlier| earlier == token) {
                continue;
            }
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
            }
        }
    }
}
