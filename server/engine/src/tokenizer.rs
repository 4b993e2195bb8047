//! Text to tokens and back, as the model file's metadata describe it.
//!
//! Two families: byte-level BPE (`bpe.rs`) and SentencePiece (`spm.rs`). Text never becomes a control token here,
//! whatever it looks like: markers are written by `prompt.rs` alone. User-defined tokens are text and are found in
//! text, before anything else, as in llama.cpp.

use crate::EngineError;

mod bpe;
mod detokenizer;
mod memo;
mod metadata;
mod pre;
mod spm;
mod vocab;

pub(crate) use detokenizer::Detokenizer;
pub(crate) use metadata::{Described, read};
pub(crate) use vocab::{Token, TokenKind, Vocab};

use bpe::Bpe;
use memo::Memo;
use pre::Pre;
use spm::Spm;

/// A vocabulary and its encoder.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    vocab: Vocab,
    encoder: Encoder,
    /// User-defined tokens, longest first.
    fixed: Vec<(String, u32)>,
}

#[derive(Debug)]
enum Encoder {
    Bpe(Box<Bpe>, Memo),
    Spm(Spm),
}

impl Tokenizer {
    /// A SentencePiece tokenizer.
    pub(crate) fn spm(
        texts: &[&str],
        kinds: &[TokenKind],
        scores: &[f32],
        add_space_prefix: bool,
    ) -> Result<Self, EngineError> {
        let tokens: Vec<Token> =
            texts.iter().zip(kinds).map(|(text, kind)| spm::written(text, *kind)).collect::<Result<_, _>>()?;
        let encoder = Encoder::Spm(Spm::new(texts, kinds, scores, add_space_prefix)?);
        Self::new(&tokens, encoder)
    }

    /// A byte-level BPE tokenizer.
    pub(crate) fn bpe(texts: &[&str], kinds: &[TokenKind], merges: &[&str], pre: &Pre) -> Result<Self, EngineError> {
        let tokens: Vec<Token> = texts.iter().zip(kinds).map(|(text, kind)| bpe::written(text, *kind)).collect();
        let encoder = Encoder::Bpe(Box::new(Bpe::new(texts, kinds, merges, pre)?), Memo::default());
        Self::new(&tokens, encoder)
    }

    fn new(tokens: &[Token], encoder: Encoder) -> Result<Self, EngineError> {
        let vocab = Vocab::new(tokens)?;
        let mut fixed: Vec<(String, u32)> = (0_u32..)
            .zip(tokens)
            .filter(|(_, token)| token.kind == TokenKind::UserDefined && !token.bytes.is_empty())
            .filter_map(|(id, token)| Some((String::from_utf8(token.bytes.clone()).ok()?, id)))
            .collect();
        fixed.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Ok(Self { vocab, encoder, fixed })
    }

    /// The table of tokens.
    pub(crate) fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// Makes a token a marker that no text encodes to: files do not always say which ones prompts are made of.
    pub(crate) fn make_control(&mut self, id: u32) {
        self.vocab.make_control(id);
        self.fixed.retain(|(_, fixed)| *fixed != id);
    }

    /// The tokens of a text that stands at the beginning or behind a marker.
    pub(crate) fn encode_plain(&self, text: &str) -> Vec<u32> {
        self.encode(text, true)
    }

    /// The tokens of a text that continues another.
    pub(crate) fn encode_continuation(&self, text: &str) -> Vec<u32> {
        self.encode(text, false)
    }

    fn encode(&self, text: &str, at_start: bool) -> Vec<u32> {
        let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
        let fixed: Vec<&(String, u32)> = self.fixed.iter().filter(|(name, _)| text.contains(name.as_str())).collect();
        self.encode_around(text, at_start, &fixed, &mut tokens);
        tokens
    }

    /// Cuts at every occurrence of the first of `fixed` (the longest), what lies between at those of the next, and so
    /// on.
    fn encode_around(&self, text: &str, mut at_start: bool, fixed: &[&(String, u32)], tokens: &mut Vec<u32>) {
        let Some(((name, id), shorter)) = fixed.split_first() else {
            match &self.encoder {
                Encoder::Bpe(bpe, memo) => memo.encode(text, tokens, |piece, tokens| bpe.encode(piece, tokens)),
                Encoder::Spm(spm) => spm.encode(text, at_start, tokens),
            }
            return;
        };
        for (index, between) in text.split(name.as_str()).enumerate() {
            if index > 0 {
                tokens.push(*id);
                at_start = true;
            }
            if !between.is_empty() {
                self.encode_around(between, at_start, shorter, tokens);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
