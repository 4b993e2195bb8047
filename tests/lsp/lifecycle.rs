//! Beginning and end of a session.

use std::process::{Command, Stdio};

use assist::model::{Script, ScriptClock};
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::lsp_client::{INVALID_PARAMS, INVALID_REQUEST, TestServer, at};

const URI: &str = "file:///a.py";

/// A server in which a request waits for the model.
async fn busy() -> (TestServer, ScriptClock, i64) {
    let clock = ScriptClock::new();
    let mut server = TestServer::builder().script(Script::new(["x"]).with_clock(&clock)).start().await;
    server.open(URI, "python", "def f(x):\n    return ").await;
    let request = server.ask_inline(URI, 1, 11).await;
    tokio::task::block_in_place(|| clock.wait_until_blocked());
    (server, clock, request)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_announced() {
    let server = TestServer::start().await;
    let mut announced = server.initialize_result.clone();
    assert_eq!(announced["serverInfo"]["name"], "ropewalk");
    announced["serverInfo"].take();
    expect![[r#"
        {
          "capabilities": {
            "positionEncoding": "utf-8",
            "textDocumentSync": {
              "openClose": true,
              "change": 2,
              "save": true
            },
            "selectionRangeProvider": true,
            "hoverProvider": true,
            "completionProvider": {
              "resolveProvider": true,
              "triggerCharacters": [
                "."
              ]
            },
            "definitionProvider": true,
            "referencesProvider": {
              "workDoneProgress": true
            },
            "documentHighlightProvider": true,
            "documentSymbolProvider": true,
            "codeActionProvider": {
              "codeActionKinds": [
                "quickfix",
                "source.fixAll",
                "source.fixAll.ropewalk",
                "source.organizeImports",
                "explain"
              ],
              "resolveProvider": true
            },
            "documentFormattingProvider": true,
            "documentRangeFormattingProvider": true,
            "documentOnTypeFormattingProvider": {
              "firstTriggerCharacter": "\n",
              "moreTriggerCharacter": [
                ";",
                "}"
              ]
            },
            "renameProvider": {
              "prepareProvider": true,
              "workDoneProgress": true
            },
            "foldingRangeProvider": true,
            "executeCommandProvider": {
              "commands": [
                "ropewalk.status",
                "ropewalk.accepted",
                "ropewalk.loadModel",
                "ropewalk.explain"
              ]
            },
            "workspace": {
              "workspaceFolders": {
                "supported": true,
                "changeNotifications": true
              }
            },
            "diagnosticProvider": {
              "identifier": "ropewalk",
              "interFileDependencies": false,
              "workspaceDiagnostics": true,
              "workDoneProgress": true
            },
            "inlineCompletionProvider": {}
          },
          "serverInfo": null
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&announced).expect("JSON"));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_odd_field_keeps_a_client_out() {
    let mut server = TestServer::builder().connect().await;
    assert_eq!(server.call("initialize", json!([])).await.map_err(|error| error.0), Err(INVALID_PARAMS));
    let params = json!({
        "processId": -1,
        "rootUri": "no uri",
        "workspaceFolders": {},
        "clientInfo": "a text",
        "trace": "loud",
        "capabilities": {
            "workspace": { "didChangeWatchedFiles": true, "symbol": 7 },
            "textDocument": { "completion": { "completionItem": [] }, "codeAction": { "isPreferredSupport": {} } },
        },
    });
    let answer = server.call("initialize", params).await.expect("initialize succeeds");
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_without_shutdown_is_a_failure() {
    let mut server = TestServer::start().await;
    server.notify("exit", Value::Null).await;
    assert_eq!(server.exit_code().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_before_initialize_is_a_failure() {
    let mut server = TestServer::builder().connect().await;
    server.notify("exit", Value::Null).await;
    assert_eq!(server.exit_code().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_pipe_ends_the_session() {
    let mut server = TestServer::start().await;
    server.close_pipe().await;
    assert_eq!(server.exit_code().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_pipe_ends_a_busy_session() {
    let (mut server, clock, request) = busy().await;
    server.close_pipe().await;
    assert_eq!(server.exit_code().await, 1);
    server.forget(request);
    clock.open();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_ends_a_busy_session() {
    let (mut server, clock, request) = busy().await;
    assert_eq!(server.call("shutdown", Value::Null).await, Ok(Value::Null));
    let answer = server.call("textDocument/hover", at(URI, 0, 0)).await;
    assert_eq!(answer.map_err(|error| error.0), Err(INVALID_REQUEST));
    server.notify("exit", Value::Null).await;
    assert_eq!(server.exit_code().await, 0);
    server.forget(request);
    clock.open();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_session_in_one_write() {
    let mut server = TestServer::builder().connect().await;
    let document = json!({ "uri": URI, "languageId": "python", "version": 1, "text": "x" });
    let initialize =
        json!({ "processId": null, "rootUri": null, "capabilities": { "textDocument": { "diagnostic": {} } } });
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": initialize }),
        json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }),
        json!({ "jsonrpc": "2.0", "method": "exit" }),
    ];
    for message in messages {
        server.send(&message).await;
    }
    assert!(server.answer(1).await.is_ok());
    assert_eq!(server.answer(2).await, Ok(Value::Null));
    assert_eq!(server.exit_code().await, 0);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_parent_ends_the_session() {
    let mut parent = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("cat starts");
    let mut server = TestServer::builder().process_id(parent.id()).start().await;
    server.open(URI, "python", "x").await;
    assert_eq!(server.text(URI).await, "x");
    parent.kill().expect("it can be killed");
    assert_eq!(server.exit_code().await, 1);
    parent.wait().expect("it ended");
}
