//! Prompts as tokens: the one place that knows special tokens.
//!
//! A fill-in-the-middle prompt is written in the form that the loaded model was trained on (`prompt/fim.rs` finds out
//! which), shortened to what fits (`prompt/budget.rs`), and always such that typing changes its end only: the KV cache
//! of everything before stays valid.
//!
//! Forms (`P` prefix, `S` suffix; `P0` is `P` up to a line start near its end and `P1` the rest, which is being written):
//!
//! - suffix first: `[header] <prefix><suffix> S <middle> P`, or `<suffix> S <prefix> P` (Codestral)
//! - prefix first: `[files] <prefix> P0 <suffix> S <middle> P1`: what is being written stands behind the middle marker, as
//!   if the hole began at that line start, so a keystroke does not move the suffix. Where it begins is the caller's to
//!   say ([`FimPrompt::primer`]); the last line alone would move it with each new line.

use std::sync::Arc;

use crate::gguf::Metadata;
use crate::tokenizer::{Described, Tokenizer};
use crate::{EngineError, FimOrder, FimPrompt, Prompt};

mod budget;
mod chat;
pub(crate) mod cut;
mod ends;
mod fim;

pub(crate) use chat::Chat;
use cut::{REPOSITORY, UNTITLED};
pub(crate) use fim::{FimFormat, RepositoryForm};

/// Names of the end of a text and of the prefix, suffix and middle markers, in the vocabulary of the scripted model.
pub(crate) const MARKERS: [&str; 4] = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];

/// How the loaded model wants to be asked.
#[derive(Clone, Debug)]
pub(crate) struct PromptFormat {
    /// Written at the beginning of every prompt.
    pub(crate) bos: Option<u32>,
    /// The token by which the end of a text is meant, where the vocabulary has one.
    pub(crate) eos: Option<u32>,
    /// All tokens that end an answer. None in a vocabulary of symbols that has no end.
    pub(crate) ends: Vec<u32>,
    /// Fill-in-the-middle, where the model can.
    pub(crate) fim: Option<FimFormat>,
    /// Conversations, where the model takes them; or why it does not.
    pub(crate) chat: Result<Arc<Chat>, String>,
}

impl PromptFormat {
    /// The format that a file's metadata describe; tokens that it uses become control tokens of the tokenizer.
    ///
    /// # Errors
    /// `BadModelFile` when nothing in the vocabulary ends a text.
    pub(crate) fn read(metadata: &Metadata, described: &mut Described) -> Result<Self, EngineError> {
        let fim = match FimFormat::read(metadata, &mut described.tokenizer) {
            Ok(fim) => Some(fim),
            Err(reason) => {
                tracing::warn!(%reason, "the model cannot fill in the middle");
                None
            }
        };
        let mut ends = ends::read(metadata, described)?;
        if let Some(fim) = &fim {
            // A model that goes on to another file, or pads, has ended this one.
            ends.extend([fim.file_separator, fim.repository, fim.pad, fim.end].into_iter().flatten());
        }
        let chat = Chat::read(metadata, described).map(Arc::new);
        if let Ok(chat) = &chat {
            ends.extend(chat.turn_end());
        }
        ends.sort_unstable();
        ends.dedup();
        let eos = described.eos.or_else(|| ends.first().copied());
        let bos = described.bos.filter(|_| described.add_bos);
        Ok(Self { bos, eos, ends, fim, chat })
    }

    /// The tokens of a prompt for a context of `context_length` that has to hold `max_new_tokens` more.
    ///
    /// # Errors
    /// `ContextTooLong`, or `InvalidRequest` for an empty text, for a hole that the model cannot fill, for messages that
    /// it does not take and for a character that its vocabulary cannot write.
    pub(crate) fn encode(
        &self,
        prompt: &Prompt,
        tokenizer: &Tokenizer,
        context_length: usize,
        max_new_tokens: usize,
    ) -> Result<Vec<u32>, EngineError> {
        let invalid = |message: &str| EngineError::InvalidRequest { field: "prompt", message: message.to_owned() };
        if let Some(char) = texts(prompt).into_iter().find_map(|text| tokenizer.unwritable(text)) {
            return Err(invalid(&format!(
                "the model's vocabulary has no symbol for {char:?} (U+{:04X})",
                u32::from(char)
            )));
        }
        let mut tokens: Vec<u32> = self.bos.into_iter().collect();
        let limit = match (prompt, &self.fim) {
            (Prompt::Text(text), _) => {
                tokens.extend(tokenizer.encode_plain(text));
                context_length.saturating_sub(1)
            }
            (Prompt::Fim(prompt), Some(fim)) => {
                // Room for the answer, but at least half of the context for what it is about.
                let limit = context_length - max_new_tokens.min(context_length / 2).max(1).min(context_length);
                fim.encode(prompt, tokenizer, limit, &mut tokens)?;
                limit
            }
            (Prompt::Chat(prompt), _) => {
                let chat = self
                    .chat
                    .as_ref()
                    .map_err(|reason| EngineError::InvalidRequest { field: "messages", message: reason.clone() })?;
                let rendered = chat.encode(prompt, tokenizer)?;
                // Most templates write the beginning of the text themselves.
                if rendered.first().is_some_and(|first| self.bos == Some(*first)) {
                    tokens.clear();
                }
                tokens.extend(rendered);
                context_length.saturating_sub(1)
            }
            (Prompt::Fim(_), None) => return Err(invalid("the model cannot fill in the middle")),
        };
        if tokens.is_empty() {
            return Err(invalid("must not be empty"));
        }
        if tokens.len() > limit {
            return Err(EngineError::ContextTooLong { tokens: tokens.len(), limit });
        }
        Ok(tokens)
    }
}

/// The texts that a prompt must hold whole.
fn texts(prompt: &Prompt) -> Vec<&str> {
    match prompt {
        Prompt::Text(text) => vec![text],
        Prompt::Fim(hole) => vec![&hole.prefix, &hole.suffix],
        Prompt::Chat(chat) => chat.messages.iter().map(|message| message.content.as_str()).collect(),
    }
}

impl FimFormat {
    /// Appends the prompt, which then has at most `limit` tokens.
    fn encode(
        &self,
        prompt: &FimPrompt,
        tokenizer: &Tokenizer,
        limit: usize,
        tokens: &mut Vec<u32>,
    ) -> Result<(), EngineError> {
        let header = self.header(prompt, tokenizer);
        let files = self.files(prompt, tokenizer);
        let fixed = tokens.len() + header.len() + 3;
        let room = limit.checked_sub(fixed).ok_or(EngineError::ContextTooLong { tokens: fixed, limit })?;
        let budget::Fitted { files, title, prefix, primer, suffix } =
            budget::fit(prompt, files, tokenizer, self.order, room);
        tokens.extend(header);
        tokens.extend(files);
        match (self.order, self.middle) {
            (FimOrder::Psm, middle) => {
                tokens.push(self.prefix);
                tokens.extend(title);
                tokens.extend(prefix);
                tokens.push(self.suffix);
                tokens.extend(suffix);
                tokens.extend(middle);
            }
            (FimOrder::Spm, Some(middle)) => {
                tokens.extend([self.prefix, self.suffix]);
                tokens.extend(suffix);
                tokens.push(middle);
                tokens.extend(title);
            }
            (FimOrder::Spm, None) => {
                tokens.push(self.suffix);
                tokens.extend(suffix);
                tokens.push(self.prefix);
                tokens.extend(title);
            }
        }
        tokens.extend(primer);
        Ok(())
    }

    /// What the built-in model was trained to see first: language and path.
    fn header(&self, prompt: &FimPrompt, tokenizer: &Tokenizer) -> Vec<u32> {
        let (true, Some(separator)) = (self.lang_path_header, self.file_separator) else { return Vec::new() };
        let known: Vec<&str> = [&prompt.language, &prompt.path].into_iter().flatten().map(String::as_str).collect();
        if known.is_empty() {
            return Vec::new();
        }
        let mut tokens = vec![separator];
        tokens.extend(tokenizer.encode_plain(&format!("{}\n", known.join(" "))));
        tokens
    }

    /// Other files' text, where the model knows how: one part a file, and what goes before this file last.
    fn files(&self, prompt: &FimPrompt, tokenizer: &Tokenizer) -> budget::Files {
        let (Some(separator), Some(repository), false) =
            (self.file_separator, self.repository, self.lang_path_header || prompt.context.is_empty())
        else {
            return budget::Files::default();
        };
        let file = |path: &str, text: &str| {
            let mut tokens = vec![separator];
            tokens.extend(tokenizer.encode_plain(&format!("{path}\n{text}")));
            tokens
        };
        let parts = prompt.context.iter().map(|context| file(&context.path, &context.text)).collect();
        let path = prompt.path.as_deref().unwrap_or(UNTITLED);
        let (repository_name, closing, title) = match self.repository_form {
            RepositoryForm::PathOutside => (format!("{REPOSITORY}\n"), file(path, ""), Vec::new()),
            RepositoryForm::PathInside => {
                (REPOSITORY.to_owned(), vec![separator], tokenizer.encode_plain(&format!("{path}\n")))
            }
        };
        let mut opening = vec![repository];
        opening.extend(tokenizer.encode_plain(&repository_name));
        budget::Files { opening, parts, closing, title }
    }
}

#[cfg(test)]
mod tests;
