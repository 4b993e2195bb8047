//! A vocabulary of symbols, most of them one character: research checkpoints over a small alphabet
//! (`tokenizer.ggml.model` = `char`). Of several symbols that fit, the longest is taken.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::EngineError;

use super::fixed::search;
use super::merge::NONE;
use super::vocab::{Token, TokenKind};

/// The encoder.
#[derive(Debug)]
pub(crate) struct Chars {
    symbols: AhoCorasick,
    /// Ids of the symbols, `NONE` for one that is a marker by now.
    ids: Vec<u32>,
    unknown: Option<u32>,
}

impl Chars {
    /// An encoder of these symbols; `unknown` stands for what they cannot write.
    pub(crate) fn new(texts: &[&str], kinds: &[TokenKind], unknown: Option<u32>) -> Result<Self, EngineError> {
        let normal = || {
            (0_u32..)
                .zip(texts.iter().zip(kinds))
                .filter(|(_, (text, kind))| **kind == TokenKind::Normal && !text.is_empty())
        };
        let symbols = search(normal().map(|(_, (text, _))| *text), MatchKind::LeftmostLongest)?;
        let by_kind = || (0_u32..).zip(kinds).find(|(_, kind)| **kind == TokenKind::Unknown).map(|(id, _)| id);
        Ok(Self { symbols, ids: normal().map(|(id, _)| id).collect(), unknown: unknown.or_else(by_kind) })
    }

    /// Takes care that no text becomes this token.
    pub(super) fn forbid(&mut self, id: u32) {
        for symbol in self.ids.iter_mut().filter(|symbol| **symbol == id) {
            *symbol = NONE;
        }
    }

    /// The first character that no symbol covers, where there is no token for such.
    pub(super) fn unwritable(&self, text: &str) -> Option<char> {
        if self.unknown.is_some() {
            return None;
        }
        let mut covered = 0;
        for found in self.symbols.find_iter(text) {
            if found.start() > covered || self.ids[found.pattern().as_usize()] == NONE {
                break;
            }
            covered = found.end();
        }
        text[covered..].chars().next()
    }

    /// Appends the tokens of a text; one unknown token for each character that no symbol covers.
    pub(super) fn encode(&self, text: &str, tokens: &mut Vec<u32>) {
        let unknown = |between: &str, tokens: &mut Vec<u32>| {
            if let Some(id) = self.unknown {
                tokens.extend(between.chars().map(|_| id));
            }
        };
        let mut covered = 0;
        for found in self.symbols.find_iter(text).filter(|found| self.ids[found.pattern().as_usize()] != NONE) {
            unknown(&text[covered..found.start()], tokens);
            tokens.push(self.ids[found.pattern().as_usize()]);
            covered = found.end();
        }
        unknown(&text[covered..], tokens);
    }
}

/// What a token writes: itself.
pub(crate) fn written(text: &str, kind: TokenKind) -> Token {
    Token { bytes: text.as_bytes().to_vec(), kind }
}
