//! The description of the API (OpenAPI 3.1), from the handlers' own types.
//!
//! Handlers describe their bodies and their own answers; what holds for every route (error
//! shape, refused hosts, time limit, keys) is added here, so that it cannot be forgotten.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, ResponseBuilder};

use crate::auth;

/// The description as it is served, and what the overview lists of it.
pub(crate) struct Description {
    /// `openapi.json`.
    pub(crate) json: String,
    /// Path to method and summary, sorted.
    pub(crate) endpoints: BTreeMap<String, String>,
}

/// Tag of the operations that use the model.
pub(crate) const MODEL: &str = "model";

/// An error that routes share: status, code, and when it occurs.
type SharedError = (u16, &'static str, &'static str);

const EVERYWHERE: &[SharedError] = &[
    (403, "origin_not_allowed", "The `Host` is not a loopback name, the `Origin` is foreign, or the address is banned"),
    (500, "internal_error", "The server failed on this request; its log says why"),
    (504, "timeout", "The time limit of one request passed"),
];
const WITH_BODY: &[SharedError] = &[
    (400, "invalid_json", "The body is not UTF-8 or not JSON"),
    (413, "body_too_large", "The body is longer than the limit"),
    (422, "out_of_range", "A field is missing, has the wrong type or cannot have this value; `param` names it"),
];
const WITH_MODEL: &[SharedError] = &[
    (499, "cancelled", "The job was cancelled"),
    (502, "model_server_failed", "The model is on a server, and that one did not answer"),
    (
        503,
        "model_not_loaded",
        "No model is loaded (yet), too many jobs wait (`queue_full`), or there is no room for one more (`unavailable`)",
    ),
];
const WITH_KEY: &[SharedError] = &[
    (401, "invalid_api_key", "No key, or a wrong one"),
    (429, "rate_limited", "The key has no requests left in this minute"),
];

/// The description with everything that routes share.
pub(crate) fn complete(mut api: OpenApi, has_keys: bool) -> Description {
    api.info.title = "ropewalk".to_owned();
    api.info.version = env!("CARGO_PKG_VERSION").to_owned();
    api.info.description = Some(
        "Code completion from a local model, and analysis, in the dialects that existing clients speak. \
         Every error has the same body, whatever the route."
            .to_owned(),
    );
    let mut endpoints = BTreeMap::new();
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            let summary = operation.summary.clone().unwrap_or_default();
            endpoints.insert(path.clone(), format!("{method}: {summary}"));
            add_shared(operation, has_keys && !auth::is_open(path));
        }
    }
    if has_keys {
        add_security(&mut api);
    }
    let json = api.to_json().expect("the description is plain data");
    Description { json, endpoints }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [("GET", item.get.as_mut()), ("POST", item.post.as_mut())].into_iter().filter_map(|(m, it)| Some((m, it?)))
}

fn add_shared(operation: &mut Operation, needs_key: bool) {
    let uses_model = operation.tags.iter().flatten().any(|it| it == MODEL);
    let has_body = operation.request_body.is_some();
    let groups = [(true, EVERYWHERE), (has_body, WITH_BODY), (uses_model, WITH_MODEL), (needs_key, WITH_KEY)];
    for (status, code, description) in groups.into_iter().filter(|it| it.0).flat_map(|it| it.1) {
        let example = json!({
            "status": "error", "message": description, "detail": description,
            "error": {"message": description, "type": "invalid_request_error", "param": null, "code": code},
        });
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).example(Some(example)).build();
        let response = ResponseBuilder::new().description(*description).content("application/json", content).build();
        operation.responses.responses.entry(status.to_string()).or_insert(RefOr::T(response));
    }
    if needs_key {
        operation.security = Some(SCHEMES.map(|it| SecurityRequirement::new(it, [] as [&str; 0])).to_vec());
    }
}

const SCHEMES: [&str; 3] = ["header", "bearer", "query"];

fn add_security(api: &mut OpenApi) {
    let components = api.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let schemes = [
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))),
        SecurityScheme::Http(bearer),
        SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("api_key"))),
    ];
    for (name, scheme) in SCHEMES.into_iter().zip(schemes) {
        components.add_security_scheme(name, scheme);
    }
}
