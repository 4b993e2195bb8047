//! Matrix products of each format, and a whole model's prefill and decode where one is named.
//!
//! ```text
//! cargo bench -p engine --features raw                                       # products
//! ROPEWALK_BENCH_MODEL=some.gguf cargo bench -p engine --features raw model  # a model, attention and all
//! ```
//! Beside other runners: `tests/perf/side_by_side.py`; the figures stand in `BENCHMARKS.md`.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::raw::{Product, RawModel};

/// The formats, those of the usual files first.
const FORMATS: [&str; 13] =
    ["Q4_K", "Q6_K", "Q5_0", "Q8_0", "Q4_0", "Q5_K", "Q4_1", "Q5_1", "Q2_K", "Q3_K", "F16", "BF16", "F32"];
/// Inputs and outputs of the matrix: `ffn_up` of a model of half a billion parameters, widened to whole K-blocks.
const SHAPE: (usize, usize) = (1024, 4864);
/// One row is decode, several are streams together, many are prefill.
const ROWS: [usize; 3] = [1, 8, 256];
/// Positions in the KV cache when decode is measured, and tokens of prefill.
const DEPTH: usize = 512;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn products(criterion: &mut Criterion) {
    let (inputs, outputs) = SHAPE;
    for format in FORMATS {
        let mut group = criterion.benchmark_group(format!("product/{format}"));
        let mut product = Product::new(format, inputs, outputs, threads()).expect("the format and the shape are sound");
        for rows in ROWS {
            // Multiplications with addition.
            group.throughput(Throughput::Elements((rows * inputs * outputs) as u64));
            group.bench_function(format!("{rows} rows"), |bencher| bencher.iter(|| black_box(product.multiply(rows))));
        }
        group.finish();
    }
}

fn model(criterion: &mut Criterion) {
    let Some(path) = std::env::var_os("ROPEWALK_BENCH_MODEL").map(PathBuf::from) else { return };
    let mut model = RawModel::open(&path, 2 * DEPTH, threads(), DEPTH).expect("ROPEWALK_BENCH_MODEL is a model");
    let mut logits = Vec::new();
    let prompt: Vec<u32> = (0..DEPTH as u32).map(|index| 1 + index * 7 % 250).collect();
    let mut group = criterion.benchmark_group("model");
    group.sample_size(10);
    group.throughput(Throughput::Elements(DEPTH as u64));
    group.bench_function(format!("prefill {DEPTH}"), |bencher| {
        bencher.iter_batched(
            || (),
            |()| {
                model.truncate(0);
                model.forward(&prompt, &mut logits).expect("the prompt fits");
            },
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function(format!("decode at {DEPTH}"), |bencher| {
        bencher.iter(|| {
            model.truncate(DEPTH);
            model.forward(&prompt[..1], &mut logits).expect("a token fits");
        });
    });
    group.finish();
}

criterion_group!(benches, products, model);
criterion_main!(benches);
