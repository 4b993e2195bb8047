//! One server, one editor, one person who types.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::{Value, json};

use super::Server;
use super::client::Client;
use super::figures::Figures;
use super::typist::{Columns, Stretch, file_uri};
use crate::commands::eval::taken::Taken;

/// Every so many keys the person does not look and types on: the request is cancelled on its way. Not where the keys
/// have their own time.
const HASTY: usize = 7;
/// How long the server may take to be idle, before the replay gives up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Nobody types as soon as the window is there: the workspace is indexed by then.
const SETTLING_IN: Duration = Duration::from_secs(1);
/// Between two questions whether it is idle.
const POLL: Duration = Duration::from_micros(500);

pub(super) struct Session {
    client: Client,
    columns: Columns,
    /// It answers `ropewalk.status`.
    tells: bool,
    version: i32,
    keys: usize,
}

/// What a server says of its work so far.
#[derive(Clone, Copy, Debug)]
struct Work {
    running: u64,
    model_calls: u64,
    prompt_tokens: u64,
    cached_tokens: u64,
}

/// The first item of an answer.
struct Suggestion {
    text: String,
    /// It replaces nothing.
    is_insertion: bool,
    /// Who wrote it, where the server tells.
    source: Option<String>,
    command: Value,
    item: Value,
}

impl Session {
    /// Starts the server on a folder, and waits until its model is loaded.
    pub(super) fn start(server: &Server, project: &Path) -> anyhow::Result<Self> {
        let mut client = Client::start(&server.program, &server.arguments)?;
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8", "utf-16"] },
            "workspace": { "workspaceFolders": true },
            "textDocument": { "inlineCompletion": {}, "diagnostic": {} },
        });
        let uri = file_uri(project);
        let params = json!({ "processId": std::process::id(), "rootUri": uri, "capabilities": capabilities,
            "workspaceFolders": [{ "uri": uri, "name": "project" }], "initializationOptions": server.options });
        let answer = client.call("initialize", params)?;
        let columns = match answer.pointer("/capabilities/positionEncoding").and_then(Value::as_str) {
            Some("utf-8") => Columns::Utf8,
            _ => Columns::Utf16,
        };
        client.notify("initialized", json!({}))?;
        let mut session = Self { client, columns, tells: true, version: 0, keys: 0 };
        let started = Instant::now();
        while session.status().is_some_and(|status| status["model"]["state"] == "loading") {
            ensure!(started.elapsed() < PATIENCE, "the model is not loaded after {} s", PATIENCE.as_secs());
            std::thread::sleep(POLL);
        }
        session.tells = session.work().is_some();
        std::thread::sleep(SETTLING_IN);
        Ok(session)
    }

    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.client.stop()
    }

    /// Types a stretch; with a time for each key, only what is there before the next key is seen.
    pub(super) fn type_stretch(
        &mut self,
        stretch: &Stretch,
        key: Duration,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        self.rest()?;
        let before = self.work();
        self.version += 1;
        let document = json!({ "uri": stretch.uri(), "languageId": stretch.language.id(), "version": self.version,
            "text": format!("{}{}", stretch.before, stretch.after) });
        self.client.notify("textDocument/didOpen", json!({ "textDocument": document }))?;
        let mut typed = 0;
        let mut shown: Option<String> = None;
        let mut paused = true;
        while typed < stretch.target.len() {
            if key.is_zero() && (self.keys + 1).is_multiple_of(HASTY) {
                self.type_hastily(stretch, typed, figures)?;
                typed += self.press(stretch, typed, figures)?;
                (shown, paused) = (None, true);
                continue;
            }
            let Some((suggestion, elapsed)) = self.ask(stretch, typed, key)? else {
                figures.late += 1;
                typed += self.press(stretch, typed, figures)?;
                shown = None;
                continue;
            };
            figures.asked(suggestion.as_ref().map(|it| it.text.as_str()), shown.as_deref(), paused, elapsed);
            (shown, paused) = (None, false);
            let insertion = suggestion.as_ref().filter(|it| it.is_insertion);
            let taken = insertion.map_or(Taken::Nothing, |it| Taken::of(&it.text, &stretch.target[typed..]));
            let (Some(suggestion), Taken::Whole(length) | Taken::FirstLine(length)) = (&suggestion, taken) else {
                // What is left of the suggestion when its first character is typed.
                let key = stretch.key(typed);
                shown = suggestion.and_then(|it| it.text.strip_prefix(key).map(str::to_owned));
                typed += self.press(stretch, typed, figures)?;
                continue;
            };
            let text = &stretch.target[typed..typed + length];
            let source = suggestion.source.as_deref();
            figures.accepted(stretch.start() + typed, text, matches!(taken, Taken::Whole(_)), source);
            self.keys += 1;
            self.report(suggestion, taken)?;
            self.change(stretch, typed, length)?;
            typed += length;
        }
        figures.characters += stretch.target.chars().count();
        self.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": stretch.uri() } }))?;
        self.rest()?;
        // What came too late for the person has to come all the same.
        figures.unanswered += self.client.settle(PATIENCE)?;
        match (before, self.work()) {
            (Some(before), Some(after)) => {
                figures.worked(
                    after.model_calls - before.model_calls,
                    after.prompt_tokens - before.prompt_tokens,
                    after.cached_tokens - before.cached_tokens,
                );
            }
            _ => figures.is_silent = true,
        }
        Ok(())
    }

    /// A suggestion or none, and how long it took; `None` when it does not come before the next key.
    fn ask(
        &mut self,
        stretch: &Stretch,
        typed: usize,
        key: Duration,
    ) -> anyhow::Result<Option<(Option<Suggestion>, Duration)>> {
        let started = Instant::now();
        let id = self.client.request("textDocument/inlineCompletion", self.at(stretch, typed))?;
        if key.is_zero() {
            let answer = self.client.answer(id)?;
            return Ok(Some((suggestion(&answer), started.elapsed())));
        }
        let Some(answer) = self.client.answer_within(id, key)? else {
            self.client.notify("$/cancelRequest", json!({ "id": id }))?;
            return Ok(None);
        };
        let elapsed = started.elapsed();
        std::thread::sleep(key.saturating_sub(elapsed));
        Ok(Some((suggestion(&answer), elapsed)))
    }

    /// Types the next key.
    fn press(&mut self, stretch: &Stretch, typed: usize, figures: &mut Figures) -> anyhow::Result<usize> {
        let key = stretch.key(typed).len();
        self.change(stretch, typed, key)?;
        figures.keys += 1;
        self.keys += 1;
        Ok(key)
    }

    /// Asks, and takes the question back: how long until the server works on nothing any more?
    fn type_hastily(&mut self, stretch: &Stretch, typed: usize, figures: &mut Figures) -> anyhow::Result<()> {
        let id = self.client.request("textDocument/inlineCompletion", self.at(stretch, typed))?;
        let cancelled = Instant::now();
        self.client.notify("$/cancelRequest", json!({ "id": id }))?;
        self.client.answer(id)?;
        if self.tells {
            self.rest()?;
            figures.cancelled.push(cancelled.elapsed());
        }
        Ok(())
    }

    /// Waits until the server works on nothing, where it tells.
    fn rest(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        while self.work().is_some_and(|work| work.running > 0) {
            ensure!(started.elapsed() < PATIENCE, "the server is still at work after {} s", PATIENCE.as_secs());
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// The answer to `ropewalk.status`.
    fn status(&mut self) -> Option<Value> {
        let params = json!({ "command": "ropewalk.status", "arguments": [] });
        self.client.call("workspace/executeCommand", params).ok()
    }

    fn work(&mut self) -> Option<Work> {
        let status = if self.tells { self.status()? } else { return None };
        let number = |pointer: &str| status.pointer(pointer).and_then(Value::as_u64);
        Some(Work {
            running: number("/queue/running")?,
            model_calls: number("/promptsBegun")?,
            prompt_tokens: number("/promptTokens")?,
            cached_tokens: number("/cachedTokens")?,
        })
    }

    fn at(&self, stretch: &Stretch, typed: usize) -> Value {
        json!({ "textDocument": { "uri": stretch.uri() }, "position": stretch.position(typed, self.columns),
            "context": { "triggerKind": 2 } })
    }

    /// The next `length` bytes of the target come to stand at the cursor.
    fn change(&mut self, stretch: &Stretch, typed: usize, length: usize) -> anyhow::Result<()> {
        self.version += 1;
        let position = stretch.position(typed, self.columns);
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
            Taken::Whole(_) if suggestion.command.is_object() => {
                self.client.call("workspace/executeCommand", suggestion.command.clone()).map(drop)
            }
            Taken::FirstLine(length) => {
                let length = suggestion.text[..length].encode_utf16().count();
                let item = &suggestion.item;
                self.client.notify(
                    "textDocument/didPartiallyAcceptCompletion",
                    json!({ "item": item, "acceptedLength": length }),
                )
            }
            Taken::Whole(_) | Taken::Nothing => Ok(()),
        }
    }
}

/// An error is no suggestion either.
fn suggestion(answer: &Value) -> Option<Suggestion> {
    let result = answer.get("result")?;
    // An array of items, or an object with one.
    let item = result.get("items").unwrap_or(result).get(0)?;
    // A text, or a snippet's value.
    let text = item.get("insertText").map(|text| text.get("value").unwrap_or(text))?;
    let range = item.get("range").filter(|range| range.is_object());
    Some(Suggestion {
        text: text.as_str()?.to_owned(),
        is_insertion: range.is_none_or(|range| range.get("start") == range.get("end")),
        source: item.pointer("/command/arguments/0/source").and_then(Value::as_str).map(str::to_owned),
        command: item.get("command").cloned().unwrap_or_default(),
        item: item.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::suggestion;

    fn check(answer: Value, expected: Option<(&str, bool)>) {
        let found = suggestion(&answer);
        assert_eq!(found.as_ref().map(|it| (it.text.as_str(), it.is_insertion)), expected, "{answer}");
    }

    #[test]
    fn answers_of_all_shapes() {
        let (here, there) = (json!({ "line": 1, "character": 2 }), json!({ "line": 1, "character": 4 }));
        check(json!({ "result": { "items": [{ "insertText": "a" }] } }), Some(("a", true)));
        check(json!({ "result": [{ "insertText": { "kind": "snippet", "value": "a" } }] }), Some(("a", true)));
        let over = json!({ "insertText": "a", "range": { "start": here, "end": there } });
        check(json!({ "result": { "items": [over] } }), Some(("a", false)));
        check(json!({ "result": { "items": [] } }), None);
        check(json!({ "result": null }), None);
        check(json!({ "error": { "code": -32800, "message": "cancelled" } }), None);
    }
}
