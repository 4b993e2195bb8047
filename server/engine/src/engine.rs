//! The handle that everyone outside the worker holds.

use crate::{EngineConfig, EngineError, EngineStatus, GenerateRequest, Generation, ModelInfo, ModelSource};

/// Handle to the one worker thread. Cloning shares it; the worker ends with the last handle.
#[derive(Clone, Debug)]
pub struct Engine(());

/// A load under way; dropping it does not stop it.
#[derive(Debug)]
pub struct Load(());

impl Load {
    /// Waits for the end of the load.
    ///
    /// # Errors
    /// Why the model could not be loaded.
    pub async fn finished(self) -> Result<ModelInfo, EngineError> {
        unimplemented!()
    }

    /// Waits for the end of the load, for callers without a runtime.
    ///
    /// # Errors
    /// Why the model could not be loaded.
    pub fn blocking_finished(self) -> Result<ModelInfo, EngineError> {
        unimplemented!()
    }
}

impl Engine {
    /// Starts the worker, without a model.
    pub fn start(_config: EngineConfig) -> Self {
        unimplemented!()
    }
    /// Loads a model beside the one in service and swaps when it is ready; a failed load leaves the old one in place.
    pub fn load(&self, _source: ModelSource) -> Load {
        unimplemented!()
    }
    /// Drops the model and frees its memory once the running request ended.
    pub fn unload(&self) {
        unimplemented!()
    }
    /// What the engine says of itself; never waits for the worker.
    pub fn status(&self) -> EngineStatus {
        unimplemented!()
    }
    /// Number of tokens of a text, without special tokens; `None` without a model.
    pub fn count_tokens(&self, _text: &str) -> Option<usize> {
        unimplemented!()
    }
    /// Queues a request.
    ///
    /// # Errors
    /// `NoModel`, `QueueFull`, `InvalidRequest`; later failures come through the generation.
    pub fn generate(&self, _request: GenerateRequest) -> Result<Generation, EngineError> {
        unimplemented!()
    }
}
