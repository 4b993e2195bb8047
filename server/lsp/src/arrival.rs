//! What a request carries from its arrival into its handler: the snapshot taken then, and the token that stops it.
//!
//! Handed over through a task-local scope, because the framework's handlers take the message's parameters and
//! nothing else.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assist::Snapshot;
use assist::generation::CancelToken;
use tower_lsp::jsonrpc::{Error, Id, Result};
use tower_lsp::ls_types::LSPAny;

tokio::task_local! {
    static ARRIVAL: Arrival;
}

/// The state of the world when a request arrived.
#[derive(Clone)]
pub(crate) struct Arrival {
    /// URI of the document the request names.
    pub(crate) uri: Option<String>,
    /// That document; `None` when it is not open or the request names none.
    pub(crate) snapshot: Option<Snapshot>,
    /// The parameters of `initialize` as they were sent.
    pub(crate) initialize: LSPAny,
    /// Every open document, for requests about all of them.
    pub(crate) all: Vec<Snapshot>,
    /// Tripped by `$/cancelRequest`, by the end of the session, and when the handler is dropped.
    pub(crate) cancel: CancelToken,
}

impl Arrival {
    /// Runs `handler` with this arrival in reach.
    pub(crate) async fn scope<F: Future>(self, handler: F) -> F::Output {
        let _stop_when_dropped = TripOnDrop(self.cancel.clone());
        ARRIVAL.scope(self, handler).await
    }
}

/// The document the current request names, as it was when the request arrived.
pub(crate) fn snapshot() -> Result<Snapshot> {
    let (snapshot, uri) = ARRIVAL.with(|it| (it.snapshot.clone(), it.uri.clone()));
    snapshot.ok_or_else(|| match uri {
        Some(uri) => Error::invalid_params(format!("the document {uri} is not open")),
        None => Error::invalid_params("textDocument.uri is missing"),
    })
}

/// Every document that was open when the current request arrived.
pub(crate) fn all_snapshots() -> Vec<Snapshot> {
    ARRIVAL.with(|it| it.all.clone())
}

/// The parameters of the current request, if it is `initialize`.
pub(crate) fn initialize_params() -> LSPAny {
    ARRIVAL.with(|it| it.initialize.clone())
}

/// The token of the current request.
pub(crate) fn cancel_token() -> CancelToken {
    ARRIVAL.with(|it| it.cancel.clone())
}

/// Dropping a handler does not stop what it handed to another thread; this does.
struct TripOnDrop(CancelToken);

impl Drop for TripOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// The tokens of the requests under way, by request id.
#[derive(Clone, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashMap<Id, CancelToken>>>);

impl InFlight {
    /// Registers a request until the returned value is dropped. An id in use stays with its first request.
    pub(crate) fn register(&self, id: &Id, cancel: &CancelToken) -> Option<Registration> {
        match self.lock().entry(id.clone()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(entry) => {
                entry.insert(cancel.clone());
                Some(Registration { in_flight: self.clone(), id: id.clone() })
            }
        }
    }

    /// Stops the request with this id, if it is under way.
    pub(crate) fn cancel(&self, id: &Id) {
        if let Some(token) = self.lock().get(id) {
            token.cancel();
        }
    }

    /// Stops every request.
    pub(crate) fn cancel_all(&self) {
        self.lock().values().for_each(CancelToken::cancel);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, CancelToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a request registered.
pub(crate) struct Registration {
    in_flight: InFlight,
    id: Id,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.in_flight.lock().remove(&self.id);
    }
}
