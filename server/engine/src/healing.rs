//! Token healing: a prompt that ends inside a word ends in a token that the model would not have chosen had it seen the
//! whole word (`ret` + `ur` where `return` is one token), and what such a token is followed by is rare in its training.
//! So the last tokens are taken back, and the model writes their text again, with whatever tokens it likes that agree
//! with it. The text that was taken back is not part of the answer. (As in Guidance: Lundberg 2023, *The Art of Prompt
//! Design: Prompt Boundaries and Token Healing*.)
//!
//! Pure functions over a vocabulary; the worker decides when. Only text is taken back, never a marker.

use crate::sampler::TokenSet;
use crate::tokenizer::Vocab;

/// Most tokens that are taken back, and most bytes: a word, or the blanks before it.
const MAX_TOKENS: usize = 3;
const MAX_BYTES: usize = 32;

/// The tokens that write text, sorted by what they write. Made once a model.
#[derive(Debug)]
pub(crate) struct SortedVocab {
    ids: Vec<u32>,
}

impl SortedVocab {
    /// Sorts a vocabulary.
    pub(crate) fn new(vocab: &Vocab) -> Self {
        let tokens = u32::try_from(vocab.len()).unwrap_or(u32::MAX);
        let mut ids: Vec<u32> = (0..tokens).filter(|id| !vocab.written(*id).is_empty()).collect();
        ids.sort_unstable_by(|a, b| vocab.written(*a).cmp(vocab.written(*b)).then(a.cmp(b)));
        Self { ids }
    }

    /// The tokens whose bytes start with `prefix`.
    fn starting_with(&self, vocab: &Vocab, prefix: &[u8]) -> &[u32] {
        let from = self.ids.partition_point(|id| vocab.written(*id) < prefix);
        let behind = &self.ids[from..];
        &behind[..behind.partition_point(|id| vocab.written(*id).starts_with(prefix))]
    }

    /// The tokens that write just these bytes: they come first among those that start with them.
    fn writing(&self, vocab: &Vocab, bytes: &[u8]) -> &[u32] {
        let starting = self.starting_with(vocab, bytes);
        &starting[..starting.partition_point(|id| vocab.written(*id).len() == bytes.len())]
    }

    /// Whether a token writes these bytes and more.
    fn has_longer(&self, vocab: &Vocab, bytes: &[u8]) -> bool {
        self.starting_with(vocab, bytes).last().is_some_and(|id| vocab.written(*id).len() > bytes.len())
    }
}

/// Text that was taken back from a prompt and has not been written again yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Healing {
    rest: Vec<u8>,
}

impl Healing {
    /// Which tokens of a prompt are kept, and the text of the others: the last ones are taken back where together they
    /// are the beginning of one longer token. The first token of the prompt stays.
    pub(crate) fn begin(prompt: &[u32], vocab: &Vocab, sorted: &SortedVocab) -> (usize, Self) {
        let mut rest = Vec::new();
        let mut kept = prompt.len();
        let mut text = Vec::new();
        for (index, token) in prompt.iter().enumerate().skip(1).rev().take(MAX_TOKENS) {
            let written = vocab.written(*token);
            if written.is_empty() || written.len() + text.len() > MAX_BYTES {
                break;
            }
            text.splice(..0, written.iter().copied());
            if sorted.has_longer(vocab, &text) {
                kept = index;
                rest.clone_from(&text);
            }
        }
        (kept, Self { rest })
    }

    /// Whether everything has been written again.
    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The text that is still to be written again.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// The tokens that agree with the text: those that start with it, and those that are a beginning of it after which
    /// the rest can still be written. `None` once everything has been written again.
    pub(crate) fn allowed(&self, vocab: &Vocab, sorted: &SortedVocab) -> Option<TokenSet> {
        if self.is_done() {
            return None;
        }
        let len = self.rest.len();
        // Whether the text can be written from here on; a vocabulary need not have every byte.
        let mut can_go_on = vec![true; len + 1];
        for start in (0..len).rev() {
            let rest = &self.rest[start..];
            can_go_on[start] = !sorted.starting_with(vocab, rest).is_empty()
                || (1..rest.len()).any(|n| can_go_on[start + n] && !sorted.writing(vocab, &rest[..n]).is_empty());
        }
        let beginnings = (1..len).filter(|n| can_go_on[*n]).flat_map(|n| sorted.writing(vocab, &self.rest[..n]));
        Some(sorted.starting_with(vocab, &self.rest).iter().chain(beginnings).copied().collect())
    }

    /// Notes a token of the answer, and gives the part of its bytes that is new.
    pub(crate) fn accept<'a>(&mut self, written: &'a [u8]) -> &'a [u8] {
        let again = written.len().min(self.rest.len());
        debug_assert_eq!(written[..again], self.rest[..again], "the token agrees with what was taken back");
        self.rest.drain(..again);
        &written[again..]
    }
}

#[cfg(test)]
mod tests;
