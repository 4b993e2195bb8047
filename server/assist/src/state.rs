//! What all features share: workspace, engine, options, caches, the acceptance record.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use engine::{Engine, GenerateRequest, Generation};

use crate::copy_engine::CopyStore;
use crate::inline_completion::suggestion_cache::SuggestionCache;
use crate::project::{Project, ProjectFiles};
use crate::record::Record;
use crate::sync::lock;
use crate::{AssistConfig, AssistError, SilenceReason, Workspace};

/// Shared state; cloning shares it.
#[derive(Clone)]
pub struct Assist {
    inner: Arc<Shared>,
}

struct Shared {
    workspace: Workspace,
    engine: Engine,
    config: Mutex<Arc<AssistConfig>>,
    suggestions: Mutex<SuggestionCache>,
    copies: CopyStore,
    project: Project,
    record: Mutex<Record>,
    next_suggestion: AtomicU64,
}

/// What became of suggestions in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AcceptanceCounts {
    /// Suggestions answered with.
    pub offered: u64,
    /// Suggestions the client said it showed.
    pub shown: u64,
    /// Suggestions accepted whole.
    pub accepted: u64,
    /// Suggestions accepted in part.
    pub partially_accepted: u64,
    /// Characters (Unicode scalar values) accepted.
    pub accepted_characters: u64,
}

/// What `ropewalk.status` prints.
#[derive(Clone, Debug, PartialEq)]
pub struct AssistStatus {
    /// The engine.
    pub engine: engine::EngineStatus,
    /// Acceptance record.
    pub acceptance: AcceptanceCounts,
    /// Reason codes of empty answers and how often each occurred, most frequent first.
    pub silences: Vec<(&'static str, u64)>,
    /// Suggestions answered from the cache (type-through included).
    pub cache_hits: u64,
    /// Open documents.
    pub open_documents: usize,
}

impl Assist {
    /// State over this engine.
    pub fn new(engine: Engine, config: AssistConfig) -> Self {
        Self::with_project(engine, config, None)
    }

    /// The same with a disk to read the workspace folders from.
    pub fn with_project(engine: Engine, config: AssistConfig, disk: Option<Arc<dyn ProjectFiles>>) -> Self {
        let inner = Shared {
            workspace: Workspace::new(),
            engine,
            config: Mutex::new(Arc::new(config)),
            suggestions: Mutex::default(),
            copies: CopyStore::default(),
            project: Project::new(disk),
            record: Mutex::default(),
            next_suggestion: AtomicU64::new(1),
        };
        Self { inner: Arc::new(inner) }
    }
    /// The open documents.
    pub fn workspace(&self) -> &Workspace {
        &self.inner.workspace
    }
    /// Replaces the folders whose files can be copied from; they are indexed in the background.
    pub fn set_folders(&self, folders: Vec<PathBuf>) {
        self.inner.workspace.set_folders(folders);
        self.refresh_project();
    }
    /// Indexes what changed in the workspace folders since this was done last; returns when it is done.
    pub fn index_project(&self) {
        let open = self.inner.workspace.paths();
        let folders = self.inner.workspace.folders();
        self.inner.project.refresh(&folders, &open, self.config().inline_completion.workspace_mb << 20);
    }
    /// The same in the background, when it is due.
    pub(crate) fn refresh_project(&self) {
        if !self.inner.project.is_due(&self.inner.workspace.folders()) {
            return;
        }
        let assist = self.clone();
        // Detached: a process that ends does not wait for it.
        let spawned =
            std::thread::Builder::new().name("ropewalk-project".to_owned()).spawn(move || assist.index_project());
        if let Err(error) = spawned {
            tracing::warn!(%error, "the workspace is not indexed");
        }
    }
    /// The files of the workspace folders.
    pub(crate) fn project(&self) -> &Project {
        &self.inner.project
    }
    /// The engine handle.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }
    /// The options now in force.
    pub fn config(&self) -> Arc<AssistConfig> {
        lock(&self.inner.config).clone()
    }
    /// Replaces the options; requests under way keep theirs.
    pub fn set_config(&self, config: AssistConfig) {
        *lock(&self.inner.config) = Arc::new(config);
        // What was suggested under other options may be unwanted under these.
        *lock(&self.inner.suggestions) = SuggestionCache::default();
    }
    /// State for people.
    pub fn status(&self) -> AssistStatus {
        let engine = self.inner.engine.status();
        let open_documents = self.inner.workspace.open_documents().len();
        let record = lock(&self.inner.record);
        AssistStatus {
            engine,
            acceptance: record.counts,
            silences: record.silences(),
            cache_hits: record.cache_hits,
            open_documents,
        }
    }
    /// The client showed the suggestion with this id.
    pub fn record_shown(&self, id: u64) {
        lock(&self.inner.record).shown(id);
    }
    /// The user took the suggestion; `accepted_utf16` is the accepted length in UTF-16 units, counted from the
    /// start of the suggestion, `None` = all of it.
    pub fn record_accepted(&self, id: u64, accepted_utf16: Option<usize>) {
        lock(&self.inner.record).accepted(id, accepted_utf16);
    }

    /// Counts a suggestion that is answered with, and numbers it.
    pub(crate) fn record_offered(&self, text: &str, from_cache: bool) -> u64 {
        let id = self.inner.next_suggestion.fetch_add(1, Ordering::Relaxed);
        let mut record = lock(&self.inner.record);
        record.offer(id, text);
        record.cache_hits += u64::from(from_cache);
        id
    }
    pub(crate) fn record_silence(&self, reason: SilenceReason) {
        lock(&self.inner.record).silence(reason);
    }
    pub(crate) fn suggestions(&self) -> &Mutex<SuggestionCache> {
        &self.inner.suggestions
    }
    pub(crate) fn copies(&self) -> &CopyStore {
        &self.inner.copies
    }
}

/// Plain generation, for front-ends that serve prompts rather than documents.
///
/// # Errors
/// What the engine refuses the request with; later failures come through the generation.
pub fn generate(assist: &Assist, request: GenerateRequest) -> Result<Generation, AssistError> {
    Ok(assist.engine().generate(request)?)
}
