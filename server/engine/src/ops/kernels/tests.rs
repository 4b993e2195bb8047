//! Both kernels of every type against the exact product of what the weights and the rounded inputs stand for, and
//! against the order of operations that gives the same bits on every processor.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use half::f16;

use super::quantize::GROUP;
use super::{FloatKernel, Kernel, Matrix, Quantized, run};
use crate::gguf::testing::GgufBuilder;
use crate::models::testing::Noise;
use crate::ops::Threads;
use crate::ops::cpu::Level;
use crate::ops::dequantize;

const TYPES: [GgmlDType; 8] = [
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::Q8_0,
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
];

/// Where a block has its factor, and that of its offsets.
fn factors(dtype: GgmlDType) -> (usize, Option<usize>) {
    match dtype {
        GgmlDType::Q4_1 | GgmlDType::Q5_1 | GgmlDType::Q4K | GgmlDType::Q5K => (0, Some(2)),
        GgmlDType::Q6K => (208, None),
        _ => (0, None),
    }
}

/// The bytes of a random matrix. With `wild`, codes and scales inside the blocks are random bits, so that every code and
/// scale occurs; the factors of the blocks stay what quantizing gave.
fn weights(dtype: GgmlDType, inputs: usize, outputs: usize, wild: bool) -> Vec<u8> {
    let mut noise = Noise::new(outputs as u64);
    let values = noise.values(inputs * outputs, 1.0);
    let tensor = Tensor::from_slice(&values, (outputs, inputs), &Device::Cpu).expect("the shape fits");
    let quantized = QTensor::quantize(&tensor, dtype).expect("the type can be quantized to");
    let mut bytes = quantized.data().expect("the tensor is on the CPU").to_vec();
    if wild {
        let (factor, minimum) = factors(dtype);
        let factors = factor..minimum.unwrap_or(factor) + 2;
        let size = dtype.type_size();
        for (index, byte) in bytes.iter_mut().enumerate() {
            if !factors.contains(&(index % size)) {
                *byte = noise.bits() as u8;
            }
        }
    }
    bytes
}

/// What the blocks stand for. They are read through a file, so that candle finds them aligned.
fn dequantized(dtype: GgmlDType, bytes: &[u8], inputs: usize) -> Vec<f32> {
    let values = bytes.len() / dtype.type_size() * dtype.block_size();
    let file = GgufBuilder::new().raw_bytes("w", &[inputs as u64, (values / inputs) as u64], dtype, bytes).open();
    let mut out = vec![f32::NAN; values];
    dequantize(dtype, &file.data(file.tensor("w").expect("it has just been written")), &mut out);
    out
}

/// The products as every level has to compute them: in whole numbers within a block, and the blocks in their order.
fn products_in_order(dtype: GgmlDType, bytes: &[u8], inputs: usize, x: &Quantized) -> Vec<f32> {
    let (factor_at, minimum_at) = factors(dtype);
    // With other factors, what the blocks stand for are the whole numbers in them.
    let whole_numbers = |factor: f32, minimum: f32| -> Vec<i32> {
        let mut bytes = bytes.to_vec();
        for block in bytes.chunks_exact_mut(dtype.type_size()) {
            block[factor_at..factor_at + 2].copy_from_slice(&f16::from_f32(factor).to_le_bytes());
            if let Some(at) = minimum_at {
                block[at..at + 2].copy_from_slice(&f16::from_f32(minimum).to_le_bytes());
            }
        }
        dequantized(dtype, &bytes, inputs).into_iter().map(|value| value as i32).collect()
    };
    let (codes, offsets) = (whole_numbers(1.0, 0.0), whole_numbers(0.0, 1.0));
    let size = dtype.block_size();
    let mut out = Vec::new();
    for (x, scales) in x.codes.chunks_exact(inputs).zip(x.scales.chunks_exact(inputs / size)) {
        for first in (0..codes.len()).step_by(inputs) {
            let mut total = 0f32;
            for (block, (x, scale)) in x.chunks_exact(size).zip(scales).enumerate() {
                let at = first + block * size;
                let sum = |numbers: &[i32]| -> f32 {
                    let terms = numbers[at..at + size].iter().zip(x);
                    terms.map(|(number, &x)| number * i32::from(x)).sum::<i32>() as f32
                };
                let factor = |place: usize| {
                    let bytes = &bytes[at / size * dtype.type_size() + place..];
                    f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()
                };
                let value = match minimum_at {
                    Some(place) => sum(&codes).mul_add(factor(factor_at), sum(&offsets) * factor(place)),
                    None => sum(&codes) * factor(factor_at),
                };
                total = value.mul_add(*scale, total);
            }
            out.push(total);
        }
    }
    out
}

fn check(dtype: GgmlDType, inputs: usize, outputs: usize, rows: usize, wild: bool) {
    for level in Level::here() {
        check_level(level, dtype, inputs, outputs, rows, wild);
    }
}

fn check_level(level: Level, dtype: GgmlDType, inputs: usize, outputs: usize, rows: usize, wild: bool) {
    let kernel = Kernel::at_level(level, dtype).expect("there is a kernel for each of `TYPES`");
    let bytes = weights(dtype, inputs, outputs, wild);
    let exact_weights = dequantized(dtype, &bytes, inputs);

    let x = Noise::new(99).values(rows * inputs, 3.0);
    let mut rounded = Quantized::default();
    rounded.update(&x, kernel.block());
    let mut out = vec![f32::NAN; rows * outputs];
    let matrix = Matrix { weights: &bytes, inputs, outputs };
    run(&[kernel.job(matrix, &rounded, &mut out)]);

    let in_order = products_in_order(dtype, &bytes, inputs, &rounded);
    assert_eq!(out, in_order, "{level:?} {dtype:?}: the same bits on every processor");
    for row in 0..rows {
        let codes = &rounded.codes[row * inputs..(row + 1) * inputs];
        let scales = &rounded.scales[row * inputs / kernel.block()..];
        for output in 0..outputs {
            let (mut sum, mut size) = (0f64, 0f64);
            for (index, &code) in codes.iter().enumerate() {
                let input = f64::from(code) * f64::from(scales[index / kernel.block()]);
                let product = input * f64::from(exact_weights[output * inputs + index]);
                sum += product;
                size += product.abs();
            }
            let got = f64::from(out[row * outputs + output]);
            assert!((got - sum).abs() <= 1e-6 * size + 1e-6, "{dtype:?}, row {row}, output {output}: {got} for {sum}");
        }
    }

    // Any number of inputs gives the same bits as many.
    for row in 0..rows {
        let mut one = Quantized::default();
        one.update(&x[row * inputs..(row + 1) * inputs], kernel.block());
        let mut single = vec![f32::NAN; outputs];
        run(&[kernel.job(matrix, &one, &mut single)]);
        assert_eq!(single, out[row * outputs..(row + 1) * outputs], "{level:?} {dtype:?}, row {row}");
    }
}

#[test]
fn products_are_exact_for_every_type_and_shape() {
    for dtype in TYPES {
        for wild in [false, true] {
            for (outputs, rows) in [(8, 1), (20, 3), (16, 4), (9, 7), (1, 11)] {
                check(dtype, 512, outputs, rows, wild);
            }
            if dtype.block_size() == 32 {
                check(dtype, 96, 8, 5, wild);
            }
            // Longer than what is unpacked at once.
            check(dtype, 2304, 37, 7, wild);
        }
    }
}

#[test]
fn work_shared_by_threads_is_the_same() {
    Threads::new(3).expect("the system has threads").install(|| {
        for dtype in [GgmlDType::Q8_0, GgmlDType::Q4K] {
            check(dtype, 512, 333, 6, false);
        }
    });
}

#[test]
fn inputs_are_rounded_to_the_nearest_code() {
    let x = Noise::new(5).values(512, 2.0);
    for block in [32, 256] {
        let mut rounded = Quantized::default();
        rounded.update(&x, block);
        for (index, (&code, value)) in rounded.codes.iter().zip(&x).enumerate() {
            let scale = rounded.scales[index / block];
            let error = (f32::from(code) * scale - value).abs();
            // Half a step, and what storing the scale in half precision costs.
            assert!(error <= scale.abs() * (0.5 + 127.0 / 2048.0), "{value} became {code} * {scale}");
        }
        for (sum, codes) in rounded.sums.iter().zip(rounded.codes.chunks_exact(GROUP)) {
            assert_eq!(i32::from(*sum), codes.iter().map(|&code| i32::from(code)).sum::<i32>());
        }
    }
    let mut zeros = Quantized::default();
    zeros.update(&[0.0; 256], 256);
    assert!(zeros.codes.iter().all(|&code| code == 0) && zeros.scales == [0.0]);
}

/// The products of weights that are not quantized, each also alone.
fn check_float(level: Level, dtype: GgmlDType, inputs: usize, outputs: usize, rows: usize) {
    let kernel = FloatKernel::at_level(level, dtype).expect("there is a kernel for each type");
    let mut noise = Noise::new(inputs as u64);
    let values = noise.values(inputs * outputs, 1.0);
    let bytes: Vec<u8> = match dtype {
        GgmlDType::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        GgmlDType::F16 => values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect(),
        _ => values.iter().flat_map(|&x| half::bf16::from_f32(x).to_le_bytes()).collect(),
    };
    let exact_weights: Vec<f32> = match dtype {
        GgmlDType::F32 => values,
        GgmlDType::F16 => values.iter().map(|&x| f16::from_f32(x).to_f32()).collect(),
        _ => values.iter().map(|&x| half::bf16::from_f32(x).to_f32()).collect(),
    };
    let multiply = |x: &[f32]| -> Vec<f32> {
        let rows = x.len() / inputs;
        let mut out = vec![f32::NAN; rows * outputs];
        match kernel {
            FloatKernel::Whole(multiply) => multiply(&bytes, inputs, x, &mut out),
            FloatKernel::Rows(dot_rows) => {
                let mut column = vec![f32::NAN; rows];
                for (output, weights) in bytes.chunks_exact(bytes.len() / outputs).enumerate() {
                    dot_rows(weights, x, &mut column);
                    for (row, product) in column.iter().enumerate() {
                        out[row * outputs + output] = *product;
                    }
                }
            }
        }
        out
    };
    let x = noise.values(rows * inputs, 1.0);
    let out = multiply(&x);
    for (row, x) in x.chunks_exact(inputs).enumerate() {
        let alone = multiply(x);
        assert_eq!(alone, out[row * outputs..(row + 1) * outputs], "{level:?} {dtype:?}, row {row}");
        for (got, weights) in alone.iter().zip(exact_weights.chunks_exact(inputs)) {
            let terms = x.iter().zip(weights).map(|(x, weight)| f64::from(*x) * f64::from(*weight));
            let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
            assert!((f64::from(*got) - sum).abs() <= 1e-6 * size, "{level:?} {dtype:?}: {got} for {sum}");
        }
    }
}

#[test]
fn products_of_floats_are_exact_for_every_shape() {
    Threads::new(2).expect("the system has threads").install(|| {
        for level in Level::here() {
            for dtype in [GgmlDType::F32, GgmlDType::F16, GgmlDType::BF16] {
                for (inputs, outputs, rows) in [(64, 4, 1), (37, 7, 2), (48, 33, 5), (200, 101, 13), (15, 1, 6)] {
                    check_float(level, dtype, inputs, outputs, rows);
                }
            }
        }
    });
}
