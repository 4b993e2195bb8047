//! What happens after a panic in a pass: a panic is one failed request, whatever it met.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Stage;
use crate::EngineError;
use crate::service::Service;
use crate::worker::message;
use crate::worker::prefix_cache::PrefixCache;

impl Stage {
    /// After a panic in a pass: starts the model again from its source, because nothing that it holds can be trusted.
    /// The request fails if it was alone in the pass; of several each goes on alone, until it has passed the place
    /// where the pass failed, or is found to be the guilty one.
    pub(super) fn recover(&mut self, failure: String) {
        tracing::error!(message = failure, "the model worker panicked; the model is started again");
        let is_found = self.shares.len() == 1;
        for share in &self.shares {
            self.runs[share.run].suspect(share.tokens);
        }
        // Restarted before the answer: who sees the answer can go on at once.
        self.restart();
        if self.service.is_none() || is_found {
            self.fail_shares(&EngineError::WorkerFailed(failure));
        }
        if self.service.is_none() {
            for index in (0..self.runs.len()).rev() {
                self.fail(index, EngineError::NoModel { loading: false });
            }
        }
    }

    fn restart(&mut self) {
        let Some(broken) = self.service.take() else { return };
        let Service { source, cue, model, .. } = broken;
        // Dropping what a panic left behind may panic as well.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            self.cache = PrefixCache::default();
            for run in &mut self.runs {
                run.take_sequence();
            }
            drop(model);
        }));
        let config = &self.config;
        let loaded = catch_unwind(|| Service::load(&source, config, cue, &mut |_| ()));
        match loaded.unwrap_or_else(|panic| Err(EngineError::WorkerFailed(message(&*panic)))) {
            Ok(service) => self.service = Some(service),
            Err(error) => {
                tracing::error!(%error, "the model cannot be started again");
                // A model that was replaced serves nobody who waits.
                if !self.retired {
                    self.shared.lost_service(error.to_string());
                }
            }
        }
    }
}
