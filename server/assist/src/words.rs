//! What a word is where no grammar is asked. Not what a name is in a language: that is `analysis`'.

/// Whether a character is part of a word.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
