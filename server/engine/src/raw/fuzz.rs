//! What the fuzz target under `fuzz/` calls: everything that a model file goes through before the first request, and
//! images of small models to begin with.

use candle_core::quantized::GgmlDType;

use super::RawModel;
use crate::gguf::GgufFile;
use crate::gguf::testing::GgufBuilder;
use crate::model::{LoadLimits, Memory};
use crate::models::testing::Tiny;
use crate::prompt::PromptFormat;
use crate::tokenizer::Tokenizer;
use crate::{ChatMessage, ChatPrompt, ChatRole, ContextFile, EngineError, FimPrompt, KvCacheType, Prompt, tokenizer};

/// A context as small as a load takes: how much memory the KV cache gets is the user's choice, not the file's.
const CONTEXT: usize = 8;

/// A text with words, blanks, a line end of two characters and characters of several bytes.
const TEXT: &str = "def naïve(x):\n\treturn  12345 * x  # 漢字\r\n";

/// Reads an image: header, tokenizer, prompt format, weights; then tokens go through the model, and prompts of all kinds
/// through the tokenizer.
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
        let format = PromptFormat::read(file.metadata(), &mut described)?;
        write_prompts(&format, &described.tokenizer);
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

/// Writes prompts of all kinds; a refusal is as good as an answer.
fn write_prompts(format: &PromptFormat, tokenizer: &Tokenizer) {
    let hole = FimPrompt {
        path: Some("a.py".to_owned()),
        context: vec![ContextFile { path: "b.py".to_owned(), text: TEXT.to_owned() }],
        prefix: TEXT.to_owned(),
        suffix: TEXT.to_owned(),
        ..FimPrompt::default()
    };
    let chat = ChatPrompt::new(vec![ChatMessage { role: ChatRole::User, content: format!("<c0>{TEXT}") }]);
    for prompt in [Prompt::Text(TEXT.to_owned()), Prompt::Fim(hole), Prompt::Chat(chat)] {
        if let Ok(tokens) = format.encode(&prompt, tokenizer, CONTEXT * 8, 1) {
            for id in tokens {
                std::hint::black_box(tokenizer.vocab().written(id));
            }
        }
    }
}

/// Images of sound models: each architecture with each kind of tokenizer, with and without what not all models of it
/// have, and some tensor types; the last ones are [`VOCABULARIES`] tokenizers without a model and a large one. The models
/// are as small as they can be: a mutation should meet something that matters.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for architecture in ARCHITECTURES {
        for kind in 0..VOCABULARIES {
            let tiny = Tiny { options: kind > 0, ..tiny(architecture, GgmlDType::Q8_0) };
            seeds.push(with_vocabulary(tiny.builder(), kind).build());
        }
    }
    for dtype in [GgmlDType::F32, GgmlDType::F16, GgmlDType::Q4_0, GgmlDType::Q5_0] {
        seeds.push(with_vocabulary(tiny("llama", dtype).builder(), 0).build());
    }
    seeds.extend((0..VOCABULARIES).map(|kind| with_vocabulary(GgufBuilder::new(), kind).build()));
    // Of all tables, those of symbols are the largest beside their file.
    let letter = |index: usize| char::from(b'0' + (index % 64) as u8);
    let symbols = (0..20_000).map(|index| [letter(index), letter(index / 64), letter(index / 4096)].iter().collect());
    let vocabulary = GgufBuilder::new().str("tokenizer.ggml.model", "char");
    seeds.push(vocabulary.strings("tokenizer.ggml.tokens", &symbols.collect::<Vec<String>>()).build());
    seeds
}

/// All that a file can have (`models.rs`).
const ARCHITECTURES: [&str; 9] =
    ["llama", "qwen2", "qwen3", "gpt", "starcoder", "starcoder2", "stablelm", "phi3", "gemma3"];
/// Kinds of tokenizer.
const VOCABULARIES: usize = 3;

/// The smallest model that the kernels take.
fn tiny(architecture: &'static str, dtype: GgmlDType) -> Tiny {
    let n_layers = if architecture == "gemma3" { 6 } else { 1 };
    Tiny {
        vocabulary: TOKENS,
        width: 32,
        hidden: 32,
        heads: 2,
        kv_heads: 1,
        context: 16,
        n_layers,
        ..Tiny::new(architecture, dtype)
    }
}

/// A chat template with a loop, conditions, a filter, a method, a macro and tokens' names.
const TEMPLATE: &str = "{%- macro turn(role, text) -%}<c1>{{ role }}\n{{ text | trim }}<c2>{%- endmacro -%}{{ bos_token }}\
    {%- for message in messages -%}{%- if message['role'] == 'system' -%}{{ raise_exception('no system') }}\
    {%- else -%}{{ turn(message.role, message.content.strip()) }}{%- endif -%}{%- endfor -%}\
    {%- set tail = namespace(text='') -%}{%- if add_generation_prompt -%}{%- set tail.text = '<c1>' ~ 'assistant' -%}\
    {%- endif -%}{{ tail.text }}";

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
        .str("tokenizer.chat_template", TEMPLATE)
}

#[cfg(test)]
mod tests {
    use super::{VOCABULARIES, open, seeds};

    #[test]
    fn seeds_are_sound_models() {
        let problems: Vec<_> = seeds().iter().map(|image| open(image).err().map(|it| it.to_string())).collect();
        let (models, vocabularies) = problems.split_at(problems.len() - VOCABULARIES - 1);
        assert!(models.iter().all(Option::is_none), "{problems:?}");
        assert!(vocabularies.iter().all(Option::is_some), "{problems:?}");
    }
}
