//! GGUF tensor bytes seen as candle's block types, and rows turned back into `f32`.

use candle_core::quantized::k_quants::{
    BlockQ2K, BlockQ3K, BlockQ4_0, BlockQ4_1, BlockQ4K, BlockQ5_0, BlockQ5_1, BlockQ5K, BlockQ6K, BlockQ8_0,
};
use candle_core::quantized::{GgmlDType, GgmlType};
use half::{bf16, f16};

/// Bytes as blocks of one of the types that [`dequantize`] names.
pub(super) fn blocks<B: GgmlType>(bytes: &[u8]) -> &[B] {
    let size = size_of::<B>();
    assert!(bytes.len().is_multiple_of(size), "{} bytes are not whole blocks of {size}", bytes.len());
    assert!(bytes.as_ptr().addr().is_multiple_of(align_of::<B>()), "tensors are aligned to 32 bytes");
    #[expect(unsafe_code, reason = "the weights are used where they lie in the file")]
    // SAFETY: size and alignment have been checked, and candle's block types are `repr(C)` numbers and arrays of
    // numbers (`half`'s are transparent), for which every bit pattern is a value.
    unsafe {
        std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size)
    }
}

/// Turns the bytes of whole blocks into `out.len()` values.
pub(crate) fn dequantize(dtype: GgmlDType, bytes: &[u8], out: &mut [f32]) {
    match dtype {
        GgmlDType::F32 => out.copy_from_slice(blocks::<f32>(bytes)),
        GgmlDType::F16 => f16::to_float(blocks(bytes), out),
        GgmlDType::BF16 => bf16::to_float(blocks(bytes), out),
        GgmlDType::Q4_0 => BlockQ4_0::to_float(blocks(bytes), out),
        GgmlDType::Q4_1 => BlockQ4_1::to_float(blocks(bytes), out),
        GgmlDType::Q5_0 => BlockQ5_0::to_float(blocks(bytes), out),
        GgmlDType::Q5_1 => BlockQ5_1::to_float(blocks(bytes), out),
        GgmlDType::Q8_0 => BlockQ8_0::to_float(blocks(bytes), out),
        GgmlDType::Q2K => BlockQ2K::to_float(blocks(bytes), out),
        GgmlDType::Q3K => BlockQ3K::to_float(blocks(bytes), out),
        GgmlDType::Q4K => BlockQ4K::to_float(blocks(bytes), out),
        GgmlDType::Q5K => BlockQ5K::to_float(blocks(bytes), out),
        GgmlDType::Q6K => BlockQ6K::to_float(blocks(bytes), out),
        GgmlDType::Q8_1 | GgmlDType::Q8K => unreachable!("the file reader refuses {dtype:?}"),
    }
}
