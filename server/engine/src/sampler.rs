//! Chooses the next token from a row of logits, and says how likely it was.
//!
//! Order: temperature, repetition penalty, then (as probabilities) the mixture with a second opinion, top-k, top-p,
//! min-p, choice. Tokens that must never be written are masked first. A logit that is not a number counts as
//! impossible. It knows nothing of text: the worker translates a predictor's continuations to tokens.

use std::collections::VecDeque;

use crate::SamplingParams;

mod filters;
mod rng;

use rng::Rng;

/// Tokens that the repetition penalty looks back on.
const PENALTY_WINDOW: usize = 64;

/// The chosen token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chosen {
    /// Its id.
    pub(crate) token: u32,
    /// Natural logarithm of its probability in the mixture, before top-k, top-p and min-p.
    pub(crate) logprob: f32,
}

/// A second opinion on the next token, as tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Opinion {
    /// Share of the mixture, 0 to 1.
    pub(crate) weight: f32,
    /// Tokens and their probabilities, which add up to 1.
    pub(crate) tokens: Vec<(u32, f32)>,
}

/// The state of one request's choices.
#[derive(Debug)]
pub(crate) struct Sampler {
    params: SamplingParams,
    rng: Rng,
    recent: VecDeque<u32>,
}

impl Sampler {
    /// A sampler that has seen nothing.
    pub(crate) fn new(params: SamplingParams) -> Self {
        let rng = Rng::new(params.seed);
        Self { params, rng, recent: VecDeque::with_capacity(PENALTY_WINDOW) }
    }

    /// Notes a token of the prompt or of the answer for the repetition penalty.
    pub(crate) fn accept(&mut self, token: u32) {
        if self.recent.len() == PENALTY_WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(token);
    }

    /// Chooses a token; `masked` tokens are impossible. The logits are used up. `None` when nothing is possible.
    pub(crate) fn choose(&mut self, logits: &mut [f32], masked: &[u32], opinion: Option<&Opinion>) -> Option<Chosen> {
        let greedy = self.params.temperature == 0.0;
        for logit in logits.iter_mut() {
            *logit = if logit.is_nan() { f32::NEG_INFINITY } else { logit.min(f32::MAX) };
        }
        for token in masked {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit = f32::NEG_INFINITY;
            }
        }
        self.penalize(logits);
        let temperature = if greedy { 1.0 } else { self.params.temperature };
        let probabilities = logits;
        if !softmax(probabilities, temperature) {
            return None;
        }
        if let Some(opinion) = opinion {
            mix(probabilities, opinion, masked);
        }
        let index = if greedy { argmax(probabilities) } else { self.draw(probabilities) };
        Some(Chosen { token: u32::try_from(index).ok()?, logprob: probabilities[index].ln() })
    }

    /// Makes tokens of the window less likely: a positive logit is divided, a negative one multiplied.
    fn penalize(&self, logits: &mut [f32]) {
        let penalty = self.params.repetition_penalty;
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

    fn draw(&mut self, probabilities: &[f32]) -> usize {
        let candidates = filters::candidates(probabilities, &self.params);
        let total: f64 = candidates.iter().map(|(_, probability)| f64::from(*probability)).sum();
        let mut rest = self.rng.unit() * total;
        for (token, probability) in &candidates {
            rest -= f64::from(*probability);
            if rest < 0.0 {
                return *token;
            }
        }
        // Rounding may leave a crumb behind the last candidate.
        candidates.last().map_or_else(|| argmax(probabilities), |(token, _)| *token)
    }
}

/// Turns logits into probabilities; false when no logit is finite.
fn softmax(logits: &mut [f32], temperature: f32) -> bool {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if max == f32::NEG_INFINITY {
        return false;
    }
    let mut sum = 0.0_f64;
    for logit in logits.iter_mut() {
        *logit = ((*logit - max) / temperature).exp();
        sum += f64::from(*logit);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the sum lies between 1 and the vocabulary's size")]
    let scale = (1.0 / sum) as f32;
    for probability in logits {
        *probability *= scale;
    }
    true
}

/// `p = (1 - weight) * p_model + weight * p_opinion`. The share of tokens that may not be written stays with the model.
fn mix(probabilities: &mut [f32], opinion: &Opinion, masked: &[u32]) {
    let usable = |token: u32| (token as usize) < probabilities.len() && !masked.contains(&token);
    let tokens: Vec<(u32, f32)> =
        opinion.tokens.iter().copied().filter(|(token, share)| usable(*token) && *share > 0.0).collect();
    let given: f32 = tokens.iter().map(|(_, share)| share).sum();
    let weight = opinion.weight.clamp(0.0, 1.0) * given.min(1.0);
    if weight.is_nan() || weight <= 0.0 {
        return;
    }
    for probability in probabilities.iter_mut() {
        *probability *= 1.0 - weight;
    }
    for (token, share) in tokens {
        probabilities[token as usize] += weight * share / given;
    }
}

/// The most likely token; of several the first.
fn argmax(probabilities: &[f32]) -> usize {
    let mut best = 0;
    for (index, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests;
