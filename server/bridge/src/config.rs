//! Options of the bridge, passed explicitly by the program.

use std::time::Duration;

/// A key of the bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key itself; compared in constant time, never logged.
    pub key: String,
    /// Whose it is: the name that appears in logs and statistics.
    pub user: String,
    /// Requests a minute.
    pub limit_per_minute: u32,
}

/// Options of the bridge.
#[derive(Clone, Debug)]
pub struct BridgeConfig {
    /// Keys; empty = open on loopback.
    pub keys: Vec<ApiKey>,
    /// The listener is on a loopback address (decides the `Host` and `Origin` rules).
    pub loopback: bool,
    /// Origins that browsers may call from; turns CORS on for them.
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
        }
    }
}
