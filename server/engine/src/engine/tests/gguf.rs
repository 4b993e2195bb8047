//! The engine over a real, tiny model with random weights: what it writes is noise, but always the same noise.

use std::time::{Duration, Instant};

use candle_core::quantized::GgmlDType;

use super::{ask, fim, finish, text, with_priority};
use crate::models::testing::Tiny;
use crate::tokenizer::tests::small::{small_vocabulary, with_small_vocabulary};
use crate::{
    CancelToken, Engine, EngineConfig, EngineError, Event, FimOrder, FinishReason, GenerateRequest, ModelSource,
    ModelState, Prediction, Predictor, Priority, SamplingParams,
};

pub(super) fn image(architecture: &'static str) -> Vec<u8> {
    image_of(&Tiny::new(architecture, GgmlDType::Q8_0))
}

pub(super) fn image_of(tiny: &Tiny) -> Vec<u8> {
    let tiny = Tiny { vocabulary: small_vocabulary().0.len(), context: 2048, ..tiny.clone() };
    with_small_vocabulary(tiny.builder())
        .str("general.name", "Tiny")
        .str("ropewalk.fim.order", "spm")
        .str("ropewalk.training.checkpoint", "none")
        .u32("ropewalk.training.step", 7)
        .f32("ropewalk.training.val_loss", 5.5)
        .build()
}

pub(super) fn source(image: Vec<u8>) -> ModelSource {
    ModelSource::Bytes { name: "tiny".to_owned(), bytes: image.leak() }
}

pub(super) fn start(prefill_chunk: usize) -> Engine {
    let config = EngineConfig { threads: Some(1), prefill_chunk, ..EngineConfig::default() };
    let engine = Engine::start(config);
    engine.load(source(image("qwen2"))).blocking_finished().unwrap();
    engine
}

/// A request that ends by its number of tokens only.
pub(super) fn endless(prompt: &str, max_new_tokens: usize) -> GenerateRequest {
    GenerateRequest { max_new_tokens, ignore_eos: true, ..text(prompt) }
}

#[test]
fn a_file_says_what_it_is() {
    let engine = Engine::start(EngineConfig { max_context: 1000, ..EngineConfig::default() });
    for architecture in ["llama", "qwen2"] {
        let info = engine.load(source(image(architecture))).blocking_finished().unwrap();
        assert_eq!((info.name.as_str(), info.architecture.as_str()), ("Tiny", architecture));
        assert_eq!((info.context_length, info.vocab_size, info.n_layers, info.embedding_length), (1000, 276, 2, 64));
        assert_eq!((info.quantization.as_str(), info.fim), ("Q8_0", Some(FimOrder::Spm)));
        assert_eq!((info.checkpoint.as_deref(), info.step, info.val_loss), (Some("none"), Some(7), Some(5.5)));
        assert!(info.parameters > 90_000 && info.memory_bytes > info.parameters, "{info:?}");
        assert_eq!(engine.status().model, ModelState::Ready(info));
    }
    assert_eq!(engine.count_tokens("def f(a)"), Some(5));
}

#[test]
fn every_family_answers() {
    let engine = Engine::start(EngineConfig { threads: Some(1), ..EngineConfig::default() });
    for architecture in ["llama", "qwen2", "qwen3", "starcoder", "starcoder2", "stablelm", "phi3", "gemma3", "gpt"] {
        let info = engine.load(source(image(architecture))).blocking_finished().unwrap();
        assert_eq!(info.architecture, architecture);
        let first = ask(&engine, endless("def f(a): return a", 12));
        assert_eq!(ask(&engine, endless("def f(a): return a", 12)), first, "{architecture}, from the prefix cache");
    }
}

#[test]
fn a_model_over_symbols_writes_symbols() {
    let symbols: Vec<String> = "\n !'(),-.:?abcdefghijklmnopqrstu".chars().map(String::from).collect();
    let tiny = Tiny { vocabulary: symbols.len(), options: true, ..Tiny::new("gpt", GgmlDType::Q8_0) };
    let image = tiny.builder().str("tokenizer.ggml.model", "char").strings("tokenizer.ggml.tokens", &symbols).build();
    let engine = Engine::start(EngineConfig { threads: Some(1), ..EngineConfig::default() });
    engine.load(source(image)).blocking_finished().unwrap();
    assert_eq!(engine.count_tokens("to be, or not"), Some(13));
    let (answer, reason) = ask(&engine, endless("to be, or not", 20));
    assert_eq!((answer.chars().count(), reason), (20, FinishReason::Length));
    assert!(answer.chars().all(|symbol| symbols.contains(&symbol.to_string())), "{answer:?}");
}

#[test]
fn damaged_files_are_refused_and_the_old_model_stays() {
    let engine = start(64);
    let before = ask(&engine, endless("def", 8));
    // Not quantized: quantizing the activations would hide that the last tensor is full of NaN.
    let mut damaged = image_of(&Tiny { as_f32: true, ..Tiny::new("qwen2", GgmlDType::Q8_0) });
    let end = damaged.len();
    damaged[end - 64..].fill(0xFF);
    let check = |image: Vec<u8>, expected: &str| {
        let error = engine.load(source(image)).blocking_finished().unwrap_err();
        assert!(matches!(error, EngineError::BadModelFile(_)), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(damaged, "no finite numbers");
    check(image("qwen2")[..5000].to_vec(), "");
    let tiny = Tiny { vocabulary: 100, ..Tiny::new("qwen2", GgmlDType::Q8_0) };
    check(with_small_vocabulary(tiny.builder()).build(), "276 tokens");
    assert_eq!(ask(&engine, endless("def", 8)), before);
}

#[test]
fn a_model_without_fim_serves_text_only() {
    let tiny = Tiny { vocabulary: small_vocabulary().0.len(), ..Tiny::new("llama", GgmlDType::Q8_0) };
    let unknown_order = with_small_vocabulary(tiny.builder()).str("ropewalk.fim.order", "middle-out");
    let engine = Engine::start(EngineConfig::default());
    let info = engine.load(source(unknown_order.build())).blocking_finished().unwrap();
    assert_eq!(info.fim, None);
    let refused = engine.generate(fim("a", "b")).unwrap_err();
    assert!(matches!(refused, EngineError::InvalidRequest { field: "prompt", .. }), "{refused}");
    assert_eq!(ask(&engine, endless("def", 3)).1, FinishReason::Length);
}

#[test]
fn the_cache_does_not_change_the_answer() {
    let engine = start(64);
    let prompts =
        ["def f(a):\n    return a\n", "def f(a):\n    return b\n", "def f(a):", "x", "def f(a):\n    return b\n"];
    for prompt in prompts {
        let (cached, end) = finish(engine.generate(endless(prompt, 12)).unwrap()).unwrap();
        assert_eq!(end.usage.completion_tokens, 12);
        // Fresh, and in other chunks.
        assert_eq!(ask(&start(5), endless(prompt, 12)), (cached, FinishReason::Length), "{prompt:?}");
    }
    let typed = engine.generate(GenerateRequest { max_new_tokens: 1, ..fim("a = b", "\nc\n") }).unwrap();
    assert_eq!(finish(typed).unwrap().1.usage.cached_tokens, 0);
    let typed = engine.generate(GenerateRequest { max_new_tokens: 1, ..fim("a = bc", "\nc\n") }).unwrap();
    let usage = finish(typed).unwrap().1.usage;
    assert_eq!(usage.prompt_tokens - usage.cached_tokens, 1);
}

#[test]
fn how_fast_prompts_are_read_is_measured() {
    let engine = start(64);
    let speed = || engine.status().prefill_tokens_per_second;
    ask(&engine, endless("def f(a):", 4));
    assert_eq!(speed(), None, "few tokens say nothing");
    ask(&engine, endless(&"def f(a):\n".repeat(40), 1));
    assert!(speed().is_some_and(|speed| speed > 0.0 && speed.is_finite()), "{:?}", speed());
    engine.load(source(image("llama"))).blocking_finished().unwrap();
    assert_eq!(speed(), None, "another model reads at another speed");
}

#[test]
fn a_seed_repeats_the_text() {
    let engine = start(64);
    let sample = |seed| {
        let sampling = SamplingParams { temperature: 1.0, top_k: 40, top_p: 0.95, seed, ..SamplingParams::default() };
        ask(&engine, GenerateRequest { sampling, ..endless("def", 24) })
    };
    assert_eq!(sample(1), sample(1));
    assert_ne!(sample(1), sample(2));
}

#[test]
fn cancelling_stops_prefill_within_a_pass() {
    let engine = start(1);
    let passes = engine.status().forward_passes;
    let generation = engine.generate(endless(&"x".repeat(1900), 100)).unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while engine.status().forward_passes < passes + 3 {
        assert!(Instant::now() < patience, "the model does not run");
        std::thread::yield_now();
    }
    generation.cancel_token().cancel();
    let at = engine.status().forward_passes;
    finish(generation).unwrap();
    assert!(engine.status().forward_passes <= at + 1);
}

/// Cancels its request when it is asked for the third token.
struct Cancels(CancelToken, usize);

impl Predictor for Cancels {
    fn predict(&mut self, _generated: &str) -> Prediction {
        self.1 += 1;
        if self.1 == 3 {
            self.0.cancel();
        }
        Prediction::default()
    }
}

#[test]
fn cancelling_stops_decode_within_a_token() {
    let engine = start(64);
    let cancel = CancelToken::new();
    let predictor: Option<Box<dyn Predictor>> = Some(Box::new(Cancels(cancel.clone(), 0)));
    let generation = engine.generate(GenerateRequest { cancel, predictor, ..endless("x", 100) }).unwrap();
    let end = finish(generation).unwrap().1;
    assert_eq!((end.reason, end.usage.completion_tokens), (FinishReason::Cancelled, 3));
    assert_eq!(engine.status().forward_passes, 3);
}

#[test]
fn a_request_that_gave_way_writes_the_same_text() {
    let engine = start(64);
    let alone = ask(&engine, endless("def f(a)", 300));
    let mut slow = engine.generate(endless("def f(a)", 300)).unwrap();
    let Some(Event::Piece(first)) = slow.blocking_next() else { panic!("no piece") };
    let interactive = with_priority(Priority::Interactive, endless("return", 4));
    assert_eq!(ask(&engine, interactive).1, FinishReason::Length);
    let (rest, end) = finish(slow).unwrap();
    assert_eq!((first.text + &rest, end.reason), alone);
}
