//! Where the reports of `workspace/diagnostic` go: into the answer, or out in pieces where the client gave a token for
//! that; and how far it is, where it gave one for that.

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tower_lsp::Client;
use tower_lsp::ls_types::{ProgressToken, WorkspaceDocumentDiagnosticReport};

use crate::progress::Progress;

/// Reports that are sent together.
const BATCH: usize = 50;

/// Takes reports as they come.
pub(super) struct Sink {
    client: Client,
    partial: Option<ProgressToken>,
    work_done: Option<ProgressToken>,
    items: Vec<WorkspaceDocumentDiagnosticReport>,
    percentage: usize,
}

impl Sink {
    /// Tells that the work begins.
    pub(super) async fn begin(
        client: Client,
        partial: Option<ProgressToken>,
        work_done: Option<ProgressToken>,
    ) -> Self {
        let this = Self { client, partial, work_done, items: Vec::new(), percentage: 0 };
        let begin = json!({ "kind": "begin", "title": "Checking the workspace", "cancellable": true, "percentage": 0 });
        this.tell(this.work_done.as_ref(), begin).await;
        this
    }

    pub(super) async fn add(&mut self, report: WorkspaceDocumentDiagnosticReport) {
        self.items.push(report);
        if self.partial.is_some() && self.items.len() >= BATCH {
            self.flush().await;
        }
    }

    /// So many of all files are done.
    pub(super) async fn progress(&mut self, done: usize, all: usize) {
        let percentage = done * 100 / all.max(1);
        if percentage > self.percentage {
            self.percentage = percentage;
            let message = format!("{done} of {all} files");
            let report = json!({ "kind": "report", "percentage": percentage, "message": message });
            self.tell(self.work_done.as_ref(), report).await;
        }
    }

    /// What is left for the answer: nothing where it went out in pieces, as the specification has it.
    pub(super) async fn finish(mut self) -> Vec<WorkspaceDocumentDiagnosticReport> {
        if self.partial.is_some() && !self.items.is_empty() {
            self.flush().await;
        }
        if let Some(token) = self.work_done.take() {
            self.tell(Some(&token), json!({ "kind": "end" })).await;
        }
        std::mem::take(&mut self.items)
    }

    async fn flush(&mut self) {
        let items = std::mem::take(&mut self.items);
        self.tell(self.partial.as_ref(), json!({ "items": items })).await;
    }

    async fn tell(&self, token: Option<&ProgressToken>, value: Value) {
        if let Some(token) = token {
            self.client.send_notification::<Progress>(json!({ "token": token, "value": value })).await;
        }
    }
}

impl Drop for Sink {
    /// A request that is cancelled is dropped wherever it is; the bar on the user's screen must not stay.
    fn drop(&mut self) {
        if let (Some(token), Ok(runtime)) = (self.work_done.take(), Handle::try_current()) {
            let client = self.client.clone();
            let end = json!({ "token": token, "value": { "kind": "end" } });
            runtime.spawn(async move { client.send_notification::<Progress>(end).await });
        }
    }
}
