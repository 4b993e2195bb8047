//! Bad requests: status, code and field of each. The shape of the body is checked on every answer.

use std::time::Duration;

use assist::model::Script;
use axum::http::StatusCode;
use bridge::BridgeConfig;
use serde_json::json;

use crate::support::http_client::{Bridge, Call};

/// Sends each body to `path` and compares `status code field`.
async fn check(path: &str, cases: &[(&str, &str)]) {
    let bridge = Bridge::new(&["x"]);
    for (body, expect) in cases {
        let answer = bridge.send(Call::new("POST", path).raw((*body).to_owned())).await;
        assert_eq!(answer.summary(), *expect, "{path} {body}: {}", answer.text());
    }
}

/// What every route with a body says to bodies that are not even JSON objects.
#[tokio::test]
async fn bodies() {
    let bridge = Bridge::new(&["x"]);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let routes = bridge.api()["paths"].as_object().unwrap();
    let with_body: Vec<_> = routes.iter().filter(|(_, item)| item["post"].get("requestBody").is_some()).collect();
    assert!(with_body.len() >= 7);
    for (path, _) in with_body {
        let bodies: &[(&[u8], &str)] = &[
            (b"{", "400 invalid_json"),
            (b"nonsense", "400 invalid_json"),
            (b"{\"a\": 1} trailing", "400 invalid_json"),
            (b"{\"a\": \"\\ud800\"}", "400 invalid_json"),
            (b"{\"a\": 1e999}", "400 invalid_json"),
            (b"\xff\xfe{}", "400 invalid_utf8"),
            (b"{\"a\": \"\xc3\x28\"}", "400 invalid_utf8"),
            (deep.as_bytes(), "400 invalid_json"),
            (b"[]", "422 invalid_type"),
            (b"\"text\"", "422 invalid_type"),
            (b"null", "422 invalid_type"),
        ];
        for (body, expect) in bodies {
            let answer = bridge.send(Call::new("POST", path).raw(body.to_vec())).await;
            assert_eq!(answer.summary(), *expect, "{path} {:.40}", String::from_utf8_lossy(body));
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit() {
    let config = BridgeConfig { max_body_bytes: 100, ..BridgeConfig::default() };
    let bridge = Bridge::with(Script::new(["x"]), config);
    for (length, expect) in [(100, "422 missing_field prompt"), (101, "413 body_too_large")] {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        assert_eq!(body.len(), length);
        let announced = Call::new("POST", "/generate").header("content-length", &length.to_string());
        for call in [Call::new("POST", "/generate"), announced] {
            assert_eq!(bridge.send(call.raw(body.clone())).await.summary(), expect, "{length} bytes");
        }
    }
}

#[tokio::test]
async fn paths_and_methods() {
    let bridge = Bridge::new(&["x"]);
    for path in [
        "/nothing",
        "/v1",
        "/v1/",
        "/health/",
        "/docs/",
        "/docs/index.html",
        "/api/v1/nonsense",
        "/v1/chat/completions",
        "/playground",
        "/metrics",
    ] {
        assert_eq!(bridge.send(Call::get(path)).await.summary(), "404 unknown_path", "{path}");
    }
    let wrong = [
        ("POST", "/health", "GET,HEAD"),
        ("GET", "/generate", "POST"),
        ("DELETE", "/v1/completions", "POST"),
        ("PUT", "/", "GET,HEAD"),
        ("OPTIONS", "/infill", "POST"),
    ];
    for (method, path, allow) in wrong {
        let answer = bridge.send(Call::new(method, path)).await;
        assert_eq!(answer.summary(), "405 method_not_allowed", "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn code_completion() {
    let good = json!({"code": "x = ", "lang": "python", "unknown": {"deep": [1]}}).to_string();
    check(
        "/api/v1/completions",
        &[
            (&good, "200"),
            (r#"{"lang": "python"}"#, "422 missing_field code"),
            (r#"{"code": "x"}"#, "422 missing_field lang"),
            (r#"{"code": 1, "lang": "python"}"#, "422 invalid_type code"),
            (r#"{"code": null, "lang": "python"}"#, "422 invalid_type code"),
            (r#"{"code": "x", "lang": "klingon"}"#, "422 unknown_language lang"),
            (r#"{"code": "x", "lang": ["python"]}"#, "422 invalid_type lang"),
            (r#"{"code": "x", "lang": "python", "suffix": 1}"#, "422 invalid_type suffix"),
            (r#"{"code": "x", "lang": "python", "max_tokens": 0}"#, "422 out_of_range max_tokens"),
            (r#"{"code": "x", "lang": "python", "max_tokens": -1}"#, "422 out_of_range max_tokens"),
            (r#"{"code": "x", "lang": "python", "max_tokens": 2049}"#, "422 out_of_range max_tokens"),
            (r#"{"code": "x", "lang": "python", "max_tokens": 1.5}"#, "422 invalid_type max_tokens"),
            (r#"{"code": "x", "lang": "python", "max_tokens": "many"}"#, "422 invalid_type max_tokens"),
            (r#"{"code": "x", "lang": "python", "temperature": 2.1}"#, "422 out_of_range temperature"),
            (r#"{"code": "x", "lang": "python", "temperature": -0.1}"#, "422 out_of_range temperature"),
            (r#"{"code": "x", "lang": "python", "top_p": 1.01}"#, "422 out_of_range top_p"),
            (r#"{"code": "x", "lang": "python", "top_k": -1}"#, "422 out_of_range top_k"),
            (r#"{"code": "x", "lang": "python", "stop": 5}"#, "422 invalid_type stop"),
            (r#"{"code": "x", "lang": "python", "stop": [5]}"#, "422 invalid_type stop"),
            (r#"{"code": "x", "lang": "python", "stream": "yes"}"#, "422 invalid_type stream"),
        ],
    )
    .await;
}

#[tokio::test]
async fn open_ai_completion() {
    let many_stops = json!({"prompt": "x", "stop": vec!["a"; 17]}).to_string();
    let many_prompts = json!({"prompt": vec!["a"; 17]}).to_string();
    check(
        "/v1/completions",
        &[
            (r#"{"prompt": "x", "model": "any", "user": "me", "logit_bias": {}}"#, "200"),
            ("{}", "422 missing_field prompt"),
            (r#"{"prompt": ""}"#, "422 out_of_range prompt"),
            (r#"{"prompt": []}"#, "422 out_of_range prompt"),
            (r#"{"prompt": [1, 2]}"#, "422 invalid_type prompt"),
            (&many_prompts, "422 out_of_range prompt"),
            (r#"{"prompt": "x", "model": 1}"#, "422 invalid_type model"),
            (r#"{"prompt": "x", "n": 0}"#, "422 out_of_range n"),
            (r#"{"prompt": "x", "n": 17}"#, "422 out_of_range n"),
            (r#"{"prompt": "x", "max_tokens": 0}"#, "422 out_of_range max_tokens"),
            (r#"{"prompt": "x", "max_completion_tokens": 0}"#, "422 out_of_range max_completion_tokens"),
            (r#"{"prompt": "x", "temperature": 3}"#, "422 out_of_range temperature"),
            (r#"{"prompt": "x", "logprobs": 1}"#, "422 out_of_range logprobs"),
            (r#"{"prompt": "x", "seed": "s"}"#, "422 invalid_type seed"),
            (
                r#"{"prompt": "x", "stream_options": {"include_usage": 1}}"#,
                "422 invalid_type stream_options.include_usage",
            ),
            (&many_stops, "422 out_of_range stop"),
        ],
    )
    .await;
}

#[tokio::test]
async fn infill() {
    check(
        "/infill",
        &[
            (r#"{"input_prefix": "x", "input_suffix": "", "samplers": ["top_k"], "id_slot": 0}"#, "200"),
            (r#"{"input_prefix": "x"}"#, "422 missing_field input_suffix"),
            (r#"{"input_suffix": "x"}"#, "422 missing_field input_prefix"),
            (r#"{"input_prefix": 1, "input_suffix": ""}"#, "422 invalid_type input_prefix"),
            (
                r#"{"input_prefix": "x", "input_suffix": "", "input_extra": [{}]}"#,
                "422 missing_field input_extra[0].text",
            ),
            (r#"{"input_prefix": "x", "input_suffix": "", "input_extra": "x"}"#, "422 invalid_type input_extra"),
            (r#"{"input_prefix": "x", "input_suffix": "", "n_predict": -2}"#, "422 out_of_range n_predict"),
            (r#"{"input_prefix": "x", "input_suffix": "", "min_p": 2}"#, "422 out_of_range min_p"),
            (r#"{"input_prefix": "x", "input_suffix": "", "repeat_penalty": 0}"#, "422 out_of_range repeat_penalty"),
        ],
    )
    .await;
}

#[tokio::test]
async fn text_generation() {
    for path in ["/generate", "/stream"] {
        check(
            path,
            &[
                ("{}", "422 missing_field prompt"),
                (r#"{"prompt": ""}"#, "422 out_of_range prompt"),
                (r#"{"prompt": 5}"#, "422 invalid_type prompt"),
                (r#"{"prompt": "x", "max_tokens": 0}"#, "422 out_of_range max_tokens"),
                (r#"{"prompt": "x", "max_tokens": 2049}"#, "422 out_of_range max_tokens"),
                (r#"{"prompt": "x", "max_length": 2049}"#, "422 out_of_range max_length"),
                (r#"{"prompt": "x", "temperature": -1}"#, "422 out_of_range temperature"),
                (r#"{"prompt": "x", "repetition_penalty": 0}"#, "422 out_of_range repetition_penalty"),
                (r#"{"prompt": "x", "stop_sequences": {}}"#, "422 invalid_type stop_sequences"),
                (r#"{"prompt": "x", "stop_on_newline": 1}"#, "422 invalid_type stop_on_newline"),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn other_routes() {
    check(
        "/api/v1/detect_errors",
        &[
            (r#"{"code": "x", "lang": "py"}"#, "200"),
            (r#"{"code": "x"}"#, "422 missing_field lang"),
            (r#"{"code": "x", "lang": ""}"#, "422 unknown_language lang"),
        ],
    )
    .await;
    check("/api/v1/queue/cancel", &[("{}", "422 missing_field job_id"), (r#"{"job_id": "job-0"}"#, "404 unknown_job")])
        .await;
    check("/load_model", &[(r#"{"model_name": 1}"#, "422 invalid_type model_name")]).await;
    let bridge = Bridge::new(&["x"]);
    for (path, expect) in [
        ("/api/v1/queue/status?job_id=job-0", "404 unknown_job"),
        ("/api/v1/queue/status?job_id=a&job_id=b", "400 invalid_query"),
    ] {
        assert_eq!(bridge.send(Call::get(path)).await.summary(), expect, "{path}");
    }
    let call = Call::post("/generate?async=maybe", json!({"prompt": "x"}));
    assert_eq!(bridge.send(call).await.summary(), "422 invalid_value async");
    let call = Call::post("/stream?async=true", json!({"prompt": "x"}));
    assert_eq!(bridge.send(call).await.summary(), "422 invalid_value async");
}

#[tokio::test]
async fn a_prompt_longer_than_the_context() {
    let bridge = Bridge::new(&["x"]);
    let prompt = "x".repeat(100_000);
    for (path, body) in [("/generate", json!({"prompt": prompt})), ("/v1/completions", json!({"prompt": prompt}))] {
        assert_eq!(bridge.send(Call::post(path, body)).await.summary(), "422 context_length_exceeded prompt", "{path}");
    }
}

#[tokio::test]
async fn without_a_model() {
    let bridge = Bridge::without_model(BridgeConfig::default());
    let calls = [
        Call::post("/api/v1/completions", json!({"code": "x", "lang": "python"})),
        Call::post("/v1/completions", json!({"prompt": "x"})),
        Call::post("/infill", json!({"input_prefix": "x", "input_suffix": ""})),
        Call::post("/generate", json!({"prompt": "x"})),
        Call::post("/stream", json!({"prompt": "x"})),
        Call::get("/info"),
        Call::get("/health/ready"),
    ];
    for call in calls {
        let answer = bridge.send(call.clone()).await;
        assert_eq!(answer.summary(), "503 model_not_loaded", "{call:?}");
        assert_eq!(answer.header("retry-after"), None, "nothing is loading: {call:?}");
    }
    // What needs no model still answers.
    let calls = [
        Call::get("/health"),
        Call::get("/health/live"),
        Call::get("/v1/models"),
        Call::get("/model_status"),
        Call::get("/api/v1/model/status"),
        Call::get("/api/v1/info"),
        Call::post("/unload_model", json!({})),
        Call::post("/api/v1/detect_errors", json!({"code": "x = (", "lang": "python"})),
    ];
    for call in calls {
        assert_eq!(bridge.send(call.clone()).await.status, StatusCode::OK, "{call:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_ends_the_work() {
    let config = BridgeConfig { request_timeout: Duration::from_millis(50), ..BridgeConfig::default() };
    let (bridge, clock) = Bridge::with_clock(&["a long reply", "b"], config);
    for call in [
        Call::post("/generate", json!({"prompt": "x"})),
        Call::post("/stream", json!({"prompt": "x"})),
        Call::post("/v1/completions", json!({"prompt": "x", "stream": true})),
    ] {
        let answer = bridge.send(call.clone()).await;
        assert_eq!(answer.summary(), "504 timeout", "{call:?}");
        assert!(answer.header("x-job-id").is_some());
    }
    // The worker stands in the first request's first step; from there it goes straight to the new one.
    clock.open();
    let answer = bridge.send(Call::post("/generate", json!({"prompt": "x", "max_tokens": 1}))).await;
    assert_eq!(answer.status, StatusCode::OK);
    let passes = bridge.assist.engine().status().forward_passes;
    assert!(passes <= 4, "{passes} forward passes: work that had timed out went on");
}

#[tokio::test]
async fn a_panic_of_the_model_is_one_failed_request() {
    let reply = format!("ab{}", Script::PANIC);
    let bridge = Bridge::new(&[&reply, "fine"]);
    let call = || Call::post("/generate", json!({"prompt": "x", "temperature": 0}));
    assert_eq!(bridge.send(call()).await.summary(), "500 internal_error");
    assert_eq!(bridge.send(call()).await.json()["response"], "xfine");
}

#[tokio::test]
async fn request_ids() {
    let bridge = Bridge::new(&["x"]);
    let echoed = |id: &str| {
        let call = Call::get("/health").header("x-request-id", id);
        let bridge = bridge.clone();
        async move { bridge.send(call).await.header("x-request-id").unwrap().to_owned() }
    };
    let long = "x".repeat(128);
    for id in ["abc", "A-1_2.3:4/5+6=", &long] {
        assert_eq!(echoed(id).await, id);
    }
    let too_long = "x".repeat(129);
    for id in ["", "two words", "a\"b", "a<b", &too_long] {
        let made = echoed(id).await;
        assert!(made.starts_with("req-") && made != id, "{id:?} became {made:?}");
    }
    // Errors of the layers carry one, too.
    let answer = bridge.send(Call::get("/nothing").header("x-request-id", "mine")).await;
    assert_eq!(answer.header("x-request-id"), Some("mine"));
}
