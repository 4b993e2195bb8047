//! Looking ahead: what is made while a suggestion is read, and what becomes of it.

use std::time::Duration;

use super::life::text;
use super::{Trigger, assist_with, open, request};
use crate::inline_completion::attempt::model_key;
use crate::inline_completion::{InlineCompletion, Source, ahead, in_lane};
use crate::sync::lock;
use crate::workspace::Lane;
use crate::{Assist, Snapshot};

/// The model was slow so far.
fn slow_down(assist: &Assist) {
    let model = model_key(&assist.engine().status().model);
    lock(assist.pace()).answered(&model, Duration::from_millis(400));
}

async fn ask(assist: &Assist, snapshot: &Snapshot, offset: usize) -> InlineCompletion {
    in_lane(assist, snapshot, request(offset, Trigger::Automatic), Lane::Inline).await.expect("not cancelled")
}

/// Asks at the cursor of `before`, with the first of `replies`, and looks ahead; then asks at `after`. What comes then,
/// and whether the model had to work for it.
async fn check(replies: &[&str], before: &str, after: &str) -> (Option<(String, Source)>, bool) {
    let assist = assist_with(replies, None).await;
    slow_down(&assist);
    let (snapshot, offset) = open(&assist, "a.py", 1, before);
    let answer = ask(&assist, &snapshot, offset).await;
    let silences = assist.status().silences;
    ahead::look(&assist, &snapshot, &answer.items).expect("worth a look").await.expect("no panic");
    assert_eq!(assist.status().silences, silences, "nobody was told anything");
    assert!(ahead::look(&assist, &snapshot, &answer.items).expect("asked again").await.is_ok());
    let passes = assist.engine().status().forward_passes;
    let (snapshot, offset) = open(&assist, "a.py", 2, after);
    let answer = ask(&assist, &snapshot, offset).await;
    let found = text(&answer).map(|(text, source)| (text.to_owned(), source));
    (found, assist.engine().status().forward_passes > passes)
}

#[tokio::test]
async fn what_follows_is_there_when_the_suggestion_is_accepted() {
    let found = check(&["width,", "height)"], "area(<CURSOR>", "area(width,<CURSOR>").await;
    assert_eq!(found, (Some(("height)".to_owned(), Source::Cache)), false));
}

#[tokio::test]
async fn a_whole_line_is_followed_by_the_next_one() {
    let replies = ["it in them:", "", "print(it)"];
    let found = check(&replies, "for <CURSOR>\n", "for it in them:\n    <CURSOR>\n").await;
    assert_eq!(found, (Some(("print(it)".to_owned(), Source::Cache)), false));
    let found = check(&["a + b", "", "other = 1"], "if x:\n\ty = <CURSOR>\n", "if x:\n\ty = a + b\n\t<CURSOR>\n").await;
    assert_eq!(found, (Some(("other = 1".to_owned(), Source::Cache)), false));
}

#[tokio::test]
async fn another_way_than_the_suggestion_starts_again() {
    let found = check(&["width,", "height)", "other)"], "area(<CURSOR>", "area(x<CURSOR>").await;
    assert_eq!(found, (Some(("other)".to_owned(), Source::Model)), true));
}

#[tokio::test]
async fn quick_models_unlikely_texts_and_other_programs_are_not_looked_ahead_of() {
    let assist = assist_with(&["width,", "height)"], None).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "area(<CURSOR>");
    let mut answer = ask(&assist, &snapshot, offset).await;
    assert!(ahead::look(&assist, &snapshot, &answer.items).is_none(), "a quick model");
    slow_down(&assist);
    slow_down(&assist);
    let elsewhere = Snapshot::of_text("area(", snapshot.document().language(), None);
    assert!(ahead::look(&assist, &elsewhere, &answer.items).is_none(), "not an editor's");
    answer.items[0].confidence = 0.3;
    assert!(ahead::look(&assist, &snapshot, &answer.items).is_none(), "unlikely");
}
