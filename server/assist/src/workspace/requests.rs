//! Which model requests run for a document: a newer one ends the older one, closing the document ends all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::CancelToken;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use crate::inline_completion::flight::{Flight, Successor};

/// Ghost text and the menu live side by side: an editor may ask for both at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Ghost text.
    Inline,
    /// The suggestion in the completion menu.
    Menu,
    /// What may come after ghost text that is being read: made before anybody asks.
    Ahead,
}

impl Lane {
    /// A request in one of the two replaces one in the other.
    pub(super) fn rivals(self, other: Self) -> bool {
        (self == Self::Menu) == (other == Self::Menu)
    }
}

/// Sent by a newer request to the one it replaces: "if your text fits mine, give me what you have".
pub(crate) struct Takeover {
    /// What the newer request looks at.
    pub(crate) successor: Successor,
    /// Where the running generation goes; dropped when it does not fit.
    pub(crate) reply: oneshot::Sender<Flight>,
}

/// A running request, as the registry holds it. Dropping it wakes the request, which then ends.
pub(super) struct Running {
    pub(super) lane: Lane,
    pub(super) ticket: u64,
    /// When the request arrived, on the workspace's clock.
    pub(super) arrival: u64,
    pub(super) work: CancelToken,
    pub(super) streaming: Arc<AtomicBool>,
    pub(super) takeover: oneshot::Sender<Takeover>,
}

impl Running {
    /// Ends the request without an heir.
    pub(super) fn cancel(self) {
        self.work.cancel();
    }
}

/// A request that was replaced and has not been told yet.
pub(crate) struct Replaced(pub(super) Running);

impl Replaced {
    /// Ends the older request. Where it is streaming and its text fits, its generation is handed over instead of
    /// being stopped: the receiver gets it, or an error.
    pub(crate) fn end(self, successor: Option<Successor>) -> Option<oneshot::Receiver<Flight>> {
        let running = self.0;
        if let Some(successor) = successor
            && running.streaming.load(Ordering::Acquire)
        {
            let (reply, handed_over) = oneshot::channel();
            if running.takeover.send(Takeover { successor, reply }).is_ok() {
                return Some(handed_over);
            }
            return None;
        }
        running.cancel();
        None
    }
}

/// The request's own end of its registration; dropping it takes the request off the registry.
pub(crate) struct Registration {
    /// Stops the model's work for this request.
    pub(crate) work: CancelToken,
    /// To be set once the request consumes a generation, and so can hand it over.
    pub(crate) streaming: Arc<AtomicBool>,
    /// Resolves when a newer request replaces this one (`Ok`), or when it shall end without an heir (`Err`).
    pub(crate) takeover: oneshot::Receiver<Takeover>,
    /// What its place in the registry hangs on.
    pub(super) tenure: Tenure,
}

impl Registration {
    /// The request's work is now this: a replaced request or a closed document stops it. It is stopped at once when
    /// that has happened already.
    pub(crate) fn adopt(&mut self, work: CancelToken) {
        match &self.tenure {
            Tenure::Listed { entry } => entry.workspace.adopt(&entry.id, entry.ticket, &work),
            Tenure::Void => work.cancel(),
            Tenure::Unrivalled { .. } => {}
        }
        self.work = work;
    }

    /// True when a newer request replaced this one, or the document was closed.
    pub(crate) fn is_void(&mut self) -> bool {
        !matches!(self.takeover.try_recv(), Err(TryRecvError::Empty))
    }
}

/// How long a registration is worth something.
pub(super) enum Tenure {
    /// The document is not open anywhere, nobody can replace the request: it keeps its own waker.
    Unrivalled { _takeover: oneshot::Sender<Takeover> },
    /// Listed; dropping the entry takes it off.
    Listed { entry: Entry },
    /// The document is closed, or a request that arrived later is there already.
    Void,
}

/// Takes a request off the registry when dropped.
pub(super) struct Entry {
    pub(super) workspace: super::Workspace,
    pub(super) id: super::DocumentId,
    pub(super) ticket: u64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.workspace.unregister(&self.id, self.ticket);
    }
}
