//! A model on a server, ready for requests: the handle that the engine keeps in place of a worker.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use super::RemoteSource;
use super::body::Server;
use super::client::Client;
use super::discover::{self, Discovered};
use super::run::{self, Ask};
use crate::{EngineError, GenerateRequest, Generation, ModelInfo, QueueStatus};

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
    info: ModelInfo,
    capacity: usize,
    load: Arc<Load>,
}

/// Requests under way and done.
#[derive(Debug, Default)]
struct Load {
    running: AtomicUsize,
    served: AtomicU64,
}

/// Counts a request while it runs.
struct Running(Arc<Load>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        self.0.served.fetch_add(1, Ordering::Relaxed);
    }
}

impl RemoteModel {
    /// Asks the server what it is. Takes as long as the server does: call it on a thread that may wait, and that drives
    /// no runtime. At most `capacity` requests run at once later.
    ///
    /// # Errors
    /// `UnsupportedModel` for an address or model that cannot be used, `Remote` for a server that cannot be asked.
    pub(crate) fn connect(source: &RemoteSource, capacity: usize) -> Result<Self, EngineError> {
        let start = Instant::now();
        let client = Client::new(source)?;
        let Discovered { server, mut info } = runtime().block_on(discover::discover(&client, source))?;
        info.load_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            server = %client.address,
            dialect = server.dialect.name(),
            model = server.model,
            context = server.context_length,
            fim = ?server.fim,
            "a model server answers"
        );
        Ok(Self { client: Arc::new(client), server, info, capacity, load: Arc::default() })
    }

    /// What the server says of the model; zeros and `unknown` where it says nothing.
    pub(crate) fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Requests under way here; how many others the server has is its own business.
    pub(crate) fn queue(&self) -> QueueStatus {
        QueueStatus { running: self.load.running.load(Ordering::Relaxed), waiting: 0, capacity: self.capacity }
    }

    /// Requests that have ended.
    pub(crate) fn served(&self) -> u64 {
        self.load.served.load(Ordering::Relaxed)
    }

    /// Sends a request. Its predictor is ignored, since the server's logits are out of reach, and so is its priority.
    ///
    /// # Errors
    /// `QueueFull`, `InvalidRequest`; later failures come through the generation.
    pub(crate) fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        let body = self.server.body(&request)?;
        let running = self.load.running.fetch_add(1, Ordering::Relaxed);
        let guard = Running(Arc::clone(&self.load));
        if running >= self.capacity {
            return Err(EngineError::QueueFull { waiting: running });
        }
        let GenerateRequest { max_new_tokens, stop, deadline, cancel, .. } = request;
        let (events, receiver) = mpsc::unbounded_channel();
        let generation = Generation::new(receiver, cancel.clone());
        let client = Arc::clone(&self.client);
        let ask = Ask { body, max_new_tokens, stop, deadline, cancel };
        runtime().spawn(async move { run::run(&client, ask, &events, guard).await });
        Ok(generation)
    }
}
