//! `$/progress` of a search on the blocking pool, for a request whose client gave a token for it.

use std::cell::Cell;

use assist::Waiting;
use assist::generation::CancelToken;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tower_lsp::Client;
use tower_lsp::ls_types::ProgressToken;
use tower_lsp::ls_types::notification::Notification;

/// `$/progress` with any value: the framework's own type knows those of work done only.
pub(crate) enum Progress {}

impl Notification for Progress {
    type Params = Value;
    const METHOD: &'static str = "$/progress";
}

/// A request whose handler waits for the search. Made on the task, used and ended on the blocking pool.
pub(crate) struct Bar {
    client: Client,
    token: Option<ProgressToken>,
    title: &'static str,
    cancel: CancelToken,
    runtime: Handle,
    /// The percentage that was told last.
    told: Cell<Option<usize>>,
}

impl Bar {
    pub(crate) fn new(client: &Client, token: Option<ProgressToken>, title: &'static str, cancel: CancelToken) -> Self {
        Self { client: client.clone(), token, title, cancel, runtime: Handle::current(), told: Cell::new(None) }
    }

    /// Takes the bar off the screen: a token is worth nothing after the answer.
    pub(crate) fn finish(self) {
        if self.told.get().is_some() {
            self.tell(json!({ "kind": "end" }));
        }
    }

    fn tell(&self, value: Value) {
        if let Some(token) = &self.token {
            self.runtime.block_on(self.client.send_notification::<Progress>(json!({ "token": token, "value": value })));
        }
    }
}

impl Waiting for Bar {
    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn progress(&self, done: usize, all: usize) {
        let percentage = done * 100 / all.max(1);
        let told = self.told.get();
        if told.is_none() {
            let begin = json!({ "kind": "begin", "title": self.title, "cancellable": true, "percentage": percentage });
            self.tell(begin);
        } else if told.is_some_and(|told| percentage > told) {
            let message = format!("{done} of {all} files");
            self.tell(json!({ "kind": "report", "percentage": percentage, "message": message }));
        }
        self.told.set(Some(percentage.max(told.unwrap_or(0))));
    }
}
