//! Servers that are busy, silent, gone or careless, and requests that are cancelled.

use super::*;

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
