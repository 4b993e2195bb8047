//! Prompt-lookup speculation: guesses the next tokens of a run from its own text, where no predictor of the request
//! expects any. Code repeats itself, so what followed
//! the last few tokens where they stood before often follows again (Saxena 2023, *Prompt Lookup Decoding*; Yang et al.
//! 2023, *Inference with Reference*). No model takes part.
//!
//! A draft changes no answer, provided that who uses it keeps this contract:
//!
//! 1. The run's last token and the draft of `k` tokens go through the model in one pass that gives all `k + 1` rows of
//!    logits. A row's bits must not depend on how many tokens the pass has (`ops` promises that on the CPU; on a graphics
//!    processor another token can win where two are as good as equal).
//! 2. The rows are sampled in order, each with everything that a single step would do: masks, constraint, predictor,
//!    penalties, and the sampler's state after the tokens before it. That gives the token that a single step would have
//!    given, whether greedy or drawn.
//! 3. As long as the token equals the draft's, the next row is one that a single step would have seen. At the first
//!    difference, the token of that row is kept, the rows behind it are dropped, and the KV cache is cut back to the
//!    tokens that were kept.
//! 4. [`Draft::report`] is told how many of the draft's tokens were right; [`Draft::push`] is called for each token kept.
//!
//! A rejected token costs a part of a pass, so the length follows success: it doubles where a whole draft was right, and
//! falls to 0 where nothing is, with a trial now and then.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Tokens of the longer and of the shorter context that is looked for.
const LONG: usize = 3;
const SHORT: usize = 2;
/// Most tokens of a draft: about as many rows as one weight read serves for free.
const MAX_DRAFT: usize = 8;
/// Tokens of the first draft.
const FIRST_DRAFT: usize = 4;
/// Drafts left out after the length fell to 0; doubled with each trial that fails, up to [`MAX_PAUSE`].
const FIRST_PAUSE: u32 = 4;
const MAX_PAUSE: u32 = 64;

/// The index over a run's tokens, and what is known of its success.
#[derive(Debug)]
pub(crate) struct Draft {
    tokens: Vec<u32>,
    /// Behind the last occurrence of each context: where in `tokens` it goes on. A key is a hash, so a hit is compared.
    long: Index,
    short: Index,
    length: usize,
    /// Calls that still give nothing, and how many it will be the next time.
    pause: u32,
    next_pause: u32,
}

type Index = HashMap<u64, u32, BuildHasherDefault<IdentityHasher>>;

impl Draft {
    /// An index over a prompt.
    pub(crate) fn new(prompt: &[u32]) -> Self {
        let mut draft = Self {
            tokens: Vec::with_capacity(prompt.len() + 256),
            long: Index::default(),
            short: Index::default(),
            length: FIRST_DRAFT,
            pause: 0,
            next_pause: FIRST_PAUSE,
        };
        draft.long.reserve(prompt.len());
        draft.short.reserve(prompt.len());
        for token in prompt {
            draft.push(*token);
        }
        draft
    }

    /// Adds the next token of the run.
    pub(crate) fn push(&mut self, token: u32) {
        // The contexts that end here are entered only now that something follows them: else they would find themselves.
        let end = self.tokens.len();
        if let Ok(place) = u32::try_from(end) {
            if let Some(key) = key::<LONG>(&self.tokens) {
                self.long.insert(key, place);
            }
            if let Some(key) = key::<SHORT>(&self.tokens) {
                self.short.insert(key, place);
            }
        }
        self.tokens.push(token);
    }

    /// The next tokens, at most `most` and often none: those that a predictor `expected`, else as they followed the longest
    /// context that occurred before.
    pub(crate) fn propose<'a>(&'a mut self, most: usize, expected: &'a [u32]) -> &'a [u32] {
        if self.length == 0 {
            if self.pause > 0 {
                self.pause -= 1;
                return &[];
            }
            self.length = 1;
        }
        if !expected.is_empty() {
            return &expected[..expected.len().min(self.length).min(most)];
        }
        let found = self.find::<LONG>(&self.long).or_else(|| self.find::<SHORT>(&self.short));
        match found {
            Some(start) => &self.tokens[start..self.tokens.len().min(start + self.length.min(most))],
            None => &[],
        }
    }

    fn find<const N: usize>(&self, index: &Index) -> Option<usize> {
        let start = *index.get(&key::<N>(&self.tokens)?)? as usize;
        let context = &self.tokens[self.tokens.len() - N..];
        (self.tokens[start - N..start] == *context).then_some(start)
    }

    /// Notes that `right` of `proposed` tokens were what the model wrote.
    pub(crate) fn report(&mut self, proposed: usize, right: usize) {
        if proposed == 0 {
            return;
        }
        if right >= proposed {
            self.length = (self.length * 2).min(MAX_DRAFT);
            self.next_pause = FIRST_PAUSE;
        } else if right * 2 >= proposed {
            self.length = self.length.min(right + 1);
        } else {
            self.length = if right > 0 { right } else { self.length / 2 };
        }
        if self.length == 0 {
            self.pause = self.next_pause;
            self.next_pause = (self.next_pause * 2).min(MAX_PAUSE);
        }
    }
}

/// A hash of the last `N` tokens (multiplication by the golden ratio, as in Fibonacci hashing).
fn key<const N: usize>(tokens: &[u32]) -> Option<u64> {
    let context = tokens.last_chunk::<N>()?;
    let mix = |hash: u64, token: &u32| (hash.rotate_left(25) ^ u64::from(*token)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some(context.iter().fold(0, mix))
}

/// Hashes a key to itself: keys are hashes already.
#[derive(Default)]
struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        // The product's high bits are the good ones, a table takes the low ones.
        self.0 = key ^ (key >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
