//! The HTTP bridge: wire <-> `assist`, as JSON over HTTP.
//!
//! Holds no feature logic: a route turns its body into a validated request, calls one
//! `assist` function, turns the answer into a response. Safe by default: loopback names
//! only, no foreign browser origin, keys outside loopback.
//!
//! Entry: [`router`] for tests and embedding, [`serve`] for a listener.

mod config;

pub use config::{ApiKey, BridgeConfig};

use assist::Assist;

/// All routes over this state.
pub fn router(_assist: Assist, _config: BridgeConfig) -> axum::Router {
    unimplemented!()
}

/// Serves until `shutdown` resolves; open streams are ended and given a few seconds.
///
/// # Errors
/// What the listener failed with.
pub async fn serve(
    _listener: tokio::net::TcpListener,
    _assist: Assist,
    _config: BridgeConfig,
    _shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    unimplemented!()
}
