//! Code actions: which are listed, when their edits are made, and what they do.

use serde_json::{Value, json};

use crate::support::lsp_client::{CONTENT_MODIFIED, INVALID_PARAMS, TestServer, all_capabilities};

const URI: &str = "file:///code.py";
const BROKEN: &str = "print(\"a\"\nprint(\"b\"\n";

fn with_resolve() -> Value {
    let mut capabilities = all_capabilities();
    let actions = &mut capabilities["textDocument"]["codeAction"];
    actions["dataSupport"] = json!(true);
    actions["resolveSupport"] = json!({ "properties": ["edit"] });
    capabilities
}

fn ask(uri: &str, line: u32, only: Option<&str>) -> Value {
    let place = json!({ "line": line, "character": 0 });
    let mut context = json!({ "diagnostics": [] });
    if let Some(only) = only {
        context["only"] = json!([only]);
    }
    json!({ "textDocument": { "uri": uri }, "range": { "start": place, "end": place }, "context": context })
}

fn titles(actions: &Value) -> Vec<&str> {
    actions.as_array().expect("a list").iter().map(|it| it["title"].as_str().expect("a text")).collect()
}

/// The edits of a versioned workspace edit, as a change notification has them.
fn changes(edit: &Value) -> Value {
    let edits = edit["documentChanges"][0]["edits"].as_array().expect("a list");
    // From the last to the first, as the entries of a notification are applied one after the other.
    edits.iter().rev().map(|edit| json!({ "range": edit["range"], "text": edit["newText"] })).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_a_code_are_fixed_when_the_action_is_chosen() {
    let mut server = TestServer::builder().capabilities(with_resolve()).start().await;
    server.open(URI, "python", BROKEN).await;
    let actions = server.call("textDocument/codeAction", ask(URI, 1, None)).await.expect("actions");
    let all =
        actions.as_array().expect("a list").iter().find(|it| it["title"] == "Fix all unclosed-bracket in this file");
    let all = all.unwrap_or_else(|| panic!("{actions}")).clone();
    assert_eq!((&all["edit"], &all["kind"]), (&Value::Null, &json!("quickfix")));
    let resolved = server.call("codeAction/resolve", all.clone()).await.expect("an action");
    server.change(URI, 2, changes(&resolved["edit"])).await;
    assert_eq!(server.text(URI).await, "print(\"a\")\nprint(\"b\")\n");
    // It was an edit for version 1.
    let (code, _) = server.call("codeAction/resolve", all).await.expect_err("an error");
    assert_eq!(code, CONTENT_MODIFIED);
    let (code, message) = server
        .call("codeAction/resolve", json!({ "title": "x", "data": { "uri": URI, "version": 2, "task": "other" } }))
        .await
        .expect_err("an error");
    assert_eq!(code, INVALID_PARAMS, "{message}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_resolve_gets_the_edit_at_once() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", BROKEN).await;
    let actions = server.call("textDocument/codeAction", ask(URI, 1, None)).await.expect("actions");
    for action in actions.as_array().expect("a list") {
        assert!(action["edit"]["documentChanges"][0]["edits"].is_array() && action["data"].is_null(), "{action}");
    }
    assert!(titles(&actions).contains(&"Fix all unclosed-bracket in this file"), "{actions}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kinds_are_trees_and_the_others_are_left_out() {
    let mut server = TestServer::builder().capabilities(with_resolve()).start().await;
    server.open(URI, "python", BROKEN).await;
    for only in ["refactor", "source.organizeImports.other", "quickfix.extract", "quick"] {
        let actions = server.call("textDocument/codeAction", ask(URI, 1, Some(only))).await;
        assert_eq!(actions, Ok(json!([])), "{only}");
    }
    let actions = server.call("textDocument/codeAction", ask(URI, 1, Some("quickfix"))).await.expect("actions");
    assert!(actions.as_array().is_some_and(|it| it.len() == 2), "{actions}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_without_literals_get_nothing() {
    let mut capabilities = all_capabilities();
    capabilities["textDocument"]["codeAction"] = json!({});
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    server.open(URI, "python", BROKEN).await;
    assert_eq!(server.call("textDocument/codeAction", ask(URI, 1, None)).await, Ok(json!([])));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_diagnostic_holds_what_its_fix_needs_where_the_client_keeps_it() {
    let mut capabilities = all_capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({ "dataSupport": true, "tagSupport": { "valueSet": [1, 2] } });
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    server.open(URI, "python", BROKEN).await;
    server.open("file:///a.rs", "rust", "fn f() {\n    let x = 1;\n}\n").await;
    let pull = |uri: &str| json!({ "textDocument": { "uri": uri } });
    let report = server.call("textDocument/diagnostic", pull(URI)).await.expect("a report");
    let fix = &report["items"][0]["data"]["fixes"][0];
    assert!(fix["title"].is_string() && fix["edits"][0]["newText"] == ")", "{report}");
    let actions = server.call("textDocument/codeAction", ask(URI, 0, None)).await.expect("actions");
    assert_eq!(actions[0]["diagnostics"][0], report["items"][0]);

    let report = server.call("textDocument/diagnostic", pull("file:///a.rs")).await.expect("a report");
    assert_eq!((&report["items"][0]["tags"], &report["items"][0]["severity"]), (&json!([1]), &json!(4)), "{report}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_are_organized_in_every_language_that_has_an_order() {
    let mut server = TestServer::builder().capabilities(with_resolve()).start().await;
    for (uri, language, before, after) in [
        ("file:///a.py", "python", "import sys\nimport os\nf(os, sys)\n", "import os\nimport sys\n\nf(os, sys)\n"),
        (
            "file:///a.ts",
            "typescript",
            "import { d, c } from './b';\nimport { a, b } from 'a';\nf(a, c, d);\n",
            "import { a } from 'a';\nimport { c, d } from './b';\nf(a, c, d);\n",
        ),
        (
            "file:///a.jsx",
            "javascriptreact",
            "import b from 'b';\nimport React from 'a';\nf(b, <p />);\n",
            "import React from 'a';\nimport b from 'b';\nf(b, <p />);\n",
        ),
    ] {
        server.open(uri, language, before).await;
        let actions = server.call("textDocument/codeAction", ask(uri, 0, Some("source.organizeImports"))).await;
        let action = actions.expect("actions")[0].clone();
        assert_eq!(action["kind"], "source.organizeImports", "{uri}");
        let resolved = server.call("codeAction/resolve", action).await.expect("an action");
        server.change(uri, 2, changes(&resolved["edit"])).await;
        assert_eq!(server.text(uri).await, after);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_is_explained_in_a_message() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "def area(width):\n    return width * 2\n").await;
    let actions = server.call("textDocument/codeAction", ask(URI, 0, Some("explain"))).await.expect("actions");
    assert_eq!(titles(&actions), ["Explain `area`"]);
    let command = &actions[0]["command"];
    let run = json!({ "command": command["command"], "arguments": command["arguments"] });
    let told = server.call("workspace/executeCommand", run).await.expect("an explanation");
    let shown = server.message("window/showMessage").await;
    assert_eq!(shown["params"], json!({ "type": 3, "message": told }));
    assert!(told.as_str().expect("a text").contains("`area`"), "{told}");
    let actions = server.call("textDocument/codeAction", ask(URI, 1, Some("explain"))).await.expect("actions");
    assert_eq!(titles(&actions), [""; 0]);
    server.finish().await;
}
