//! The features' errors: one variant for each different reaction of a front-end.

use engine::EngineError;

/// Why a feature could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssistError {
    /// The model part failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The request was cancelled, by its caller or by a newer one.
    #[error("the request was cancelled")]
    Cancelled,
    /// The time limit passed before there was an answer.
    #[error("the time limit passed")]
    DeadlineExceeded,
    /// A feature panicked; nothing else is affected.
    #[error("internal error in {0}")]
    Panicked(&'static str),
}
