//! Prompts as the model sees them, over the small vocabulary of the tokenizer's tests.

use proptest::prelude::*;

use super::PromptFormat;
use crate::gguf::testing::GgufBuilder;
use crate::tokenizer::tests::small::{MARKERS, small_gguf};
use crate::tokenizer::{self, Tokenizer};
use crate::{ContextFile, EngineError, FimOrder, FimPrompt, Landmark, Prompt};

mod families;
mod hostile;

fn read(gguf: &GgufBuilder) -> (PromptFormat, Tokenizer) {
    let gguf = gguf.open();
    let mut described = tokenizer::read(gguf.metadata()).unwrap();
    let format = PromptFormat::read(gguf.metadata(), &mut described).unwrap();
    (format, described.tokenizer)
}

fn with_order(order: &str) -> GgufBuilder {
    small_gguf().str("ropewalk.fim.order", order)
}

/// A prompt as text, with the names of markers.
fn show(tokens: &[u32], tokenizer: &Tokenizer) -> String {
    let bytes: Vec<u8> = tokens.iter().flat_map(|id| tokenizer.vocab().name(*id)).copied().collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encode(gguf: &GgufBuilder, prompt: &Prompt, context_length: usize) -> Result<String, EngineError> {
    let (format, tokenizer) = read(gguf);
    let tokens = format.encode(prompt, &tokenizer, context_length, 16)?;
    assert!(tokens.len() + 16 <= context_length, "{} tokens", tokens.len());
    Ok(show(&tokens, &tokenizer))
}

fn fim(prefix: &str, suffix: &str) -> FimPrompt {
    FimPrompt { prefix: prefix.to_owned(), suffix: suffix.to_owned(), ..FimPrompt::default() }
}

#[test]
fn forms() {
    let check = |gguf: &GgufBuilder, prompt: FimPrompt, expected: &str| {
        assert_eq!(encode(gguf, &Prompt::Fim(prompt), 500).unwrap(), expected);
    };
    let file = |prompt: FimPrompt| FimPrompt {
        language: Some("python".to_owned()),
        path: Some("a/b.py".to_owned()),
        context: vec![ContextFile { path: "c.py".to_owned(), text: "x = 1\n".to_owned() }],
        ..prompt
    };
    let psm = with_order("psm");
    // The line that is being typed comes last, whatever the order.
    check(&psm, fim("a\nb", "c\n"), "<|fim_prefix|>a\n<|fim_suffix|>c\n<|fim_middle|>b");
    // So does what the caller says is being written, where the prefix comes first.
    let written = |primer| FimPrompt { primer, ..fim("a\nb\nc", "d") };
    check(&psm, written(1), "<|fim_prefix|>a\nb\n<|fim_suffix|>d<|fim_middle|>c");
    check(&psm, written(3), "<|fim_prefix|>a\n<|fim_suffix|>d<|fim_middle|>b\nc");
    check(&psm, written(5), "<|fim_prefix|><|fim_suffix|>d<|fim_middle|>a\nb\nc");
    check(&small_gguf(), fim("a\n", "c"), "<|fim_prefix|>a\n<|fim_suffix|>c<|fim_middle|>");
    check(&small_gguf(), fim("", ""), "<|fim_prefix|><|fim_suffix|><|fim_middle|>");
    let spm = with_order("spm");
    check(&spm, written(3), "<|fim_prefix|><|fim_suffix|>d<|fim_middle|>a\nb\nc");
    check(&spm, fim("a\nb", "c\n"), "<|fim_prefix|><|fim_suffix|>c\n<|fim_middle|>a\nb");
    // Markers in the text stay text.
    check(
        &spm,
        fim("<|fim_middle|>", "<|endoftext|>"),
        "<|fim_prefix|><|fim_suffix|><|endoftext|><|fim_middle|><|fim_middle|>",
    );
    check(
        &spm,
        file(fim("a", "b")),
        "<|repo_name|>workspace\n<|file_sep|>c.py\nx = 1\n<|file_sep|>a/b.py\n<|fim_prefix|><|fim_suffix|>b<|fim_middle|>a",
    );
    let header = spm.str("ropewalk.fim.header", "lang-path");
    check(&header, file(fim("a", "b")), "<|file_sep|>python a/b.py\n<|fim_prefix|><|fim_suffix|>b<|fim_middle|>a");
    check(&header, fim("a", "b"), "<|fim_prefix|><|fim_suffix|>b<|fim_middle|>a");
    let bos = small_gguf().u32("tokenizer.ggml.bos_token_id", 0).bool("tokenizer.ggml.add_bos_token", true);
    check(&bos, fim("a", "b"), "<|endoftext|><|fim_prefix|><|fim_suffix|>b<|fim_middle|>a");
    assert_eq!(encode(&bos, &Prompt::Text("x<|fim_pad|>".to_owned()), 500).unwrap(), "<|endoftext|>x<|fim_pad|>");
}

#[test]
fn a_marker_in_the_prompt_is_one_token_and_in_text_it_is_many() {
    let (format, tokenizer) = read(&with_order("spm"));
    let prompt = Prompt::Fim(fim(MARKERS[1], MARKERS[3]));
    let tokens = format.encode(&prompt, &tokenizer, 500, 16).unwrap();
    let fim = format.fim.unwrap();
    for marker in [fim.prefix, fim.suffix, fim.middle.unwrap()] {
        assert_eq!(tokens.iter().filter(|token| **token == marker).count(), 1);
    }
    assert!(!tokens.iter().any(|token| format.ends.contains(token)));
}

#[test]
fn what_a_model_can_is_read_from_its_file() {
    // Changes of the metadata: the FIM order, or what is missing.
    let check = |gguf: &GgufBuilder, expected: Option<FimOrder>| {
        assert_eq!(read(gguf).0.fim.map(|fim| fim.order), expected);
    };
    check(&small_gguf(), Some(FimOrder::Psm));
    check(&with_order("psm"), Some(FimOrder::Psm));
    check(&with_order("spm"), Some(FimOrder::Spm));
    check(&with_order("mps"), None);
    check(&small_gguf().str("ropewalk.fim.header", "unknown"), None);
    let keys = |ids: [u32; 3]| {
        ["prefix", "suffix", "middle"]
            .iter()
            .zip(ids)
            .fold(small_gguf(), |gguf, (name, id)| gguf.u32(&format!("tokenizer.ggml.{name}_token_id"), id))
    };
    check(&keys([1, 2, 3]), Some(FimOrder::Psm));
    // Not distinct, not markers (an ordinary letter), outside the vocabulary.
    check(&keys([1, 2, 2]), None);
    check(&keys([1, 2, 100]), None);
    check(&keys([1, 2, 9999]), None);
    let (format, _) = read(&keys([3, 2, 1]));
    assert_eq!(format.fim.map(|fim| (fim.prefix, fim.suffix, fim.middle)), Some((3, 2, Some(1))));
}

#[test]
fn everything_that_ends_an_answer() {
    let (format, tokenizer) = read(&small_gguf());
    let ends: Vec<String> = format.ends.iter().map(|id| show(&[*id], &tokenizer)).collect();
    assert_eq!(ends, ["<|endoftext|>", "<|fim_pad|>", "<|file_sep|>", "<|repo_name|>"]);
    assert_eq!((format.eos, format.bos), (Some(0), None));
    let (format, _) = read(&small_gguf().u32("tokenizer.ggml.eot_token_id", 50));
    assert!(format.ends.contains(&50));
}

/// `count` lines of a known number of tokens: six letters and a line end.
fn lines(count: usize) -> String {
    (0..count).map(|line| format!("{line:06}\n")).collect()
}

#[test]
fn shortening_goes_by_rank_and_by_lines() {
    let parts = |prompt: FimPrompt, context_length: usize| {
        let shown = encode(&with_order("spm"), &Prompt::Fim(prompt), context_length).unwrap();
        let (head, rest) = shown.split_once("<|fim_prefix|><|fim_suffix|>").unwrap();
        let (suffix, prefix) = rest.split_once("<|fim_middle|>").unwrap();
        let files = head.matches("<|file_sep|>").count();
        (files, prefix.to_owned(), suffix.to_owned())
    };
    let context = |path: &str| ContextFile { path: path.to_owned(), text: lines(10) };
    let prompt = FimPrompt { context: vec![context("a"), context("b")], ..fim(&lines(20), &lines(20)) };
    // Two files and this one; then one less; then none.
    assert_eq!(parts(prompt.clone(), 1000), (3, lines(20), lines(20)));
    assert_eq!(parts(prompt.clone(), 430), (2, lines(20), lines(20)));
    assert_eq!(parts(prompt.clone(), 320), (0, lines(20), lines(20)));
    // Then the suffix's end, down to a quarter.
    let (_, prefix, suffix) = parts(prompt.clone(), 250);
    assert_eq!(prefix, lines(20));
    assert!(lines(20).starts_with(&suffix) && suffix.ends_with('\n') && suffix.len() >= 7 * 8, "{suffix}");
    // Then the prefix's beginning, in whole lines.
    let (_, prefix, suffix) = parts(prompt, 120);
    assert!(lines(20).ends_with(&prefix) && prefix.len() % 7 == 0 && prefix.len() >= 7 * 6, "{prefix}");
    assert!(lines(20).starts_with(&suffix) && (14..=28).contains(&suffix.len()), "{suffix}");
}

#[test]
fn landmarks_stay_where_the_beginning_is_cut() {
    let prefix = format!("import\nclassA\n{}", lines(100));
    let landmarks = vec![
        Landmark { range: 0..7, until: prefix.len() },
        // What it heads ends before what is left begins.
        Landmark { range: 7..14, until: 28 },
    ];
    for (order, end) in [("psm", "<|fim_suffix|>"), ("spm", "")] {
        let begin = if order == "psm" { "<|fim_prefix|>" } else { "<|fim_middle|>" };
        let shown = |context_length| {
            let prompt = FimPrompt { landmarks: landmarks.clone(), ..fim(&prefix, "") };
            let shown = encode(&with_order(order), &Prompt::Fim(prompt), context_length).unwrap();
            let (_, rest) = shown.split_once(begin).unwrap();
            rest[..rest.find(end).filter(|_| !end.is_empty()).unwrap_or(rest.len())].to_owned()
        };
        assert_eq!(shown(2000), prefix, "nothing is shown twice");
        let cut = shown(300);
        let rest = cut.strip_prefix("import\n").unwrap_or_else(|| panic!("{order}: {cut}"));
        assert!(prefix.ends_with(rest) && rest.len() >= 7 * 15 && !rest.contains("classA"), "{order}: {cut}");
    }
}

#[test]
fn one_long_line_is_cut_inside() {
    let long = "é".repeat(5000);
    for order in ["psm", "spm"] {
        let shown = encode(&with_order(order), &Prompt::Fim(fim(&long, &long)), 200).unwrap();
        assert!(!shown.contains('\u{fffd}') && shown.matches('é').count() > 60, "{shown}");
    }
}

#[test]
fn typing_moves_the_beginning_in_blocks() {
    let (format, tokenizer) = read(&with_order("spm"));
    let mut text = lines(200);
    let suffix = lines(200);
    let mut before: Option<Vec<u32>> = None;
    let mut moved = 0;
    for _ in 0..200 {
        text.push('7');
        let tokens = format.encode(&Prompt::Fim(fim(&text, &suffix)), &tokenizer, 600, 64).unwrap();
        assert!(tokens.len() <= 600 - 64);
        if let Some(before) = before {
            let same = before.iter().zip(&tokens).take_while(|(a, b)| a == b).count();
            moved += usize::from(same < before.len());
        }
        before = Some(tokens);
    }
    // 200 tokens are typed; a block is a quarter of the room, 133 tokens.
    assert!((1..=2).contains(&moved), "the prompt began elsewhere {moved} times");
}

#[test]
fn typing_keeps_everything_but_the_tail() {
    let text = "def return_a(a):\n    return a\n\n\ndef f(a):\n    ret";
    let start = text.find("def f").unwrap();
    for (order, is_anchored) in [("psm", false), ("psm", true), ("spm", false)] {
        let (format, tokenizer) = read(&with_order(order));
        let mut before: Option<Vec<u32>> = None;
        for end in start + 1..=text.len() {
            let primer = if is_anchored { end - start } else { 0 };
            let prompt = Prompt::Fim(FimPrompt { primer, ..fim(&text[..end], "\n\nprint(f(1))\n") });
            let tokens = format.encode(&prompt, &tokenizer, 500, 16).unwrap();
            if let Some(before) = before {
                let same = before.iter().zip(&tokens).take_while(|(a, b)| a == b).count();
                // Without a place that stays, a new line joins the part before the suffix where the prefix comes first.
                let line = order == "psm" && !is_anchored && text[..end].ends_with("\n");
                assert!(line || before.len() - same <= 4, "{order} {:?}: {} lost", &text[..end], before.len() - same);
            }
            before = Some(tokens);
        }
    }
}

#[test]
fn prompts_that_cannot_be_written() {
    let (mut format, tokenizer) = read(&small_gguf());
    let error = |format: &PromptFormat, prompt: Prompt, context_length| {
        format.encode(&prompt, &tokenizer, context_length, 8).unwrap_err()
    };
    assert!(matches!(
        error(&format, Prompt::Text(String::new()), 99),
        EngineError::InvalidRequest { field: "prompt", .. }
    ));
    assert_eq!(error(&format, Prompt::Text("xxxx".to_owned()), 4), EngineError::ContextTooLong { tokens: 4, limit: 3 });
    assert_eq!(error(&format, Prompt::Fim(fim("x", "")), 4), EngineError::ContextTooLong { tokens: 3, limit: 2 });
    format.fim = None;
    assert!(matches!(
        error(&format, Prompt::Fim(fim("x", "")), 99),
        EngineError::InvalidRequest { field: "prompt", .. }
    ));
}

#[test]
fn a_model_of_symbols_continues_what_it_can_write() {
    let symbols: Vec<String> = ('a'..='z').map(String::from).collect();
    let gguf = GgufBuilder::new().str("tokenizer.ggml.model", "char").strings("tokenizer.ggml.tokens", &symbols);
    let (format, tokenizer) = read(&gguf);
    assert_eq!((format.ends.as_slice(), format.eos, format.fim.is_none()), (&[] as &[u32], None, true));
    let encode = |text: &str| format.encode(&Prompt::Text(text.to_owned()), &tokenizer, 9, 4);
    assert_eq!(encode("cab").unwrap(), [2, 0, 1]);
    let EngineError::InvalidRequest { field: "prompt", message } = encode("caf\u{e9}").unwrap_err() else { panic!() };
    assert_eq!(message, "the model's vocabulary has no symbol for 'é' (U+00E9)");
}

#[test]
fn a_prompt_always_fits() {
    let models = ["psm", "spm"].map(|order| read(&with_order(order)));
    proptest!(|(
        prefix in "[ab é\\n]{0,300}",
        suffix in "[ab é\\n]{0,300}",
        context_length in 8_usize..400,
        max_new_tokens in 1_usize..500,
        order in 0_usize..2,
    )| {
        let (format, tokenizer) = &models[order];
        let tokens = format.encode(&Prompt::Fim(fim(&prefix, &suffix)), tokenizer, context_length, max_new_tokens);
        let limit = context_length - max_new_tokens.min(context_length / 2);
        prop_assert!(tokens.is_ok_and(|tokens| tokens.len() <= limit));
    });
}
