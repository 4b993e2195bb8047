//! The remote backend against a server of raw bytes: one table of recorded-style answers a dialect, and all the ways an
//! exchange can go wrong.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps; the line says what was missing")]

mod server;

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

#[test]
fn text_is_streamed() {
    check_generation(
        stream(&[
            r#"{"content":"1","stop":false}"#,
            r#"{"content":" + 2","stop":false}"#,
            r#"{"content":"","stop":true,"stop_type":"eos","tokens_predicted":3,"tokens_evaluated":9,"timings":{"cache_n":4}}"#,
        ]),
        hole(),
        expect![[r#""1"*1 " + 2"*1 Stop 9/4/3"#]],
    );
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let text: String =
        ["{\"content\":\"é😀\",\"stop\":false}", "{\"content\":\"ü\",\"stop\":true,\"stop_type\":\"limit\"}"]
            .map(|event| format!("data: {event}\r\n\r\n"))
            .concat();
    let bytes = text.into_bytes().into_iter().map(|byte| Step::Send(vec![byte]));
    check_generation(
        [stream_head()].into_iter().chain(bytes).collect(),
        hole(),
        expect![[r#""é😀"*1 "ü"*1 Length 0/0/2"#]],
    );
}

#[test]
fn a_server_that_does_not_stream() {
    check_generation(
        json(
            "200 OK",
            r#"{"content":"1 + 2","stop":true,"stop_type":"eos","tokens_predicted":3,"tokens_evaluated":9}"#,
        ),
        hole(),
        expect![[r#""1 + 2"*1 Stop 9/0/3"#]],
    );
}

#[test]
fn stop_texts_are_found_here_too() {
    let mut request = hole();
    request.stop = vec!["\n\n".to_owned()];
    check_generation(
        stream(&[r#"{"content":"a\n","stop":false}"#, r#"{"content":"\nb","stop":false}"#]),
        request,
        expect![[r#""a"*1 StopText 0/0/2"#]],
    );
    // The beginning of one that does not come is ordinary text.
    let mut request = hole();
    request.stop = vec!["\n\n".to_owned()];
    check_generation(
        stream(&[r#"{"content":"a\n","stop":true,"stop_type":"eos"}"#]),
        request,
        expect![[r#""a"*1 "\n"*0 Stop 0/0/1"#]],
    );
}

#[test]
fn an_openai_stream_with_counts_behind_its_end() {
    let server = TestServer::start(|request, earlier| match request.line.as_str() {
        "GET /v1/models" => json("200 OK", VLLM),
        "POST /v1/completions" if earlier == 0 => json("400 Bad Request", "{}"),
        "POST /v1/completions" => chunked_stream(&[
            r#"{"choices":[{"index":0,"text":"x","logprobs":{"tokens":["x"],"token_logprobs":[-0.25]},"finish_reason":null}]}"#,
            r#"{"choices":[{"index":0,"text":" y","logprobs":{"tokens":[" ","y"],"token_logprobs":[-1.0,-0.5]},"finish_reason":"length"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2}}}"#,
            "[DONE]",
        ]),
        _ => not_found(),
    });
    let model = connect(&source(&server));
    let connections = server.connections();
    let request = || GenerateRequest::new(Prompt::Text("say".to_owned()), 3);
    let lines: Vec<_> = (0..3).map(|_| collect(&model, request())).collect();
    expect![[r#""x"*1 " y"*2 Length 3/2/3"#]].assert_eq(&lines[0]);
    assert!(lines.iter().all(|line| *line == lines[0]), "{lines:?}");
    // What was read to its end is used again.
    assert_eq!(server.connections(), connections);
    expect![[r#"{"prompt":"say","model":"org/coder","max_tokens":3,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"logprobs":0}"#]].assert_eq(&server.last_body());
    assert_eq!((model.load.running(), model.load.served()), (0, 3));
}

// --- what can go wrong

#[test]
fn errors_in_the_middle_of_an_answer() {
    check_generation(
        stream(&[r#"{"content":"1","stop":false}"#, r#"{"error":{"code":500,"message":"out of memory"}}"#]),
        hole(),
        expect![[r#""1"*1 failed: the model server http://SERVER failed in the middle of an answer: out of memory"#]],
    );
    check_generation(
        stream(&[r#"{"content":"1","stop":false}"#]),
        hole(),
        expect![[r#""1"*1 failed: the model server http://SERVER ended in the middle of an answer"#]],
    );
    check_generation(
        stream(&["<html>"]),
        hole(),
        expect![
            "failed: the model server http://SERVER answers with an event that is no JSON (expected value at line 1 column 1)"
        ],
    );
    let broken = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 1000\r\n\r\ndata: {\"content\":\"1\",\"stop\":false}\n\n";
    let server = llama_cpp(|_, _| vec![Step::Send(broken.to_vec()), Step::Hold]);
    let mut patient = source(&server);
    patient.timeouts.between_tokens = Duration::from_millis(30);
    expect![[r#""1"*1 failed: the model server http://SERVER was silent for 1 s"#]]
        .assert_eq(&settled(&collect(&connect(&patient), hole()), &server));
}

#[test]
fn a_prompt_that_does_not_fit() {
    check_generation(
        json(
            "400 Bad Request",
            r#"{"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
        ),
        hole(),
        expect!["failed: the prompt has 5000 tokens, the context holds 4096"],
    );
}

#[test]
fn an_endless_answer_is_bounded() {
    let event = format!(r#"{{"content":"{}","stop":false}}"#, "x".repeat(100_000));
    check_generation(
        stream(&[event.as_str()]),
        hole(),
        expect!["failed: the model server http://SERVER answers with far more than was asked for"],
    );
    let line = "x".repeat(60_000);
    check_generation(
        stream(&[line.as_str(); 2]),
        hole(),
        expect![
            "failed: the model server http://SERVER answers with an event that is no JSON (expected value at line 1 column 1)"
        ],
    );
}

#[test]
fn a_busy_server_is_asked_again_and_a_broken_one_is_not() {
    let answers = |status: &'static str| {
        move |_: &Request, earlier: usize| match earlier {
            0 | 1 => answer(status, "retry-after: 0", r#"{"error":{"message":"Loading model"}}"#),
            _ => stream(&[r#"{"content":"1","stop":true}"#]),
        }
    };
    for (status, expect, requests) in [
        ("503 Service Unavailable", expect![[r#""1"*1 Stop 0/0/1"#]], 3),
        ("429 Too Many Requests", expect![[r#""1"*1 Stop 0/0/1"#]], 3),
        (
            "500 Internal Server Error",
            expect![
                "failed: the model server http://SERVER failed on the request (500 Internal Server Error: Loading model)"
            ],
            1,
        ),
    ] {
        let server = llama_cpp(answers(status));
        let line = collect(&connect(&source(&server)), hole());
        expect.assert_eq(&settled(&line, &server));
        assert_eq!(server.requests().iter().filter(|it| it.line == "POST /infill").count(), 1 + requests);
    }
}

#[test]
fn a_server_that_asks_for_a_long_pause_is_given_up() {
    let server = llama_cpp(|_, _| answer("429 Too Many Requests", "retry-after: 3600", "{}"));
    expect!["failed: the model server http://SERVER is overloaded or not ready (429 Too Many Requests)"]
        .assert_eq(&settled(&collect(&connect(&source(&server)), hole()), &server));
}

#[test]
fn a_connection_that_breaks_before_the_answer_is_tried_again() {
    let server = llama_cpp(|_, earlier| match earlier {
        // Nothing is sent, and the connection is closed.
        0 => Vec::new(),
        _ => stream(&[r#"{"content":"1","stop":true}"#]),
    });
    expect![[r#""1"*1 Stop 0/0/1"#]].assert_eq(&collect(&connect(&source(&server)), hole()));
}

#[test]
fn a_server_that_is_not_there() {
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let error = try_connect(&RemoteSource::new(url.clone())).err().unwrap().to_string();
    assert!(error.starts_with(&format!("the model server {url} cannot be reached (")), "{error}");
    assert!(error.contains("refused"), "{error}");
}

#[test]
fn silence_before_the_first_token_and_between_two() {
    let timeouts = RemoteTimeouts {
        first_token: Duration::from_millis(300),
        between_tokens: Duration::from_millis(50),
        ..RemoteTimeouts::default()
    };
    let held: [(Vec<Step>, Expect); 3] = [
        (vec![Step::Hold], expect!["failed: the model server http://SERVER was silent for 1 s"]),
        (vec![stream_head(), Step::Hold], expect!["failed: the model server http://SERVER was silent for 1 s"]),
        (
            vec![
                stream_head(),
                Step::Send(b"data: {\"content\":\"1\",\"stop\":false}\n\n: ping\n\n".to_vec()),
                Step::Hold,
            ],
            expect![[r#""1"*1 failed: the model server http://SERVER was silent for 1 s"#]],
        ),
    ];
    for (steps, expect) in held {
        let server = llama_cpp(move |_, _| steps.clone());
        let mut source = source(&server);
        source.timeouts = timeouts;
        expect.assert_eq(&settled(&collect(&connect(&source), hole()), &server));
        // The server does not work on for nobody.
        server.closed.recv_timeout(LONG).unwrap();
    }
}

#[test]
fn thoughts_are_a_sign_of_life() {
    let thought = br#"data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}]}"#;
    let steps = vec![stream_head(), Step::Send([thought.as_slice(), b"\n\n"].concat()), Step::Hold];
    let server = llama_cpp(move |_, _| steps.clone());
    let mut source = source(&server);
    source.timeouts =
        RemoteTimeouts { first_token: Duration::from_millis(50), between_tokens: LONG, ..source.timeouts };
    let mut request = hole();
    request.deadline = Some(Instant::now() + Duration::from_millis(500));
    expect!["Deadline 0/0/0"].assert_eq(&settled(&collect(&connect(&source), request), &server));
}

#[test]
fn fields_that_a_server_refuses_are_changed_once_for_all() {
    // As OpenAI's reasoning models do.
    let server = TestServer::start(|request, _| {
        let refusal = |field: &str| {
            let body =
                format!(r#"{{"error":{{"message":"Unsupported: '{field}'","param":"{field}","code":"unsupported"}}}}"#);
            json("400 Bad Request", &body)
        };
        match request.line.as_str() {
            "GET /v1/models" => json("200 OK", OTHER),
            "POST /v1/chat/completions" if request.body.contains("max_tokens") => refusal("max_tokens"),
            "POST /v1/chat/completions" if request.body.contains("temperature") => refusal("temperature"),
            "POST /v1/chat/completions" if request.body.contains("refuse") => refusal("messages"),
            "POST /v1/chat/completions" => {
                stream(&[r#"{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#, "[DONE]"])
            }
            _ => not_found(),
        }
    });
    let model = connect(&source(&server));
    let chat = |content: &str| {
        let messages = vec![ChatMessage::new(ChatRole::User, content)];
        GenerateRequest::new(Prompt::Chat(ChatPrompt::new(messages)), 4)
    };
    let chats = || server.requests().iter().filter(|it| it.line == "POST /v1/chat/completions").count();
    expect![[r#""x"*1 Stop 0/0/1"#]].assert_eq(&collect(&model, chat("hi")));
    let sent: serde_json::Value = serde_json::from_str(&server.last_body()).unwrap();
    assert_eq!((sent["max_completion_tokens"].as_u64(), sent.get("max_tokens")), (Some(4), None));
    assert_eq!(sent.get("temperature"), None);
    assert_eq!(chats(), 3);
    expect![[r#""x"*1 Stop 0/0/1"#]].assert_eq(&collect(&model, chat("hi")));
    assert_eq!(chats(), 4);
    expect!["failed: the model server http://SERVER refuses the request (400 Bad Request: Unsupported: 'messages')"]
        .assert_eq(&settled(&collect(&model, chat("refuse")), &server));
    assert_eq!(chats(), 5);
}

#[test]
fn the_deadline_ends_with_what_there_is() {
    let first = Step::Send(b"data: {\"content\":\"1\",\"stop\":false}\n\n".to_vec());
    let server = llama_cpp(move |_, _| vec![stream_head(), first.clone(), Step::Hold]);
    let model = connect(&source(&server));
    let mut request = hole();
    request.deadline = Some(Instant::now() + Duration::from_millis(200));
    expect![[r#""1"*1 Deadline 0/0/1"#]].assert_eq(&collect(&model, request));
    server.closed.recv_timeout(LONG).unwrap();
}

#[test]
fn cancelling_closes_the_connection() {
    let first = Step::Send(b"data: {\"content\":\"1\",\"stop\":false}\n\n".to_vec());
    let server = llama_cpp(move |_, earlier| match earlier {
        // Before the head of the answer, and behind its first text.
        0 | 1 => vec![Step::Hold],
        _ => vec![stream_head(), first.clone(), Step::Hold],
    });
    let model = connect(&source(&server));
    let infills = || server.requests().iter().filter(|it| it.line == "POST /infill").count();

    // Dropped.
    let generation = generate(&model, hole()).unwrap();
    while infills() < 2 {
        std::thread::yield_now();
    }
    drop(generation);
    server.closed.recv_timeout(LONG).unwrap();

    // Cancelled by its token.
    let token = CancelToken::new();
    let mut request = hole();
    request.cancel = token.clone();
    let mut generation = generate(&model, request).unwrap();
    while infills() < 3 {
        std::thread::yield_now();
    }
    token.cancel();
    server.closed.recv_timeout(LONG).unwrap();
    let Some(Event::Finish(finish)) = generation.blocking_next() else { panic!("no end") };
    assert_eq!((finish.reason, generation.blocking_next()), (FinishReason::Cancelled, None));

    // In the middle of an answer.
    let mut generation = generate(&model, hole()).unwrap();
    assert!(matches!(generation.blocking_next(), Some(Event::Piece(_))));
    assert_eq!(model.load.running(), 1);
    drop(generation);
    server.closed.recv_timeout(LONG).unwrap();

    // Cancelled before it began: nothing is sent.
    let sent = server.requests().len();
    let mut request = hole();
    request.cancel = token;
    assert_eq!(collect(&model, request), "Cancelled 0/0/0");
    assert_eq!(server.requests().len(), sent);
}

#[test]
fn no_more_requests_at_once_than_the_queue_holds() {
    let server = llama_cpp(|_, _| vec![stream_head(), Step::Hold]);
    let model = connect(&source(&server));
    let running: Vec<_> = (0..4).map(|_| generate(&model, hole()).unwrap()).collect();
    assert_eq!(generate(&model, hole()).err(), Some(EngineError::QueueFull { waiting: 4 }));
    assert_eq!(model.load.running(), 4);
    drop(running);
}

// --- what leaves the machine

#[test]
fn the_key_goes_to_the_server_and_nowhere_else() {
    let elsewhere = TestServer::start(|_, _| json("200 OK", VLLM));
    let url = elsewhere.url.clone();
    let server =
        TestServer::start(move |_, _| answer("307 Temporary Redirect", &format!("location: {url}/v1/models"), ""));
    let mut source = source(&server);
    source.api_key = Some(ApiKey::new("sk-1"));
    let error = try_connect(&source).err().unwrap().to_string();
    expect!["the model server http://SERVER redirects elsewhere (307 Temporary Redirect: to http://ELSEWHERE/v1/models), which is not followed: if your text may go there, name that address"].assert_eq(&settled(&error, &server).replace(&elsewhere.url, "http://ELSEWHERE"));
    assert_eq!(elsewhere.requests().len(), 0);
    assert!(server.requests()[0].headers.contains("authorization: Bearer sk-1\n"));
}

#[test]
fn redirects_within_the_server_are_followed() {
    let server = TestServer::start(|request, _| match request.line.as_str() {
        "GET /v1/models" => answer("308 Permanent Redirect", "location: /there/models", ""),
        "GET /there/models" => json("200 OK", VLLM),
        _ => not_found(),
    });
    assert_eq!(connect(&source(&server)).info().name, "org/coder");
    let circle = TestServer::start(|_, _| answer("302 Found", "location: /v1/models", ""));
    let error = try_connect(&source(&circle)).err().unwrap().to_string();
    expect!["the model server http://SERVER redirects in circles"].assert_eq(&settled(&error, &circle));
}

#[test]
fn a_key_that_is_no_header_is_refused_without_being_shown() {
    let mut source = RemoteSource::new("http://127.0.0.1:9");
    source.api_key = Some(ApiKey::new("secret\nx"));
    let error = try_connect(&source).err().unwrap().to_string();
    assert!(error.contains("key holds characters") && !error.contains("secret"), "{error}");
}

// --- behind the engine's handle

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
