//! Definition, references, highlights, folding and selection over the wire.

use serde_json::{Value, json};

use crate::support::lsp_client::{TestServer, all_capabilities, at};

const SHAPES: &str = "file:///w/shapes.py";
const MAIN: &str = "file:///w/main.py";

async fn two_files() -> TestServer {
    let mut server = TestServer::start().await;
    server.assist.set_folders(vec!["/w".into()]);
    server.open(SHAPES, "python", "def size(n):\n    return n\n").await;
    server.open(MAIN, "python", "from shapes import size\ntotal = size(2)\ntotal += 1\n").await;
    server
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_is_found_through_an_import() {
    let mut server = two_files().await;
    let found = server.call("textDocument/definition", at(MAIN, 1, 9)).await.expect("an answer");
    assert_eq!(found, json!([{ "uri": SHAPES, "range": range(0, 4, 8) }]));
    let module = server.call("textDocument/definition", at(MAIN, 0, 6)).await.expect("an answer");
    assert_eq!(module, json!([{ "uri": SHAPES, "range": range(0, 0, 0) }]));
    let own = server.call("textDocument/definition", at(MAIN, 2, 1)).await.expect("an answer");
    assert_eq!(own, json!([{ "uri": MAIN, "range": range(1, 0, 5) }]));
    assert_eq!(server.call("textDocument/definition", at(MAIN, 1, 13)).await, Ok(Value::Null));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_are_found_in_all_files() {
    let mut server = two_files().await;
    let mut asked = at(SHAPES, 0, 5);
    for (with_definition, expected) in [
        (
            true,
            json!([
                { "uri": SHAPES, "range": range(0, 4, 8) },
                { "uri": MAIN, "range": range(0, 19, 23) },
                { "uri": MAIN, "range": range(1, 8, 12) },
            ]),
        ),
        (false, json!([{ "uri": MAIN, "range": range(1, 8, 12) }])),
    ] {
        asked["context"] = json!({ "includeDeclaration": with_definition });
        let found = server.call("textDocument/references", asked.clone()).await.expect("an answer");
        assert_eq!(found, expected);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn highlights_tell_reading_from_writing() {
    let mut server = two_files().await;
    let found = server.call("textDocument/documentHighlight", at(MAIN, 1, 1)).await.expect("an answer");
    assert_eq!(found, json!([{ "range": range(1, 0, 5), "kind": 3 }, { "range": range(2, 0, 5), "kind": 3 }]));
    let read = server.call("textDocument/documentHighlight", at(MAIN, 1, 9)).await.expect("an answer");
    assert_eq!(read[1], json!({ "range": range(1, 8, 12), "kind": 2 }));
    assert_eq!(server.call("textDocument/documentHighlight", at(MAIN, 1, 13)).await, Ok(Value::Null));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folding_keeps_to_what_the_client_can() {
    const URI: &str = "file:///a.js";
    let asked = json!({ "textDocument": { "uri": URI } });
    let code = "function f() {\n  return [\n    1,\n  ];\n}\n";
    let mut server = TestServer::start().await;
    server.open(URI, "javascript", code).await;
    let folds = server.call("textDocument/foldingRange", asked.clone()).await.expect("an answer");
    assert_eq!(folds[0], json!({ "startLine": 0, "startCharacter": 14, "endLine": 4, "endCharacter": 0 }));
    server.finish().await;

    let mut capabilities = all_capabilities();
    capabilities["textDocument"]["foldingRange"] = json!({ "lineFoldingOnly": true });
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    server.open(URI, "javascript", code).await;
    let folds = server.call("textDocument/foldingRange", asked).await.expect("an answer");
    // The line with the closing bracket stays in view.
    assert_eq!(folds, json!([{ "startLine": 0, "endLine": 3 }, { "startLine": 1, "endLine": 2 }]));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_grows_from_the_word() {
    let mut server = two_files().await;
    let positions = json!([{ "line": 1, "character": 9 }, { "line": 0, "character": 0 }]);
    let asked = json!({ "textDocument": { "uri": MAIN }, "positions": positions });
    let found = server.call("textDocument/selectionRange", asked).await.expect("an answer");
    assert_eq!(found[0]["range"], range(1, 8, 12));
    assert_eq!(found[0]["parent"]["range"], range(1, 8, 15));
    assert_eq!(found[0]["parent"]["parent"]["range"], range(1, 0, 15));
    assert_eq!(found[1]["range"], range(0, 0, 4));
    server.finish().await;
}
