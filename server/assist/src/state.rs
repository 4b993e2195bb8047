//! What all features share: workspace, engine, options, caches, the acceptance record.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Engine, GenerateRequest, Generation};
use syntax::Language;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use crate::context::ContextStore;
use crate::copy_engine::CopyStore;
use crate::inline_completion::pace::Pace;
use crate::inline_completion::prompt::PromptBudget;
use crate::inline_completion::scene::Scene;
use crate::inline_completion::suggestion_cache::SuggestionCache;
use crate::next_edit::NextEdits;
use crate::project::{FileStamp, Project, ProjectFiles, SETTLING};
use crate::record::kept::Look;
use crate::record::{Offer, Record};
use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::{
    AssistConfig, AssistError, DocumentId, InlineCompletionConfig, LintConfig, LintConfigProblem, LintSettings,
    SilenceReason, Snapshot, Workspace,
};

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
    /// Where accepting the suggestion looked ahead of last leads.
    looked_ahead: Mutex<Option<Scene>>,
    copies: CopyStore,
    project: Project,
    lint: LintConfig,
    prompt_budget: Mutex<PromptBudget>,
    next_edits: NextEdits,
    context: ContextStore,
    record: Mutex<Record>,
    pace: Mutex<Pace>,
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
    /// Suggestions in view that the user typed something else over.
    pub rejected: u64,
    /// Characters (Unicode scalar values) accepted.
    pub accepted_characters: u64,
    /// What of the accepted text was still there after 30 seconds.
    pub kept_30s: KeptCounts,
    /// And after two minutes.
    pub kept_2min: KeptCounts,
}

/// What became of accepted text, in documents that were still open then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptCounts {
    /// Accepted suggestions that were looked for.
    pub suggestions: u64,
    /// How many of them were there without a change, blanks aside.
    pub whole: u64,
    /// Their characters when they were accepted.
    pub accepted_characters: u64,
    /// How many of these characters were still there.
    pub kept_characters: u64,
}

impl KeptCounts {
    /// A suggestion of so many characters of which this share was left.
    pub(crate) fn add(&mut self, characters: usize, share: f64) {
        self.suggestions += 1;
        self.whole += u64::from(share >= 1.0);
        self.accepted_characters += characters as u64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let kept = (characters as f64 * share).round() as u64;
        self.kept_characters += kept;
    }
}

/// Why there was no suggestion the last time there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSilence {
    /// Its code.
    pub reason: &'static str,
    /// The document, where it is an open one.
    pub document: Option<DocumentId>,
    /// How long ago.
    pub ago: Duration,
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
    /// The latest of them.
    pub last_silence: Option<LastSilence>,
    /// Suggestions answered from the cache (type-through included).
    pub cache_hits: u64,
    /// How long the model is expected to take for an automatic suggestion; `None` before its first one.
    pub expected_latency: Option<Duration>,
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
            looked_ahead: Mutex::default(),
            copies: CopyStore::default(),
            lint: LintConfig::new(disk.clone()),
            project: Project::new(disk),
            prompt_budget: Mutex::default(),
            next_edits: NextEdits::default(),
            context: ContextStore::default(),
            record: Mutex::default(),
            pace: Mutex::default(),
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
        let budget = self.config().inline_completion.workspace_mb << 20;
        self.inner.project.refresh(&self.copied_folders(), &open, budget);
    }
    /// The workspace folders as far as anything is copied from them: none where that is switched off.
    fn copied_folders(&self) -> Arc<[PathBuf]> {
        let config = self.config();
        let InlineCompletionConfig { enabled, copies, workspace_mb, .. } = config.inline_completion;
        if enabled && copies && workspace_mb > 0 { self.inner.workspace.folders() } else { Arc::default() }
    }
    /// The same in the background, when it is due.
    pub(crate) fn refresh_project(&self) {
        if self.inner.project.is_due(&self.copied_folders()) {
            self.index_later(Duration::ZERO);
        }
    }
    /// Files changed on disk that no editor has open: the workspace folders are looked through shortly, once for all
    /// changes until then.
    pub fn files_changed(&self) {
        self.inner.lint.forget();
        if self.inner.project.note_change() {
            self.index_later(SETTLING);
        }
    }
    /// The settings of the rules for a file: what its project says, under the user's choice.
    pub fn lint_settings(&self, path: Option<&Path>) -> Arc<LintSettings> {
        self.inner.lint.settings(path, &self.config().lint)
    }
    /// Settings files that make no sense, of those that were looked at.
    pub fn lint_problems(&self) -> Vec<LintConfigProblem> {
        self.inner.lint.problems()
    }
    fn index_later(&self, delay: Duration) {
        let assist = self.clone();
        let work = move || {
            std::thread::sleep(delay);
            assist.index_project();
        };
        // Detached: a process that ends does not wait for it.
        let spawned = std::thread::Builder::new().name("ropewalk-project".to_owned()).spawn(work);
        if let Err(error) = spawned {
            tracing::warn!(%error, "the workspace is not indexed");
        }
    }
    /// The files of the workspace folders that some grammar reads, at most `max_bytes` long, in order of their paths.
    /// Looks through the folders: not for a request that somebody waits for.
    pub fn workspace_files(&self, max_bytes: u64) -> Vec<FileStamp> {
        self.inner.project.files(&self.inner.workspace.folders(), max_bytes)
    }
    /// A file of the workspace folders as it is on disk, under the id it would have when it were open; `None` when it
    /// cannot be read or is of no known language.
    pub fn file_snapshot(&self, id: &str, path: &Path) -> Option<Snapshot> {
        let language = Language::from_path(path)?;
        let text = self.inner.project.read(path)?;
        Some(Snapshot::of_file(DocumentId::new(id), &text, language, Some(path)))
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
        *lock(&self.inner.looked_ahead) = None;
    }
    /// State for people.
    pub fn status(&self) -> AssistStatus {
        let engine = self.inner.engine.status();
        let open_documents = self.inner.workspace.open_documents().len();
        let expected_latency = lock(&self.inner.pace).expected_latency();
        let record = lock(&self.inner.record);
        AssistStatus {
            engine,
            acceptance: record.counts,
            silences: record.silences(),
            last_silence: record.last_silence(),
            cache_hits: record.cache_hits,
            expected_latency,
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
        let is_new = lock(&self.inner.record).accepted(id, accepted_utf16);
        if is_new {
            self.follow(id);
        }
    }
    /// The suggestion with this id goes to the client, whose document is as it was when it asked.
    pub fn record_answered(&self, id: u64) {
        lock(&self.inner.record).answered(id);
    }

    /// Looks for an accepted suggestion later. Holds neither documents nor this state meanwhile; outside of a runtime,
    /// where nobody would wait for it, nothing is looked for.
    fn follow(&self, id: u64) {
        let Ok(runtime) = Handle::try_current() else { return };
        let shared = Arc::downgrade(&self.inner);
        let accepted = Instant::now();
        runtime.spawn(async move {
            for look in Look::ALL {
                sleep_until(accepted + look.after()).await;
                let Some(inner) = shared.upgrade() else { return };
                Self { inner }.look_for(id, look).await;
            }
            if let Some(inner) = shared.upgrade() {
                lock(&inner.record).unfollow(id);
            }
        });
    }

    async fn look_for(&self, id: u64, look: Look) {
        let Some(followed) = lock(&self.inner.record).followed(id) else { return };
        let Some(snapshot) = self.inner.workspace.snapshot(&followed.document) else { return };
        let found = run_blocking("acceptance record", move || {
            let share = followed.share_kept(snapshot.document());
            (followed, share)
        });
        if let Ok((followed, share)) = found.await {
            lock(&self.inner.record).kept(&followed, look, share);
        }
    }

    /// Counts a suggestion that is answered with, and numbers it.
    pub(crate) fn record_offered(&self, offer: Offer, from_cache: bool) -> u64 {
        let id = self.inner.next_suggestion.fetch_add(1, Ordering::Relaxed);
        let mut record = lock(&self.inner.record);
        record.offer(id, offer);
        record.cache_hits += u64::from(from_cache);
        id
    }
    pub(crate) fn record_silence(&self, reason: SilenceReason, document: Option<DocumentId>) {
        lock(&self.inner.record).silence(reason, document);
    }
    pub(crate) fn record(&self) -> &Mutex<Record> {
        &self.inner.record
    }
    pub(crate) fn suggestions(&self) -> &Mutex<SuggestionCache> {
        &self.inner.suggestions
    }
    pub(crate) fn looked_ahead(&self) -> &Mutex<Option<Scene>> {
        &self.inner.looked_ahead
    }
    pub(crate) fn pace(&self) -> &Mutex<Pace> {
        &self.inner.pace
    }
    pub(crate) fn prompt_budget(&self) -> &Mutex<PromptBudget> {
        &self.inner.prompt_budget
    }
    pub(crate) fn context(&self) -> &ContextStore {
        &self.inner.context
    }
    pub(crate) fn next_edits(&self) -> &NextEdits {
        &self.inner.next_edits
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
