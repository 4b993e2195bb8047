//! What becomes of suggestions, as the features see it: followed, rejected, shared between requests.

use std::time::Duration;

use syntax::{ContentChange, PositionEncoding};
use tokio::time::sleep;

use super::life::{ask, text};
use super::{Trigger, assist_with, freeze, inline_completion, open, request};
use crate::inline_completion::{SilenceReason, Source};
use crate::{Assist, KeptCounts, Snapshot};

fn rewrite(assist: &Assist, snapshot: &Snapshot, version: i32, text: &str) {
    let all = ContentChange { range: None, text: text.to_owned() };
    assist.workspace().change(snapshot.id(), version, &[all], PositionEncoding::Utf8).expect("open");
}

fn kept(suggestions: u64, whole: u64, accepted_characters: u64, kept_characters: u64) -> KeptCounts {
    KeptCounts { suggestions, whole, accepted_characters, kept_characters }
}

#[tokio::test(start_paused = true)]
async fn accepted_text_is_looked_for_twice() {
    let assist = assist_with(&["width * height"], None).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "def f(width, height):\n    return <CURSOR>\n");
    let frozen = freeze();
    let answer = inline_completion(&assist, &snapshot, request(offset, Trigger::Automatic)).await.expect("an answer");
    drop(frozen);
    rewrite(&assist, &snapshot, 2, "def f(width, height):\n    return width * height\n");
    assist.record_accepted(answer.items[0].id, None);
    sleep(Duration::from_secs(29)).await;
    assert_eq!(assist.status().acceptance.kept_30s, kept(0, 0, 0, 0));
    sleep(Duration::from_secs(5)).await;
    assert_eq!(assist.status().acceptance.kept_30s, kept(1, 1, 14, 14));
    rewrite(&assist, &snapshot, 3, "def f(width, height):\n    return width * depth\n");
    sleep(Duration::from_secs(100)).await;
    let counts = assist.status().acceptance;
    assert_eq!((counts.kept_30s, counts.kept_2min), (kept(1, 1, 14, 14), kept(1, 0, 14, 7)));
}

#[tokio::test(start_paused = true)]
async fn a_closed_document_is_not_looked_into() {
    let assist = assist_with(&["value"], None).await;
    let frozen = freeze();
    let answer = ask(&assist, "a.py", "x = <CURSOR>\n").await;
    drop(frozen);
    assist.record_accepted(answer.items[0].id, None);
    let id = crate::DocumentId::new("file:///project/a.py");
    assist.workspace().close(&id).expect("open");
    sleep(Duration::from_secs(130)).await;
    let counts = assist.status().acceptance;
    assert_eq!((counts.accepted, counts.kept_30s, counts.kept_2min), (1, kept(0, 0, 0, 0), kept(0, 0, 0, 0)));
}

#[tokio::test]
async fn a_text_typed_away_twice_comes_when_asked_for_only() {
    let assist = assist_with(&["value", "other"], None).await;
    let fixture = "x = <CURSOR>\n";
    for round in 0..2 {
        let answer = ask(&assist, "a.py", fixture).await;
        let source = if round == 0 { Source::Model } else { Source::Cache };
        assert_eq!(text(&answer), Some(("value", source)), "{round}");
        assist.record_answered(answer.items[0].id);
        ask(&assist, "a.py", "x = z<CURSOR>\n").await;
        assert_eq!(assist.status().acceptance.rejected, round + 1);
    }
    assert_eq!(ask(&assist, "a.py", fixture).await.silence, Some(SilenceReason::Rejected));
    assert_eq!(ask(&assist, "a.py", "x = va<CURSOR>\n").await.silence, Some(SilenceReason::Rejected));
    let (snapshot, offset) = open(&assist, "a.py", 1, fixture);
    let by_hand = inline_completion(&assist, &snapshot, request(offset, Trigger::Invoked)).await.expect("an answer");
    assert_eq!(text(&by_hand), Some(("value", Source::Cache)));
    assist.record_accepted(by_hand.items[0].id, None);
    assert_eq!(text(&ask(&assist, "a.py", fixture).await), Some(("value", Source::Cache)), "wanted after all");
}

#[tokio::test]
async fn by_hand_nothing_that_was_cut_short_is_shown() {
    let assist = assist_with(&["a_name_that_is_far_too_long", "a_name_that_is_far_too_long"], None).await;
    let mut config = crate::AssistConfig::default();
    config.inline_completion.max_tokens = 6;
    assist.set_config(config);
    let fixture = "x = <CURSOR>\n";
    assert_eq!(text(&ask(&assist, "a.py", fixture).await), Some(("a_name", Source::Model)));
    let (snapshot, offset) = open(&assist, "a.py", 1, fixture);
    let by_hand = inline_completion(&assist, &snapshot, request(offset, Trigger::Invoked)).await.expect("an answer");
    assert_eq!(text(&by_hand), Some(("a_name_that_is_far_too_long", Source::Model)));
    assert_eq!(text(&ask(&assist, "a.py", fixture).await), Some(("a_name_that_is_far_too_long", Source::Cache)));
}
