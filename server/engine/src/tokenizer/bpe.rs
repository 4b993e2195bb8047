//! Byte-level BPE: text is cut into words (`pre.rs`), words into bytes, and bytes are merged in the order of the
//! file's list. The merging is the `tokenizers` crate's.

use std::collections::HashMap;

use tokenizers::models::bpe::{BPE, Merges, Vocab as BpeVocab};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;

use crate::EngineError;

use super::pre::Pre;
use super::vocab::{Token, TokenKind};

/// The encoder.
#[derive(Debug)]
pub(crate) struct Bpe(tokenizers::Tokenizer);

impl Bpe {
    /// An encoder of these token texts, kinds and merges (`left right`).
    pub(crate) fn new(texts: &[&str], kinds: &[TokenKind], merges: &[&str], pre: &Pre) -> Result<Self, EngineError> {
        let bad = |message: String| EngineError::BadModelFile(message);
        let ids: HashMap<&str, u32> = texts.iter().copied().zip(0..).collect();
        let mut vocab: BpeVocab = (0_u32..)
            .zip(texts.iter().zip(kinds))
            .filter(|(_, (_, kind))| **kind == TokenKind::Normal)
            .map(|(id, (text, _))| ((*text).to_owned(), id))
            .collect();
        let mut pairs = Merges::with_capacity(merges.len());
        for merge in merges {
            // A token may be a space in itself, so the separator is looked for behind the first character.
            let first = merge.chars().next().map_or(0, char::len_utf8);
            let (left, right) = merge[first..]
                .split_once(' ')
                .map(|(rest, right)| (&merge[..first + rest.len()], right))
                .ok_or_else(|| bad(format!("the merge {merge:?} does not name two tokens")))?;
            let whole = format!("{left}{right}");
            for name in [left, right, &whole] {
                let id = ids.get(name).ok_or_else(|| {
                    bad(format!("the merge {merge:?} needs the token {name:?}, which does not exist"))
                })?;
                // Whatever its kind: it can be reached by merging.
                vocab.entry(name.to_owned()).or_insert(*id);
            }
            pairs.push((left.to_owned(), right.to_owned()));
        }
        let missing = |byte: &u8| !vocab.contains_key(byte_char(*byte).encode_utf8(&mut [0; 4]) as &str);
        if let Some(byte) = (0..=u8::MAX).filter(|byte| is_needed(*byte)).find(missing) {
            return Err(bad(format!("the vocabulary has no token for the byte 0x{byte:02X}")));
        }
        let model = BPE::builder()
            .vocab_and_merges(vocab, pairs)
            .ignore_merges(pre.ignore_merges)
            .build()
            .map_err(|error| bad(format!("the tokenizer cannot be built: {error}")))?;
        let mut steps = Vec::new();
        for expression in pre.splits {
            let pattern = SplitPattern::Regex((*expression).to_owned());
            let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(|error| {
                EngineError::UnsupportedModel(format!("the pre-tokenizer does not compile: {error}"))
            })?;
            steps.push(PreTokenizerWrapper::Split(split));
        }
        // Only its alphabet: the words are cut already.
        steps.push(PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, false, false)));
        let mut tokenizer = tokenizers::Tokenizer::new(model);
        tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
        Ok(Self(tokenizer))
    }

    /// Appends the tokens of `text`.
    pub(crate) fn encode(&self, text: &str, tokens: &mut Vec<u32>) {
        match self.0.encode_fast(text, false) {
            Ok(encoding) => tokens.extend_from_slice(encoding.get_ids()),
            // Only an expression that backtracks without end fails, and none of the table's does.
            Err(error) => tracing::error!(%error, "a text could not be tokenized"),
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

/// Bytes without which no code can be written. Real vocabularies lack others (StarCoder's has no 0xF1, which begins
/// characters of unused planes only); like llama.cpp we leave those out of the prompt.
fn is_needed(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n')
}
