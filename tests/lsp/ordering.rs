//! Edits are applied in the order they arrive, whatever else is going on; a request sees the text of its own arrival.

use assist::model::{Script, ScriptClock};
use serde_json::json;

use crate::support::lsp_client::{CONTENT_MODIFIED, REQUEST_CANCELLED, TestServer, edit};

const FUNCTION: &str = "def area(width, height):\n    return ";

/// A server whose model stands still, and that many documents in each of which a suggestion has been asked for.
async fn with_waiting_requests(clock: &ScriptClock, count: usize) -> (TestServer, Vec<i64>) {
    let script = Script::new(["width * height"]).with_clock(clock);
    let mut server = TestServer::builder().script(script).start().await;
    let mut requests = Vec::new();
    for number in 0..count {
        let uri = format!("file:///{number}.py");
        server.open(&uri, "python", FUNCTION).await;
        requests.push(server.ask_inline(&uri, 1, 11).await);
    }
    tokio::task::block_in_place(|| clock.wait_until_blocked());
    (server, requests)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_do_not_wait_for_slow_requests() {
    let clock = ScriptClock::new();
    let (mut server, requests) = with_waiting_requests(&clock, 12).await;
    for version in 2..52 {
        let digit = (version % 10).to_string();
        server.change("file:///0.py", version, json!([edit(1, 11, 11, &digit)])).await;
    }
    // Each digit was put before all earlier ones, so any other order gives another text.
    let digits: String = (2..52).rev().map(|version| (version % 10).to_string()).collect();
    assert_eq!(server.text("file:///0.py").await, format!("{FUNCTION}{digits}"));
    for request in &requests[1..] {
        assert!(!server.is_answered(*request), "nothing but the edited document's request may be over");
    }
    clock.open();
    assert_eq!(server.answer(requests[0]).await.map_err(|error| error.0), Err(CONTENT_MODIFIED));
    for request in &requests[1..] {
        assert!(server.answer(*request).await.is_ok());
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_request_is_answered_at_once() {
    let clock = ScriptClock::new();
    let (mut server, requests) = with_waiting_requests(&clock, 6).await;
    // Both the one in the model and one that waits.
    for request in [requests[0], requests[5]] {
        server.notify("$/cancelRequest", json!({ "id": request })).await;
        assert_eq!(server.answer(request).await.map_err(|error| error.0), Err(REQUEST_CANCELLED));
    }
    clock.open();
    for request in &requests[1..5] {
        assert!(server.answer(*request).await.is_ok());
    }
    // Cancelling what is over, or never was, does no harm.
    server.notify("$/cancelRequest", json!({ "id": requests[1] })).await;
    server.notify("$/cancelRequest", json!({ "id": "never" })).await;
    server.notify("$/cancelRequest", json!({ "id": 4_294_967_296_i64 })).await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sees_the_text_of_its_arrival() {
    let mut server = TestServer::start().await;
    server.open("file:///a.txt", "plaintext", "0").await;
    let view = json!({ "textDocument": { "uri": "file:///a.txt" } });
    let mut requests = Vec::new();
    for version in 2..100 {
        requests.push(server.send_request("ropewalk/viewText", view.clone()).await);
        server.change("file:///a.txt", version, json!([{ "text": version.to_string() }])).await;
    }
    for (seen, request) in requests.into_iter().enumerate() {
        let expected = if seen == 0 { "0".to_owned() } else { (seen + 1).to_string() };
        assert_eq!(server.answer(request).await, Ok(json!(expected)));
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_one_write_is_taken_in_order() {
    let mut server = TestServer::start().await;
    let document = json!({ "uri": "file:///a.txt", "languageId": "plaintext", "version": 1, "text": "a" });
    let change = |version: i32, text: &str| {
        json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
            "textDocument": { "uri": "file:///a.txt", "version": version }, "contentChanges": [edit(0, 1, 1, text)],
        } })
    };
    let view = json!({ "textDocument": { "uri": "file:///a.txt" } });
    let messages = [
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }),
        change(2, "c"),
        change(3, "b"),
        json!({ "jsonrpc": "2.0", "id": 100, "method": "ropewalk/viewText", "params": view }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didClose", "params": view }),
        json!({ "jsonrpc": "2.0", "id": 101, "method": "ropewalk/viewText", "params": view }),
    ];
    let bytes: String = messages
        .iter()
        .map(|message| message.to_string())
        .map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len()))
        .collect();
    server.send_bytes(bytes.as_bytes()).await;
    assert_eq!(server.answer(100).await, Ok(json!("abc")));
    assert!(server.answer(101).await.is_err());
    server.finish().await;
}
