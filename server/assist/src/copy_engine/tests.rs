//! Matches, proposals, incremental indexes against a naive search.

use engine::Predictor;
use proptest::prelude::*;
use syntax::Language;

use super::predictor::Proposal;
use super::*;
use crate::{DocumentId, Workspace};

/// The view at `<CURSOR>` of the first file.
fn view(fixture: &str) -> CopyView {
    let mut files = testkit::files(fixture);
    let (text, offset) = testkit::cursor(&files[0].text);
    files[0].text = text;
    let workspace = Workspace::new();
    for file in &files {
        workspace.open(DocumentId::new(&file.path), "", 1, &file.text);
    }
    let snapshot = workspace.snapshot(&DocumentId::new(&files[0].path)).expect("open");
    CopyStore::default().view(&snapshot, snapshot.document(), offset, true, &[])
}

fn proposal(fixture: &str) -> Option<(String, f32)> {
    let first = view(fixture).propose(1).into_iter().next();
    first.map(|Proposal { text, confidence }| (text, confidence))
}

/// What is proposed at `<CURSOR>`.
fn check(fixture: &str, expected: &str) -> f32 {
    let (text, confidence) = proposal(fixture).expect("a match");
    assert_eq!(text, expected, "{fixture:?}");
    assert!((0.0..=1.0).contains(&confidence));
    confidence
}

#[test]
fn the_rest_of_an_earlier_line_is_proposed() {
    check("//- a.py\nself.width = width\nself.height = height\nself.wid<CURSOR>\n", "th = width");
}

#[test]
fn text_behind_the_cursor_counts_too() {
    let (text, _) = proposal("//- a.py\nprint(<CURSOR>\n\nprint(total_amount)\n").expect("a match");
    assert_eq!(text, "total_amount)");
}

#[test]
fn the_text_at_the_cursor_is_not_copied_onto_itself() {
    assert_eq!(proposal("//- a.py\nabcdef<CURSOR>ghi\n"), None);
}

#[test]
fn what_is_indented_deeper_follows_something_else() {
    // The line above is the same, but its block is another one: only the white space itself counts.
    check("//- a.py\nif b:\n        c(1)\nif b:\n    <CURSOR>\n", "c(1)");
    check("//- a.py\nif b:\n        c(1)\n    d(2)\nif b:\n    <CURSOR>\n", "d(2)");
}

#[test]
fn other_documents_count_after_this_one() {
    check("//- a.py\nconnect(<CURSOR>\n//- b.py\nconnect(host, port)\n", "host, port)");
    check("//- a.py\n connect(here)\n connect(<CURSOR>\n//- b.py\n connect(there)\n", "here)");
}

#[test]
fn places_that_disagree_lower_the_confidence() {
    let fixture = |first: &str| format!("//- a.txt\nx\nfoo: {first}\ny\nfoo: b\nz\nfoo: b\nw\nfoo: <CURSOR>");
    assert!(check(&fixture("b"), "b") > check(&fixture("a"), "b"));
}

#[test]
fn all_that_followed_is_proposed() {
    let proposals = view("//- a.txt\nfoo: a\nfoo: b\nfoo: b\nfoo: \nfoo: <CURSOR>").propose(3);
    let texts: Vec<_> = proposals.iter().map(|proposal| proposal.text.as_str()).collect();
    assert_eq!(texts, ["b", "a"]);
    assert!(proposals[0].confidence > proposals[1].confidence);
}

#[test]
fn nothing_alike_gives_nothing() {
    assert_eq!(proposal("//- a.py\n<CURSOR>"), None);
    assert_eq!(proposal("//- a.py\nab<CURSOR>"), None);
    assert_eq!(proposal("//- a.py\nalpha beta gamma<CURSOR>"), None);
}

#[test]
fn a_prediction_signals_the_end_of_the_line() {
    let fixture = "//- a.py\nif ready:\n    start()\nif ready:<CURSOR>\n";
    let mut line = CopyPredictor::new(view(fixture), Ending::Line);
    let prediction = line.predict("");
    assert_eq!(prediction.continuations[0].text, "", "the line ended there");
    assert!(prediction.weight > 0.02);
    let mut block = CopyPredictor::new(view(fixture), Ending::Dedent(4));
    assert_eq!(block.predict("").continuations[0].text, "\n    start()", "the block ends before the dedent");
    assert_eq!(block.predict("\n    sta").continuations[0].text, "rt()");
    assert_eq!(block.predict("\n    start()").continuations[0].text, "");
    assert_eq!(block.predict("\n    zzz"), Prediction::default());
}

use engine::Prediction;

#[test]
fn longer_matches_weigh_more() {
    let weights = [3, 6, 10, 16, 24, 40]
        .map(|length| CopyPredictor::new(view_with_match(length), Ending::Line).predict("").weight);
    assert!(weights.is_sorted() && weights[5] > 1.3 * weights[0], "{weights:?}");
    assert!(weights[0] > 0.0 && weights[5] < 0.5, "the model has the last word: {weights:?}");
    let nothing = CopyPredictor::new(view_with_match(2), Ending::Line).predict("");
    assert_eq!(nothing, Prediction::default());
}

/// A view whose longest match is `length` bytes (none below three).
fn view_with_match(length: usize) -> CopyView {
    let tail: String = ('a'..='z').chain('A'..='Z').take(length).collect();
    let text: Arc<str> = format!("1{tail}! 2{tail}").into();
    let cursor = text.len();
    CopyView::new(IndexedText::new(Arc::new(SuffixIndex::new(text))), cursor, Vec::new())
}

#[test]
fn an_index_survives_small_edits_and_sees_them() {
    let store = CopyStore::default();
    let workspace = Workspace::new();
    let id = DocumentId::new("file:///a.txt");
    let mut text = "the quick brown fox\n".repeat(200);
    let mut version = 0;
    for word in ["jumps over", "the lazy dog", "the lazy d"] {
        text.insert_str(text.len() / 2, word);
        version += 1;
        workspace.open(id.clone(), "", version, &text);
        let snapshot = workspace.snapshot(&id).expect("open");
        let view = store.view(&snapshot, snapshot.document(), text.len(), true, &[]);
        let found = view.followers("the lazy do", 8);
        let expected = text.find("the lazy do").map(|_| "g");
        let first = found.iter().find(|follower| follower.length >= 11).map(|follower| &follower.text[..1]);
        assert_eq!(first, expected, "{word}");
    }
    assert_eq!(lock(&store.kept).len(), 1);
}

#[test]
fn a_huge_document_is_searched_around_the_cursor_only() {
    let line = "ä line of text that fills the document\n";
    let text = line.repeat((4 << 20) / line.len());
    let language = Language::plain_text();
    let snapshot = Snapshot::of_text(&text, language, None);
    for offset in [0, 2 << 20, text.len()] {
        let offset = text.floor_char_boundary(offset);
        let window = window(snapshot.document(), offset);
        assert!(window.touches(offset));
        assert!(window.len() <= BEFORE_CURSOR + AFTER_CURSOR + 3 * WINDOW_STEP);
        assert!(text.is_char_boundary(window.start));
    }
}

/// The longest match that something follows, as a search without an index finds it.
fn naive(text: &str, cursor: usize, tail: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let in_indent = tail.iter().rev().find(|byte| **byte != b' ') == Some(&b'\n');
    let is_place = |end: &usize| {
        let deeper = in_indent && bytes.get(*end) == Some(&b' ');
        text.is_char_boundary(*end) && *end != cursor && !deeper
    };
    let length = |end: usize| {
        let floor = if end > cursor { cursor } else { 0 };
        bytes[floor..end].iter().rev().zip(tail.iter().rev()).take_while(|(a, b)| a == b).count()
    };
    (1..=bytes.len()).filter(is_place).map(length).max().filter(|&length| length >= 3).unwrap_or(0)
}

proptest! {
    #[test]
    fn the_index_finds_what_a_naive_search_finds(
        head in "[abä\n]{0,60}", old in "[abä]{0,8}", new in "[abä😀]{0,8}", rest in "[abä\n]{0,60}",
        at in any::<prop::sample::Index>(), generated in "[abä😀]{0,5}",
    ) {
        let before: Arc<str> = format!("{head}{old}{rest}").into();
        let text: Arc<str> = format!("{head}{new}{rest}").into();
        let cursor = text.floor_char_boundary(at.index(text.len() + 1));
        let fresh = IndexedText::new(Arc::new(SuffixIndex::new(text.clone())));
        let edited = IndexedText::new(Arc::new(SuffixIndex::new(before)));
        let edited = edited.changed_to(text.clone(), 1000).expect("a small edit");
        for indexed in [fresh, edited] {
            let view = CopyView::new(indexed, cursor, Vec::new());
            let found = view.followers(&generated, 10);
            prop_assert!(found.is_sorted_by(|a, b| a.length >= b.length));
            let longest = found.first().map_or(0, |follower| follower.length);
            prop_assert_eq!(longest, naive(&text, cursor, &view.tail(&generated)));
        }
    }
}

#[test]
fn kept_indexes_are_bounded_and_the_latest_stay() {
    let store = CopyStore::default();
    let text: String = (0_u32..100_000).map(|n| format!("{:09x}\n", n.wrapping_mul(0x9e37_79b9))).collect();
    let id = |n: usize| DocumentId::new(&format!("file:///{n}.txt"));
    for n in 0..6 {
        let workspace = Workspace::new();
        workspace.open(id(n), "", 1, &text[n..]);
        let snapshot = workspace.snapshot(&id(n)).expect("open");
        store.view(&snapshot, snapshot.document(), 0, true, &[]);
    }
    let kept: Vec<_> = lock(&store.kept).iter().map(|kept| kept.id.clone()).collect();
    assert_eq!(kept, [id(2), id(3), id(4), id(5)]);
}
