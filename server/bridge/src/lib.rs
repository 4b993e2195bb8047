//! The HTTP bridge: wire <-> `assist`, as JSON over HTTP.
//!
//! Holds no feature logic: a route turns its body into a validated request, calls one
//! `assist` function, turns the answer into a response. Safe by default: loopback names
//! only, no foreign browser origin, keys outside loopback.
//!
//! Entry: [`router`] for tests and embedding, [`serve`] for a listener. A request passes
//! `scope` (id, log, time limit), `host` (which pages may call), `auth` (keys), then its
//! route in `routes/`; what uses the model runs as one of `jobs`.

mod auth;
mod config;
mod error;
mod extract;
mod generation;
mod host;
mod jobs;
mod limits;
mod openapi;
mod routes;
mod scope;
mod server;
mod sse;
mod state;
mod validate;

pub use config::{ApiKey, BridgeConfig, ModelResolver};
pub use routes::explanation_answer;
pub use server::serve;

use assist::Assist;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;
use crate::state::App;

/// All routes over this state.
pub fn router(assist: Assist, config: BridgeConfig) -> axum::Router {
    router_until(assist, config, CancellationToken::new())
}

/// All routes; jobs and streams end when `shutdown` is tripped.
fn router_until(assist: Assist, config: BridgeConfig, shutdown: CancellationToken) -> axum::Router {
    let app = App::new(assist, config, shutdown);
    let (router, description) = routes::routes().split_for_parts();
    app.describe(openapi::complete(description, !app.keys.is_empty()));
    router
        .fallback(async || ApiError::not_found("unknown_path", "there is no such path; GET / lists them"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), auth::layer))
        .layer(from_fn_with_state(app.clone(), host::layer))
        .layer(from_fn(plain_headers))
        .layer(from_fn_with_state(app.clone(), scope::layer))
        .with_state(app)
}

/// Headers that every answer carries: browsers must not guess types, nor frame our pages.
async fn plain_headers(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    use axum::http::{HeaderValue, header};
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
