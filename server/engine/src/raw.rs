//! A model and its tokenizer without the engine around them: token ids in, logits out. For the comparison with other
//! runners under `tests/reference`, the benchmarks, the fuzz target and `assist`'s example `followers`; nothing in the
//! product uses it, and only the cargo feature `raw` builds it.

use std::path::Path;

use crate::gguf::GgufFile;
use crate::healing::{Healing, SortedVocab};
use crate::model::{LoadLimits, Memory, Model, Sequence, Span, load};
use crate::prompt::PromptFormat;
use crate::tokenizer::{self, Tokenizer};
use crate::{ChatPrompt, EngineError, KvCacheType, Prompt};

#[cfg(feature = "fuzzing")]
pub mod fuzz;
mod product;

pub use product::Product;

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

/// A file's tokenizer and prompt forms.
pub struct RawTokenizer {
    tokenizer: Tokenizer,
    format: PromptFormat,
    sorted_vocab: SortedVocab,
}

/// Text that was taken back from a prompt, to be written again.
pub struct RawHealing(Healing);

impl RawTokenizer {
    /// Reads the tokenizer of a GGUF file, which may hold nothing else.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let file = GgufFile::open(path)?;
        let mut described = tokenizer::read(file.metadata())?;
        let format = PromptFormat::read(file.metadata(), &mut described)?;
        let sorted_vocab = SortedVocab::new(described.tokenizer.vocab());
        Ok(Self { tokenizer: described.tokenizer, format, sorted_vocab })
    }

    /// The tokens of a text, without any that are not text.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode_plain(text)
    }

    /// The tokens of a text that continues another.
    pub fn encode_continuation(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode_continuation(text)
    }

    /// The token that a predictor's continuation begins with: the end of a text for an empty one.
    pub fn first_of_continuation(&self, text: &str) -> Option<u32> {
        if text.is_empty() { self.format.eos } else { self.tokenizer.first_of_continuation(text, &[]) }
    }

    /// The tokens of a prompt as the engine shortens it for a context that has to hold an answer of so many tokens too.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn encode_prompt_within(
        &self,
        prompt: &Prompt,
        context_length: usize,
        max_new_tokens: usize,
    ) -> Result<Vec<u32>, EngineError> {
        self.format.encode(prompt, &self.tokenizer, context_length, max_new_tokens)
    }

    /// Takes the last tokens back from a prompt, as the engine does where a request asks for healing.
    pub fn heal(&self, prompt: &mut Vec<u32>) -> RawHealing {
        let (kept, healing) = Healing::begin(prompt, self.tokenizer.vocab(), &self.sorted_vocab);
        prompt.truncate(kept);
        RawHealing(healing)
    }

    /// Makes the tokens impossible that do not agree with what was taken back.
    pub fn restrict(&self, healing: &RawHealing, logits: &mut [f32]) {
        if let Some(allowed) = healing.0.allowed(self.tokenizer.vocab(), &self.sorted_vocab) {
            allowed.restrict(logits);
        }
    }

    /// What a token adds to an answer, whose first ones write again what was taken back.
    pub fn accept(&self, healing: &mut RawHealing, token: u32) -> String {
        String::from_utf8_lossy(healing.0.accept(self.tokenizer.vocab().written(token))).into_owned()
    }

    /// The tokens of a prompt of any length.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn encode_prompt(&self, prompt: &Prompt) -> Result<Vec<u32>, EngineError> {
        self.encode_prompt_within(prompt, usize::from(u16::MAX) * 64, 1)
    }

    /// The text of a conversation before its markers become tokens.
    ///
    /// # Errors
    /// Why the model does not take it.
    pub fn render(&self, prompt: &ChatPrompt) -> Result<String, EngineError> {
        match &self.format.chat {
            Ok(chat) => chat.render(prompt),
            Err(reason) => Err(EngineError::UnsupportedModel(reason.clone())),
        }
    }

    /// What tokens write.
    pub fn decode(&self, tokens: &[u32]) -> String {
        self.text(tokens, |id| self.tokenizer.vocab().written(id))
    }

    /// Tokens as text, with the names of markers.
    pub fn show(&self, tokens: &[u32]) -> String {
        self.text(tokens, |id| self.tokenizer.vocab().name(id))
    }

    fn text<'a>(&self, tokens: &[u32], bytes: impl Fn(u32) -> &'a [u8]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|id| bytes(*id)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl RawHealing {
    /// What is still to be written again; `None` where that is no whole characters.
    pub fn rest(&self) -> Option<&str> {
        std::str::from_utf8(self.0.rest()).ok()
    }
}
