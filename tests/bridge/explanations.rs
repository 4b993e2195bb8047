//! `POST /api/v1/explanations`: fields as in the contract, levels, what is refused.

use serde_json::json;

use crate::support::http_client::{Bridge, Call};

const CODE: &str = "def total(items: list) -> int:\n    result = 0\n    for item in items:\n        if item > 0:\n            result += item\n    return result\n";

#[tokio::test]
async fn an_answer_has_explanation_complexity_and_symbols() {
    let bridge = Bridge::without_model(bridge::BridgeConfig::default());
    let body = json!({"code": CODE, "lang": "py"});
    let answer = bridge.send(Call::post("/api/v1/explanations", body)).await.json();
    assert!(answer["explanation"].as_str().unwrap().contains("For each `item` of `items`"), "{answer}");
    let complexity = &answer["complexity"];
    assert_eq!(complexity["cyclomatic"], 3);
    assert_eq!(complexity["cognitive"], 3);
    assert_eq!(complexity["max_nesting"], 2);
    assert_eq!(complexity["lines"], 6);
    assert_eq!(complexity["time"], "O(n)");
    assert!(complexity["time_reason"].as_str().unwrap().contains("the length of `items`"), "{answer}");
    assert_eq!(answer["symbols"][0]["name"], "total");
    assert_eq!(answer["symbols"][0]["kind"], "function");
    assert_eq!((&answer["lang"], &answer["source"]), (&json!("python"), &json!("analysis")));
    assert!(answer["model"].is_null() && answer["job_id"].is_null() && answer["elapsed_ms"].is_u64(), "{answer}");
}

#[tokio::test]
async fn levels_differ_and_what_is_unsure_is_null() {
    let bridge = Bridge::without_model(bridge::BridgeConfig::default());
    let mut lengths = Vec::new();
    for level in ["low", "medium", "high"] {
        let body = json!({"code": CODE, "lang": "python", "detail_level": level});
        let answer = bridge.send(Call::post("/api/v1/explanations", body)).await.json();
        lengths.push(answer["explanation"].as_str().unwrap().len());
    }
    assert!(lengths.is_sorted_by(|a, b| a < b), "{lengths:?}");
    let body = json!({"code": "def f(x):\n    return g(x)\n", "lang": "python"});
    let answer = bridge.send(Call::post("/api/v1/explanations", body)).await.json();
    assert!(answer["complexity"]["time"].is_null() && answer["complexity"]["time_reason"].is_null(), "{answer}");
    let body = json!({"code": "{\"a\": 1}", "lang": "json"});
    let answer = bridge.send(Call::post("/api/v1/explanations", body)).await.json();
    assert!(answer["complexity"].is_null(), "{answer}");
}

#[tokio::test]
async fn bad_input_is_named() {
    let bridge = Bridge::without_model(bridge::BridgeConfig::default());
    for (body, expect) in [
        (json!({"lang": "python"}), "422 missing_field code"),
        (json!({"code": "x"}), "422 missing_field lang"),
        (json!({"code": "x", "lang": "klingon"}), "422 unknown_language lang"),
        (json!({"code": "x", "lang": "python", "detail_level": "all"}), "422 invalid_value detail_level"),
        (json!({"code": 5, "lang": "python"}), "422 invalid_type code"),
    ] {
        let answer = bridge.send(Call::post("/api/v1/explanations", body.clone())).await;
        assert_eq!(answer.summary(), expect, "{body}");
    }
}
