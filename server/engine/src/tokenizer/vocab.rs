//! The vocabulary as a table: which bytes a token writes, and of what kind it is.

use std::collections::HashMap;

use crate::EngineError;

/// The kinds of `tokenizer.ggml.token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Text.
    Normal,
    /// Stands for text that the vocabulary cannot write.
    Unknown,
    /// A marker between texts; it writes nothing and no text encodes to it.
    Control,
    /// Text that is never split.
    UserDefined,
    /// A hole in the numbering.
    Unused,
    /// One byte.
    Byte,
}

/// A token as a model file describes it, its text decoded to the bytes that it writes.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The bytes it writes; for a control token its name.
    pub(crate) bytes: Vec<u8>,
    /// Its kind.
    pub(crate) kind: TokenKind,
}

/// All tokens; the id is the index.
#[derive(Debug)]
pub(crate) struct Vocab {
    /// All tokens' bytes, one after the other.
    bytes: Vec<u8>,
    /// Where each token's bytes end.
    ends: Vec<u32>,
    kinds: Vec<TokenKind>,
    /// Ids of the tokens that are not ordinary text, by name.
    named: HashMap<Vec<u8>, u32>,
}

impl Vocab {
    /// A table of `tokens`.
    pub(crate) fn new(tokens: &[Token]) -> Result<Self, EngineError> {
        let mut vocab = Self { bytes: Vec::new(), ends: Vec::new(), kinds: Vec::new(), named: HashMap::new() };
        for (id, token) in (0_u32..).zip(tokens) {
            vocab.bytes.extend_from_slice(&token.bytes);
            let end = u32::try_from(vocab.bytes.len())
                .map_err(|_| EngineError::BadModelFile("the vocabulary has more than 4 GiB of text".to_owned()))?;
            vocab.ends.push(end);
            vocab.kinds.push(token.kind);
            if matches!(token.kind, TokenKind::Control | TokenKind::UserDefined | TokenKind::Unknown) {
                // The first of several equal names counts, as in llama.cpp.
                vocab.named.entry(token.bytes.clone()).or_insert(id);
            }
        }
        Ok(vocab)
    }

    /// Number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Kind of a token; `Unused` outside the vocabulary.
    pub(crate) fn kind(&self, id: u32) -> TokenKind {
        self.kinds.get(id as usize).copied().unwrap_or(TokenKind::Unused)
    }

    /// A token's bytes; for a control token its name.
    pub(crate) fn name(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let Some(end) = self.ends.get(id) else { return &[] };
        let start = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.bytes[start as usize..*end as usize]
    }

    /// The bytes that a token writes into the answer: none for one that is not text.
    pub(crate) fn written(&self, id: u32) -> &[u8] {
        match self.kind(id) {
            TokenKind::Normal | TokenKind::UserDefined | TokenKind::Byte => self.name(id),
            TokenKind::Unknown | TokenKind::Control | TokenKind::Unused => &[],
        }
    }

    /// Id of a control, user-defined or unknown token.
    pub(crate) fn named(&self, name: &str) -> Option<u32> {
        self.named.get(name.as_bytes()).copied()
    }

    /// Id of a token of any kind, by its text with `▁` or a space: old files call even markers ordinary text.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        let text = name.replace('▁', " ");
        let is_it = |id: &u32| [name.as_bytes(), text.as_bytes()].contains(&self.name(*id));
        self.named(name).or_else(|| (0_u32..).zip(&self.kinds).map(|(id, _)| id).find(is_it))
    }

    /// Makes a token a control token: model files do not always mark the ones that prompts use.
    pub(crate) fn make_control(&mut self, id: u32) {
        if let Some(kind) = self.kinds.get_mut(id as usize) {
            *kind = TokenKind::Control;
        }
    }

    /// The tokens that are not text.
    pub(crate) fn silent(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.kinds).filter_map(|(id, kind)| {
            matches!(kind, TokenKind::Control | TokenKind::Unknown | TokenKind::Unused).then_some(id)
        })
    }
}
