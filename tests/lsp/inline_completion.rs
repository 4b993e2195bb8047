//! `textDocument/inlineCompletion`: what a client sees of a suggestion, from asking to accepting.

use assist::model::{Script, ScriptClock};
use serde_json::{Value, json};

use crate::support::lsp_client::{
    CONTENT_MODIFIED, INVALID_PARAMS, REQUEST_CANCELLED, TestServer, all_capabilities, edit, inline_params,
};

const URI: &str = "file:///shapes.py";
const FUNCTION: &str = "def area(width, height):\n    return ";

async fn server(reply: &str) -> TestServer {
    let mut server = TestServer::builder().script(Script::new([reply])).start().await;
    server.open(URI, "python", FUNCTION).await;
    server
}

async fn suggestion(server: &mut TestServer, line: u32, character: u32) -> Value {
    let request = server.ask_inline(URI, line, character).await;
    let answer = server.answer(request).await.expect("an answer");
    let items = answer["items"].as_array().expect("a list").clone();
    assert_eq!(items.len(), 1, "{answer}");
    items[0].clone()
}

/// The text after the item was accepted; its range is within one ASCII line.
fn accepted(text: &str, item: &Value) -> String {
    let range = &item["range"];
    assert_eq!(range["start"]["line"], range["end"]["line"], "{range}");
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let line = number(&range["start"]["line"]);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut text = text.to_owned();
    text.replace_range(
        start + number(&range["start"]["character"])..start + number(&range["end"]["character"]),
        item["insertText"].as_str().expect("a text"),
    );
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suggestion_has_text_range_and_command() {
    let mut server = server("width * height").await;
    let item = suggestion(&mut server, 1, 11).await;
    let id = item["command"]["arguments"][0]["id"].as_u64().expect("a number");
    assert_eq!(
        item,
        json!({
            "insertText": "width * height",
            "range": { "start": { "line": 1, "character": 11 }, "end": { "line": 1, "character": 11 } },
            "command": { "title": "Accepted", "command": "ropewalk.accepted", "arguments": [{ "id": id, "source": "model" }] },
        })
    );
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_along_needs_no_model() {
    let mut server = server("width * height").await;
    suggestion(&mut server, 1, 11).await;
    let passes = server.assist.engine().status().forward_passes;
    for (typed, letter) in "width".char_indices() {
        let column = 11 + u32::try_from(typed).expect("small");
        let version = 2 + i32::try_from(typed).expect("small");
        server.change(URI, version, json!([edit(1, column, column, &letter.to_string())])).await;
        let item = suggestion(&mut server, 1, column + 1).await;
        let text = format!("{FUNCTION}{}", &"width"[..=typed]);
        assert_eq!(accepted(&text, &item), format!("{FUNCTION}width * height"));
    }
    let status = server.assist.status();
    assert_eq!(status.engine.forward_passes, passes);
    assert_eq!(status.cache_hits, 5);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_follows_its_renamed_definition() {
    let mut server = TestServer::builder().script(Script::new(["y = 2"])).start().await;
    server.open(URI, "python", "def foo(a):\n    return a\n\nx = foo(1)\n").await;
    server.change(URI, 2, json!([edit(0, 4, 7, "b")])).await;
    server.change(URI, 3, json!([edit(0, 5, 5, "a")])).await;
    server.change(URI, 4, json!([edit(0, 6, 6, "r")])).await;
    for cursor in [0, 4, 6, 7, 10] {
        let item = suggestion(&mut server, 3, cursor).await;
        let renamed = "def bar(a):\n    return a\n\nx = bar(1)\n";
        assert_eq!(accepted(&renamed.replace("x = bar", "x = foo"), &item), renamed);
    }
    assert_eq!(server.assist.engine().status().forward_passes, 0, "no model was asked");
    // Accepted, there is nothing left to follow.
    server.change(URI, 5, json!([edit(3, 4, 7, "bar")])).await;
    let item = suggestion(&mut server, 2, 0).await;
    assert_eq!(item["insertText"], "y = 2");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_follows_a_changed_signature() {
    let mut server = TestServer::builder().script(Script::new(["y = 2"])).start().await;
    server.open(URI, "python", "def foo(a):\n    return a\n\nunit = 1\nx = foo(1)\n").await;
    let mut version = 1;
    for (at, letter) in ", unit".char_indices() {
        version += 1;
        let column = 9 + u32::try_from(at).expect("small");
        server.change(URI, version, json!([edit(0, column, column, &letter.to_string())])).await;
    }
    let text = "def foo(a, unit):\n    return a\n\nunit = 1\nx = foo(1)\n";
    for cursor in [0, 4, 9, 10] {
        let item = suggestion(&mut server, 4, cursor).await;
        assert_eq!(accepted(text, &item), text.replace("foo(1)", "foo(1, unit)"));
    }
    assert_eq!(server.assist.engine().status().forward_passes, 0, "no model was asked");
    // Accepted, there is nothing left to follow.
    server.change(URI, version + 1, json!([edit(4, 9, 9, ", unit")])).await;
    let item = suggestion(&mut server, 2, 0).await;
    assert_eq!(item["insertText"], "y = 2");
    let request = server.ask_inline(URI, 4, 0).await;
    let answer = server.answer(request).await.expect("an answer");
    assert_ne!(answer["items"][0]["insertText"], "x = foo(1, unit, unit)", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_range_is_in_the_clients_unit() {
    let text = "# 😀\nx = \"😀\" + \"\"\n";
    for (encoding, cursor) in [("utf-8", 14), ("utf-16", 12), ("utf-32", 11)] {
        let mut capabilities = all_capabilities();
        capabilities["general"]["positionEncodings"] = json!([encoding]);
        let script = Script::new(["tail\""]);
        let mut server = TestServer::builder().script(script).capabilities(capabilities).start().await;
        server.open(URI, "python", text).await;
        let item = suggestion(&mut server, 1, cursor).await;
        let start = item["range"]["start"]["character"].as_u64().expect("a number");
        let end = item["range"]["end"]["character"].as_u64().expect("a number");
        assert!(start <= u64::from(cursor) && u64::from(cursor) <= end && end <= u64::from(cursor) + 1, "{item}");
        server.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_request_ends_the_older_one() {
    let clock = ScriptClock::new();
    let script = Script::new(["width * height"]).with_clock(&clock);
    let mut server = TestServer::builder().script(script).start().await;
    server.open(URI, "python", FUNCTION).await;
    let older = server.ask_inline(URI, 1, 11).await;
    tokio::task::block_in_place(|| clock.wait_until_blocked());
    let mut params = inline_params(URI, 0, 0);
    params["context"] = json!({ "triggerKind": 1 });
    let newer = server.send_request("textDocument/inlineCompletion", params).await;
    assert_eq!(server.answer(older).await.map_err(|error| error.0), Err(REQUEST_CANCELLED));
    clock.open();
    assert!(server.answer(newer).await.is_ok());
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_makes_a_request_void_and_a_close_ends_it() {
    let clock = ScriptClock::new();
    let script = Script::new(["width * height"]).with_clock(&clock);
    let mut server = TestServer::builder().script(script).start().await;
    server.open(URI, "python", FUNCTION).await;
    let edited = server.ask_inline(URI, 1, 11).await;
    tokio::task::block_in_place(|| clock.wait_until_blocked());
    server.change(URI, 2, json!([{ "text": format!("x = 1\n{FUNCTION}") }])).await;
    let closed = server.ask_inline(URI, 2, 11).await;
    assert_eq!(server.answer(edited).await.map_err(|error| error.0), Err(CONTENT_MODIFIED));
    server.close(URI).await;
    assert_eq!(server.answer(closed).await.map_err(|error| error.0), Err(REQUEST_CANCELLED));
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_selected_menu_item_is_continued() {
    let mut server = server("dth * height").await;
    server.change(URI, 2, json!([edit(1, 11, 11, "wi")])).await;
    let mut params = inline_params(URI, 1, 13);
    params["context"]["selectedCompletionInfo"] = json!({
        "range": { "start": { "line": 1, "character": 11 }, "end": { "line": 1, "character": 13 } },
        "text": "width",
    });
    let answer = server.call("textDocument/inlineCompletion", params).await.expect("an answer");
    for item in answer["items"].as_array().expect("a list") {
        let text = accepted(&format!("{FUNCTION}wi"), item);
        assert!(text.starts_with(&format!("{FUNCTION}width")), "{text}");
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_answer_is_a_list_and_its_reason_is_counted() {
    let mut server = TestServer::builder().model(None).start().await;
    let told = server.message("window/showMessage").await;
    assert_eq!(
        told["params"],
        json!({ "type": 3, "message": "ropewalk: no model is loaded; everything that needs no model works" })
    );
    server.open(URI, "python", FUNCTION).await;
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));
    let status = server.status().await;
    assert_eq!(status["silences"]["no_model"], 1, "{status}");
    assert_eq!((&status["lastSilence"]["reason"], &status["lastSilence"]["uri"]), (&json!("no_model"), &json!(URI)));
    assert!(status["lastSilence"]["agoMs"].as_f64().is_some_and(|ago| ago >= 0.0), "{status}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_language_gets_nothing() {
    let options = json!({ "inlineCompletion": { "disabledLanguages": ["py"] } });
    let mut server = TestServer::builder().script(Script::new(["xyz"])).options(options).start().await;
    server.open(URI, "python", FUNCTION).await;
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));
    let status = server.status().await;
    assert_eq!(status["silences"]["disabled"], 1, "{status}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_suggestion_is_counted() {
    let mut server = server("width * height").await;
    let item = suggestion(&mut server, 1, 11).await;
    server.notify("textDocument/didShowCompletion", json!({ "item": item })).await;
    server.notify("textDocument/didPartiallyAcceptCompletion", json!({ "item": item, "acceptedLength": 5 })).await;
    let status = server.status().await;
    let nothing = json!({ "suggestions": 0, "whole": 0, "acceptedCharacters": 0, "keptCharacters": 0 });
    assert_eq!(
        status["acceptance"],
        json!({
            "offered": 1, "shown": 1, "accepted": 0, "partiallyAccepted": 1, "rejected": 0, "acceptedCharacters": 5,
            "kept": { "after30s": nothing, "after2min": nothing },
        })
    );
    assert_eq!(server.call("workspace/executeCommand", item["command"].clone()).await, Ok(Value::Null));
    let status = server.status().await;
    assert_eq!(status["acceptance"]["accepted"], 1, "{status}");
    // What is no suggestion of ours is refused, or ignored where there is no answer to refuse it with.
    server.notify("textDocument/didShowCompletion", json!({ "item": { "insertText": "x" } })).await;
    let nameless = json!({ "command": "ropewalk.accepted", "arguments": [{ "name": 1 }] });
    let refused = server.call("workspace/executeCommand", nameless).await.map_err(|error| error.0);
    assert_eq!(refused, Err(INVALID_PARAMS));
    assert_eq!(server.status().await["acceptance"]["shown"], 1);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_secrets_gets_nothing_even_when_asked() {
    let secrets = "file:///project/.env.local";
    let mut server = server("hunter2").await;
    server.open(secrets, "dotenv", "PASSWORD=").await;
    for trigger in [1, 2] {
        let mut params = inline_params(secrets, 0, 9);
        params["context"] = json!({ "triggerKind": trigger });
        assert_eq!(server.call("textDocument/inlineCompletion", params).await, Ok(json!({ "items": [] })));
    }
    let status = server.status().await;
    assert_eq!(status["silences"], json!({ "secret_file": 2 }));
    assert_eq!(status["forwardPasses"], 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn excluded_files_are_found_from_the_workspace_folders() {
    let options = json!({ "inlineCompletion": { "disabledGlobs": ["/gen/"] } });
    let mut server = TestServer::builder().script(Script::new(["xyz"])).options(options).start().await;
    let uri = "file:///project/app/gen/a.py";
    server.open(uri, "python", FUNCTION).await;
    let folder = json!({ "uri": "file:///project/app", "name": "app" });
    for (event, reasons) in [
        (json!({ "added": [folder.clone()], "removed": [] }), json!({ "disabled": 1 })),
        (json!({ "added": [], "removed": [folder] }), json!({ "disabled": 1 })),
    ] {
        server.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event })).await;
        let request = server.ask_inline(uri, 1, 11).await;
        server.answer(request).await.expect("an answer");
        assert_eq!(server.status().await["silences"], reasons);
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_away_is_counted_and_not_offered_for_ever() {
    let mut server = TestServer::builder().script(Script::new(["value"; 8])).start().await;
    server.open(URI, "python", FUNCTION).await;
    assert_eq!(server.status().await["lastSilence"], Value::Null);
    assert_eq!(server.status().await["expectedLatencyMs"], Value::Null);
    let mut version = 2;
    for round in 1..=2 {
        suggestion(&mut server, 1, 11).await;
        server.change(URI, version, json!([edit(1, 11, 11, "z")])).await;
        let typed = server.ask_inline(URI, 1, 12).await;
        server.answer(typed).await.expect("an answer");
        server.change(URI, version + 1, json!([edit(1, 11, 12, "")])).await;
        version += 2;
        assert_eq!(server.status().await["acceptance"]["rejected"], round);
    }
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));
    let status = server.status().await;
    assert_eq!(status["lastSilence"]["reason"], "rejected", "{status}");
    assert!(status["expectedLatencyMs"].as_f64().is_some_and(|latency| latency > 0.0), "{status}");
    // Who asks for it gets it.
    let mut params = inline_params(URI, 1, 11);
    params["context"] = json!({ "triggerKind": 1 });
    let answer = server.call("textDocument/inlineCompletion", params).await.expect("an answer");
    assert_eq!(answer["items"][0]["insertText"], "value", "{answer}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_undoing_and_deleting_need_no_model_again() {
    let mut server = server("width * height").await;
    let item = suggestion(&mut server, 1, 11).await;
    let passes = server.assist.engine().status().forward_passes;
    // Asked by hand where it stands already.
    let mut by_hand = inline_params(URI, 1, 11);
    by_hand["context"] = json!({ "triggerKind": 1 });
    let answer = server.call("textDocument/inlineCompletion", by_hand).await.expect("an answer");
    assert_eq!(answer["items"][0]["insertText"], "width * height");
    // Accepted and undone.
    server.change(URI, 2, json!([edit(1, 11, 11, "width * height")])).await;
    server.call("workspace/executeCommand", item["command"].clone()).await.expect("recorded");
    server.change(URI, 3, json!([edit(1, 11, 25, "")])).await;
    assert_eq!(suggestion(&mut server, 1, 11).await["insertText"], "width * height");
    // Typed along, and back.
    server.change(URI, 4, json!([edit(1, 11, 11, "wid")])).await;
    assert_eq!(suggestion(&mut server, 1, 14).await["insertText"], "th * height");
    server.change(URI, 5, json!([edit(1, 12, 14, "")])).await;
    assert_eq!(suggestion(&mut server, 1, 12).await["insertText"], "idth * height");
    assert_eq!(server.assist.engine().status().forward_passes, passes);
    assert_eq!(server.status().await["acceptance"]["rejected"], 0);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_a_word_only_who_asks_gets_something() {
    let mut server = TestServer::builder().script(Script::new(["_of_"])).start().await;
    server.open(URI, "python", "widthheight = 3\n").await;
    let request = server.ask_inline(URI, 0, 5).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));
    assert_eq!(server.status().await["lastSilence"]["reason"], "mid_word");
    let mut params = inline_params(URI, 0, 5);
    params["context"] = json!({ "triggerKind": 1 });
    let answer = server.call("textDocument/inlineCompletion", params).await.expect("an answer");
    assert_eq!(accepted("widthheight = 3\n", &answer["items"][0]), "width_of_height = 3\n");
    server.finish().await;
}
