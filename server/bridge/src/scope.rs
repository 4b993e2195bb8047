//! What surrounds every request: its id, its log line, its time limit, and the net under panics.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::time::Instant;

use crate::BridgeConfig;
use crate::error::ApiError;
use crate::state::{App, random_id};

/// Longest `X-Request-Id` that is echoed.
const MAX_REQUEST_ID: usize = 128;

/// One request, as its layers and its route see it. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Scope(Arc<Inner>);

struct Inner {
    request_id: String,
    address: IpAddr,
    arrived: Instant,
    time_limit: Duration,
    user: OnceLock<(usize, String)>,
    job_id: OnceLock<String>,
}

impl Scope {
    /// The id in `X-Request-Id`.
    pub(crate) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Who sent it; the unspecified address where the service is called without a socket.
    pub(crate) fn address(&self) -> IpAddr {
        self.0.address
    }

    /// When the time limit passes.
    pub(crate) fn deadline(&self) -> Instant {
        self.0.arrived + self.0.time_limit
    }

    /// Milliseconds since the request arrived.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.0.arrived.elapsed().as_millis() as u64
    }

    /// Index of the key that the request came with.
    pub(crate) fn owner(&self) -> Option<usize> {
        self.0.user.get().map(|(index, _)| *index)
    }

    pub(crate) fn set_user(&self, index: usize, name: &str) {
        // Set once, by the one layer that knows keys.
        let _ = self.0.user.set((index, name.to_owned()));
    }

    /// Names the job of this request in `X-Job-Id`.
    pub(crate) fn set_job(&self, id: &str) {
        // A request is at most one job.
        let _ = self.0.job_id.set(id.to_owned());
    }
}

impl<S: Sync> FromRequestParts<S> for Scope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a route is mounted outside the scope layer");
            ApiError::internal()
        })
    }
}

/// The outermost layer.
pub(crate) async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let scope = Scope(Arc::new(Inner {
        request_id: request_id(request.headers()),
        address: client_address(&request, &app.config),
        arrived: Instant::now(),
        time_limit: app.config.request_timeout,
        user: OnceLock::new(),
        job_id: OnceLock::new(),
    }));
    // Not the query: it may hold a key.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(scope.clone());

    // A panic ends this request only: state is behind short locks that are whole between statements.
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout_at(scope.deadline(), answered).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request_id = scope.request_id(), "a request panicked");
            ApiError::internal().into_response()
        }
        Err(_) => ApiError::timeout().into_response(),
    };

    let headers = response.headers_mut();
    let header = |text: &str| HeaderValue::from_str(text).expect("ids are visible ASCII");
    headers.insert("x-request-id", header(scope.request_id()));
    let job_id = scope.0.job_id.get();
    if let Some(job_id) = job_id {
        headers.insert("x-job-id", header(job_id));
    }
    tracing::info!(
        request_id = scope.request_id(),
        %method,
        path,
        status = response.status().as_u16(),
        elapsed_ms = scope.elapsed_ms(),
        address = %scope.address(),
        user = scope.0.user.get().map(|(_, name)| name),
        job_id,
        "request"
    );
    response
}

/// The caller's id where it is short and plain, else a new one. A foreign id ends up in the log: no spaces, no escapes.
fn request_id(headers: &HeaderMap) -> String {
    let is_plain = |it: &&str| {
        (1..=MAX_REQUEST_ID).contains(&it.len())
            && it.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
    };
    match headers.get("x-request-id").and_then(|it| it.to_str().ok()).filter(is_plain) {
        Some(id) => id.to_owned(),
        None => random_id("req-"),
    }
}

/// The peer, or what a trusted proxy says about it: the last address in `X-Forwarded-For` that is no trusted proxy.
fn client_address(request: &Request, config: &BridgeConfig) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let mut address = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |it| it.0.ip().to_canonical());
    let is_trusted = |address: IpAddr| config.trusted_proxies.iter().any(|it| it.contains(&address));
    let hops = request.headers().get_all("x-forwarded-for").iter().filter_map(|it| it.to_str().ok());
    let hops: Vec<_> = hops.flat_map(|it| it.split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(address) {
            break;
        }
        // A proxy that writes nonsense is the last one we know.
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        address = hop.to_canonical();
    }
    address
}
