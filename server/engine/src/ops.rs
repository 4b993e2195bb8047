//! The arithmetic of a transformer over plain `f32` slices: products with quantized weights, norms, rope, attention.
//!
//! No model family and no file layout here. Every operation gives the same bits for a row whatever else is computed in
//! the same call, with any number of threads: that makes a run from the KV cache equal to a fresh one. Only products on a
//! graphics processor (`accelerator.rs`) do not promise that.

mod accelerator;
mod activations;
mod attention;
mod blocks;
mod cpu;
mod kernels;
mod kv_cache;
mod linear;
mod logits;
mod rope;
mod shared;
mod threads;
mod vector;

pub(crate) use accelerator::Accelerator;
pub(crate) use activations::Activations;
pub(crate) use attention::{AttentionShape, MAX_GROUP, MAX_HEAD_SIZE, Part, attention};
pub(crate) use blocks::dequantize;
pub(crate) use kv_cache::{BLOCK, KvLayout, KvPool, Sequence, blocks_for};
pub(crate) use linear::{Linear, forward_all};
pub(crate) use logits::{CHUNK, chunk_maxima, chunk_sums};
pub(crate) use rope::{Angles, Rope, RopeScaling, RopeScalingType, RopeType};
pub(crate) use shared::{add, gelu, gelu_mul, layer_norm, rms_norm, silu_mul, squared_relu};
pub(crate) use threads::Threads;
pub(crate) use vector::{layer_norm_in_place, rms_norm_in_place, softcap};
