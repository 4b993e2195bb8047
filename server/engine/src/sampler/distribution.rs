//! A row of logits as a distribution, without turning it into probabilities: the largest logit and the sum of the
//! weights of each chunk say enough to find the most likely token, its probability, or a random token. A *weight* is
//! `e^((logit - reference) / temperature)`; a probability is a weight divided by their total.

use crate::ops::{CHUNK, chunk_maxima, chunk_sums};

use super::Opinion;

/// Temperatures below this differ by rounding only: the most likely token has all of the probability.
const MIN_TEMPERATURE: f32 = 1e-6;
/// From this weight on, an opinion is all that counts.
const WHOLE: f32 = 0.999_999;

/// What is known of each chunk of a row. Reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Distribution {
    /// The largest logit of each chunk.
    pub(super) maxima: Vec<f32>,
    /// The sum of the weights of each chunk.
    pub(super) sums: Vec<f32>,
    /// The sum of all weights.
    pub(super) total: f64,
    /// The logit of weight 1.
    reference: f32,
    /// 1 / temperature.
    pub(super) scale: f32,
}

impl Distribution {
    /// Reads a row; false when no token is possible. A logit of infinity becomes a large number.
    pub(super) fn read(&mut self, logits: &mut [f32], temperature: f32) -> bool {
        self.scale = 1.0 / temperature.max(MIN_TEMPERATURE);
        let chunks = logits.len().div_ceil(CHUNK);
        self.maxima.resize(chunks, 0.0);
        self.sums.resize(chunks, 0.0);
        chunk_maxima(logits, &mut self.maxima);
        self.reference = self.largest();
        if self.reference == f32::INFINITY {
            // Rare, so that rows of numbers are not written to.
            // `min` would make a possible token of one that is not a number.
            logits.iter_mut().filter(|logit| **logit == f32::INFINITY).for_each(|logit| *logit = f32::MAX);
            return self.read(logits, temperature);
        }
        if self.reference == f32::NEG_INFINITY {
            return false;
        }
        chunk_sums(logits, f32::MIN, self.reference, self.scale, &mut self.sums);
        self.total = total(&self.sums);
        true
    }

    /// The largest logit.
    pub(super) fn largest(&self) -> f32 {
        self.maxima.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }

    /// A logit's weight; 0 for an impossible one.
    pub(super) fn weight(&self, logit: f32) -> f64 {
        if logit >= f32::MIN { f64::from(self.scale * (logit - self.reference)).exp() } else { 0.0 }
    }

    /// Natural logarithm of a logit's probability.
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm of a sum of weights is a small number")]
    pub(super) fn logprob(&self, logit: f32) -> f32 {
        (f64::from(self.scale) * f64::from(logit - self.reference) - self.total.ln()) as f32
    }

    /// The most likely token; of several the first.
    pub(super) fn most_likely(&self, logits: &[f32]) -> Option<usize> {
        let largest = self.largest();
        let chunk = self.maxima.iter().position(|maximum| *maximum == largest)?;
        let start = chunk * CHUNK;
        Some(start + logits[start..].iter().position(|logit| *logit == largest)?)
    }

    /// Writes the sum of the weights of each chunk, of logits from `least` on, and gives their total.
    pub(super) fn sums_from(&self, logits: &[f32], least: f32, sums: &mut [f32]) -> f64 {
        chunk_sums(logits, least, self.reference, self.scale, sums);
        total(sums)
    }

    /// `p = (1 - weight) * p_model + weight * p_opinion`. The share of tokens that are impossible stays with the model.
    ///
    /// The weights of other tokens stay as they are: dividing the equation by `1 - weight` leaves only the opinion's
    /// own tokens to be changed.
    pub(super) fn mix(&mut self, logits: &mut [f32], opinion: &Opinion) {
        let shares = opinion.tokens.iter().filter(|(token, share)| *share > 0.0 && is_possible(logits, *token));
        let given: f32 = shares.map(|(_, share)| share).sum();
        let weight = opinion.weight.clamp(0.0, 1.0) * given.min(1.0);
        if weight.is_nan() || weight <= 0.0 {
            return;
        }
        if weight >= WHOLE {
            self.replace(logits, opinion);
            return;
        }
        let factor = self.total * f64::from(weight / (1.0 - weight) / given);
        for (token, share) in &opinion.tokens {
            if *share > 0.0 && is_possible(logits, *token) {
                let weight = self.weight(logits[*token as usize]) + factor * f64::from(*share);
                self.set_weight(logits, *token as usize, weight);
            }
        }
        self.total = total(&self.sums);
    }

    /// Nothing is possible but what the opinion says.
    fn replace(&mut self, logits: &mut [f32], opinion: &Opinion) {
        let mut kept = opinion.tokens.clone();
        kept.retain(|(token, share)| *share > 0.0 && is_possible(logits, *token));
        logits.fill(f32::NEG_INFINITY);
        self.maxima.fill(f32::NEG_INFINITY);
        self.sums.fill(0.0);
        self.reference = 0.0;
        for (token, share) in kept {
            let weight = self.weight(logits[token as usize]) + f64::from(share);
            self.set_weight(logits, token as usize, weight);
        }
        self.total = total(&self.sums);
    }

    /// Changes one token's weight to one above 0. The total is the caller's to correct.
    #[expect(clippy::cast_possible_truncation, reason = "a logit has the range of f32")]
    fn set_weight(&mut self, logits: &mut [f32], token: usize, weight: f64) {
        logits[token] = self.reference + (weight.ln() / f64::from(self.scale)) as f32;
        let chunk = token / CHUNK;
        let logits = logits.chunks(CHUNK).nth(chunk).expect("the token is part of the row");
        chunk_maxima(logits, &mut self.maxima[chunk..=chunk]);
        chunk_sums(logits, f32::MIN, self.reference, self.scale, &mut self.sums[chunk..=chunk]);
    }
}

fn total(sums: &[f32]) -> f64 {
    sums.iter().copied().map(f64::from).sum()
}

fn is_possible(logits: &[f32], token: u32) -> bool {
    logits.get(token as usize).is_some_and(|logit| *logit > f32::NEG_INFINITY)
}
