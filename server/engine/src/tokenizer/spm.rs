//! SentencePiece BPE: neighbours are joined in the order of their scores; what no token covers is written as bytes.
//!
//! The order of joins (highest score first, of equal ones the leftmost) is that of llama.cpp's tokenizer for
//! `tokenizer.ggml.model = llama`, so ids agree with the ones the model was trained on.

use std::collections::{BinaryHeap, HashMap};

use crate::EngineError;

use super::vocab::{Token, TokenKind};

/// SentencePiece's sign for a space.
const SPACE: char = '\u{2581}';

/// The encoder.
#[derive(Debug)]
pub(crate) struct Spm {
    /// Id and score of each token that text may become, by its text (spaces as `SPACE`).
    pieces: HashMap<String, (u32, f32)>,
    /// Tokens of the 256 bytes.
    bytes: Vec<u32>,
    unknown: Option<u32>,
    add_space_prefix: bool,
}

/// One symbol of the text: a linked list over a text of `len` bytes a symbol; `len` 0 = joined to its left neighbour.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    len: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

/// A possible join. The order makes the best one the greatest.
struct Join {
    score: f32,
    left: usize,
    right: usize,
    len: usize,
}

impl Ord for Join {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Join {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Join {}

impl Spm {
    /// An encoder of these token texts, kinds and scores.
    pub(crate) fn new(
        texts: &[&str],
        kinds: &[TokenKind],
        scores: &[f32],
        add_space_prefix: bool,
    ) -> Result<Self, EngineError> {
        let mut pieces = HashMap::new();
        let mut bytes = HashMap::new();
        let mut unknown = None;
        for (((id, text), kind), score) in (0_u32..).zip(texts).zip(kinds).zip(scores) {
            match kind {
                TokenKind::Normal => {
                    // The last of several equal texts counts, as in llama.cpp.
                    pieces.insert((*text).to_owned(), (id, *score));
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
        Ok(Self { pieces, bytes, unknown, add_space_prefix })
    }

    /// Appends the tokens of `text`; `at_start` when it stands at the beginning or behind a marker.
    pub(crate) fn encode(&self, text: &str, at_start: bool, tokens: &mut Vec<u32>) {
        let mut escaped = String::with_capacity(text.len() + SPACE.len_utf8());
        if at_start && self.add_space_prefix && !text.is_empty() {
            escaped.push(SPACE);
        }
        escaped.extend(text.chars().map(|char| if char == ' ' { SPACE } else { char }));
        let symbols = self.join(&escaped);
        for symbol in symbols.iter().filter(|symbol| symbol.len > 0) {
            let piece = &escaped[symbol.start..symbol.start + symbol.len];
            if let Some((id, _)) = self.pieces.get(piece) {
                tokens.push(*id);
            } else if self.bytes.is_empty() {
                tokens.extend(self.unknown);
            } else {
                tokens.extend(unescape(piece).bytes().map(|byte| self.bytes[usize::from(byte)]));
            }
        }
    }

    fn join(&self, text: &str) -> Vec<Symbol> {
        let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
        let mut symbols: Vec<Symbol> = starts
            .iter()
            .enumerate()
            .map(|(index, start)| Symbol {
                start: *start,
                len: starts.get(index + 1).unwrap_or(&text.len()) - start,
                previous: index.checked_sub(1),
                next: (index + 1 < starts.len()).then_some(index + 1),
            })
            .collect();
        let mut queue = BinaryHeap::new();
        let consider = |queue: &mut BinaryHeap<Join>, symbols: &[Symbol], left: Option<usize>, right: Option<usize>| {
            let (Some(left), Some(right)) = (left, right) else { return };
            let len = symbols[left].len + symbols[right].len;
            let start = symbols[left].start;
            if let Some((_, score)) = self.pieces.get(&text[start..start + len]) {
                queue.push(Join { score: *score, left, right, len });
            }
        };
        for right in 1..symbols.len() {
            consider(&mut queue, &symbols, Some(right - 1), Some(right));
        }
        while let Some(Join { left, right, len, .. }) = queue.pop() {
            // One of the two has been joined to something else since.
            if symbols[left].len == 0 || symbols[right].len == 0 || symbols[left].len + symbols[right].len != len {
                continue;
            }
            symbols[left].len = len;
            symbols[right].len = 0;
            let next = symbols[right].next;
            symbols[left].next = next;
            if let Some(next) = next {
                symbols[next].previous = Some(left);
            }
            let previous = symbols[left].previous;
            consider(&mut queue, &symbols, previous, Some(left));
            consider(&mut queue, &symbols, Some(left), next);
        }
        symbols
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
