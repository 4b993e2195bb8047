//! Sessions nobody would think of: whatever a client sends, every request is answered, and none with an internal error.

use assist::model::Script;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::lsp_client::TestServer;

const INTERNAL_ERROR: i64 = -32603;

const URIS: &[&str] = &["file:///a.py", "file:///b.js", "untitled:c"];

const TEXTS: &[&str] = &[
    "",
    "def f(x):\n    return ",
    "x = (1\n",
    "class A:\n\tdef f(self): pass\r\nA().f(\"😀",
    "\u{feff}let a = {\r",
    "'",
];

const METHODS: &[&str] = &[
    "textDocument/inlineCompletion",
    "textDocument/completion",
    "completionItem/resolve",
    "textDocument/hover",
    "textDocument/documentSymbol",
    "textDocument/codeAction",
    "textDocument/diagnostic",
    "workspace/diagnostic",
    "workspace/executeCommand",
    "ropewalk/viewText",
    "ropewalk/viewSyntaxTree",
    "initialize",
    "no/such/method",
];

const NOTIFICATIONS: &[&str] = &[
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/didSave",
    "textDocument/didShowCompletion",
    "textDocument/didPartiallyAcceptCompletion",
    "$/cancelRequest",
    "$/setTrace",
    "no/such/method",
];

#[derive(Clone, Debug)]
enum Step {
    Request(&'static str, Value),
    Notification(&'static str, Value),
    Cancel(prop::sample::Index),
    Bytes(&'static [u8]),
}

fn place() -> impl Strategy<Value = Value> {
    (0..4_u32, prop_oneof![0..12_u32, Just(u32::MAX)])
        .prop_map(|(line, character)| json!({ "line": line, "character": character }))
}

/// Parameters with every field any of the methods has.
fn params() -> impl Strategy<Value = Value> {
    (prop::sample::select(URIS), prop::sample::select(TEXTS), place(), place(), 0..4_i32).prop_map(
        |(uri, text, from, to, number)| {
            let range = json!({ "start": from, "end": to });
            json!({
                "textDocument": { "uri": uri, "languageId": "python", "version": number, "text": text },
                "contentChanges": [{ "range": range, "text": text }, { "range": range, "text": "" }],
                "position": from,
                "range": range,
                "context": { "triggerKind": number, "diagnostics": [] },
                "previousResultIds": [],
                "label": "f",
                "data": { "uri": uri, "version": number, "position": to },
                "command": "ropewalk.status",
            })
        },
    )
}

fn nonsense() -> impl Strategy<Value = Value> {
    let values = [json!(null), json!([]), json!(7), json!({ "textDocument": null }), json!({ "id": {} })];
    prop::sample::select(values.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
    let frames: &[&[u8]] =
        &[b"Content-Length: 1\r\n\r\n{", b"X: y\r\n\r\n", b"\r\n", b"Content-Length: 2\r\n\r\n\xff\xfe"];
    prop_oneof![
        8 => (prop::sample::select(METHODS), params()).prop_map(|(method, params)| Step::Request(method, params)),
        8 => (prop::sample::select(&NOTIFICATIONS[..3]), params())
            .prop_map(|(method, params)| Step::Notification(method, params)),
        1 => (prop::sample::select(METHODS), nonsense()).prop_map(|(method, params)| Step::Request(method, params)),
        1 => (prop::sample::select(NOTIFICATIONS), nonsense())
            .prop_map(|(method, params)| Step::Notification(method, params)),
        2 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        1 => prop::sample::select(frames).prop_map(Step::Bytes),
    ]
}

async fn play(steps: &[Step]) {
    let mut server = TestServer::builder().script(Script::new(["x)", "", "return 1\n\n"])).start().await;
    let mut requests = Vec::new();
    for step in steps {
        match step {
            Step::Request(method, params) => requests.push(server.send_request(method, params.clone()).await),
            Step::Notification(method, params) => server.notify(method, params.clone()).await,
            Step::Cancel(_) if requests.is_empty() => {}
            Step::Cancel(which) => server.notify("$/cancelRequest", json!({ "id": which.get(&requests) })).await,
            Step::Bytes(bytes) => server.send_bytes(bytes).await,
        }
    }
    for request in requests {
        if let Err((code, message)) = server.answer(request).await {
            assert_ne!(code, INTERNAL_ERROR, "{message}");
        }
    }
    for step in steps {
        if matches!(step, Step::Bytes(bytes) if *bytes != b"\r\n") {
            server.error_without_id().await;
        }
    }
    server.finish().await;
}

/// `ROPEWALK_SESSION_CASES` asks for more sessions.
#[test]
fn every_request_is_answered() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let cases = std::env::var("ROPEWALK_SESSION_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(16);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let session = prop::collection::vec(step(), 1..120);
    let played = runner.run(&session, |steps| {
        runtime.block_on(play(&steps));
        Ok(())
    });
    played.expect("every session ends well");
}
