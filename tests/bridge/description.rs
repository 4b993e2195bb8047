//! `openapi.json` and `/docs`. That answers fit their description is checked on every answer of every test.

use std::collections::BTreeSet;

use assist::model::Script;
use bridge::{ApiKey, BridgeConfig};
use serde_json::Value;

use crate::support::http_client::{Bridge, Call};

const ROUTES: &[&str] = &[
    "GET /",
    "GET /api/v1/info",
    "GET /api/v1/model/status",
    "GET /api/v1/queue/status",
    "GET /docs",
    "GET /docs/{file}",
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "GET /info",
    "GET /model_status",
    "GET /openapi.json",
    "GET /v1/models",
    "POST /api/v1/completions",
    "POST /api/v1/detect_errors",
    "POST /api/v1/explanations",
    "POST /api/v1/format_code",
    "POST /api/v1/queue/cancel",
    "POST /generate",
    "POST /infill",
    "POST /load_model",
    "POST /stream",
    "POST /unload_model",
    "POST /v1/completions",
];

/// `METHOD path` and the operation of everything that is described.
fn operations(api: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{} {path}", method.to_uppercase()), operation));
        }
    }
    operations.sort_by(|a, b| a.0.cmp(&b.0));
    operations
}

#[tokio::test]
async fn what_is_described_is_routed() {
    let bridge = Bridge::new(&["x"]);
    let names: Vec<_> = operations(bridge.api()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ROUTES);
    for route in ROUTES {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{file}", "index.css");
        let summary = bridge.send(Call::new(method, &path)).await.summary();
        assert!(!summary.contains("unknown_path") && !summary.starts_with("405"), "{route}: {summary}");
        let other = if method == "GET" { "POST" } else { "GET" };
        let answer = bridge.send(Call::new(other, &path)).await;
        assert_eq!(answer.summary(), "405 method_not_allowed", "{other} {path}");
    }
}

#[tokio::test]
async fn every_operation_is_described_in_full() {
    let bridge = Bridge::new(&["x"]);
    let api = bridge.api();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(api) {
        assert!(operation["summary"].is_string(), "{name} has no summary");
        assert!(operation["tags"][0].is_string(), "{name} has no tag");
        ids.insert(operation["operationId"].to_string());
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("200"), "{name}");
        for (status, response) in responses {
            assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{name} {status}");
            if status.as_str() >= "400" {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ErrorBody", "{name} {status}");
            }
        }
        if let Some(body) = operation.get("requestBody") {
            for status in ["400", "413", "422"] {
                assert!(responses.contains_key(status), "{name} takes a body and has no {status}");
            }
            let schema = body["content"]["application/json"]["schema"].to_string();
            let reference = schema.split('"').find(|it| it.starts_with("#/")).expect("a named schema");
            let schema = api.pointer(reference.trim_start_matches('#')).expect("it exists");
            assert!(schema["example"].is_object(), "{name}: {reference} has no example");
        }
    }
    assert_eq!(ids.len(), ROUTES.len(), "operation ids are not unique: {ids:?}");
    check_references(api, api);
}

fn check_references(api: &Value, part: &Value) {
    match part {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                assert!(api.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
            }
            object.values().for_each(|it| check_references(api, it));
        }
        Value::Array(items) => items.iter().for_each(|it| check_references(api, it)),
        _ => {}
    }
}

/// The examples of the description are requests that are answered.
#[tokio::test]
async fn examples_work() {
    let bridge = Bridge::new(&["x"]);
    for (name, operation) in operations(bridge.api()) {
        let Some(body) = operation.get("requestBody") else { continue };
        let (_, path) = name.split_once(' ').unwrap();
        let schema = body["content"]["application/json"]["schema"].to_string();
        let reference = schema.split('"').find(|it| it.starts_with("#/")).unwrap();
        let example = &bridge.api().pointer(reference.trim_start_matches('#')).unwrap()["example"];
        let answer = bridge.send(Call::post(path, example.clone())).await;
        let expect = match path {
            "/api/v1/queue/cancel" | "/load_model" => 404,
            _ => 200,
        };
        assert_eq!(answer.status, expect, "{name} {example}: {}", answer.text());
    }
}

#[tokio::test]
async fn keys_are_described_where_there_are_keys() {
    let key = ApiKey { key: "k".to_owned(), user: "ann".to_owned(), limit_per_minute: 100 };
    let keyed = Bridge::with(Script::new(["x"]), BridgeConfig { keys: vec![key], ..BridgeConfig::default() });
    let open = Bridge::new(&["x"]);
    let generate = |bridge: &Bridge| bridge.api()["paths"]["/generate"]["post"].clone();
    assert_eq!(generate(&keyed)["security"].as_array().unwrap().len(), 3);
    assert!(generate(&keyed)["responses"]["429"].is_object());
    assert!(keyed.api()["components"]["securitySchemes"]["bearer"].is_object());
    assert!(generate(&open).get("security").is_none());
    assert!(generate(&open)["responses"].get("401").is_none());
    assert!(keyed.api()["paths"]["/health"]["get"].get("security").is_none());
}

/// The page and everything it loads come from here.
#[tokio::test]
async fn the_page_needs_no_outside_address() {
    let bridge = Bridge::new(&["x"]);
    let page = bridge.send(Call::get("/docs")).await;
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let loaded: Vec<_> = page.text().split('"').filter(|it| it.starts_with("docs/") || it.contains("//")).collect();
    assert_eq!(loaded.len(), 6, "{loaded:?}");
    for file in loaded {
        let answer = bridge.send(Call::get(&format!("/{file}"))).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(!answer.body.is_empty(), "{file}");
    }
    let start = bridge.send(Call::get("/docs/swagger-initializer.js")).await;
    assert!(start.text().contains("\"url\": \"openapi.json\""), "{}", start.text());
    assert!(start.text().contains("\"validatorUrl\": \"none\""), "{}", start.text());
    assert!(!start.text().contains("://"));
    let overview = bridge.send(Call::get("/").header("accept", "text/html")).await;
    assert!(!overview.text().contains("://"));
}
