//! A vocabulary as llguidance wants it: a tree of all tokens' bytes, and a tokenizer for text that a grammar forces.

use std::sync::Arc;

use llguidance::ParserFactory;
use llguidance::api::ParserLimits;
use llguidance::earley::SlicedBiasComputer;
use toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

use crate::tokenizer::{Tokenizer, Vocab};

/// Longest token of the tree, in bytes. Longer ones (runs of blanks, in some vocabularies) are never chosen.
const MAX_TOKEN_BYTES: usize = 1000;
/// Most tokens: ids have 24 bits in the tree.
const MAX_TOKENS: usize = (1 << 24) - 1;

struct Environment {
    trie: TokTrie,
    tokenizer: Arc<Tokenizer>,
}

impl TokenizerEnv for Environment {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        // A grammar may force a part of a character.
        self.trie.tokenize_with_greedy_fallback(bytes, |text| self.tokenizer.encode_continuation(text))
    }
}

/// What compiles grammars for a vocabulary whose answers end with one of `ends`.
pub(super) fn factory(tokenizer: &Arc<Tokenizer>, ends: &[u32], limits: ParserLimits) -> Result<ParserFactory, String> {
    let vocab = tokenizer.vocab();
    let size = u32::try_from(vocab.len()).ok().filter(|_| vocab.len() <= MAX_TOKENS);
    let size = size.ok_or("the vocabulary is too large for constraints")?;
    let end = *ends.first().ok_or("the model has no token that ends an answer")?;
    let words: Vec<Vec<u8>> = (0..size).map(|id| word(vocab, id).to_vec()).collect();
    let trie = TokTrie::from(&TokRxInfo::new(size, end), &words).with_eos_tokens(ends);
    let environment: TokEnv = Arc::new(Environment { trie, tokenizer: Arc::clone(tokenizer) });
    // Sets of tokens that most strings allow, computed once.
    let slices = SlicedBiasComputer::general_slices();
    let capabilities = InferenceCapabilities { ff_tokens: true, ..InferenceCapabilities::default() };
    let mut factory =
        ParserFactory::new(&environment, capabilities, &slices).map_err(|error| super::explain(&error.to_string()))?;
    *factory.limits_mut() = limits;
    factory.quiet();
    Ok(factory)
}

/// The bytes by which a grammar knows a token; none for one that no grammar may use.
fn word(vocab: &Vocab, id: u32) -> &[u8] {
    match vocab.written(id) {
        // The mark of special tokens in the tree; no text has this byte.
        [TokTrie::SPECIAL_TOKEN_MARKER, ..] => &[],
        written if written.len() > MAX_TOKEN_BYTES => &[],
        written => written,
    }
}
