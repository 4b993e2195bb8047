//! Conversations as text and as tokens, for comparison with other implementations (`tests/reference/chat.py`).
//!
//! ```text
//! chat MODEL.gguf < CONVERSATIONS
//! ```
//! Standard input has one JSON object a line: `messages`, each with `role` and `content`, and `add_generation_prompt`.
//! For each one JSON object is written: the rendered `text` and the `ids`, or an `error`.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::Path;

use engine::raw::RawTokenizer;
use engine::{ChatMessage, ChatPrompt, ChatRole, EngineError, Prompt};
use serde_json::{Value, json};

fn message(value: &Value) -> Result<ChatMessage, String> {
    let role = match value["role"].as_str() {
        Some("system") => ChatRole::System,
        Some("user") => ChatRole::User,
        Some("assistant") => ChatRole::Assistant,
        Some("tool") => ChatRole::Tool,
        other => return Err(format!("the role {other:?} is unknown")),
    };
    Ok(ChatMessage::new(role, value["content"].as_str().ok_or("a message has no content")?))
}

fn answer(tokenizer: &RawTokenizer, prompt: ChatPrompt) -> Result<Value, EngineError> {
    let text = tokenizer.render(&prompt)?;
    let ids = tokenizer.encode_prompt(&Prompt::Chat(prompt))?;
    Ok(json!({ "text": text, "ids": ids, "shown": tokenizer.show(&ids) }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let model = std::env::args().nth(1).ok_or("the path of a model is missing")?;
    let tokenizer = RawTokenizer::open(Path::new(&model))?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let conversation: Value = serde_json::from_str(&line?)?;
        let messages = conversation["messages"].as_array().ok_or("a conversation has no messages")?;
        let prompt = ChatPrompt {
            messages: messages.iter().map(message).collect::<Result<_, _>>()?,
            add_generation_prompt: conversation["add_generation_prompt"].as_bool().unwrap_or(true),
            template: None,
        };
        let answer = answer(&tokenizer, prompt).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(out, "{answer}")?;
    }
    Ok(())
}
