//! One HTTP exchange with a model server: sent with the key, tried again where that may help, and bounded.

use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response, redirect};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::address::Address;
use super::failure::Failure;
use super::retry::{self, Retries};
use super::{RemoteSource, RemoteTimeouts};
use crate::EngineError;

/// Bytes of an answer that is read as a whole.
const MAX_BODY: usize = 4 << 20;
/// How long an idle connection is kept: longer than a pause in typing, shorter than servers keep theirs.
const IDLE: Duration = Duration::from_secs(30);
/// Redirects followed, all within the server.
const MAX_REDIRECTS: usize = 3;
/// How long a server may take to say what it is.
const METADATA: Duration = Duration::from_secs(20);

/// A connection pool to one server.
pub(super) struct Client {
    http: reqwest::Client,
    pub(super) address: Address,
    pub(super) timeouts: RemoteTimeouts,
    pub(super) has_key: bool,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// `UnsupportedModel` for an address or key that cannot be used.
    pub(super) fn new(source: &RemoteSource) -> Result<Self, EngineError> {
        let wrong = |why: String| EngineError::UnsupportedModel(why);
        let address = Address::parse(&source.url)?;
        let mut headers = HeaderMap::new();
        if let Some(key) = &source.api_key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
                .map_err(|_| wrong("the model server's key holds characters that no header can carry".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
            if !address.is_encrypted() && !address.is_near() {
                tracing::warn!(server = %address, "the key is sent over plain http to a public address: use https");
            }
        }
        // A second call finds the first one's provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("ropewalk/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(source.timeouts.connect)
            .pool_idle_timeout(IDLE)
            .redirect(redirect_policy());
        if !address.is_encrypted() {
            // No certificate is looked at, so none has to be there.
            builder = builder.tls_certs_only([]);
        }
        if address.is_loopback() {
            // A proxy would look for the server on its own machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| wrong(format!("no HTTP client: {}", causes(&error))))?;
        Ok(Self { http, address, timeouts: source.timeouts, has_key: source.api_key.is_some() })
    }

    /// The JSON at a path.
    ///
    /// # Errors
    /// What went wrong, after as many tries as make sense.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.get_with(path, Retries::new(None)).await
    }

    /// The JSON at a path that the server may not have. A gateway may answer such a path with anything, so what it
    /// answers is not asked for twice.
    ///
    /// # Errors
    /// What went wrong.
    pub(super) async fn try_get(&self, path: &str) -> Result<Value, Failure> {
        self.get_with(path, Retries::until_answered()).await
    }

    async fn get_with(&self, path: &str, retries: Retries) -> Result<Value, Failure> {
        let response = self.send(Method::GET, path, None, METADATA, retries).await?;
        timeout(METADATA, body(response)).await.map_err(|_| Failure::Silent(METADATA))?
    }

    /// The JSON answer to a JSON request. `limit` is how long it may take.
    ///
    /// # Errors
    /// What went wrong, after as many tries as make sense.
    pub(super) async fn post(&self, path: &str, json: &Value, limit: Duration) -> Result<Value, Failure> {
        let exchange = async { body(self.open(path, json, limit, None).await?).await };
        timeout(limit, exchange).await.map_err(|_| Failure::Silent(limit))?
    }

    /// The answer to a JSON request, of which only the head is read. `limit` is how long that may take.
    ///
    /// # Errors
    /// What went wrong, after as many tries as make sense before `deadline`.
    pub(super) async fn open(
        &self,
        path: &str,
        json: &Value,
        limit: Duration,
        deadline: Option<Instant>,
    ) -> Result<Response, Failure> {
        self.send(Method::POST, path, Some(json), limit, Retries::new(deadline)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        json: Option<&Value>,
        limit: Duration,
        mut retries: Retries,
    ) -> Result<Response, Failure> {
        loop {
            let failure = match self.send_once(method.clone(), path, json, limit).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let Some(pause) = retries.pause(&failure, Instant::now()) else { return Err(failure) };
            tracing::debug!(server = %self.address, path, ?failure, ?pause, "trying again");
            sleep(pause).await;
        }
    }

    async fn send_once(
        &self,
        method: Method,
        path: &str,
        json: Option<&Value>,
        limit: Duration,
    ) -> Result<Response, Failure> {
        let mut request = self.http.request(method, self.address.endpoint(path));
        if let Some(json) = json {
            request = request.header(CONTENT_TYPE, "application/json").body(json.to_string());
        }
        let request = request.header(ACCEPT, "application/json, text/event-stream");
        let response = match timeout(limit, request.send()).await {
            Err(_) => return Err(Failure::Silent(limit)),
            // A redirect loop is the server's doing, and no reason to try again.
            Ok(Err(error)) if error.is_redirect() => {
                return Err(Failure::Broken("redirects in circles".to_owned()));
            }
            Ok(Err(error)) => return Err(Failure::Unreachable(causes(&error))),
            Ok(Ok(response)) => response,
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let pause = header(RETRY_AFTER).and_then(|value| retry::retry_after(value, SystemTime::now()));
        let location = header(LOCATION).map(str::to_owned);
        // Without its words a refusal is still a refusal.
        let said = timeout(limit, bytes(response)).await.ok().and_then(Result::ok).unwrap_or_default();
        Err(Failure::refused(status, pause, location.as_deref(), &said))
    }
}

/// Redirects are followed within the same origin only: the text and the key go where the user said.
fn redirect_policy() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let same = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
        if same && attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else if same {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// A whole body as JSON.
async fn body(response: Response) -> Result<Value, Failure> {
    let bytes = bytes(response).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::Broken(format!("answers with something else than JSON ({error})")))
}

/// A whole body, as long as it is not longer than any has to be.
pub(super) async fn bytes(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broke_off(&error))? {
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(Failure::Broken(format!("answers with more than {} MiB", MAX_BODY >> 20)));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A body that ended too early.
pub(super) fn broke_off(error: &reqwest::Error) -> Failure {
    Failure::Broken(format!("broke off in the middle of an answer ({})", causes(error)))
}

/// The last cause of an error says what happened; those before it only where. None of them names the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut last = error.source();
    while let Some(next) = last.and_then(Error::source) {
        last = Some(next);
    }
    last.map_or_else(|| "no answer".to_owned(), ToString::to_string)
}
