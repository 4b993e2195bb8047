//! A typing session, replayed against the real language server: `ropewalk lsp` as a child process, with the same
//! configuration. Somebody types stretches of files that exist, looks at every suggestion, takes what is right, and goes
//! on. What it costs and what it saves is counted.
//!
//! The person is a program without mistakes and hesitation: the figures compare pipelines; they are no forecast of what
//! people save. An editor's own help is part of it: the indentation of a new line needs no key.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use self::client::Client;
use self::figures::Figures;
use self::typist::Stretch;
use super::taken::Taken;
use crate::config::Config;

mod client;
pub(super) mod figures;
pub(super) mod typist;

/// Every so many keys the person does not look and types on: the request is cancelled on its way.
const HASTY: usize = 7;
/// How long the server may take to be idle again after a cancellation, before the replay gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Types all stretches.
///
/// # Errors
/// When the server cannot be started, ends, or leaves a request without an answer.
pub(super) fn replay(config: &Config, stretches: &[Stretch]) -> anyhow::Result<Figures> {
    let client = Client::start(&config.arguments())?;
    let mut session = Session { client, figures: Figures::default(), version: 0 };
    session.initialize(config)?;
    let before = session.status()?;
    for stretch in stretches {
        session.type_stretch(stretch).with_context(|| stretch.path.display().to_string())?;
    }
    let after = session.status()?;
    let count = |pointer: &str| -> anyhow::Result<u64> {
        let of = |status: &Value| status.pointer(pointer).and_then(Value::as_u64);
        let both = of(&after).zip(of(&before)).with_context(|| format!("the server's status has no {pointer}"))?;
        Ok(both.0 - both.1)
    };
    session.figures.model_calls = count("/promptsBegun")?;
    session.figures.prompt_tokens = count("/promptTokens")?;
    session.figures.cached_tokens = count("/cachedTokens")?;
    session.figures.unanswered = session.client.unanswered();
    session.client.stop()?;
    Ok(session.figures)
}

struct Session {
    client: Client,
    figures: Figures,
    version: i32,
}

impl Session {
    fn initialize(&mut self, config: &Config) -> anyhow::Result<()> {
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "inlineCompletion": {}, "diagnostic": {} },
        });
        // Everything else it reads from the configuration that it was started with.
        let options = json!({ "inlineCompletion": { "copies": config.assist.inline_completion.copies } });
        let params = json!({ "processId": std::process::id(), "rootUri": null, "capabilities": capabilities,
            "initializationOptions": options });
        let answer = self.client.call("initialize", params)?;
        let encoding = answer.pointer("/capabilities/positionEncoding").and_then(Value::as_str);
        ensure!(encoding == Some("utf-8"), "the server does not speak utf-8 positions");
        self.client.notify("initialized", json!({}))?;
        let started = Instant::now();
        while self.status()?.pointer("/model/state").and_then(Value::as_str) == Some("loading") {
            ensure!(started.elapsed() < PATIENCE, "the model is not loaded after {} s", PATIENCE.as_secs());
        }
        Ok(())
    }

    fn status(&mut self) -> anyhow::Result<Value> {
        self.client.call("workspace/executeCommand", json!({ "command": "ropewalk.status", "arguments": [] }))
    }

    fn type_stretch(&mut self, stretch: &Stretch) -> anyhow::Result<()> {
        let uri = stretch.uri();
        self.version += 1;
        let document = json!({ "uri": uri, "languageId": stretch.language.id(), "version": self.version,
            "text": format!("{}{}", stretch.before, stretch.after) });
        self.client.notify("textDocument/didOpen", json!({ "textDocument": document }))?;
        let mut typed = 0;
        let mut shown: Option<String> = None;
        while typed < stretch.target.len() {
            if (self.figures.keys + 1).is_multiple_of(HASTY) {
                self.type_hastily(stretch, typed)?;
                typed += self.press(stretch, typed)?;
                shown = None;
                continue;
            }
            let started = Instant::now();
            let answer = self.client.call("textDocument/inlineCompletion", at(stretch, typed))?;
            let elapsed = started.elapsed();
            let suggestion = suggestion(&answer);
            self.figures.asked(suggestion.as_ref().map(|it| it.text.as_str()), shown.as_deref(), elapsed);
            shown = None;
            let insertion = suggestion.as_ref().filter(|it| it.is_insertion);
            let taken = insertion.map_or(Taken::Nothing, |it| Taken::of(&it.text, &stretch.target[typed..]));
            let (Some(suggestion), Taken::Whole(length) | Taken::FirstLine(length)) = (&suggestion, taken) else {
                // What is left of the suggestion when its first character is typed.
                let key = stretch.key(typed);
                shown = suggestion.and_then(|it| it.text.strip_prefix(key).map(str::to_owned));
                typed += self.press(stretch, typed)?;
                continue;
            };
            self.figures.accepted(&stretch.target[typed..typed + length], matches!(taken, Taken::Whole(_)));
            self.report(suggestion, taken)?;
            self.change(stretch, typed, length)?;
            typed += length;
        }
        self.figures.characters += stretch.target.chars().count();
        self.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }))
    }

    /// Types the next key.
    fn press(&mut self, stretch: &Stretch, typed: usize) -> anyhow::Result<usize> {
        let key = stretch.key(typed).len();
        self.change(stretch, typed, key)?;
        self.figures.keys += 1;
        Ok(key)
    }

    /// Asks, and takes the question back: how long until the server works on nothing any more?
    fn type_hastily(&mut self, stretch: &Stretch, typed: usize) -> anyhow::Result<()> {
        let id = self.client.request("textDocument/inlineCompletion", at(stretch, typed))?;
        let cancelled = Instant::now();
        self.client.notify("$/cancelRequest", json!({ "id": id }))?;
        self.client.answer(id)?;
        while self.status()?.pointer("/queue/running").and_then(Value::as_u64) != Some(0) {
            ensure!(cancelled.elapsed() < PATIENCE, "a cancelled request is still worked on");
        }
        self.figures.cancelled.push(cancelled.elapsed());
        Ok(())
    }

    /// The next `length` bytes of the target come to stand at the cursor.
    fn change(&mut self, stretch: &Stretch, typed: usize, length: usize) -> anyhow::Result<()> {
        self.version += 1;
        let position = stretch.position(typed);
        let change = json!({ "range": { "start": position, "end": position },
            "text": stretch.target[typed..typed + length] });
        self.client.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": stretch.uri(), "version": self.version }, "contentChanges": [change] }),
        )
    }

    /// Tells the server what became of a suggestion, as editors do.
    fn report(&mut self, suggestion: &Suggestion, taken: Taken) -> anyhow::Result<()> {
        match taken {
            Taken::Whole(_) => self.client.call("workspace/executeCommand", suggestion.command.clone()).map(drop),
            Taken::FirstLine(length) => {
                let length = suggestion.text[..length].encode_utf16().count();
                let item = &suggestion.item;
                self.client.notify(
                    "textDocument/didPartiallyAcceptCompletion",
                    json!({ "item": item, "acceptedLength": length }),
                )
            }
            Taken::Nothing => Ok(()),
        }
    }
}

fn at(stretch: &Stretch, typed: usize) -> Value {
    json!({ "textDocument": { "uri": stretch.uri() }, "position": stretch.position(typed),
        "context": { "triggerKind": 2 } })
}

/// The first item of an answer.
struct Suggestion {
    text: String,
    /// It replaces nothing.
    is_insertion: bool,
    command: Value,
    item: Value,
}

fn suggestion(answer: &Value) -> Option<Suggestion> {
    let item = answer.pointer("/items/0")?;
    let range = item.get("range");
    Some(Suggestion {
        text: item.get("insertText")?.as_str()?.to_owned(),
        is_insertion: range.is_none_or(|range| range.get("start") == range.get("end")),
        command: item.get("command").cloned().unwrap_or_default(),
        item: item.clone(),
    })
}
