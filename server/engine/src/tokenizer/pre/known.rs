//! Vocabularies whose pre-tokenizer is known without the file saying so. `tokenizer.ggml.pre` came in spring 2024, so older
//! files of models that are still in use lack it (DeepSeek Coder, StarCoder, Stable Code, Qwen 1.5, Llama 3's first ones),
//! or have it as `default`.
//!
//! Merges are learned from text that was cut in one way, so equal merges mean an equal cut; tokens that a model adds stand
//! behind them in the vocabulary and do not count. What is compared is all of the merges, not a name: this is no guess.
//!
//! Source: the vocabularies in llama.cpp's repository (`models/ggml-vocab-*.gguf`), which carry the key.
//! `tests/reference/tokens.py --nameless` compares the ids of such files with the key taken out.

/// Number and fingerprint of the merges, and the value of `tokenizer.ggml.pre`.
const KNOWN: [(usize, u64, &str); 10] = [
    (253_333, 0x3ae1_19ba_60e0_d051, "command-r"),
    (31_757, 0x35a5_d311_275e_e74b, "deepseek-coder"),
    (99_757, 0xd8d5_4efb_a5dc_521c, "deepseek-llm"),
    (64_784, 0x6d9e_5774_e17e_e8fb, "falcon"),
    // RoBERTa's and Phi 2's too.
    (50_000, 0xe9cb_995b_5ed1_931e, "gpt-2"),
    (280_147, 0x4181_50f3_f674_6ab1, "llama-bpe"),
    // GPT-NeoX's, which is Pythia's, OLMo's and Stable Code's too.
    (50_009, 0x6a68_29dd_28fd_59e0, "mpt"),
    // That of Qwen 1.5 to 2.5.
    (151_387, 0x8916_87f6_2ed8_cbd2, "qwen2"),
    // StarCoder's, to which Refact added tokens.
    (48_891, 0x7424_efd1_2a3c_d81b, "refact"),
    // StarCoder 2's.
    (48_872, 0xe680_b79e_da65_b03b, "starcoder"),
];

/// The value of `tokenizer.ggml.pre` that a vocabulary with these merges has, where it is known.
pub(super) fn name(merges: &[&str]) -> Option<&'static str> {
    let mut of_this_size = KNOWN.iter().filter(|(count, ..)| *count == merges.len()).peekable();
    of_this_size.peek()?;
    let fingerprint = fingerprint(merges);
    of_this_size.find(|(_, known, _)| *known == fingerprint).map(|(.., name)| *name)
}

/// FNV-1a of all merges, a line each (draft-eastlake-fnv). It need not resist anybody: a file that was made to look like
/// another is cut like that one.
fn fingerprint(merges: &[&str]) -> u64 {
    let bytes = merges.iter().flat_map(|merge| merge.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, fingerprint, name};
    use crate::tokenizer::pre;

    #[test]
    fn fingerprints_are_fnv() {
        assert_eq!(fingerprint(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(&["a"]), 0x089b_dc07_b544_e7b2);
        assert_ne!(fingerprint(&["a b", "c"]), fingerprint(&["a b c"]));
    }

    #[test]
    fn each_is_told_from_the_others_and_stands_for_a_row() {
        for (index, (count, fingerprint, name)) in KNOWN.iter().enumerate() {
            assert!(pre::find(Some(name)).is_ok(), "{name}");
            assert!(KNOWN[..index].iter().all(|(_, other, _)| other != fingerprint), "{name}");
            // As many merges, but others.
            assert_eq!(super::name(&vec!["a b"; *count]), None);
        }
        assert_eq!(name(&[]), None);
    }
}
