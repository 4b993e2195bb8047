//! What the fuzz target under `fuzz/` calls: everything that a model file goes through before the first request, and
//! images of small models to begin with.

use candle_core::quantized::GgmlDType;

use super::RawModel;
use crate::gguf::GgufFile;
use crate::gguf::testing::GgufBuilder;
use crate::model::{LoadLimits, Memory};
use crate::models::testing::Tiny;
use crate::prompt::PromptFormat;
use crate::{EngineError, KvCacheType, tokenizer};

/// A context as small as a load takes: how much memory the KV cache gets is the user's choice, not the file's.
const CONTEXT: usize = 8;

/// Reads an image: header, tokenizer, prompt format, weights; then one token goes through the model, and a text through
/// the tokenizer.
///
/// # Errors
/// What is wrong with it.
pub fn open(image: &[u8]) -> Result<(), EngineError> {
    let file = GgufFile::from_copy(image)?;
    for tensor in file.tensors() {
        std::hint::black_box(file.data(tensor).len());
    }
    std::hint::black_box((file.parameters(), file.quantization()));
    // A file may hold a vocabulary alone, and one without a vocabulary may still hold a model.
    let text = tokenizer::read(file.metadata()).and_then(|mut described| {
        PromptFormat::read(file.metadata(), &mut described)?;
        std::hint::black_box(described.tokenizer.encode_plain("def naïve(x):\n\treturn  12345 * x  # 漢字\r\n"));
        Ok(())
    });
    let limits =
        LoadLimits { max_context: CONTEXT, threads: 1, memory: Memory::Sequences(1), kv_cache: KvCacheType::F16 };
    let mut model = RawModel::load(&file, limits, CONTEXT)?;
    let mut logits = Vec::new();
    model.forward(&[0], &mut logits)?;
    model.forward(&[0, 0], &mut logits)?;
    text
}

/// Images of sound models: each architecture with each kind of tokenizer, and some quantizations; the last
/// [`VOCABULARIES`] are tokenizers without a model.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for architecture in ARCHITECTURES {
        for kind in 0..VOCABULARIES {
            let tiny = Tiny { vocabulary: TOKENS, ..Tiny::new(architecture, GgmlDType::Q8_0) };
            seeds.push(with_vocabulary(tiny.builder(), kind).build());
        }
    }
    for dtype in [GgmlDType::F32, GgmlDType::F16, GgmlDType::Q4_0, GgmlDType::Q5_0] {
        seeds.push(with_vocabulary(Tiny { vocabulary: TOKENS, ..Tiny::new("llama", dtype) }.builder(), 0).build());
    }
    seeds.extend((0..VOCABULARIES).map(|kind| with_vocabulary(GgufBuilder::new(), kind).build()));
    seeds
}

/// All that a file can have (`models.rs`).
const ARCHITECTURES: [&str; 9] =
    ["llama", "qwen2", "qwen3", "gpt", "starcoder", "starcoder2", "stablelm", "phi3", "gemma3"];
/// Kinds of tokenizer.
const VOCABULARIES: usize = 3;
/// Tokens of the small vocabularies: all bytes, a few words and the control tokens.
const TOKENS: usize = 288;

/// The character by which GPT-2's vocabulary names a byte: itself where it can be seen, else one from 256 on.
fn byte_name(byte: u32) -> String {
    let character = match byte {
        33..=126 | 161..=172 | 174.. => byte,
        0..=32 => 256 + byte,
        127..=160 => 256 + 33 + byte - 127,
        173 => 256 + 67,
    };
    char::from_u32(character).map(String::from).unwrap_or_default()
}

/// A byte-level, a SentencePiece or a character vocabulary.
fn with_vocabulary(image: GgufBuilder, kind: usize) -> GgufBuilder {
    let (name, byte): (_, fn(u32) -> String) = match kind {
        0 => ("gpt2", byte_name),
        1 => ("llama", |byte| format!("<0x{byte:02X}>")),
        _ => ("char", |byte| char::from_u32(0x20 + byte).map(String::from).unwrap_or_default()),
    };
    let mut tokens: Vec<String> = (0..256).map(byte).collect();
    let words = ["de", "def", "re", "ret", "tu", "rn", "Ġx", "▁x", "▁", "  ", "12"].map(str::to_owned);
    let controls = (0..).map(|index| format!("<c{index}>"));
    tokens.extend(words.into_iter().chain(controls).take(TOKENS - 256));
    let kinds: Vec<i32> = (0..TOKENS)
        .map(|id| match id {
            0..256 if kind == 1 => 6,
            0..267 => 1,
            _ => 3,
        })
        .collect();
    let scores: Vec<f32> = (0..TOKENS).map(|id| -(id as f32)).collect();
    image
        .str("tokenizer.ggml.model", name)
        .str("tokenizer.ggml.pre", "qwen2")
        .strings("tokenizer.ggml.tokens", &tokens)
        .strings("tokenizer.ggml.merges", &["d e", "de f", "r e", "re t", "t u", "r n"])
        .i32s("tokenizer.ggml.token_type", &kinds)
        .f32s("tokenizer.ggml.scores", &scores)
        .u32("tokenizer.ggml.eos_token_id", 280)
        .u32("tokenizer.ggml.bos_token_id", 281)
        .u32("tokenizer.ggml.fim_pre_token_id", 282)
        .u32("tokenizer.ggml.fim_suf_token_id", 283)
        .u32("tokenizer.ggml.fim_mid_token_id", 284)
}

#[cfg(test)]
mod tests {
    use super::{VOCABULARIES, open, seeds};

    #[test]
    fn seeds_are_sound_models() {
        let problems: Vec<_> = seeds().iter().map(|image| open(image).err().map(|it| it.to_string())).collect();
        let (models, vocabularies) = problems.split_at(problems.len() - VOCABULARIES);
        assert!(models.iter().all(Option::is_none), "{problems:?}");
        assert!(vocabularies.iter().all(Option::is_some), "{problems:?}");
    }
}
