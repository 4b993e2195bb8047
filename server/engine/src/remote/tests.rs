//! The remote backend against a server of raw bytes: one table of recorded-style answers a dialect, and all the ways an
//! exchange can go wrong.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps; the line says what was missing")]

mod answers;
mod failures;
mod server;
mod service;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use tokio::sync::mpsc;

use self::server::{Request, Step, TestServer, answer, chunked_stream, json, stream, stream_head};
use super::{ApiKey, FimMarkers, RemoteModel, RemoteSource, RemoteTimeouts};
use crate::{
    CancelToken, ChatMessage, ChatPrompt, ChatRole, Engine, EngineConfig, EngineError, Event, FimPrompt, FinishReason,
    GenerateRequest, Generation, ModelSource, ModelState, Prompt, Script, ScriptClock,
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

const VLLM: &str =
    r#"{"object":"list","data":[{"id":"org/coder","object":"model","owned_by":"vllm","max_model_len":8192}]}"#;
const LLAMA_CPP: &str = r#"{"object":"list","data":[{"id":"coder.gguf","object":"model","owned_by":"llamacpp",
    "meta":{"vocab_type":2,"n_vocab":151936,"n_ctx":16384,"n_ctx_train":32768,"n_embd":896,"n_params":494032768,"size":1,"ftype":"Q4_K - Medium"}}]}"#;
const OTHER: &str = r#"{"object":"list","data":[{"id":"coder","object":"model","owned_by":"somebody"}]}"#;

fn not_found() -> Vec<Step> {
    json("404 Not Found", r#"{"detail":"Not Found"}"#)
}

/// A llama.cpp server whose `/infill` answers with what `infill` says.
fn llama_cpp(infill: impl Fn(&Request, usize) -> Vec<Step> + Send + Sync + 'static) -> TestServer {
    TestServer::start(move |request, earlier| match request.line.as_str() {
        "GET /v1/models" => json("200 OK", LLAMA_CPP),
        // The first one asks whether there is any.
        "POST /infill" if earlier == 0 => json("200 OK", r#"{"content":"","stop":true}"#),
        "POST /infill" => infill(request, earlier - 1),
        _ => not_found(),
    })
}

fn source(server: &TestServer) -> RemoteSource {
    RemoteSource::new(server.url.clone())
}

fn try_connect(source: &RemoteSource) -> Result<RemoteModel, EngineError> {
    RemoteModel::connect(source, 4, Arc::default())
}

fn generate(model: &RemoteModel, request: GenerateRequest) -> Result<Generation, EngineError> {
    let (events, receiver) = mpsc::unbounded_channel();
    let generation = Generation::new(receiver, request.cancel.clone());
    model.submit(request, events).map(|()| generation)
}

fn connect(source: &RemoteSource) -> RemoteModel {
    try_connect(source).unwrap()
}

fn hole() -> GenerateRequest {
    let prompt = FimPrompt { prefix: "a = 1\nb = ".to_owned(), suffix: "\n".to_owned(), ..FimPrompt::default() };
    GenerateRequest::new(Prompt::Fim(prompt), 8)
}

/// A generation as one line: its pieces, and its end.
fn collect(model: &RemoteModel, request: GenerateRequest) -> String {
    let mut generation = match generate(model, request) {
        Ok(generation) => generation,
        Err(error) => return format!("refused: {error}"),
    };
    let mut line = String::new();
    while let Some(event) = generation.blocking_next() {
        match event {
            Event::Piece(piece) => line.push_str(&format!("{:?}*{} ", piece.text, piece.tokens)),
            Event::Finish(finish) => {
                let usage = finish.usage;
                line.push_str(&format!(
                    "{:?} {}/{}/{}",
                    finish.reason, usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens
                ));
            }
            Event::Failed(error) => line.push_str(&format!("failed: {error}")),
        }
    }
    line
}

/// A text with the server's port made the same in every run.
fn settled(text: &str, server: &TestServer) -> String {
    text.replace(&server.url, "http://SERVER")
}

fn check_generation(answer: Vec<Step>, request: GenerateRequest, expect: Expect) {
    let server = llama_cpp(move |_, _| answer.clone());
    let line = collect(&connect(&source(&server)), request);
    expect.assert_eq(&settled(&line, &server));
}

// --- which server it is

fn check_server(
    expect: Expect,
    change: impl Fn(&mut RemoteSource),
    answer: impl Fn(&Request, usize) -> Vec<Step> + Send + Sync + 'static,
) {
    let server = TestServer::start(answer);
    let mut source = source(&server);
    change(&mut source);
    let said = match try_connect(&source) {
        Ok(model) => {
            let info = model.info();
            format!(
                "{:?} {} | {} {} {} | context {} vocab {} layers {} width {}",
                model.server.dialect,
                model.server.fim.as_ref().map_or_else(|| "no fim".to_owned(), |it| format!("{it:?}")),
                info.name,
                info.architecture,
                info.quantization,
                info.context_length,
                info.vocab_size,
                info.n_layers,
                info.embedding_length,
            )
        }
        Err(error) => error.to_string(),
    };
    let asked: Vec<_> = server.requests().into_iter().map(|it| it.line).collect();
    expect.assert_eq(&format!("{}\n{}", settled(&said, &server), asked.join(", ")));
}

#[test]
fn a_vllm_server() {
    let vllm = |request: &Request, _: usize| match request.line.as_str() {
        "GET /v1/models" => json("200 OK", VLLM),
        "POST /v1/completions" => json(
            "400 Bad Request",
            r#"{"error":{"message":"suffix is not currently supported","type":"BadRequestError","param":null,"code":400}}"#,
        ),
        _ => not_found(),
    };
    check_server(
        expect![[r#"
        Vllm no fim | org/coder unknown unknown | context 8192 vocab 0 layers 0 width 0
        GET /v1/models, POST /v1/completions"#]],
        |_| (),
        vllm,
    );
    let markers = FimMarkers {
        prefix: "[P]".to_owned(),
        suffix: "[S]".to_owned(),
        middle: "[M]".to_owned(),
        file_separator: None,
        repository: None,
    };
    check_server(
        expect![[r#"
        Vllm Markers(FimMarkers { prefix: "[P]", suffix: "[S]", middle: "[M]", file_separator: None, repository: None }) | org/coder unknown unknown | context 8192 vocab 0 layers 0 width 0
        GET /v1/models"#]],
        move |source| source.fim = Some(markers.clone()),
        vllm,
    );
    check_server(
        expect![[r#"
        Vllm no fim | org/coder unknown unknown | context 2048 vocab 0 layers 0 width 0
        GET /v1/models, POST /v1/completions"#]],
        |source| source.context_length = Some(2048),
        vllm,
    );
}

#[test]
fn a_llama_cpp_server() {
    check_server(
        expect![[r#"
            LlamaCpp Infill | coder.gguf unknown Q4_K - Medium | context 16384 vocab 151936 layers 0 width 896
            GET /v1/models, POST /infill"#]],
        |_| (),
        |request, _| match request.line.as_str() {
            "GET /v1/models" => json("200 OK", LLAMA_CPP),
            "POST /infill" => json("200 OK", r#"{"content":"","stop":true}"#),
            _ => not_found(),
        },
    );
    // A model without markers; and a server that does not say the context with the model.
    check_server(
        expect![[r#"
            LlamaCpp no fim | x unknown unknown | context 2048 vocab 0 layers 0 width 0
            GET /v1/models, GET /props, POST /infill"#]],
        |_| (),
        |request, _| match request.line.as_str() {
            "GET /v1/models" => json("200 OK", r#"{"data":[{"id":"x","owned_by":"llamacpp"}]}"#),
            "GET /props" => json("200 OK", r#"{"default_generation_settings":{"n_ctx":2048}}"#),
            "POST /infill" => json(
                "501 Not Implemented",
                r#"{"error":{"code":501,"message":"Infill is not supported by this model: prefix token is missing.","type":"not_supported_error"}}"#,
            ),
            _ => not_found(),
        },
    );
}

#[test]
fn a_tgi_server() {
    check_server(
        expect![[r#"
            Tgi Suffix | org/coder unknown torch.float16 | context 6000 vocab 0 layers 0 width 0
            GET /v1/models, GET /api/version, GET /info, POST /v1/completions"#]],
        |_| (),
        |request, _| match request.line.as_str() {
            "GET /info" => json(
                "200 OK",
                r#"{"model_id":"org/coder","model_dtype":"torch.float16","max_input_tokens":4095,"max_total_tokens":6000,"router":"text-generation-router"}"#,
            ),
            "POST /v1/completions" => json(
                "200 OK",
                r#"{"choices":[{"index":0,"text":"1","finish_reason":"length"}],"usage":{"prompt_tokens":61,"completion_tokens":1}}"#,
            ),
            _ => not_found(),
        },
    );
}

#[test]
fn an_ollama_server() {
    let ollama = |request: &Request, _: usize| match request.line.as_str() {
        "GET /v1/models" => json(
            "200 OK",
            r#"{"object":"list","data":[{"id":"coder:latest","object":"model","created":1,"owned_by":"library"},{"id":"chat:7b","owned_by":"library"}]}"#,
        ),
        "GET /api/version" => json("200 OK", r#"{"version":"0.12.0"}"#),
        "POST /api/show" => json(
            "200 OK",
            r#"{"parameters":"stop \"x\"\nnum_ctx                        6144","details":{"parameter_size":"7.6B","quantization_level":"Q4_K_M"},
            "model_info":{"general.architecture":"qwen2","general.parameter_count":7615616512,"qwen2.context_length":32768,"qwen2.block_count":28,"qwen2.embedding_length":3584},
            "capabilities":["completion","insert"]}"#,
        ),
        "GET /api/ps" => json("200 OK", r#"{"models":[{"name":"chat:7b","model":"chat:7b","context_length":8192}]}"#),
        _ => not_found(),
    };
    check_server(
        expect![[r#"
        the model server http://SERVER has several models: name one as openai:http://SERVER#MODEL; it has coder:latest, chat:7b
        GET /v1/models, GET /api/version"#]],
        |_| (),
        ollama,
    );
    check_server(
        expect![[r#"
        Ollama Suffix | coder:latest qwen2 Q4_K_M | context 6144 vocab 0 layers 28 width 3584
        GET /v1/models, GET /api/version, POST /api/show, GET /api/ps"#]],
        |source| source.url.push_str("#coder"),
        ollama,
    );
    check_server(
        expect![[r#"
        Ollama Suffix | chat:7b qwen2 Q4_K_M | context 8192 vocab 0 layers 28 width 3584
        GET /v1/models, GET /api/version, POST /api/show, GET /api/ps"#]],
        |source| source.url.push_str("/v1#chat:7b"),
        ollama,
    );
    check_server(
        expect![[r#"
        the model server http://SERVER has no model codr; it has coder:latest, chat:7b
        GET /v1/models, GET /api/version"#]],
        |source| source.url.push_str("#codr"),
        ollama,
    );
}

#[test]
fn another_ropewalk() {
    check_server(
        expect![[r#"
            Ropewalk Infill | builtin llama Q8_0 | context 1024 vocab 4096 layers 8 width 256
            GET /v1/models, GET /info"#]],
        |_| (),
        |request, _| match request.line.as_str() {
            "GET /v1/models" => json("200 OK", r#"{"object":"list","data":[{"id":"builtin","owned_by":"ropewalk"}]}"#),
            "GET /info" => json(
                "200 OK",
                r#"{"name":"builtin","architecture":"llama","model_layers":8,"model_dim":256,"vocab_size":4096,"parameters":5200000,"quantization":"Q8_0","context_length":1024,"fill_in_the_middle":true}"#,
            ),
            _ => not_found(),
        },
    );
    check_server(
        expect![[r#"
        the model server http://SERVER has no model (yet)
        GET /v1/models, GET /api/version, GET /info, GET /props"#]],
        |_| (),
        |_, _| json("200 OK", r#"{"object":"list","data":[]}"#),
    );
}

#[test]
fn any_other_server() {
    // It takes a suffix and does not read it.
    check_server(
        expect![[r#"
            OpenAi no fim | coder unknown unknown | context 4096 vocab 0 layers 0 width 0
            GET /v1/models, GET /api/version, GET /info, GET /props, POST /v1/completions"#]],
        |_| (),
        |request, _| match request.line.as_str() {
            "GET /v1/models" => json("200 OK", OTHER),
            "POST /v1/completions" => json(
                "200 OK",
                r#"{"choices":[{"index":0,"text":"1"}],"usage":{"prompt_tokens":7,"completion_tokens":1}}"#,
            ),
            "GET /props" => answer("200 OK", "content-type: text/html", "<html>an app for everything</html>"),
            _ => not_found(),
        },
    );
    check_server(
        expect![[r#"
            the model server http://SERVER wants a key: set ROPEWALK_REMOTE_API_KEY (401 Unauthorized: You didn't provide an API key.)
            GET /v1/models"#]],
        |_| (),
        |request, _| match request.line.as_str() {
            "GET /v1/models" => json("401 Unauthorized", r#"{"error":{"message":"You didn't provide an API key."}}"#),
            _ => not_found(),
        },
    );
}

#[test]
fn a_gateway_that_fails_on_unknown_paths() {
    for status in ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "403 Forbidden"] {
        check_server(
            expect![[r#"
                OpenAi no fim | coder unknown unknown | context 4096 vocab 0 layers 0 width 0
                GET /v1/models, GET /api/version, GET /info, GET /props, POST /v1/completions"#]],
            |_| (),
            move |request, _| match request.line.as_str() {
                "GET /v1/models" => json("200 OK", OTHER),
                "POST /v1/completions" => not_found(),
                _ => json(status, r#"{"message":"no route"}"#),
            },
        );
    }
}

#[test]
fn a_context_beyond_all_numbers() {
    let huge = VLLM.replace("8192", &u64::MAX.to_string());
    let server = TestServer::start(move |request, _| match request.line.as_str() {
        "GET /v1/models" => json("200 OK", &huge),
        "POST /v1/completions" => stream(&[r#"{"choices":[{"index":0,"text":"x","finish_reason":"stop"}]}"#, "[DONE]"]),
        _ => not_found(),
    });
    let mut source = source(&server);
    source.fim = Some(FimMarkers {
        prefix: "[P]".to_owned(),
        suffix: "[S]".to_owned(),
        middle: "[M]".to_owned(),
        file_separator: None,
        repository: None,
    });
    let model = connect(&source);
    expect![[r#""x"*1 Stop 0/0/1"#]].assert_eq(&collect(&model, hole()));
    assert_eq!(model.info().context_length, 1 << 30);
}

// --- an answer
