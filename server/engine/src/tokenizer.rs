//! Text to tokens and back, as the model file's metadata describe it.
//!
//! Three families: byte-level BPE (`bpe.rs`), SentencePiece (`spm.rs`) and plain symbols (`chars.rs`). Text never
//! becomes a control token here, whatever it looks like: markers are written by `prompt.rs` alone. User-defined tokens
//! are text and are found in text, before anything else, as in llama.cpp.

use crate::EngineError;

mod bpe;
mod chars;
mod detokenizer;
mod fixed;
mod memo;
mod merge;
mod metadata;
mod pre;
mod spm;
mod vocab;
mod words;

pub(crate) use detokenizer::Detokenizer;
pub(crate) use fixed::{Fixed, Part};
pub(crate) use metadata::{Described, read};
pub(crate) use vocab::{Token, TokenKind, Vocab};

use bpe::Bpe;
use chars::Chars;
use memo::Memo;
use pre::Pre;
use spm::Spm;

/// Longest beginning of a continuation, in bytes, that is looked at for its first tokens.
pub(crate) const CONTINUATION_HEAD: usize = 128;

/// A vocabulary and its encoder.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    vocab: Vocab,
    encoder: Encoder,
    fixed: Fixed,
    memo: Memo,
}

#[derive(Debug)]
enum Encoder {
    Bpe(Box<Bpe>),
    Spm(Box<Spm>),
    Chars(Box<Chars>),
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
        Self::new(&tokens, Encoder::Spm(Box::new(Spm::new(texts, kinds, scores, add_space_prefix)?)))
    }

    /// A byte-level BPE tokenizer.
    pub(crate) fn bpe(texts: &[&str], kinds: &[TokenKind], merges: &[&str], pre: &Pre) -> Result<Self, EngineError> {
        let tokens: Vec<Token> = texts.iter().zip(kinds).map(|(text, kind)| bpe::written(text, *kind)).collect();
        Self::new(&tokens, Encoder::Bpe(Box::new(Bpe::new(texts, kinds, merges, pre)?)))
    }

    /// A tokenizer of symbols; `unknown` stands for characters that they do not cover.
    pub(crate) fn chars(texts: &[&str], kinds: &[TokenKind], unknown: Option<u32>) -> Result<Self, EngineError> {
        let tokens: Vec<Token> = texts.iter().zip(kinds).map(|(text, kind)| chars::written(text, *kind)).collect();
        Self::new(&tokens, Encoder::Chars(Box::new(Chars::new(texts, kinds, unknown)?)))
    }

    fn new(tokens: &[Token], encoder: Encoder) -> Result<Self, EngineError> {
        let fixed = (0_u32..)
            .zip(tokens)
            .filter(|(_, token)| token.kind == TokenKind::UserDefined)
            .filter_map(|(id, token)| Some((String::from_utf8(token.bytes.clone()).ok()?, id)));
        let fixed = Fixed::new(fixed.collect())?;
        Ok(Self { vocab: Vocab::new(tokens)?, encoder, fixed, memo: Memo::default() })
    }

    /// The table of tokens.
    pub(crate) fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// Whether this is a vocabulary of symbols, which has no markers.
    pub(crate) fn is_symbols(&self) -> bool {
        matches!(self.encoder, Encoder::Chars(_))
    }

    /// Makes a token a marker that no text encodes to: files do not always say which ones prompts are made of.
    pub(crate) fn make_control(&mut self, id: u32) {
        self.vocab.make_control(id);
        self.fixed.forbid(id);
        match &mut self.encoder {
            Encoder::Bpe(bpe) => bpe.forbid(id),
            Encoder::Spm(spm) => spm.forbid(id),
            Encoder::Chars(chars) => chars.forbid(id),
        }
        self.memo = Memo::default();
    }

    /// The first character of a text that the vocabulary cannot write at all; such characters are left out otherwise.
    /// Only vocabularies of symbols have any.
    pub(crate) fn unwritable(&self, text: &str) -> Option<char> {
        match &self.encoder {
            Encoder::Bpe(_) | Encoder::Spm(_) => None,
            Encoder::Chars(chars) => self.fixed.between(text).find_map(|between| chars.unwritable(between)),
        }
    }

    /// The tokens of a text that stands at the beginning or behind a marker.
    pub(crate) fn encode_plain(&self, text: &str) -> Vec<u32> {
        self.encode(text, true)
    }

    /// The tokens of a text that continues another.
    pub(crate) fn encode_continuation(&self, text: &str) -> Vec<u32> {
        self.encode(text, false)
    }

    /// The token of a continuation that comes behind the bytes `written`, which are its beginning; `None` where they do
    /// not fit, or nothing is left.
    pub(crate) fn first_of_continuation(&self, text: &str, written: &[u8]) -> Option<u32> {
        let mut rest = written;
        for token in self.encode_continuation(&text[..text.floor_char_boundary(CONTINUATION_HEAD)]) {
            if rest.is_empty() {
                return Some(token);
            }
            rest = rest.strip_prefix(self.vocab.written(token))?;
        }
        None
    }

    fn encode(&self, text: &str, mut at_start: bool) -> Vec<u32> {
        let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
        self.fixed.cut(text, |part| match part {
            Part::Token(id) => {
                tokens.push(id);
                at_start = true;
            }
            Part::Text(text) => {
                self.encode_between(text, at_start, &mut tokens);
                at_start = false;
            }
        });
        tokens
    }

    fn encode_between(&self, text: &str, at_start: bool, tokens: &mut Vec<u32>) {
        self.memo.with(|memo| match &self.encoder {
            Encoder::Bpe(bpe) => bpe.each_word(text, &mut |word| {
                memo.append(word, tokens, |tokens| bpe.encode_word(word, tokens));
            }),
            Encoder::Spm(spm) => spm.each_word(&spm.escape(text, at_start), &mut |word| {
                memo.append(word, tokens, |tokens| spm.encode_word(word, tokens));
            }),
            Encoder::Chars(chars) => chars.encode(text, tokens),
        });
    }
}

#[cfg(test)]
pub(crate) mod tests;
