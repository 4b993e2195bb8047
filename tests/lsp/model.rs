//! What a client hears about the model, and how it changes it.

use std::path::PathBuf;

use assist::model::{ModelSource, Script};
use serde_json::{Value, json};

use crate::support::lsp_client::{INVALID_PARAMS, REQUEST_FAILED, TestServer, at};

const URI: &str = "file:///a.py";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_does_not_load_is_told_once_and_stops_nothing() {
    let missing = ModelSource::File(PathBuf::from("no/such/model.gguf"));
    let mut server = TestServer::builder()
        .model(Some(missing))
        .capabilities(json!({ "textDocument": { "diagnostic": {} } }))
        .start()
        .await;
    let told = server.message("window/showMessage").await;
    assert_eq!(told["params"]["type"], 2);
    let message = told["params"]["message"].as_str().expect("a text");
    assert!(message.starts_with("ropewalk: ") && message.contains("model.gguf"), "{message}");
    assert!(message.ends_with("; everything that needs no model works"), "{message}");

    server.open(URI, "python", "def f():\n    \"\"\"Doc.\"\"\"\n\nf()\n").await;
    let hover = server.call("textDocument/hover", at(URI, 3, 0)).await.expect("a hover");
    assert!(hover["contents"]["value"].as_str().expect("a text").contains("Doc."), "{hover}");
    let status = server.status().await;
    assert_eq!(status["model"]["state"], "failed", "{status}");
    server.finish().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_is_shown_while_it_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pipe = folder.path().join("slow.gguf");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    // A pipe cannot be opened before somebody opens its other end: until then the load goes on.
    let options = json!({ "inlineCompletion": { "deadlineMs": 1 } });
    let builder = TestServer::builder().model(Some(ModelSource::File(pipe.clone()))).options(options);
    let mut server = builder.start().await;
    let create = server.message("window/workDoneProgress/create").await;
    server.reply(&create, Value::Null).await;
    let begin = server.message("$/progress").await;
    assert_eq!(begin["params"]["token"], create["params"]["token"]);
    assert_eq!(begin["params"]["value"]["kind"], "begin");
    assert_eq!(begin["params"]["value"]["title"], "Loading the model");

    server.open(URI, "python", "def f(x):\n    return ").await;
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));
    let status = server.status().await;
    assert_eq!((&status["model"]["state"], &status["silences"]["model_loading"]), (&json!("loading"), &json!(1)));

    drop(std::fs::File::options().write(true).open(&pipe).expect("somebody reads"));
    let end = server.message("$/progress").await;
    assert_eq!(end["params"]["value"]["kind"], "end");
    server.message("window/showMessage").await;
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_load_leaves_the_model_in_service() {
    let mut server = TestServer::builder().script(Script::new(["xyz"])).start().await;
    let load = |path: Value| json!({ "command": "ropewalk.loadModel", "arguments": [{ "path": path }] });
    let answer = server.call("workspace/executeCommand", load(json!("no/such/model.gguf"))).await;
    let (code, message) = answer.expect_err("there is no such file");
    assert_eq!(code, REQUEST_FAILED);
    assert!(message.contains("model.gguf"), "{message}");
    let answer = server.call("workspace/executeCommand", load(json!(5))).await;
    assert_eq!(answer.map_err(|error| error.0), Err(INVALID_PARAMS));
    let answer = server.call("workspace/executeCommand", json!({ "command": "ropewalk.loadModel" })).await;
    assert_eq!(answer.map_err(|error| error.0), Err(INVALID_PARAMS));
    assert_eq!(server.status().await["model"]["state"], "ready");
    server.open(URI, "python", "def f(x):\n    return ").await;
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await.expect("an answer")["items"][0]["insertText"], "xyz");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_the_model_is_one_empty_answer() {
    let panic = Script::PANIC.to_string();
    let mut server = TestServer::builder().script(Script::new([panic, "xyz".to_owned()])).start().await;
    server.open(URI, "python", "def f(x):\n    return ").await;
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await, Ok(json!({ "items": [] })));
    let request = server.ask_inline(URI, 1, 11).await;
    assert_eq!(server.answer(request).await.expect("an answer")["items"][0]["insertText"], "xyz");
    let status = server.status().await;
    assert_eq!(status["silences"]["engine_failed"], 1, "{status}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_says_what_there_is() {
    let mut server = TestServer::builder().script(Script::new(["xyz"])).start().await;
    server.open(URI, "python", "def f(x):\n    return ").await;
    let request = server.ask_inline(URI, 1, 11).await;
    server.answer(request).await.expect("an answer");
    let status = server.status().await;
    assert_eq!(status["model"]["state"], "ready");
    assert!(status["model"]["info"]["name"].is_string(), "{status}");
    assert_eq!(status["openDocuments"], 1);
    assert_eq!(status["served"], 1);
    assert!(status["forwardPasses"].as_u64() > Some(0), "{status}");
    assert_eq!(status["queue"], json!({ "running": 0, "waiting": 0, "capacity": 32 }));
    assert_eq!(status["acceptance"]["offered"], 1);
    server.finish().await;
}
