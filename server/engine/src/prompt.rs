//! Prompts as tokens: the one place that writes special tokens.

use crate::tokenizer::Tokenizer;
use crate::{EngineError, FimOrder, FimPrompt, Prompt};

/// How the loaded model wants to be asked.
#[derive(Clone, Debug)]
pub(crate) struct PromptFormat {
    /// Written at the beginning of every prompt.
    pub(crate) bos: Option<u32>,
    /// The token by which the end of a text is meant.
    pub(crate) eos: u32,
    /// All tokens that end an answer.
    pub(crate) ends: Vec<u32>,
    /// Fill-in-the-middle, where the model can.
    pub(crate) fim: Option<FimFormat>,
}

/// The markers of fill-in-the-middle.
#[derive(Clone, Debug)]
pub(crate) struct FimFormat {
    pub(crate) prefix: u32,
    pub(crate) suffix: u32,
    pub(crate) middle: u32,
    pub(crate) order: FimOrder,
}

impl PromptFormat {
    /// The tokens of a prompt for a context of `context_length` that has to hold `max_new_tokens` more.
    pub(crate) fn encode(
        &self,
        prompt: &Prompt,
        tokenizer: &Tokenizer,
        context_length: usize,
        max_new_tokens: usize,
    ) -> Result<Vec<u32>, EngineError> {
        let _ = max_new_tokens;
        let limit = context_length.saturating_sub(1);
        let mut tokens: Vec<u32> = self.bos.into_iter().collect();
        match (prompt, &self.fim) {
            (Prompt::Text(text), _) => tokens.extend(tokenizer.encode_plain(text)),
            (Prompt::Fim(prompt), Some(fim)) => fim.encode(prompt, tokenizer, &mut tokens),
            (Prompt::Fim(_), None) => {
                return Err(EngineError::InvalidRequest {
                    field: "prompt",
                    message: "the model cannot fill in the middle".to_owned(),
                });
            }
        }
        if tokens.is_empty() {
            return Err(EngineError::InvalidRequest { field: "prompt", message: "must not be empty".to_owned() });
        }
        if tokens.len() > limit {
            return Err(EngineError::ContextTooLong { tokens: tokens.len(), limit });
        }
        Ok(tokens)
    }
}

impl FimFormat {
    fn encode(&self, prompt: &FimPrompt, tokenizer: &Tokenizer, tokens: &mut Vec<u32>) {
        let prefix = tokenizer.encode_plain(&prompt.prefix);
        let suffix = tokenizer.encode_plain(&prompt.suffix);
        match self.order {
            FimOrder::Psm => {
                tokens.push(self.prefix);
                tokens.extend(prefix);
                tokens.push(self.suffix);
                tokens.extend(suffix);
                tokens.push(self.middle);
            }
            FimOrder::Spm => {
                tokens.extend([self.prefix, self.suffix]);
                tokens.extend(suffix);
                tokens.push(self.middle);
                tokens.extend(prefix);
            }
        }
    }
}
