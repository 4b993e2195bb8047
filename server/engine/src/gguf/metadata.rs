//! The key-value part of a file. Strings and arrays stay in the file: a vocabulary costs no memory of its own.

use std::collections::HashMap;
use std::ops::Range;

use super::bytes::Bytes;
use super::reader::{Reader, bad};
use crate::EngineError;

/// Type numbers of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    String,
    Array,
    U64,
    I64,
    F64,
}

impl Kind {
    fn read(reader: &mut Reader<'_>, key: &str) -> Result<Self, EngineError> {
        use Kind::*;
        const KINDS: [Kind; 13] = [U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64];
        let number = reader.u32(&format!("the type of {key:?}"))?;
        KINDS.get(number as usize).copied().ok_or_else(|| {
            bad(format!("the metadata entry {key:?} has the unknown type {number}; the file is damaged"))
        })
    }

    /// Bytes of one value; `None` where it varies.
    fn size(self) -> Option<u64> {
        match self {
            Self::U8 | Self::I8 | Self::Bool => Some(1),
            Self::U16 | Self::I16 => Some(2),
            Self::U32 | Self::I32 | Self::F32 => Some(4),
            Self::U64 | Self::I64 | Self::F64 => Some(8),
            Self::String | Self::Array => None,
        }
    }

    /// A value of fixed size; `bytes` has that size.
    fn decode(self, bytes: &[u8]) -> Scalar {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let unsigned = u64::from_le_bytes(wide);
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => Scalar::Uint(unsigned),
            Self::I8 => Scalar::Int(i64::from(unsigned as u8 as i8)),
            Self::I16 => Scalar::Int(i64::from(unsigned as u16 as i16)),
            Self::I32 => Scalar::Int(i64::from(unsigned as u32 as i32)),
            Self::I64 => Scalar::Int(unsigned as i64),
            Self::F32 => Scalar::Float(f64::from(f32::from_bits(unsigned as u32))),
            Self::F64 => Scalar::Float(f64::from_bits(unsigned)),
            Self::Bool => Scalar::Bool(unsigned != 0),
            Self::String | Self::Array => unreachable!("strings and arrays have no fixed size"),
        }
    }
}

/// A value of fixed size.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scalar {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
}

impl Scalar {
    fn as_u64(self) -> Option<u64> {
        match self {
            Self::Uint(value) => Some(value),
            Self::Int(value) => u64::try_from(value).ok(),
            Self::Bool(_) | Self::Float(_) => None,
        }
    }

    fn as_u32(self) -> Option<u32> {
        self.as_u64().and_then(|value| u32::try_from(value).ok())
    }

    fn as_f32(self) -> Option<f32> {
        match self {
            Self::Float(value) => Some(value as f32),
            Self::Uint(value) => Some(value as f32),
            Self::Int(value) => Some(value as f32),
            Self::Bool(_) => None,
        }
    }
}

/// A metadata value; ranges are of the file and have been checked.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Scalar(Scalar),
    String(Range<usize>),
    Array { kind: Kind, count: usize, range: Range<usize> },
}

/// The key-value part of a file. Every getter answers `None` for a missing key and for a value of another kind; integer
/// widths and signs are converted where the value fits.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    bytes: Bytes,
    values: HashMap<String, Value>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self { bytes: Bytes::from_static(&[]), values: HashMap::new() }
    }
}

impl Metadata {
    pub(super) fn read(reader: &mut Reader<'_>, count: u64, bytes: Bytes) -> Result<Self, EngineError> {
        let mut values = HashMap::new();
        for index in 0..count {
            let key = reader.string(&format!("the key of metadata entry {index}"))?;
            let value = read_value(reader, key)?;
            if values.insert(key.to_owned(), value).is_some() {
                return Err(bad(format!("the metadata entry {key:?} occurs twice; the file is damaged")));
            }
        }
        Ok(Self { bytes, values })
    }

    fn scalar(&self, key: &str) -> Option<Scalar> {
        match self.values.get(key)? {
            Value::Scalar(scalar) => Some(*scalar),
            Value::String(_) | Value::Array { .. } => None,
        }
    }

    fn scalars(&self, key: &str) -> Option<impl Iterator<Item = Scalar> + '_> {
        let Value::Array { kind, range, .. } = self.values.get(key)? else { return None };
        let size = kind.size()? as usize;
        Some(self.bytes[range.clone()].chunks_exact(size).map(|bytes| kind.decode(bytes)))
    }

    pub(crate) fn str(&self, key: &str) -> Option<&str> {
        let Value::String(range) = self.values.get(key)? else { return None };
        std::str::from_utf8(&self.bytes[range.clone()]).ok()
    }

    pub(crate) fn u32(&self, key: &str) -> Option<u32> {
        self.scalar(key)?.as_u32()
    }

    pub(crate) fn u64(&self, key: &str) -> Option<u64> {
        self.scalar(key)?.as_u64()
    }

    pub(crate) fn f32(&self, key: &str) -> Option<f32> {
        self.scalar(key)?.as_f32()
    }

    pub(crate) fn bool(&self, key: &str) -> Option<bool> {
        match self.scalar(key)? {
            Scalar::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn strings(&self, key: &str) -> Option<Vec<&str>> {
        let Value::Array { kind: Kind::String, count, range } = self.values.get(key)? else { return None };
        let mut reader = Reader::new(&self.bytes[range.clone()]);
        (0..*count).map(|_| reader.string(key).ok()).collect()
    }

    pub(crate) fn u32s(&self, key: &str) -> Option<Vec<u32>> {
        self.scalars(key)?.map(Scalar::as_u32).collect()
    }

    pub(crate) fn bools(&self, key: &str) -> Option<Vec<bool>> {
        let bool = |scalar| if let Scalar::Bool(value) = scalar { Some(value) } else { None };
        self.scalars(key)?.map(bool).collect()
    }

    pub(crate) fn f32s(&self, key: &str) -> Option<Vec<f32>> {
        self.scalars(key)?.map(Scalar::as_f32).collect()
    }
}

fn read_value(reader: &mut Reader<'_>, key: &str) -> Result<Value, EngineError> {
    let what = format!("the value of {key:?}");
    match Kind::read(reader, key)? {
        Kind::String => {
            let text = reader.string(&what)?;
            let end = reader.position() as usize;
            Ok(Value::String(end - text.len()..end))
        }
        Kind::Array => {
            let kind = Kind::read(reader, key)?;
            let count = reader.u64(&what)?;
            let start = reader.position() as usize;
            match kind.size() {
                Some(size) => {
                    // A product beyond 64 bits is beyond any file as well.
                    reader.take(count.saturating_mul(size), &what)?;
                }
                None if kind == Kind::String => {
                    reader.check_count(count, 8, u64::MAX, &format!("strings in {key:?}"))?;
                    for _ in 0..count {
                        reader.string(&what)?;
                    }
                }
                None => {
                    return Err(bad(format!("the metadata entry {key:?} is an array of arrays, which is not read")));
                }
            }
            Ok(Value::Array { kind, count: count as usize, range: start..reader.position() as usize })
        }
        kind => {
            let size = kind.size().expect("all kinds but strings and arrays have a fixed size");
            Ok(Value::Scalar(kind.decode(reader.take(size, &what)?)))
        }
    }
}
