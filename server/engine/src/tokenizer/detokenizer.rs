//! Tokens to text, piece by piece: a character whose bytes are spread over several tokens is held back until it is
//! whole.

/// The bytes of a character that is not whole yet.
#[derive(Debug, Default)]
pub(crate) struct Detokenizer {
    pending: Vec<u8>,
}

impl Detokenizer {
    /// Adds a token's bytes and gives the text that is whole. Bytes that cannot become a character any more are
    /// replaced by U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = 0;
        for chunk in self.pending.utf8_chunks() {
            text.push_str(chunk.valid());
            rest += chunk.valid().len();
            let invalid = chunk.invalid();
            // Only the last chunk may be the beginning of a character.
            if rest + invalid.len() == self.pending.len() && is_beginning(invalid) {
                break;
            }
            if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
            rest += invalid.len();
        }
        self.pending.drain(..rest);
        text
    }

    /// The bytes that are held back.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.pending
    }
}

/// Whether more bytes could make a character of these.
fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}
