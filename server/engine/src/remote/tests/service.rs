//! The engine with a model on a server in service, and its exchange for one that is here.

use super::*;

fn text(prompt: &str) -> GenerateRequest {
    GenerateRequest::new(Prompt::Text(prompt.to_owned()), 8)
}

fn written(generation: Generation) -> Result<String, EngineError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(generation.collect()).map(|(text, _)| text)
}

fn ask(engine: &Engine) -> String {
    written(engine.generate(text("x")).unwrap()).unwrap()
}

/// A vLLM server that says one thing.
fn vllm(says: &'static str) -> TestServer {
    TestServer::start(move |request, _| match request.line.as_str() {
        "GET /v1/models" => json("200 OK", VLLM),
        "POST /v1/completions" if request.body.contains("suffix") => json("400 Bad Request", "{}"),
        "POST /v1/completions" => {
            stream(&[&format!(r#"{{"choices":[{{"text":"{says}","finish_reason":"stop"}}]}}"#), "[DONE]"])
        }
        _ => not_found(),
    })
}

fn scripted(says: &str) -> ModelSource {
    ModelSource::Scripted(Script::new([says]))
}

#[test]
fn models_here_and_there_take_turns() {
    let server = vllm("there");
    let remote = || ModelSource::Remote(Box::new(source(&server)));
    let engine = Engine::start(EngineConfig::default());
    engine.load(scripted("here")).blocking_finished().unwrap();
    assert_eq!((ask(&engine).as_str(), engine.count_tokens("x").is_some()), ("here", true));

    let info = engine.load(remote()).blocking_finished().unwrap();
    assert_eq!(info.server, Some(format!("vLLM at {}", server.url)));
    assert_eq!(engine.status().model, ModelState::Ready(info));
    assert_eq!((ask(&engine).as_str(), engine.count_tokens("x")), ("there", None));
    let refused = engine.generate(hole()).err().map(|it| it.to_string());
    assert_eq!(refused.as_deref(), Some("prompt: the model org/coder cannot fill in the middle"));

    // A load that fails leaves the server in service.
    engine.load(ModelSource::File("does/not/exist.gguf".into())).blocking_finished().unwrap_err();
    assert_eq!(ask(&engine), "there");
    engine.load(scripted("back")).blocking_finished().unwrap();
    assert_eq!(ask(&engine), "back");
    engine.load(remote()).blocking_finished().unwrap();
    engine.unload();
    assert_eq!(engine.status().model, ModelState::None);
    assert_eq!(engine.generate(text("x")).unwrap_err(), EngineError::NoModel { loading: false });
    engine.load(remote()).blocking_finished().unwrap();
    assert_eq!(ask(&engine), "there");
    let status = engine.status();
    assert_eq!((status.queue.running, status.served), (0, 5));
}

#[test]
fn what_waits_for_a_model_here_goes_to_the_server() {
    let server = vllm("there");
    let clock = ScriptClock::new();
    let engine = Engine::start(EngineConfig { max_sequences: 1, ..EngineConfig::default() });
    engine.load(ModelSource::Scripted(Script::new(["here"]).with_clock(&clock))).blocking_finished().unwrap();
    let running = engine.generate(text("x")).unwrap();
    clock.wait_until_blocked();
    let waiting = engine.generate(text("x")).unwrap();
    engine.load(ModelSource::Remote(Box::new(source(&server)))).blocking_finished().unwrap();
    assert_eq!(written(waiting).unwrap(), "there");
    clock.open();
    assert_eq!(written(running).unwrap(), "here");
}

#[test]
fn a_server_that_cannot_be_asked_is_a_failed_load() {
    let engine = Engine::start(EngineConfig::default());
    let error = engine.load(ModelSource::Remote(Box::new(RemoteSource::new("gpu1")))).blocking_finished().unwrap_err();
    assert!(matches!(error, EngineError::UnsupportedModel(_)));
    assert_eq!(engine.status().model, ModelState::Failed(error.to_string()));
}
