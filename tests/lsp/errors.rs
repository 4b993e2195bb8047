//! What goes wrong at the client's end is answered with an error and harms nothing else.

use serde_json::{Value, json};

use crate::support::lsp_client::{
    INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, SERVER_NOT_INITIALIZED, TestServer, at, edit,
    inline_params,
};

const URI: &str = "file:///a.py";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_messages() {
    let mut server = TestServer::start().await;
    let bodies = [
        (&b"{"[..], PARSE_ERROR),
        (b"", PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"null", INVALID_REQUEST),
        (b"[1, 2]", INVALID_REQUEST),
        (b"{\"jsonrpc\":\"2.0\"}", INVALID_REQUEST),
        (b"{\"jsonrpc\":\"1.0\",\"method\":\"x\"}", INVALID_REQUEST),
    ];
    for (body, code) in bodies {
        server.send_bytes(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes()).await;
        server.send_bytes(body).await;
        assert_eq!(server.error_without_id().await, code, "{}", String::from_utf8_lossy(body));
    }
    server.send_bytes(b"Content-Type: text/plain\r\n\r\n").await;
    assert_eq!(server.error_without_id().await, PARSE_ERROR);
    server.send_bytes(b"Content-Length: many\r\n").await;
    assert_eq!(server.error_without_id().await, PARSE_ERROR);
    // All of that later the session goes on.
    server.open(URI, "python", "x").await;
    assert_eq!(server.text(URI).await, "x");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_methods() {
    let mut server = TestServer::start().await;
    for method in ["no/such/method", "textDocument/notThere", "$/unknown", ""] {
        let params = json!({ "textDocument": { "uri": URI } });
        let answer = server.call(method, params).await;
        // "If a server receives a request starting with '$/' it must error with MethodNotFound" (LSP, `$` messages).
        assert_eq!(answer.map_err(|error| error.0), Err(METHOD_NOT_FOUND), "{method}");
        server.notify(method, json!({})).await;
    }
    let unknown = json!({ "command": "no.such.command" });
    let answer = server.call("workspace/executeCommand", unknown).await;
    assert_eq!(answer, Err((INVALID_PARAMS, "there is no command no.such.command".to_owned())));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_parameters() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "x").await;
    for params in [
        Value::Null,
        json!([]),
        json!({ "textDocument": { "uri": URI } }),
        json!({ "textDocument": { "uri": URI }, "position": { "line": -1, "character": 0 } }),
        json!({ "textDocument": { "uri": 5 }, "position": { "line": 0, "character": 0 } }),
        json!({ "textDocument": { "uri": "no uri" }, "position": { "line": 0, "character": 0 } }),
    ] {
        for method in ["textDocument/hover", "textDocument/completion", "textDocument/inlineCompletion"] {
            let answer = server.call(method, params.clone()).await.map_err(|error| error.0);
            assert_eq!(answer, Err(INVALID_PARAMS), "{method} {params}");
        }
    }
    for method in ["textDocument/didOpen", "textDocument/didChange", "textDocument/didClose"] {
        server.notify(method, json!({ "textDocument": 7 })).await;
        server.notify(method, Value::Null).await;
    }
    assert_eq!(server.text(URI).await, "x");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_are_not_open() {
    let mut server = TestServer::start().await;
    server.change(URI, 2, json!([edit(0, 0, 0, "x")])).await;
    server.close(URI).await;
    let refused = Err((INVALID_PARAMS, format!("the document {URI} is not open")));
    assert_eq!(server.call("textDocument/hover", at(URI, 0, 0)).await, refused);
    assert_eq!(server.call("textDocument/completion", at(URI, 0, 0)).await, refused);
    assert_eq!(server.call("textDocument/inlineCompletion", inline_params(URI, 0, 0)).await, refused);
    let document = json!({ "textDocument": { "uri": URI } });
    for method in
        ["textDocument/diagnostic", "textDocument/documentSymbol", "ropewalk/viewText", "ropewalk/viewSyntaxTree"]
    {
        assert_eq!(server.call(method, document.clone()).await, refused, "{method}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_outside_the_document() {
    let mut server = TestServer::start().await;
    server.open(URI, "python", "def f():\n    pass").await;
    for method in ["textDocument/hover", "textDocument/completion", "textDocument/inlineCompletion"] {
        // "If the character value is greater than the line length it defaults back to the line length" (LSP, Position).
        assert!(server.call(method, inline_params(URI, 0, 4_000_000_000)).await.is_ok(), "{method}");
        assert_eq!(
            server.call(method, inline_params(URI, 2, 0)).await,
            Err((INVALID_PARAMS, "line 2 is outside the document, which has 2 lines".to_owned())),
            "{method}"
        );
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_initialize() {
    let mut server = TestServer::builder().connect().await;
    server.open(URI, "python", "x").await;
    server.change(URI, 2, json!([edit(0, 0, 0, "y")])).await;
    server.notify("$/cancelRequest", json!({ "id": 1 })).await;
    let answer = server.call("textDocument/hover", at(URI, 0, 0)).await;
    assert_eq!(answer.map_err(|error| error.0), Err(SERVER_NOT_INITIALIZED));
    let params = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    assert!(server.call("initialize", params.clone()).await.is_ok());
    server.notify("initialized", json!({})).await;
    assert_eq!(server.call("initialize", params).await.map_err(|error| error.0), Err(INVALID_REQUEST));
    let view = json!({ "textDocument": { "uri": URI } });
    assert_eq!(server.call("ropewalk/viewText", view).await.map_err(|error| error.0), Err(INVALID_PARAMS));
    server.finish().await;
}
