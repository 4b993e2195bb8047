//! The remote backend of a build without the cargo feature `remote`: it says so.

use std::convert::Infallible;

use super::RemoteSource;
use crate::{EngineError, GenerateRequest, Generation, ModelInfo, QueueStatus};

/// There is none.
pub(crate) struct RemoteModel(Infallible);

impl RemoteModel {
    /// Fails.
    ///
    /// # Errors
    /// `UnsupportedModel`, always.
    pub(crate) fn connect(_: &RemoteSource, _: usize) -> Result<Self, EngineError> {
        Err(EngineError::UnsupportedModel("this program was built without the cargo feature `remote`".to_owned()))
    }

    pub(crate) fn info(&self) -> &ModelInfo {
        match self.0 {}
    }

    pub(crate) fn queue(&self) -> QueueStatus {
        match self.0 {}
    }

    pub(crate) fn served(&self) -> u64 {
        match self.0 {}
    }

    pub(crate) fn generate(&self, _: GenerateRequest) -> Result<Generation, EngineError> {
        match self.0 {}
    }
}
