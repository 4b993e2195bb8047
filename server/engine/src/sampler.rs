//! Chooses the next token from a row of logits, and says how likely it was.
//!
//! Order: penalties and biases, temperature, then the mixture with a second opinion, top-k, top-p, min-p, choice. Tokens
//! that must not be written are made impossible first, by the list that the caller gives or by a [`TokenSet`] applied
//! to the row; a logit of negative infinity or one that is not a number is impossible, and no opinion makes it possible
//! again. It knows nothing of text: the worker translates a predictor's continuations to tokens.
//!
//! A choice depends on the rows of this and of earlier choices and on the tokens accepted so far, on nothing else: whoever
//! verifies a draft calls [`Sampler::choose`] for one row after the other, and stops where it differs.

use crate::SamplingParams;

mod distribution;
mod filters;
mod penalties;
mod rng;
mod token_set;

pub(crate) use rng::derive_seed;
pub(crate) use token_set::TokenSet;

use distribution::Distribution;
use filters::Filters;
use penalties::Penalties;
use rng::Rng;

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
    penalties: Penalties,
    distribution: Distribution,
    filters: Filters,
}

impl Sampler {
    /// A sampler that has seen nothing.
    pub(crate) fn new(params: SamplingParams) -> Self {
        let rng = Rng::new(params.seed);
        Self {
            params,
            rng,
            penalties: Penalties::new(),
            distribution: Distribution::default(),
            filters: Filters::default(),
        }
    }

    /// Notes a token of the prompt.
    pub(crate) fn read(&mut self, token: u32) {
        self.penalties.read(token);
    }

    /// Notes a token of the answer.
    pub(crate) fn accept(&mut self, token: u32) {
        self.penalties.write(token, &self.params);
    }

    /// Chooses a token; `masked` tokens are impossible. The logits are used up. `None` when nothing is possible.
    pub(crate) fn choose(&mut self, logits: &mut [f32], masked: &[u32], opinion: Option<&Opinion>) -> Option<Chosen> {
        let greedy = self.params.temperature == 0.0;
        for token in masked {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit = f32::NEG_INFINITY;
            }
        }
        self.penalties.apply(logits, &self.params);
        if !self.distribution.read(logits, if greedy { 1.0 } else { self.params.temperature }) {
            return None;
        }
        if let Some(opinion) = opinion {
            self.distribution.mix(logits, opinion);
        }
        let token = if greedy {
            self.distribution.most_likely(logits)?
        } else {
            self.filters.draw(logits, &self.distribution, &self.params, &mut self.rng)?
        };
        Some(Chosen { token: u32::try_from(token).ok()?, logprob: self.distribution.logprob(logits[token]) })
    }

    /// The most likely tokens of the row that was last chosen from, most likely first, with the logarithms of their
    /// probabilities, measured as in [`Chosen::logprob`]. Fewer where fewer are possible.
    pub(crate) fn most_likely(&mut self, logits: &[f32], count: usize) -> Vec<(u32, f32)> {
        let ranking = self.filters.rank_first(logits, &self.distribution, count).iter();
        ranking.filter_map(|it| Some((u32::try_from(it.token).ok()?, self.distribution.logprob(it.logit)))).collect()
    }
}

#[cfg(test)]
mod tests;
