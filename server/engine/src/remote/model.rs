//! A model on a server, ready for requests: the handle that the engine keeps in place of a worker.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedSender;

use super::amend::Amendments;
use super::body::{CHAT, Server};
use super::client::Client;
use super::discover::{self, Discovered};
use super::run::{self, Ask};
use super::{RemoteLoad, RemoteSource};
use crate::{EngineError, Event, GenerateRequest, ModelInfo};

/// Where all exchanges run: one thread, which waits most of the time. Callers of the engine need no runtime, and those
/// that have one must not have to keep it.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("engine-remote")
            .enable_all()
            .build()
            .expect("the system has a thread for the remote backend")
    })
}

/// A model on a server. Dropping it lets the requests that run come to their end.
pub(crate) struct RemoteModel {
    client: Arc<Client>,
    pub(super) server: Server,
    /// What the server has refused so far.
    amendments: Arc<Amendments>,
    info: ModelInfo,
    capacity: usize,
    pub(super) load: Arc<RemoteLoad>,
}

/// Counts a request while it runs.
struct Running(Arc<RemoteLoad>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        self.0.served.fetch_add(1, Ordering::Relaxed);
    }
}

impl RemoteModel {
    /// Asks the server what it is. Takes as long as the server does: call it on a thread that may wait, and that drives
    /// no runtime. At most `capacity` requests run at once later,
    /// counted in `load`.
    ///
    /// # Errors
    /// `UnsupportedModel` for an address or model that cannot be used, `Remote` for a server that cannot be asked.
    pub(crate) fn connect(source: &RemoteSource, capacity: usize, load: Arc<RemoteLoad>) -> Result<Self, EngineError> {
        let start = Instant::now();
        let client = Client::new(source)?;
        let Discovered { server, mut info } = runtime().block_on(discover::discover(&client, source))?;
        info.server = Some(format!("{} at {}", server.dialect.name(), client.address));
        info.load_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            server = %client.address,
            dialect = server.dialect.name(),
            model = server.model,
            context = server.context_length,
            fim = ?server.fim,
            "a model server answers"
        );
        Ok(Self { client: Arc::new(client), server, amendments: Arc::default(), info, capacity, load })
    }

    /// What the server says of the model; zeros and `unknown` where it says nothing.
    pub(crate) fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Sends a request; what becomes of it goes to `events`. What needs logits is ignored, since the server's are out of
    /// reach: the predictor, healing, speculation, other tokens' probabilities; and so is the priority.
    ///
    /// # Errors
    /// `QueueFull`, `InvalidRequest`.
    pub(crate) fn submit(&self, request: GenerateRequest, events: UnboundedSender<Event>) -> Result<(), EngineError> {
        let mut body = self.server.body(&request)?;
        if body.path == CHAT {
            self.amendments.apply(&mut body.json);
        }
        let running = self.load.running.fetch_add(1, Ordering::Relaxed);
        if running >= self.capacity {
            self.load.running.fetch_sub(1, Ordering::Relaxed);
            return Err(EngineError::QueueFull { waiting: running });
        }
        let under_way = Running(Arc::clone(&self.load));
        let GenerateRequest { max_new_tokens, stop, deadline, cancel, .. } = request;
        let client = Arc::clone(&self.client);
        let amendments = Arc::clone(&self.amendments);
        let ask = Ask { body, max_new_tokens, stop, deadline, cancel, amendments };
        runtime().spawn(async move { run::run(&client, ask, &events, under_way).await });
        Ok(())
    }
}
