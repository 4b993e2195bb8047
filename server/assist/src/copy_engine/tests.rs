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
    CopyStore::default().view(&snapshot, snapshot.document(), offset, true)
}

fn proposal(fixture: &str) -> Option<(String, f32)> {
    view(fixture).propose().map(|Proposal { text, confidence }| (text, confidence))
}

#[test]
fn the_rest_of_an_earlier_line_is_proposed() {
    let (text, confidence) =
        proposal("//- a.py\nself.width = width\nself.height = height\nself.wid<CURSOR>\n").expect("a match");
    assert_eq!(text, "th = width");
    assert!((confidence - 8.0 / 32.0).abs() < 1e-6, "`self.wid` are eight bytes: {confidence}");
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
    let (text, confidence) = proposal("//- a.py\nif b:\n        c(1)\nif b:\n    <CURSOR>\n").expect("a match");
    assert_eq!((text.as_str(), confidence), ("c(1)", 4.0 / 32.0));
}

#[test]
fn other_documents_count_after_this_one() {
    let (text, _) = proposal("//- a.py\nconnect(<CURSOR>\n//- b.py\nconnect(host, port)\n").expect("a match");
    assert_eq!(text, "host, port)");
    let here_first = "//- a.py\n connect(here)\n connect(<CURSOR>\n//- b.py\n connect(there)\n";
    assert_eq!(proposal(here_first).expect("a match").0, "here)");
}

#[test]
fn the_share_of_agreeing_places_lowers_the_confidence() {
    let (text, confidence) = proposal("//- a.txt\nx\nfoo: b\ny\nfoo: a\nz\nfoo: b\nw\nfoo: <CURSOR>").expect("a match");
    assert_eq!(text, "b");
    assert!((confidence - 6.0 / 32.0 * 2.0 / 3.0).abs() < 0.05, "{confidence}");
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
    let strength = Strength::of("python", 15_000_000);
    let mut line = CopyPredictor::new(view(fixture), Ending::Line, strength);
    let prediction = line.predict("");
    assert_eq!(prediction.continuations[0].text, "", "the line ended there");
    assert!(prediction.weight > 0.2);
    let mut block = CopyPredictor::new(view(fixture), Ending::Dedent(4), strength);
    assert_eq!(block.predict("").continuations[0].text, "\n    start()", "the block ends before the dedent");
    assert_eq!(block.predict("\n    sta").continuations[0].text, "rt()");
    assert_eq!(block.predict("\n    start()").continuations[0].text, "");
    assert_eq!(block.predict("\n    zzz"), Prediction::default());
}

use engine::Prediction;

#[test]
fn longer_matches_weigh_more_and_large_models_need_less_help() {
    for language in ["python", "javascript", "go"] {
        let weights: Vec<f32> = [0, 3, 6, 10, 16, 24, 40].map(|n| Strength::of(language, 1).weight_of(n)).into();
        assert!(weights[3..].is_sorted() && weights[6] > 2.0 * weights[1], "{weights:?}");
        assert_eq!(weights[0], 0.0);
        let large = Strength::of(language, 1_500_000_000);
        assert!([3, 6, 10, 16, 24, 40].iter().all(|&n| large.weight_of(n) < Strength::of(language, 1).weight_of(n)));
    }
}

impl Strength {
    fn weight_of(self, length: usize) -> f32 {
        let view = view_with_match(length);
        CopyPredictor::new(view, Ending::Line, self).predict("").weight
    }
}

/// A view whose longest match is `length` bytes (none below three).
fn view_with_match(length: usize) -> CopyView {
    let tail: String = ('a'..='z').chain('A'..='Z').take(length).collect();
    let text: Arc<str> = format!("1{tail}! 2{tail}").into();
    let cursor = text.len();
    CopyView::new(IndexedText::new(Arc::new(GramIndex::new(text))), cursor, Vec::new())
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
        let view = store.view(&snapshot, snapshot.document(), text.len(), true);
        let found = view.longest_match("the lazy do", 8);
        let expected = text.find("the lazy do").map(|_| "g");
        let first = found.followers.first().map(|follower| &follower.text[..1]);
        assert_eq!(first.filter(|_| found.length >= 11), expected, "{word}");
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

/// The longest match as a search without an index finds it.
fn naive(text: &str, cursor: usize, tail: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let ends = (1..=bytes.len()).filter(|&end| end != cursor);
    let length = |end: usize| {
        let floor = if end > cursor { cursor } else { 0 };
        bytes[floor..end].iter().rev().zip(tail.iter().rev()).take_while(|(a, b)| a == b).count()
    };
    ends.map(length).max().filter(|&length| length >= 3).unwrap_or(0)
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
        let fresh = IndexedText::new(Arc::new(GramIndex::new(text.clone())));
        let edited = IndexedText::new(Arc::new(GramIndex::new(before)));
        let edited = edited.changed_to(text.clone(), 1000).expect("a small edit");
        for indexed in [fresh, edited] {
            let view = CopyView::new(indexed, cursor, Vec::new());
            let found = view.longest_match(&generated, 10);
            prop_assert_eq!(found.length, naive(&text, cursor, &view.tail(&generated)));
        }
    }
}

#[test]
fn kept_indexes_are_bounded_and_the_latest_stay() {
    let store = CopyStore::default();
    let text = "0123456789abcde\n".repeat((1 << 20) / 16);
    let id = |n: usize| DocumentId::new(&format!("file:///{n}.txt"));
    for n in 0..5 {
        let workspace = Workspace::new();
        workspace.open(id(n), "", 1, &text[n..]);
        let snapshot = workspace.snapshot(&id(n)).expect("open");
        store.view(&snapshot, snapshot.document(), 0, true);
    }
    let kept: Vec<_> = lock(&store.kept).iter().map(|kept| kept.id.clone()).collect();
    assert_eq!(kept, [id(2), id(3), id(4)]);
}
