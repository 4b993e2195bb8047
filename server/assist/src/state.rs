//! What all features share: workspace, engine, options, caches, the acceptance record.

use std::sync::Arc;

use engine::Engine;

use crate::{AssistConfig, Workspace};

/// Shared state; cloning shares it.
#[derive(Clone)]
pub struct Assist {
    #[expect(dead_code)]
    inner: Arc<()>,
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
    pub fn new(_engine: Engine, _config: AssistConfig) -> Self {
        unimplemented!()
    }
    /// The open documents.
    pub fn workspace(&self) -> &Workspace {
        unimplemented!()
    }
    /// The engine handle.
    pub fn engine(&self) -> &Engine {
        unimplemented!()
    }
    /// The options now in force.
    pub fn config(&self) -> Arc<AssistConfig> {
        unimplemented!()
    }
    /// Replaces the options; requests under way keep theirs.
    pub fn set_config(&self, _config: AssistConfig) {
        unimplemented!()
    }
    /// State for people.
    pub fn status(&self) -> AssistStatus {
        unimplemented!()
    }
    /// The client showed the suggestion with this id.
    pub fn record_shown(&self, _id: u64) {
        unimplemented!()
    }
    /// The user took the suggestion; `accepted_utf16` is the accepted length in UTF-16 units, `None` = all of it.
    pub fn record_accepted(&self, _id: u64, _accepted_utf16: Option<usize>) {
        unimplemented!()
    }
}
