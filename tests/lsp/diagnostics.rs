//! Diagnostics: asked for, or pushed to clients that do not ask; never both.

use serde_json::{Value, json};

use crate::support::lsp_client::{TestServer, all_capabilities, edit};

const URI: &str = "file:///broken.py";
const BROKEN: &str = "print(\"a\"\n";
const FIXED: &str = "print(\"a\")\n";

fn document(previous: Option<&Value>) -> Value {
    let mut params = json!({ "textDocument": { "uri": URI }, "identifier": "ropewalk" });
    if let Some(previous) = previous {
        params["previousResultId"] = previous.clone();
    }
    params
}

fn without_pull() -> Value {
    let mut capabilities = all_capabilities();
    capabilities["textDocument"].as_object_mut().expect("an object").remove("diagnostic");
    capabilities
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_result_is_not_sent_again() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", BROKEN).await;
    let first = server.call("textDocument/diagnostic", document(None)).await.expect("a report");
    assert_eq!(first["kind"], "full");
    let problem = &first["items"][0];
    assert_eq!(problem["severity"], 1, "{first}");
    assert_eq!(problem["source"], "ropewalk");
    assert!(problem["code"].is_string());

    let id = &first["resultId"];
    let again = server.call("textDocument/diagnostic", document(Some(id))).await.expect("a report");
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": id }));

    server.change(URI, 2, json!([{ "text": FIXED }])).await;
    let fixed = server.call("textDocument/diagnostic", document(Some(id))).await.expect("a report");
    assert_eq!((&fixed["kind"], &fixed["items"]), (&json!("full"), &json!([])));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_open_document_is_reported() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", BROKEN).await;
    server.open("file:///fine.py", "python", FIXED).await;
    let report = server.call("workspace/diagnostic", json!({ "previousResultIds": [] })).await.expect("a report");
    let items = report["items"].as_array().expect("a list");
    let summary: Vec<_> = items
        .iter()
        .map(|item| {
            let count = item["items"].as_array().expect("a list").len();
            (item["uri"].as_str().expect("a text"), item["version"].as_i64(), count > 0)
        })
        .collect();
    assert_eq!(summary, [(URI, Some(1), true), ("file:///fine.py", Some(1), false)]);

    let known = json!([{ "uri": URI, "value": items[0]["resultId"] }]);
    let report = server.call("workspace/diagnostic", json!({ "previousResultIds": known })).await.expect("a report");
    assert_eq!(report["items"][0]["kind"], "unchanged");
    assert_eq!(report["items"][1]["kind"], "full");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_ask_is_told_and_one_that_asks_is_not() {
    let mut asking = TestServer::start().await;
    asking.open(URI, "python", BROKEN).await;
    let mut waiting = TestServer::builder().capabilities(without_pull()).start().await;
    waiting.open(URI, "python", BROKEN).await;

    let told = waiting.message("textDocument/publishDiagnostics").await;
    assert_eq!((&told["params"]["uri"], &told["params"]["version"]), (&json!(URI), &json!(1)));
    assert_ne!(told["params"]["diagnostics"], json!([]));
    // Its document was opened first: had it been going to be told, it would have been by now. Dropping it with an
    // unread message fails.
    asking.finish().await;

    waiting.change(URI, 2, json!([edit(0, 9, 9, ")")])).await;
    let told = waiting.message("textDocument/publishDiagnostics").await;
    assert_eq!(told["params"], json!({ "uri": URI, "version": 2, "diagnostics": [] }));
    waiting.close(URI).await;
    let told = waiting.message("textDocument/publishDiagnostics").await;
    assert_eq!(told["params"], json!({ "uri": URI, "diagnostics": [] }));
    waiting.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_last_version_is_told() {
    let mut server = TestServer::builder().capabilities(without_pull()).start().await;
    server.open(URI, "python", FIXED).await;
    for version in 2..30 {
        let text = if version % 2 == 0 { BROKEN } else { FIXED };
        server.change(URI, version, json!([{ "text": text }])).await;
    }
    let mut told = server.message("textDocument/publishDiagnostics").await;
    // The edits may take longer than the debounce; then there are several, each for a later version.
    while told["params"]["version"] != 29 {
        let earlier = told["params"]["version"].as_i64();
        told = server.message("textDocument/publishDiagnostics").await;
        assert!(told["params"]["version"].as_i64() > earlier, "{told}");
    }
    assert_eq!(told["params"]["diagnostics"], json!([]));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fix_is_an_edit_of_this_version() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", BROKEN).await;
    // The cursor is on the line of the problem, not in it.
    let cursor = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    let mut params = json!({ "textDocument": { "uri": URI }, "range": cursor, "context": { "diagnostics": [] } });
    let actions = server.call("textDocument/codeAction", params.clone()).await.expect("actions");
    let action = &actions[0];
    assert_eq!(action["kind"], "quickfix", "{actions}");
    assert!(action["title"].is_string());
    let change = &action["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": URI, "version": 1 }));

    // Applied, it leaves nothing to complain about.
    let edits = change["edits"].as_array().expect("a list");
    let changes: Vec<_> = edits.iter().map(|edit| json!({ "range": edit["range"], "text": edit["newText"] })).collect();
    assert_eq!(changes.len(), 1, "{action}");
    server.change(URI, 2, json!(changes)).await;
    let report = server.call("textDocument/diagnostic", document(None)).await.expect("a report");
    assert_eq!(report["items"], json!([]));
    assert_eq!(server.call("textDocument/codeAction", params.clone()).await, Ok(json!([])));

    server.change(URI, 3, json!([{ "text": BROKEN }])).await;
    params["context"]["only"] = json!(["refactor"]);
    assert_eq!(server.call("textDocument/codeAction", params).await, Ok(json!([])));
    server.finish().await;
}
