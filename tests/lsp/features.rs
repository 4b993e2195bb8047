//! Menu, hover and symbols: what they look like on the wire, and that none of them waits for the model.

use assist::model::{Script, ScriptClock};
use serde_json::{Value, json};

use crate::support::lsp_client::{INVALID_PARAMS, TestServer, all_capabilities, at};

const URI: &str = "file:///shapes.py";
const CODE: &str =
    "def area(width, height):\n    \"\"\"Size of a rectangle.\"\"\"\n    return width\n\narea(1, 2)\nar\n";

fn find<'a>(items: &'a Value, label: &str) -> &'a Value {
    let items = items.as_array().expect("a list");
    items.iter().find(|item| item["label"] == label).unwrap_or_else(|| panic!("no {label} in {items:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_waits_for_the_model() {
    let clock = ScriptClock::new();
    let mut server = TestServer::builder().script(Script::new(["x"]).with_clock(&clock)).start().await;
    server.open(URI, "python", CODE).await;
    let blocked = server.ask_inline(URI, 2, 11).await;
    tokio::task::block_in_place(|| clock.wait_until_blocked());

    let hover = server.call("textDocument/hover", at(URI, 4, 1)).await.expect("a hover");
    assert!(hover["contents"]["value"].as_str().expect("a text").contains("Size of a rectangle."), "{hover}");
    let menu = server.call("textDocument/completion", at(URI, 5, 2)).await.expect("a menu");
    find(&menu["items"], "area");
    let document = json!({ "textDocument": { "uri": URI } });
    let symbols = server.call("textDocument/documentSymbol", document.clone()).await.expect("symbols");
    assert_eq!(symbols[0]["name"], "area");
    let diagnostics = server.call("textDocument/diagnostic", document).await.expect("a report");
    assert_eq!(diagnostics["kind"], "full");
    let status = server.status().await;
    assert_eq!(status["queue"]["running"], 1, "{status}");

    assert!(!server.is_answered(blocked));
    clock.open();
    assert!(server.answer(blocked).await.is_ok());
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hover_is_about_a_range() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", CODE).await;
    let hover = server.call("textDocument/hover", at(URI, 4, 1)).await.expect("a hover");
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert!(hover["contents"]["value"].as_str().expect("a text").contains("def area(width, height)"), "{hover}");
    assert_eq!(hover["range"], json!({ "start": { "line": 4, "character": 0 }, "end": { "line": 4, "character": 4 } }));
    assert_eq!(server.call("textDocument/hover", at(URI, 3, 0)).await, Ok(Value::Null));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_markdown_gets_plain_text() {
    let capabilities = json!({ "textDocument": { "diagnostic": {}, "hover": { "contentFormat": ["plaintext"] } } });
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    server.open(URI, "python", CODE).await;
    let hover = server.call("textDocument/hover", at(URI, 4, 1)).await.expect("a hover");
    assert_eq!(hover["contents"]["kind"], "plaintext");
    assert!(!hover["contents"]["value"].as_str().expect("a text").contains("```"), "{hover}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_menu_item_replaces_the_word_at_the_cursor() {
    let word = json!({ "start": { "line": 5, "character": 0 }, "end": { "line": 5, "character": 2 } });
    let mut server = TestServer::start().await;
    server.open(URI, "python", CODE).await;
    let menu = server.call("textDocument/completion", at(URI, 5, 2)).await.expect("a menu");
    let item = find(&menu["items"], "area");
    assert_eq!(item["textEdit"], json!({ "newText": "area", "insert": word, "replace": word }));
    assert_eq!(item["kind"], 3);
    assert_eq!(menu["isIncomplete"], false);
    // This client has ghost text: the menu does not repeat it.
    assert!(menu["items"].as_array().expect("a list").iter().all(|item| item["command"].is_null()), "{menu}");
    assert_eq!(server.assist.engine().status().served, 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_menu_item_is_explained_when_it_is_looked_at() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", CODE).await;
    let menu = server.call("textDocument/completion", at(URI, 5, 2)).await.expect("a menu");
    let item = find(&menu["items"], "area").clone();
    assert_eq!(item["documentation"], Value::Null);
    let resolved = server.call("completionItem/resolve", item.clone()).await.expect("an item");
    assert!(
        resolved["documentation"]["value"].as_str().expect("a text").contains("Size of a rectangle."),
        "{resolved}"
    );
    let without_documentation = |mut item: Value| {
        item.as_object_mut().expect("an object").remove("documentation");
        item
    };
    assert_eq!(without_documentation(resolved), item);

    // The text is another, the document closed, the item none of ours: the item comes back as it is.
    server.change(URI, 2, json!([{ "text": "ar" }])).await;
    assert_eq!(server.call("completionItem/resolve", item.clone()).await, Ok(item.clone()));
    server.close(URI).await;
    assert_eq!(server.call("completionItem/resolve", item.clone()).await, Ok(item));
    let foreign = json!({ "label": "x" });
    assert_eq!(server.call("completionItem/resolve", foreign.clone()).await, Ok(foreign));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_ghost_text_finds_the_suggestion_in_the_menu() {
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    let script = Script::new(["width * height"]);
    let mut server = TestServer::builder().script(script).capabilities(capabilities).start().await;
    let code = "def area(width, height):\n    return ";
    server.open(URI, "python", code).await;
    let menu = server.call("textDocument/completion", at(URI, 1, 11)).await.expect("a menu");
    let item = find(&menu["items"], "width * height");
    assert_eq!(item["command"]["command"], "ropewalk.accepted");
    assert_eq!(menu["isIncomplete"], true);
    let edit = &item["textEdit"];
    assert_eq!(edit["newText"], "width * height");
    assert_eq!(
        edit["range"],
        json!({ "start": { "line": 1, "character": 11 }, "end": { "line": 1, "character": 11 } })
    );
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suggestion_in_the_menu_can_be_switched() {
    let options = json!({ "completion": { "suggestion": true } });
    let script = Script::new(["width * height"]);
    let mut server = TestServer::builder().script(script).options(options).start().await;
    server.open(URI, "python", "def area(width, height):\n    return ").await;
    let menu = server.call("textDocument/completion", at(URI, 1, 11)).await.expect("a menu");
    find(&menu["items"], "width * height");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn symbols_are_a_tree_or_a_list() {
    let code = "class Shape:\n    def area(self):\n        return 0\n";
    let document = json!({ "textDocument": { "uri": URI } });
    let mut server = TestServer::start().await;
    server.open(URI, "python", code).await;
    let tree = server.call("textDocument/documentSymbol", document.clone()).await.expect("symbols");
    assert_eq!(tree[0]["name"], "Shape");
    assert_eq!(tree[0]["children"][0]["name"], "area");
    assert_eq!(
        tree[0]["children"][0]["selectionRange"],
        json!({ "start": { "line": 1, "character": 8 }, "end": { "line": 1, "character": 12 } })
    );
    server.finish().await;

    let mut capabilities = all_capabilities();
    capabilities["textDocument"]["documentSymbol"] = json!({});
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    server.open(URI, "python", code).await;
    let list = server.call("textDocument/documentSymbol", document).await.expect("symbols");
    assert_eq!(list[1]["name"], "area");
    assert_eq!(list[1]["containerName"], "Shape");
    assert_eq!(list[1]["location"]["uri"], URI);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_is_explained() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", CODE).await;
    let place = json!({ "line": 2, "character": 6 });
    let argument =
        json!({ "textDocument": { "uri": URI }, "range": { "start": place, "end": place }, "detailLevel": "low" });
    let explain = |argument: Value| json!({ "command": "ropewalk.explain", "arguments": [argument] });
    let told = server.call("workspace/executeCommand", explain(argument)).await.expect("an explanation");
    let expected = "The function `area` takes `width` and `height` and is documented as “Size of a rectangle”. It returns `width`.";
    assert_eq!(told, json!(expected));
    for wrong in [
        json!({}),
        json!({ "textDocument": { "uri": "file:///not-open.py" } }),
        json!({ "textDocument": { "uri": URI }, "detailLevel": "all" }),
    ] {
        let answer = server.call("workspace/executeCommand", explain(wrong)).await;
        assert_eq!(answer.map_err(|error| error.0), Err(INVALID_PARAMS));
    }
    server.finish().await;
}
