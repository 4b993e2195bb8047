//! Answers as they are streamed: cut anywhere, ended, bounded, and broken in the middle.

use super::*;

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
