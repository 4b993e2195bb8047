//! A language client over a child process's pipes: as much of the protocol as a replay needs.
//!
//! Source of the framing: LSP 3.18, "Base Protocol".

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server and the conversation with it.
pub(super) struct Client {
    server: Child,
    requests: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
    waiting: HashSet<u64>,
    answers: HashMap<u64, Value>,
}

impl Client {
    /// Starts a language server.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(program: &Path, arguments: &[String]) -> anyhow::Result<Self> {
        let mut server = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let requests = server.stdin.take().context("the server's standard input")?;
        let mut answers = BufReader::new(server.stdout.take().context("the server's standard output")?);
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Ok(message) = receive(&mut answers) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let (waiting, answers) = (HashSet::new(), HashMap::new());
        Ok(Self { server, requests, messages, last_id: 0, waiting, answers })
    }

    /// Asks, and waits for the result.
    ///
    /// # Errors
    /// The server's error, or that there is none any more.
    pub(super) fn call(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        let id = self.request(method, params)?;
        let mut answer = self.answer(id)?;
        match answer.get("error") {
            Some(error) => bail!("{method}: {error}"),
            None => Ok(answer["result"].take()),
        }
    }

    /// Asks; the answer is for [`Client::answer`].
    pub(super) fn request(&mut self, method: &str, params: Value) -> anyhow::Result<u64> {
        self.last_id += 1;
        self.waiting.insert(self.last_id);
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params }))?;
        Ok(self.last_id)
    }

    /// The answer to a request: an object with `result` or `error`.
    ///
    /// # Errors
    /// When none comes.
    pub(super) fn answer(&mut self, id: u64) -> anyhow::Result<Value> {
        self.answer_within(id, PATIENCE)?.context("the language server does not answer")
    }

    /// The same; `None` when it takes longer than this.
    ///
    /// # Errors
    /// When the server ended.
    pub(super) fn answer_within(&mut self, id: u64, limit: Duration) -> anyhow::Result<Option<Value>> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return Ok(Some(answer));
            }
            if !self.receive(deadline)? {
                return Ok(None);
            }
        }
    }

    /// Waits for all answers that nobody waited for; how many did not come.
    ///
    /// # Errors
    /// When the server ended.
    pub(super) fn settle(&mut self, limit: Duration) -> anyhow::Result<usize> {
        let deadline = Instant::now() + limit;
        while !self.waiting.is_empty() && self.receive(deadline)? {}
        self.answers.clear();
        Ok(std::mem::take(&mut self.waiting).len())
    }

    /// Takes the next message; false when none comes in time.
    fn receive(&mut self, deadline: Instant) -> anyhow::Result<bool> {
        let message = match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => bail!("the language server ended"),
        };
        match (message.get("id"), message.get("method")) {
            // A request of the server's: nothing is to be had here.
            (Some(id), Some(_)) => self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }))?,
            (Some(id), None) => {
                let id = id.as_u64().context("an answer has an id of ours")?;
                self.waiting.remove(&id);
                self.answers.insert(id, message);
            }
            _ => (),
        }
        Ok(true)
    }

    pub(super) fn notify(&mut self, method: &str, params: Value) -> anyhow::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// Ends the server as an editor does.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        self.call("shutdown", Value::Null)?;
        self.notify("exit", Value::Null)?;
        let status = self.server.wait()?;
        if status.success() { Ok(()) } else { bail!("the language server ended with {status}") }
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let body = message.to_string();
        write!(self.requests, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        Ok(self.requests.flush()?)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It has ended by itself, unless something went wrong here.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn receive(stream: &mut BufReader<ChildStdout>) -> anyhow::Result<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            bail!("the server closed its output");
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = Some(value.parse()?),
            Some(_) => (),
            None => break,
        }
    }
    let mut body = vec![0; length.context("a message without a length")?];
    stream.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}
