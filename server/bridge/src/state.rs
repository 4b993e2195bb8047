//! What all routes share.

use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use assist::Assist;
use assist::model::{ModelInfo, ModelState};
use tokio_util::sync::CancellationToken;

use crate::BridgeConfig;
use crate::auth::Keys;
use crate::error::ApiError;
use crate::jobs::Jobs;
use crate::limits::Bans;
use crate::openapi::Description;

/// Shared state; cloning shares it.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) assist: Assist,
    pub(crate) config: BridgeConfig,
    pub(crate) keys: Keys,
    pub(crate) bans: Bans,
    pub(crate) jobs: Jobs,
    /// Held while a model is being loaded: two loads at once would race for the memory.
    pub(crate) load: tokio::sync::Mutex<()>,
    /// Start in Unix seconds.
    pub(crate) started_unix_s: u64,
    /// Set once the routes are known.
    description: OnceLock<Description>,
}

impl App {
    pub(crate) fn new(assist: Assist, config: BridgeConfig, shutdown: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            keys: Keys::new(&config.keys),
            bans: Bans::new(config.ban_after_failures, config.ban_duration),
            jobs: Jobs::new(config.max_concurrent_jobs, config.max_waiting_jobs, shutdown),
            load: tokio::sync::Mutex::new(()),
            started_unix_s: unix_seconds(),
            description: OnceLock::new(),
            assist,
            config,
        }))
    }

    /// The loaded model.
    ///
    /// # Errors
    /// 503 when there is none, with a time to retry while one is loading.
    pub(crate) fn model(&self) -> Result<ModelInfo, ApiError> {
        match self.assist.engine().status().model {
            ModelState::Ready(info) => Ok(info),
            ModelState::Loading { .. } => Err(ApiError::model_not_loaded(true)),
            ModelState::None | ModelState::Failed(_) => Err(ApiError::model_not_loaded(false)),
        }
    }

    /// Sets the description of the API, once.
    pub(crate) fn describe(&self, description: Description) {
        assert!(self.description.set(description).is_ok(), "the routes are described once");
    }

    /// The description of the API.
    pub(crate) fn description(&self) -> &Description {
        self.description.get().expect("the router describes itself before it serves")
    }
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Now, in Unix seconds.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs())
}

/// An id that nobody can guess: the prefix and 64 random bits in hexadecimal.
pub(crate) fn random_id(prefix: &str) -> String {
    format!("{prefix}{:016x}", random_u64())
}

/// 64 random bits.
pub(crate) fn random_u64() -> u64 {
    getrandom::u64().expect("the operating system has a source of randomness")
}
