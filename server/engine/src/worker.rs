//! The one thread that touches the weights: takes requests in, makes the passes, exchanges the model while requests run,
//! and keeps a panic inside the request that met it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::shared::{Backend, Busy, InService, Incoming, Job, Shared, Task};
use crate::{EngineConfig, EngineError};

mod plan;
mod prefix_cache;
mod run;
mod stage;

use stage::Stage;

/// The worker's own state; everything that handles may see is in [`Shared`].
pub(crate) struct Worker {
    shared: Arc<Shared>,
    config: EngineConfig,
    /// The model in service.
    stage: Option<Stage>,
    /// Models that were replaced and still have requests to finish.
    retiring: Vec<Stage>,
    /// Passes made.
    passes: usize,
}

impl Worker {
    /// A worker without a model.
    fn new(shared: Arc<Shared>, config: EngineConfig) -> Self {
        Self { shared, config, stage: None, retiring: Vec::new(), passes: 0 }
    }

    /// Works until all handles are gone. A panic that no request is to blame for costs the model and what it computes,
    /// not the engine: another model can be loaded.
    pub(crate) fn run(shared: &Arc<Shared>, config: &EngineConfig) {
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| Self::new(Arc::clone(shared), config.clone()).work())) {
            let failure = message(&*panic);
            tracing::error!(message = failure, "the model worker panicked; it has no model now");
            shared.worker_panicked(failure);
        }
    }

    fn work(mut self) {
        loop {
            self.stages().for_each(Stage::end_interrupted);
            self.retiring.retain(|stage| !stage.is_idle());
            let busy = self.busy();
            match self.shared.next_task(busy) {
                Task::Begin(job) => self.begin(job),
                Task::GoOn => self.pass(),
                Task::Swap(incoming) => self.swap(incoming),
                Task::Unload => self.retire(),
                Task::End => break,
            }
        }
        self.stages().for_each(Stage::cancel_all);
        self.shared.cancel_waiting();
    }

    fn stages(&mut self) -> impl Iterator<Item = &mut Stage> {
        self.retiring.iter_mut().chain(&mut self.stage)
    }

    /// The highest priority among all requests that were begun, and whether another of it may be begun.
    fn busy(&mut self) -> Option<Busy> {
        let priority = self.stages().filter_map(|stage| stage.priority()).max()?;
        let begun: usize = self.stages().map(|stage| stage.count(priority)).sum();
        Some(Busy { priority, room: begun < self.config.max_sequences.max(1) })
    }

    /// One forward pass for requests of the highest priority; models that have such take turns.
    fn pass(&mut self) {
        let priority = self.stages().filter_map(|stage| stage.priority()).max();
        let turn = self.passes;
        self.passes += 1;
        let mut stages: Vec<_> = self.stages().filter(|stage| stage.priority() == priority).collect();
        let count = stages.len().max(1);
        if let Some(stage) = stages.get_mut(turn % count) {
            stage.pass();
        }
    }

    /// The model serves no further requests; it stays until those that were begun have ended.
    fn retire(&mut self) {
        let Some(mut stage) = self.stage.take() else { return };
        if !stage.is_idle() {
            stage.retire();
            self.retiring.push(stage);
        }
    }

    fn swap(&mut self, incoming: Incoming) {
        let Incoming { service, reply } = incoming;
        let info = service.info.clone();
        let backend =
            Backend::Worker { tokenizer: Arc::clone(&service.tokenizer), grammars: Arc::clone(&service.grammars) };
        let in_service = InService { info: info.clone(), backend };
        self.retire();
        self.stage = Some(Stage::new(*service, Arc::clone(&self.shared), self.config.clone()));
        self.shared.put_in_service(in_service);
        tracing::info!(name = %info.name, load_ms = info.load_ms, fim = ?info.fim, "a model is in service");
        let _ = reply.send(Ok(info));
    }

    fn begin(&mut self, job: Box<Job>) {
        match &mut self.stage {
            Some(stage) => stage.begin(job),
            None => run::fail(job, EngineError::NoModel { loading: false }, &self.shared),
        }
    }
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}
