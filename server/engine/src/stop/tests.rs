//! Stop texts across pieces, and against a naive search.

use proptest::prelude::*;

use super::{Passed, StopTexts};

/// Pieces are separated by `|`; the result shows what each let through, and `#` where the stream stopped.
fn check(stops: &[&str], pieces: &str, expected: &str) {
    let mut stop_texts = StopTexts::new(stops.iter().map(ToString::to_string).collect());
    let mut out = Vec::new();
    let mut stopped = false;
    for piece in pieces.split('|') {
        let passed = stop_texts.push(piece);
        stopped = passed.stopped;
        out.push(passed.text + if stopped { "#" } else { "" });
        if stopped {
            break;
        }
    }
    if !stopped {
        out.push(stop_texts.finish());
    }
    assert_eq!(out.join("|"), expected, "{stops:?} in {pieces}");
}

#[test]
fn stop_texts_across_pieces() {
    check(&[], "ab|c", "ab|c|");
    check(&[""], "ab", "ab|");
    check(&["b"], "abc", "a#");
    check(&["\n\n"], "a\n|b\n|\nc", "a|\nb|#");
    check(&["END"], "xE|N|d", "x||ENd|");
    check(&["END"], "xE|N", "x||EN");
    check(&["aab"], "aa|a|b", "|a|#");
    check(&["é!"], "caf|é|!", "caf||#");
    check(&["abc", "b"], "abc", "a#");
    check(&["abc", "bc"], "xabc", "x#");
}

/// The first place, character by character, at which a stop text is complete.
fn naive(stops: &[String], text: &str) -> (String, bool) {
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        let cut = stops.iter().filter(|stop| text[..end].ends_with(stop.as_str())).map(String::len).max();
        if let Some(len) = cut {
            return (text[..end - len].to_owned(), true);
        }
    }
    (text.to_owned(), false)
}

proptest! {
    #[test]
    fn agrees_with_the_naive_search(
        stops in prop::collection::vec("[abé]{1,3}", 0..4),
        pieces in prop::collection::vec("[abcé]{0,4}", 0..12),
    ) {
        let expected = naive(&stops, &pieces.concat());
        let mut stop_texts = StopTexts::new(stops);
        let mut out = String::new();
        let mut stopped = false;
        for piece in &pieces {
            let Passed { text, stopped: now } = stop_texts.push(piece);
            out.push_str(&text);
            stopped = now;
            if stopped { break; }
        }
        if !stopped { out.push_str(&stop_texts.finish()); }
        prop_assert_eq!((out, stopped), expected);
    }
}
