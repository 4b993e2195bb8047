//! A typing session, replayed against real language servers: `ropewalk lsp` as a child process with the same
//! configuration, and others beside it where asked for. Somebody types stretches of files that exist, looks at every
//! suggestion, takes what is right, and goes on. What it costs and what it saves is counted.
//!
//! The person is a program without mistakes: the figures compare pipelines; they are no forecast of what people save. An
//! editor's own help is part of it: the indentation of a new line needs no key. Servers take turns, stretch by stretch,
//! since the speed of a machine drifts; before the next turn each has finished what it does in the background.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};

use self::figures::{Figures, Summary};
use self::session::Session;
use self::typist::Stretch;
use crate::config::Config;

mod client;
mod figures;
mod session;
mod table;
pub(super) mod typist;

/// A language server to type through.
pub(super) struct Server {
    /// As in the table.
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    /// Its `initializationOptions`.
    options: Value,
}

/// The figures of all servers.
#[derive(Debug, Serialize)]
pub(super) struct Replay {
    seed: u64,
    /// Between two keys, in milliseconds; 0: the next key is pressed when the answer is there.
    key_ms: u64,
    servers: Vec<Column>,
}

/// What one server was like.
#[derive(Debug, Serialize)]
struct Column {
    name: String,
    /// By language, then for all of them where there are several.
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
struct Group {
    /// `None`: all languages.
    language: Option<&'static str>,
    #[serde(flatten)]
    summary: Summary,
}

impl Server {
    /// This very program with this configuration.
    ///
    /// # Errors
    /// When the system does not say where this program is.
    pub(super) fn own(name: String, config: &Config) -> anyhow::Result<Self> {
        let mut arguments = config.arguments();
        arguments.push("lsp".to_owned());
        // Everything else it reads from the configuration that it is started with.
        let options = json!({ "inlineCompletion": { "copies": config.assist.inline_completion.copies } });
        Ok(Self { name, program: std::env::current_exe().context("where this program is")?, arguments, options })
    }

    /// Another server: a program and its arguments, with spaces between them; in double quotes a space is no end.
    ///
    /// # Errors
    /// When nothing is named.
    pub(super) fn other(command: &str) -> anyhow::Result<Self> {
        let mut words = words(command).into_iter();
        let program = words.next().context("--server: expected a program and its arguments")?;
        let arguments: Vec<_> = words.collect();
        // A script is named by its file, not by its interpreter.
        let script = arguments.first().filter(|first| Path::new(first).extension().is_some());
        let name = Path::new(script.unwrap_or(&program)).file_stem().map(|name| name.to_string_lossy().into_owned());
        Ok(Self { name: name.unwrap_or_default(), program: program.into(), arguments, options: Value::Null })
    }
}

fn words(command: &str) -> Vec<String> {
    let mut quoted = false;
    let ends = |c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    };
    command.split(ends).map(|word| word.replace('"', "")).filter(|word| !word.is_empty()).collect()
}

/// Types all stretches through each of the servers.
///
/// # Errors
/// When a server cannot be started or ends.
pub(super) fn replay(servers: &[Server], stretches: &[Stretch], key: Duration, seed: u64) -> anyhow::Result<Replay> {
    let mut counted: Vec<BTreeMap<&'static str, Figures>> = servers.iter().map(|_| BTreeMap::new()).collect();
    // Another project is another session, as in an editor.
    for project in stretches.chunk_by(|a, b| a.project == b.project) {
        let mut sessions = Vec::new();
        for server in servers {
            let session = Session::start(server, &project[0].project).with_context(|| server.name.clone())?;
            sessions.push(session);
        }
        for stretch in project {
            for ((session, figures), server) in sessions.iter_mut().zip(&mut counted).zip(servers) {
                let figures = figures.entry(stretch.language.id()).or_default();
                let place = || format!("{}: {}", server.name, stretch.path.display());
                session.type_stretch(stretch, key, figures).with_context(place)?;
            }
        }
        for session in sessions {
            session.stop()?;
        }
    }
    let columns = servers.iter().zip(counted).map(|(server, figures)| Column::new(&server.name, figures));
    Ok(Replay { seed, key_ms: key.as_millis().try_into()?, servers: columns.collect() })
}

impl Column {
    fn new(name: &str, figures: BTreeMap<&'static str, Figures>) -> Self {
        let mut all = Figures::default();
        let mut groups = Vec::new();
        for (language, figures) in figures {
            groups.push(Group { language: Some(language), summary: figures.summary() });
            all.add(figures);
        }
        if groups.len() > 1 {
            groups.push(Group { language: None, summary: all.summary() });
        }
        Self { name: name.to_owned(), groups }
    }
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn names_of_other_servers() {
        let name = |command: &str| Server::other(command).map(|server| server.name).ok();
        assert_eq!(name("/usr/bin/other-lsp --stdio").as_deref(), Some("other-lsp"));
        assert_eq!(name("python3 tests/perf/llama_vim_lsp.py --model a.gguf").as_deref(), Some("llama_vim_lsp"));
        assert_eq!(name("  "), None);
        let server = Server::other("\"/a b/other-lsp\"  --log \"c d\"").unwrap();
        assert_eq!(
            (server.program.to_str(), server.arguments.join("|").as_str()),
            (Some("/a b/other-lsp"), "--log|c d")
        );
    }
}
