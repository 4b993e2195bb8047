//! Diagnostics for clients that do not ask for them: pushed after an edit, cleared at the close.
//!
//! One task does all the publishing, so that a result can be held against the document's version, and nothing comes
//! after the clearing of a closed document. A document is searched by one search at a time: at once while searches keep up
//! with the edits, else when the edits pause, so that long searches do not compete with typing.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use assist::DocumentId;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower_lsp::Client;
use tower_lsp::ls_types::{Diagnostic, Uri};

use crate::findings::{self, Found};
use crate::shared::Shared;

/// Longest pause that is waited for.
const MAX_QUIET: Duration = Duration::from_millis(150);

/// Handle to the publishing task.
pub(crate) struct Publisher(mpsc::UnboundedSender<Event>);

enum Event {
    Changed(DocumentId),
    Closed(DocumentId),
    SettingsChanged,
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

    /// What counts as a problem changed.
    pub(crate) fn settings_changed(&self) {
        self.tell(Event::SettingsChanged);
    }

    fn tell(&self, event: Event) {
        // The task is gone only when the session ends.
        let _session_over = self.0.send(event);
    }
}

/// The problems of a document at a version.
struct Findings {
    version: i32,
    found: Arc<Found>,
}

async fn run(shared: Arc<Shared>, client: Client, mut events: mpsc::UnboundedReceiver<Event>) {
    let mut due: HashMap<DocumentId, Instant> = HashMap::new();
    let mut edited: HashMap<DocumentId, Instant> = HashMap::new();
    let mut searched: HashSet<DocumentId> = HashSet::new();
    let mut published: HashSet<DocumentId> = HashSet::new();
    let mut searches: JoinSet<(DocumentId, Option<Findings>)> = JoinSet::new();
    loop {
        // One that is being searched is due again when that is over.
        let next = due.iter().filter(|(id, _)| !searched.contains(*id)).map(|(_, time)| *time).min();
        tokio::select! {
            event = events.recv() => match event {
                Some(Event::Changed(id)) => {
                    let now = Instant::now();
                    let pace = edited.insert(id.clone(), now).map(|before| now - before);
                    let quiet = quiet(shared.findings.last_search(&id), pace);
                    due.insert(id, now + quiet);
                }
                Some(Event::Closed(id)) => {
                    due.remove(&id);
                    edited.remove(&id);
                    if published.remove(&id) {
                        publish(&client, &id, Vec::new(), None).await;
                    }
                }
                Some(Event::SettingsChanged) => {
                    let open = shared.assist.workspace().open_documents();
                    due.extend(open.into_iter().map(|id| (id, Instant::now())));
                }
                None => return,
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let now = Instant::now();
                let ready: Vec<_> = due.extract_if(|id, time| *time <= now && !searched.contains(id)).collect();
                for (id, _) in ready {
                    searched.insert(id.clone());
                    searches.spawn(search(Arc::clone(&shared), id));
                }
            }
            Some(ended) = searches.join_next() => {
                let Ok((id, findings)) = ended else {
                    // Which one it was is not known; none must stay locked.
                    searched.clear();
                    continue;
                };
                searched.remove(&id);
                if let Some(Findings { version, found }) = findings
                    && shared.assist.workspace().is_current(&id, version)
                {
                    publish(&client, &id, found.items.clone(), Some(version)).await;
                    published.insert(id);
                }
            }
        }
    }
}

/// How long a document rests after an edit that came `pace` after the one before: not at all while that is longer than two
/// searches take.
fn quiet(last_search: Option<Duration>, pace: Option<Duration>) -> Duration {
    let (Some(took), Some(pace)) = (last_search, pace) else { return Duration::ZERO };
    if pace >= took * 2 { Duration::ZERO } else { (took / 2).min(MAX_QUIET) }
}

async fn search(shared: Arc<Shared>, id: DocumentId) -> (DocumentId, Option<Findings>) {
    let Some(snapshot) = shared.assist.workspace().snapshot(&id) else { return (id, None) };
    let version = snapshot.document().version();
    // A document that changed meanwhile is due again, and a panic was logged.
    let found = findings::of_document(&shared, &snapshot).await.ok();
    (id, found.map(|found| Findings { version, found }))
}

async fn publish(client: &Client, id: &DocumentId, items: Vec<Diagnostic>, version: Option<i32>) {
    if let Ok(uri) = Uri::from_str(id.as_str()) {
        client.publish_diagnostics(uri, items, version).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::quiet;

    #[test]
    fn a_document_rests_when_edits_come_faster_than_searches() {
        let after = |search, pace| {
            let milliseconds = Duration::from_millis;
            quiet(Some(milliseconds(search)), Some(milliseconds(pace))).as_millis()
        };
        assert_eq!(quiet(None, Some(Duration::ZERO)), Duration::ZERO);
        assert_eq!(quiet(Some(Duration::from_secs(1)), None), Duration::ZERO);
        assert_eq!([after(20, 100), after(20, 40), after(20, 39), after(20, 1)], [0, 0, 10, 10]);
        assert_eq!([after(10_000, 20_000), after(10_000, 100)], [0, 150]);
    }
}
