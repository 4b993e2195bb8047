//! Attention beside the formula in `f64`, and every row beside itself alone.

use half::f16;

use super::{AttentionShape, Part, attention_at};
use crate::KvCacheType;
use crate::models::testing::Noise;
use crate::ops::cpu::Level;
use crate::ops::threads::Threads;
use crate::ops::{KvLayout, KvPool, Sequence};

/// Attention written out, in `f64`.
fn naive(q: &[f32], keys: &[f32], values: &[f32], position: usize, shape: AttentionShape) -> Vec<f32> {
    let AttentionShape { heads, kv_heads, head_size, .. } = shape;
    let mut out = Vec::new();
    for (row, q) in q.chunks_exact(heads * head_size).enumerate() {
        let position = position + row;
        let first = shape.window.map_or(0, |window| (position + 1).saturating_sub(window));
        for (head, q) in q.chunks_exact(head_size).enumerate() {
            let at = |x: &[f32], position: usize, index: usize| {
                let x = x[(position * kv_heads + head / (heads / kv_heads)) * head_size + index];
                f16::from_f32(x).to_f64()
            };
            let weights: Vec<f64> = (first..=position)
                .map(|position| (0..head_size).map(|i| f64::from(q[i]) * at(keys, position, i)).sum::<f64>())
                .map(|score| (score * f64::from(shape.scale)).exp())
                .collect();
            let sum: f64 = weights.iter().sum();
            for i in 0..head_size {
                let value = weights.iter().zip(first..).map(|(weight, position)| weight * at(values, position, i));
                out.push((value.sum::<f64>() / sum) as f32);
            }
        }
    }
    out
}

/// A sequence with these keys and values in its second layer, over what an earlier run left behind.
fn sequence(pool: &KvPool, keys: &[f32], values: &[f32], width: usize) -> Sequence {
    let rows = keys.len() / width;
    let mut sequence = pool.sequence();
    sequence.reserve(rows + 3).expect("there is room");
    let old = vec![9.0; (rows + 3) * width];
    sequence.store(1, &old, &old);
    sequence.store(1, keys, values);
    sequence.advance(rows);
    sequence
}

/// Several sequences at once; each is `(position, rows)`.
fn check(shape: AttentionShape, parts: &[(usize, usize)]) {
    for level in Level::here().map(Some).chain([None]) {
        check_level(level, shape, parts);
    }
}

fn check_level(level: Option<Level>, shape: AttentionShape, parts: &[(usize, usize)]) {
    let AttentionShape { heads, kv_heads, head_size, .. } = shape;
    let mut noise = Noise::new(1);
    let pool = KvPool::new(KvLayout { n_layers: 2, heads: kv_heads, head_size, kind: KvCacheType::F16 }, 100);
    let (mut queries, mut sequences, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    for &(position, rows) in parts {
        let total = position + rows;
        let keys = noise.values(total * kv_heads * head_size, 1.0);
        let values = noise.values(total * kv_heads * head_size, 1.0);
        let q = noise.values(rows * heads * head_size, 2.0);
        expected.extend(naive(&q, &keys, &values, position, shape));
        sequences.push(sequence(&pool, &keys, &values, kv_heads * head_size));
        queries.extend(q);
    }
    let parts: Vec<Part> = parts.iter().map(|&(position, rows)| Part { position, rows }).collect();
    let mut out = vec![f32::NAN; queries.len()];
    attention_at(level, &queries, &parts, |part| &sequences[part], 1, shape, &mut out);
    for (out, expected) in out.iter().zip(&expected) {
        assert!((out - expected).abs() < 1e-5, "{shape:?} {parts:?}: {out} {expected}");
    }

    // The same bits for every row alone.
    let mut queries = queries.chunks_exact(heads * head_size);
    let mut out = out.chunks_exact(heads * head_size);
    for (index, part) in parts.iter().enumerate() {
        for row in 0..part.rows {
            let alone = Part { position: part.position + row, rows: 1 };
            let mut one = vec![f32::NAN; heads * head_size];
            let q = queries.next().expect("there is a query for each row");
            attention_at(level, q, &[alone], |_| &sequences[index], 1, shape, &mut one);
            assert_eq!(one, out.next().expect("there is a result for each row"), "{shape:?} {alone:?}");
        }
    }
}

#[test]
fn attention_is_what_the_formula_says() {
    let plain = AttentionShape::new;
    check(plain(4, 2, 16), &[(0, 1)]);
    check(plain(4, 4, 16), &[(31, 1)]);
    check(plain(14, 2, 64), &[(32, 1)]);
    check(plain(4, 1, 16), &[(0, 20)]);
    check(plain(6, 2, 10), &[(75, 33)]);
    check(plain(2, 2, 256), &[(5, 9)]);
    check(plain(4, 2, 80), &[(60, 70)]);
    check(plain(7, 1, 17), &[(120, 9)]);
    check(AttentionShape { scale: 0.1, ..plain(4, 2, 16) }, &[(40, 3)]);
}

#[test]
fn few_rows_are_shared_by_many_threads() {
    Threads::new(8).expect("the system has threads").install(|| {
        // Sixteen, twelve, seven and five query heads for each key-value head.
        check(AttentionShape::new(16, 1, 16), &[(100, 1)]);
        check(AttentionShape::new(24, 2, 16), &[(100, 1), (3, 1)]);
        check(AttentionShape::new(14, 2, 16), &[(63, 2)]);
        check(AttentionShape::new(5, 1, 17), &[(70, 3)]);
    });
}

#[test]
fn sequences_do_not_see_each_other() {
    check(AttentionShape::new(4, 2, 16), &[(0, 1), (100, 1), (63, 2)]);
    check(AttentionShape::new(4, 2, 16), &[(10, 1), (0, 40), (64, 1), (70, 13)]);
}

#[test]
fn a_window_hides_what_is_far_behind() {
    for window in [1, 7, 32, 33, 64] {
        let shape = AttentionShape { window: Some(window), ..AttentionShape::new(4, 2, 16) };
        check(shape, &[(0, 50), (90, 1)]);
        check(shape, &[(130, 3)]);
    }
}
