//! Which tokens end a text. Files name one or two; chat models have more, which are known by their texts.

use crate::EngineError;
use crate::gguf::Metadata;
use crate::tokenizer::Described;

/// Keys that name an end.
const KEYS: [&str; 2] = ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

/// Texts of control tokens that end a text or a turn, whatever the file says.
const NAMES: [&str; 13] = [
    "</s>",
    "<EOT>",
    "<|end_of_text|>",
    "<|endoftext|>",
    "<|end|>",
    "<|eom_id|>",
    "<|eot_id|>",
    "<|im_end|>",
    "<end_of_turn>",
    "<end_of_utterance>",
    "[EOT]",
    "_<EOT>",
    "<｜end▁of▁sentence｜>",
];

/// The ends of the described vocabulary; they become control tokens. Only a vocabulary of symbols may have none: its
/// texts end where the answer is long enough.
pub(super) fn read(metadata: &Metadata, described: &mut Described) -> Result<Vec<u32>, EngineError> {
    let vocab = described.tokenizer.vocab();
    let in_vocab = |id: &u32| (*id as usize) < vocab.len();
    let named = KEYS.iter().filter_map(|key| metadata.u32(key)).filter(in_vocab);
    let known = NAMES.iter().filter_map(|name| vocab.named(name));
    let ends: Vec<u32> = described.eos.into_iter().chain(named).chain(known).collect();
    if ends.is_empty() && !described.tokenizer.is_symbols() {
        return Err(EngineError::BadModelFile(
            "no token ends a text: the file has no tokenizer.ggml.eos_token_id".to_owned(),
        ));
    }
    for id in &ends {
        described.tokenizer.make_control(*id);
    }
    Ok(ends)
}
