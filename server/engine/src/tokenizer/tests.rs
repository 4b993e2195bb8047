//! The tokenizers over small vocabularies made here, and over llama.cpp's where they are at hand.

use std::path::Path;

use proptest::prelude::*;

use super::{Detokenizer, TokenKind, Tokenizer, metadata, pre};
use crate::EngineError;
use crate::gguf::GgufFile;
use crate::gguf::testing::GgufBuilder;
use small::{FIXED, MARKERS, small_gguf, small_vocabulary};

pub(crate) mod small;

fn small() -> Tokenizer {
    metadata::read(small_gguf().open().metadata()).unwrap().tokenizer
}

/// The tokens of a text, each as what it writes, `<id>` for one that writes nothing.
fn pieces(tokenizer: &Tokenizer, tokens: &[u32]) -> Vec<String> {
    let show = |id: &u32| match tokenizer.vocab().written(*id) {
        [] => format!("<{id}>"),
        bytes => bytes.escape_ascii().to_string(),
    };
    tokens.iter().map(show).collect()
}

fn decode(tokenizer: &Tokenizer, tokens: &[u32]) -> String {
    let mut detokenizer = Detokenizer::default();
    tokens.iter().map(|id| detokenizer.push(tokenizer.vocab().written(*id))).collect()
}

#[test]
fn merges_happen_inside_words() {
    let tokenizer = small();
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(pieces(&tokenizer, &tokenizer.encode_plain(text)), expected, "{text:?}");
    };
    check("", &[]);
    check("def f(a)", &["def", " ", "f", "(a", ")"]);
    check("return a", &["return", " a"]);
    // The last space belongs to the word behind it.
    check("     a", &["    ", " a"]);
    check("\n\nx", &["\\n\\n", "x"]);
    check("ä", &["\\xc3", "\\xa4"]);
}

#[test]
fn markers_in_text_are_text_and_user_defined_tokens_are_found() {
    let tokenizer = small();
    for marker in MARKERS {
        let tokens = tokenizer.encode_plain(marker);
        assert!(tokens.iter().all(|id| tokenizer.vocab().kind(*id) == TokenKind::Normal), "{marker}");
        assert_eq!(decode(&tokenizer, &tokens), marker);
    }
    let tokens = tokenizer.encode_plain(&format!("a{FIXED}{FIXED}b"));
    assert_eq!(pieces(&tokenizer, &tokens), ["a", FIXED, FIXED, "b"]);
}

#[test]
fn user_defined_tokens_may_overlap() {
    let (mut texts, mut kinds, merges) = small_vocabulary();
    for text in ["aa", "aab", "  "] {
        texts.push(text.to_owned());
        kinds.push(4);
    }
    let gguf = GgufBuilder::new()
        .str("tokenizer.ggml.model", "gpt2")
        .str("tokenizer.ggml.pre", "gpt-2")
        .strings("tokenizer.ggml.tokens", &texts)
        .i32s("tokenizer.ggml.token_type", &kinds)
        .strings("tokenizer.ggml.merges", &merges)
        .open();
    let tokenizer = metadata::read(gguf.metadata()).unwrap().tokenizer;
    // The longest is looked for first, wherever it stands.
    assert_eq!(pieces(&tokenizer, &tokenizer.encode_plain("aaab aa")), ["a", "aab", " ", "aa"]);
    assert_eq!(pieces(&tokenizer, &tokenizer.encode_plain("x   y")), ["x", "  ", " ", "y"]);
}

#[test]
fn every_pre_tokenizer_compiles_and_loses_nothing() {
    let (texts, kinds, merges) = small_vocabulary();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let kinds: Vec<TokenKind> =
        kinds.iter().map(|kind| if *kind == 3 { TokenKind::Control } else { TokenKind::Normal }).collect();
    let text = "I'LL don't x1234567 ___ héllo Wörld 你好 ガ 한국 \u{301}e ... \r\n\t\n  if (a):\n    \
                return `b`  \u{a0}\u{2003}\u{1F980} ";
    for name in pre::all() {
        let tokenizer = Tokenizer::bpe(&texts, &kinds, &merges, pre::find(Some(name)).unwrap()).unwrap();
        assert_eq!(decode(&tokenizer, &tokenizer.encode_plain(text)), text, "{name}");
    }
}

/// The `tokenizers` crate with the same vocabulary and merges, and the expressions as the models' own files have them.
fn hugging_face(texts: &[String], merges: &[&str], pre: &pre::Pre) -> tokenizers::Tokenizer {
    use tokenizers::models::bpe::BPE;
    use tokenizers::pre_tokenizers::PreTokenizerWrapper;
    use tokenizers::pre_tokenizers::byte_level::ByteLevel;
    use tokenizers::pre_tokenizers::sequence::Sequence;
    use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
    use tokenizers::tokenizer::SplitDelimiterBehavior::Isolated;

    let vocab = texts.iter().cloned().zip(0..).collect::<tokenizers::models::bpe::Vocab>();
    let pair = |merge: &&str| merge.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned())).unwrap();
    let merges = merges.iter().map(pair).collect();
    let model = BPE::builder().vocab_and_merges(vocab, merges).ignore_merges(pre.ignore_merges).build().unwrap();
    let expression = |step: &pre::Step| match step {
        pre::Step::Matches(expression) => (*expression).to_owned(),
        pre::Step::Words(expression) => format!(r"{expression}|\s+(?!\S)|\s+"),
        pre::Step::Lines(expression) => format!(r"{expression}|\s*[\r\n]+|\s+(?!\S)|\s+"),
    };
    let mut steps: Vec<PreTokenizerWrapper> = pre
        .steps
        .iter()
        .map(|step| Split::new(SplitPattern::Regex(expression(step)), Isolated, false).unwrap().into())
        .collect();
    steps.push(ByteLevel::new(false, false, false).into());
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
    tokenizer
}

#[test]
fn ids_agree_with_the_tokenizers_crate() {
    let (mut texts, _, mut merges) = small_vocabulary();
    // White space of any kind, and line ends behind a sign, are one token where they are one word.
    for merge in ["Ċ Ġ", "Ġ Ċ", "č Ċ", "; Ċ", "ĊĊ Ċ", "ĊĊ ĊĊ", "Ċ a", "a Ċ", "; čĊ", "1 Ċ", "ĉ Ċ", "Ċ ĉ", "' s", "1 1"]
    {
        texts.push(merge.replace(' ', ""));
        merges.push(merge);
    }
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let kinds = vec![TokenKind::Normal; texts.len()];
    let tokenizers: Vec<(&str, Tokenizer, tokenizers::Tokenizer)> = pre::all()
        .map(|name| {
            let pre = pre::find(Some(name)).unwrap();
            (name, Tokenizer::bpe(&borrowed, &kinds, &merges, pre).unwrap(), hugging_face(&texts, &merges, pre))
        })
        .collect();
    let config = ProptestConfig::with_cases(24);
    let parts = "([a1;(' \\n\\t]|\\r\\n|[a-zA-Z;]{1,6}(\\n|\\r\\n)[ a#]|é|'s|'LL|11111|  |\\n\\n\\n|[\\PC\\s]){0,120}";
    proptest!(config, |(text in parts)| {
        for (name, ours, theirs) in &tokenizers {
            let expected = theirs.encode_fast(text.as_str(), false).unwrap();
            prop_assert_eq!(&ours.encode_plain(&text), expected.get_ids(), "{}", name);
            // And again from memory.
            prop_assert_eq!(&ours.encode_plain(&text), expected.get_ids(), "{}", name);
        }
    });
}

#[test]
fn characters_are_never_split() {
    let check = |bytes: &[&[u8]], expected: &[&str]| {
        let mut detokenizer = Detokenizer::default();
        let texts: Vec<String> = bytes.iter().map(|bytes| detokenizer.push(bytes)).collect();
        assert_eq!(texts, expected, "{bytes:?}");
    };
    check(&[b"a", b"b"], &["a", "b"]);
    check(&[b"\xc3", b"\xa4"], &["", "ä"]);
    check(&[b"a\xf0\x9f", b"\xa6", b"\x80b"], &["a", "", "🦀b"]);
    // No character any more: replaced, and the next one is whole.
    check(&[b"\xc3", b"b"], &["", "\u{fffd}b"]);
    check(&[b"\xff", b"\xa4a"], &["\u{fffd}", "\u{fffd}a"]);
    check(&[b"\xe2\x82", b"\xe2\x82", b"\xac"], &["", "\u{fffd}", "€"]);
}

fn spm(add_space_prefix: bool) -> GgufBuilder {
    let mut texts = vec!["<unk>".to_owned(), "<s>".to_owned(), "</s>".to_owned()];
    let mut kinds = vec![2, 3, 3];
    texts.extend((0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>")));
    kinds.resize(texts.len(), 6);
    let mut scores = vec![0.0; texts.len()];
    for (score, text) in (1_i16..).zip(["▁a", "in", "▁", "a", "i", "n", "▁▁", "ain", "ä", "s", "<s>x"]) {
        texts.push(text.to_owned());
        kinds.push(1);
        scores.push(-f32::from(score));
    }
    GgufBuilder::new()
        .str("tokenizer.ggml.model", "llama")
        .bool("tokenizer.ggml.add_space_prefix", add_space_prefix)
        .strings("tokenizer.ggml.tokens", &texts)
        .i32s("tokenizer.ggml.token_type", &kinds)
        .f32s("tokenizer.ggml.scores", &scores)
}

#[test]
fn sentence_piece_joins_by_score() {
    let described = metadata::read(spm(true).open().metadata()).unwrap();
    assert_eq!((described.bos, described.add_bos, described.eos), (Some(1), true, Some(2)));
    let tokenizer = described.tokenizer;
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(pieces(&tokenizer, &tokenizer.encode_plain(text)), expected, "{text:?}");
    };
    check("", &[]);
    // "▁a" comes before "ain" can be made of "a" and "in".
    check("ain", &[" a", "in"]);
    check("nain", &[" ", "n", "ain"]);
    check("ä\nb", &[" ", "\\xc3\\xa4", "\\n", "b"]);
    check("<s>", &[" ", "<", "s", ">"]);
    assert_eq!(pieces(&tokenizer, &tokenizer.encode_continuation("ain")), ["ain"]);
    let plain = metadata::read(spm(false).open().metadata()).unwrap().tokenizer;
    assert_eq!(pieces(&plain, &plain.encode_plain("ain  a")), ["ain", " ", " a"]);
}

fn symbols(texts: &[&str]) -> GgufBuilder {
    let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
    GgufBuilder::new().str("tokenizer.ggml.model", "char").strings("tokenizer.ggml.tokens", &texts)
}

#[test]
fn symbols_are_taken_longest_first() {
    let gguf = symbols(&["a", "b", "ab", "é", "\n", "?"]);
    let check = |gguf: &GgufBuilder, text: &str, expected: &[u32], unwritable: Option<char>| {
        let described = metadata::read(gguf.open().metadata()).unwrap();
        assert_eq!((described.bos, described.add_bos, described.eos), (None, false, None));
        assert_eq!(described.tokenizer.encode_plain(text), expected, "{text:?}");
        assert_eq!(described.tokenizer.unwritable(text), unwritable, "{text:?}");
    };
    check(&gguf, "", &[], None);
    check(&gguf, "aabé\nb", &[0, 2, 3, 4, 1], None);
    check(&gguf, "ba b\u{301}", &[1, 0, 1], Some(' '));
    check(&gguf, "abü", &[2], Some('ü'));
    // One unknown token a character, where there is such a token.
    check(&gguf.u32("tokenizer.ggml.unknown_token_id", 5), "  aü", &[5, 5, 0, 5], None);
    let kinds = symbols(&["a", "<unk>", "</s>", "cc"]).i32s("tokenizer.ggml.token_type", &[1, 2, 3, 4]);
    check(&kinds, "a</s>cca", &[0, 1, 1, 1, 1, 3, 0], None);
}

#[test]
fn texts_survive_byte_level_bpe() {
    let tokenizer = small();
    proptest!(|(text in "(\\PC|[ \\n\\t\\rdefrtun(a]|<tool>|<\\|file_sep\\|>){0,60}")| {
        prop_assert_eq!(decode(&tokenizer, &tokenizer.encode_plain(&text)), text);
    });
}

#[test]
fn texts_survive_sentence_piece() {
    let tokenizer = metadata::read(spm(false).open().metadata()).unwrap().tokenizer;
    proptest!(|(text in "[\\PC \\n▁]{0,40}")| {
        // SentencePiece has one sign for a space and its own symbol.
        prop_assert_eq!(decode(&tokenizer, &tokenizer.encode_plain(&text)), text.replace('▁', " "));
    });
}

#[test]
fn any_bytes_become_text() {
    proptest!(|(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..8))| {
        let mut detokenizer = Detokenizer::default();
        let text: String = pieces.iter().map(|piece| detokenizer.push(piece)).collect();
        // What is held back at the end is less than a character.
        let whole = String::from_utf8_lossy(&pieces.concat()).into_owned();
        let cut = whole.strip_suffix(char::REPLACEMENT_CHARACTER);
        prop_assert!(whole == text || cut == Some(&text), "{whole:?} {text:?}");
    });
}

/// What a change of the small vocabulary's metadata is refused with.
fn refusal(gguf: &GgufBuilder) -> EngineError {
    metadata::read(gguf.open().metadata()).unwrap_err()
}

#[test]
fn unsound_vocabularies_are_refused() {
    let (texts, kinds, merges) = small_vocabulary();
    let build = |texts: &[String], kinds: &[i32], merges: &[&str], pre: Option<&str>, model: &str| {
        let builder = GgufBuilder::new()
            .str("tokenizer.ggml.model", model)
            .strings("tokenizer.ggml.tokens", texts)
            .i32s("tokenizer.ggml.token_type", kinds)
            .strings("tokenizer.ggml.merges", merges);
        match pre {
            Some(pre) => builder.str("tokenizer.ggml.pre", pre),
            None => builder,
        }
    };
    let check = |gguf: GgufBuilder, supported: bool, expected: &str| {
        let error = refusal(&gguf);
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(matches!(error, EngineError::BadModelFile(_)), supported, "{error:?}");
    };
    let qwen2 = Some("qwen2");
    check(GgufBuilder::new(), true, "has no tokenizer.ggml.model");
    check(GgufBuilder::new().str("tokenizer.ggml.model", "gpt2"), true, "has no tokenizer.ggml.tokens");
    check(build(&texts, &kinds, &merges, Some("frobnicate"), "gpt2"), false, "\"frobnicate\"");
    check(build(&texts, &kinds, &merges, None, "gpt2"), false, "tokenizer.ggml.pre");
    check(build(&texts, &kinds, &merges, qwen2, "bert"), false, "\"bert\"");
    check(build(&texts, &kinds[1..], &merges, qwen2, "gpt2"), true, "token_type has 275 entries");
    check(build(&texts, &kinds, &["x y"], qwen2, "gpt2"), true, "needs the token \"xy\"");
    check(build(&texts, &kinds, &["xy"], qwen2, "gpt2"), true, "does not name two tokens");
    check(build(&[], &[], &merges, qwen2, "gpt2"), true, "empty");
    let mut twice = texts.clone();
    twice[20].clone_from(&texts[21]);
    check(build(&twice, &kinds, &merges, qwen2, "gpt2"), true, "occurs twice");
    let mut without_z = texts.clone();
    without_z[MARKERS.len() + usize::from(b'z')] = "zzz".to_owned();
    check(build(&without_z, &kinds, &merges, qwen2, "gpt2"), true, "no token for the byte 0x7A");
    check(small_gguf().u32("tokenizer.ggml.bos_token_id", 9999), true, "bos_token_id is 9999");
    check(small_gguf().bool("tokenizer.ggml.add_bos_token", true), true, "has no tokenizer.ggml.bos_token_id");
    check(spm(true).u32("tokenizer.ggml.eos_token_id", 9999), true, "eos_token_id is 9999");
}

#[test]
fn no_vocabulary_panics() {
    let words = || prop::collection::vec("[abĠ▁ <>é]{0,3}", 0..8);
    let metadata = (
        words(),
        prop::collection::vec(-1_i32..8, 0..8),
        words(),
        any::<bool>(),
        prop::sample::select(&["gpt2", "llama", "char"]),
    );
    proptest!(|((texts, kinds, merges, whole, model) in metadata)| {
        // With all bytes most of them are sound.
        let (mut all_texts, mut all_kinds, _) = small_vocabulary();
        if whole {
            all_texts.extend(texts.iter().enumerate().map(|(index, text)| format!("{text}{index}")));
            all_kinds.extend(kinds.iter().copied().chain(std::iter::repeat(1)).take(texts.len()));
        } else {
            (all_texts, all_kinds) = (texts, kinds);
        }
        let gguf = GgufBuilder::new()
            .str("tokenizer.ggml.model", model)
            .str("tokenizer.ggml.pre", "qwen2")
            .strings("tokenizer.ggml.tokens", &all_texts)
            .i32s("tokenizer.ggml.token_type", &all_kinds)
            .f32s("tokenizer.ggml.scores", &vec![0.5; all_texts.len()])
            .strings("tokenizer.ggml.merges", &merges)
            .open();
        if let Ok(described) = metadata::read(gguf.metadata()) {
            let tokens = described.tokenizer.encode_plain("ab é\n<a> b");
            prop_assert!(tokens.iter().all(|id| (*id as usize) < all_texts.len()));
        }
    });
}

/// llama.cpp's own test data: vocabularies as GGUF files with texts (`.inp`) and the ids that its tokenizer gives for
/// them (`.out`). They are large, so the test runs where `ROPEWALK_VOCAB_DIR` names a folder with them.
#[test]
fn ids_agree_with_llama_cpp() {
    let Some(folder) = std::env::var_os("ROPEWALK_VOCAB_DIR") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "gguf"));
    files.sort();
    let mut compared = 0;
    let mut different = Vec::new();
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        match metadata::read(GgufFile::open(&path).unwrap().metadata()) {
            Ok(described) => match compare_ids(&described.tokenizer, &path) {
                Some((texts, differences)) => {
                    println!("{name}: {texts} texts, {} different", differences.len());
                    compared += 1;
                    different.extend(differences.into_iter().map(|difference| format!("{name}: {difference}")));
                }
                None => println!("{name}: no expected ids"),
            },
            Err(error) => println!("{name}: {error}"),
        }
    }
    assert!(compared > 0, "no vocabulary was compared");
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Number of texts, and where ids differ; `None` without expected ids.
fn compare_ids(tokenizer: &Tokenizer, path: &Path) -> Option<(usize, Vec<String>)> {
    let read = |extension: &str| std::fs::read_to_string(path.with_extension(extension)).ok();
    let (texts, ids) = (read("gguf.inp")?, read("gguf.out")?);
    // A separator stands behind each text.
    let texts: Vec<&str> = texts.split_terminator("\n__ggml_vocab_test__\n").collect();
    assert_eq!(texts.len(), ids.lines().count(), "{}", path.display());
    let mut differences = Vec::new();
    for (text, line) in texts.iter().zip(ids.lines()) {
        let expected: Vec<u32> = line.split_whitespace().map(|id| id.parse().unwrap()).collect();
        let encoded = tokenizer.encode_plain(text);
        if let Some(at) = (0..encoded.len().max(expected.len())).find(|at| encoded.get(*at) != expected.get(*at)) {
            let around = |ids: &[u32]| pieces(tokenizer, &ids[at.saturating_sub(3)..ids.len().min(at + 5)]).join("|");
            differences.push(format!("{} instead of {}", around(&encoded), around(&expected)));
        }
    }
    Some((texts.len(), differences))
}
