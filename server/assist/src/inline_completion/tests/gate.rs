//! Where ghost text is silent, and what for; when the model is asked.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::life::{ask, text};
use super::{Trigger, assist_with, assist_without_model, freeze, inline_completion, open, request};
use crate::inline_completion::attempt::model_key;
use crate::inline_completion::gate::MAX_LINE;
use crate::inline_completion::pace::{MAX_WAIT, Pace};
use crate::inline_completion::{InlineCompletion, InlineCompletionRequest, SilenceReason, Source};
use crate::sync::lock;
use crate::workspace::Lane;
use crate::{Assist, AssistError, PathGlobs, Snapshot};

#[tokio::test]
async fn a_file_of_secrets_is_left_alone_even_when_asked() {
    let assist = assist_with(&["hunter2"], None).await;
    for name in [".env", "deploy/server.key", "credentials.json"] {
        let (snapshot, offset) = open(&assist, name, 1, "PASSWORD=<CURSOR>\n");
        for trigger in [Trigger::Automatic, Trigger::Invoked] {
            let answer = inline_completion(&assist, &snapshot, request(offset, trigger)).await.expect("not cancelled");
            assert_eq!((text(&answer), answer.silence), (None, Some(SilenceReason::SecretFile)), "{name}");
        }
    }
    assert_eq!(assist.engine().status().forward_passes, 0);
    assert_eq!(assist.status().silences, [("secret_file", 6)]);
    let template = ask(&assist, ".env.example", "PASSWORD=<CURSOR>\n").await;
    assert!(text(&template).is_some());
}

#[tokio::test]
async fn nothing_is_copied_from_a_file_of_secrets() {
    let assist = assist_without_model();
    let line = "export DATABASE_PASSWORD=correct-horse-battery-staple\n<CURSOR>";
    let here = "export DATABASE_PASSWORD=<CURSOR>";
    open(&assist, "production.env", 1, line);
    assert_eq!(text(&ask(&assist, "deploy.sh", here).await), None);
    // The same text under another name is copied, so it is the name that keeps it back.
    open(&assist, "notes.txt", 1, line);
    assert_eq!(text(&ask(&assist, "deploy.sh", here).await), Some(("correct-horse-battery-staple", Source::Copy)));
}

#[tokio::test]
async fn a_file_that_the_user_excluded_is_left_alone() {
    let assist = assist_with(&["some words"], None).await;
    let mut config = assist.config().as_ref().clone();
    config.inline_completion.disabled_globs = PathGlobs::new(["/gen/", "*.min.js"]).0;
    assist.set_config(config);
    assist.workspace().set_folders(vec!["/project".into()]);
    let silence = async |name| ask(&assist, name, "x = <CURSOR>\n").await.silence;
    assert_eq!(silence("gen/a.py").await, Some(SilenceReason::Disabled));
    assert_eq!(silence("src/a.min.js").await, Some(SilenceReason::Disabled));
    assert_eq!(silence("src/gen/a.py").await, None);
    assert_eq!(silence("a.js").await, None);
}

#[tokio::test]
async fn a_line_of_data_costs_nothing() {
    let assist = assist_with(&["1", "1", "1"], None).await;
    let fill = |bytes: usize| "1, ".repeat(bytes / 3 + 1);
    for (name, before, after) in [("a.py", 4 * MAX_LINE, 0), ("b.js", 0, 4 * MAX_LINE), ("c.txt", MAX_LINE, MAX_LINE)] {
        let fixture = format!("x = 0\ny = [{}<CURSOR>{}]\n", fill(before), fill(after));
        let (snapshot, offset) = open(&assist, name, 1, &fixture);
        for trigger in [Trigger::Automatic, Trigger::Invoked] {
            let answer = inline_completion(&assist, &snapshot, request(offset, trigger)).await.expect("not cancelled");
            assert_eq!((text(&answer), answer.silence), (None, Some(SilenceReason::LongLine)), "{name}");
        }
        assert!(snapshot.document().parse(|| true).is_none(), "{name} was not parsed for it");
    }
    assert_eq!(assist.engine().status().forward_passes, 0);
    let beside = ask(&assist, "d.py", &format!("y = [{}]\nx = <CURSOR>\n", fill(4 * MAX_LINE))).await;
    assert_eq!(beside.silence, None, "the line below is like any other");
}

#[tokio::test]
async fn a_word_is_joined_or_left_alone() {
    for (reply, automatic, by_hand) in [
        ("_of_", Some(SilenceReason::MidWord), Ok("_of_")),
        (" = (1)", Some(SilenceReason::MidWord), Err(SilenceReason::MidWord)),
    ] {
        let assist = assist_with(&[reply], None).await;
        let fixture = "width<CURSOR>height = 3\n";
        assert_eq!(ask(&assist, "a.py", fixture).await.silence, automatic, "{reply}");
        let (snapshot, offset) = open(&assist, "a.py", 2, fixture);
        let answer = inline_completion(&assist, &snapshot, request(offset, Trigger::Invoked)).await.expect("an answer");
        let got = text(&answer).map(|(text, _)| text).ok_or_else(|| answer.silence.expect("a reason"));
        assert_eq!(got, by_hand, "{reply}");
    }
}

/// A model that answers after `latency`, and a user who types at `interval`.
async fn slow_model_and_quick_typist(latency: u64, interval: u64) -> Assist {
    let assist = assist_with(&["value"], None).await;
    let mut pace = Pace::default();
    pace.answered(&model_key(&assist.engine().status().model), Duration::from_millis(latency));
    for key in (1..5).rev() {
        pace.asked(Lane::Inline, Instant::now() - Duration::from_millis(key * interval));
    }
    *lock(assist.pace()) = pace;
    assist
}

/// Asks beside the test.
fn start(assist: &Assist, snapshot: &Snapshot, request: InlineCompletionRequest) -> Running {
    let (assist, snapshot) = (assist.clone(), snapshot.clone());
    tokio::spawn(async move { inline_completion(&assist, &snapshot, request).await })
}

type Running = tokio::task::JoinHandle<Result<InlineCompletion, AssistError>>;

#[tokio::test(start_paused = true)]
async fn a_slow_model_is_asked_after_a_moment() {
    let assist = slow_model_and_quick_typist(500, 100).await;
    let prompts = assist.engine().status().prompts_begun;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let running = start(&assist, &snapshot, request(offset, Trigger::Automatic));
    // The clock moves only when everybody waits: the request does, by then.
    sleep(MAX_WAIT - Duration::from_millis(2)).await;
    assert_eq!(assist.engine().status().prompts_begun, prompts, "the model is not asked yet");
    sleep(Duration::from_millis(4)).await;
    let _frozen = freeze();
    let answer = running.await.expect("no panic").expect("not cancelled");
    assert_eq!(text(&answer), Some(("value", Source::Model)));
    let begun = Instant::now();
    assert_eq!(text(&ask(&assist, "a.py", "x = va<CURSOR>\n").await), Some(("lue", Source::Cache)));
    assert!(begun.elapsed().is_zero(), "what is known already waits for nobody");
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_and_what_starts_a_line_waits_for_nobody() {
    for (fixture, trigger, latency, interval) in [
        ("y = <CURSOR>\n", Trigger::Invoked, 500, 100),
        ("y = 1\n<CURSOR>\n", Trigger::Automatic, 500, 100),
        ("y = <CURSOR>\n", Trigger::Automatic, 20, 10),
        ("y = <CURSOR>\n", Trigger::Automatic, 100, 150),
    ] {
        let assist = slow_model_and_quick_typist(latency, interval).await;
        let (snapshot, offset) = open(&assist, "b.py", 1, fixture);
        let _frozen = freeze();
        let begun = Instant::now();
        let answer = inline_completion(&assist, &snapshot, request(offset, trigger)).await.expect("not cancelled");
        assert_eq!(text(&answer), Some(("value", Source::Model)), "{fixture}");
        assert!(begun.elapsed().is_zero(), "{fixture}: {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_key_and_the_client_end_the_wait() {
    let assist = slow_model_and_quick_typist(500, 100).await;
    let prompts = assist.engine().status().prompts_begun;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let automatic = request(offset, Trigger::Automatic);
    let cancel = automatic.cancel.clone();
    let waiting = start(&assist, &snapshot, automatic);
    sleep(MAX_WAIT / 2).await;
    let frozen = freeze();
    cancel.cancel();
    assert_eq!(waiting.await.expect("no panic"), Err(AssistError::Cancelled));
    drop(frozen);

    let older = start(&assist, &snapshot, request(offset, Trigger::Automatic));
    sleep(MAX_WAIT / 2).await;
    let _frozen = freeze();
    let snapshot = assist.workspace().snapshot(snapshot.id()).expect("open");
    let newer = start(&assist, &snapshot, request(offset, Trigger::Invoked));
    assert_eq!(older.await.expect("no panic"), Err(AssistError::Cancelled));
    let newer = newer.await.expect("no panic").expect("not cancelled");
    assert_eq!(text(&newer), Some(("value", Source::Model)));
    assert_eq!(assist.engine().status().prompts_begun, prompts + 1, "the older ones never got to the model");
}
