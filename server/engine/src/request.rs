//! A request to the engine, in tokens' and prompts' words.

use std::ops::Range;
use std::time::Instant;

use crate::sampler::derive_seed;
use crate::{CancelToken, Constraint};

/// Who overtakes whom: a lower variant waits for a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Work nobody waits for.
    Background,
    /// An answer somebody asked for and watches arrive.
    Normal,
    /// Ghost text: somebody is typing.
    Interactive,
}

/// What the model reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Text to be continued as it stands. Special-token-like text in it is ordinary text.
    Text(String),
    /// A hole to be filled.
    Fim(FimPrompt),
    /// A conversation to be answered.
    Chat(ChatPrompt),
}

/// A conversation. The engine writes it by the chat template of the loaded model; a model without one refuses it
/// (`InvalidRequest` for `messages`), as does a template that does not know a role, or wants roles to alternate. What
/// looks like a special token in a message is ordinary text. Messages that do not fit into the context are refused
/// (`ContextTooLong`), never shortened: the caller knows which ones matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatPrompt {
    /// The messages, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Ends the prompt with the beginning of an answer. Without it the prompt ends as the template ends the last
    /// message.
    pub add_generation_prompt: bool,
    /// Name of one of the model's other templates (`tool_use`, `rag`); usually `None`.
    pub template: Option<String>,
}

impl ChatPrompt {
    /// A conversation that is to be answered, by the model's usual template.
    pub fn new(messages: Vec<ChatMessage>) -> Self {
        Self { messages, add_generation_prompt: true, template: None }
    }
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who says it.
    pub role: ChatRole,
    /// The text.
    pub content: String,
}

impl ChatMessage {
    /// A message.
    pub fn new(role: ChatRole, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChatRole {
    /// Instructions to the model.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
    /// The result of something that the model asked for.
    Tool,
}

/// A fill-in-the-middle prompt. The engine writes it in the format of the loaded model and, where it is too long for
/// the context, drops context files first, then the far ends of suffix and prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FimPrompt {
    /// Name of the language in lower case (`python`), for models that were trained with a header.
    pub language: Option<String>,
    /// Path of the file, for the same header.
    pub path: Option<String>,
    /// Other files' text, slowest-changing first.
    pub context: Vec<ContextFile>,
    /// Text before the hole.
    pub prefix: String,
    /// Lines of the prefix that are kept in front of it where its beginning does not fit, in order.
    pub landmarks: Vec<Landmark>,
    /// Length in bytes of the prefix's end that is being written, back to a line start; less than the last line is the
    /// last line. A model that reads the prefix first gets it behind the middle marker, as the beginning of the middle:
    /// while its start stays where it is, typing changes the end of the prompt only, new lines included, and everything
    /// before it stays in the KV cache. Suffix-first models need no such place.
    pub primer: usize,
    /// Text after the hole.
    pub suffix: String,
}

/// Lines of a prefix that explain what comes long after them: an import, the head of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landmark {
    /// Bytes of the prefix, whole lines.
    pub range: Range<usize>,
    /// Where what they explain ends: they are kept in front of a text that begins before.
    pub until: usize,
}

/// An excerpt of another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFile {
    /// Its path.
    pub path: String,
    /// The excerpt.
    pub text: String,
}

/// How a token is chosen. The filters apply in the order of the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplingParams {
    /// 0 is greedy; otherwise logits are divided by it.
    pub temperature: f32,
    /// Divides (multiplies, where negative) the logits of tokens that occur in the last 64; 1 is off.
    pub repetition_penalty: f32,
    /// Taken off a token's logit for each time it occurs in the answer so far, -2 to 2; 0 is off.
    pub frequency_penalty: f32,
    /// Taken off the logit of each token that occurs in the answer so far, -2 to 2; 0 is off.
    pub presence_penalty: f32,
    /// Added to the logits of single tokens, by id, -100 to 100. Ids that the model does not have are passed over.
    pub logit_bias: Vec<(u32, f32)>,
    /// Keeps the k most likely tokens; 0 is off.
    pub top_k: usize,
    /// Keeps the smallest set of tokens whose probability reaches p; 1 is off.
    pub top_p: f32,
    /// Drops tokens less likely than this share of the most likely one; 0 is off.
    pub min_p: f32,
    /// Seed of the random choice; the same seed repeats the same text.
    pub seed: u64,
}

impl Default for SamplingParams {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            repetition_penalty: 1.0,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            logit_bias: Vec::new(),
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: 0,
        }
    }
}

impl SamplingParams {
    /// The same parameters for one of several answers to one request: each has a seed of its own, whatever the number
    /// of answers. The first, 0, keeps the seed.
    #[must_use]
    pub fn for_answer(&self, index: usize) -> Self {
        Self { seed: derive_seed(self.seed, index as u64), ..self.clone() }
    }
}

/// One request.
pub struct GenerateRequest {
    /// What the model reads.
    pub prompt: Prompt,
    /// Most tokens to write.
    pub max_new_tokens: usize,
    /// How they are chosen.
    pub sampling: SamplingParams,
    /// Texts that end the generation; they are not part of the answer.
    pub stop: Vec<String>,
    /// When to end with what there is.
    pub deadline: Option<Instant>,
    /// Who overtakes whom.
    pub priority: Priority,
    /// What the answer has to be. When `max_new_tokens` or a stop text cuts it, it is the beginning of that.
    pub constraint: Option<Constraint>,
    /// Lets the model choose the prompt's last tokens again where they may be the beginning of a longer one (the prompt
    /// ends inside a word); the answer still begins where the prompt ends.
    pub heal: bool,
    /// A second opinion on each next token.
    pub predictor: Option<Box<dyn Predictor>>,
    /// Asks for each token's probability, and for this many of the most likely tokens in its place, at most 20.
    pub logprobs: Option<usize>,
    /// Guesses tokens that repeat the text so far and checks several in one pass. Changes speed, never a token (on the
    /// CPU; see `draft.rs`).
    pub speculate: bool,
    /// Goes on where the model would end the text: for measurements.
    pub ignore_eos: bool,
    /// Stops the work when tripped.
    pub cancel: CancelToken,
}

impl GenerateRequest {
    /// A greedy request of normal priority, without deadline or stop texts.
    pub fn new(prompt: Prompt, max_new_tokens: usize) -> Self {
        Self {
            prompt,
            max_new_tokens,
            sampling: SamplingParams::default(),
            stop: Vec::new(),
            deadline: None,
            priority: Priority::Normal,
            constraint: None,
            heal: false,
            predictor: None,
            logprobs: None,
            speculate: true,
            ignore_eos: false,
            cancel: CancelToken::new(),
        }
    }
}

/// A second opinion on the next token (a copy model, say), mixed with the model's own distribution:
/// `p = (1 - weight) * p_model + weight * p_predictor`.
pub trait Predictor: Send {
    /// What may follow the prefix and `generated`, the text written so far.
    fn predict(&mut self, generated: &str) -> Prediction;
}

/// What a [`Predictor`] says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Share of the mixture, 0 (no opinion) to 1.
    pub weight: f32,
    /// Possible continuations; their shares add up to 1.
    pub continuations: Vec<Continuation>,
}

/// One possible continuation.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuation {
    /// The text that would follow; empty where the predictor expects the end of the hole.
    pub text: String,
    /// Its probability among the continuations.
    pub share: f32,
}
