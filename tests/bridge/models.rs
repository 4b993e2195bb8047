//! What the bridge says of itself and of its model, and changing the model.

use std::path::Path;

use assist::model::{ModelSource, Script, ScriptClock};
use axum::http::StatusCode;
use bridge::{BridgeConfig, ModelResolver};
use serde_json::json;

use crate::support::http_client::{Bridge, Call};

#[tokio::test]
async fn state_of_a_loaded_model() {
    let bridge = Bridge::new(&["x"]);
    let health = bridge.send(Call::get("/health")).await.json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["service"], "ropewalk");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(health["model_loaded"], true);
    let name = &health["model"];
    assert!(name.is_string());
    assert_eq!(bridge.send(Call::get("/health/ready")).await.status, StatusCode::OK);

    let status = bridge.send(Call::get("/api/v1/model/status")).await.json();
    assert_eq!((&status["loaded"], &status["name"], &status["error"]), (&json!(true), name, &json!(null)));
    let short = bridge.send(Call::get("/model_status")).await.json();
    assert_eq!(
        (&short["status"], &short["model_loaded"], &short["model_name"]),
        (&json!("success"), &json!(true), name)
    );
    let info = bridge.send(Call::get("/info")).await.json();
    assert_eq!(info["checkpoint"], json!(null), "the script has none");
    assert!(info["vocab_size"].as_u64().unwrap() > 256);
    let models = bridge.send(Call::get("/v1/models")).await.json();
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&json!("list"), name));
}

#[tokio::test]
async fn state_without_a_model() {
    let bridge = Bridge::without_model(BridgeConfig::default());
    let health = bridge.send(Call::get("/health")).await.json();
    assert_eq!(
        (&health["status"], &health["model_loaded"], &health["model"]),
        (&json!("ok"), &json!(false), &json!(null))
    );
    let status = bridge.send(Call::get("/api/v1/model/status")).await.json();
    assert_eq!((&status["loaded"], &status["loading"]), (&json!(false), &json!(null)));
    assert_eq!(bridge.send(Call::get("/v1/models")).await.json()["data"], json!([]));
    assert_eq!(bridge.send(Call::post("/unload_model", json!({}))).await.json()["status"], "success");
}

#[tokio::test]
async fn overview_for_programs_and_for_people() {
    let bridge = Bridge::new(&["x"]);
    let overview = bridge.send(Call::get("/")).await.json();
    assert_eq!((&overview["service"], &overview["status"]), (&json!("ropewalk"), &json!("running")));
    let described: Vec<_> = bridge.api()["paths"].as_object().unwrap().keys().cloned().collect();
    let listed: Vec<_> = overview["endpoints"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(listed, described);
    let accepts = [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json, text/html", "application/json"),
    ];
    for (accept, expect) in accepts {
        let answer = bridge.send(Call::get("/").header("accept", accept)).await;
        assert!(answer.header("content-type").unwrap().starts_with(expect), "{accept}");
        assert!(answer.text().contains("/v1/completions"));
    }
    let info = bridge.send(Call::get("/api/v1/info")).await.json();
    let languages = info["languages"].as_array().unwrap();
    assert!(languages.iter().any(|it| it["id"] == "python" && it["has_grammar"] == true), "{languages:?}");
    assert_eq!(info["limits"]["max_body_bytes"], 2 * 1024 * 1024);
}

#[tokio::test]
async fn errors_in_code() {
    let bridge = Bridge::new(&["x"]);
    let request = json!({"code": "s = \"𝄞\"; print((1 + 2)\n", "lang": "python"});
    let body = bridge.send(Call::post("/api/v1/detect_errors", request)).await.json();
    assert_eq!((&body["source"], &body["lang"], &body["model"]), (&json!("analysis"), &json!("python"), &json!(null)));
    let found = body["diagnostics"].as_array().unwrap();
    assert!(!found.is_empty());
    assert_eq!(body["counts"]["error"], found.iter().filter(|it| it["severity"] == "error").count());
    for diagnostic in found {
        let (start, end) = (&diagnostic["range"]["start"], &diagnostic["range"]["end"]);
        assert!(start["line"].as_u64().unwrap() <= end["line"].as_u64().unwrap());
    }
    let clean = json!({"code": "print(1)\n", "lang": "python"});
    let body = bridge.send(Call::post("/api/v1/detect_errors", clean)).await;
    assert_eq!(body.json()["diagnostics"], json!([]));
    assert_eq!(body.header("x-job-id"), None, "no model, no job");
}

/// Replies differ, so that it can be told which model answers.
fn resolver() -> ModelResolver {
    ModelResolver::new(|name| match name {
        None => Some(ModelSource::Scripted(Script::new(["configured"]))),
        Some("other") => Some(ModelSource::Scripted(Script::new(["other"]))),
        Some(_) => None,
    })
}

async fn reply(bridge: &Bridge) -> String {
    let body = bridge.send(Call::post("/generate", json!({"prompt": "> ", "temperature": 0}))).await.json();
    body["response"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn loading_and_unloading() {
    let config = BridgeConfig { model_resolver: Some(resolver()), ..BridgeConfig::default() };
    let bridge = Bridge::with(Script::new(["first"]), config);
    let load = |body: serde_json::Value| Call::post("/load_model", body);
    assert_eq!(reply(&bridge).await, "> first");
    let answer = bridge.send(load(json!({"model_name": "other"}))).await.json();
    assert_eq!(answer["status"], "success");
    assert_eq!(reply(&bridge).await, "> other");
    // What cannot be loaded leaves the old model in place.
    for (name, expect) in [
        ("nothing", "404 model_not_found"),
        ("/no/such/file.gguf", "404 model_not_found"),
        ("", "404 model_not_found"),
        (file!(), "404 model_not_found"),
    ] {
        assert_eq!(bridge.send(load(json!({"model_name": name}))).await.summary(), expect, "{name}");
    }
    let not_a_model = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let answer = bridge.send(load(json!({"model_name": not_a_model}))).await;
    assert_eq!(answer.summary(), "422 bad_model_file model_name");
    assert!(!answer.text().contains("Cargo.toml"), "no path in an error: {}", answer.text());
    assert_eq!(reply(&bridge).await, "> other");
    // No body, no name: the configured one.
    assert_eq!(bridge.send(Call::new("POST", "/load_model")).await.status, StatusCode::OK);
    assert_eq!(reply(&bridge).await, "> configured");

    assert_eq!(bridge.send(Call::new("POST", "/unload_model")).await.json()["status"], "success");
    let call = Call::post("/generate", json!({"prompt": "x"}));
    assert_eq!(bridge.send(call).await.summary(), "503 model_not_loaded");
    assert_eq!(bridge.send(load(json!({}))).await.status, StatusCode::OK);
    assert_eq!(reply(&bridge).await, "> configured");
}

#[tokio::test]
async fn files_are_named_on_this_machine_only() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let load = Call::post("/load_model", json!({"model_name": file}));
    let open = Bridge::with(Script::new(["x"]), BridgeConfig { loopback: false, ..BridgeConfig::default() });
    let far = load.clone().sent_from([203, 0, 113, 5]);
    assert_eq!(
        open.send(far).await.summary(),
        "404 model_not_found",
        "files of this machine cannot be probed from afar"
    );
    assert_eq!(open.send(load).await.summary(), "422 bad_model_file model_name");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_model_answers_until_it_is_replaced() {
    let clock = ScriptClock::new();
    let config = BridgeConfig { model_resolver: Some(resolver()), ..BridgeConfig::default() };
    let bridge = Bridge::with(Script::new(["first"]).with_clock(&clock), config);
    let running = bridge.start(Call::post("/generate", json!({"prompt": "> ", "temperature": 0})));
    tokio::task::block_in_place(|| clock.wait_until_blocked());
    let load = bridge.start(Call::post("/load_model", json!({"model_name": "other"})));
    clock.open();
    assert_eq!(running.await.unwrap().json()["response"], "> first");
    assert_eq!(load.await.unwrap().status, StatusCode::OK);
    assert_eq!(reply(&bridge).await, "> other");
}
