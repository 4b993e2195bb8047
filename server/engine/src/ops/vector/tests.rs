//! Norms and activations against their formulas in `f64`.

use super::{
    add, dot, exp, gelu, gelu_mul, layer_norm, layer_norm_in_place, rms_norm, rms_norm_in_place, silu_mul, softcap,
    squared_relu,
};
use crate::models::testing::Noise;

#[test]
fn exp_is_accurate() {
    for step in -86_000..88_000 {
        let x = step as f32 / 1000.0;
        let exact = f64::from(x).exp();
        let error = (f64::from(exp(x)) - exact).abs() / exact;
        assert!(error < 3e-7, "exp({x}): relative error {error}");
    }
    assert!(exp(f32::NEG_INFINITY) < 1e-37);
    assert!(exp(1000.0) > 1e38);
}

#[test]
fn sums_of_any_length() {
    for len in [0, 1, 31, 32, 33, 100] {
        let a: Vec<f32> = (0..len).map(|x| x as f32).collect();
        let ones = vec![1.0; len];
        assert_eq!(dot(&a, &ones), (len * len.saturating_sub(1) / 2) as f32);
        let mut y = a.clone();
        add(&mut y, &ones);
        assert_eq!(y.last().copied(), (len > 0).then_some(len as f32));
    }
}

#[test]
fn norm_and_gate() {
    let mut out = [0.0; 4];
    rms_norm(&[3.0, 4.0, 0.0, 2.0], &[1.0, 2.0], 0.0, &mut out);
    let expected = [3.0 / 12.5f32.sqrt(), 8.0 / 12.5f32.sqrt(), 0.0, 2.0 * 2f32.sqrt()];
    for (out, expected) in out.iter().zip(expected) {
        assert!((out - expected).abs() < 1e-6);
    }
    silu_mul(&[0.0, 1.0, -200.0, 200.0], &[5.0, 2.0, 1.0, 0.5], &mut out);
    let expected = [0.0, 2.0 / (1.0 + (-1f32).exp()), 0.0, 100.0];
    for (out, expected) in out.iter().zip(expected) {
        assert!((out - expected).abs() < 1e-6, "{out} {expected}");
    }
}

/// Compares with values computed in `f64`.
fn check(name: &str, got: &[f32], expected: impl IntoIterator<Item = f64>) {
    let mut count = 0;
    for (index, expected) in expected.into_iter().enumerate() {
        let error = (f64::from(got[index]) - expected).abs() / expected.abs().max(1.0);
        assert!(error < 2e-6, "{name}: {} for {expected} at {index}", got[index]);
        count += 1;
    }
    assert_eq!(count, got.len(), "{name}");
}

#[test]
fn norms_are_what_the_formulas_say() {
    let mut noise = Noise::new(5);
    for size in [2, 31, 32, 100] {
        // Far from zero on average, as residual streams are.
        let x: Vec<f32> = noise.values(3 * size, 1.0).iter().map(|x| x + 2.0).collect();
        let (weight, bias) = (noise.values(size, 1.0), noise.values(size, 1.0));
        let epsilon = 1e-3;
        let rms = x.chunks_exact(size).flat_map(|row| {
            let mean_square = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / size as f64;
            let scale = (mean_square + f64::from(epsilon)).sqrt();
            row.iter().zip(&weight).map(move |(x, weight)| f64::from(*x) / scale * f64::from(*weight))
        });
        let mut out = vec![f32::NAN; x.len()];
        rms_norm(&x, &weight, epsilon, &mut out);
        check("rms", &out, rms);
        let mut in_place = x.clone();
        rms_norm_in_place(&mut in_place, &weight, epsilon);
        assert_eq!(in_place, out);

        let centered = |row: &[f32], weight: &[f32], bias: Option<&[f32]>| -> Vec<f64> {
            let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / row.len() as f64;
            let variance = row.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / row.len() as f64;
            let scale = (variance + f64::from(epsilon)).sqrt();
            let bias = |index: usize| bias.map_or(0.0, |bias| f64::from(bias[index]));
            let normed = row.iter().zip(weight).enumerate();
            normed
                .map(|(index, (x, weight))| (f64::from(*x) - mean) / scale * f64::from(*weight) + bias(index))
                .collect()
        };
        layer_norm(&x, &weight, &bias, epsilon, &mut out);
        check("layer", &out, x.chunks_exact(size).flat_map(|row| centered(row, &weight, Some(&bias))));

        // Two groups with weights of their own: rows of two heads.
        let (x, weight) = (noise.values(6 * size, 1.0), noise.values(2 * size, 1.0));
        let mut in_place = x.clone();
        layer_norm_in_place(&mut in_place, size, &weight, epsilon);
        let weights = weight.chunks_exact(size).cycle();
        check(
            "heads",
            &in_place,
            x.chunks_exact(size).zip(weights).flat_map(|(row, weight)| centered(row, weight, None)),
        );
    }
}

#[test]
fn activations_are_what_the_formulas_say() {
    let x: Vec<f32> = (-120..=120).map(|step| step as f32 / 10.0).collect();
    let up: Vec<f32> = x.iter().map(|x| 3.0 - x / 4.0).collect();
    let exact_gelu = |x: f32| {
        let x = f64::from(x);
        let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
        0.5 * x * (1.0 + inner.tanh())
    };
    let mut out = vec![f32::NAN; x.len()];
    gelu(&x, &mut out);
    check("gelu", &out, x.iter().map(|x| exact_gelu(*x)));
    gelu_mul(&x, &up, &mut out);
    check("gelu, gated", &out, x.iter().zip(&up).map(|(x, up)| exact_gelu(*x) * f64::from(*up)));
    squared_relu(&x, &mut out);
    check("relu^2", &out, x.iter().map(|x| f64::from(*x).max(0.0).powi(2)));
    out.copy_from_slice(&x);
    softcap(&mut out, 5.0);
    check("softcap", &out, x.iter().map(|x| 5.0 * (f64::from(*x) / 5.0).tanh()));
}
