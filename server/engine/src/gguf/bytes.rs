//! The bytes of a file, shared: mapped, in the binary, or copied for alignment.
//!
//! This module holds the one place where a file is mapped; nothing here knows the format.

use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

/// Tensor blocks hold 2- and 4-byte numbers; GGUF aligns tensors to 32 bytes within the file.
const ALIGNMENT: usize = 32;

#[repr(align(32))]
#[derive(Clone, Copy)]
struct Chunk([u8; ALIGNMENT]);

enum Storage {
    Mapped(memmap2::Mmap),
    Static(&'static [u8]),
    Copied { chunks: Vec<Chunk>, len: usize },
}

/// All bytes of a file, starting at an address that is a multiple of 32. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Bytes(Arc<Storage>);

impl Bytes {
    /// Maps a file.
    ///
    /// # Errors
    /// The system's, when the file cannot be opened or mapped.
    pub(crate) fn map(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            // An empty range cannot be mapped.
            return Ok(Self::from_static(&[]));
        }
        #[expect(
            unsafe_code,
            reason = "mapping is how weights are held once and shared with the file cache. The map is read-only and \
                      private to this process; a model file must be replaced by renaming, not be rewritten in place, \
                      while it is in use: every program that maps a file relies on that"
        )]
        // SAFETY: see the reason above.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        // Only a hint, to have the weights read ahead; the file is as good without.
        #[cfg(unix)]
        let _ = map.advise(memmap2::Advice::WillNeed);
        Ok(Self(Arc::new(Storage::Mapped(map))))
    }

    /// Takes bytes that live for ever, copying them only when they are not aligned.
    pub(crate) fn from_static(bytes: &'static [u8]) -> Self {
        if bytes.as_ptr().addr().is_multiple_of(ALIGNMENT) || bytes.is_empty() {
            return Self(Arc::new(Storage::Static(bytes)));
        }
        Self::copied(bytes)
    }

    /// Copies bytes to where they are aligned.
    pub(crate) fn copied(bytes: &[u8]) -> Self {
        let chunks = bytes
            .chunks(ALIGNMENT)
            .map(|bytes| {
                let mut chunk = Chunk([0; ALIGNMENT]);
                chunk.0[..bytes.len()].copy_from_slice(bytes);
                chunk
            })
            .collect();
        Self(Arc::new(Storage::Copied { chunks, len: bytes.len() }))
    }

    /// A part that keeps the whole alive.
    pub(crate) fn slice(&self, range: Range<usize>) -> Slice {
        assert!(range.end <= self.len(), "the range lies inside the file");
        Slice { bytes: self.clone(), range }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &*self.0 {
            Storage::Mapped(map) => map,
            Storage::Static(bytes) => bytes,
            Storage::Copied { chunks, len } => &chunks.as_flattened_bytes()[..*len],
        }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.len())
    }
}

trait AsFlattenedBytes {
    fn as_flattened_bytes(&self) -> &[u8];
}

impl AsFlattenedBytes for Vec<Chunk> {
    fn as_flattened_bytes(&self) -> &[u8] {
        #[expect(unsafe_code, reason = "the standard library has no safe way to align bytes to 32")]
        // SAFETY: a `Chunk` is 32 bytes without padding, and `u8` has no alignment of its own.
        unsafe {
            std::slice::from_raw_parts(self.as_ptr().cast(), self.len() * ALIGNMENT)
        }
    }
}

/// A part of a file.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    bytes: Bytes,
    range: Range<usize>,
}

impl Slice {
    /// A part of the part.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        assert!(range.end <= self.range.len(), "the range lies inside the part");
        Self { bytes: self.bytes.clone(), range: self.range.start + range.start..self.range.start + range.end }
    }
}

impl Deref for Slice {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }
}
