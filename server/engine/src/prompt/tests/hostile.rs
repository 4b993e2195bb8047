//! Files that are not what they say: whatever the metadata hold, reading them and writing prompts fails with an error
//! or works; it does not panic.

use proptest::prelude::*;

use super::PromptFormat;
use crate::gguf::GgufFile;
use crate::gguf::testing::GgufBuilder;
use crate::tokenizer;
use crate::tokenizer::tests::small::{MARKERS, small_gguf};
use crate::{ChatMessage, ChatPrompt, ChatRole, ContextFile, EngineError, FimPrompt, Prompt};

/// Writes every kind of prompt with a file's tokenizer, where it has one.
fn use_all(file: &GgufFile) -> Result<(), EngineError> {
    let mut described = tokenizer::read(file.metadata())?;
    let format = PromptFormat::read(file.metadata(), &mut described)?;
    let tokenizer = described.tokenizer;
    let text = format!("def f(a):\n    return ä + \"{}\" \u{2581} 12\r\n", MARKERS.concat());
    let hole = FimPrompt {
        path: Some("a.py".to_owned()),
        context: vec![ContextFile { path: "b.py".to_owned(), text: text.clone() }],
        prefix: text.clone(),
        suffix: text.clone(),
        ..FimPrompt::default()
    };
    let message = |role| ChatMessage::new(role, text.clone());
    let chat = ChatPrompt::new(vec![message(ChatRole::User), message(ChatRole::Assistant), message(ChatRole::Tool)]);
    for prompt in [Prompt::Text(text.clone()), Prompt::Fim(hole), Prompt::Chat(chat)] {
        for context_length in [0, 1, 20, 4096] {
            if let Ok(tokens) = format.encode(&prompt, &tokenizer, context_length, 16) {
                assert!(tokens.len() <= context_length);
                for id in tokens {
                    assert!((id as usize) < tokenizer.vocab().len());
                    let _ = tokenizer.vocab().written(id);
                }
            }
        }
    }
    Ok(())
}

const KEYS: [&str; 20] = [
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.eot_token_id",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.fim_pre_token_id",
    "tokenizer.ggml.fim_suf_token_id",
    "tokenizer.ggml.fim_mid_token_id",
    "tokenizer.ggml.fim_sep_token_id",
    "tokenizer.ggml.fim_rep_token_id",
    "tokenizer.chat_template",
    "tokenizer.chat_templates",
    "ropewalk.fim.order",
];

/// A value of any type.
#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Number(u32),
    Truth(bool),
    Texts(Vec<String>),
    Numbers(Vec<i32>),
    Scores(Vec<f32>),
    /// A type number and the bytes of the value.
    Bytes(u32, Vec<u8>),
}

fn value() -> impl Strategy<Value = Value> {
    let text = || "(gpt2|llama|char|qwen2|spm|\\{\\{ messages \\}\\}|<0x0A>|<s>|[a-c▁Ġ<>| ]{0,4}|\\PC{0,9})";
    prop_oneof![
        text().prop_map(Value::Text),
        any::<u32>().prop_map(Value::Number),
        (0_u32..12).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Truth),
        prop::collection::vec(text(), 0..12).prop_map(Value::Texts),
        prop::collection::vec(-1_i32..9, 0..12).prop_map(Value::Numbers),
        prop::collection::vec(any::<f32>(), 0..12).prop_map(Value::Scores),
        (0_u32..16, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(kind, bytes)| Value::Bytes(kind, bytes)),
    ]
}

#[test]
fn metadata_of_any_kind_do_not_panic() {
    let keys = prop::sample::subsequence(&KEYS[..], 0..KEYS.len());
    let entries = keys.prop_flat_map(|keys| {
        let count = keys.len();
        (Just(keys), prop::collection::vec(value(), count))
    });
    proptest!(|((keys, values) in entries)| {
        let gguf = keys.into_iter().zip(values).fold(GgufBuilder::new(), |gguf, (key, value)| match value {
            Value::Text(text) => gguf.str(key, &text),
            Value::Number(number) => gguf.u32(key, number),
            Value::Truth(truth) => gguf.bool(key, truth),
            Value::Texts(texts) => gguf.strings(key, &texts),
            Value::Numbers(numbers) => gguf.i32s(key, &numbers),
            Value::Scores(scores) => gguf.f32s(key, &scores),
            Value::Bytes(kind, bytes) => gguf.raw(key, kind, &bytes),
        });
        if let Ok(file) = GgufFile::from_bytes(gguf.build().leak()) {
            let _ = use_all(&file);
        }
    });
}

#[test]
fn damaged_metadata_do_not_panic() {
    let template = "{% for m in messages %}{{ bos_token }}{{ m.role }}: {{ m.content | trim }}<|file_sep|>{% endfor %}";
    let sound = small_gguf().u32("tokenizer.ggml.bos_token_id", 1).str("tokenizer.chat_template", template);
    use_all(&sound.open()).unwrap();
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    proptest!(|(edits in edits)| {
        let mut bytes = sound.build();
        for (index, value) in edits {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(file) = GgufFile::from_bytes(bytes.leak()) {
            let _ = use_all(&file);
        }
    });
}

#[test]
fn names_that_would_take_all_memory_are_refused() {
    let check = |model: &str, kind: i32| {
        let texts = [String::from("</s>"), "é".repeat(2_000_000)];
        let gguf = GgufBuilder::new()
            .str("tokenizer.ggml.model", model)
            .strings("tokenizer.ggml.tokens", &texts)
            .i32s("tokenizer.ggml.token_type", &[2, kind])
            .f32s("tokenizer.ggml.scores", &[0.0; 2]);
        let error = use_all(&gguf.open()).unwrap_err();
        assert!(error.to_string().contains("4000000 bytes"), "{error}");
    };
    check("llama", 4);
    check("char", 1);
}
