//! Conversations as tokens, by the chat template that the model file carries.
//!
//! The template is rendered as text (`chat/template.rs`) and its markers become control tokens. The messages' texts
//! must not: what looks like a marker in a message stays text, or any document that somebody asks about could end its
//! turn and speak for the system. So each name of a marker in a message is broken by a character that occurs nowhere
//! else before the template sees it, and put together again when the markers have been read. Templates that trim or
//! test messages do not notice.

use std::collections::BTreeSet;

use crate::gguf::Metadata;
use crate::tokenizer::{Described, Fixed, Part, TokenKind, Tokenizer};
use crate::{ChatMessage, ChatPrompt, ChatRole, EngineError};

mod json;
mod strftime;
mod template;

use template::{LONGEST_TEMPLATE, LONGEST_TEXT, Names, Template};

/// How the loaded model takes a conversation.
#[derive(Debug)]
pub(crate) struct Chat {
    /// The templates by name; that of no name first.
    templates: Vec<(String, Template)>,
    markers: Fixed,
    names: Names,
}

impl Chat {
    /// The templates of a file; or why there are none.
    pub(super) fn read(metadata: &Metadata, described: &Described) -> Result<Self, String> {
        let mut sources = Vec::new();
        if let Some(source) = metadata.str("tokenizer.chat_template") {
            sources.push((String::new(), source));
        }
        for name in metadata.strings("tokenizer.chat_templates").unwrap_or_default() {
            if let Some(source) = metadata.str(&format!("tokenizer.chat_template.{name}")) {
                sources.push((name.to_owned(), source));
            }
        }
        if sources.is_empty() {
            return Err(
                "the model has no chat template (tokenizer.chat_template): it continues text and fills holes, \
                        but was not trained to converse"
                    .to_owned(),
            );
        }
        let vocab = described.tokenizer.vocab();
        let text = |id: u32| String::from_utf8_lossy(vocab.name(id)).into_owned();
        // What a template writes and text must not. Older files call markers user-defined; other tokens of that kind
        // (`<think>`) are text, which templates look for in answers.
        let markers = (0_u32..).zip(0..vocab.len()).filter_map(|(id, _)| {
            let is_marker = match vocab.kind(id) {
                TokenKind::Control | TokenKind::Unknown => true,
                TokenKind::UserDefined => {
                    let name = text(id);
                    (name.starts_with("<|") || name.starts_with("<｜"))
                        && sources.iter().any(|(_, source)| source.contains(&name))
                }
                TokenKind::Normal | TokenKind::Unused | TokenKind::Byte => false,
            };
            is_marker.then(|| (text(id), id))
        });
        let markers: Vec<(String, u32)> = markers.collect();
        let stripped: Vec<u32> = match strips_behind_markers(metadata) {
            true => {
                markers.iter().filter(|(name, _)| !UNSTRIPPED.contains(&name.as_str())).map(|(_, id)| *id).collect()
            }
            false => Vec::new(),
        };
        let mut markers = Fixed::new(markers).map_err(|error| error.to_string())?;
        stripped.into_iter().for_each(|id| markers.strip_behind(id));
        let templates = sources.into_iter().map(|(name, source)| Ok((name, Template::new(source)?)));
        let templates = templates.collect::<Result<_, String>>()?;
        Ok(Self { templates, markers, names: Names { bos: described.bos.map(text), eos: described.eos.map(text) } })
    }

    /// The tokens of a conversation, as the template has them.
    pub(super) fn encode(&self, prompt: &ChatPrompt, tokenizer: &Tokenizer) -> Result<Vec<u32>, EngineError> {
        let template = self.template(prompt.template.as_deref())?;
        let guard = guard(template, &prompt.messages)?;
        let shielded: Vec<ChatMessage> = prompt
            .messages
            .iter()
            .map(|message| ChatMessage {
                role: message.role,
                content: shield(&message.content, self.markers.names(), &self.markers, guard),
            })
            .collect();
        let rendered = template
            .render(&shielded, prompt.add_generation_prompt, &self.names, LONGEST_TEXT)
            .map_err(|reason| invalid(format!("the model's chat template does not take them: {reason}")))?;
        Ok(self.tokens(&rendered, guard, tokenizer))
    }

    /// The text of a conversation, for comparison with other implementations.
    #[cfg(any(test, feature = "raw"))]
    pub(crate) fn render(&self, prompt: &ChatPrompt) -> Result<String, EngineError> {
        self.template(prompt.template.as_deref())?
            .render(&prompt.messages, prompt.add_generation_prompt, &self.names, LONGEST_TEXT)
            .map_err(invalid)
    }

    fn template(&self, name: Option<&str>) -> Result<&Template, EngineError> {
        let found = match name {
            // A file may have named ones only; then the first is the one.
            None => self.templates.first(),
            Some(name) => self.templates.iter().find(|(known, _)| known == name),
        };
        found.map(|(_, template)| template).ok_or_else(|| {
            let known: Vec<&str> = self.templates.iter().map(|(name, _)| name.as_str()).collect();
            invalid(format!("the model has no chat template {:?}; it has {known:?}", name.unwrap_or_default()))
        })
    }

    /// The token that ends an answer: what the template writes behind one, where that is a marker.
    pub(super) fn turn_end(&self) -> Option<u32> {
        const ANSWER: &str = "ropewalk-answer";
        let message = |role, content: &str| ChatMessage { role, content: content.to_owned() };
        let messages =
            vec![message(ChatRole::User, "a"), message(ChatRole::Assistant, ANSWER), message(ChatRole::User, "b")];
        let (_, template) = self.templates.first()?;
        // Three letters: what is longer than any template is no conversation. This happens at every load.
        let rendered = template.render(&messages, true, &self.names, LONGEST_TEMPLATE).ok()?;
        let mut end = None;
        self.markers.cut(rendered.split_once(ANSWER)?.1, |part| match part {
            Part::Token(id) => end = end.or(Some(id)),
            Part::Text(_) => {}
        });
        end
    }

    /// Markers as control tokens, all else as text.
    fn tokens(&self, rendered: &str, guard: char, tokenizer: &Tokenizer) -> Vec<u32> {
        let whole = rendered.replace(guard, "");
        let ids = |text: &str| {
            let mut ids = Vec::new();
            self.markers.cut(text, |part| {
                if let Part::Token(id) = part {
                    ids.push(id);
                }
            });
            ids
        };
        // No message looks like a marker: the guards may go, and the text is tokenized as any other is.
        let rendered = if ids(rendered) == ids(&whole) { whole.as_str() } else { rendered };
        let mut tokens = Vec::new();
        self.markers.cut(rendered, |part| match part {
            Part::Token(id) => tokens.push(id),
            Part::Text(text) => {
                for (index, text) in text.split(guard).enumerate() {
                    tokens.extend(match index {
                        0 => tokenizer.encode_plain(text),
                        _ => tokenizer.encode_continuation(text),
                    });
                }
            }
        });
        tokens
    }
}

/// Whether white space behind a marker is left out, as Phi-3 was trained: its template writes line ends there. Files do
/// not carry the attributes of single tokens, so the rule is llama.cpp's (`llama-vocab.cpp`, "Handle per token
/// attributes"): by the model's name. Its other rules are about masks of encoders.
fn strips_behind_markers(metadata: &Metadata) -> bool {
    let name = metadata.str("general.name").unwrap_or_default().to_ascii_lowercase();
    ["phi-3", "phi3"].iter().any(|model| name.contains(model))
}

/// Markers of those models that leave the white space behind them.
const UNSTRIPPED: [&str; 3] = ["<unk>", "<s>", "<|endoftext|>"];

fn invalid(message: String) -> EngineError {
    EngineError::InvalidRequest { field: "messages", message }
}

/// A character that occurs nowhere in the template and the messages: one of those that Unicode keeps free for such
/// uses.
fn guard(template: &Template, messages: &[ChatMessage]) -> Result<char, EngineError> {
    let texts = || messages.iter().map(|message| message.content.as_str()).chain([template.source()]);
    ('\u{fdd0}'..='\u{fdef}')
        .chain('\u{e000}'..='\u{f8ff}')
        .find(|guard| !texts().any(|text| text.contains(*guard)))
        .ok_or_else(|| invalid("they hold every character that is kept free for internal use".to_owned()))
}

/// A text with a guard in every marker's name, and in what could become one together with the text around it.
fn shield<'n>(text: &str, names: impl Iterator<Item = &'n str>, markers: &Fixed, guard: char) -> String {
    let mut cuts: BTreeSet<usize> = markers.occurrences(text).map(|at| text.ceil_char_boundary(at + 1)).collect();
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    for name in names {
        if !trimmed.is_empty() && name.contains(trimmed) {
            cuts.insert(start);
        }
        for (at, _) in name.char_indices().skip(1) {
            let (head, tail) = name.split_at(at);
            for (text, start) in [(text, 0), (trimmed, start)] {
                if text.ends_with(head) {
                    let at = text.len() - head.len();
                    cuts.insert(start + text.ceil_char_boundary(at + 1));
                }
                if text.starts_with(tail) {
                    cuts.insert(start + text.floor_char_boundary(tail.len() - 1));
                }
            }
        }
    }
    let mut shielded = String::with_capacity(text.len() + cuts.len() * guard.len_utf8());
    let mut from = 0;
    for cut in cuts {
        shielded.push_str(&text[from..cut]);
        shielded.push(guard);
        from = cut;
    }
    shielded.push_str(&text[from..]);
    shielded
}

#[cfg(test)]
mod tests;
