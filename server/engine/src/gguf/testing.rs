//! Writing small GGUF images for tests: metadata and tensors in the order they are given.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use super::GgufFile;

/// A GGUF image under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct GgufBuilder {
    metadata: Vec<u8>,
    n_metadata: u64,
    tensors: Vec<u8>,
    n_tensors: u64,
    data: Vec<u8>,
}

impl GgufBuilder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A metadata entry with a type number and the bytes of its value.
    pub(crate) fn raw(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        write_string(&mut self.metadata, key);
        self.metadata.extend(kind.to_le_bytes());
        self.metadata.extend(value);
        self.n_metadata += 1;
        self
    }

    fn array(self, key: &str, kind: u32, count: usize, values: &[u8]) -> Self {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend((count as u64).to_le_bytes());
        bytes.extend(values);
        self.raw(key, 9, &bytes)
    }

    pub(crate) fn str(self, key: &str, value: &str) -> Self {
        let mut bytes = Vec::new();
        write_string(&mut bytes, value);
        self.raw(key, 8, &bytes)
    }

    pub(crate) fn u32(self, key: &str, value: u32) -> Self {
        self.raw(key, 4, &value.to_le_bytes())
    }

    pub(crate) fn f32(self, key: &str, value: f32) -> Self {
        self.raw(key, 6, &value.to_le_bytes())
    }

    pub(crate) fn bool(self, key: &str, value: bool) -> Self {
        self.raw(key, 7, &[u8::from(value)])
    }

    pub(crate) fn strings<S: AsRef<str>>(self, key: &str, values: &[S]) -> Self {
        let mut bytes = Vec::new();
        for value in values {
            write_string(&mut bytes, value.as_ref());
        }
        self.array(key, 8, values.len(), &bytes)
    }

    /// As 32-bit signed numbers, which is how token types are written.
    pub(crate) fn i32s(self, key: &str, values: &[i32]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.array(key, 5, values.len(), &bytes)
    }

    pub(crate) fn bools(self, key: &str, values: &[bool]) -> Self {
        let bytes: Vec<u8> = values.iter().map(|&value| u8::from(value)).collect();
        self.array(key, 7, values.len(), &bytes)
    }

    pub(crate) fn f32s(self, key: &str, values: &[f32]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.array(key, 6, values.len(), &bytes)
    }

    /// A tensor with a type number and its bytes; `dimensions` has the contiguous one first.
    pub(crate) fn raw_tensor(mut self, name: &str, dimensions: &[u64], kind: u32, data: &[u8]) -> Self {
        self.data.resize(self.data.len().next_multiple_of(32), 0);
        let offset = self.data.len() as u64;
        self.raw_tensor_at(name, dimensions, kind, offset).with_data(data)
    }

    /// The entry of a tensor only.
    pub(crate) fn raw_tensor_at(mut self, name: &str, dimensions: &[u64], kind: u32, offset: u64) -> Self {
        write_string(&mut self.tensors, name);
        self.tensors.extend((dimensions.len() as u32).to_le_bytes());
        for dimension in dimensions {
            self.tensors.extend(dimension.to_le_bytes());
        }
        self.tensors.extend(kind.to_le_bytes());
        self.tensors.extend(offset.to_le_bytes());
        self.n_tensors += 1;
        self
    }

    fn with_data(mut self, data: &[u8]) -> Self {
        self.data.extend(data);
        self
    }

    /// A tensor of `values`, quantized to `dtype`.
    pub(crate) fn tensor(self, name: &str, dimensions: &[u64], dtype: GgmlDType, values: &[f32]) -> Self {
        let shape: Vec<usize> = dimensions.iter().rev().map(|&dimension| dimension as usize).collect();
        let tensor = Tensor::from_slice(values, shape, &Device::Cpu).expect("the shape fits the values");
        let quantized = QTensor::quantize(&tensor, dtype).expect("the type can be quantized to");
        self.raw_bytes(name, dimensions, dtype, &quantized.data().expect("the tensor is on the CPU"))
    }

    /// A tensor of blocks as they are.
    pub(crate) fn raw_bytes(self, name: &str, dimensions: &[u64], dtype: GgmlDType, data: &[u8]) -> Self {
        self.raw_tensor(name, dimensions, super::tensor::type_number(dtype), data)
    }

    /// A tensor of `f32`, with the values that `dtype` would round them to.
    pub(crate) fn rounded_tensor(self, name: &str, dimensions: &[u64], dtype: GgmlDType, values: &[f32]) -> Self {
        let rounded = Self::new().tensor(name, dimensions, dtype, values).open();
        let tensor = rounded.tensor(name).expect("it has just been written");
        let mut values = vec![0.0; values.len()];
        crate::ops::dequantize(dtype, &rounded.data(tensor), &mut values);
        self.tensor(name, dimensions, GgmlDType::F32, &values)
    }

    /// The file.
    pub(crate) fn build(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend(self.n_tensors.to_le_bytes());
        out.extend(self.n_metadata.to_le_bytes());
        out.extend(&self.metadata);
        out.extend(&self.tensors);
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(&self.data);
        out
    }

    /// The file, read again.
    pub(crate) fn open(&self) -> GgufFile {
        GgufFile::from_bytes(self.build().leak()).expect("the builder writes sound files")
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}
