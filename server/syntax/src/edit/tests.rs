//! Tests of `edit`.

use proptest::{collection::vec, prelude::*, sample::select, test_runner::Config};

use super::*;

fn edit(start: usize, end: usize, new_text: &str) -> TextEdit {
    TextEdit { range: TextRange { start, end }, new_text: new_text.to_owned() }
}

fn check_apply(text: &str, edits: &[TextEdit], expected: &str) {
    assert_eq!(apply_edits(text, edits), expected);
    // A document takes the same edits the same way.
    let document = crate::Document::new(text, crate::Language::plain_text(), 1);
    assert_eq!(document.edit(edits, 2).text().to_string(), expected);
}

#[test]
fn edits_in_any_order() {
    check_apply("abc", &[edit(2, 3, "C"), edit(0, 1, "AA")], "AAbC");
    check_apply("abc", &[], "abc");
    check_apply("", &[edit(0, 0, "x")], "x");
}

#[test]
fn insertions_at_one_offset_keep_their_order() {
    check_apply("ab", &[edit(1, 1, "1"), edit(1, 1, "2"), edit(1, 2, "B")], "a12B");
    check_apply("ab", &[edit(1, 2, "B"), edit(1, 1, "1")], "a1B");
}

#[test]
fn an_overlapping_edit_is_left_out() {
    check_apply("abcdef", &[edit(0, 3, "x"), edit(2, 5, "y"), edit(5, 6, "z")], "xdez");
}

#[test]
fn offsets_are_clamped() {
    check_apply("a𝄞", &[edit(3, 99, "x")], "ax");
    check_apply("ab", &[edit(7, 9, "x")], "abx");
    check_apply("ab", &[edit(2, 1, "x")], "ax");
}

fn check_minimal(old: &str, new: &str, expected: &[TextEdit]) {
    let edits = minimal_edits(old, new);
    assert_eq!(edits, expected, "{old:?} -> {new:?}");
    assert_eq!(apply_edits(old, &edits), new);
}

#[test]
fn minimal_edits_leave_common_text_alone() {
    check_minimal("", "", &[]);
    check_minimal("same\n", "same\n", &[]);
    check_minimal("", "x", &[edit(0, 0, "x")]);
    check_minimal("x", "", &[edit(0, 1, "")]);
    check_minimal("a\nb\nc\n", "a\nB\nc\n", &[edit(2, 3, "B")]);
    check_minimal("if x:\n  y\n  z\n", "if x:\n    y\n    z\n", &[edit(8, 10, "  y\n  ")]);
    check_minimal("a\nb\nc\nd\n", "b\nc\nd\ne\n", &[edit(0, 2, ""), edit(8, 8, "e\n")]);
    check_minimal("aé€", "aé𝄞€", &[edit(3, 3, "𝄞")]);
}

#[test]
fn minimal_edits_keep_characters_and_line_ends_whole() {
    // Both start with the bytes F0 9D 84.
    check_minimal("𝄞", "𝄟", &[edit(0, 4, "𝄟")]);
    check_minimal("a\r\n", "a\n", &[edit(1, 3, "\n")]);
    check_minimal("a\r\n", "a\r", &[edit(1, 3, "\r")]);
    check_minimal("a\n", "a\r\n", &[edit(1, 1, "\r")]);
}

#[test]
fn minimal_edits_of_a_text_that_changed_everywhere() {
    // More than the line search allows, and no line occurs once: still right, and in one piece.
    let old = "a\nb\n".repeat(2000);
    let new = "b\nc\n".repeat(2000);
    let edits = minimal_edits(&old, &new);
    assert_eq!(apply_edits(&old, &edits), new);
    // Every second line reindented: the lines between are anchors.
    let old: String = (0..3000).map(|n| format!("keep {n}\n x{n}\n")).collect();
    let new: String = (0..3000).map(|n| format!("keep {n}\n  x{n}\n")).collect();
    assert_eq!(minimal_edits(&old, &new).len(), 3000);
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(512) })]

    #[test]
    fn applied_minimal_edits_give_the_new_text(
        old in vec(select(vec!["a\n", "b\n", "b\r\n", "\r", "\n", "é", "𝄞", "𝄟", "x"]), 0..14),
        new in vec(select(vec!["a\n", "b\n", "b\r\n", "\r", "\n", "é", "𝄞", "𝄟", "x"]), 0..14),
    ) {
        let (old, new) = (old.concat(), new.concat());
        let edits = minimal_edits(&old, &new);
        prop_assert_eq!(&apply_edits(&old, &edits), &new);
        prop_assert!(edits.is_sorted_by_key(|edit| edit.range));
        // On the wire too: no end of an edit lies where no position points to.
        let text = crate::Text::new(&old);
        for edit in &edits {
            let range = text.position_range(edit.range, crate::PositionEncoding::Utf16);
            prop_assert_eq!(text.text_range(range, crate::PositionEncoding::Utf16), edit.range);
        }
    }
}
