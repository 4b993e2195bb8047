//! A cursor over a file's bytes that never reads past the end and says what it was about to read.

use crate::EngineError;

/// A damaged file.
pub(super) fn bad(message: String) -> EngineError {
    EngineError::BadModelFile(message)
}

/// Reads little-endian numbers and strings from front to back.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.position as u64
    }

    pub(super) fn file_size(&self) -> usize {
        self.bytes.len()
    }

    fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: u64, what: &str) -> Result<&'a [u8], EngineError> {
        let Some(len) = usize::try_from(len).ok().filter(|&len| len <= self.remaining()) else {
            return Err(bad(format!(
                "the file is cut off or damaged: {what} needs {len} bytes at offset {}, but only {} are left; \
                 download it again",
                self.position,
                self.remaining(),
            )));
        };
        let taken = &self.bytes[self.position..self.position + len];
        self.position += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], EngineError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N as u64, what)?);
        Ok(out)
    }

    pub(super) fn u32(&mut self, what: &str) -> Result<u32, EngineError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &str) -> Result<u64, EngineError> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A string: its length in 64 bits, then UTF-8.
    pub(super) fn string(&mut self, what: &str) -> Result<&'a str, EngineError> {
        let len = self.u64(what)?;
        std::str::from_utf8(self.take(len, what)?)
            .map_err(|_| bad(format!("{what} is not UTF-8; the file is damaged, download it again")))
    }

    /// Refuses a count that the rest of the file cannot hold, each item taking at least `item_size` bytes, or that is
    /// beyond `most`.
    pub(super) fn check_count(&self, count: u64, item_size: u64, most: u64, what: &str) -> Result<(), EngineError> {
        let room = self.remaining() as u64 / item_size;
        if count > room {
            return Err(bad(format!(
                "the header announces {count} {what}, but the file has room for {room} at most; \
                 it is cut off or damaged, download it again"
            )));
        }
        if count > most {
            return Err(bad(format!("the header announces {count} {what}; more than {most} are not read")));
        }
        Ok(())
    }
}
