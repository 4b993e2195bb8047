//! Operations on whole vectors, from [`super::vector`], shared by the threads where there are many values.

use super::threads::for_chunks_mut;
use super::vector;

/// Values that a thread computes at once.
const PIECE: usize = 1 << 13;

/// `y += x`.
pub(crate) fn add(y: &mut [f32], x: &[f32]) {
    for_chunks_mut(y, PIECE, 1, |piece, y| vector::add(y, &x[piece * PIECE..]));
}

/// Root-mean-square norm of each row of `x`, scaled by `weight`.
pub(crate) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    let piece = rows(weight.len());
    for_chunks_mut(out, piece, 1, |index, out| vector::rms_norm(&x[index * piece..], weight, epsilon, out));
}

/// Layer norm of each row of `x`, scaled by `weight` and moved by `bias`, which are as long as a row.
pub(crate) fn layer_norm(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32]) {
    let piece = rows(weight.len());
    for_chunks_mut(out, piece, 1, |index, out| vector::layer_norm(&x[index * piece..], weight, bias, epsilon, out));
}

/// Values of the rows of this width that make a piece.
fn rows(width: usize) -> usize {
    (PIECE / width).max(1) * width
}

/// `out = silu(gate) * up`.
pub(crate) fn silu_mul(gate: &[f32], up: &[f32], out: &mut [f32]) {
    for_chunks_mut(out, PIECE, 1, |piece, out| vector::silu_mul(&gate[piece * PIECE..], &up[piece * PIECE..], out));
}

/// `out = gelu(gate) * up`, with the approximation by `tanh`.
pub(crate) fn gelu_mul(gate: &[f32], up: &[f32], out: &mut [f32]) {
    for_chunks_mut(out, PIECE, 1, |piece, out| vector::gelu_mul(&gate[piece * PIECE..], &up[piece * PIECE..], out));
}

/// `out = gelu(x)`, with the approximation by `tanh`.
pub(crate) fn gelu(x: &[f32], out: &mut [f32]) {
    for_chunks_mut(out, PIECE, 1, |piece, out| vector::gelu(&x[piece * PIECE..], out));
}

/// `out = max(x, 0)^2`.
pub(crate) fn squared_relu(x: &[f32], out: &mut [f32]) {
    for_chunks_mut(out, PIECE, 1, |piece, out| vector::squared_relu(&x[piece * PIECE..], out));
}

#[cfg(test)]
mod tests {
    use super::{add, rms_norm, silu_mul};
    use crate::models::testing::Noise;
    use crate::ops::{Threads, vector};

    #[test]
    fn pieces_are_computed_as_if_they_were_one() {
        let width = 300;
        let len = 100 * width;
        let mut noise = Noise::new(3);
        let [x, y, weight] = [len, len, width].map(|len| noise.values(len, 1.0));
        let compute = |norm: fn(&[f32], &[f32], f32, &mut [f32]),
                       gate: fn(&[f32], &[f32], &mut [f32]),
                       sum: fn(&mut [f32], &[f32])| {
            let mut out = vec![vec![f32::NAN; len], vec![f32::NAN; len], y.clone()];
            norm(&x, &weight, 1e-5, &mut out[0]);
            gate(&x, &y, &mut out[1]);
            sum(&mut out[2], &x);
            out
        };
        let whole = compute(vector::rms_norm, vector::silu_mul, vector::add);
        let mut threads = Threads::new(3).expect("the system has threads");
        assert_eq!(threads.install(|| compute(rms_norm, silu_mul, add)), whole);
    }
}
