//! The handle that everyone outside the worker holds.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use crate::remote::RemoteModel;
use crate::service::Service;
use crate::shared::{Backend, Job, Shared};
use crate::worker::{self, Worker};
use crate::{
    EngineConfig, EngineError, EngineStatus, GenerateRequest, Generation, ModelInfo, ModelSource, Prompt, validate,
};

/// Handle to the one worker thread. Cloning shares it; the worker ends with the last handle.
#[derive(Clone)]
pub struct Engine(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    loads: std::sync::mpsc::Sender<Order>,
}

/// A load that was asked for.
struct Order {
    source: ModelSource,
    epoch: u64,
    reply: oneshot::Sender<Result<ModelInfo, EngineError>>,
}

/// A load under way; dropping it does not stop it.
#[derive(Debug)]
pub struct Load(oneshot::Receiver<Result<ModelInfo, EngineError>>);

impl Load {
    /// Waits until the model is in service.
    ///
    /// # Errors
    /// Why the model could not be loaded; `NoModel` when it was unloaded meanwhile.
    pub async fn finished(self) -> Result<ModelInfo, EngineError> {
        self.0.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Waits until the model is in service, for callers without a runtime.
    ///
    /// # Errors
    /// Why the model could not be loaded; `NoModel` when it was unloaded meanwhile.
    pub fn blocking_finished(self) -> Result<ModelInfo, EngineError> {
        self.0.blocking_recv().unwrap_or_else(|_| Err(ended()))
    }
}

fn ended() -> EngineError {
    EngineError::Unavailable("the engine has ended".to_owned())
}

impl Engine {
    /// Starts the worker, without a model.
    ///
    /// # Panics
    /// When the operating system gives no threads.
    pub fn start(config: EngineConfig) -> Self {
        let shared = Arc::new(Shared::new(config.queue_capacity));
        let (loads, orders) = std::sync::mpsc::channel();
        let (worker, options) = (Arc::clone(&shared), config.clone());
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        named("engine").spawn(move || Worker::run(&worker, &options)).expect("the system has a thread for the engine");
        let loader = Arc::clone(&shared);
        named("engine-load")
            .spawn(move || load_all(&orders, &loader, &config))
            .expect("the system has a thread for the engine's loader");
        Self(Arc::new(Handle { shared, loads }))
    }

    /// Loads a model beside the one in service and swaps when it is ready; a failed load leaves the old one in place.
    /// Loads asked for while another is under way follow it; the last one stays in service.
    pub fn load(&self, source: ModelSource) -> Load {
        let (reply, result) = oneshot::channel();
        let epoch = self.0.shared.load_begins();
        // Without a loader thread the reply is dropped and the load ends with an error.
        let _ = self.0.loads.send(Order { source, epoch, reply });
        Load(result)
    }

    /// Drops the model and frees its memory once the running request ended. New requests are refused at once.
    pub fn unload(&self) {
        self.0.shared.unload();
    }

    /// What the engine says of itself; never waits for the worker.
    pub fn status(&self) -> EngineStatus {
        self.0.shared.status()
    }

    /// Waits while the first model is being loaded; at once when there is one already, or none is to come.
    pub async fn settled(&self) {
        self.0.shared.settled().await;
    }

    /// Number of tokens of a text, without special tokens; `None` without a model, and with one on a server, whose
    /// tokenizer is not here.
    pub fn count_tokens(&self, text: &str) -> Option<usize> {
        match self.0.shared.in_service()?.backend {
            Backend::Worker { tokenizer, .. } => Some(tokenizer.encode_plain(text).len()),
            Backend::Server(_) => None,
        }
    }

    /// Queues a request, or sends it to the server that the model is on. One with a constraint that was not used lately
    /// takes some milliseconds to compile it, the first one of a model up to a second: call this where that may block.
    ///
    /// # Errors
    /// `NoModel`, `QueueFull`, `InvalidRequest`; later failures come through the generation.
    pub fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        validate::check(&request)?;
        let (events, receiver) = mpsc::unbounded_channel();
        let generation = Generation::new(receiver, request.cancel.clone());
        if let Some(in_service) = self.0.shared.in_service() {
            if let Prompt::Fim(_) = request.prompt {
                validate::check_fim(&in_service.info)?;
            }
            if let (Some(constraint), Backend::Worker { grammars, .. }) = (&request.constraint, in_service.backend) {
                // Compiled here and kept, so that the worker does not wait for it.
                grammars.guide(constraint, &[])?;
            }
        }
        let now = Instant::now();
        self.0.shared.submit(Box::new(Job { request, events, queued_at: now }), now)?;
        Ok(generation)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Engine").field(&self.status()).finish()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// The loader thread: one load after the other, until all handles are gone.
fn load_all(orders: &std::sync::mpsc::Receiver<Order>, shared: &Shared, config: &EngineConfig) {
    while let Ok(Order { source, epoch, reply }) = orders.recv() {
        if let ModelSource::Remote(source) = source {
            let load = Arc::clone(shared.remote_load());
            let connected = catch_unwind(|| RemoteModel::connect(&source, config.queue_capacity, load));
            let connected = connected.unwrap_or_else(|panic| Err(EngineError::Remote(worker::message(&*panic))));
            shared.connected(epoch, connected, reply);
            continue;
        }
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            Service::load(&source, config, None, &mut |progress| shared.load_progress(progress))
        }));
        let loaded = loaded.unwrap_or_else(|panic| Err(EngineError::BadModelFile(worker::message(&*panic))));
        shared.loaded(epoch, loaded, reply);
    }
}

#[cfg(test)]
mod tests;
