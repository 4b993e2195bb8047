//! Formatting over the wire: edits for the version that was asked about, null and a message for what stays as it is.

use serde_json::{Value, json};

use crate::support::lsp_client::TestServer;

const URI: &str = "file:///app.py";

fn document() -> Value {
    json!({ "textDocument": { "uri": URI }, "options": { "tabSize": 4, "insertSpaces": true } })
}

fn with(mut params: Value, key: &str, value: Value) -> Value {
    params[key] = value;
    params
}

fn range(line: u32, start: u32, end: u32) -> Value {
    json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": end } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_are_small() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "# é\nx=1\ny = 2\n").await;
    let edits = server.call("textDocument/formatting", document()).await.expect("edits");
    let spaces = json!([{ "range": range(1, 1, 1), "newText": " " }, { "range": range(1, 2, 2), "newText": " " }]);
    assert_eq!(edits, spaces);
    server.change(URI, 2, json!([{ "text": "x = 1\n" }])).await;
    assert_eq!(server.call("textDocument/formatting", document()).await, Ok(json!([])));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_is_formatted_alone() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "x=1\ny=2\n").await;
    let params = with(document(), "range", range(1, 0, 3));
    let edits = server.call("textDocument/rangeFormatting", params).await.expect("edits");
    let spaces = json!([{ "range": range(1, 1, 1), "newText": " " }, { "range": range(1, 2, 2), "newText": " " }]);
    assert_eq!(edits, spaces);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_line_formats_the_one_above() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "x=1\n\n").await;
    let params = with(with(document(), "position", json!({ "line": 1, "character": 0 })), "ch", json!("\n"));
    let edits = server.call("textDocument/onTypeFormatting", params.clone()).await.expect("edits");
    assert_eq!(edits.as_array().map(Vec::len), Some(2), "{edits}");
    // Broken code is somebody's work in progress: nothing is said.
    server.change(URI, 2, json!([{ "text": "x=(1\n\n" }])).await;
    assert_eq!(server.call("textDocument/onTypeFormatting", params).await, Ok(json!([])));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_parse_is_left_alone_and_told_once() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "x = 1\ny = (\n").await;
    assert_eq!(server.call("textDocument/formatting", document()).await, Ok(Value::Null));
    let message = server.message("window/showMessage").await;
    assert_eq!(message["params"]["message"], "app.py:2:5: not formatted, it does not parse: `(` is never closed");
    assert_eq!(server.call("textDocument/formatting", document()).await, Ok(Value::Null));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_language_without_a_formatter_says_what_to_do() {
    let mut server = TestServer::start().await;
    server.open("file:///a.rs", "rust", "fn main(){}\n").await;
    let params =
        json!({ "textDocument": { "uri": "file:///a.rs" }, "options": { "tabSize": 4, "insertSpaces": true } });
    assert_eq!(server.call("textDocument/formatting", params).await, Ok(Value::Null));
    let message = server.message("window/showMessage").await;
    let text = message["params"]["message"].as_str().expect("a text");
    assert!(text.starts_with("a.rs: no formatter for Rust is built in"), "{text}");
    server.finish().await;
}
