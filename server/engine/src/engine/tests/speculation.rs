//! Guessing ahead changes no answer: with and without it, the same tokens, the same probabilities, in fewer passes.

use super::gguf::{endless, start as start_tiny};
use super::*;
use crate::SamplingParams;

/// The pieces of an answer and how it ended.
fn pieces(engine: &Engine, request: GenerateRequest) -> (Vec<(String, usize, u32)>, FinishReason, usize) {
    let mut generation = engine.generate(request).unwrap();
    let mut pieces = Vec::new();
    loop {
        match generation.blocking_next().unwrap() {
            Event::Piece(piece) => pieces.push((piece.text, piece.tokens, piece.logprob.to_bits())),
            Event::Finish(finish) => return (pieces, finish.reason, finish.usage.completion_tokens),
            Event::Failed(error) => panic!("{error}"),
        }
    }
}

/// A text of which nearly every part has occurred before.
fn repetitive() -> String {
    (0..12).map(|line| format!("    return def(a, {})\n", line % 3)).collect()
}

/// Random weights do not repeat themselves unless they are made to write few different tokens.
fn few_letters() -> Vec<(u32, f32)> {
    // The bytes follow the seven markers.
    [b'a', b'b'].map(|letter| (7 + u32::from(letter), 60.0)).to_vec()
}

#[test]
fn the_same_answers_in_fewer_passes() {
    let engine = start_tiny(64);
    let modes = [
        SamplingParams::default(),
        SamplingParams { logit_bias: few_letters(), ..SamplingParams::default() },
        SamplingParams { temperature: 1.0, logit_bias: few_letters(), ..SamplingParams::default() },
        SamplingParams {
            temperature: 0.7,
            top_p: 0.9,
            logit_bias: few_letters(),
            seed: 3,
            ..SamplingParams::default()
        },
        SamplingParams { temperature: 1.0, top_k: 20, seed: 4, ..SamplingParams::default() },
        SamplingParams { repetition_penalty: 1.2, frequency_penalty: 0.3, ..SamplingParams::default() },
    ];
    let mut passes = [0, 0];
    for sampling in modes {
        let mut check = |change: fn(GenerateRequest) -> GenerateRequest| {
            let answers = [true, false].map(|speculate| {
                let before = engine.status().forward_passes;
                let request = GenerateRequest { sampling: sampling.clone(), speculate, ..endless(&repetitive(), 120) };
                let answer = pieces(&engine, change(request));
                passes[usize::from(!speculate)] += engine.status().forward_passes - before;
                answer
            });
            assert_eq!(answers[0], answers[1], "{sampling:?}");
        };
        check(|request| request);
        check(|request| GenerateRequest { stop: vec!["ab".to_owned(), "(a".to_owned()], ..request });
        check(|request| GenerateRequest { max_new_tokens: 19, ..request });
    }
    assert!(passes[0] * 10 < passes[1] * 9, "{passes:?} passes with and without guesses");
}

#[test]
fn what_a_predictor_expects_is_guessed() {
    let engine = start(Script::new(["the model says \u{e9} this"]));
    let check = |known: Option<&'static str>| {
        // A weight of 0: it has no say in what is written.
        let predictor = known.map(|known| Box::new(Knows(known, 0.0)) as Box<dyn Predictor>);
        let before = engine.status().forward_passes;
        let (answer, end) = finish(engine.generate(GenerateRequest { predictor, ..text("x") }).unwrap()).unwrap();
        assert_eq!((answer.as_str(), end.reason), ("the model says \u{e9} this", FinishReason::Stop));
        engine.status().forward_passes - before
    };
    let alone = check(None);
    let (right, wrong) = (check(Some("the model says \u{e9} this")), check(Some("the movie")));
    assert!(right * 2 < alone && right < wrong && wrong <= alone, "{right} {wrong} {alone} passes");
}

#[test]
fn guesses_follow_a_constraint() {
    let engine = start_tiny(64);
    let answer = |speculate| {
        let constraint = Some(crate::Constraint::Regex("(    return def\\(a, [0-9]\\)\n){6}".to_owned()));
        let request =
            GenerateRequest { constraint, speculate, ..GenerateRequest::new(Prompt::Text(repetitive()), 300) };
        let (pieces, reason, _) = pieces(&engine, request);
        assert_eq!(reason, FinishReason::Stop);
        pieces
    };
    let plain = answer(false);
    assert_eq!(answer(true), plain);
    let text: String = plain.into_iter().map(|(text, ..)| text).collect();
    assert_eq!(text.lines().count(), 6, "{text}");
}
