//! How byte-level BPE vocabularies cut text into words before merging: one row for each value of
//! `tokenizer.ggml.pre`.
//!
//! The expressions are those of the models' own `tokenizer.json`; which name stands for which is llama.cpp's. A wrong
//! one gives wrong ids and a model that stammers, so an unknown name is refused, never guessed.

use crate::EngineError;

/// How one vocabulary cuts.
#[derive(Debug)]
pub(crate) struct Pre {
    /// Values of `tokenizer.ggml.pre`.
    names: &'static [&'static str],
    /// Each cuts what the one before left: matches and what lies between them.
    pub(crate) splits: &'static [&'static str],
    /// A word that is a token is not built by merges.
    pub(crate) ignore_merges: bool,
    /// Whether a prompt begins with the BOS token where the file does not say.
    pub(crate) add_bos: bool,
}

/// GPT-2's words: contractions, letters, numbers, other signs, each with one space before.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)";
/// Llama 3's: contractions in any case, numbers of up to three digits, line ends with what is before them.
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen 2's: as Llama 3's with single digits.
const QWEN2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen 3.5's: as Qwen 2's with combining marks among the letters.
const QWEN35: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Seed-Coder's: as Qwen 2's, but signs do not take line ends along.
const SEED_CODER: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Mistral's Tekken: words begin where the case rises.
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Chinese, Japanese and Korean letters as DeepSeek counts them.
const DEEPSEEK_CJK: &str = "[一-龥\u{800}-一가-\u{d7ff}]+";

const TABLE: &[Pre] = &[
    Pre {
        names: &["qwen2", "deepseek-r1-qwen", "kormo", "stablelm2", "megrez", "hunyuan"],
        splits: &[QWEN2],
        ignore_merges: false,
        add_bos: false,
    },
    Pre { names: &["qwen35"], splits: &[QWEN35], ignore_merges: false, add_bos: false },
    Pre {
        names: &["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "lfm2"],
        splits: &[LLAMA3],
        ignore_merges: true,
        add_bos: true,
    },
    Pre { names: &["dbrx", "smaug-bpe", "chatglm-bpe"], splits: &[LLAMA3], ignore_merges: false, add_bos: false },
    Pre { names: &["glm4", "glm5"], splits: &[LLAMA3], ignore_merges: true, add_bos: false },
    Pre { names: &["tekken"], splits: &[TEKKEN], ignore_merges: true, add_bos: true },
    Pre { names: &["seed-coder"], splits: &[SEED_CODER], ignore_merges: false, add_bos: false },
    Pre {
        names: &["gpt-2", "phi-2", "mellum", "mpt", "olmo", "jais", "exaone4", "trillion", "modern-bert", "gigachat"],
        splits: &[GPT2],
        ignore_merges: false,
        add_bos: false,
    },
    Pre {
        names: &["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"],
        splits: &[r"\p{N}", GPT2],
        ignore_merges: false,
        add_bos: false,
    },
    Pre {
        names: &["deepseek-coder"],
        splits: &[r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", DEEPSEEK_CJK, r"\p{N}"],
        ignore_merges: false,
        add_bos: false,
    },
    Pre {
        names: &["deepseek-llm"],
        splits: &[
            r"[\r\n]",
            // Letters with case, but for the Georgian ones that had none when the list was made.
            r"\s?[\p{Lu}\p{Ll}\p{Lt}--\u{10d0}-\u{10fa}\u{10fd}-\u{10ff}]+",
            r"\s?[!-/:-~！-／：-～‘-‟\u{3000}-。]+",
            r"\s+$",
            DEEPSEEK_CJK,
            r"\p{N}+",
        ],
        ignore_merges: false,
        add_bos: false,
    },
    Pre {
        names: &["falcon"],
        splits: &[r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
        ignore_merges: false,
        add_bos: false,
    },
    Pre {
        names: &["default"],
        splits: &[r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
        ignore_merges: false,
        add_bos: false,
    },
];

/// The row of a name.
///
/// # Errors
/// `UnsupportedModel` for a name that is not in the table, and for a missing one.
pub(crate) fn find(name: Option<&str>) -> Result<&'static Pre, EngineError> {
    let Some(name) = name else {
        return Err(EngineError::UnsupportedModel(
            "the file does not say how its tokenizer cuts words (tokenizer.ggml.pre); convert the model again with a \
             current converter"
                .to_owned(),
        ));
    };
    TABLE.iter().find(|pre| pre.names.contains(&name)).ok_or_else(|| {
        let known: Vec<&str> = TABLE.iter().flat_map(|pre| pre.names).copied().collect();
        EngineError::UnsupportedModel(format!(
            "the pre-tokenizer {name:?} (tokenizer.ggml.pre) is unknown; known are {}",
            known.join(", ")
        ))
    })
}

/// One name of each row.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|pre| pre.names[0])
}
