//! What ingress, handlers and background tasks of one session share. Not the documents: those are `assist`'s.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use std::path::Path;

use assist::{Assist, LintSettings, Snapshot};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tower_lsp::{Client, jsonrpc};

use crate::config::Settings;
use crate::findings::Findings;
use crate::publish::Publisher;
use crate::session::Session;

/// State of one session.
pub(crate) struct Shared {
    pub(crate) assist: Assist,
    /// Tells the transport to end the session (the parent process is gone).
    pub(crate) ended: Notify,
    /// The problems found in documents and files.
    pub(crate) findings: Findings,
    client: OnceLock<Client>,
    session: OnceLock<Session>,
    publisher: OnceLock<Publisher>,
    settings: Mutex<Settings>,
    /// The options as they were after `initialize`: what `workspace/didChangeConfiguration` builds on.
    baseline: OnceLock<Settings>,
    /// Problems of the settings found while no message could be shown yet.
    unshown: Mutex<Vec<String>>,
    /// Everything the user was told already: nothing is said twice.
    said: Mutex<HashSet<String>>,
    shutdown: AtomicBool,
    background: Mutex<JoinSet<()>>,
}

impl Shared {
    pub(crate) fn new(assist: Assist) -> Self {
        let settings = Settings::new(assist.config().as_ref().clone());
        Self {
            assist,
            ended: Notify::new(),
            findings: Findings::default(),
            client: OnceLock::new(),
            session: OnceLock::new(),
            publisher: OnceLock::new(),
            settings: Mutex::new(settings),
            baseline: OnceLock::new(),
            unshown: Mutex::default(),
            said: Mutex::default(),
            shutdown: AtomicBool::new(false),
            background: Mutex::default(),
        }
    }

    /// The other side; `None` before the service is built.
    pub(crate) fn client(&self) -> Option<&Client> {
        self.client.get()
    }

    pub(crate) fn set_client(&self, client: Client) {
        let _already_set = self.client.set(client);
    }

    /// What `initialize` settled; `None` before it.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.get()
    }

    /// What `initialize` settled, for handlers.
    pub(crate) fn initialized_session(&self) -> jsonrpc::Result<&Session> {
        self.session.get().ok_or_else(jsonrpc::Error::internal_error)
    }

    pub(crate) fn set_session(&self, session: Session) {
        if self.session.set(session).is_err() {
            tracing::warn!("a second initialize was ignored");
        }
    }

    /// Who publishes diagnostics; `None` for a client that pulls them.
    pub(crate) fn publisher(&self) -> Option<&Publisher> {
        self.publisher.get()
    }

    pub(crate) fn set_publisher(&self, publisher: Publisher) {
        let _already_set = self.publisher.set(publisher);
    }

    pub(crate) fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// Puts settings into force for every later request.
    pub(crate) fn set_settings(&self, settings: Settings) {
        self.assist.set_config(settings.assist.clone());
        *lock(&self.settings) = settings;
    }

    /// What the rules are told about a file.
    pub(crate) fn lint_settings(&self, path: Option<&Path>) -> Arc<LintSettings> {
        self.assist.lint_settings(path)
    }

    /// The options to which a change of the configuration is applied.
    pub(crate) fn baseline(&self) -> Settings {
        self.baseline.get_or_init(|| self.settings()).clone()
    }

    pub(crate) fn keep_unshown(&self, problems: Vec<String>) {
        lock(&self.unshown).extend(problems);
    }

    pub(crate) fn take_unshown(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.unshown))
    }

    /// True the first time it is asked about `text`.
    pub(crate) fn is_news(&self, text: &str) -> bool {
        lock(&self.said).insert(text.to_owned())
    }

    pub(crate) fn request_shutdown(&self) {
        self.shutdown.store(true, Ordering::Relaxed);
    }

    pub(crate) fn shutdown_was_requested(&self) -> bool {
        self.shutdown.load(Ordering::Relaxed)
    }

    /// Why an answer for this snapshot is void; `None` while its document is what it was.
    pub(crate) fn staleness(&self, snapshot: &Snapshot) -> Option<jsonrpc::Error> {
        let workspace = self.assist.workspace();
        if workspace.is_current(snapshot.id(), snapshot.document().version()) {
            None
        } else if workspace.snapshot(snapshot.id()).is_some() {
            Some(jsonrpc::Error::content_modified())
        } else {
            Some(jsonrpc::Error::request_cancelled())
        }
    }

    /// Runs a task that ends with the session at the latest.
    pub(crate) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let mut background = lock(&self.background);
        while background.try_join_next().is_some() {}
        background.spawn(task);
    }

    /// Ends the background tasks, and with them their references to this value.
    pub(crate) fn stop(&self) {
        lock(&self.background).abort_all();
    }
}

/// Locks short critical sections that cannot be left half done; a panic elsewhere does not make their data unsound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
