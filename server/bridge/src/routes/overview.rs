//! `GET /` and `GET /api/v1/info`: what this server is and what it answers to.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use syntax::Language;
use utoipa::ToSchema;

use crate::state::App;

/// What the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    /// Always `ropewalk`.
    #[schema(example = "ropewalk")]
    service: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Always `running`.
    #[schema(example = "running")]
    status: &'static str,
    /// Paths, with method and purpose.
    endpoints: BTreeMap<String, String>,
}

/// What the service is and its endpoints; a page for browsers
#[utoipa::path(
    get,
    path = "/",
    tag = "service",
    responses((status = 200, description = "The overview", content((Overview = "application/json"), (String = "text/html"))))
)]
pub(crate) async fn overview(State(app): State<App>, headers: HeaderMap) -> Response {
    let endpoints = &app.description().endpoints;
    let vary = [(header::VARY, "accept")];
    if prefers_html(&headers) {
        return (vary, Html(page(endpoints))).into_response();
    }
    let overview = Overview {
        service: "ropewalk",
        version: env!("CARGO_PKG_VERSION"),
        status: "running",
        endpoints: endpoints.clone(),
    };
    (vary, Json(overview)).into_response()
}

/// Browsers name `text/html` outright; programs send `*/*`, JSON, or nothing.
fn prefers_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let position =
        |kind: &str| accepted.split(',').position(|it| it.split(';').next().is_some_and(|it| it.trim() == kind));
    match (position("text/html"), position("application/json")) {
        (Some(html), Some(json)) => html < json,
        (html, _) => html.is_some(),
    }
}

fn page(endpoints: &BTreeMap<String, String>) -> String {
    let rows: String = endpoints
        .iter()
        .map(|(path, purpose)| {
            let path = path.replace('{', "&#123;");
            format!("<tr><td><code>{path}</code></td><td>{}</td></tr>\n", purpose.replace('<', "&lt;"))
        })
        .collect();
    include_str!("overview.html").replace("<!-- rows -->", &rows).replace("<!-- version -->", env!("CARGO_PKG_VERSION"))
}

/// The service in detail.
#[derive(Serialize, ToSchema)]
pub(crate) struct Info {
    /// Always `ropewalk`.
    #[schema(example = "ropewalk")]
    service: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Name of the loaded model.
    model: Option<String>,
    /// Languages that `lang` can name.
    languages: Vec<LanguageInfo>,
    /// Paths, with method and purpose.
    endpoints: BTreeMap<String, String>,
    limits: Limits,
}

/// A language.
#[derive(Serialize, ToSchema)]
pub(crate) struct LanguageInfo {
    /// Id.
    #[schema(example = "python")]
    id: &'static str,
    /// Name for people.
    #[schema(example = "Python")]
    name: &'static str,
    /// Other names.
    aliases: &'static [String],
    /// File extensions, without dot.
    extensions: &'static [String],
    /// It has a grammar: completions are checked by its parser, and there are diagnostics.
    has_grammar: bool,
}

/// What one request may ask for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Limits {
    /// Longest body in bytes.
    max_body_bytes: usize,
    /// Seconds that a request may take.
    request_timeout_s: f64,
    /// Model jobs that run at once.
    max_concurrent_jobs: usize,
    /// Model jobs that wait beyond these.
    max_waiting_jobs: usize,
    /// Tokens of context of the loaded model.
    context_length: Option<usize>,
    /// A key is asked for.
    api_key_required: bool,
}

/// Service, model, languages, endpoints and limits
#[utoipa::path(get, path = "/api/v1/info", operation_id = "service_info", tag = "service", responses((status = 200, description = "The details", body = Info)))]
pub(crate) async fn info(State(app): State<App>) -> Json<Info> {
    let model = app.model().ok();
    let languages = Language::all().map(|it| LanguageInfo {
        id: it.id(),
        name: it.name(),
        aliases: it.aliases(),
        extensions: it.extensions(),
        has_grammar: it.grammar().is_some(),
    });
    Json(Info {
        service: "ropewalk",
        version: env!("CARGO_PKG_VERSION"),
        languages: languages.collect(),
        endpoints: app.description().endpoints.clone(),
        limits: Limits {
            max_body_bytes: app.config.max_body_bytes,
            request_timeout_s: app.config.request_timeout.as_secs_f64(),
            max_concurrent_jobs: app.config.max_concurrent_jobs,
            max_waiting_jobs: app.config.max_waiting_jobs,
            context_length: model.as_ref().map(|it| it.context_length),
            api_key_required: !app.keys.is_empty(),
        },
        model: model.map(|it| it.name),
    })
}
