//! The tokenizer of a GGUF file's metadata, with every claim checked that later code relies on.

use std::collections::HashSet;

use crate::EngineError;
use crate::gguf::Metadata;

use super::{TokenKind, Tokenizer, pre};

/// A tokenizer, and what the file says about the ends of a text.
#[derive(Debug)]
pub(crate) struct Described {
    /// The tokenizer.
    pub(crate) tokenizer: Tokenizer,
    /// The token that begins a text.
    pub(crate) bos: Option<u32>,
    /// Whether a prompt begins with it.
    pub(crate) add_bos: bool,
    /// The token that ends a text.
    pub(crate) eos: Option<u32>,
}

/// Ids that SentencePiece vocabularies use where the file does not say.
const SPM_BOS: u32 = 1;
const SPM_EOS: u32 = 2;

/// Builds the tokenizer.
///
/// # Errors
/// `BadModelFile` where the metadata are missing or do not fit together, `UnsupportedModel` for a kind of tokenizer
/// that we do not know.
pub(crate) fn read(metadata: &Metadata) -> Result<Described, EngineError> {
    let model = metadata.str("tokenizer.ggml.model").ok_or_else(|| missing("tokenizer.ggml.model"))?;
    let texts = metadata.strings("tokenizer.ggml.tokens").ok_or_else(|| missing("tokenizer.ggml.tokens"))?;
    let kinds = kinds(metadata, &texts)?;
    let default = Defaults::of(model, metadata)?;
    let tokenizer = match default.family {
        Family::Bpe(pre) => {
            let merges = metadata.strings("tokenizer.ggml.merges").ok_or_else(|| missing("tokenizer.ggml.merges"))?;
            Tokenizer::bpe(&texts, &kinds, &merges, pre)?
        }
        Family::Spm => {
            let scores = metadata.f32s("tokenizer.ggml.scores").ok_or_else(|| missing("tokenizer.ggml.scores"))?;
            same_length("tokenizer.ggml.scores", scores.len(), &texts)?;
            if scores.iter().any(|score| score.is_nan()) {
                return Err(EngineError::BadModelFile("a score of the vocabulary is not a number".to_owned()));
            }
            let add_space_prefix = metadata.bool("tokenizer.ggml.add_space_prefix").unwrap_or(true);
            Tokenizer::spm(&texts, &kinds, &scores, add_space_prefix)?
        }
        Family::Chars => {
            let unknown = metadata.u32("tokenizer.ggml.unknown_token_id");
            Tokenizer::chars(&texts, &kinds, unknown.filter(|id| (*id as usize) < texts.len()))?
        }
    };
    let id = |key: &'static str, default: Option<u32>| {
        let id = match metadata.u32(key) {
            Some(id) => id,
            None => return Ok(default.filter(|id| tokenizer.vocab().kind(*id) == TokenKind::Control)),
        };
        if (id as usize) < texts.len() {
            Ok(Some(id))
        } else {
            Err(EngineError::BadModelFile(format!("{key} is {id}, but the vocabulary has {} tokens", texts.len())))
        }
    };
    let bos = id("tokenizer.ggml.bos_token_id", default.bos)?;
    let eos = id("tokenizer.ggml.eos_token_id", default.eos)?;
    let add_bos = metadata.bool("tokenizer.ggml.add_bos_token").unwrap_or(default.add_bos);
    if add_bos && bos.is_none() {
        return Err(missing("tokenizer.ggml.bos_token_id"));
    }
    Ok(Described { tokenizer, bos, add_bos, eos })
}

/// What the kind of tokenizer implies.
struct Defaults {
    family: Family,
    bos: Option<u32>,
    eos: Option<u32>,
    add_bos: bool,
}

/// The kinds of `tokenizer.ggml.model`.
enum Family {
    /// `gpt2`: byte-level BPE.
    Bpe(&'static pre::Pre),
    /// `llama`: SentencePiece.
    Spm,
    /// `char`: symbols. Our own; llama.cpp has none.
    Chars,
}

impl Defaults {
    fn of(model: &str, metadata: &Metadata) -> Result<Self, EngineError> {
        match model {
            "gpt2" => {
                let merges = metadata.strings("tokenizer.ggml.merges").unwrap_or_default();
                let pre = pre::of_file(metadata.str("tokenizer.ggml.pre"), &merges)?;
                Ok(Self { family: Family::Bpe(pre), bos: None, eos: None, add_bos: pre.add_bos })
            }
            "llama" => Ok(Self { family: Family::Spm, bos: Some(SPM_BOS), eos: Some(SPM_EOS), add_bos: true }),
            "char" => Ok(Self { family: Family::Chars, bos: None, eos: None, add_bos: false }),
            other => Err(EngineError::UnsupportedModel(format!(
                "the tokenizer {other:?} (tokenizer.ggml.model) is not supported; supported are \"gpt2\" (byte-level \
                 BPE), \"llama\" (SentencePiece) and \"char\" (symbols)"
            ))),
        }
    }
}

fn kinds(metadata: &Metadata, texts: &[&str]) -> Result<Vec<TokenKind>, EngineError> {
    if texts.is_empty() {
        return Err(EngineError::BadModelFile("the vocabulary is empty".to_owned()));
    }
    let mut seen = HashSet::with_capacity(texts.len());
    if let Some(twice) = texts.iter().find(|text| !text.is_empty() && !seen.insert(**text)) {
        return Err(EngineError::BadModelFile(format!("the token {twice:?} occurs twice in the vocabulary")));
    }
    let kinds = match metadata.u32s("tokenizer.ggml.token_type") {
        Some(kinds) => kinds,
        None => return Ok(vec![TokenKind::Normal; texts.len()]),
    };
    same_length("tokenizer.ggml.token_type", kinds.len(), texts)?;
    Ok(kinds
        .into_iter()
        .zip(texts)
        .map(|(kind, text)| if text.is_empty() { TokenKind::Unused } else { kind_of(kind) })
        .collect())
}

/// The numbers of `tokenizer.ggml.token_type`.
fn kind_of(number: u32) -> TokenKind {
    match number {
        2 => TokenKind::Unknown,
        3 => TokenKind::Control,
        4 => TokenKind::UserDefined,
        5 => TokenKind::Unused,
        6 => TokenKind::Byte,
        // 1, and 0 for "undefined".
        _ => TokenKind::Normal,
    }
}

fn same_length(key: &str, len: usize, texts: &[&str]) -> Result<(), EngineError> {
    if len == texts.len() {
        return Ok(());
    }
    Err(EngineError::BadModelFile(format!("{key} has {len} entries, but the vocabulary has {} tokens", texts.len())))
}

fn missing(key: &str) -> EngineError {
    EngineError::BadModelFile(format!("the file has no {key}"))
}
