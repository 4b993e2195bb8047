//! Bodies of requests.

use expect_test::{Expect, expect};

use super::*;
use crate::remote::FimMarkers;
use crate::{ChatMessage, ContextFile, FimPrompt};

fn markers() -> FimMarkers {
    FimMarkers {
        prefix: "[PRE]".to_owned(),
        suffix: "[SUF]".to_owned(),
        middle: "[MID]".to_owned(),
        file_separator: Some("[SEP]".to_owned()),
        repository: Some("[REPO]".to_owned()),
    }
}

fn hole() -> GenerateRequest {
    let prompt = FimPrompt {
        path: Some("a.py".to_owned()),
        context: vec![ContextFile { path: "b.py".to_owned(), text: "b = 1\n".to_owned() }],
        prefix: "def f():\n    ret".to_owned(),
        suffix: "\nf()\n".to_owned(),
        ..FimPrompt::default()
    };
    GenerateRequest::new(Prompt::Fim(prompt), 16)
}

fn check(dialect: Dialect, fim: Option<Fim>, request: &GenerateRequest, expect: Expect) {
    let server = Server { dialect, model: "m".to_owned(), fim, context_length: 1000 };
    expect.assert_eq(&match server.body(request) {
        Ok(body) => format!("/{} {} bytes {}", body.path, body.prompt_bytes, body.json),
        Err(error) => error.to_string(),
    });
}

#[test]
fn holes() {
    check(
        Dialect::LlamaCpp,
        Some(Fim::Infill),
        &hole(),
        expect![[
            r#"/infill 27 bytes {"input_prefix":"def f():\n","prompt":"    ret","input_suffix":"\nf()\n","input_extra":[{"filename":"b.py","text":"b = 1\n"}],"model":"m","n_predict":16,"stream":true,"temperature":0.0,"n_probs":1,"cache_prompt":true}"#
        ]],
    );
    check(
        Dialect::Ropewalk,
        Some(Fim::Infill),
        &hole(),
        expect![[
            r#"/infill 27 bytes {"input_prefix":"def f():\n","prompt":"    ret","input_suffix":"\nf()\n","input_extra":[{"filename":"b.py","text":"b = 1\n"}],"model":"m","n_predict":16,"stream":true,"temperature":0.0}"#
        ]],
    );
    check(
        Dialect::Ollama,
        Some(Fim::Suffix),
        &hole(),
        expect![[
            r#"/v1/completions 21 bytes {"prompt":"def f():\n    ret","suffix":"\nf()\n","model":"m","max_tokens":16,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0}"#
        ]],
    );
    check(
        Dialect::Vllm,
        Some(Fim::Markers(markers())),
        &hole(),
        expect![[
            r#"/v1/completions 78 bytes {"prompt":"[REPO]workspace\n[SEP]b.py\nb = 1\n[SEP]a.py\n[PRE]def f():\n[SUF]\nf()\n[MID]    ret","model":"m","max_tokens":16,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"logprobs":0}"#
        ]],
    );
    let without = FimMarkers { file_separator: None, ..markers() };
    check(
        Dialect::OpenAi,
        Some(Fim::Markers(without)),
        &hole(),
        expect![[
            r#"/v1/completions 36 bytes {"prompt":"[PRE]def f():\n[SUF]\nf()\n[MID]    ret","model":"m","max_tokens":16,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0}"#
        ]],
    );
    check(
        Dialect::Vllm,
        None,
        &hole(),
        expect![
            "prompt: the server does not fill holes with m; name the model's markers as `fim` below [remote] in ropewalk.toml"
        ],
    );
}

#[test]
fn conversations() {
    let messages = [(ChatRole::System, "be short"), (ChatRole::User, "hi"), (ChatRole::Assistant, "ho")];
    let messages = messages.map(|(role, content)| ChatMessage::new(role, content)).to_vec();
    let mut request = GenerateRequest::new(Prompt::Chat(ChatPrompt::new(messages.clone())), 4);
    check(
        Dialect::Vllm,
        None,
        &request,
        expect![[
            r#"/v1/chat/completions 12 bytes {"messages":[{"role":"system","content":"be short"},{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}],"model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"logprobs":true}"#
        ]],
    );
    check(
        Dialect::OpenAi,
        None,
        &request,
        expect![[
            r#"/v1/chat/completions 12 bytes {"messages":[{"role":"system","content":"be short"},{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}],"model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0}"#
        ]],
    );
    request.prompt = Prompt::Chat(ChatPrompt { add_generation_prompt: false, ..ChatPrompt::new(messages.clone()) });
    check(
        Dialect::LlamaCpp,
        None,
        &request,
        expect![[
            r#"/v1/chat/completions 12 bytes {"add_generation_prompt":false,"messages":[{"role":"system","content":"be short"},{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}],"model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"logprobs":true,"cache_prompt":true}"#
        ]],
    );
    check(Dialect::Ollama, None, &request, expect!["messages: the server begins an answer to every conversation"]);
    let template = Some("rag".to_owned());
    request.prompt = Prompt::Chat(ChatPrompt { template, ..ChatPrompt::new(messages) });
    check(Dialect::Vllm, None, &request, expect!["messages: a model on a server has one chat template"]);
}

#[test]
fn constraints() {
    let mut request = GenerateRequest::new(Prompt::Text("x".to_owned()), 4);
    request.constraint = Some(Constraint::JsonSchema(r#"{"type":"integer"}"#.to_owned()));
    check(
        Dialect::Vllm,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"integer"},"strict":true}},"logprobs":0}"#
        ]],
    );
    check(
        Dialect::LlamaCpp,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"json_schema":{"type":"integer"},"logprobs":1,"cache_prompt":true}"#
        ]],
    );
    check(
        Dialect::Ollama,
        None,
        &request,
        expect!["constraint: a server of the kind Ollama holds conversations alone to a schema"],
    );
    request.constraint = Some(Constraint::JsonSchema("{".to_owned()));
    check(
        Dialect::Vllm,
        None,
        &request,
        expect!["constraint: is no JSON (EOF while parsing an object at line 1 column 1)"],
    );
    request.constraint = Some(Constraint::Regex("a+".to_owned()));
    check(Dialect::Vllm, None, &request, expect!["constraint: a model on a server takes JSON schemas alone"]);
    request.constraint = Some(Constraint::JsonObject);
    request.prompt = Prompt::Chat(ChatPrompt::new(vec![ChatMessage::new(ChatRole::User, "hi")]));
    check(
        Dialect::Ollama,
        None,
        &request,
        expect![[
            r#"/v1/chat/completions 2 bytes {"messages":[{"role":"user","content":"hi"}],"model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"response_format":{"type":"json_object"}}"#
        ]],
    );
}

#[test]
fn sampling() {
    let mut request = GenerateRequest::new(Prompt::Text("x".to_owned()), 4);
    request.sampling = SamplingParams {
        temperature: 0.7,
        repetition_penalty: 1.1,
        top_k: 40,
        top_p: 0.95,
        min_p: 0.05,
        seed: u64::MAX,
        presence_penalty: 0.5,
        logit_bias: vec![(7, -100.0)],
        ..SamplingParams::default()
    };
    request.stop = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    request.ignore_eos = true;
    check(
        Dialect::Vllm,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.7,"top_p":0.95,"seed":2147483647,"presence_penalty":0.5,"logit_bias":{"7":-100.0},"top_k":40,"min_p":0.05,"repetition_penalty":1.1,"stop":["a","b","c","d","e"],"logprobs":0,"ignore_eos":true}"#
        ]],
    );
    check(
        Dialect::LlamaCpp,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.7,"top_p":0.95,"seed":2147483647,"presence_penalty":0.5,"logit_bias":{"7":-100.0},"top_k":40,"min_p":0.05,"repeat_penalty":1.1,"stop":["a","b","c","d","e"],"logprobs":1,"cache_prompt":true,"ignore_eos":true}"#
        ]],
    );
    check(
        Dialect::Tgi,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.7,"top_p":0.95,"seed":2147483647,"presence_penalty":0.5,"logit_bias":{"7":-100.0},"stop":["a","b","c","d"]}"#
        ]],
    );
    check(
        Dialect::OpenAi,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.7,"top_p":0.95,"seed":2147483647,"presence_penalty":0.5,"logit_bias":{"7":-100.0},"stop":["a","b","c","d"]}"#
        ]],
    );
    // Greedy: nothing else about the choice says anything.
    request.sampling.temperature = 0.0;
    check(
        Dialect::Ollama,
        None,
        &request,
        expect![[
            r#"/v1/completions 1 bytes {"prompt":"x","model":"m","max_tokens":4,"stream_options":{"include_usage":true},"stream":true,"temperature":0.0,"presence_penalty":0.5,"logit_bias":{"7":-100.0},"stop":["a","b","c","d","e"]}"#
        ]],
    );
}

#[test]
fn text_that_spells_a_marker_is_left_out() {
    let mut prompt = FimPrompt {
        context: vec![ContextFile { path: "b.py".to_owned(), text: "# [SEP]".to_owned() }],
        prefix: "a [PRE] b [MID] c\nd".to_owned(),
        suffix: "e\n# [SUF] f".to_owned(),
        ..FimPrompt::default()
    };
    FimMarkers { middle: " [MID] ".to_owned(), ..markers() }.clean(&mut prompt);
    assert_eq!((prompt.prefix.as_str(), prompt.suffix.as_str(), prompt.context.len()), (" c\nd", "e\n# ", 0));
}

#[test]
fn long_holes_are_shortened_to_the_context() {
    let mut request = hole();
    request.prompt = Prompt::Fim(FimPrompt {
        prefix: "x = 1\n".repeat(10_000),
        suffix: "y = 2\n".repeat(10_000),
        ..FimPrompt::default()
    });
    let server = Server { dialect: Dialect::Vllm, model: "m".to_owned(), fim: Some(Fim::Suffix), context_length: 1000 };
    let body = server.body(&request).unwrap();
    assert!((2000..=2952).contains(&body.prompt_bytes), "{}", body.prompt_bytes);
}
