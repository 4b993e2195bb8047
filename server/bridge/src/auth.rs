//! Keys: where a request carries one, whether it is right, and what it has left.
//!
//! Keys are held and compared as SHA-256 digests, every configured key each time, so that
//! the time of an answer tells nothing about a key.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::ApiKey;
use crate::error::ApiError;
use crate::limits::{Quota, RateWindow};
use crate::scope::Scope;
use crate::state::{App, unix_seconds};

/// The configured keys.
#[derive(Debug)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    digest: [u8; 32],
    user: String,
    limit_per_minute: u32,
    window: Mutex<RateWindow>,
}

impl Keys {
    pub(crate) fn new(keys: &[ApiKey]) -> Self {
        Self(
            keys.iter()
                .map(|it| Key {
                    digest: Sha256::digest(it.key.as_bytes()).into(),
                    user: it.user.clone(),
                    limit_per_minute: it.limit_per_minute,
                    window: Mutex::default(),
                })
                .collect(),
        )
    }

    /// No key is configured: the bridge is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Index of this key. Compares with all of them, whichever matches.
    fn find(&self, given: &str) -> Option<usize> {
        let digest: [u8; 32] = Sha256::digest(given.as_bytes()).into();
        let mut found = None;
        for (i, key) in self.0.iter().enumerate() {
            let equal: Choice = key.digest.ct_eq(&digest);
            if bool::from(equal) {
                found = Some(i);
            }
        }
        found
    }
}

/// Routes that are open without a key.
pub(crate) fn is_open(path: &str) -> bool {
    matches!(path, "/" | "/docs" | "/openapi.json" | "/playground" | "/health")
        || path.starts_with("/health/")
        || path.starts_with("/docs/")
}

#[derive(Deserialize)]
struct KeyQuery {
    api_key: Option<String>,
}

/// The key of a request: `X-API-Key`, else `Authorization: Bearer`, else `?api_key=`.
fn given_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
    if let Some(key) = text(HeaderName::from_static("x-api-key")) {
        return Some(key);
    }
    if let Some(authorization) = text(header::AUTHORIZATION)
        && let Some((scheme, key)) = authorization.split_once(' ')
        && scheme.eq_ignore_ascii_case("bearer")
    {
        return Some(key.trim().to_owned());
    }
    Query::<KeyQuery>::try_from_uri(uri).ok()?.0.api_key
}

/// Lets a request pass that has a right key with requests left, or that needs none.
pub(crate) async fn layer(State(app): State<App>, scope: Scope, request: Request, next: Next) -> Response {
    if app.keys.is_empty() || is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let now = Instant::now();
    let refuse = |reason: &'static str, error: ApiError| {
        let user_agent = request.headers().get(header::USER_AGENT).map(|it| String::from_utf8_lossy(it.as_bytes()));
        let request_id = scope.request_id();
        tracing::warn!(address = %scope.address(), user_agent = user_agent.as_deref(), reason, request_id, "refused");
        error.into_response()
    };
    if let Some(left) = app.bans.banned_for(scope.address(), now) {
        return refuse("address banned", ApiError::banned(left.as_secs().max(1)));
    }
    let Some(given) = given_key(request.headers(), request.uri()) else {
        return refuse("no key", ApiError::unauthorized("this server asks for an API key"));
    };
    let Some(index) = app.keys.find(&given) else {
        if app.bans.count_failure(scope.address(), now) {
            tracing::warn!(address = %scope.address(), "banned after too many failed keys");
        }
        return refuse("wrong key", ApiError::unauthorized("this API key is not valid"));
    };
    let key = &app.keys.0[index];
    scope.set_user(index, &key.user);
    let quota = key.window.lock().unwrap_or_else(PoisonError::into_inner).count(key.limit_per_minute, now);
    let mut response = if quota.allowed {
        next.run(request).await
    } else {
        let seconds = quota.resets_in.as_secs().max(1);
        tracing::warn!(user = key.user, "over the rate limit");
        ApiError::rate_limited(quota.limit, seconds).into_response()
    };
    tell(response.headers_mut(), quota);
    response
}

fn tell(headers: &mut HeaderMap, quota: Quota) {
    let reset = unix_seconds() + quota.resets_in.as_secs();
    headers.insert("x-ratelimit-limit", HeaderValue::from(quota.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(quota.remaining));
    headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
}
