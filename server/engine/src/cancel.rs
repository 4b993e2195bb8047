//! Cancellation: a flag that the caller trips and the decode loop polls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by a request and its worker. Cloning shares the flag; it can be tripped, never reset.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not tripped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop: within one token or one prefill chunk.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once tripped.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
