//! Draws a token that passes top-k, top-p and min-p. Tokens are ranked by their logits, equal ones by their ids; each
//! filter keeps a beginning of that ranking.
//!
//! No vocabulary is sorted for that: top-k looks for its few tokens in the few chunks that can hold them, and without
//! top-k a token is drawn from all and kept if it passes. One that does not tells where the ranking may be cut, so the
//! next one is drawn from what ranks above it: a few passes over the row at most, and the same distribution.

use crate::SamplingParams;
use crate::ops::CHUNK;

use super::distribution::Distribution;
use super::rng::Rng;

/// A token, its logit, and its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) token: usize,
    pub(super) logit: f32,
    weight: f64,
}

/// Lists that are reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Filters {
    candidates: Vec<Candidate>,
    /// A value for each chunk.
    chunks: Vec<f32>,
}

/// More likely tokens first.
fn rank(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.logit.total_cmp(&a.logit).then(a.token.cmp(&b.token))
}

impl Filters {
    /// Draws a token; `None` when none is possible.
    pub(super) fn draw(
        &mut self,
        logits: &[f32],
        distribution: &Distribution,
        params: &SamplingParams,
        rng: &mut Rng,
    ) -> Option<usize> {
        // A share of the most likely one's probability is a distance from its logit.
        let least = match params.min_p {
            0.0 => f32::MIN,
            min_p => (distribution.largest() + min_p.ln() / distribution.scale).max(f32::MIN),
        };
        if 0 < params.top_k && params.top_k < logits.len() {
            self.draw_of_top_k(logits, distribution, params, least, rng)
        } else {
            self.draw_of_all(logits, distribution, params.top_p, least, rng)
        }
    }

    fn draw_of_top_k(
        &mut self,
        logits: &[f32],
        distribution: &Distribution,
        params: &SamplingParams,
        least: f32,
        rng: &mut Rng,
    ) -> Option<usize> {
        self.rank_first(logits, distribution, params.top_k);
        let total: f64 = self.candidates.iter().map(|candidate| candidate.weight).sum();
        let mut wanted = total * f64::from(params.top_p);
        let mut kept = 0.0;
        for candidate in &self.candidates {
            if kept > 0.0 && (wanted <= 0.0 || candidate.logit < least) {
                break;
            }
            wanted -= candidate.weight;
            kept += candidate.weight;
        }
        let mut rest = rng.unit() * kept;
        let drawn = self.candidates.iter().find(|candidate| {
            rest -= candidate.weight;
            rest < 0.0
        });
        drawn.or(self.candidates.first()).map(|candidate| candidate.token)
    }

    fn draw_of_all(
        &mut self,
        logits: &[f32],
        distribution: &Distribution,
        top_p: f32,
        least: f32,
        rng: &mut Rng,
    ) -> Option<usize> {
        let wanted = distribution.total * f64::from(top_p);
        self.chunks.clear();
        self.chunks.extend_from_slice(&distribution.sums);
        let mut region = Region { least: least.next_down(), end: 0 };
        let mut total = distribution.total;
        if least > f32::MIN {
            total = region.sums(logits, distribution, &mut self.chunks);
        }
        loop {
            let Some(token) = region.at(logits, distribution, &self.chunks, rng.unit() * total) else {
                return distribution.most_likely(logits);
            };
            if top_p >= 1.0 {
                return Some(token);
            }
            region = Region { least: logits[token], end: token };
            total = region.sums(logits, distribution, &mut self.chunks);
            if total < wanted {
                return Some(token);
            }
        }
    }

    /// The `count` most likely tokens, in order.
    pub(super) fn rank_first(&mut self, logits: &[f32], distribution: &Distribution, count: usize) -> &[Candidate] {
        self.candidates.clear();
        if count == 0 {
            return &self.candidates;
        }
        // The chunks with the largest maxima hold as many tokens at least as likely as the last of these.
        self.chunks.clear();
        self.chunks.extend_from_slice(&distribution.maxima);
        let least = if count <= self.chunks.len() {
            self.chunks.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a)).1.max(f32::MIN)
        } else {
            f32::MIN
        };
        for (chunk, maximum) in distribution.maxima.iter().enumerate() {
            if *maximum >= least {
                let tokens = logits.iter().enumerate().skip(chunk * CHUNK).take(CHUNK);
                let likely = tokens.filter(|(_, logit)| **logit >= least);
                self.candidates.extend(likely.map(|(token, logit)| Candidate { token, logit: *logit, weight: 0.0 }));
            }
        }
        if count < self.candidates.len() {
            self.candidates.select_nth_unstable_by(count - 1, rank);
            self.candidates.truncate(count);
        }
        self.candidates.sort_unstable_by(rank);
        for candidate in &mut self.candidates {
            candidate.weight = distribution.weight(candidate.logit);
        }
        &self.candidates
    }
}

/// A beginning of the ranking: the tokens with a logit above `least`, and before `end` also those that have just that.
struct Region {
    least: f32,
    end: usize,
}

impl Region {
    fn holds(&self, token: usize, logit: f32) -> bool {
        logit > self.least || (logit == self.least && token < self.end)
    }

    /// The sum of the region's weights in each chunk, and in all.
    fn sums(&self, logits: &[f32], distribution: &Distribution, sums: &mut [f32]) -> f64 {
        let middle = self.end / CHUNK;
        let (before, after) = logits.split_at(middle * CHUNK);
        let (sums_before, sums_after) = sums.split_at_mut(middle);
        let mut total = distribution.sums_from(before, self.least, sums_before);
        total += distribution.sums_from(after, self.least.next_up(), sums_after);
        if let Some(sum) = sums_after.first_mut() {
            let equal = after.iter().take(self.end % CHUNK).filter(|logit| **logit == self.least).count();
            #[expect(clippy::cast_possible_truncation, reason = "a sum of few weights")]
            let equal = (distribution.weight(self.least) * equal as f64) as f32;
            *sum += equal;
            total += f64::from(equal);
        }
        total
    }

    /// The token at a place of the line on which the region's tokens stand, each as long as its weight.
    fn at(&self, logits: &[f32], distribution: &Distribution, sums: &[f32], place: f64) -> Option<usize> {
        let mut rest = place;
        let mut last = None;
        for (chunk, sum) in sums.iter().enumerate() {
            if *sum == 0.0 {
                continue;
            }
            last = Some(chunk);
            if rest < f64::from(*sum) {
                break;
            }
            rest -= f64::from(*sum);
        }
        // Rounding may leave a crumb behind the last token, of the chunk or of all.
        let mut drawn = None;
        for (token, logit) in logits.iter().enumerate().skip(last? * CHUNK).take(CHUNK) {
            if self.holds(token, *logit) {
                drawn = Some(token);
                rest -= distribution.weight(*logit);
                if rest < 0.0 {
                    break;
                }
            }
        }
        drawn
    }
}
