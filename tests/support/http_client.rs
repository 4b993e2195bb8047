//! The bridge over a scripted model, and a client that holds every answer against `openapi.json`.

mod schema;

use std::net::SocketAddr;

use assist::model::{Engine, EngineConfig, ModelSource, Script, ScriptClock};
use assist::{Assist, AssistConfig};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use bridge::BridgeConfig;
use futures::FutureExt;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A bridge in this process.
#[derive(Clone)]
pub(crate) struct Bridge {
    pub(crate) assist: Assist,
    router: Router,
    api: Value,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    peer: SocketAddr,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer whose body is still arriving.
#[derive(Debug)]
pub(crate) struct Arriving(pub(crate) Response);

impl Bridge {
    /// Answers these texts, one a request, the last one again and again.
    pub(crate) fn new(replies: &[&str]) -> Self {
        Self::with(Script::new(replies.iter().copied()), BridgeConfig::default())
    }

    /// The same; each step of the model waits for the clock.
    pub(crate) fn with_clock(replies: &[&str], config: BridgeConfig) -> (Self, ScriptClock) {
        let clock = ScriptClock::new();
        (Self::with(Script::new(replies.iter().copied()).with_clock(&clock), config), clock)
    }

    pub(crate) fn with(script: Script, config: BridgeConfig) -> Self {
        let assist = Self::assist();
        let load = assist.engine().load(ModelSource::Scripted(script));
        // On a thread of its own: the caller's may belong to a runtime.
        std::thread::spawn(|| load.blocking_finished()).join().expect("no panic").expect("a script loads");
        Self::over(assist, config)
    }

    pub(crate) fn without_model(config: BridgeConfig) -> Self {
        Self::over(Self::assist(), config)
    }

    pub(crate) fn assist() -> Assist {
        Assist::new(Engine::start(EngineConfig::default()), AssistConfig::default())
    }

    fn over(assist: Assist, config: BridgeConfig) -> Self {
        let router = bridge::router(assist.clone(), config);
        let request = Call::get("/openapi.json").into_request();
        let answer = async {
            let response = router.clone().oneshot(request).await.expect("the router cannot fail");
            response.into_body().collect().await.expect("a body in memory").to_bytes()
        };
        let answer = answer.now_or_never().expect("the description is there from the start");
        let api = serde_json::from_slice(&answer).expect("the description is JSON");
        Self { assist, router, api }
    }

    /// The description of the API.
    pub(crate) fn api(&self) -> &Value {
        &self.api
    }

    /// The whole answer, held against the description and against the rules of every route.
    pub(crate) async fn send(&self, call: Call) -> Answer {
        let what = format!("{} {} {:.300}", call.method, call.path, String::from_utf8_lossy(&call.body));
        let (method, path) = (call.method.clone(), call.path.clone());
        let answer = self.begin(call).await.finish().await;
        assert!(answer.headers.contains_key("x-request-id"), "{what}: no X-Request-Id");
        if answer.status.is_client_error() || answer.status.is_server_error() {
            answer.check_error(&what);
        }
        let path = path.split('?').next().unwrap_or_default();
        if let Err(problem) = schema::check_answer(&self.api, &method, path, &answer) {
            panic!("{what}: {} {problem}\n{}", answer.status, answer.text());
        }
        answer
    }

    /// Status and headers; the body is read by the test.
    pub(crate) async fn begin(&self, call: Call) -> Arriving {
        Arriving(self.router.clone().oneshot(call.into_request()).await.expect("the router cannot fail"))
    }

    /// Sends in a task of its own; aborting it is a client that hangs up.
    pub(crate) fn start(&self, call: Call) -> tokio::task::JoinHandle<Answer> {
        let bridge = self.clone();
        tokio::spawn(async move { bridge.send(call).await })
    }
}

impl Call {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let peer = SocketAddr::from(([127, 0, 0, 1], 50_000));
        let method = method.parse().expect("a method");
        let headers = vec![("host", "localhost:8000".to_owned())];
        Self { method, path: path.to_owned(), headers, body: Bytes::new(), peer }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str, body: Value) -> Self {
        Self::new("POST", path).raw(body.to_string())
    }

    pub(crate) fn raw(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sets a header, in place of the one by this name.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(it, _)| *it != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Adds a header beside those by this name.
    pub(crate) fn also_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(it, _)| *it != name);
        self
    }

    pub(crate) fn sent_from(self, ip: [u8; 4]) -> Self {
        Self { peer: SocketAddr::from((ip, 50_000)), ..self }
    }

    fn into_request(self) -> Request<Body> {
        let mut request = Request::builder().method(self.method).uri(&self.path).extension(ConnectInfo(self.peer));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Body::from(self.body)).expect("a sound request")
    }
}

impl Arriving {
    /// The next part of the body as text; `None` at its end.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let frame = self.0.body_mut().frame().await?.expect("the body does not break");
        let data = frame.into_data().expect("a part of the body");
        Some(String::from_utf8(data.to_vec()).expect("UTF-8"))
    }

    pub(crate) async fn finish(self) -> Answer {
        let (parts, body) = self.0.into_parts();
        let body = body.collect().await.expect("the body does not break").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|it| it.to_str().expect("visible ASCII"))
    }

    /// The data of each event. Every line must be data, a comment, or the end of an event.
    pub(crate) fn events(&self) -> Vec<String> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(self.header("content-type").is_some_and(|it| it.starts_with("text/event-stream")));
        assert!(self.text().ends_with("\n\n"), "the last event is not closed");
        self.text()
            .split("\n\n")
            .flat_map(str::lines)
            .filter(|line| !line.starts_with(':'))
            .map(|line| line.strip_prefix("data: ").unwrap_or_else(|| panic!("{line:?} is no data")).to_owned())
            .collect()
    }

    /// The one shape of errors, in full.
    pub(crate) fn check_error(&self, what: &str) {
        let body = self.json();
        let message = body["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{what}: no message in {body}");
        assert_eq!(body["status"], "error", "{what}");
        assert_eq!(body["detail"], message, "{what}");
        assert_eq!(body["error"]["message"], message, "{what}");
        assert!(body["error"]["type"].is_string(), "{what}: {body}");
        let param = &body["error"]["param"];
        assert!(param.is_null() || param.as_str().is_some_and(|it| message.contains(it)), "{what}: {body}");
        let code = body["error"]["code"].as_str().unwrap_or_default();
        assert!(
            !code.is_empty() && code.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_'),
            "{what}: {body}"
        );
        assert_eq!(self.header("content-type"), Some("application/json"), "{what}");
    }

    /// `status code param` of an error, `status` of anything else.
    pub(crate) fn summary(&self) -> String {
        let status = self.status.as_u16();
        if self.status.is_success() {
            return status.to_string();
        }
        let error = &self.json()["error"];
        let param = error["param"].as_str().map(|it| format!(" {it}")).unwrap_or_default();
        format!("{status} {}{param}", error["code"].as_str().unwrap_or_default())
    }
}
