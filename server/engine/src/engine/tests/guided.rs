//! Constraints and healing through the whole engine: with a model that wants something else, and with one of random
//! weights, in every sampling mode.

use super::gguf::{endless, start as start_tiny};
use super::*;
use crate::{Constraint, SamplingParams};

const PERSON: &str = r#"{
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer", "minimum": 0, "maximum": 120}},
    "required": ["name", "age"],
    "additionalProperties": false
}"#;

fn guided(constraint: Constraint, request: GenerateRequest) -> GenerateRequest {
    GenerateRequest { constraint: Some(constraint), ..request }
}

fn is_person(answer: &str) -> bool {
    let value: serde_json::Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{answer}: {error}"));
    let (name, age) = (value["name"].as_str().unwrap(), value["age"].as_u64().unwrap());
    value.as_object().unwrap().len() == 2 && name.chars().count() <= 8 && age <= 120
}

#[test]
fn a_model_that_wants_something_else_writes_what_it_has_to() {
    let engine = start(Script::new(["no JSON at all, and much too long for what was asked"]));
    let check = |constraint: Constraint, expected: &str| {
        let request = guided(constraint, text("x"));
        assert_eq!(ask(&engine, request), stopped(expected));
    };
    check(Constraint::Regex("yes".to_owned()), "yes");
    // Where the script fits, it is followed.
    check(Constraint::Regex("n[a-z] J+".to_owned()), "no J");
    check(Constraint::Regex(String::new()), "");
    check(Constraint::Lark("start: \"no \" (\"xml\" | \"JSON\")".to_owned()), "no JSON");
    let cut = guided(Constraint::Regex("[a-z]{40}".to_owned()), GenerateRequest { max_new_tokens: 7, ..text("x") });
    let (written, reason) = ask(&engine, cut);
    assert_eq!((written.len(), reason), (7, FinishReason::Length));
    let cut = guided(Constraint::Regex("yes".to_owned()), GenerateRequest { max_new_tokens: 2, ..text("x") });
    assert_eq!(ask(&engine, cut), ("ye".to_owned(), FinishReason::Length));
    // An answer that is complete with its last token has ended.
    let whole = guided(Constraint::Regex("yes".to_owned()), GenerateRequest { max_new_tokens: 3, ..text("x") });
    assert_eq!(ask(&engine, whole), stopped("yes"));
    let endless = GenerateRequest { ignore_eos: true, ..guided(Constraint::Regex("yes|no".to_owned()), text("x")) };
    assert_eq!(ask(&engine, endless), stopped("no"));
    let stop = GenerateRequest { stop: vec!["e".to_owned()], ..guided(Constraint::Regex("yes".to_owned()), text("x")) };
    assert_eq!(ask(&engine, stop), ("y".to_owned(), FinishReason::StopText));
}

#[test]
fn what_a_constraint_forces_costs_one_pass() {
    let engine = start(Script::new(["x"]));
    let request = || guided(Constraint::Regex("return\n(a|b)".to_owned()), text("x"));
    let before = engine.status().forward_passes;
    let (_, end) = finish(engine.generate(request()).unwrap()).unwrap();
    assert_eq!(end.usage.completion_tokens, 8);
    assert_eq!(engine.status().forward_passes - before, 2);
}

#[test]
fn a_bad_constraint_is_refused_before_it_is_queued() {
    let engine = start(Script::new(["x"]));
    for constraint in [
        Constraint::JsonSchema("{".to_owned()),
        Constraint::JsonSchema(r#"{"type": "person"}"#.to_owned()),
        Constraint::Regex("(".to_owned()),
        Constraint::Lark("start: nothing".to_owned()),
    ] {
        let refused = engine.generate(guided(constraint, text("x"))).unwrap_err();
        assert!(matches!(refused, EngineError::InvalidRequest { field: "constraint", .. }), "{refused}");
    }
    assert_eq!(engine.status().served, 0);
    assert_eq!(ask(&engine, text("x")), stopped("x"));
}

#[test]
fn random_weights_write_what_the_schema_says() {
    let engine = start_tiny(64);
    let modes = [
        SamplingParams::default(),
        SamplingParams { temperature: 1.0, ..SamplingParams::default() },
        SamplingParams { temperature: 1.5, top_p: 0.9, ..SamplingParams::default() },
        SamplingParams { temperature: 1.0, top_k: 5, min_p: 0.02, ..SamplingParams::default() },
        SamplingParams {
            temperature: 0.8,
            repetition_penalty: 1.3,
            presence_penalty: 0.5,
            ..SamplingParams::default()
        },
    ];
    let mut complete = 0;
    for seed in 0..6 {
        for mode in &modes {
            let sampling = SamplingParams { seed, ..mode.clone() };
            let request = GenerateRequest { max_new_tokens: 300, sampling, ..text("def f(a):\n") };
            let (answer, reason) = ask(&engine, guided(Constraint::JsonSchema(PERSON.to_owned()), request));
            if reason == FinishReason::Stop {
                assert!(is_person(&answer), "{answer}");
                complete += 1;
            } else {
                // Random weights may like blanks; the grammar bounds them, but not their number of times.
                assert_eq!(reason, FinishReason::Length, "{answer}");
            }
        }
    }
    assert!(complete >= 20, "{complete} of 30");
}

/// Would write a fence before the JSON, with all its weight.
struct Fence;

impl Predictor for Fence {
    fn predict(&mut self, _generated: &str) -> Prediction {
        let continuation = Continuation { text: "```json\n".to_owned(), share: 1.0 };
        Prediction { weight: 1.0, continuations: vec![continuation] }
    }
}

#[test]
fn a_predictor_does_not_overrule_a_constraint() {
    let engine = start_tiny(64);
    let predictor: Option<Box<dyn Predictor>> = Some(Box::new(Fence));
    let request = GenerateRequest { max_new_tokens: 300, predictor, ..text("def") };
    let (answer, reason) = ask(&engine, guided(Constraint::JsonSchema(PERSON.to_owned()), request));
    assert!(reason == FinishReason::Length || is_person(&answer), "{answer}");
    assert!(answer.starts_with('{'), "{answer}");
}

#[test]
fn a_healed_prompt_and_its_answer_are_the_same_text() {
    let engine = start_tiny(64);
    let check = |prompt: &str, taken_back: usize| {
        let (plain, plain_end) = finish(engine.generate(endless(prompt, 12)).unwrap()).unwrap();
        let healed = GenerateRequest { heal: true, ..endless(prompt, 12) };
        let (answer, end) = finish(engine.generate(healed).unwrap()).unwrap();
        assert_eq!(plain_end.usage.prompt_tokens - end.usage.prompt_tokens, taken_back, "{prompt:?}");
        if taken_back == 0 {
            assert_eq!(answer, plain);
        }
        // What was taken back is no part of the answer: of 12 tokens one or more wrote it again.
        let again = GenerateRequest { heal: true, ..endless(prompt, 12) };
        assert_eq!(ask(&engine, again).0, answer);
    };
    check("def f(a):", 0);
    check("def f(a):\n    retur", 1);
    check("x de", 1);
}

/// Knows the word that the prompt begins.
struct Knows(&'static str);

impl Predictor for Knows {
    fn predict(&mut self, generated: &str) -> Prediction {
        let rest = self.0.strip_prefix(generated).unwrap_or_default();
        let continuations = vec![Continuation { text: rest.to_owned(), share: 1.0 }];
        Prediction { weight: 1.0, continuations }
    }
}

#[test]
fn healing_lets_the_whole_word_be_one_token() {
    let engine = start_tiny(64);
    let ask_for = |heal, prompt: &str, rest: &'static str| {
        let predictor: Option<Box<dyn Predictor>> = Some(Box::new(Knows(rest)));
        let request = GenerateRequest { heal, predictor, ..GenerateRequest::new(Prompt::Text(prompt.to_owned()), 20) };
        let (answer, end) = finish(engine.generate(request).unwrap()).unwrap();
        (answer, end.reason, end.usage.completion_tokens)
    };
    assert_eq!(ask_for(false, "a retur", "n x"), ("n x".to_owned(), FinishReason::Stop, 3));
    // "return" at once, then " " and "x".
    assert_eq!(ask_for(true, "a retur", "n x"), ("n x".to_owned(), FinishReason::Stop, 3));
    assert_eq!(ask_for(true, "a retu", "rn"), ("rn".to_owned(), FinishReason::Stop, 1));
    assert_eq!(ask_for(false, "a retu", "rn"), ("rn".to_owned(), FinishReason::Stop, 2));
}

#[test]
fn healing_and_a_constraint() {
    let engine = start_tiny(64);
    let request = GenerateRequest { heal: true, ..text("a = retur") };
    let request = guided(Constraint::Regex("n (def|ret)".to_owned()), request);
    let (answer, reason) = ask(&engine, request);
    assert!(reason == FinishReason::Stop && ["n def", "n ret"].contains(&answer.as_str()), "{answer:?}");
}

#[test]
fn probabilities_of_each_token() {
    let engine = start_tiny(64);
    let sampling = SamplingParams { temperature: 1.0, ..SamplingParams::default() };
    let request = GenerateRequest { logprobs: Some(3), sampling, ..endless("def", 30) };
    let mut generation = engine.generate(request).unwrap();
    let mut tokens = 0;
    while let Some(event) = generation.blocking_next() {
        let Event::Piece(piece) = event else { continue };
        assert_eq!(piece.choices.len(), piece.tokens);
        let sum: f32 = piece.choices.iter().map(|choice| choice.logprob).sum();
        assert_eq!(sum, piece.logprob);
        for choice in &piece.choices {
            assert_eq!(choice.top.len(), 3);
            assert!(choice.top.is_sorted_by(|a, b| a.1 >= b.1) && choice.top[0].1 >= choice.logprob, "{choice:?}");
            let among = choice.top.iter().find(|(bytes, _)| *bytes == choice.bytes);
            assert!(among.is_none_or(|(_, logprob)| *logprob == choice.logprob), "{choice:?}");
        }
        tokens += piece.tokens;
    }
    assert!((25..=30).contains(&tokens), "{tokens}");
    let request = GenerateRequest { logprobs: Some(0), ..guided(Constraint::Regex("def ret".to_owned()), text("x")) };
    let mut generation = engine.generate(request).unwrap();
    let Some(Event::Piece(piece)) = generation.blocking_next() else { panic!("no piece") };
    assert_eq!((piece.choices[0].bytes.as_slice(), piece.choices[0].top.len()), (&b"def"[..], 0));
}
