//! Top-k, top-p and min-p: which tokens may be drawn.

use crate::SamplingParams;

/// Candidates sorted at first; more only where a flat distribution needs them. Sorting a whole vocabulary of 150,000
/// would cost as much as a layer of a small model.
const FIRST_SORTED: usize = 64;

/// A token and its probability.
pub(crate) type Candidate = (usize, f32);

/// The tokens that pass the filters, never none where there is a probability above 0.
pub(crate) fn candidates(probabilities: &[f32], params: &SamplingParams) -> Vec<Candidate> {
    let mut tokens: Vec<Candidate> =
        probabilities.iter().copied().enumerate().filter(|(_, probability)| *probability > 0.0).collect();
    if params.top_k > 0 && params.top_k < tokens.len() {
        sort_first(&mut tokens, params.top_k);
        tokens.truncate(params.top_k);
    }
    if params.top_p < 1.0 {
        let kept = nucleus(&mut tokens, params.top_p);
        tokens.truncate(kept);
    }
    if params.min_p > 0.0 {
        let best = tokens.iter().map(|(_, probability)| *probability).fold(0.0, f32::max);
        tokens.retain(|(_, probability)| *probability >= best * params.min_p);
    }
    tokens
}

/// Brings the smallest set of tokens to the front whose share reaches `top_p`, and says how many these are.
fn nucleus(tokens: &mut [Candidate], top_p: f32) -> usize {
    let total: f64 = tokens.iter().map(|(_, probability)| f64::from(*probability)).sum();
    let wanted = total * f64::from(top_p);
    let mut sorted = FIRST_SORTED.min(tokens.len());
    loop {
        sort_first(tokens, sorted);
        let mut reached = 0.0;
        for (index, (_, probability)) in tokens[..sorted].iter().enumerate() {
            reached += f64::from(*probability);
            if reached >= wanted {
                return index + 1;
            }
        }
        if sorted == tokens.len() {
            return sorted;
        }
        sorted = (sorted * 4).min(tokens.len());
    }
}

/// Brings the `count` most likely tokens to the front, most likely first, ties by id.
fn sort_first(tokens: &mut [Candidate], count: usize) {
    let order = |a: &Candidate, b: &Candidate| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if 0 < count && count < tokens.len() {
        tokens.select_nth_unstable_by(count - 1, order);
    }
    tokens[..count].sort_unstable_by(order);
}
