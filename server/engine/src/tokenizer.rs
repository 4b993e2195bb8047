//! Text to tokens and back, as the model file's metadata describe it.
//!
//! Two families: byte-level BPE (`bpe.rs`) and SentencePiece (`spm.rs`). Text never becomes a control token here,
//! whatever it looks like: markers are written by `prompt.rs` alone. User-defined tokens are text and are found in
//! text, before anything else, as in llama.cpp.

use crate::EngineError;

mod detokenizer;
mod spm;
mod vocab;

pub(crate) use detokenizer::Detokenizer;
pub(crate) use vocab::{Token, TokenKind, Vocab};

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

    /// The table of tokens, for a prompt format that knows better which of them are markers.
    pub(crate) fn vocab_mut(&mut self) -> &mut Vocab {
        &mut self.vocab
    }

    /// The tokens of a text that stands at the beginning or behind a marker.
    pub(crate) fn encode_plain(&self, text: &str) -> Vec<u32> {
        self.encode(text, true)
    }

    /// The tokens of a text that continues another.
    pub(crate) fn encode_continuation(&self, text: &str) -> Vec<u32> {
        self.encode(text, false)
    }

    fn encode(&self, text: &str, mut at_start: bool) -> Vec<u32> {
        let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
        let mut rest = text;
        while let Some((start, len, id)) = self.next_fixed(rest) {
            self.encode_between(&rest[..start], at_start, &mut tokens);
            tokens.push(id);
            rest = &rest[start + len..];
            at_start = true;
        }
        self.encode_between(rest, at_start, &mut tokens);
        tokens
    }

    /// The first user-defined token in a text; of those that begin at the same place the longest.
    fn next_fixed(&self, text: &str) -> Option<(usize, usize, u32)> {
        self.fixed
            .iter()
            .filter_map(|(name, id)| text.find(name.as_str()).map(|start| (start, name.len(), *id)))
            .min_by_key(|(start, len, _)| (*start, usize::MAX - len))
    }

    fn encode_between(&self, text: &str, at_start: bool, tokens: &mut Vec<u32>) {
        match &self.encoder {
            Encoder::Spm(spm) => spm.encode(text, at_start, tokens),
        }
    }
}
