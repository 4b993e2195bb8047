//! Jobs: asking later, cancelling, hanging up, overload.

use assist::model::ScriptClock;
use axum::http::StatusCode;
use bridge::BridgeConfig;
use serde_json::{Value, json};

use crate::support::http_client::{Bridge, Call};

fn generate(path: &str) -> Call {
    Call::post(path, json!({"prompt": "x", "temperature": 0}))
}

async fn status(bridge: &Bridge, id: &str) -> Value {
    bridge.send(Call::get(&format!("/api/v1/queue/status?job_id={id}"))).await.json()
}

/// Waits until the model stands at the clock, off the runtime's own threads.
fn wait(clock: &ScriptClock) {
    tokio::task::block_in_place(|| clock.wait_until_blocked());
}

/// Asks until the job has ended.
async fn ended(bridge: &Bridge, id: &str) -> Value {
    loop {
        let job = status(bridge, id).await;
        if !["queued", "running"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_later() {
    let config = BridgeConfig { max_concurrent_jobs: 1, ..BridgeConfig::default() };
    let (bridge, clock) = Bridge::with_clock(&["one", "two", "three"], config);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let answer = bridge.send(generate("/generate?async=true")).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        let body = answer.json();
        assert_eq!(body["status"], "queued");
        assert_eq!(body["job_id"].as_str(), answer.header("x-job-id"));
        ids.push(body["job_id"].as_str().unwrap().to_owned());
        if ids.len() == 1 {
            wait(&clock);
        }
    }
    let expect = [("running", json!(null)), ("queued", json!(1)), ("queued", json!(2))];
    for (id, (state, position)) in ids.iter().zip(&expect) {
        let job = status(&bridge, id).await;
        assert_eq!((&job["status"], &job["position"], &job["result"]), (&json!(state), position, &json!(null)));
    }
    let queue = bridge.send(Call::get("/api/v1/queue/status")).await.json();
    assert_eq!((&queue["running"], &queue["waiting"], &queue["capacity"]), (&json!(1), &json!(2), &json!(32)));
    assert_eq!(queue["jobs"].as_array().unwrap().len(), 3);
    clock.open();
    for (id, expect) in ids.iter().zip(["xone", "xtwo", "xthree"]) {
        let job = ended(&bridge, id).await;
        assert_eq!((&job["status"], &job["result"]["response"]), (&json!("done"), &json!(expect)), "{job}");
    }
}

#[tokio::test]
async fn every_model_route_can_be_asked_later() {
    let bridge = Bridge::new(&["y"]);
    let calls = [
        ("/api/v1/completions?async=1", json!({"code": "x = ", "lang": "python"}), "completion"),
        ("/v1/completions?async=true", json!({"prompt": "x"}), "choices"),
        ("/infill?async=true", json!({"input_prefix": "x", "input_suffix": ""}), "content"),
        ("/generate?async=true", json!({"prompt": "x"}), "response"),
    ];
    for (path, body, field) in calls {
        let answer = bridge.send(Call::post(path, body)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{path}");
        let job = ended(&bridge, answer.header("x-job-id").unwrap()).await;
        assert_eq!(job["status"], "done", "{path}: {job}");
        assert!(!job["result"][field].is_null(), "{path}: {job}");
    }
}

#[tokio::test]
async fn a_failed_job_says_why() {
    let bridge = Bridge::new(&["x"]);
    let body = json!({"prompt": "x".repeat(100_000)});
    let id = bridge.send(Call::post("/generate?async=true", body)).await.header("x-job-id").unwrap().to_owned();
    let job = ended(&bridge, &id).await;
    assert_eq!(
        (&job["status"], &job["result"]["error"]["code"]),
        (&json!("failed"), &json!("context_length_exceeded"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling() {
    let config = BridgeConfig { max_concurrent_jobs: 1, ..BridgeConfig::default() };
    let (bridge, clock) = Bridge::with_clock(&["one", "two"], config);
    let running = bridge.start(generate("/generate"));
    wait(&clock);
    let waiting = bridge.send(generate("/generate?async=true")).await.header("x-job-id").unwrap().to_owned();
    let cancel = |id: &str| Call::post("/api/v1/queue/cancel", json!({"job_id": id}));

    assert_eq!(bridge.send(cancel(&waiting)).await.json(), json!({"job_id": waiting, "cancelled": true}));
    assert_eq!(ended(&bridge, &waiting).await["status"], "cancelled");
    assert_eq!(bridge.send(cancel(&waiting)).await.json()["cancelled"], false, "it had ended");

    let queue = bridge.send(Call::get("/api/v1/queue/status")).await.json();
    let id = queue["jobs"][0]["job_id"].as_str().unwrap().to_owned();
    assert_eq!(bridge.send(cancel(&id)).await.json()["cancelled"], true);
    let answer = running.await.unwrap();
    assert_eq!(answer.summary(), "499 cancelled");
    assert_eq!(status(&bridge, &id).await["status"], "cancelled");
    clock.open();
    assert_eq!(bridge.send(generate("/generate")).await.status, StatusCode::OK, "the slot is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn overload() {
    let config = BridgeConfig { max_concurrent_jobs: 1, max_waiting_jobs: 1, ..BridgeConfig::default() };
    let (bridge, clock) = Bridge::with_clock(&["one"], config);
    let running = bridge.start(generate("/generate"));
    wait(&clock);
    let waiting = bridge.send(generate("/generate?async=true")).await.header("x-job-id").unwrap().to_owned();
    for call in [generate("/generate"), generate("/generate?async=true"), generate("/stream")] {
        let answer = bridge.send(call).await;
        assert_eq!(answer.summary(), "503 queue_full");
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
        assert_eq!(answer.header("x-job-id"), None, "it never was a job");
    }
    clock.open();
    assert_eq!(running.await.unwrap().status, StatusCode::OK);
    assert_eq!(ended(&bridge, &waiting).await["status"], "done");
}

/// Hangs up in the middle of an answer of 5000 tokens; the model may do one more step, and nothing after it.
async fn check_hang_up(call: Call, is_stream: bool) {
    let reply = "x = 1\n".repeat(1000);
    let config = BridgeConfig { max_concurrent_jobs: 1, ..BridgeConfig::default() };
    let (bridge, clock) = Bridge::with_clock(&[&reply, "b"], config);
    let request = tokio::spawn({
        let (bridge, call) = (bridge.clone(), call.clone());
        async move { bridge.begin(call).await }
    });
    wait(&clock);
    clock.tick(2);
    wait(&clock);
    if is_stream {
        let mut arriving = request.await.unwrap();
        assert!(arriving.next().await.unwrap().starts_with("data: "));
        drop(arriving);
    } else {
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
    }
    let queue = bridge.send(Call::get("/api/v1/queue/status")).await.json();
    let id = queue["jobs"][0]["job_id"].as_str().unwrap();
    assert_eq!(ended(&bridge, id).await["status"], "cancelled", "while the model stands still");
    let before = bridge.assist.engine().status().forward_passes;
    clock.open();
    let next = Call::post("/generate", json!({"prompt": "y", "max_tokens": 1, "temperature": 0}));
    assert_eq!(bridge.send(next).await.status, StatusCode::OK, "{call:?}");
    let passes = bridge.assist.engine().status().forward_passes - before;
    assert!(passes <= 3, "{call:?}: {passes} forward passes after the client hung up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_stops_its_work() {
    let calls = [
        ("/generate", json!({"prompt": "x", "max_tokens": 2000}), false),
        ("/stream", json!({"prompt": "x", "max_tokens": 2000}), true),
        ("/v1/completions", json!({"prompt": "x", "max_tokens": 5000}), false),
        ("/v1/completions", json!({"prompt": "x", "max_tokens": 5000, "stream": true}), true),
        ("/infill", json!({"input_prefix": "x", "input_suffix": ""}), false),
        ("/infill", json!({"input_prefix": "x", "input_suffix": "", "stream": true}), true),
        ("/api/v1/completions", json!({"code": "y = 2\n", "lang": "python", "max_tokens": 2000}), false),
    ];
    for (path, body, is_stream) in calls {
        check_hang_up(Call::post(path, body), is_stream).await;
    }
}
