//! SentencePiece BPE (Kudo and Richardson 2018): neighbours are joined in the order of their scores; what no token
//! covers is written as bytes.
//!
//! The order of joins (highest score first, of equal ones the leftmost) is that of llama.cpp's tokenizer for
//! `tokenizer.ggml.model = llama`, so ids agree with the ones the model was trained on.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::EngineError;

use super::merge::{NONE, Symbol, merge};
use super::vocab::{Token, TokenKind};

/// SentencePiece's sign for a space.
const SPACE: char = '\u{2581}';

/// The encoder.
#[derive(Debug)]
pub(crate) struct Spm {
    /// Id and score of each token that text may become, by its text (spaces as `SPACE`).
    pieces: HashMap<String, (u32, f32)>,
    /// Neighbours inside of tokens: between two characters that no token has side by side, nothing is ever joined.
    pairs: HashSet<(char, char)>,
    /// Tokens of the 256 bytes, or none.
    bytes: Vec<u32>,
    unknown: Option<u32>,
    add_space_prefix: bool,
}

/// The order of joins: by score.
#[derive(PartialEq)]
struct Score(f32);

impl Eq for Score {}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Spm {
    /// An encoder of these token texts, kinds and scores.
    pub(crate) fn new(
        texts: &[&str],
        kinds: &[TokenKind],
        scores: &[f32],
        add_space_prefix: bool,
    ) -> Result<Self, EngineError> {
        let mut pieces = HashMap::new();
        let mut pairs = HashSet::new();
        let mut bytes = HashMap::new();
        let mut unknown = None;
        for (((id, text), kind), score) in (0_u32..).zip(texts).zip(kinds).zip(scores) {
            match kind {
                TokenKind::Normal => {
                    pieces.insert((*text).to_owned(), (id, *score));
                    pairs.extend(text.chars().zip(text.chars().skip(1)));
                }
                TokenKind::Byte => {
                    bytes.insert(byte_of(text)?, id);
                }
                TokenKind::Unknown => unknown = unknown.or(Some(id)),
                TokenKind::Control | TokenKind::UserDefined | TokenKind::Unused => {}
            }
        }
        let bytes: Vec<u32> = (0..=u8::MAX).map_while(|byte| bytes.get(&byte).copied()).collect();
        if bytes.len() != 256 && unknown.is_none() {
            return Err(EngineError::UnsupportedModel(
                "the vocabulary has neither all byte tokens nor an unknown token".to_owned(),
            ));
        }
        let bytes = if bytes.len() == 256 { bytes } else { Vec::new() };
        Ok(Self { pieces, pairs, bytes, unknown, add_space_prefix })
    }

    /// Takes care that no text becomes this token.
    pub(super) fn forbid(&mut self, id: u32) {
        self.pieces.retain(|_, (piece, _)| *piece != id);
    }

    /// The text with SentencePiece's spaces; `at_start` when it stands at the beginning or behind a marker.
    pub(super) fn escape(&self, text: &str, at_start: bool) -> String {
        let mut escaped = String::with_capacity(text.len() + text.len() / 2 + SPACE.len_utf8());
        if at_start && self.add_space_prefix && !text.is_empty() {
            escaped.push(SPACE);
        }
        escaped.extend(text.chars().map(|char| if char == ' ' { SPACE } else { char }));
        escaped
    }

    /// Hands out the parts of an escaped text between which no token lies.
    pub(super) fn each_word<'t>(&self, text: &'t str, word: &mut impl FnMut(&'t str)) {
        let mut from = 0;
        let mut before = None;
        for (at, char) in text.char_indices() {
            if before.is_some_and(|before| !self.pairs.contains(&(before, char))) {
                word(&text[from..at]);
                from = at;
            }
            before = Some(char);
        }
        if from < text.len() {
            word(&text[from..]);
        }
    }

    /// Appends the tokens of an escaped part.
    pub(super) fn encode_word(&self, word: &str, tokens: &mut Vec<u32>) {
        let piece = |start: usize, len: usize| self.pieces.get(&word[start..start + len]);
        let mut symbols: Vec<Symbol> = word
            .char_indices()
            .map(|(at, char)| {
                let len = char.len_utf8();
                Symbol::new(at, len, piece(at, len).map_or(NONE, |(id, _)| *id))
            })
            .collect();
        merge(&mut symbols, |left, right| {
            piece(left.start, left.len + right.len).map(|(id, score)| (Score(*score), *id))
        });
        for symbol in symbols.iter().filter(|symbol| symbol.len > 0) {
            if symbol.id != NONE {
                tokens.push(symbol.id);
            } else if self.bytes.is_empty() {
                tokens.extend(self.unknown);
            } else {
                let text = unescape(&word[symbol.start..symbol.start + symbol.len]);
                tokens.extend(text.bytes().map(|byte| self.bytes[usize::from(byte)]));
            }
        }
    }
}

/// What a token of these texts writes.
pub(crate) fn written(text: &str, kind: TokenKind) -> Result<Token, EngineError> {
    let bytes = match kind {
        TokenKind::Byte => vec![byte_of(text)?],
        TokenKind::Normal => unescape(text).into_bytes(),
        _ => text.as_bytes().to_vec(),
    };
    Ok(Token { bytes, kind })
}

fn unescape(text: &str) -> String {
    text.chars().map(|char| if char == SPACE { ' ' } else { char }).collect()
}

/// The byte of a token such as `<0x0A>`.
fn byte_of(text: &str) -> Result<u8, EngineError> {
    text.strip_prefix("<0x")
        .and_then(|rest| rest.strip_suffix('>'))
        .filter(|digits| digits.len() == 2)
        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        .ok_or_else(|| EngineError::BadModelFile(format!("byte token {text:?} is not of the form <0xNN>")))
}
