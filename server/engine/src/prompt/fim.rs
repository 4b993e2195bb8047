//! Which fill-in-the-middle form a model was trained on: from the file's metadata, and where they are silent from the
//! texts of its control tokens; never from the file's name. What is found is checked before it is used.

use crate::gguf::Metadata;
use crate::tokenizer::{TokenKind, Tokenizer};
use crate::{FimOrder, FimPrompt, Prompt};

use super::PromptFormat;

/// The markers of fill-in-the-middle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FimFormat {
    pub(crate) prefix: u32,
    pub(crate) suffix: u32,
    /// Goes before the middle; `None` where the suffix comes first and the prefix marker second, and the middle follows
    /// the prefix without any (Codestral).
    pub(crate) middle: Option<u32>,
    pub(crate) order: FimOrder,
    /// Goes before each file of a prompt with several.
    pub(crate) file_separator: Option<u32>,
    /// Goes before the name of the repository.
    pub(crate) repository: Option<u32>,
    /// How the files of a repository are written.
    pub(crate) repository_form: RepositoryForm,
    /// Fills training sequences up; a model that writes it has ended.
    pub(crate) pad: Option<u32>,
    /// Ends a middle, where that is not the end of a text (Code Llama).
    pub(crate) end: Option<u32>,
    /// A prompt begins with language and path (our own key `ropewalk.fim.header` = `lang-path`).
    pub(crate) lang_path_header: bool,
}

/// How a prompt with several files looks; `R` is the repository's name, `F` a file's path and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepositoryForm {
    /// `<repository>R\n<separator>F … <separator>path\n<prefix>P…`: Qwen 2.5 Coder (Hui et al. 2024).
    PathOutside,
    /// `<repository>R<separator>F … <separator><prefix>path\nP…`: StarCoder 2 (Lozhkov et al. 2024, section 5.1).
    PathInside,
}

/// Keys of the three markers, and the ones that older converters wrote.
const KEYS: [[&str; 3]; 2] = [
    ["tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.fim_suf_token_id", "tokenizer.ggml.fim_mid_token_id"],
    ["tokenizer.ggml.prefix_token_id", "tokenizer.ggml.suffix_token_id", "tokenizer.ggml.middle_token_id"],
];

/// Texts of the three markers, by the models that brought them up.
const NAMES: [[&str; 3]; 9] = [
    // Qwen 2.5 Coder, and our built-in model
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    // StarCoder, Granite
    ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
    // SantaCoder
    ["<fim-prefix>", "<fim-suffix>", "<fim-middle>"],
    // DeepSeek Coder
    ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    // Code Llama
    ["<PRE>", "<SUF>", "<MID>"],
    ["▁<PRE>", "▁<SUF>", "▁<MID>"],
    // GLM 4.5
    ["<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"],
    // Falcon H1 Coder
    ["<|prefix|>", "<|suffix|>", "<|middle|>"],
    // Codestral, which never writes the third
    CODESTRAL,
];
const CODESTRAL: [&str; 3] = ["[PREFIX]", "[SUFFIX]", "[MIDDLE]"];

/// The first is StarCoder 2's, the last CodeGemma's.
const SEPARATOR_NAMES: [&str; 3] = [STARCODER2_SEPARATOR, "<|file_sep|>", "<|file_separator|>"];
const STARCODER2_SEPARATOR: &str = "<file_sep>";
const REPOSITORY_NAMES: [&str; 3] = ["<|repo_name|>", "<repo_name>", "<reponame>"];
const PAD_NAMES: [&str; 3] = ["<|fim_pad|>", "<fim_pad>", "<fim-pad>"];
/// Code Llama's end of a middle, beside its other markers.
const CODE_LLAMA_END: [&str; 2] = ["▁<EOT>", "<EOT>"];

impl FimFormat {
    /// The form of a model, checked; or why it has none.
    pub(super) fn read(metadata: &Metadata, tokenizer: &mut Tokenizer) -> Result<Self, String> {
        let vocab = tokenizer.vocab();
        let by_key = |keys: &[&str; 3]| Some([metadata.u32(keys[0])?, metadata.u32(keys[1])?, metadata.u32(keys[2])?]);
        let by_name = |names: &[&str; 3]| Some([vocab.find(names[0])?, vocab.find(names[1])?, vocab.find(names[2])?]);
        let [prefix, suffix, middle] = KEYS
            .iter()
            .find_map(by_key)
            .or_else(|| NAMES.iter().find_map(by_name))
            .ok_or("the vocabulary has no markers for it")?;
        let other = |key: &str, names: &[&str]| {
            let id = metadata.u32(key).or_else(|| names.iter().find_map(|name| vocab.named(name)));
            id.filter(|id| looks_like_marker(tokenizer, *id))
        };
        let file_separator = other("tokenizer.ggml.fim_sep_token_id", &SEPARATOR_NAMES);
        let repository = other("tokenizer.ggml.fim_rep_token_id", &REPOSITORY_NAMES);
        let pad = other("tokenizer.ggml.fim_pad_token_id", &PAD_NAMES);
        let text = |id: u32| String::from_utf8_lossy(vocab.name(id)).into_owned();
        let repository_form = match file_separator {
            Some(id) if text(id) == STARCODER2_SEPARATOR => RepositoryForm::PathInside,
            _ => RepositoryForm::PathOutside,
        };
        let end = match text(prefix).trim_start_matches([' ', '▁']) {
            "<PRE>" => CODE_LLAMA_END.iter().find_map(|name| vocab.find(name)),
            _ => None,
        };
        let middle = (text(prefix) != CODESTRAL[0]).then_some(middle);
        let order = match metadata.str("ropewalk.fim.order") {
            None if middle.is_none() => FimOrder::Spm,
            Some("psm") if middle.is_none() => return Err("it has no marker before the middle".to_owned()),
            None | Some("psm") => FimOrder::Psm,
            Some("spm") => FimOrder::Spm,
            Some(other) => return Err(format!("the order ropewalk.fim.order = {other:?} is unknown")),
        };
        let lang_path_header = match metadata.str("ropewalk.fim.header") {
            None => false,
            Some("lang-path") if file_separator.is_some() => true,
            Some("lang-path") => return Err("its header needs a file separator".to_owned()),
            Some(other) => return Err(format!("the header ropewalk.fim.header = {other:?} is unknown")),
        };
        for id in [Some(prefix), Some(suffix), middle, end].into_iter().flatten() {
            if !looks_like_marker(tokenizer, id) {
                return Err(format!("the token {id} ({:?}) is no marker", text(id)));
            }
        }
        let format = Self {
            prefix,
            suffix,
            middle,
            order,
            file_separator,
            repository,
            repository_form,
            pad,
            end,
            lang_path_header,
        };
        for id in [Some(prefix), Some(suffix), middle, file_separator, repository, pad, end].into_iter().flatten() {
            tokenizer.make_control(id);
        }
        format.check(tokenizer)?;
        Ok(format)
    }

    /// Proves the form on a sample that holds the markers' names as text: each marker occurs once, and nothing is lost.
    fn check(&self, tokenizer: &Tokenizer) -> Result<(), String> {
        let mut markers = vec![self.prefix, self.suffix];
        markers.extend(self.middle);
        if (1..markers.len()).any(|at| markers[..at].contains(&markers[at])) {
            return Err(format!("its markers are not distinct: {markers:?}"));
        }
        let name = |id: u32| String::from_utf8_lossy(tokenizer.vocab().name(id)).into_owned();
        let sample = FimPrompt {
            prefix: format!("def add(a, b):\n    # {}\n    return ", name(self.prefix)),
            suffix: format!(
                "\n\n# {} {}\nprint(add(1, 2))\n",
                name(self.suffix),
                self.middle.map(name).unwrap_or_default()
            ),
            ..FimPrompt::default()
        };
        let tokens = self.sample(&sample, tokenizer)?;
        for marker in markers {
            let count = tokens.iter().filter(|token| **token == marker).count();
            if count != 1 {
                return Err(format!("a sample prompt holds the marker {:?} {count} times", name(marker)));
            }
        }
        Ok(())
    }

    fn sample(&self, prompt: &FimPrompt, tokenizer: &Tokenizer) -> Result<Vec<u32>, String> {
        let chat = Err("a sample has none".to_owned());
        let format = PromptFormat { bos: None, eos: None, ends: Vec::new(), fim: Some(self.clone()), chat };
        format
            .encode(&Prompt::Fim(prompt.clone()), tokenizer, usize::from(u16::MAX), 1)
            .map_err(|error| format!("a sample prompt cannot be written: {error}"))
    }
}

/// A control token, or one whose text has the shape of a marker (files do not always say so).
fn looks_like_marker(tokenizer: &Tokenizer, id: u32) -> bool {
    let vocab = tokenizer.vocab();
    let name = String::from_utf8_lossy(vocab.name(id));
    let inner = name.trim_start_matches(['▁', ' ']);
    let shaped =
        [('<', '>'), ('[', ']')].iter().any(|(open, close)| inner.starts_with(*open) && inner.ends_with(*close))
            && inner.len() > 2;
    match vocab.kind(id) {
        TokenKind::Control => true,
        TokenKind::Normal | TokenKind::UserDefined => shaped,
        TokenKind::Unknown | TokenKind::Unused | TokenKind::Byte => false,
    }
}
