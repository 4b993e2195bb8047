//! A request in the words of the server that it goes to; what is particular to holes is in `body/fim.rs`.
//!
//! Only what differs from the server's defaults is sent: the strict ones refuse fields that they do not know, and values
//! that say nothing (`top_p` of 1).

use serde_json::{Map, Value, json};

use super::fit::estimated_bytes;
use crate::{ChatPrompt, ChatRole, Constraint, EngineError, GenerateRequest, Prompt, SamplingParams};

mod fim;

pub(super) use fim::Fim;

/// Stop texts that OpenAI and TGI take; the rest is looked for here.
const FEW_STOP_TEXTS: usize = 4;

/// Which server it is, where that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Vllm,
    LlamaCpp,
    Tgi,
    Ollama,
    Ropewalk,
    /// Any other: the OpenAI dialect and nothing else.
    OpenAi,
}

impl Dialect {
    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vllm => "vLLM",
            Self::LlamaCpp => "llama.cpp",
            Self::Tgi => "TGI",
            Self::Ollama => "Ollama",
            Self::Ropewalk => "ropewalk",
            Self::OpenAi => "OpenAI dialect",
        }
    }
}

/// A server as far as requests depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) dialect: Dialect,
    /// The model's name there.
    pub(super) model: String,
    pub(super) fim: Option<Fim>,
    /// Tokens of context.
    pub(super) context_length: usize,
}

/// Paths of requests.
const COMPLETIONS: &str = "v1/completions";
pub(super) const CHAT: &str = "v1/chat/completions";
const INFILL: &str = "infill";

/// A request ready to be sent.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) path: &'static str,
    pub(super) json: Value,
    /// Bytes of the prompt.
    pub(super) prompt_bytes: usize,
}

impl Server {
    /// Writes a request.
    ///
    /// # Errors
    /// `InvalidRequest` for a hole that the model cannot fill, and for a conversation or a constraint that the server
    /// cannot be sent.
    pub(super) fn body(&self, request: &GenerateRequest) -> Result<Body, EngineError> {
        let mut fields = Map::new();
        let (path, prompt_bytes) = match (&request.prompt, &self.fim) {
            (Prompt::Text(text), _) => {
                fields.insert("prompt".to_owned(), text.as_str().into());
                (COMPLETIONS, text.len())
            }
            (Prompt::Chat(prompt), _) => (CHAT, self.chat(prompt, &mut fields)?),
            (Prompt::Fim(prompt), Some(fim)) => {
                let room = estimated_bytes(self.prompt_tokens(request.max_new_tokens));
                fim.write(prompt, room, &mut fields)
            }
            (Prompt::Fim(_), None) => {
                let message = format!(
                    "the server does not fill holes with {}; name the model's markers as `fim` below [remote] in ropewalk.toml",
                    self.model
                );
                return Err(EngineError::InvalidRequest { field: "prompt", message });
            }
        };
        fields.insert("model".to_owned(), self.model.as_str().into());
        if path == INFILL {
            fields.insert("n_predict".to_owned(), request.max_new_tokens.into());
        } else {
            fields.insert("max_tokens".to_owned(), request.max_new_tokens.into());
            fields.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        fields.insert("stream".to_owned(), true.into());
        self.sampling(&request.sampling, &mut fields);
        self.stop_texts(&request.stop, &mut fields);
        if let Some(constraint) = &request.constraint {
            self.constraint(constraint, path, &mut fields)?;
        }
        self.extras(request, path, &mut fields);
        Ok(Body { path, json: Value::Object(fields), prompt_bytes })
    }

    /// A conversation, which the server writes by the model's template; bytes of its text.
    fn chat(&self, prompt: &ChatPrompt, fields: &mut Map<String, Value>) -> Result<usize, EngineError> {
        let ChatPrompt { messages, add_generation_prompt, template } = prompt;
        let refused = |message: &str| EngineError::InvalidRequest { field: "messages", message: message.to_owned() };
        if template.is_some() {
            return Err(refused("a model on a server has one chat template"));
        }
        match (add_generation_prompt, self.dialect) {
            (true, _) => {}
            (false, Dialect::Vllm | Dialect::LlamaCpp) => {
                fields.insert("add_generation_prompt".to_owned(), false.into());
            }
            (false, _) => return Err(refused("the server begins an answer to every conversation")),
        }
        let written = messages.iter().map(|message| {
            let role = match message.role {
                ChatRole::System => "system",
                ChatRole::User => "user",
                ChatRole::Assistant => "assistant",
                ChatRole::Tool => "tool",
            };
            json!({"role": role, "content": message.content})
        });
        fields.insert("messages".to_owned(), written.collect());
        Ok(messages.iter().map(|message| message.content.len()).sum())
    }

    /// What the answer has to be. Where a server would ignore it, it is refused.
    fn constraint(
        &self,
        constraint: &Constraint,
        path: &str,
        fields: &mut Map<String, Value>,
    ) -> Result<(), EngineError> {
        let refused = |message: String| EngineError::InvalidRequest { field: "constraint", message };
        let schema = match constraint {
            Constraint::JsonObject => None,
            Constraint::JsonSchema(text) => {
                Some(serde_json::from_str::<Value>(text).map_err(|error| refused(format!("is no JSON ({error})")))?)
            }
            Constraint::Regex(_) | Constraint::Lark(_) => {
                return Err(refused("a model on a server takes JSON schemas alone".to_owned()));
            }
        };
        let (key, value) = match (self.dialect, path, schema) {
            (Dialect::LlamaCpp, COMPLETIONS | INFILL, schema) => {
                ("json_schema", schema.unwrap_or_else(|| json!({"type": "object"})))
            }
            (Dialect::Vllm, COMPLETIONS, Some(schema)) | (_, CHAT, Some(schema)) => {
                let named = json!({"name": "answer", "schema": schema, "strict": true});
                ("response_format", json!({"type": "json_schema", "json_schema": named}))
            }
            (Dialect::Vllm, COMPLETIONS, None) | (_, CHAT, None) => ("response_format", json!({"type": "json_object"})),
            _ => {
                let server = self.dialect.name();
                return Err(refused(format!("a server of the kind {server} holds conversations alone to a schema")));
            }
        };
        fields.insert(key.to_owned(), value);
        Ok(())
    }

    /// Tokens that a prompt may have: room for the answer, but at least half of the context for what it is about.
    fn prompt_tokens(&self, max_new_tokens: usize) -> usize {
        self.context_length - max_new_tokens.min(self.context_length / 2)
    }

    fn sampling(&self, sampling: &SamplingParams, fields: &mut Map<String, Value>) {
        let SamplingParams { temperature, repetition_penalty, top_k, top_p, min_p, seed, .. } = *sampling;
        let SamplingParams { frequency_penalty, presence_penalty, logit_bias, .. } = sampling;
        let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
        put("temperature", decimal(temperature));
        if temperature > 0.0 {
            if top_p < 1.0 {
                put("top_p", decimal(top_p));
            }
            // Servers have 31, 32 and 63 bits for it.
            put("seed", (seed & 0x7fff_ffff).into());
        }
        if *frequency_penalty != 0.0 {
            put("frequency_penalty", decimal(*frequency_penalty));
        }
        if *presence_penalty != 0.0 {
            put("presence_penalty", decimal(*presence_penalty));
        }
        if !logit_bias.is_empty() {
            put("logit_bias", logit_bias.iter().map(|(token, bias)| (token.to_string(), decimal(*bias))).collect());
        }
        let penalty = match self.dialect {
            Dialect::Vllm => "repetition_penalty",
            Dialect::LlamaCpp | Dialect::Ropewalk => "repeat_penalty",
            Dialect::Tgi | Dialect::Ollama | Dialect::OpenAi => return,
        };
        if temperature > 0.0 && top_k > 0 {
            put("top_k", top_k.into());
        }
        if temperature > 0.0 && min_p > 0.0 {
            put("min_p", decimal(min_p));
        }
        if repetition_penalty != 1.0 {
            put(penalty, decimal(repetition_penalty));
        }
    }

    /// The server stops at these so that it does not work in vain; what counts is the search here.
    fn stop_texts(&self, stop: &[String], fields: &mut Map<String, Value>) {
        let most = match self.dialect {
            Dialect::Tgi | Dialect::OpenAi => FEW_STOP_TEXTS,
            Dialect::Vllm | Dialect::LlamaCpp | Dialect::Ollama | Dialect::Ropewalk => usize::MAX,
        };
        if !stop.is_empty() {
            fields.insert("stop".to_owned(), stop.iter().take(most).map(String::as_str).collect());
        }
    }

    /// What only some servers know: probabilities of the tokens chosen, the cache, and going on behind the end.
    fn extras(&self, request: &GenerateRequest, path: &str, fields: &mut Map<String, Value>) {
        let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
        match self.dialect {
            Dialect::LlamaCpp if path == INFILL => {
                put("n_probs", 1.into());
                put("cache_prompt", true.into());
            }
            Dialect::LlamaCpp => {
                put("logprobs", if path == CHAT { true.into() } else { 1.into() });
                put("cache_prompt", true.into());
            }
            Dialect::Vllm => {
                put("logprobs", if path == CHAT { true.into() } else { 0.into() });
            }
            Dialect::Ropewalk if path == COMPLETIONS => {
                put("logprobs", 0.into());
            }
            Dialect::Tgi | Dialect::Ollama | Dialect::Ropewalk | Dialect::OpenAi => {}
        }
        if request.ignore_eos && matches!(self.dialect, Dialect::LlamaCpp | Dialect::Vllm) {
            put("ignore_eos", true.into());
        }
    }
}

/// A number as people write it: an `f32` of 0.7 is not 0.699999988079071.
fn decimal(value: f32) -> Value {
    ((f64::from(value) * 1e6).round() / 1e6).into()
}

#[cfg(test)]
mod tests;
