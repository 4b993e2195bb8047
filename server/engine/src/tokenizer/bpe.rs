//! Byte-level BPE (Radford et al. 2019, GPT-2): text is cut into words (`words.rs`), words into bytes, and bytes are
//! merged in the order of the file's list.

use std::collections::HashMap;

use crate::EngineError;

use super::merge::{NONE, Symbol, merge};
use super::pre::Pre;
use super::vocab::{Token, TokenKind};
use super::words::Words;

/// The encoder.
#[derive(Debug)]
pub(crate) struct Bpe {
    words: Words,
    /// Tokens of the 256 bytes.
    bytes: [u32; 256],
    merges: Merges,
    /// Words that are tokens, where those are not built by merges.
    whole: HashMap<Box<[u8]>, u32>,
}

impl Bpe {
    /// An encoder of these token texts, kinds and merges (`left right`).
    pub(crate) fn new(texts: &[&str], kinds: &[TokenKind], merges: &[&str], pre: &Pre) -> Result<Self, EngineError> {
        let bad = |message: String| EngineError::BadModelFile(message);
        let ids: HashMap<&str, u32> = texts.iter().copied().zip(0..).collect();
        let mut pairs = Vec::with_capacity(merges.len());
        let mut whole_text = String::new();
        for (rank, merge) in (0_u32..).zip(merges) {
            // A token may be a space in itself, so the separator is looked for behind the first character.
            let first = merge.chars().next().map_or(0, char::len_utf8);
            let (left, right) = merge[first..]
                .split_once(' ')
                .map(|(rest, right)| (&merge[..first + rest.len()], right))
                .ok_or_else(|| bad(format!("the merge {merge:?} does not name two tokens")))?;
            whole_text.clear();
            whole_text.extend([left, right]);
            let id = |name: &str| {
                ids.get(name)
                    .copied()
                    .ok_or_else(|| bad(format!("the merge {merge:?} needs the token {name:?}, which does not exist")))
            };
            pairs.push(Merge { left: id(left)?, right: id(right)?, rank, id: id(&whole_text)? });
        }
        let byte = |byte: u8| ids.get(byte_char(byte).encode_utf8(&mut [0; 4]) as &str).copied();
        if let Some(byte) = (0..=u8::MAX).find(|it| is_needed(*it) && byte(*it).is_none()) {
            return Err(bad(format!("the vocabulary has no token for the byte 0x{byte:02X}")));
        }
        let mut bytes = [NONE; 256];
        for (id, value) in bytes.iter_mut().zip(0..=u8::MAX) {
            *id = byte(value).unwrap_or(NONE);
        }
        let mut whole = HashMap::new();
        if pre.ignore_merges {
            for (id, (text, kind)) in (0_u32..).zip(texts.iter().zip(kinds)) {
                if *kind == TokenKind::Normal {
                    whole.insert(written(text, *kind).bytes.into(), id);
                }
            }
        }
        let mut bpe = Self { words: Words::new(pre.steps)?, bytes, merges: Merges::new(pairs), whole };
        for (id, _) in (0_u32..).zip(kinds).filter(|(_, kind)| matches!(kind, TokenKind::Control)) {
            bpe.forbid(id);
        }
        Ok(bpe)
    }

    /// Takes care that no text becomes this token.
    pub(super) fn forbid(&mut self, id: u32) {
        self.merges.forbid(id);
        self.whole.retain(|_, whole| *whole != id);
        for byte in self.bytes.iter_mut().filter(|byte| **byte == id) {
            *byte = NONE;
        }
    }

    /// Hands out the words of a text, whose tokens do not depend on their neighbours.
    pub(super) fn each_word<'t>(&self, text: &'t str, word: &mut impl FnMut(&'t str)) {
        self.words.each(text, word);
    }

    /// Appends the tokens of a word.
    pub(super) fn encode_word(&self, word: &str, tokens: &mut Vec<u32>) {
        if let Some(id) = self.whole.get(word.as_bytes()) {
            tokens.push(*id);
            return;
        }
        let mut symbols: Vec<Symbol> =
            word.bytes().enumerate().map(|(at, byte)| Symbol::new(at, 1, self.bytes[usize::from(byte)])).collect();
        merge(&mut symbols, |left, right| {
            self.merges.find(left.id, right.id).map(|(rank, id)| (std::cmp::Reverse(rank), id))
        });
        // Real vocabularies lack bytes that occur in no character in use; like llama.cpp we leave those out.
        tokens.extend(symbols.iter().filter(|symbol| symbol.len > 0 && symbol.id != NONE).map(|symbol| symbol.id));
    }
}

/// One merge.
#[derive(Clone, Copy, Debug)]
struct Merge {
    left: u32,
    right: u32,
    rank: u32,
    id: u32,
}

/// All merges, sorted by their two tokens.
#[derive(Debug)]
struct Merges {
    sorted: Vec<Merge>,
    /// Where the merges of each left token begin.
    starts: Vec<u32>,
}

impl Merges {
    fn new(mut merges: Vec<Merge>) -> Self {
        merges.sort_unstable_by_key(|merge| (merge.left, merge.right, merge.rank));
        // The first of several equal ones counts, as in llama.cpp.
        merges.dedup_by_key(|merge| (merge.left, merge.right));
        let lefts = merges.last().map_or(0, |merge| merge.left as usize + 1);
        let mut starts = vec![0_u32; lefts + 1];
        for merge in &merges {
            starts[merge.left as usize + 1] += 1;
        }
        for left in 1..starts.len() {
            starts[left] += starts[left - 1];
        }
        Self { sorted: merges, starts }
    }

    /// Rank and token of a merge.
    fn find(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        let (from, to) = (self.starts.get(left as usize)?, self.starts.get((left as usize).checked_add(1)?)?);
        let merges = &self.sorted[*from as usize..*to as usize];
        let at = merges.binary_search_by_key(&right, |merge| merge.right).ok()?;
        Some((merges[at].rank, merges[at].id))
    }

    fn forbid(&mut self, id: u32) {
        if self.sorted.iter().any(|merge| merge.id == id) {
            let merges = self.sorted.iter().filter(|merge| merge.id != id).copied().collect();
            *self = Self::new(merges);
        }
    }
}

/// What a token writes: its text in the alphabet of GPT-2, where each byte is a visible character.
pub(crate) fn written(text: &str, kind: TokenKind) -> Token {
    let mut bytes = Vec::with_capacity(text.len());
    for char in text.chars() {
        match char_byte(char) {
            Some(byte) if kind == TokenKind::Normal => bytes.push(byte),
            _ => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Token { bytes, kind }
}

/// Bytes that stand for themselves: visible characters of Latin-1.
fn is_visible(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF)
}

/// The bytes that do not stand for themselves are the characters from U+0100 on, in order.
pub(super) fn byte_char(byte: u8) -> char {
    if is_visible(byte) {
        return char::from(byte);
    }
    let rank = (0..byte).filter(|byte| !is_visible(*byte)).count();
    u32::try_from(rank).ok().and_then(|rank| char::from_u32(0x100 + rank)).expect("68 characters from U+0100 on exist")
}

fn char_byte(char: char) -> Option<u8> {
    match u32::from(char) {
        code @ 0..0x100 => u8::try_from(code).ok().filter(|byte| is_visible(*byte)),
        code => (0..=u8::MAX).filter(|byte| !is_visible(*byte)).nth(code as usize - 0x100),
    }
}

/// Bytes without which no code can be written. Real vocabularies lack others: StarCoder's has no 0xF1, which begins
/// characters of unused planes only.
fn is_needed(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n')
}
