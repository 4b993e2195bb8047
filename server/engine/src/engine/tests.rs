//! The engine as its callers see it, over the scripted model: a clock decides when a pass happens, so every
//! interleaving below is one that the test chose.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Engine;
use crate::{
    CancelToken, Continuation, EngineConfig, EngineError, Event, FimPrompt, Finish, FinishReason, GenerateRequest,
    Generation, ModelSource, ModelState, Prediction, Predictor, Priority, Prompt, Script, ScriptClock,
};

mod batching;
mod gguf;
mod guided;
mod speculation;

fn config() -> EngineConfig {
    EngineConfig { queue_capacity: 3, max_sequences: 1, max_context: 512, prefill_chunk: 8, ..EngineConfig::default() }
}

/// An engine with this script in service.
fn start(script: Script) -> Engine {
    let engine = Engine::start(config());
    engine.load(ModelSource::Scripted(script)).blocking_finished().unwrap();
    engine
}

fn text(prompt: &str) -> GenerateRequest {
    GenerateRequest::new(Prompt::Text(prompt.to_owned()), 100)
}

fn fim(prefix: &str, suffix: &str) -> GenerateRequest {
    let prompt = FimPrompt { prefix: prefix.to_owned(), suffix: suffix.to_owned(), ..FimPrompt::default() };
    GenerateRequest::new(Prompt::Fim(prompt), 100)
}

fn with_priority(priority: Priority, request: GenerateRequest) -> GenerateRequest {
    GenerateRequest { priority, ..request }
}

fn finish(mut generation: Generation) -> Result<(String, Finish), EngineError> {
    let mut text = String::new();
    while let Some(event) = generation.blocking_next() {
        match event {
            Event::Piece(piece) => text.push_str(&piece.text),
            Event::Finish(finish) => {
                assert_eq!(generation.blocking_next(), None, "an event after the end");
                return Ok((text, finish));
            }
            Event::Failed(error) => return Err(error),
        }
    }
    panic!("no end")
}

fn ask(engine: &Engine, request: GenerateRequest) -> (String, FinishReason) {
    let (text, finish) = finish(engine.generate(request).unwrap()).unwrap();
    (text, finish.reason)
}

fn stopped(text: &str) -> (String, FinishReason) {
    (text.to_owned(), FinishReason::Stop)
}

#[test]
fn replies_come_in_order_and_the_last_one_repeats() {
    let engine = start(Script::new(["one", "zwei, drei, größer 🦀", ""]));
    assert_eq!(ask(&engine, text("x")), stopped("one"));
    assert_eq!(ask(&engine, fim("def f(", "):\n")), stopped("zwei, drei, größer 🦀"));
    assert_eq!(ask(&engine, text("x")), stopped(""));
    assert_eq!(ask(&engine, text("x")), stopped(""));
    assert_eq!(engine.status().served, 4);
}

#[test]
fn ends_of_an_answer() {
    let engine = start(Script::new(["hello world"]));
    let check = |request, expected: &str, reason| {
        assert_eq!(ask(&engine, request), (expected.to_owned(), reason));
    };
    check(GenerateRequest { max_new_tokens: 4, ..text("x") }, "hell", FinishReason::Length);
    check(GenerateRequest { stop: vec!["o w".to_owned()], ..text("x") }, "hell", FinishReason::StopText);
    check(GenerateRequest { stop: vec!["dx".to_owned()], ..text("x") }, "hello world", FinishReason::Stop);
    check(
        GenerateRequest { max_new_tokens: 5, stop: vec!["o w".to_owned()], ..text("x") },
        "hello",
        FinishReason::Length,
    );
    check(text(&"y".repeat(508)), "hell", FinishReason::Context);
    check(GenerateRequest { deadline: Some(Instant::now()), ..text("x") }, "", FinishReason::Deadline);
    let endless = GenerateRequest { max_new_tokens: 13, ignore_eos: true, ..text("x") };
    check(endless, "hello world\0\0", FinishReason::Length);
    let too_long = engine.generate(text(&"y".repeat(512))).unwrap();
    assert_eq!(finish(too_long), Err(EngineError::ContextTooLong { tokens: 512, limit: 511 }));
}

#[test]
fn pieces_hold_whole_characters_and_count_their_tokens() {
    let engine = start(Script::new(["aé"]));
    let mut generation = engine.generate(GenerateRequest { stop: vec!["é!".to_owned()], ..text("x") }).unwrap();
    let mut pieces = Vec::new();
    while let Some(event) = generation.blocking_next() {
        if let Event::Piece(piece) = event {
            assert!(piece.logprob <= 0.0 && piece.logprob > -0.01, "{piece:?}");
            pieces.push((piece.text, piece.tokens));
        }
    }
    assert_eq!(pieces, [("a".to_owned(), 1), ("é".to_owned(), 1)]);
}

#[test]
fn the_cache_is_reused_from_the_first_common_token() {
    let engine = start(Script::new(["abc"]));
    let check = |request, prompt_tokens, cached_tokens, passes| {
        let request = GenerateRequest { speculate: false, ..request };
        let before = engine.status().forward_passes;
        let (_, finish) = finish(engine.generate(request).unwrap()).unwrap();
        assert_eq!((finish.usage.prompt_tokens, finish.usage.cached_tokens), (prompt_tokens, cached_tokens));
        assert_eq!(finish.usage.completion_tokens, 3);
        assert_eq!(engine.status().forward_passes - before, passes);
    };
    check(text("0123456789012345678"), 19, 0, 6);
    check(text("0123456789012345678"), 19, 18, 4);
    // What was generated is in the cache too.
    check(text("0123456789012345678abcde"), 24, 22, 4);
    check(text("01234x"), 6, 5, 4);
    check(text("x"), 1, 0, 4);
    // Suffix first: typing costs what was typed.
    check(fim("let a", ";\n}"), 11, 0, 5);
    check(fim("let ab", ";\n}"), 12, 11, 4);
}

#[test]
fn cancelling_stops_prefill_within_a_chunk() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["abc"]).with_clock(&clock));
    let generation = engine.generate(text(&"y".repeat(100))).unwrap();
    clock.tick(2);
    clock.wait_until_blocked();
    generation.cancel_token().cancel();
    clock.tick(1);
    let (text_so_far, finish_so_far) = finish(generation).unwrap();
    assert_eq!((text_so_far.as_str(), finish_so_far.reason), ("", FinishReason::Cancelled));
    assert_eq!(engine.status().forward_passes, 3);
    // The worker is free again, and what it did is not lost.
    clock.open();
    let (answer, end) = finish(engine.generate(text(&"y".repeat(100))).unwrap()).unwrap();
    assert_eq!((answer.as_str(), end.usage.cached_tokens), ("abc", 24));
}

#[test]
fn dropping_a_generation_stops_decode_within_a_token() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["abcdefgh"]).with_clock(&clock));
    let generation = engine.generate(text("x")).unwrap();
    clock.tick(3);
    clock.wait_until_blocked();
    drop(generation);
    let next = engine.generate(GenerateRequest { max_new_tokens: 1, ..text("x") }).unwrap();
    clock.tick(2);
    assert_eq!(finish(next).unwrap().0, "a");
    assert_eq!(engine.status().forward_passes, 5);
    assert_eq!(engine.status().served, 2);
}

#[test]
fn a_deadline_ends_an_answer_with_what_there_is() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["abcdefgh"]).with_clock(&clock));
    let deadline = Instant::now() + Duration::from_millis(50);
    let generation = engine.generate(GenerateRequest { deadline: Some(deadline), ..text("x") }).unwrap();
    clock.tick(2);
    clock.wait_until_blocked();
    while Instant::now() <= deadline {
        std::thread::yield_now();
    }
    clock.tick(1);
    let (written, finish) = finish(generation).unwrap();
    assert_eq!((written.as_str(), finish.reason), ("abc", FinishReason::Deadline));
}

#[test]
fn an_interactive_request_overtakes_a_running_one_unnoticed() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["slow answer", "ghost", "middle"]).with_clock(&clock));
    let background = engine.generate(with_priority(Priority::Background, text("background"))).unwrap();
    clock.tick(5);
    clock.wait_until_blocked();
    let interactive = engine.generate(with_priority(Priority::Interactive, text("backlog"))).unwrap();
    let normal = engine.generate(text("normal")).unwrap();
    assert_eq!((engine.status().queue.running, engine.status().queue.waiting), (1, 2));
    // The pass under way, then the interactive request: one pass of prefill, five more to its end.
    clock.tick(1 + 6);
    let (ghost, ghost_finish) = finish(interactive).unwrap();
    assert_eq!(ghost, "ghost");
    // "back" was in the cache.
    assert_eq!(ghost_finish.usage.cached_tokens, 4);
    clock.wait_until_blocked();
    assert_eq!((engine.status().queue.running, engine.status().queue.waiting), (2, 0));
    clock.open();
    assert_eq!(finish(normal).unwrap().0, "middle");
    let (slow, slow_finish) = finish(background).unwrap();
    assert_eq!((slow.as_str(), slow_finish.reason), ("slow answer", FinishReason::Stop));
    assert_eq!(slow_finish.usage.cached_tokens, 0);
    assert_eq!(slow_finish.usage.completion_tokens, 11);
}

#[test]
fn a_request_put_aside_is_answered_when_it_is_cancelled() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["slow answer", "ghost"]).with_clock(&clock));
    let slow = engine.generate(text("x")).unwrap();
    clock.tick(3);
    clock.wait_until_blocked();
    let interactive = engine.generate(with_priority(Priority::Interactive, text("y"))).unwrap();
    clock.tick(2);
    clock.wait_until_blocked();
    slow.cancel_token().cancel();
    clock.tick(1);
    assert_eq!(finish(slow).unwrap().1.reason, FinishReason::Cancelled);
    clock.open();
    assert_eq!(finish(interactive).unwrap().0, "ghost");
}

#[test]
fn a_full_queue_refuses_and_waiting_requests_end_without_being_run() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["a", "b"]).with_clock(&clock));
    let running = engine.generate(text("x")).unwrap();
    clock.wait_until_blocked();
    let mut waiting: Vec<_> = (0..3).map(|_| engine.generate(text("x")).unwrap()).collect();
    assert_eq!(engine.generate(text("x")).unwrap_err(), EngineError::QueueFull { waiting: 3 });
    // A cancelled one makes room at once.
    let cancelled = waiting.remove(0);
    cancelled.cancel_token().cancel();
    waiting.push(engine.generate(text("x")).unwrap());
    let (_, end) = finish(cancelled).unwrap();
    assert_eq!((end.reason, end.usage.prompt_tokens), (FinishReason::Cancelled, 0));
    clock.open();
    assert_eq!(finish(running).unwrap().0, "a");
    for generation in waiting {
        assert_eq!(finish(generation).unwrap().0, "b");
    }
    assert_eq!(engine.status().served, 4);
}

#[test]
fn a_panic_fails_its_request_only() {
    let panicking = format!("ab{}c", Script::PANIC);
    let clock = ScriptClock::new();
    let engine = start(Script::new(["kept", panicking.as_str(), "fine"]).with_clock(&clock));
    let parked = engine.generate(text("x")).unwrap();
    clock.tick(2);
    clock.wait_until_blocked();
    let failing = engine.generate(with_priority(Priority::Interactive, text("x"))).unwrap();
    clock.open();
    assert_eq!(finish(failing), Err(EngineError::WorkerFailed("the script says so".to_owned())));
    // The one that was put aside goes on with the new model, and later ones work.
    assert_eq!(finish(parked).unwrap().0, "kept");
    assert_eq!(ask(&engine, text("x")), stopped("fine"));
    assert!(matches!(engine.status().model, ModelState::Ready(_)));
}

#[test]
fn without_a_model() {
    let engine = Engine::start(config());
    assert_eq!(engine.status().model, ModelState::None);
    assert_eq!(engine.count_tokens("x"), None);
    assert_eq!(engine.generate(text("x")).unwrap_err(), EngineError::NoModel { loading: false });
    let missing = ModelSource::File("does/not/exist.gguf".into());
    assert!(engine.load(missing).blocking_finished().is_err());
    assert!(matches!(engine.status().model, ModelState::Failed(_)));
}

#[test]
fn a_load_happens_beside_the_model_in_service() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["old"]).with_clock(&clock));
    let running = engine.generate(text("x")).unwrap();
    clock.wait_until_blocked();
    let load = engine.load(ModelSource::Scripted(Script::new(["new"])));
    assert!(matches!(engine.status().model, ModelState::Ready(_)));
    clock.open();
    assert_eq!(finish(running).unwrap().0, "old");
    load.blocking_finished().unwrap();
    assert_eq!(ask(&engine, text("x")), stopped("new"));
    // A failed load changes nothing.
    assert!(engine.load(ModelSource::File("does/not/exist.gguf".into())).blocking_finished().is_err());
    assert_eq!(ask(&engine, text("x")), stopped("new"));
    engine.unload();
    assert_eq!(engine.status().model, ModelState::None);
    assert_eq!(engine.generate(text("x")).unwrap_err(), EngineError::NoModel { loading: false });
    engine.load(ModelSource::Scripted(Script::new(["newest"]))).blocking_finished().unwrap();
    assert_eq!(ask(&engine, text("x")), stopped("newest"));
}

#[test]
fn unloading_lets_the_running_request_end_and_fails_the_waiting_ones() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["abc"]).with_clock(&clock));
    let running = engine.generate(text("x")).unwrap();
    clock.wait_until_blocked();
    let waiting = engine.generate(text("x")).unwrap();
    engine.unload();
    assert_eq!(finish(waiting), Err(EngineError::NoModel { loading: false }), "while the other one still runs");
    clock.open();
    assert_eq!(finish(running).unwrap().0, "abc");
}

#[test]
fn unloading_fails_nothing_that_came_for_the_next_model() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["abc"]).with_clock(&clock));
    let running = engine.generate(text("x")).unwrap();
    clock.wait_until_blocked();
    engine.unload();
    let load = engine.load(ModelSource::Scripted(Script::new(["next"])));
    // It is loaded while the worker stands at the clock; from then on requests are taken for it.
    let next = loop {
        match engine.generate(text("y")) {
            Err(EngineError::NoModel { .. }) => std::thread::yield_now(),
            generation => break generation.unwrap(),
        }
    };
    clock.open();
    assert_eq!(finish(running).unwrap().0, "abc");
    assert_eq!(finish(next).unwrap().0, "next");
    load.blocking_finished().unwrap();
}

#[test]
fn the_worker_ends_with_the_last_handle() {
    let clock = ScriptClock::new();
    let engine = start(Script::new(["abc"]).with_clock(&clock));
    let shared = Arc::downgrade(&engine.0.shared);
    let running = engine.generate(text("x")).unwrap();
    clock.tick(1);
    clock.wait_until_blocked();
    let waiting = engine.generate(text("x")).unwrap();
    let other = engine.clone();
    drop(engine);
    assert_eq!(other.status().queue.running, 1);
    drop(other);
    clock.tick(1);
    let (written, end) = finish(running).unwrap();
    assert_eq!((written.as_str(), end.reason), ("ab", FinishReason::Cancelled));
    assert_eq!(finish(waiting).unwrap().1.reason, FinishReason::Cancelled);
    let patience = Instant::now() + Duration::from_secs(60);
    while shared.upgrade().is_some() {
        assert!(Instant::now() < patience, "a thread of the engine lives on");
        std::thread::yield_now();
    }
}

/// A predictor that knows the whole answer.
struct Knows(&'static str, f32);

impl Predictor for Knows {
    fn predict(&mut self, generated: &str) -> Prediction {
        let rest = self.0.strip_prefix(generated);
        let continuations = rest.map(|text| Continuation { text: text.to_owned(), share: 1.0 });
        Prediction { weight: self.1, continuations: continuations.into_iter().collect() }
    }
}

#[test]
fn a_predictor_is_mixed_in_to_the_end_of_its_text() {
    let engine = start(Script::new(["model says this"]));
    let check = |known, weight, expected: &str| {
        let request = GenerateRequest { predictor: Some(Box::new(Knows(known, weight))), ..text("x") };
        assert_eq!(ask(&engine, request), stopped(expected), "{known} at {weight}");
    };
    check("copied", 0.9, "copied");
    check("copied", 0.1, "model says this");
    check("", 0.9, "");
    // Characters of several tokens: the model's vocabulary has neither.
    check("né 🦀", 0.9, "né 🦀");
}

#[test]
fn requests_are_checked_before_they_wait() {
    let engine = start(Script::new(["abc"]));
    let refused = engine.generate(GenerateRequest { max_new_tokens: 0, ..text("x") }).unwrap_err();
    assert!(matches!(refused, EngineError::InvalidRequest { field: "max_new_tokens", .. }), "{refused}");
    let empty = engine.generate(text("")).unwrap();
    assert!(matches!(finish(empty), Err(EngineError::InvalidRequest { field: "prompt", .. })));
    let cancelled = CancelToken::new();
    cancelled.cancel();
    let passes = engine.status().forward_passes;
    assert_eq!(ask(&engine, GenerateRequest { cancel: cancelled, ..text("x") }).1, FinishReason::Cancelled);
    assert_eq!(engine.status().forward_passes, passes);
}

#[tokio::test]
async fn the_async_side() {
    let engine = Engine::start(config());
    let info = engine.load(ModelSource::Scripted(Script::new(["abc"]))).finished().await.unwrap();
    assert_eq!(info.architecture, "scripted");
    let (answer, finish) = engine.generate(text("hello")).unwrap().collect().await.unwrap();
    assert_eq!((answer.as_str(), finish.usage.prompt_tokens), ("abc", 5));
    assert_eq!(engine.count_tokens("hello"), Some(5));
}

#[tokio::test]
async fn settled_waits_for_the_first_model_and_for_nothing_else() {
    let engine = Engine::start(config());
    engine.settled().await;
    assert_eq!(engine.status().model, ModelState::None);
    let load = engine.load(ModelSource::Scripted(Script::new(["x"])));
    engine.settled().await;
    assert!(matches!(engine.status().model, ModelState::Ready(_)));
    load.finished().await.unwrap();
    engine.load(ModelSource::File("missing.gguf".into()));
    engine.settled().await;
    assert!(matches!(engine.status().model, ModelState::Ready(_)), "a failed load leaves the old model");
    engine.unload();
    let failing = engine.load(ModelSource::File("missing.gguf".into()));
    engine.settled().await;
    assert!(matches!(engine.status().model, ModelState::Failed(_)));
    failing.finished().await.unwrap_err();
}
