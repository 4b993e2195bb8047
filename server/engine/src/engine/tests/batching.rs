//! Several requests at once: they share passes, memory and beginnings, and none of them notices.

use candle_core::quantized::GgmlDType;

use super::gguf::{endless, image_of, source};
use super::{ask, finish, stopped, text, with_priority};
use crate::models::testing::{Noise, Tiny};
use crate::{
    Continuation, Engine, EngineConfig, EngineError, FinishReason, GenerateRequest, Generation, KvCacheType,
    ModelSource, Prediction, Predictor, Priority, SamplingParams, Script, ScriptClock,
};

/// An engine with the scripted model that serves several requests at once.
fn scripted(script: Script) -> Engine {
    let engine = Engine::start(EngineConfig { prefill_chunk: 64, ..EngineConfig::default() });
    engine.load(ModelSource::Scripted(script)).blocking_finished().unwrap();
    engine
}

fn tiny(config: EngineConfig) -> Engine {
    let engine = Engine::start(EngineConfig { threads: Some(2), queue_capacity: 1000, ..config.clone() });
    let tiny = Tiny::new("qwen2", GgmlDType::Q5_0);
    let tiny = match config.kv_cache {
        KvCacheType::F16 => tiny,
        // Heads of 32 values.
        KvCacheType::Q8_0 => Tiny { heads: 2, kv_heads: 1, ..tiny },
    };
    engine.load(source(image_of(&tiny))).blocking_finished().unwrap();
    engine
}

#[test]
fn requests_of_one_priority_share_their_passes() {
    let clock = ScriptClock::new();
    let engine = scripted(Script::new(["first", "other", "third"]).with_clock(&clock));
    let first = engine.generate(text("a")).unwrap();
    clock.wait_until_blocked();
    let others = [engine.generate(text("b")).unwrap(), engine.generate(text("c")).unwrap()];
    // The pass under way, then six for all three.
    clock.tick(6);
    assert_eq!(finish(first).unwrap().0, "first");
    clock.tick(1);
    let [second, third] = others.map(|generation| finish(generation).unwrap().0);
    assert_eq!((second.as_str(), third.as_str()), ("other", "third"));
    assert_eq!(engine.status().forward_passes, 7);
}

#[test]
fn what_runs_is_shared_with_what_begins_alike() {
    let clock = ScriptClock::new();
    let engine = scripted(Script::new(["first", "other"]).with_clock(&clock));
    let first = engine.generate(text("the same beginning, a")).unwrap();
    clock.tick(1);
    clock.wait_until_blocked();
    let second = engine.generate(text("the same beginning, b")).unwrap();
    clock.open();
    assert_eq!(finish(first).unwrap().0, "first");
    let (answer, end) = finish(second).unwrap();
    assert_eq!((answer.as_str(), end.usage.cached_tokens), ("other", 20));
}

#[test]
fn a_panic_fails_one_of_several() {
    let guilty = format!("ab{}c", Script::PANIC);
    let clock = ScriptClock::new();
    let engine = scripted(Script::new(["innocent", guilty.as_str(), "neither"]).with_clock(&clock));
    let generations: Vec<_> = ["x", "y", "z"].map(|prompt| engine.generate(text(prompt)).unwrap()).into();
    clock.open();
    let answers: Vec<_> = generations.into_iter().map(|generation| finish(generation).map(|(text, _)| text)).collect();
    let failure = Err(EngineError::WorkerFailed("the script says so".to_owned()));
    assert_eq!(answers, [Ok("innocent".to_owned()), failure, Ok("neither".to_owned())]);
}

#[test]
fn the_guilty_one_is_found_behind_a_long_prompt() {
    let guilty = format!("ab{}c", Script::PANIC);
    let innocent = "innocent ".repeat(20);
    let clock = ScriptClock::new();
    let engine = scripted(Script::new([innocent.as_str(), guilty.as_str()]).with_clock(&clock));
    let prompts = ["x".to_owned(), "y".repeat(400)];
    let alone = |prompt: &String| GenerateRequest { speculate: false, max_new_tokens: 500, ..text(prompt) };
    let [innocent_one, guilty_one] = prompts.each_ref().map(|prompt| engine.generate(alone(prompt)).unwrap());
    clock.open();
    assert_eq!(finish(guilty_one), Err(EngineError::WorkerFailed("the script says so".to_owned())));
    assert_eq!(finish(innocent_one).unwrap().0, innocent);
    // What the first panic destroyed is computed once more, and nothing a third time.
    assert!(engine.status().evaluated_tokens < 2 * 403 + 2 * 181, "{}", engine.status().evaluated_tokens);
}

/// Panics when it is asked.
struct Panics;

impl Predictor for Panics {
    fn predict(&mut self, _generated: &str) -> Prediction {
        panic!("the predictor is broken")
    }
}

#[test]
fn a_broken_predictor_fails_its_request_only() {
    let engine = scripted(Script::new(["fine"]));
    let broken = GenerateRequest { predictor: Some(Box::new(Panics)), ..text("x") };
    let broken = engine.generate(broken).unwrap();
    assert_eq!(ask(&engine, text("y")), stopped("fine"));
    assert_eq!(finish(broken), Err(EngineError::WorkerFailed("the predictor is broken".to_owned())));
}

/// An engine whose model says "new", while the one before still writes `answer`; passes wait for the clock.
fn exchanged(clock: &ScriptClock, answer: &str) -> (Engine, Generation) {
    let engine = scripted(Script::new([answer]).with_clock(clock));
    let old = engine.generate(GenerateRequest { max_new_tokens: 10_000, speculate: false, ..text("x") }).unwrap();
    clock.wait_until_blocked();
    let load = engine.load(ModelSource::Scripted(Script::new(["new"])));
    let waiter = std::thread::spawn(move || load.blocking_finished());
    // The worker takes the new model between two passes.
    while !waiter.is_finished() {
        clock.wait_until_blocked();
        clock.tick(1);
    }
    waiter.join().unwrap().unwrap();
    (engine, old)
}

#[test]
fn a_new_model_serves_while_the_old_one_finishes() {
    let (clock, answer) = (ScriptClock::new(), "old answer ".repeat(300));
    let (engine, old) = exchanged(&clock, &answer);
    let urgent = with_priority(Priority::Interactive, text("y"));
    let urgent = engine.generate(urgent).unwrap();
    clock.tick(1);
    assert_eq!(finish(urgent).unwrap().0, "new");
    assert_eq!(engine.status().queue.running, 1, "the old request runs");
    clock.open();
    assert_eq!(finish(old).unwrap().0, answer);
    assert_eq!(ask(&engine, text("y")), stopped("new"));
}

#[test]
fn an_old_and_a_new_model_take_turns() {
    let (clock, answer) = (ScriptClock::new(), "old answer ".repeat(300));
    let (engine, old) = exchanged(&clock, &answer);
    clock.wait_until_blocked();
    let new = engine.generate(text("y")).unwrap();
    // The pass under way, and one of the old model's for each of the four that the new one needs.
    clock.tick(5);
    assert_eq!(finish(new).unwrap().0, "new");
    clock.wait_until_blocked();
    assert_eq!(engine.status().queue.running, 1, "the old request runs");
    clock.open();
    assert_eq!(finish(old).unwrap().0, answer);
}

/// Prompts that share beginnings now and then.
fn prompts() -> Vec<String> {
    let mut noise = Noise::new(5);
    let letters = |noise: &mut Noise, count: usize| -> String {
        (0..count).map(|_| char::from(b'a' + (noise.bits() % 26) as u8)).collect()
    };
    let shared = letters(&mut noise, 150);
    (0..24usize)
        .map(|index| {
            let count = 1 + (noise.bits() % 120) as usize;
            let own = letters(&mut noise, count);
            if index.is_multiple_of(3) { own } else { shared[..50 + 4 * index].to_owned() + &own }
        })
        .collect()
}

fn request(prompt: &str, index: usize) -> GenerateRequest {
    let temperature = if index.is_multiple_of(2) { 0.0 } else { 0.9 };
    let sampling = SamplingParams { temperature, seed: index as u64, ..SamplingParams::default() };
    GenerateRequest { sampling, ..endless(prompt, 10 + index) }
}

/// All prompts at once with this configuration get what each gets alone.
fn check_batch(config: EngineConfig) {
    let prompts = prompts();
    let engine = tiny(config.clone());
    let together: Vec<_> =
        prompts.iter().enumerate().map(|(index, prompt)| engine.generate(request(prompt, index)).unwrap()).collect();
    for (index, (prompt, generation)) in prompts.iter().zip(together).enumerate() {
        let (together, end) = finish(generation).unwrap();
        assert_eq!(end.reason, FinishReason::Length);
        let fresh = EngineConfig { max_sequences: 1, kv_cache: config.kv_cache, ..EngineConfig::default() };
        let fresh = tiny(fresh);
        let plain = GenerateRequest { speculate: false, ..request(prompt, index) };
        assert_eq!(ask(&fresh, plain).0, together, "{config:?} {prompt:?}");
    }
}

#[test]
fn repeated_text_is_guessed() {
    let engine = scripted(Script::new(["def area(radius): return radius"]));
    let prompt = "def area(radius): return radius\ndef area(";
    let check = |speculate, passes: std::ops::Range<u64>| {
        let before = engine.status().forward_passes;
        let (answer, end) = finish(engine.generate(GenerateRequest { speculate, ..text(prompt) }).unwrap()).unwrap();
        assert_eq!((answer.as_str(), end.reason), ("def area(radius): return radius", FinishReason::Stop));
        assert!(passes.contains(&(engine.status().forward_passes - before)), "{:?}", end.usage);
        end.usage
    };
    let plain = check(false, 32..33);
    assert_eq!((plain.drafted_tokens, plain.accepted_tokens), (0, 0));
    let guessed = check(true, 5..16);
    assert!(guessed.accepted_tokens >= 16 && guessed.accepted_tokens <= guessed.drafted_tokens, "{guessed:?}");
    assert_eq!(guessed.completion_tokens, plain.completion_tokens);
}

#[test]
fn guessing_ahead_changes_no_token() {
    // What a predictor makes of a model that writes noise repeats itself for a while: guesses are right, wrong and cut
    // off.
    const TEXT: &str = "let a = b;\nlet c = b;\nlet a = c;\nlet c = c;\nlet a = b;\nlet c = b;\nlet a = c;\n";
    let engine = tiny(EngineConfig::default());
    let mut accepted = 0;
    for (index, prompt) in prompts().iter().enumerate() {
        let request = |speculate| {
            let stop = if index.is_multiple_of(4) { vec!["c = c".to_owned()] } else { Vec::new() };
            let predictor: Option<Box<dyn Predictor>> = Some(Box::new(super::Knows(TEXT, 0.97)));
            GenerateRequest { speculate, stop, predictor, max_new_tokens: 100, ..request(prompt, index) }
        };
        let (guessed, end) = finish(engine.generate(request(true)).unwrap()).unwrap();
        accepted += end.usage.accepted_tokens;
        let (plain, plain_end) = finish(engine.generate(request(false)).unwrap()).unwrap();
        assert_eq!((guessed, end.reason), (plain, plain_end.reason), "{prompt:?}");
        assert_eq!(end.usage.completion_tokens, plain_end.usage.completion_tokens);
    }
    assert!(accepted > 100, "nothing was guessed: {accepted}");
}

#[test]
fn batches_change_no_token() {
    check_batch(EngineConfig::default());
    check_batch(EngineConfig { max_sequences: 3, prefill_chunk: 20, ..EngineConfig::default() });
}

#[test]
fn a_cache_of_eight_bits_takes_half_the_memory() {
    let config = EngineConfig { kv_cache: KvCacheType::Q8_0, ..EngineConfig::default() };
    check_batch(config.clone());
    let cache_bytes = |kv_cache| {
        let heads_of_32 = Tiny { heads: 2, kv_heads: 1, ..Tiny::new("qwen2", GgmlDType::Q5_0) };
        let engine = Engine::start(EngineConfig { kv_cache, max_context: 640, ..EngineConfig::default() });
        let info = engine.load(source(image_of(&heads_of_32))).blocking_finished().unwrap();
        let smaller = Engine::start(EngineConfig { kv_cache, max_context: 320, ..EngineConfig::default() });
        info.memory_bytes - smaller.load(source(image_of(&heads_of_32))).blocking_finished().unwrap().memory_bytes
    };
    // Four contexts of 320 more positions, 2 layers, keys and values of 32.
    assert_eq!(cache_bytes(KvCacheType::F16), 4 * 320 * 2 * 2 * 64);
    assert_eq!(cache_bytes(KvCacheType::Q8_0), 4 * 320 * 2 * 2 * 34);
}

#[test]
fn little_memory_changes_no_token() {
    // The weights and a context of 512 tokens: 8 blocks for 24 requests of 1 to 7 blocks.
    let limit = |max_memory_bytes| EngineConfig { max_memory_bytes, max_context: 512, ..EngineConfig::default() };
    let full = tiny(limit(None)).status();
    let crate::ModelState::Ready(info) = full.model else { panic!("there is a model") };
    let context = 512 * 2 * 2 * 2 * 16 * 2;
    check_batch(limit(Some(info.memory_bytes - 3 * context)));
}

#[test]
fn what_does_not_fit_beside_the_others_waits() {
    let limit = |max_memory_bytes| EngineConfig { max_memory_bytes, max_context: 512, ..EngineConfig::default() };
    let full = tiny(limit(None)).status();
    let crate::ModelState::Ready(info) = full.model else { panic!("there is a model") };
    // Eight blocks of 64 positions, and requests of four and a half.
    let context = 512 * 2 * 2 * 2 * 16 * 2;
    let engine = tiny(limit(Some(info.memory_bytes - 3 * context)));
    let request = |letter: char| GenerateRequest { speculate: false, ..endless(&letter.to_string().repeat(270), 20) };
    let generations: Vec<_> = "abcdef".chars().map(|letter| engine.generate(request(letter)).unwrap()).collect();
    let prompts: usize = generations.into_iter().map(|it| finish(it).unwrap().1.usage.prompt_tokens).sum();
    let needed = prompts + 6 * 19;
    assert_eq!(engine.status().evaluated_tokens, needed as u64, "no token is computed twice");
}

#[test]
fn a_limit_that_is_too_small_is_refused() {
    let engine = Engine::start(EngineConfig { max_memory_bytes: Some(100_000), ..EngineConfig::default() });
    let tiny = source(image_of(&Tiny::new("qwen2", GgmlDType::Q5_0)));
    let refused = engine.load(tiny).blocking_finished().unwrap_err();
    assert!(refused.to_string().contains("memory limit"), "{refused}");
}

/// An opinion that never matters; its request is dropped when it has been asked often enough.
struct Counts(usize, crate::CancelToken);

impl Predictor for Counts {
    fn predict(&mut self, _generated: &str) -> Prediction {
        match self.0.checked_sub(1) {
            Some(left) => self.0 = left,
            None => self.1.cancel(),
        }
        let continuations = vec![Continuation { text: "a".to_owned(), share: 1.0 }];
        Prediction { weight: 0.0, continuations }
    }
}

#[test]
fn cancelled_requests_leave_nothing_behind() {
    let engine = tiny(EngineConfig { max_context: 512, ..EngineConfig::default() });
    let prompts = prompts();
    let mut noise = Noise::new(11);
    let mut generations = Vec::new();
    for round in 0..300 {
        let cancel = crate::CancelToken::new();
        let predictor: Option<Box<dyn Predictor>> =
            Some(Box::new(Counts((noise.bits() % 30) as usize, cancel.clone())));
        let priority = [Priority::Background, Priority::Normal, Priority::Interactive][round % 3];
        let request = GenerateRequest { predictor, cancel, priority, ..endless(&prompts[round % 24], 12) };
        generations.push(engine.generate(request).unwrap());
        if noise.bits().is_multiple_of(4) {
            // Dropped, wherever it is.
            let index = (noise.bits() % generations.len() as u64) as usize;
            drop(generations.swap_remove(index));
        }
    }
    for generation in generations {
        let (_, end) = finish(generation).unwrap();
        assert!(matches!(end.reason, FinishReason::Length | FinishReason::Cancelled), "{:?}", end.reason);
    }
    // Every block is free or the cache's, so the longest request there can be has room.
    let (_, end) = finish(engine.generate(endless(&"z".repeat(400), 100)).unwrap()).unwrap();
    assert_eq!((end.reason, end.usage.completion_tokens), (FinishReason::Length, 100));
    assert_eq!((engine.status().queue.running, engine.status().queue.waiting), (0, 0));
}
