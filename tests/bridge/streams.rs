//! Event streams: framing, and that the pieces add up to the whole answer.

use axum::http::StatusCode;
use bridge::BridgeConfig;
use serde_json::{Value, json};

use crate::support::http_client::{Bridge, Call};

/// Data of the events of a stream, `[DONE]` left as a string.
async fn events(reply: &str, path: &str, body: Value) -> Vec<Value> {
    let answer = Bridge::new(&[reply]).send(Call::post(path, body)).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("x-job-id").is_some());
    answer.events().iter().map(|it| serde_json::from_str(it).unwrap_or_else(|_| json!(it))).collect()
}

fn joined(events: &[Value], pointer: &str) -> String {
    events.iter().filter_map(|it| it.pointer(pointer)?.as_str()).collect()
}

#[tokio::test]
async fn open_ai() {
    let reply = "öne\ntwo\n\nthree";
    let body = json!({"prompt": "x", "stream": true, "temperature": 0});
    let events = events(reply, "/v1/completions", body).await;
    let (done, chunks) = events.split_last().unwrap();
    assert_eq!(done, "[DONE]");
    assert_eq!(joined(chunks, "/choices/0/text"), reply);
    assert!(chunks.len() > 5, "one event a piece");
    let (last, before) = chunks.split_last().unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert!(before.iter().all(|it| it["choices"][0]["finish_reason"].is_null()));
    assert!(chunks.iter().all(|it| it["id"] == chunks[0]["id"] && it["object"] == "text_completion"));
    assert!(chunks.iter().all(|it| it.get("usage").is_none()), "usage only when asked for");
}

#[tokio::test]
async fn open_ai_with_usage() {
    let body = json!({"prompt": "x", "stream": true, "temperature": 0, "stream_options": {"include_usage": true}});
    let events = events("ab", "/v1/completions", body).await;
    let (last, before) = events[..events.len() - 1].split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["prompt_tokens"], 1);
    assert!(before.iter().all(|it| it["usage"].is_null() && it.get("usage").is_some()));
}

#[tokio::test]
async fn open_ai_with_several_choices() {
    let bridge = Bridge::new(&["ab", "cd"]);
    let body = json!({"prompt": "x", "stream": true, "temperature": 0, "n": 2, "echo": true, "logprobs": 0});
    let answer = bridge.send(Call::post("/v1/completions", body)).await;
    let events: Vec<Value> = answer.events().iter().filter_map(|it| serde_json::from_str(it).ok()).collect();
    for (index, expect) in [(0, "xab"), (1, "xcd")] {
        let own = events.iter().filter(|it| it["choices"][0]["index"] == index).cloned().collect::<Vec<_>>();
        assert_eq!(joined(&own, "/choices/0/text"), expect);
        let reasons = own.iter().filter(|it| it["choices"][0]["finish_reason"] == "stop").count();
        assert_eq!(reasons, 1);
        let offsets: Vec<_> = own.iter().filter_map(|it| it.pointer("/choices/0/logprobs/text_offset/0")).collect();
        assert_eq!(offsets, [1, 2]);
    }
}

#[tokio::test]
async fn text_generation() {
    let events = events("one\ntwo", "/stream", json!({"prompt": "zero ", "temperature": 0})).await;
    let [pieces @ .., end, done] = &events[..] else { panic!("{events:?}") };
    assert_eq!(done, "[DONE]");
    assert_eq!(joined(pieces, "/token"), "one\ntwo");
    assert_eq!((&end["done"], &end["response"]), (&json!(true), &json!("zero one\ntwo")));
}

#[tokio::test]
async fn infill() {
    let body = json!({"input_prefix": "x", "input_suffix": "y", "stream": true});
    let events = events("mid\ndle", "/infill", body).await;
    let (last, pieces) = events.split_last().unwrap();
    assert_eq!(joined(pieces, "/content"), "mid\ndle");
    assert!(pieces.iter().all(|it| it["stop"] == false));
    assert_eq!((&last["stop"], &last["content"], &last["stop_type"]), (&json!(true), &json!(""), &json!("eos")));
    assert_eq!(last["timings"]["predicted_n"], last["tokens_predicted"]);
}

#[tokio::test]
async fn code_completion() {
    let body = json!({"code": "def add(a, b):\n    return ", "lang": "python", "stream": true});
    let events = events("a + b", "/api/v1/completions", body).await;
    let [pieces @ .., end, done] = &events[..] else { panic!("{events:?}") };
    assert_eq!(done, "[DONE]");
    assert_eq!(joined(pieces, "/completion"), "a + b");
    assert_eq!((&end["completion"], &end["finish_reason"]), (&json!(""), &json!("stop")));
    assert_eq!(end["source"], "model+analysis");
}

#[tokio::test]
async fn what_fails_before_the_first_event_has_its_status() {
    let bridge = Bridge::without_model(BridgeConfig::default());
    let call = Call::post("/v1/completions", json!({"prompt": "x", "stream": true}));
    assert_eq!(bridge.send(call).await.summary(), "503 model_not_loaded");
    let bridge = Bridge::new(&["x"]);
    let call = Call::post("/stream", json!({"prompt": "x".repeat(100_000)}));
    assert_eq!(bridge.send(call).await.summary(), "422 context_length_exceeded prompt");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_later_is_the_last_event() {
    let (bridge, clock) = Bridge::with_clock(&["abcdef"], BridgeConfig::default());
    let reading = tokio::spawn({
        let bridge = bridge.clone();
        async move { bridge.begin(Call::post("/stream", json!({"prompt": "x", "temperature": 0}))).await }
    });
    tokio::task::block_in_place(|| {
        clock.wait_until_blocked();
        clock.tick(2);
        clock.wait_until_blocked();
    });
    let arriving = reading.await.unwrap();
    assert_eq!(arriving.0.status(), StatusCode::OK);
    let id = arriving.0.headers()["x-job-id"].to_str().unwrap().to_owned();
    bridge.send(Call::post("/api/v1/queue/cancel", json!({"job_id": id}))).await;
    let events = arriving.finish().await.events();
    let last: Value = serde_json::from_str(events.last().unwrap()).unwrap();
    assert_eq!(last["error"]["code"], "cancelled", "{events:?}");
    assert!(!events.contains(&"[DONE]".to_owned()), "a broken stream does not end like a whole one");
    clock.open();
}
