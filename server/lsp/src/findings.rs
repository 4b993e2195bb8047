//! The problems of documents: looked for once a version, for whoever asks first, one search a document at a time.
//!
//! So that typing in a long document never piles searches up, who asks while one is running waits for its end, and is then
//! answered from its result or told that its own text is history. A request that is cancelled does not end the search that
//! it began; an edit does, at the next point where the search looks.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use assist::{Diagnostic, DocumentId, FileStamp, LintSettings, Snapshot};
use tokio::sync::Semaphore;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types as lsp;

use crate::handlers::configuration;
use crate::session::Session;
use crate::shared::Shared;
use crate::to_proto;

/// What was found in a document.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) problems: Vec<Diagnostic>,
    /// The same for the wire.
    pub(crate) items: Vec<lsp::Diagnostic>,
    /// A hash of `items`: the server keeps no results by their ids, "unchanged" means that it would send the same again.
    pub(crate) result_id: String,
}

impl Found {
    /// Looks for the problems of a snapshot.
    pub(crate) fn search(snapshot: &Snapshot, settings: &LintSettings, session: &Session) -> Self {
        Self::new(assist::diagnostics(snapshot, settings), snapshot, session)
    }

    fn new(problems: Vec<Diagnostic>, snapshot: &Snapshot, session: &Session) -> Self {
        let items = to_proto::diagnostics(&problems, snapshot, session);
        let mut hasher = DefaultHasher::new();
        // Debug output holds every field; the type has no Hash.
        format!("{items:?}").hash(&mut hasher);
        Self { problems, items, result_id: format!("{:016x}", hasher.finish()) }
    }
}

/// What is known about documents and files. Holds no text.
#[derive(Default)]
pub(crate) struct Findings {
    documents: Mutex<HashMap<DocumentId, Arc<Slot>>>,
    files: Mutex<HashMap<PathBuf, KnownFile>>,
    /// Counts changes of the settings: what was found under others is void.
    era: AtomicU64,
}

/// One open document.
struct Slot {
    /// One search at a time: a search holds it, not the request that waits for the search.
    turn: Arc<Semaphore>,
    last: Mutex<Option<Last>>,
}

struct Last {
    version: i32,
    era: u64,
    found: Arc<Found>,
    took: Duration,
}

/// A file that no editor has open.
struct KnownFile {
    stamp: FileStamp,
    era: u64,
    result: FileResult,
}

/// What was found in a file.
#[derive(Clone, Debug)]
pub(crate) struct FileResult {
    pub(crate) id: String,
    pub(crate) is_clean: bool,
}

impl Findings {
    /// The settings changed.
    pub(crate) fn settings_changed(&self) {
        self.era.fetch_add(1, Ordering::Relaxed);
    }

    /// The document was opened anew or closed: its versions mean another text from here on.
    pub(crate) fn forget(&self, id: &DocumentId) {
        lock(&self.documents).remove(id);
    }

    /// How long the last search in the document took; `None` before the first.
    pub(crate) fn last_search(&self, id: &DocumentId) -> Option<Duration> {
        let slot = lock(&self.documents).get(id).cloned()?;
        lock(&slot.last).as_ref().map(|last| last.took)
    }

    /// What was found in a file, unless it or the settings changed since.
    pub(crate) fn file(&self, stamp: &FileStamp) -> Option<FileResult> {
        let era = self.era();
        let files = lock(&self.files);
        let known = files.get(&stamp.path)?;
        (known.stamp == *stamp && known.era == era).then(|| known.result.clone())
    }

    /// Remembers what was found in a file.
    pub(crate) fn remember_file(&self, stamp: FileStamp, era: u64, result: FileResult) {
        lock(&self.files).insert(stamp.path.clone(), KnownFile { stamp, era, result });
    }

    /// Forgets the files for which this is false.
    pub(crate) fn retain_files(&self, is_there: impl Fn(&Path) -> bool) {
        lock(&self.files).retain(|path, _| is_there(path));
    }

    /// The settings' number.
    pub(crate) fn era(&self) -> u64 {
        self.era.load(Ordering::Relaxed)
    }

    fn slot(&self, id: &DocumentId) -> Arc<Slot> {
        let new = || Arc::new(Slot { turn: Arc::new(Semaphore::new(1)), last: Mutex::default() });
        Arc::clone(lock(&self.documents).entry(id.clone()).or_insert_with(new))
    }
}

impl Slot {
    fn known(&self, version: i32, era: u64) -> Option<Arc<Found>> {
        let last = lock(&self.last);
        let last = last.as_ref().filter(|last| last.version == version && last.era == era)?;
        Some(Arc::clone(&last.found))
    }
}

/// The problems of an open document as the snapshot has it.
///
/// # Errors
/// When the document changed or was closed before it could be looked at, or the search failed.
pub(crate) async fn of_document(shared: &Arc<Shared>, snapshot: &Snapshot) -> Result<Arc<Found>> {
    let session = *shared.initialized_session()?;
    let slot = shared.findings.slot(snapshot.id());
    let version = snapshot.document().version();
    let turn = Arc::clone(&slot.turn).acquire_owned().await.map_err(|_closed| Error::internal_error())?;
    let era = shared.findings.era();
    if let Some(void) = shared.staleness(snapshot) {
        return Err(void);
    }
    if let Some(found) = slot.known(version, era) {
        return Ok(found);
    }
    let (searching, searched) = (Arc::clone(shared), snapshot.clone());
    let search = move || {
        // Whoever waited may be gone by the end; the next one takes its turn after it nevertheless.
        let _turn = turn;
        let started = Instant::now();
        let settings = searching.lint_settings(searched.path().map(PathBuf::as_path));
        let is_void = || searching.staleness(&searched).is_some();
        let problems = assist::diagnostics_unless(&searched, &settings, &is_void)?;
        let found = Arc::new(Found::new(problems, &searched, &session));
        *lock(&slot.last) = Some(Last { version, era, found: Arc::clone(&found), took: started.elapsed() });
        Some(found)
    };
    let found = assist::run_blocking("diagnostics", search).await.map_err(to_proto::error)?;
    configuration::show_files(shared);
    found.ok_or_else(|| shared.staleness(snapshot).unwrap_or_else(Error::content_modified))
}

/// Locks short critical sections that cannot be left half done; a panic elsewhere does not make their data unsound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
