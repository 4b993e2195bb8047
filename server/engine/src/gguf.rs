//! Reading GGUF files: the header, the metadata and the place of every tensor, all checked before use.
//!
//! Format: the GGUF specification (`docs/gguf.md` of the ggml project), versions 2 and 3, little-endian. Outside bytes
//! are not trusted: every count and length is held against the file's size before anything is allocated. Weights are
//! not copied; a tensor is a range of the mapped file. What the numbers in a tensor mean is `ops`' business.
//!
//! Entry: [`GgufFile::open`], [`GgufFile::from_bytes`].

mod bytes;
mod metadata;
mod reader;
mod tensor;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use crate::EngineError;

pub(crate) use bytes::{Bytes, Slice};
pub(crate) use metadata::Metadata;
use reader::{Reader, bad};
pub(crate) use tensor::TensorInfo;

/// Most metadata entries and tensors that are read; real files have some dozens and some thousands. Together with the
/// check of every length it bounds what a forged header can make us allocate.
const MAX_METADATA: u64 = 1 << 14;
const MAX_TENSORS: u64 = 1 << 16;

/// Where tensor data start and tensors are aligned, unless `general.alignment` says otherwise.
const DEFAULT_ALIGNMENT: u64 = 32;

/// A sound GGUF file: all ranges lie inside it.
#[derive(Clone, Debug)]
pub(crate) struct GgufFile {
    bytes: Bytes,
    metadata: Metadata,
    tensors: Vec<TensorInfo>,
    by_name: HashMap<String, usize>,
}

impl GgufFile {
    /// Maps a file into memory and reads its header. The pages are shared with the system's file cache.
    ///
    /// # Errors
    /// `BadModelFile` when it cannot be read or is damaged, `UnsupportedModel` for types and versions we do not know.
    pub(crate) fn open(path: &Path) -> Result<Self, EngineError> {
        let bytes = Bytes::map(path)
            .map_err(|error| bad(format!("cannot read the model file {}: {error}; check the path", path.display())))?;
        Self::parse(bytes)
    }

    /// Reads an image in memory (the built-in model). It is copied only if it is not aligned to 32 bytes.
    ///
    /// # Errors
    /// As [`GgufFile::open`].
    pub(crate) fn from_bytes(bytes: &'static [u8]) -> Result<Self, EngineError> {
        Self::parse(Bytes::from_static(bytes))
    }

    /// Reads a copy of an image in memory.
    ///
    /// # Errors
    /// As [`GgufFile::open`].
    #[cfg(feature = "fuzzing")]
    pub(crate) fn from_copy(bytes: &[u8]) -> Result<Self, EngineError> {
        Self::parse(Bytes::copied(bytes))
    }

    fn parse(bytes: Bytes) -> Result<Self, EngineError> {
        let mut reader = Reader::new(&bytes);
        read_magic_and_version(&mut reader)?;
        let n_tensors = reader.u64("the number of tensors")?;
        let n_metadata = reader.u64("the number of metadata entries")?;
        // The shortest entries: a key of one byte with a one-byte value; a tensor without dimensions.
        reader.check_count(n_metadata, 8 + 1 + 4 + 1, MAX_METADATA, "metadata entries")?;
        let metadata = Metadata::read(&mut reader, n_metadata, bytes.clone())?;
        reader.check_count(n_tensors, 8 + 1 + 4 + 4 + 8, MAX_TENSORS, "tensors")?;

        let alignment = match metadata.u64("general.alignment") {
            None => DEFAULT_ALIGNMENT,
            Some(value) if value.is_power_of_two() && (8..=1 << 16).contains(&value) => value,
            Some(value) => {
                return Err(bad(format!("general.alignment is {value}, not a power of two from 8 to 65536")));
            }
        };
        let mut tensors = Vec::new();
        let mut by_name = HashMap::new();
        for index in 0..n_tensors {
            let info = TensorInfo::read(&mut reader, index, alignment)?;
            if by_name.insert(info.name.clone(), tensors.len()).is_some() {
                return Err(bad(format!("two tensors have the name {:?}", info.name)));
            }
            tensors.push(info);
        }
        let data_start = reader.position().next_multiple_of(alignment);
        for info in &mut tensors {
            info.place(data_start, bytes.len() as u64)?;
        }
        refuse_overlap(&tensors)?;
        Ok(Self { bytes, metadata, tensors, by_name })
    }

    /// The key-value part.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// All tensors, in the file's order.
    pub(crate) fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// A tensor by its name.
    pub(crate) fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.by_name.get(name).map(|&index| &self.tensors[index])
    }

    /// The bytes of a tensor of this file; they keep the file mapped.
    pub(crate) fn data(&self, tensor: &TensorInfo) -> Slice {
        self.bytes.slice(tensor.range())
    }

    /// Number of weights, over all tensors.
    pub(crate) fn parameters(&self) -> u64 {
        self.tensors.iter().map(TensorInfo::elements).sum()
    }

    /// The tensor type that takes most bytes, as people write it: `Q4_K`.
    pub(crate) fn quantization(&self) -> String {
        let mut sizes: Vec<(&'static str, usize)> = Vec::new();
        for tensor in &self.tensors {
            let name = tensor.type_name();
            match sizes.iter_mut().find(|(known, _)| *known == name) {
                Some((_, size)) => *size += tensor.range().len(),
                None => sizes.push((name, tensor.range().len())),
            }
        }
        sizes.iter().max_by_key(|(_, size)| *size).map_or_else(|| "none".to_owned(), |(name, _)| (*name).to_owned())
    }
}

/// Tensors that lie over each other let a file of kilobytes ask for any amount of memory, and no program writes them.
fn refuse_overlap(tensors: &[TensorInfo]) -> Result<(), EngineError> {
    let mut by_place: Vec<&TensorInfo> = tensors.iter().filter(|tensor| !tensor.range().is_empty()).collect();
    by_place.sort_unstable_by_key(|tensor| tensor.range().start);
    for (before, after) in by_place.iter().zip(by_place.iter().skip(1)) {
        if before.range().end > after.range().start {
            return Err(bad(format!(
                "the tensors {:?} and {:?} lie over each other; the file is damaged, download it again",
                before.name, after.name
            )));
        }
    }
    Ok(())
}

fn read_magic_and_version(reader: &mut Reader<'_>) -> Result<(), EngineError> {
    let magic = reader.take(4, "the magic number").map_err(|_| {
        bad(format!("the file has only {} bytes and is no GGUF file; download it again", reader.file_size()))
    })?;
    match magic {
        b"GGUF" => {}
        b"ggml" | b"lmgg" | b"tjgg" | b"fmgg" => {
            return Err(bad("this is a file of the old GGML format; convert it to GGUF first".to_owned()));
        }
        _ => {
            let shown = magic.escape_ascii();
            return Err(bad(format!("this is no GGUF file: it starts with \"{shown}\" instead of \"GGUF\"")));
        }
    }
    match reader.u32("the version")? {
        2 | 3 => Ok(()),
        1 => Err(bad("GGUF version 1 is obsolete; convert the model again with a current converter".to_owned())),
        version if matches!(version.swap_bytes(), 1..=3) => {
            Err(bad("this is a big-endian GGUF file; get the little-endian one".to_owned()))
        }
        version => Err(EngineError::UnsupportedModel(format!("GGUF version {version} is unknown; known are 2 and 3"))),
    }
}
