//! Where ghost text is silent, and what for.

use super::life::{ask, text};
use super::{Trigger, assist_with, assist_without_model, inline_completion, open, request};
use crate::PathGlobs;
use crate::inline_completion::{SilenceReason, Source};

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
