//! What is taken back, as a table; and that a healed answer says what an unhealed one says, for random vocabularies.

use proptest::collection::{btree_set, vec};
use proptest::prelude::{any, proptest};

use super::{Healing, MAX_BYTES, MAX_TOKENS, SortedVocab};
use crate::tokenizer::{Token, TokenKind, Vocab};

/// A vocabulary of one marker (id 0) and these texts.
fn vocabulary(texts: &[Vec<u8>]) -> (Vocab, SortedVocab) {
    let marker = Token { bytes: b"<end>".to_vec(), kind: TokenKind::Control };
    let text = |bytes: &Vec<u8>| Token { bytes: bytes.clone(), kind: TokenKind::Normal };
    let tokens: Vec<Token> = std::iter::once(marker).chain(texts.iter().map(text)).collect();
    let vocab = Vocab::new(&tokens).unwrap();
    let sorted = SortedVocab::new(&vocab);
    (vocab, sorted)
}

/// The tokens of a text, at each place the longest that fits.
fn encode(text: &[u8], vocab: &Vocab) -> Option<Vec<u32>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let fits = (1..vocab.len() as u32).filter(|id| rest.starts_with(vocab.written(*id)));
        let longest = fits.max_by_key(|id| vocab.written(*id).len())?;
        tokens.push(longest);
        rest = &rest[vocab.written(longest).len()..];
    }
    Some(tokens)
}

#[test]
fn what_is_taken_back() {
    let texts =
        ["a", "ret", "ur", "return", " ", "  ", "    ", " x", "x", ";", "url", "é"].map(|it| it.as_bytes().to_vec());
    let (vocab, sorted) = vocabulary(&texts);
    let id = |text: &str| texts.iter().position(|it| it == text.as_bytes()).map_or(0, |index| index as u32 + 1);
    let check = |prompt: &[&str], kept: usize, rest: &str, allowed: &[&str]| {
        let tokens: Vec<u32> = prompt.iter().map(|text| id(text)).collect();
        let (tokens, healing) = Healing::begin(&tokens, &vocab, &sorted);
        assert_eq!((tokens, healing.rest()), (kept, rest.as_bytes()), "{prompt:?}");
        let expected = (!rest.is_empty()).then(|| allowed.iter().map(|text| id(text)).collect());
        assert_eq!(healing.allowed(&vocab, &sorted), expected, "{prompt:?}");
    };
    check(&["a", "ret"], 1, "ret", &["ret", "return"]);
    // Together, though the last one alone has only another continuation.
    check(&["a", "ret", "ur"], 1, "retur", &["ret", "return"]);
    check(&["a", "ur"], 1, "ur", &["ur", "url"]);
    check(&["a", " "], 1, " ", &[" ", "  ", "    ", " x"]);
    check(&["a", "  ", " "], 1, "   ", &[" ", "  ", "    "]);
    check(&["a", "return"], 2, "", &[]);
    check(&["a", "ret", ";"], 3, "", &[]);
    // A marker, and what lies before it, stays.
    check(&["a", "ret", "<end>"], 3, "", &[]);
    check(&["<end>", "ur"], 1, "ur", &["ur", "url"]);
    check(&["<end>", "é"], 2, "", &[]);
    // The first token stays: something has to be passed to the model.
    check(&["ret"], 1, "", &[]);
    check(&[], 0, "", &[]);
}

#[test]
fn a_beginning_that_leads_nowhere_is_not_allowed() {
    let (vocab, sorted) = vocabulary(&["q", "ab", "abc", "a"].map(|it| it.as_bytes().to_vec()));
    let (_, healing) = Healing::begin(&[1, 2], &vocab, &sorted);
    // "a" would have to be followed by "b", which no token starts with.
    assert_eq!(healing.allowed(&vocab, &sorted), Some([2, 3].into_iter().collect()));
}

proptest! {
    #[test]
    fn a_healed_answer_is_the_same_text(
        texts in btree_set(vec(b'a'..b'd', 1..5), 1..30), missing in any::<bool>(),
        prompt in vec(b'a'..b'd', 0..20), answer in vec(b'a'..b'd', 1..20), choices in vec(0_usize..100, 40),
    ) {
        let mut texts = texts;
        if !missing {
            texts.extend([b"a".to_vec(), b"b".to_vec(), b"c".to_vec()]);
        }
        let texts: Vec<Vec<u8>> = texts.into_iter().collect();
        let (vocab, sorted) = vocabulary(&texts);
        let Some(encoded) = encode(&prompt, &vocab) else { return Ok(()) };
        let mut tokens = encoded.clone();
        let (kept, mut healing) = Healing::begin(&tokens, &vocab, &sorted);
        tokens.truncate(kept);
        // Nothing is lost, and not much is taken back.
        let text = |tokens: &[u32]| tokens.iter().flat_map(|id| vocab.written(*id)).copied().collect::<Vec<u8>>();
        assert_eq!([text(&tokens), healing.rest().to_vec()].concat(), prompt);
        assert!(encoded.len() - tokens.len() <= MAX_TOKENS && healing.rest().len() <= MAX_BYTES);
        assert!(tokens.len() == encoded.len() || sorted.has_longer(&vocab, healing.rest()));

        // A model that wants to write `answer` behind the prompt, where the vocabulary lets it; with any of the tokens
        // that agree.
        let whole = [prompt.clone(), answer].concat();
        let mut written = Vec::new();
        for choice in choices {
            let at = text(&tokens).len();
            let allowed = healing.allowed(&vocab, &sorted);
            if let Some(allowed) = &allowed {
                assert!(!allowed.is_empty(), "nothing is allowed before {:?}", healing.rest());
                assert!(!allowed.contains(0), "a marker is allowed");
            }
            let possible = |id: &u32| allowed.as_ref().is_none_or(|allowed| allowed.contains(*id));
            let fits: Vec<u32> = (1..vocab.len() as u32).filter(possible).collect();
            let agreeing: Vec<u32> =
                fits.iter().copied().filter(|id| whole[at.min(whole.len())..].starts_with(vocab.written(*id))).collect();
            let Some(token) = agreeing.get(choice % agreeing.len().max(1)).or(fits.first()) else { break };
            written.extend_from_slice(healing.accept(vocab.written(*token)));
            tokens.push(*token);
            // Prompt and answer are together what the tokens say, at any time after the healing.
            if healing.is_done() {
                assert_eq!([prompt.as_slice(), &written].concat(), text(&tokens));
            } else {
                assert!(written.is_empty() && prompt.starts_with(&text(&tokens)));
            }
        }
        assert!(healing.is_done(), "{:?} is left", healing.rest());
    }
}
