//! Reading GGUF files: header and metadata checked by us before candle reads a tensor.
//!
//! Format: the GGUF specification, versions 2 and 3. Outside bytes are not trusted: every length is held
//! against the file's size before anything is allocated.

use std::collections::HashMap;

/// A metadata value.
#[derive(Clone, Debug, PartialEq)]
#[expect(dead_code)]
pub(crate) enum Value {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(String),
    Array(Vec<Value>),
}

/// The key-value part of a file.
#[derive(Clone, Debug, Default)]
#[expect(dead_code)]
pub(crate) struct Metadata {
    values: HashMap<String, Value>,
}

#[expect(dead_code)]
impl Metadata {
    pub(crate) fn str(&self, _key: &str) -> Option<&str> {
        unimplemented!()
    }
    pub(crate) fn u32(&self, _key: &str) -> Option<u32> {
        unimplemented!()
    }
    pub(crate) fn u64(&self, _key: &str) -> Option<u64> {
        unimplemented!()
    }
    pub(crate) fn f32(&self, _key: &str) -> Option<f32> {
        unimplemented!()
    }
    pub(crate) fn bool(&self, _key: &str) -> Option<bool> {
        unimplemented!()
    }
    pub(crate) fn strings(&self, _key: &str) -> Option<Vec<&str>> {
        unimplemented!()
    }
    pub(crate) fn u32s(&self, _key: &str) -> Option<Vec<u32>> {
        unimplemented!()
    }
    pub(crate) fn f32s(&self, _key: &str) -> Option<Vec<f32>> {
        unimplemented!()
    }
}
