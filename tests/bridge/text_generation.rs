//! `/generate` and `/infill`: what comes back for good requests. Their streams are in `streams.rs`.

use serde_json::{Value, json};

use crate::support::http_client::{Bridge, Call};

async fn generate(reply: &str, body: Value) -> Value {
    Bridge::new(&[reply]).send(Call::post("/generate", body)).await.json()
}

#[tokio::test]
async fn a_text_is_continued() {
    let body = generate("one\ntwo", json!({"prompt": "zero ", "temperature": 0})).await;
    assert_eq!(body["status"], "success");
    assert_eq!(body["prompt"], "zero ");
    assert_eq!(body["response"], "zero one\ntwo");
    assert_eq!(body["generated_text"], body["response"]);
    assert_eq!(body["finish_reason"], "stop");
}

#[tokio::test]
async fn what_ends_it() {
    let long = "x".repeat(600);
    let cases = [
        (json!({"prompt": "p", "max_tokens": 2}), 3),
        (json!({"prompt": "p", "max_length": 3}), 4),
        (json!({"prompt": "p", "max_tokens": 2, "max_length": 3}), 3),
        (json!({"prompt": "p"}), 513),
    ];
    for (request, length) in cases {
        let body = generate(&long, request.clone()).await;
        assert_eq!(body["response"].as_str().unwrap().len(), length, "{request}");
        assert_eq!(body["tokens_generated"], length - 1);
        assert_eq!(body["finish_reason"], "length");
    }
    let body = generate("one\ntwo", json!({"prompt": "p ", "stop_on_newline": true})).await;
    assert_eq!((&body["response"], &body["finish_reason"]), (&json!("p one"), &json!("stop")));
    let body = generate("one two", json!({"prompt": "p ", "stop_sequences": ["tw", "zz"]})).await;
    assert_eq!(body["response"], "p one ");
    let body = generate("one two", json!({"prompt": "p ", "stop_sequences": "tw"})).await;
    assert_eq!(body["response"], "p one ");
}

#[tokio::test]
async fn prompts_are_text_whatever_they_look_like() {
    for prompt in ["<|endoftext|>", "<|fim_prefix|>x<|fim_suffix|>", "\u{0}\u{7f}", "ä€𝄞", "\r\n\t"] {
        let body = generate("!", json!({"prompt": prompt, "temperature": 0})).await;
        assert_eq!(body["response"], format!("{prompt}!"));
    }
}

async fn infill(bridge: &Bridge, body: Value) -> Value {
    bridge.send(Call::post("/infill", body)).await.json()
}

#[tokio::test]
async fn a_hole_is_filled() {
    let bridge = Bridge::new(&["mid\ndle"]);
    let request = json!({
        "input_prefix": "before\n", "input_suffix": "\nafter", "prompt": "    typed",
        "input_extra": [{"filename": "a.py", "text": "x = 1\n"}, {"text": "y = 2\n"}],
        "n_predict": 32, "t_max_predict_ms": 60_000, "cache_prompt": true, "stream": false, "top_k": 40, "top_p": 0.9,
        "samplers": ["top_k", "top_p", "infill"], "t_max_prompt_ms": 500, "id_slot": 0, "n_indent": 4,
    });
    let body = infill(&bridge, request).await;
    assert_eq!(body["content"], "mid\ndle");
    assert_eq!(body["stop"], true);
    assert_eq!(body["stop_type"], "eos");
    assert_eq!(body["has_new_line"], true);
    assert_eq!(body["truncated"], false);
    assert_eq!(body["generation_settings"]["top_k"], 40);
    let timings = &body["timings"];
    assert_eq!(timings["predicted_n"], body["tokens_predicted"]);
    let prompt_tokens = timings["prompt_n"].as_u64().unwrap() + timings["cache_n"].as_u64().unwrap();
    assert_eq!(body["tokens_evaluated"], prompt_tokens);
}

#[tokio::test]
async fn what_is_typed_belongs_to_the_prompt() {
    let bridge = Bridge::new(&["x"]);
    let split = infill(&bridge, json!({"input_prefix": "abc", "input_suffix": "z", "prompt": "def"})).await;
    let whole = infill(&bridge, json!({"input_prefix": "abcdef", "input_suffix": "z"})).await;
    assert_eq!(split["tokens_evaluated"], whole["tokens_evaluated"]);
    assert!(whole["tokens_cached"].as_u64().unwrap() > 6, "the same prompt comes from the cache: {whole}");
}

#[tokio::test]
async fn limits_of_a_hole() {
    let base = json!({"input_prefix": "x", "input_suffix": "y"});
    let cases = [
        (json!({"n_predict": 2}), "ab", "limit", 2),
        (json!({"stop": ["c"]}), "ab", "word", -1),
        (json!({"stop": "b"}), "a", "word", -1),
        (json!({"n_predict": -1}), "abcd", "eos", -1),
        (json!({"n_predict": 0}), "", "limit", 0),
        (json!({"temperature": -1, "top_k": -1, "seed": -1}), "abcd", "eos", -1),
    ];
    for (fields, content, stop_type, predicted) in cases {
        let mut request = base.clone();
        request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let body = infill(&Bridge::new(&["abcd"]), request).await;
        assert_eq!((&body["content"], &body["stop_type"]), (&json!(content), &json!(stop_type)), "{fields}");
        if predicted >= 0 {
            assert_eq!(body["tokens_predicted"], predicted, "{fields}");
        }
    }
}

/// Editor plugins ask for flat fields by their path.
#[tokio::test]
async fn fields_can_be_picked() {
    let bridge = Bridge::new(&["abcd"]);
    let request = |fields: Value| {
        Call::post("/infill", json!({"input_prefix": "x", "input_suffix": "y", "response_fields": fields}))
    };
    let picked = bridge.begin(request(json!(["content", "timings/predicted_n", "truncated", "nothing/here"]))).await;
    let picked = picked.finish().await.json();
    assert_eq!(picked["content"], "abcd");
    assert!(picked["timings/predicted_n"].is_u64());
    assert_eq!(picked.as_object().unwrap().len(), 3, "{picked}");
    assert_eq!(bridge.begin(request(json!([""]))).await.finish().await.json(), json!({}));
}
