//! A model and its tokenizer without the engine around them: token ids in, logits out. For the comparison with other runners under
//! `tests/reference`; nothing in the product uses it.

use std::path::Path;

use crate::gguf::GgufFile;
use crate::model::{LoadLimits, Memory, Model, Sequence, Span, load};
use crate::prompt::PromptFormat;
use crate::tokenizer::{self, Tokenizer};
use crate::{EngineError, KvCacheType};

/// A model and one sequence.
pub struct RawModel {
    model: Box<dyn Model>,
    sequence: Sequence,
    prefill_chunk: usize,
}

impl RawModel {
    /// Loads a GGUF file.
    ///
    /// # Errors
    /// Why it could not be loaded.
    pub fn open(path: &Path, max_context: usize, threads: usize, prefill_chunk: usize) -> Result<Self, EngineError> {
        Self::load(
            &GgufFile::open(path)?,
            LoadLimits { max_context, threads, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 },
            prefill_chunk,
        )
    }

    pub(crate) fn load(file: &GgufFile, limits: LoadLimits, prefill_chunk: usize) -> Result<Self, EngineError> {
        let model = load(file, limits, &mut |_| {})?;
        let sequence = model.kv_pool().sequence();
        Ok(Self { model, sequence, prefill_chunk })
    }

    /// Appends tokens, `prefill_chunk` of them in a pass, and writes the logits of the last one.
    ///
    /// # Errors
    /// When the context is full or a token is out of range; nothing is appended then.
    pub fn forward(&mut self, tokens: &[u32], logits: &mut Vec<f32>) -> Result<(), EngineError> {
        let len = self.sequence.len();
        let mut rest = tokens;
        loop {
            let (chunk, others) = rest.split_at(rest.len().min(self.prefill_chunk.max(1)));
            let wanted = usize::from(others.is_empty()).min(chunk.len());
            let mut spans = [Span { sequence: &mut self.sequence, tokens: chunk, wanted }];
            if let Err(error) = self.model.forward(&mut spans, logits, &|| false) {
                self.sequence.truncate(len);
                return Err(error);
            }
            if others.is_empty() {
                return Ok(());
            }
            rest = others;
        }
    }

    /// Forgets every position from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.sequence.truncate(len);
    }

    /// Positions so far.
    #[cfg(test)]
    pub(crate) fn position(&self) -> usize {
        self.sequence.len()
    }

    /// The model itself.
    #[cfg(test)]
    pub(crate) fn model(&mut self) -> &mut dyn Model {
        &mut *self.model
    }
}

/// A file's tokenizer.
pub struct RawTokenizer(Tokenizer);

impl RawTokenizer {
    /// Reads the tokenizer of a GGUF file, which may hold nothing else.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let file = GgufFile::open(path)?;
        let mut described = tokenizer::read(file.metadata())?;
        // Markers that the file does not call so are none of the text's tokens.
        PromptFormat::read(file.metadata(), &mut described)?;
        Ok(Self(described.tokenizer))
    }

    /// The tokens of a text, without any that are not text.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        self.0.encode_plain(text)
    }

    /// What tokens write.
    pub fn decode(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|id| self.0.vocab().written(*id)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
