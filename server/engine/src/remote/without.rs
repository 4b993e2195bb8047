//! The remote backend of a build without the cargo feature `remote`: it says so.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::{RemoteLoad, RemoteSource};
use crate::{EngineError, Event, GenerateRequest, ModelInfo};

/// There is none.
pub(crate) struct RemoteModel(Infallible);

impl RemoteModel {
    /// Fails.
    ///
    /// # Errors
    /// `UnsupportedModel`, always.
    pub(crate) fn connect(_: &RemoteSource, _: usize, _: Arc<RemoteLoad>) -> Result<Self, EngineError> {
        Err(EngineError::UnsupportedModel("this program was built without the cargo feature `remote`".to_owned()))
    }

    pub(crate) fn info(&self) -> &ModelInfo {
        match self.0 {}
    }

    pub(crate) fn submit(&self, _: GenerateRequest, _: UnboundedSender<Event>) -> Result<(), EngineError> {
        match self.0 {}
    }
}
