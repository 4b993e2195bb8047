//! A small byte-level vocabulary for tests: all bytes, a few words, and the markers of a FIM model.

use crate::gguf::testing::GgufBuilder;

use crate::tokenizer::bpe;

/// Merges of the small vocabulary, in order.
const MERGES: [&str; 12] =
    ["d e", "de f", "Ġ Ġ", "ĠĠ ĠĠ", "r e", "re t", "Ġ a", "Ċ Ċ", "( a", "u r", "ret ur", "retur n"];

/// Control tokens of the small vocabulary, first ids first.
pub(crate) const MARKERS: [&str; 7] = [
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|file_sep|>",
    "<|repo_name|>",
];

/// A user-defined token of the small vocabulary.
pub(crate) const FIXED: &str = "<tool>";

/// Texts, token types and merges of the small vocabulary.
pub(crate) fn small_vocabulary() -> (Vec<String>, Vec<i32>, Vec<&'static str>) {
    let mut texts: Vec<String> = MARKERS.iter().map(ToString::to_string).collect();
    let mut kinds = vec![3; texts.len()];
    texts.extend((0..=u8::MAX).map(|byte| bpe::byte_char(byte).to_string()));
    texts.extend(MERGES.iter().map(|merge| merge.replace(' ', "")));
    kinds.resize(texts.len(), 1);
    texts.push(FIXED.to_owned());
    kinds.push(4);
    (texts, kinds, MERGES.to_vec())
}

/// Metadata with the small vocabulary.
pub(crate) fn small_gguf() -> GgufBuilder {
    with_small_vocabulary(GgufBuilder::new())
}

/// A file with the small vocabulary.
pub(crate) fn with_small_vocabulary(gguf: GgufBuilder) -> GgufBuilder {
    let (texts, kinds, merges) = small_vocabulary();
    gguf.str("tokenizer.ggml.model", "gpt2")
        .str("tokenizer.ggml.pre", "qwen2")
        .strings("tokenizer.ggml.tokens", &texts)
        .i32s("tokenizer.ggml.token_type", &kinds)
        .strings("tokenizer.ggml.merges", &merges)
        .u32("tokenizer.ggml.eos_token_id", 0)
}
