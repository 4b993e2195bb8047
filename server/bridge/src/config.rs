//! Options of the bridge, passed explicitly by the program.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use assist::model::ModelSource;

/// A key of the bridge.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key itself; compared in constant time, never logged.
    pub key: String,
    /// Whose it is: the name that appears in logs and statistics.
    pub user: String,
    /// Requests a minute.
    pub limit_per_minute: u32,
}

// By hand: a derived `Debug` would print the key.
impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("user", &self.user)
            .field("limit_per_minute", &self.limit_per_minute)
            .finish_non_exhaustive()
    }
}

/// Finds the model that a caller of `/load_model` names; only the program knows its models folder.
#[derive(Clone)]
pub struct ModelResolver(Arc<Resolve>);

type Resolve = dyn Fn(Option<&str>) -> Option<ModelSource> + Send + Sync;

impl ModelResolver {
    /// A resolver from a function: a name (`None` = the configured model) to a source, `None` when nothing goes by it.
    pub fn new(resolve: impl Fn(Option<&str>) -> Option<ModelSource> + Send + Sync + 'static) -> Self {
        Self(Arc::new(resolve))
    }

    /// What goes by this name.
    pub fn resolve(&self, name: Option<&str>) -> Option<ModelSource> {
        (self.0)(name)
    }
}

impl fmt::Debug for ModelResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelResolver")
    }
}

/// Options of the bridge.
#[derive(Clone, Debug)]
pub struct BridgeConfig {
    /// Keys; empty = open on loopback.
    pub keys: Vec<ApiKey>,
    /// The listener is on a loopback address (decides the `Host` and `Origin` rules).
    pub loopback: bool,
    /// Origins that browsers may call from; turns CORS on for them. `*` is every origin.
    pub allowed_origins: Vec<String>,
    /// Longest time of one request.
    pub request_timeout: Duration,
    /// Model jobs that run at once.
    pub max_concurrent_jobs: usize,
    /// Model jobs that wait beyond these.
    pub max_waiting_jobs: usize,
    /// Largest body in bytes.
    pub max_body_bytes: usize,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Failed keys from one address within a minute that ban it.
    pub ban_after_failures: u32,
    /// How long a ban lasts.
    pub ban_duration: Duration,
    /// Finds models by name for `/load_model`; without one only files can be named, and only on loopback.
    pub model_resolver: Option<ModelResolver>,
    /// How long a shutdown waits for requests under way before it ends them.
    pub shutdown_grace: Duration,
}

impl Default for BridgeConfig {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            loopback: true,
            allowed_origins: Vec::new(),
            request_timeout: Duration::from_secs(30),
            max_concurrent_jobs: 3,
            max_waiting_jobs: 32,
            max_body_bytes: 2 * 1024 * 1024,
            trusted_proxies: Vec::new(),
            ban_after_failures: 10,
            ban_duration: Duration::from_secs(15 * 60),
            model_resolver: None,
            shutdown_grace: Duration::from_secs(3),
        }
    }
}
