//! The client's settings: what is right applies, what is wrong is named once.

use assist::model::Script;
use serde_json::{Value, json};

use crate::support::lsp_client::TestServer;

async fn configure(server: &mut TestServer, settings: Value) {
    server.notify("workspace/didChangeConfiguration", json!({ "settings": settings })).await;
}

/// Waits until everything sent before has been handled.
async fn settle(server: &mut TestServer) {
    server.status().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_settings_are_named_once_and_the_others_apply() {
    let options = json!({ "inlineCompletion": { "maxTokens": 9, "deadlineMs": "soon" }, "colour": "red" });
    let mut server = TestServer::builder().options(options.clone()).start().await;
    let told = server.message("window/showMessage").await;
    assert_eq!(
        told["params"],
        json!({
            "type": 2,
            "message": "ropewalk: settings that were not applied: inlineCompletion.deadlineMs: expected a number of \
                        milliseconds from 1 to 600000, got \"soon\"; colour: there is no such setting",
        })
    );
    assert_eq!(server.assist.config().inline_completion.max_tokens, 9);
    configure(&mut server, options).await;
    configure(&mut server, json!({ "ropewalk": { "inlineCompletion": { "enabled": 1 } } })).await;
    let told = server.message("window/showMessage").await;
    assert_eq!(
        told["params"]["message"],
        "ropewalk: settings that were not applied: inlineCompletion.enabled: expected true or false, got 1"
    );
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_replace_those_before() {
    let options = json!({ "inlineCompletion": { "maxTokens": 9 } });
    let mut server = TestServer::builder().script(Script::new(["x"])).options(options).start().await;
    configure(&mut server, json!({ "ropewalk": { "inlineCompletion": { "enabled": false } } })).await;
    settle(&mut server).await;
    assert!(!server.assist.config().inline_completion.enabled);
    server.open("file:///a.py", "python", "def f(x):\n    return ").await;
    let request = server.ask_inline("file:///a.py", 1, 11).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));

    configure(&mut server, json!({ "inline_completion": { "max_tokens": 5 } })).await;
    settle(&mut server).await;
    let config = server.assist.config();
    assert_eq!((config.inline_completion.enabled, config.inline_completion.max_tokens), (true, 5));
    configure(&mut server, json!({})).await;
    settle(&mut server).await;
    assert_eq!(server.assist.config().inline_completion.max_tokens, 9);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_no_settings_is_asked() {
    let mut server = TestServer::start().await;
    configure(&mut server, Value::Null).await;
    let asked = server.message("workspace/configuration").await;
    assert_eq!(asked["params"], json!({ "items": [{ "section": "ropewalk" }] }));
    let answer = json!([{ "inlineCompletion": { "maxTokens": 3, "size": 1 } }]);
    server.reply(&asked, answer).await;
    let told = server.message("window/showMessage").await;
    assert!(told["params"]["message"].as_str().expect("a text").contains("inlineCompletion.size"), "{told}");
    assert_eq!(server.assist.config().inline_completion.max_tokens, 3);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settings_file_that_makes_no_sense_is_told_once() {
    let files = [("ruff.toml", "[lint]\nselect = 3\n"), ("a.py", "")];
    let mut server = TestServer::builder().files(&files).start().await;
    let uri = "file:///project/a.py";
    server.open(uri, "python", "import os\n").await;
    let ask = json!({ "textDocument": { "uri": uri } });
    let found = server.call("textDocument/diagnostic", ask.clone()).await.expect("a report");
    assert_eq!(found["items"][0]["code"], "F401");
    let told = server.message("window/showMessage").await;
    let message = told["params"]["message"].as_str().expect("a text");
    assert!(message.starts_with("ropewalk: settings that were not applied: /project/ruff.toml: "), "{message}");
    server.change(uri, 2, json!([{ "text": "import sys\n" }])).await;
    server.call("textDocument/diagnostic", ask).await.expect("a report");
    server.finish().await;
}
