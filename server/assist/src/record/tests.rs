//! Counts, verdicts and memory of the acceptance record.

use syntax::{Document, Language, TextRange};

use super::{Offer, Record};
use crate::inline_completion::scene::Scene;
use crate::{AcceptanceCounts, DocumentId, SilenceReason};

fn document() -> DocumentId {
    DocumentId::new("file:///a.py")
}

fn scene(fixture: &str) -> Scene {
    let (text, offset) = testkit::cursor(fixture);
    Scene::new(&Document::new(&text, Language::plain_text(), 1), offset, String::new())
}

fn offer(fixture: &str, suggestion: &str) -> Offer {
    let (text, offset) = testkit::cursor(fixture);
    let file = Document::new(&text, Language::plain_text(), 1);
    Offer::new(&document(), &file, TextRange::empty(offset), suggestion, &scene(fixture), suggestion)
}

/// A record with one suggestion in view, and what its counts say after the user's next key: rejections, and how often
/// the text counts as typed away where it was made.
fn check(suggestion: &str, made: &str, next: &str, expected: (u64, u32)) {
    let mut record = Record::default();
    record.offer(1, offer(made, suggestion));
    record.answered(1);
    record.looked_at(&document(), &scene(next));
    // Asked again at the same place, it is the same rejection.
    record.looked_at(&document(), &scene(next));
    let found = (record.counts.rejected, record.times_rejected(&scene(made), suggestion));
    assert_eq!(found, expected, "{suggestion:?} {made:?} {next:?}");
}

#[test]
fn what_is_typed_away_is_rejected() {
    check("value", "x = <CURSOR>\n", "x = o<CURSOR>\n", (1, 1));
    check("value", "x = <CURSOR>\n", "x = vax<CURSOR>\n", (1, 1));
    check("value", "x = <CURSOR>\n", "x = \n<CURSOR>\n", (1, 1));
    // Typed along, or to the end and on.
    check("value", "x = <CURSOR>\n", "x = <CURSOR>\n", (0, 0));
    check("value", "x = <CURSOR>\n", "x = val<CURSOR>\n", (0, 0));
    check("value", "x = <CURSOR>\n", "x = value<CURSOR>\n", (0, 0));
    check("value", "x = <CURSOR>\n", "x = value + 1<CURSOR>\n", (0, 0));
    // Not typed at all: deleted before it, or gone elsewhere.
    check("value", "x = <CURSOR>\n", "x =<CURSOR>\n", (0, 0));
    check("value", "x = <CURSOR>\n", "<CURSOR>x = \n", (0, 0));
}

#[test]
fn only_what_was_in_view_is_rejected() {
    let (made, next) = ("x = <CURSOR>\n", "x = o<CURSOR>\n");
    // Its document had moved on before the answer was there.
    let mut record = Record::default();
    record.offer(1, offer(made, "value"));
    record.looked_at(&document(), &scene(next));
    assert_eq!(record.counts.rejected, 0);
    // A client that reports what it shows did not show this one.
    record.shown(1);
    record.offer(2, offer(made, "value"));
    record.answered(2);
    record.looked_at(&document(), &scene(next));
    assert_eq!(record.counts.rejected, 0);
    // In another document nothing was typed.
    record.offer(3, offer(made, "value"));
    record.answered(3);
    record.shown(3);
    record.looked_at(&DocumentId::new("file:///b.py"), &scene(next));
    assert_eq!(record.counts.rejected, 0);
    record.looked_at(&document(), &scene(next));
    assert_eq!(record.counts.rejected, 1);
}

#[test]
fn what_is_accepted_is_not_rejected() {
    let made = "x = <CURSOR>\n";
    for accepted in [None, Some(2)] {
        let mut record = Record::default();
        record.offer(1, offer(made, "value"));
        record.answered(1);
        assert!(record.accepted(1, accepted));
        record.looked_at(&document(), &scene("x = VALUE<CURSOR>\n"));
        assert_eq!((record.counts.rejected, record.times_rejected(&scene(made), "value")), (0, 0));
        // The report may come after the next request.
        record.offer(2, offer(made, "value"));
        record.answered(2);
        record.looked_at(&document(), &scene("x = VALUE<CURSOR>\n"));
        assert_eq!((record.counts.rejected, record.times_rejected(&scene(made), "value")), (1, 1));
        assert!(record.accepted(2, accepted));
        assert_eq!((record.counts.rejected, record.times_rejected(&scene(made), "value")), (0, 0));
    }
}

#[test]
fn characters_are_counted_once_and_in_scalar_values() {
    let mut record = Record::default();
    record.offer(1, offer("<CURSOR>", "a😀b"));
    record.offer(2, offer("<CURSOR>", "second"));
    record.shown(1);
    record.shown(1);
    record.shown(9);
    assert!(record.accepted(1, Some(2)), "followed from its first part on");
    assert_eq!(record.counts.accepted_characters, 1, "half a surrogate pair is no character");
    assert_eq!(record.followed(1).map(|it| it.accepted).as_deref(), Some("a"));
    assert!(!record.accepted(1, Some(3)));
    assert_eq!((record.counts.accepted_characters, record.counts.partially_accepted), (2, 1));
    assert!(!record.accepted(1, None));
    assert!(!record.accepted(1, None));
    assert_eq!(record.followed(1).map(|it| it.accepted).as_deref(), Some("a😀b"));
    assert!(record.accepted(2, Some(6)));
    let expected =
        AcceptanceCounts { offered: 2, shown: 1, accepted: 2, accepted_characters: 9, ..AcceptanceCounts::default() };
    assert_eq!(record.counts, expected);
}

#[test]
fn old_suggestions_are_forgotten() {
    let mut record = Record::default();
    (0..300).for_each(|id| record.offer(id, offer("<CURSOR>", "text")));
    assert!(!record.accepted(0, None));
    assert_eq!(record.counts.accepted, 0);
    assert!(record.accepted(299, None));
    assert_eq!((record.counts.accepted, record.counts.offered), (1, 300));
    for id in 300..1000 {
        record.offer(id, offer("<CURSOR>", "text"));
        record.accepted(id, None);
    }
    assert!(record.followed(299).is_none());
    assert_eq!((record.followed.len(), record.offered.len()), (super::FOLLOWED, super::REMEMBERED));
}

#[test]
fn silences_come_most_frequent_first() {
    let mut record = Record::default();
    assert_eq!(record.last_silence(), None);
    for reason in [SilenceReason::NoModel, SilenceReason::Timeout, SilenceReason::Timeout, SilenceReason::Empty] {
        record.silence(reason, Some(document()));
    }
    assert_eq!(record.silences(), [("timeout", 2), ("empty", 1), ("no_model", 1)]);
    let last = record.last_silence().expect("there were some");
    assert_eq!((last.reason, last.document), ("empty", Some(document())));
}
