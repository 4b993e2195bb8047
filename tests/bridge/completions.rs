//! `POST /api/v1/completions` and `POST /v1/completions`: what comes back for good requests.

use serde_json::{Value, json};

use crate::support::http_client::{Bridge, Call};

/// Completes code with a scripted model; picture: text, finish reason, source.
async fn check(reply: &str, request: Value, expect: (&str, &str, &str)) {
    let bridge = Bridge::new(&[reply]);
    let answer = bridge.send(Call::post("/api/v1/completions", request.clone())).await;
    let body = answer.json();
    let got = [&body["completion"], &body["finish_reason"], &body["source"]].map(|it| it.as_str().unwrap_or("-"));
    assert_eq!(got, [expect.0, expect.1, expect.2], "{request}: {body}");
    assert_eq!(body["job_id"].as_str(), answer.header("x-job-id"));
    let usage = &body["usage"];
    if !usage.is_null() {
        let count = |name: &str| usage[name].as_u64().unwrap();
        assert_eq!(count("prompt_tokens") + count("completion_tokens"), count("total_tokens"));
    }
}

#[tokio::test]
async fn code_is_completed_and_checked() {
    check(
        "a + b",
        json!({"code": "def add(a, b):\n    return ", "lang": "python"}),
        ("a + b", "stop", "model+analysis"),
    )
    .await;
    // Aliases and extensions name a language, too.
    check("a + b;", json!({"code": "const c = ", "lang": "JS"}), ("a + b;", "stop", "model+analysis")).await;
    check(
        "a + b",
        json!({"code": "def add(a, b):\n    return ", "lang": ".py", "path": "src/add.py"}),
        ("a + b", "stop", "model+analysis"),
    )
    .await;
    // The limit cuts the text: one token is one character here.
    let request = json!({"code": "def add(a, b):\n    return ", "lang": "python", "max_tokens": 1});
    check("ab", request, ("a", "length", "model+analysis")).await;
}

#[tokio::test]
async fn a_file_of_secrets_is_not_completed() {
    let bridge = Bridge::new(&["hunter2"]);
    let request = json!({"code": "PASSWORD=", "lang": "dotenv", "path": "deploy/.env"});
    let answer = bridge.send(Call::post("/api/v1/completions", request)).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_str()), (403, Some("secret_file")));
}

#[tokio::test]
async fn a_hole_is_not_filled_with_what_follows_it() {
    let request = json!({"code": "print(add(1, ", "suffix": "))\n", "lang": "python"});
    let bridge = Bridge::new(&["2))\n"]);
    let body = bridge.send(Call::post("/api/v1/completions", request)).await.json();
    assert_eq!(body["completion"], "2", "{body}");
}

#[tokio::test]
async fn what_does_not_parse_is_not_passed_on() {
    let bridge = Bridge::new(&["((((]]]] def def"]);
    let request = json!({"code": "x = 1\ny = ", "suffix": "\nz = 3\n", "lang": "python"});
    let body = bridge.send(Call::post("/api/v1/completions", request)).await.json();
    let completion = body["completion"].as_str().unwrap();
    assert!(!completion.contains("]]]]"), "{body}");
    if completion.is_empty() {
        assert!(body["reason"].is_string(), "an empty completion says why: {body}");
    }
}

#[tokio::test]
async fn a_stop_text_ends_code() {
    let request = json!({"code": "x = ", "lang": "python", "stop": ["+"]});
    let bridge = Bridge::new(&["a+b"]);
    let body = bridge.send(Call::post("/api/v1/completions", request)).await.json();
    assert_eq!(body["completion"], "a", "{body}");
}

/// Texts and finish reasons of the choices.
fn choices(body: &Value) -> Vec<(&str, &str)> {
    let choices = body["choices"].as_array().unwrap();
    assert!(choices.iter().enumerate().all(|(i, it)| it["index"] == i), "{body}");
    choices.iter().map(|it| (it["text"].as_str().unwrap(), it["finish_reason"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn text_is_continued() {
    let bridge = Bridge::new(&["one, two\nthree", "four", "five"]);
    let call = |body: Value| Call::post("/v1/completions", body);
    let body = bridge.send(call(json!({"model": "gpt-x", "prompt": "zero, ", "temperature": 0}))).await.json();
    assert_eq!(choices(&body), [("one, two\nthree", "stop")]);
    assert_eq!(body["object"], "text_completion");
    assert_ne!(body["model"], "gpt-x", "the answer names the real model");
    assert_eq!(body["model"], bridge.send(Call::get("/v1/models")).await.json()["data"][0]["id"]);
    assert_eq!(body["usage"]["completion_tokens"], 14, "one token a character");
    assert_eq!(body["usage"]["prompt_tokens"], 6);
    assert_eq!(body["usage"]["total_tokens"], 20);
    let body = bridge.send(call(json!({"prompt": "zero, ", "max_tokens": 2}))).await.json();
    assert_eq!(choices(&body), [("fo", "length")]);
    let body = bridge.send(call(json!({"prompt": "zero, ", "max_tokens": 1, "max_completion_tokens": 4}))).await.json();
    assert_eq!(choices(&body), [("f", "length")], "max_tokens wins");
}

#[tokio::test]
async fn a_hole_is_filled_where_there_is_a_suffix() {
    let bridge = Bridge::new(&["middle"]);
    let body = json!({"prompt": "before ", "suffix": " after", "max_tokens": 64, "temperature": 0});
    let body = bridge.send(Call::post("/v1/completions", body)).await.json();
    assert_eq!(choices(&body), [("middle", "stop")]);
    // Prefix, suffix and three markers.
    assert_eq!(body["usage"]["prompt_tokens"], 7 + 6 + 3);
}

#[tokio::test]
async fn stop_texts_as_one_or_several() {
    for stop in [json!("\n"), json!(["zzz", "\n"]), json!(["", "\n"])] {
        let bridge = Bridge::new(&["one\ntwo"]);
        let body = json!({"prompt": "x", "stop": stop});
        assert_eq!(choices(&bridge.send(Call::post("/v1/completions", body)).await.json()), [("one", "stop")]);
    }
}

#[tokio::test]
async fn several_choices_and_prompts() {
    let bridge = Bridge::new(&["a", "b", "c", "d"]);
    let body = json!({"prompt": ["p", "qq"], "n": 2, "temperature": 0});
    let body = bridge.send(Call::post("/v1/completions", body)).await.json();
    assert_eq!(choices(&body), ["a", "b", "c", "d"].map(|it| (it, "stop")));
    assert_eq!(body["usage"]["prompt_tokens"], 1 + 1 + 2 + 2);
}

#[tokio::test]
async fn echo_and_log_probabilities() {
    let bridge = Bridge::new(&["ab"]);
    let body = json!({"prompt": "pröm", "echo": true, "logprobs": 0, "temperature": 0});
    let body = bridge.send(Call::post("/v1/completions", body)).await.json();
    assert_eq!(choices(&body), [("prömab", "stop")]);
    let logprobs = &body["choices"][0]["logprobs"];
    assert_eq!(logprobs["tokens"], json!(["a", "b"]));
    assert_eq!(logprobs["text_offset"], json!([4, 5]), "in characters");
    assert!(logprobs["token_logprobs"][0].as_f64().is_some_and(|it| it <= 0.0));
    let body = bridge.send(Call::post("/v1/completions", json!({"prompt": "x"}))).await.json();
    assert!(body["choices"][0]["logprobs"].is_null());
}
