//! Diagnostics for clients that do not ask for them: pushed a moment after the last edit, cleared at the close.
//!
//! One task does all the publishing, so that a result can be held against the document's version, and nothing comes
//! after the clearing of a closed document.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use assist::{AssistError, DocumentId, LintSettings};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower_lsp::Client;
use tower_lsp::ls_types::{Diagnostic, Uri};

use crate::shared::Shared;
use crate::to_proto;

/// Time without edits after which a document's problems are looked for.
const QUIET: Duration = Duration::from_millis(150);

/// Handle to the publishing task.
pub(crate) struct Publisher(mpsc::UnboundedSender<Event>);

enum Event {
    Changed(DocumentId),
    Closed(DocumentId),
}

impl Publisher {
    /// Starts the task; it ends with the session.
    pub(crate) fn start(shared: &Arc<Shared>, client: Client) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        shared.spawn(run(Arc::clone(shared), client, events));
        Self(sender)
    }

    /// The document was opened or edited.
    pub(crate) fn changed(&self, id: DocumentId) {
        self.tell(Event::Changed(id));
    }

    /// The document was closed.
    pub(crate) fn closed(&self, id: DocumentId) {
        self.tell(Event::Closed(id));
    }

    fn tell(&self, event: Event) {
        // The task is gone only when the session ends.
        let _session_over = self.0.send(event);
    }
}

/// The problems of a document at a version.
struct Findings {
    id: DocumentId,
    version: i32,
    items: Vec<Diagnostic>,
}

async fn run(shared: Arc<Shared>, client: Client, mut events: mpsc::UnboundedReceiver<Event>) {
    let mut due: HashMap<DocumentId, Instant> = HashMap::new();
    let mut published: HashSet<DocumentId> = HashSet::new();
    let mut searches: JoinSet<Option<Findings>> = JoinSet::new();
    loop {
        let next = due.values().min().copied();
        tokio::select! {
            event = events.recv() => match event {
                Some(Event::Changed(id)) => {
                    due.insert(id, Instant::now() + QUIET);
                }
                Some(Event::Closed(id)) => {
                    due.remove(&id);
                    if published.remove(&id) {
                        publish(&client, &id, Vec::new(), None).await;
                    }
                }
                None => return,
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let now = Instant::now();
                for (id, _) in due.extract_if(|_, time| *time <= now) {
                    searches.spawn(search(Arc::clone(&shared), id));
                }
            }
            Some(found) = searches.join_next() => {
                if let Ok(Some(found)) = found
                    && shared.assist.workspace().is_current(&found.id, found.version)
                {
                    publish(&client, &found.id, found.items, Some(found.version)).await;
                    published.insert(found.id);
                }
            }
        }
    }
}

async fn search(shared: Arc<Shared>, id: DocumentId) -> Option<Findings> {
    let session = *shared.session()?;
    let snapshot = shared.assist.workspace().snapshot(&id)?;
    let version = snapshot.document().version();
    let work =
        move || to_proto::diagnostics(assist::diagnostics(&snapshot, &LintSettings::default()), &snapshot, &session);
    match assist::run_blocking("diagnostics", work).await {
        Ok(items) => Some(Findings { id, version, items }),
        Err(error @ AssistError::Panicked(_)) => {
            tracing::error!(%error, "no diagnostics");
            None
        }
        Err(_) => None,
    }
}

async fn publish(client: &Client, id: &DocumentId, items: Vec<Diagnostic>, version: Option<i32>) {
    if let Ok(uri) = Uri::from_str(id.as_str()) {
        client.publish_diagnostics(uri, items, version).await;
    }
}
