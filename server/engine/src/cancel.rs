//! Cancellation: a flag that the caller trips; the decode loop polls it, a request to a server waits for it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Shared by a request and its worker. Cloning shares the flag; it can be tripped, never reset.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    is_tripped: AtomicBool,
    tripped: Notify,
}

impl CancelToken {
    /// A token that is not tripped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop: within one token or one prefill chunk.
    pub fn cancel(&self) {
        self.0.is_tripped.store(true, Ordering::SeqCst);
        self.0.tripped.notify_waiters();
    }

    /// True once tripped.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_tripped.load(Ordering::SeqCst)
    }

    /// Waits until it is tripped.
    pub async fn cancelled(&self) {
        // Listening begins before the look, so that nothing falls between the two.
        let mut tripped = pin!(self.0.tripped.notified());
        tripped.as_mut().enable();
        if !self.is_cancelled() {
            tripped.await;
        }
    }
}
