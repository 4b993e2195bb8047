//! Rename over the wire: what the edits look like, which versions they are for, and how a refusal is told.

use serde_json::{Value, json};

use crate::support::lsp_client::{REQUEST_FAILED, TestServer, all_capabilities, at};

const SHAPES: &str = "file:///w/shapes.py";
const MAIN: &str = "file:///w/main.py";

async fn two_files(capabilities: Value) -> TestServer {
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    server.assist.set_folders(vec!["/w".into()]);
    server.open(SHAPES, "python", "# ü\ndef size(n):\n    return n\n").await;
    server.open(MAIN, "python", "from shapes import size\nprint(f\"ü {size(2)}\")\n").await;
    server.change(MAIN, 7, json!([])).await;
    server
}

fn named(mut place: Value, new: &str) -> Value {
    place["newName"] = json!(new);
    place
}

fn edit(line: u32, from: u32, to: u32, text: &str) -> Value {
    let range = json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
    json!({ "range": range, "newText": text })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_are_for_versions() {
    let mut server = two_files(all_capabilities()).await;
    let place = server.call("textDocument/prepareRename", at(MAIN, 0, 20)).await.expect("it can be renamed");
    assert_eq!(place["placeholder"], "size");
    assert_eq!(place["range"]["start"]["character"], 19);
    let answer = server.call("textDocument/rename", named(at(MAIN, 0, 20), "area")).await.expect("edits");
    let changes = json!([
        { "textDocument": { "uri": MAIN, "version": 7 },
          "edits": [edit(0, 19, 23, "area"), edit(1, 12, 16, "area")] },
        { "textDocument": { "uri": SHAPES, "version": 1 }, "edits": [edit(1, 4, 8, "area")] },
    ]);
    assert_eq!(answer["documentChanges"], changes);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_are_the_clients_and_older_clients_get_plain_changes() {
    let mut server = two_files(json!({ "textDocument": { "diagnostic": {} } })).await;
    let answer = server.call("textDocument/rename", named(at(MAIN, 1, 12), "area")).await.expect("edits");
    assert_eq!(answer["documentChanges"], Value::Null);
    // UTF-16: one column less than in bytes.
    assert_eq!(answer["changes"][MAIN], json!([edit(0, 19, 23, "area"), edit(1, 11, 15, "area")]));
    assert_eq!(answer["changes"][SHAPES], json!([edit(1, 4, 8, "area")]));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_says_why() {
    let mut server = two_files(all_capabilities()).await;
    for (line, column, new, reason) in [
        (1, 1, "area", "`print` is a builtin of Python"),
        (0, 20, "for", "`for` is a keyword of Python"),
        (1, 8, "area", "a string is no name: only what the program reads is renamed"),
    ] {
        let answer = server.call("textDocument/rename", named(at(MAIN, line, column), new)).await;
        assert_eq!(answer, Err((REQUEST_FAILED, reason.to_owned())));
    }
    let answer = server.call("textDocument/prepareRename", at(MAIN, 1, 1)).await;
    assert_eq!(answer, Err((REQUEST_FAILED, "`print` is a builtin of Python".to_owned())));
    let same = server.call("textDocument/rename", named(at(MAIN, 0, 20), "size")).await.expect("no edits");
    assert_eq!(same["documentChanges"], json!([]));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_through_the_workspace_tells_how_far_it_is() {
    let files =
        [("a.py", "from b import size\nsize(1)\n"), ("b.py", "def size(n):\n    return n\n"), ("c.py", "size\n")];
    let mut server = TestServer::builder().files(&files).start().await;
    let uri = "file:///project/b.py";
    server.open(uri, "python", files[1].1).await;
    for (method, params, title) in [
        ("textDocument/rename", named(at(uri, 0, 5), "area"), "Renaming"),
        ("textDocument/references", at(uri, 0, 5), "Looking for references"),
    ] {
        let mut params = params;
        params["workDoneToken"] = json!(method);
        params["context"] = json!({ "includeDeclaration": true });
        server.call(method, params).await.expect("an answer");
        let mut kinds = Vec::new();
        while kinds.last() != Some(&json!("end")) {
            let told = server.message("$/progress").await["params"].clone();
            assert_eq!(told["token"], method);
            assert!(told["value"]["title"].is_null() || told["value"]["title"] == title, "{told}");
            kinds.push(told["value"]["kind"].clone());
        }
        assert_eq!(kinds, ["begin", "report", "report", "end"]);
    }
    server.finish().await;
}
