//! Fill-in-the-middle of every family that we know, over vocabularies with its markers as its files have them.

use super::{read, show};
use crate::gguf::testing::GgufBuilder;
use crate::tokenizer::tests::small::small_vocabulary;
use crate::{ContextFile, FimPrompt, Prompt};

const NORMAL: i32 = 1;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;

/// Byte-level BPE with these tokens behind the 256 bytes; the first one ends a text.
fn bpe(kind: i32, markers: &[&str]) -> GgufBuilder {
    let (texts, kinds, _) = small_vocabulary();
    // Without that vocabulary's own markers and words.
    let mut texts = texts[super::MARKERS.len()..super::MARKERS.len() + 256].to_vec();
    let mut kinds = kinds[super::MARKERS.len()..super::MARKERS.len() + 256].to_vec();
    texts.extend(markers.iter().map(ToString::to_string));
    kinds.push(CONTROL);
    kinds.resize(texts.len(), kind);
    texts.push("ab".to_owned());
    kinds.push(NORMAL);
    GgufBuilder::new()
        .str("tokenizer.ggml.model", "gpt2")
        .str("tokenizer.ggml.pre", "starcoder")
        .strings("tokenizer.ggml.tokens", &texts)
        .i32s("tokenizer.ggml.token_type", &kinds)
        .strings("tokenizer.ggml.merges", &["a b"])
        .u32("tokenizer.ggml.eos_token_id", 256)
}

/// Id of the n-th marker of `bpe` and `spm`.
const FIRST: u32 = 256;
const FIRST_SPM: u32 = 3 + 256 + 2;

/// SentencePiece with these tokens behind the bytes and a few letters.
fn spm(kind: i32, add_space_prefix: bool, markers: &[&str]) -> GgufBuilder {
    let mut texts: Vec<String> = ["<unk>", "<s>", "</s>"].iter().map(ToString::to_string).collect();
    let mut kinds = vec![2, CONTROL, CONTROL];
    texts.extend((0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>")));
    kinds.resize(texts.len(), 6);
    texts.extend(["▁", "▁a"].map(str::to_owned));
    kinds.extend([NORMAL; 2]);
    texts.extend(markers.iter().map(ToString::to_string));
    kinds.resize(texts.len(), kind);
    GgufBuilder::new()
        .str("tokenizer.ggml.model", "llama")
        .bool("tokenizer.ggml.add_space_prefix", add_space_prefix)
        .f32s("tokenizer.ggml.scores", &vec![-1.0; texts.len()])
        .strings("tokenizer.ggml.tokens", &texts)
        .i32s("tokenizer.ggml.token_type", &kinds)
}

fn keys(gguf: GgufBuilder, names: &[&str], first: u32) -> GgufBuilder {
    (first..).zip(names).fold(gguf, |gguf, (id, name)| gguf.u32(&format!("tokenizer.ggml.{name}_token_id"), id))
}

#[test]
fn every_family_gets_the_form_it_was_trained_on() {
    let prompt = FimPrompt {
        language: Some("python".to_owned()),
        path: Some("p.py".to_owned()),
        context: vec![ContextFile { path: "q.py".to_owned(), text: "x\n".to_owned() }],
        prefix: "a\nb".to_owned(),
        suffix: "c".to_owned(),
        primer: 0,
        landmarks: Vec::new(),
    };
    let check = |family: &str, gguf: GgufBuilder, expected: &str, ends: &[&str]| {
        let (format, tokenizer) = read(&gguf);
        let tokens = format.encode(&Prompt::Fim(prompt.clone()), &tokenizer, 500, 16).unwrap_or_else(|error| {
            panic!("{family}: {error}");
        });
        assert_eq!(show(&tokens, &tokenizer), expected, "{family}");
        let mut found: Vec<String> = format.ends.iter().map(|id| show(&[*id], &tokenizer)).collect();
        found.sort();
        assert_eq!(found, ends, "{family}");
        // What looks like a marker in the text is none.
        let fim = format.fim.clone().unwrap();
        let markers = [Some(fim.prefix), Some(fim.suffix), fim.middle, fim.end, fim.pad, fim.file_separator];
        let names: String = markers.iter().flatten().map(|id| show(&[*id], &tokenizer)).collect();
        for text in [names.clone(), format!(" {names}"), names.replace(' ', "▁")] {
            let forged = FimPrompt { prefix: text.clone(), suffix: text, ..FimPrompt::default() };
            let tokens = format.encode(&Prompt::Fim(forged), &tokenizer, 4000, 16).unwrap();
            for marker in [Some(fim.prefix), Some(fim.suffix), fim.middle].into_iter().flatten() {
                assert_eq!(tokens.iter().filter(|token| **token == marker).count(), 1, "{family}");
            }
            assert!(!tokens.iter().any(|token| format.ends.contains(token)), "{family}");
        }
    };
    let qwen = [
        "<|endoftext|>",
        "<|fim_prefix|>",
        "<|fim_middle|>",
        "<|fim_suffix|>",
        "<|fim_pad|>",
        "<|repo_name|>",
        "<|file_sep|>",
        "<|im_end|>",
    ];
    let qwen_prompt = "<|repo_name|>workspace\n<|file_sep|>q.py\nx\n<|file_sep|>p.py\n<|fim_prefix|>a\n<|fim_suffix|>c<|fim_middle|>b";
    let qwen_ends = ["<|endoftext|>", "<|file_sep|>", "<|fim_pad|>", "<|im_end|>", "<|repo_name|>"];
    check("Qwen 2.5 Coder", bpe(CONTROL, &qwen), qwen_prompt, &qwen_ends);
    let qwen_keys = ["fim_pre", "fim_mid", "fim_suf", "fim_pad", "fim_rep", "fim_sep", "eot"];
    check("the same by keys", keys(bpe(USER_DEFINED, &qwen), &qwen_keys, FIRST + 1), qwen_prompt, &qwen_ends);
    let starcoder = ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>"];
    let starcoder_prompt = "<fim_prefix>a\n<fim_suffix>c<fim_middle>b";
    // StableCode, Refact and Granite Code have the same four.
    check("StarCoder", bpe(CONTROL, &starcoder), starcoder_prompt, &["<fim_pad>", "<|endoftext|>"]);
    let with_names = [&starcoder[..], &["<filename>", "<gh_stars>", "<reponame>"]].concat();
    check("StarCoder", bpe(CONTROL, &with_names), starcoder_prompt, &["<fim_pad>", "<reponame>", "<|endoftext|>"]);
    let starcoder2 = [&starcoder[..], &["<repo_name>", "<file_sep>"]].concat();
    check(
        "StarCoder 2",
        bpe(CONTROL, &starcoder2),
        "<repo_name>workspace<file_sep>q.py\nx\n<file_sep><fim_prefix>p.py\na\n<fim_suffix>c<fim_middle>b",
        &["<file_sep>", "<fim_pad>", "<repo_name>", "<|endoftext|>"],
    );
    check(
        "SantaCoder",
        bpe(CONTROL, &["<|endoftext|>", "<fim-prefix>", "<fim-middle>", "<fim-suffix>", "<fim-pad>"]),
        "<fim-prefix>a\n<fim-suffix>c<fim-middle>b",
        &["<fim-pad>", "<|endoftext|>"],
    );
    check(
        "DeepSeek Coder",
        bpe(
            USER_DEFINED,
            &["<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>", "<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>"],
        )
        .u32("tokenizer.ggml.bos_token_id", FIRST + 1)
        .bool("tokenizer.ggml.add_bos_token", true),
        "<｜begin▁of▁sentence｜><｜fim▁begin｜>a\n<｜fim▁hole｜>c<｜fim▁end｜>b",
        &["<｜end▁of▁sentence｜>"],
    );
    let code_llama = ["▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"];
    let code_llama_prompt = "<s> <PRE> a\n <SUF>c <MID>b";
    let code_llama_keys = keys(spm(NORMAL, true, &code_llama), &["prefix", "suffix", "middle", "eot"], FIRST_SPM);
    check("Code Llama", code_llama_keys, code_llama_prompt, &[" <EOT>", "</s>"]);
    check("Code Llama by texts", spm(NORMAL, true, &code_llama), code_llama_prompt, &[" <EOT>", "</s>"]);
    check(
        "Codestral",
        spm(CONTROL, true, &["[INST]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]"]),
        "<s>[SUFFIX]c[PREFIX] a\nb",
        &["</s>"],
    );
    check(
        "CodeGemma",
        spm(
            CONTROL,
            false,
            &["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>", "<end_of_turn>"],
        ),
        "<s><|fim_prefix|>a\n<|fim_suffix|>c<|fim_middle|>b",
        &["</s>", "<end_of_turn>", "<|file_separator|>"],
    );
}

#[test]
fn a_suffix_first_model_has_no_other_order() {
    let gguf = spm(CONTROL, true, &["[PREFIX]", "[MIDDLE]", "[SUFFIX]"]).str("ropewalk.fim.order", "psm");
    assert!(read(&gguf).0.fim.is_none());
}
