//! Whole forward passes of tiny random models.

use candle_core::quantized::GgmlDType;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::load_on;
use super::testing::{Noise, Tiny};
use crate::gguf::GgufFile;
use crate::gguf::testing::GgufBuilder;
use crate::model::{LoadLimits, Memory, Progress, Sequence, Span, load};
use crate::ops::Accelerator;
use crate::raw::RawModel;
use crate::{EngineError, KvCacheType};

/// Architecture, type of the matrices, and whether the model has its family's options.
const MODELS: [(&str, GgmlDType, bool); 20] = [
    ("llama", GgmlDType::F32, false),
    ("llama", GgmlDType::Q8_0, true),
    ("llama", GgmlDType::Q4K, false),
    ("qwen2", GgmlDType::Q5_0, false),
    ("qwen2", GgmlDType::F16, true),
    ("qwen3", GgmlDType::F32, false),
    ("qwen3", GgmlDType::Q8_0, false),
    ("starcoder", GgmlDType::F32, false),
    ("starcoder", GgmlDType::Q4K, false),
    ("starcoder2", GgmlDType::F32, false),
    ("starcoder2", GgmlDType::Q8_0, false),
    ("stablelm", GgmlDType::F32, false),
    ("stablelm", GgmlDType::Q5_0, true),
    ("phi3", GgmlDType::F32, true),
    ("phi3", GgmlDType::Q4_0, false),
    ("gemma3", GgmlDType::F32, true),
    ("gemma3", GgmlDType::Q8_0, false),
    ("gpt", GgmlDType::F32, true),
    ("gpt", GgmlDType::Q8_0, false),
    ("gpt", GgmlDType::Q4K, true),
];

fn models() -> impl Iterator<Item = Tiny> {
    MODELS.into_iter().map(|(architecture, dtype, options)| Tiny { options, ..Tiny::new(architecture, dtype) })
}

fn tokens(count: usize) -> Vec<u32> {
    let mut noise = Noise::new(3);
    (0..count).map(|_| (noise.bits() % 100) as u32).collect()
}

fn forward(model: &mut RawModel, tokens: &[u32]) -> Vec<f32> {
    let mut logits = Vec::new();
    model.forward(tokens, &mut logits).expect("the tokens fit");
    logits
}

#[test]
fn a_truncated_cache_continues_like_a_fresh_one() {
    for tiny in models() {
        let prompt = tokens(90);
        let expected = forward(&mut tiny.load(64), &prompt);

        let mut model = tiny.load(64);
        forward(&mut model, &prompt[..50]);
        forward(&mut model, &tokens(70)[30..]);
        model.truncate(37);
        assert_eq!(model.position(), 37);
        assert_eq!(forward(&mut model, &prompt[37..]), expected, "{tiny:?}");
    }
}

#[test]
fn chunks_and_single_tokens_give_the_same_bits_as_one_pass() {
    for tiny in models() {
        let prompt = tokens(75);
        let expected = forward(&mut tiny.load(512), &prompt);
        assert_eq!(forward(&mut tiny.load(16), &prompt), expected, "chunks, {tiny:?}");

        let mut model = tiny.load(64);
        let mut last = Vec::new();
        for token in &prompt {
            last = forward(&mut model, &[*token]);
        }
        assert_eq!(last, expected, "single tokens, {tiny:?}");
    }
}

#[test]
fn sequences_in_one_pass_get_what_they_get_alone() {
    for tiny in models() {
        let prompts = [tokens(90), tokens(70)[7..].to_vec(), tokens(1), tokens(66)[2..].to_vec()];
        let alone = prompts.each_ref().map(|prompt| forward(&mut tiny.load(64), prompt));

        let limits =
            LoadLimits { max_context: 4096, threads: 2, memory: Memory::Sequences(8), kv_cache: KvCacheType::F16 };
        let mut model = load(&tiny.builder().open(), limits, &mut |_| {}).expect("the model is sound");
        let mut sequences = prompts.each_ref().map(|_| model.kv_pool().sequence());
        let mut logits = Vec::new();
        // First all but a few tokens, of which no logits are wanted, then the rest, with the last two rows' logits.
        for (from_end, wanted) in [(2, 0), (0, 2)] {
            let mut spans = Vec::new();
            for (sequence, prompt) in sequences.iter_mut().zip(&prompts) {
                let tokens = &prompt[sequence.len()..prompt.len().saturating_sub(from_end)];
                if !tokens.is_empty() {
                    spans.push(Span { sequence, tokens, wanted: wanted.min(tokens.len()) });
                }
            }
            model.forward(&mut spans, &mut logits, &|| false).expect("the tokens fit");
            let rows = spans.iter().map(|span| span.wanted).sum::<usize>();
            assert_eq!(logits.len(), rows * model.vocab_size());
        }
        let mut rows = logits.chunks_exact(model.vocab_size());
        for (prompt, alone) in prompts.iter().zip(&alone) {
            if prompt.len() > 1 {
                let before = forward(&mut tiny.load(64), &prompt[..prompt.len() - 1]);
                assert_eq!(rows.next(), Some(&before[..]), "{tiny:?}");
            }
            assert_eq!(rows.next(), Some(&alone[..]), "{tiny:?}");
        }
    }
}

#[test]
fn a_full_kv_cache_is_no_failure_of_the_worker() {
    let limits = LoadLimits { max_context: 64, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
    let file = Tiny::new("llama", GgmlDType::F32).builder().open();
    let mut model = load(&file, limits, &mut |_| {}).expect("the model is sound");
    let (mut first, mut second) = (model.kv_pool().sequence(), model.kv_pool().sequence());
    let mut forward = |sequence: &mut Sequence| {
        let mut spans = [Span { sequence, tokens: &[1, 2, 3], wanted: 1 }];
        model.forward(&mut spans, &mut Vec::new(), &|| false)
    };
    assert_eq!(forward(&mut first), Ok(Progress::Done));
    assert_eq!(forward(&mut second), Err(EngineError::Unavailable("the KV cache has no room left".to_owned())));
    drop(first);
    assert_eq!(forward(&mut second), Ok(Progress::Done));
}

#[test]
fn a_fork_goes_its_own_way() {
    let tiny = Tiny::new("qwen2", GgmlDType::Q5_0);
    let limits = LoadLimits { max_context: 4096, threads: 2, memory: Memory::Sequences(8), kv_cache: KvCacheType::F16 };
    let mut model = load(&tiny.builder().open(), limits, &mut |_| {}).expect("the model is sound");
    let (prompt, other) = (tokens(90), tokens(30));
    let mut logits = Vec::new();
    let mut first = model.kv_pool().sequence();
    model
        .forward(&mut [Span { sequence: &mut first, tokens: &prompt, wanted: 1 }], &mut logits, &|| false)
        .expect("it fits");
    let mut second = first.fork(75);
    model
        .forward(&mut [Span { sequence: &mut second, tokens: &other, wanted: 1 }], &mut logits, &|| false)
        .expect("it fits");
    assert_eq!(logits, forward(&mut tiny.load(64), &[&prompt[..75], &other].concat()));
    model
        .forward(&mut [Span { sequence: &mut first, tokens: &other, wanted: 1 }], &mut logits, &|| false)
        .expect("it fits");
    assert_eq!(logits, forward(&mut tiny.load(64), &[&prompt[..], &other].concat()));
}

#[test]
fn products_computed_elsewhere_are_the_same_products() {
    for tiny in models() {
        let file = tiny.builder().open();
        let limits =
            LoadLimits { max_context: 4096, threads: 2, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
        let mut model = load_on(&file, limits, Some(Accelerator::stand_in()), &mut |_| {}).expect("the model is sound");
        let (prompt, mut elsewhere) = (tokens(40), Vec::new());
        let mut sequence = model.kv_pool().sequence();
        let mut spans = [Span { sequence: &mut sequence, tokens: &prompt, wanted: 1 }];
        assert_eq!(model.forward(&mut spans, &mut elsewhere, &|| false), Ok(Progress::Done));
        let here = forward(&mut tiny.load(64), &prompt);
        let size = here.iter().map(|x| x * x).sum::<f32>().sqrt();
        let error = here.iter().zip(&elsewhere).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt() / size;
        assert!(error < 0.03, "{tiny:?}: {error}");
    }
}

#[test]
fn a_stopped_pass_changes_nothing() {
    let tiny = Tiny::new("llama", GgmlDType::Q8_0);
    let limits = LoadLimits { max_context: 4096, threads: 2, memory: Memory::Sequences(2), kv_cache: KvCacheType::F16 };
    let mut model = load(&tiny.builder().open(), limits, &mut |_| {}).expect("the model is sound");
    let (prompt, mut logits) = (tokens(90), Vec::new());
    let mut sequence = model.kv_pool().sequence();
    model
        .forward(&mut [Span { sequence: &mut sequence, tokens: &prompt[..50], wanted: 0 }], &mut logits, &|| false)
        .expect("the tokens fit");
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let at_the_second_layer = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1;
    let mut spans = [Span { sequence: &mut sequence, tokens: &tokens(20), wanted: 1 }];
    assert_eq!(model.forward(&mut spans, &mut logits, &at_the_second_layer), Ok(Progress::Stopped));
    assert_eq!(sequence.len(), 50);
    let mut spans = [Span { sequence: &mut sequence, tokens: &prompt[50..], wanted: 1 }];
    assert_eq!(model.forward(&mut spans, &mut logits, &|| false), Ok(Progress::Done));
    assert_eq!(logits, forward(&mut tiny.load(64), &prompt));
}

#[test]
fn memory_is_bounded() {
    let file = Tiny::new("llama", GgmlDType::Q8_0).builder().open();
    let load_with = |memory| {
        load(&file, LoadLimits { max_context: 4096, threads: 1, memory, kv_cache: KvCacheType::F16 }, &mut |_| {})
    };
    let unbounded = load_with(Memory::Sequences(2)).expect("the model is sound");
    // 160 positions are three blocks of 2 layers, 2 heads of 16 values each for keys and values.
    assert_eq!(unbounded.kv_pool().available(), 6);
    let weights = unbounded.memory_bytes();
    let block = 2 * 2 * 2 * 16 * 64 * 2;
    let exact = load_with(Memory::AtMost(weights + 3 * block)).expect("one context fits");
    assert_eq!(exact.kv_pool().available(), 3);
    let error = load_with(Memory::AtMost(weights + 3 * block - 1)).err().expect("not even one context fits");
    assert!(error.to_string().contains("memory limit"), "{error}");
}

#[test]
fn the_order_of_the_tokens_matters() {
    let tiny = Tiny::new("llama", GgmlDType::F32);
    let ordered = forward(&mut tiny.load(64), &[1, 2, 3]);
    let swapped = forward(&mut tiny.load(64), &[2, 1, 3]);
    assert!(ordered.iter().zip(&swapped).any(|(a, b)| (a - b).abs() > 1e-3));
    assert!(ordered.iter().all(|logit| logit.is_finite()));
}

#[test]
fn every_quantization_computes_what_its_weights_say() {
    use GgmlDType::{BF16, F16, Q2K, Q3K, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
    for dtype in [F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2K, Q3K, Q4K, Q5K, Q6K] {
        let quantized = Tiny::new("llama", dtype);
        let exact = Tiny { as_f32: true, ..quantized.clone() };
        let prompt = tokens(20);
        let (quantized, exact) = (forward(&mut quantized.load(64), &prompt), forward(&mut exact.load(64), &prompt));
        let size: f32 = exact.iter().map(|x| x * x).sum::<f32>().sqrt();
        let error = exact.iter().zip(&quantized).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt() / size;
        // Quantized weights are multiplied with inputs rounded to 8 bits.
        let tolerance = if matches!(dtype, F16 | BF16) { 1e-5 } else { 0.1 };
        assert!(error < tolerance, "{dtype:?}: {error}");
    }
}

#[test]
fn passes_that_cannot_be_made_are_typed_errors() {
    let mut model = Tiny::new("llama", GgmlDType::Q8_0).load(64);
    assert_eq!((model.model().context_length(), model.model().vocab_size()), (160, 100));
    let mut logits = Vec::new();
    forward(&mut model, &tokens(150));
    let full = model.forward(&tokens(11), &mut logits);
    assert_eq!(full, Err(EngineError::ContextTooLong { tokens: 161, limit: 160 }));
    assert_eq!(model.position(), 150, "a refused pass changes nothing");
    forward(&mut model, &tokens(10));
    assert!(matches!(model.forward(&[1], &mut logits), Err(EngineError::ContextTooLong { .. })));

    model.truncate(0);
    assert!(matches!(model.forward(&[], &mut logits), Err(EngineError::InvalidRequest { .. })));
    assert!(matches!(model.forward(&[100], &mut logits), Err(EngineError::InvalidRequest { .. })));
}

#[test]
fn the_context_is_the_smaller_limit() {
    let file = Tiny::new("qwen2", GgmlDType::Q8_0).builder().open();
    let limits = LoadLimits { max_context: 50, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
    let mut reported = Vec::new();
    let model = load(&file, limits, &mut |share| reported.push(share)).expect("the model is sound");
    assert_eq!(model.context_length(), 50);
    assert!(model.memory_bytes() > file.tensors().iter().map(|tensor| tensor.range().len() as u64).sum::<u64>() / 2);
    assert_eq!(reported.last(), Some(&1.0));
    assert!(reported.is_sorted());
}

fn check_refused(builder: &GgufBuilder, expected: Expect) {
    let limits = LoadLimits { max_context: 50, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
    let error = load(&builder.open(), limits, &mut |_| {}).err().expect("the model must be refused");
    expected.assert_eq(&format!("{error:?}"));
}

#[test]
fn what_is_not_computed_is_refused() {
    let tiny = Tiny::new("llama", GgmlDType::Q8_0);
    check_refused(
        &GgufBuilder::new(),
        expect![[
            r#"UnsupportedModel("the architecture \"none\" is not supported; supported are llama, qwen2, qwen3, starcoder, starcoder2, stablelm, phi3, gemma3, gpt")"#
        ]],
    );
    check_refused(
        &GgufBuilder::new().str("general.architecture", "mamba"),
        expect![[
            r#"UnsupportedModel("the architecture \"mamba\" is not supported; supported are llama, qwen2, qwen3, starcoder, starcoder2, stablelm, phi3, gemma3, gpt")"#
        ]],
    );
    check_refused(
        &GgufBuilder::new().str("general.architecture", "llama"),
        expect![[r#"BadModelFile("the metadata entry \"llama.embedding_length\" is missing")"#]],
    );
    check_refused(
        &tiny.builder().str("llama.rope.scaling.type", "dynamic"),
        expect![[
            r#"UnsupportedModel("the llama model has rope scaling of the kind \"dynamic\", which is not supported")"#
        ]],
    );
    let yarn = tiny.builder().str("llama.rope.scaling.type", "yarn").f32("llama.rope.scaling.factor", 2.0);
    check_refused(
        &yarn.clone().f32("llama.rope.scaling.yarn_log_multiplier", 0.1),
        expect![[
            r#"UnsupportedModel("the llama model has a value of its own for \"rope.scaling.yarn_log_multiplier\", which is not supported")"#
        ]],
    );
    check_refused(
        &yarn.f32("llama.rope.scaling.yarn_beta_fast", f32::NAN),
        expect![[
            r#"BadModelFile("the metadata entry \"llama.rope.scaling.yarn_beta_fast\" is not a number above 0")"#
        ]],
    );
    check_refused(
        &tiny.builder().u32("llama.expert_count", 8),
        expect![[r#"UnsupportedModel("the llama model has a mixture of experts, which is not supported")"#]],
    );
    check_refused(
        &tiny.builder().f32("llama.logit_scale", 0.25),
        expect![[r#"UnsupportedModel("the llama model has a value for \"logit_scale\", which is not supported")"#]],
    );
    check_refused(
        &tiny.builder().i32s("llama.rope.dimension_sections", &[8, 12, 12, 0]),
        expect![[
            r#"UnsupportedModel("the llama model has a value for \"rope.dimension_sections\", which is not supported")"#
        ]],
    );
    check_refused(
        &tiny.builder().i32s("llama.attention.sizes", &[1]).u32("llama.rope.dimension_count", 7),
        expect![[r#"BadModelFile("the metadata entry \"llama.rope.dimension_count\" is odd or larger than a head")"#]],
    );
    check_refused(
        &tiny.builder().f32("llama.rope.scaling.factor", -1.0),
        expect![[r#"BadModelFile("the metadata entry \"llama.rope.scaling.factor\" is not a number above 0")"#]],
    );
    let one_head = Tiny { heads: 1, kv_heads: 1, ..tiny.clone() }.builder();
    check_refused(
        &one_head.tensor("rope_freqs.weight", &[32], GgmlDType::Q8_0, &[1.0; 32]),
        expect![[
            r#"UnsupportedModel("the tensor \"rope_freqs.weight\" has the type Q8_0; vectors have to be F32, F16 or BF16")"#
        ]],
    );
    let extra = tiny.builder().tensor("blk.0.attn_q_norm.weight", &[16], GgmlDType::F32, &[1.0; 16]);
    check_refused(
        &extra,
        expect![[
            r#"UnsupportedModel("the tensor \"blk.0.attn_q_norm.weight\" is not a part of the architecture as it is known here")"#
        ]],
    );
    check_refused(
        &Tiny { kv_heads: 3, ..tiny.clone() }.builder(),
        expect![[
            r#"BadModelFile("the metadata entry \"llama.attention.head_count_kv\" does not divide the number of heads into groups of 1 to 64")"#
        ]],
    );
    let biasless = Tiny { architecture: "llama", ..tiny.clone() }.builder().str("general.name", "x");
    assert!(
        load(
            &biasless.open(),
            LoadLimits { max_context: 8, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 },
            &mut |_| {}
        )
        .is_ok()
    );
}

/// Found by the fuzz target: a small file took 8 MiB for layers that it does not have.
#[test]
fn a_model_is_not_deeper_than_its_file() {
    let mut image = Tiny::new("gemma3", GgmlDType::Q8_0).builder().build();
    // The key, its type and its value.
    let depth = b"gemma3.block_count\x04\0\0\0\x06\0\0\0";
    let at = image.windows(depth.len()).position(|window| window == depth).expect("the model has six layers");
    image[at + depth.len() - 4..][..4].copy_from_slice(&(1_u32 << 20).to_le_bytes());
    let file = GgufFile::from_bytes(image.leak()).expect("the header is sound");
    let limits = LoadLimits { max_context: 50, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
    expect![[
        r#"Some(BadModelFile("the metadata entry \"gemma3.block_count\" is 1048576, more than there are tensors"))"#
    ]]
    .assert_eq(&format!("{:?}", load(&file, limits, &mut |_| {}).err()));
}

#[test]
fn rope_scaling_changes_the_result() {
    let tiny = Tiny::new("llama", GgmlDType::F32);
    let limits = LoadLimits { max_context: 50, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
    let logits = |builder: GgufBuilder| {
        let mut model = RawModel::load(&builder.open(), limits, 8).expect("the model is sound");
        forward(&mut model, &tokens(20))
    };
    let plain = logits(tiny.builder());
    let linear = logits(tiny.builder().str("llama.rope.scaling.type", "linear").f32("llama.rope.scaling.factor", 4.0));
    let factors = logits(tiny.builder().tensor("rope_freqs.weight", &[8], GgmlDType::F32, &[4.0; 8]));
    let one = logits(tiny.builder().tensor("rope_freqs.weight", &[8], GgmlDType::F32, &[1.0; 8]));
    assert_ne!(plain, linear);
    assert_eq!(linear, factors, "the same factor for every frequency is linear scaling");
    assert_eq!(plain, one);
}

/// Whether the last logits of a text change with a token this many positions before the end.
fn depends_on(tiny: &Tiny, distance: usize) -> bool {
    let mut text = tokens(90);
    let before = forward(&mut tiny.load(64), &text);
    let changed = text.len() - 1 - distance;
    text[changed] = (text[changed] + 1) % 100;
    forward(&mut tiny.load(64), &text) != before
}

#[test]
fn a_window_is_as_long_as_the_file_says() {
    // Each of two layers sees 20 positions, itself included: text reaches 2 * 19 positions.
    let phi3 = Tiny::new("phi3", GgmlDType::F32);
    assert!(depends_on(&phi3, 38));
    assert!(!depends_on(&phi3, 39));
    assert!(depends_on(&Tiny::new("llama", GgmlDType::F32), 39));
    // The sixth layer sees everything; without it, five layers reach 5 * 19 positions.
    let gemma3 = Tiny::new("gemma3", GgmlDType::F32);
    assert!(depends_on(&gemma3, 89));
    assert!(!depends_on(&Tiny { n_layers: 2, ..gemma3 }, 39));
}

#[test]
fn the_factors_of_a_long_context_are_for_long_contexts() {
    let logits = |options: bool, max_context: usize| {
        let tiny = Tiny { options, ..Tiny::new("phi3", GgmlDType::F32) };
        let limits = LoadLimits { max_context, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
        let mut model = RawModel::load(&tiny.builder().open(), limits, 8).expect("the model is sound");
        forward(&mut model, &tokens(20))
    };
    // The model was stretched from 40 positions.
    assert_eq!(logits(true, 30), logits(true, 40));
    assert_eq!(logits(true, 41), logits(true, 160));
    assert_ne!(logits(true, 40), logits(true, 41));
}

#[test]
fn logits_stay_within_the_cap() {
    for architecture in ["gemma3", "gpt"] {
        let [free, capped] = [false, true].map(|options| {
            let tiny = Tiny { options, ..Tiny::new(architecture, GgmlDType::F32) };
            forward(&mut tiny.load(64), &tokens(20)).into_iter().fold(0f32, |most, logit| most.max(logit.abs()))
        });
        assert!(capped <= 3.0 && free > 3.0, "{architecture}: {capped}, without a cap {free}");
    }
}

#[test]
fn tensors_that_a_family_does_not_know_are_refused() {
    for tiny in models() {
        for name in ["blk.0.ffn_gate_exps.weight", "blk.1.attn_sinks.weight", "output.bias"] {
            let builder = tiny.builder().tensor(name, &[16], GgmlDType::F32, &[1.0; 16]);
            let limits =
                LoadLimits { max_context: 50, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
            let error = load(&builder.open(), limits, &mut |_| {}).err().expect("the model must be refused");
            assert!(matches!(&error, EngineError::UnsupportedModel(text) if text.contains(name)), "{tiny:?}: {error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_forged_header_is_refused_or_harmless(
        index in 0..MODELS.len(),
        edits in prop::collection::vec((0usize..2500, any::<u8>()), 1..4),
    ) {
        let mut bytes = models().nth(index).expect("the index is in range").builder().build();
        for (at, value) in edits {
            bytes[at] = value;
        }
        let limits = LoadLimits { max_context: 32, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
        let Ok(file) = GgufFile::from_bytes(bytes.leak()) else { return Ok(()) };
        if let Ok(mut model) = RawModel::load(&file, limits, 8) {
            let mut logits = Vec::new();
            model.forward(&[1, 2, 3], &mut logits).expect("a model that was loaded runs");
            prop_assert_eq!(logits.len(), model.model().vocab_size());
        }
    }
}
