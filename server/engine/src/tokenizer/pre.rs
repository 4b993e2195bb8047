//! How byte-level BPE vocabularies cut text into words before merging: one row for each value of
//! `tokenizer.ggml.pre`. `words.rs` carries it out.
//!
//! The expressions are those of the models' own `tokenizer.json`; which name stands for which is llama.cpp's. A wrong
//! one gives wrong ids and a model that stammers, so an unknown name is refused, never guessed. Files from before there
//! were names are read where their merges are known (`pre/known.rs`).

use crate::EngineError;

mod known;

/// How one vocabulary cuts.
#[derive(Debug)]
pub(crate) struct Pre {
    /// Values of `tokenizer.ggml.pre`.
    names: &'static [&'static str],
    /// Each cuts what the one before left: matches and what lies between them.
    pub(crate) steps: &'static [Step],
    /// A word that is a token is not built by merges.
    pub(crate) ignore_merges: bool,
    /// Whether a prompt begins with the BOS token where the file does not say.
    pub(crate) add_bos: bool,
}

/// One way of cutting.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// At the matches of an expression.
    Matches(&'static str),
    /// At the matches of an expression with `|\s+(?!\S)|\s+` behind it: of white space that nothing else takes, the
    /// last character is left to the word that follows.
    Words(&'static str),
    /// The same with `|\s*[\r\n]+|\s+(?!\S)|\s+` behind it: white space up to a line end is a word. (Some files
    /// write `\s*[\r\n]`, which ends at the last of several line ends all the same.)
    Lines(&'static str),
}

use Step::{Lines, Matches, Words};

/// GPT-2's words: contractions, letters, numbers, other signs, each with one space before.
const GPT2: Step = Words(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+");
/// Llama 3's: contractions in any case, numbers of up to three digits, line ends with what is before them.
const LLAMA3: Step =
    Lines(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*");
/// Qwen 2's: as Llama 3's with single digits.
const QWEN2: Step = Lines(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*");
/// Qwen 3.5's: as Qwen 2's with combining marks among the letters.
const QWEN35: Step =
    Lines(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*");
/// Seed-Coder's: as Qwen 2's, but signs do not take line ends along.
const SEED_CODER: Step = Lines(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+");
/// BailingMoE's: as Qwen 2's, but for how contractions are written.
const BAILING: Step = Lines(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*");
/// Turkish, where an apostrophe begins suffixes of any length: as Qwen 2's without contractions.
const UFAKZEKA: Step = Lines(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*");
/// MiniCPM 5's: as Llama 3's behind a step that has cut the numbers already.
const MINICPM5: Step = Lines(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*");
/// EXAONE MoE's: words may go on behind a space.
const EXAONE_MOE: Step = Lines(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?",
);
/// Mistral's Tekken: words begin where the case rises.
const TEKKEN: Step = Lines(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*",
);
/// GPT-4o's: as Tekken's, with contractions and numbers of up to three digits.
const GPT4O: Step = Lines(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*",
);
/// DeepSeek V3's, behind its numbers and Chinese and Japanese letters.
const DEEPSEEK_V3: Step = Lines(
    r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"##,
);
/// Chinese, Japanese and Korean letters as DeepSeek's first models count them.
const DEEPSEEK_CJK: Step = Matches("[一-龥\u{800}-一가-\u{d7ff}]+");
/// Letters with case as DeepSeek's first models list them: most of the first planes', but not all.
const DEEPSEEK_CASED: Step = Matches(concat!(
    r"\s?[",
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅ",
    "ὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-",
    "ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃",
    "]+"
));
/// Words that end at white space and sentence signs, as BLOOM and what was made of it cut them.
const BLOOM: Step = Matches(r" ?[^(\s|.,!?…。，、।۔،)]+");
/// One digit.
const DIGIT: Step = Matches(r"\p{N}");

const fn pre(names: &'static [&'static str], steps: &'static [Step]) -> Pre {
    Pre { names, steps, ignore_merges: false, add_bos: false }
}

/// `pre`, for a vocabulary that was not made by merging.
const fn whole(names: &'static [&'static str], steps: &'static [Step], add_bos: bool) -> Pre {
    Pre { names, steps, ignore_merges: true, add_bos }
}

const TABLE: &[Pre] = &[
    pre(
        &["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "megrez", "hunyuan", "solar-open", "grok-2"],
        &[QWEN2],
    ),
    pre(&["qwen35"], &[QWEN35]),
    whole(
        &["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"],
        &[LLAMA3],
        true,
    ),
    pre(&["dbrx", "smaug-bpe", "chatglm-bpe"], &[LLAMA3]),
    whole(&["glm4", "glm5"], &[LLAMA3], false),
    whole(&["tekken"], &[TEKKEN], true),
    pre(&["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], &[GPT4O]),
    pre(&["seed-coder"], &[SEED_CODER]),
    pre(&["bailingmoe", "bailingmoe2", "llada-moe"], &[BAILING]),
    pre(&["ufakzeka"], &[UFAKZEKA]),
    whole(&["minicpm5"], &[Matches(r"\p{N}{1,3}"), MINICPM5], false),
    pre(&["exaone-moe"], &[EXAONE_MOE]),
    pre(&["laguna"], &[Matches(r"[^\n]+|\n+"), QWEN2]),
    pre(
        &[
            "gpt-2",
            "phi-2",
            "mellum",
            "mpt",
            "olmo",
            "jais",
            "exaone4",
            "trillion",
            "modern-bert",
            "gigachat",
            "a.x-4.0",
            "granite-docling",
            "jina-es",
            "jina-de",
            "jina-v1-en",
            "jina-v2-es",
            "jina-v2-de",
            "jina-v2-code",
            "roberta-bpe",
        ],
        &[GPT2],
    ),
    pre(
        &["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"],
        &[DIGIT, GPT2],
    ),
    pre(&["deepseek-coder"], &[Matches(r"[\r\n]"), Matches(r"\s?\p{L}+"), Matches(r"\s?\p{P}+"), DEEPSEEK_CJK, DIGIT]),
    pre(
        &["deepseek-llm"],
        &[
            Matches(r"[\r\n]"),
            DEEPSEEK_CASED,
            Matches(r"\s?[!-/:-~！-／：-～‘-‟\u{3000}-。]+"),
            Matches(r"\s+$"),
            DEEPSEEK_CJK,
            Matches(r"\p{N}+"),
        ],
    ),
    pre(
        &["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
        &[Matches(r"\p{N}{1,3}"), Matches("[一-龥\u{3040}-ゟ\u{30a0}-ヿ]+"), DEEPSEEK_V3],
    ),
    pre(&["falcon"], &[Matches(r"[\p{P}\$\+<=>\^~\|`]+"), GPT2, Matches("[0-9][0-9][0-9]")]),
    pre(&["default"], &[Matches(r"[\p{P}\$\+<=>\^~\|]+"), GPT2, Matches(r"\p{N}+"), Matches("[0-9][0-9][0-9]")]),
    pre(&["bloom", "poro-chat", "gpt3-finnish"], &[BLOOM]),
    pre(&["viking"], &[BLOOM, DIGIT]),
];

/// The row of a vocabulary with these merges. A file that names none, or the one that old converters wrote without knowing
/// better, is told by its merges.
///
/// # Errors
/// `UnsupportedModel` for a name that is not in the table, and for a missing one of an unknown vocabulary.
pub(crate) fn of_file(name: Option<&str>, merges: &[&str]) -> Result<&'static Pre, EngineError> {
    match name {
        None | Some("default") => find(known::name(merges).or(name)),
        named => find(named),
    }
}

/// The row of a name.
///
/// # Errors
/// `UnsupportedModel` for a name that is not in the table, and for a missing one.
pub(crate) fn find(name: Option<&str>) -> Result<&'static Pre, EngineError> {
    let Some(name) = name else {
        return Err(EngineError::UnsupportedModel(
            "the file does not say how its tokenizer cuts words (tokenizer.ggml.pre), and its vocabulary is not among \
             the known ones; convert the model again with a current converter, or add the key with gguf-py: \
             gguf-new-metadata --pre-tokenizer NAME OLD.gguf NEW.gguf"
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

/// All names.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|pre| pre.names).copied()
}
