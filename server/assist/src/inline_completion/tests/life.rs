//! The life of a request: cache, supersession, cancellation, deadline, no model, overload.

use engine::{
    CancelToken, Engine, EngineConfig, FinishReason, GenerateRequest, ModelSource, Prompt, Script, ScriptClock,
};
use syntax::{ContentChange, PositionEncoding, TextRange};

use super::{Trigger, assist_with, assist_without_model, inline_completion, open, picture, request};
use crate::inline_completion::{InlineCompletion, SilenceReason, Source, complete_text};
use crate::{Assist, AssistConfig, AssistError, DocumentId, InlineCompletionConfig, Snapshot};

pub(super) async fn ask(assist: &Assist, name: &str, fixture: &str) -> InlineCompletion {
    let (snapshot, offset) = open(assist, name, 1, fixture);
    inline_completion(assist, &snapshot, request(offset, Trigger::Automatic)).await.expect("not cancelled")
}

pub(super) fn text(answer: &InlineCompletion) -> Option<(&str, Source)> {
    answer.items.first().map(|item| (item.insert_text.as_str(), item.source))
}

/// Waits until a spawned request stands at the clock. The clock's own wait would block the runtime.
async fn blocked(clock: &ScriptClock) {
    let clock = clock.clone();
    tokio::task::spawn_blocking(move || clock.wait_until_blocked()).await.expect("no panic");
}

/// Starts a request that runs beside the test.
fn start(
    assist: &Assist,
    snapshot: &Snapshot,
    offset: usize,
    cancel: CancelToken,
) -> tokio::task::JoinHandle<Result<InlineCompletion, AssistError>> {
    let (assist, snapshot) = (assist.clone(), snapshot.clone());
    let mut request = request(offset, Trigger::Automatic);
    request.cancel = cancel;
    tokio::spawn(async move { inline_completion(&assist, &snapshot, request).await })
}

#[tokio::test]
async fn typing_the_suggestion_asks_no_model() {
    let assist = assist_with(&["width * height"], None).await;
    let first = ask(&assist, "a.py", "def f(width, height):\n    return <CURSOR>\n").await;
    assert_eq!(text(&first), Some(("width * height", Source::Model)));
    let passes = assist.engine().status().forward_passes;
    for typed in ["w", "wi", "width ", "width * heigh", "width", ""] {
        let fixture = format!("def f(width, height):\n    return {typed}<CURSOR>\n");
        let answer = ask(&assist, "a.py", &fixture).await;
        assert_eq!(text(&answer), Some((&"width * height"[typed.len()..], Source::Cache)), "{typed}");
    }
    assert_eq!(assist.engine().status().forward_passes, passes);
    assert_eq!(assist.status().cache_hits, 6);
    let other = ask(&assist, "a.py", "def f(width, height):\n    return x<CURSOR>\n").await;
    assert!(text(&other).is_some_and(|(_, source)| source == Source::Model));
    assert!(assist.engine().status().forward_passes > passes);
}

#[tokio::test]
async fn wishes_of_the_caller_keep_it_from_the_cache() {
    let assist = assist_with(&["first", "second"], None).await;
    let fixture = "x = <CURSOR>\n";
    assert_eq!(text(&ask(&assist, "a.py", fixture).await), Some(("first", Source::Model)));
    let (snapshot, offset) = open(&assist, "a.py", 1, fixture);
    let wish = super::InlineCompletionRequest { max_tokens: Some(3), ..request(offset, Trigger::Automatic) };
    let answer = inline_completion(&assist, &snapshot, wish).await.expect("not cancelled");
    assert_eq!(text(&answer), Some(("sec", Source::Model)));
    assert_eq!(answer.items[0].finish, FinishReason::Length);
    assert_eq!(answer.usage.map(|usage| usage.completion_tokens), Some(3));
}

#[tokio::test]
async fn a_newer_request_cancels_the_older_one_and_stops_its_work() {
    let clock = ScriptClock::new();
    let assist = assist_with(&["alpha()", "beta()"], Some(&clock)).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let older = start(&assist, &snapshot, offset, CancelToken::new());
    blocked(&clock).await;
    let (snapshot, offset) = open(&assist, "b.py", 1, "y = <CURSOR>\n");
    let elsewhere = start(&assist, &snapshot, offset, CancelToken::new());
    let id = DocumentId::new("file:///project/a.py");
    let all = ContentChange { range: None, text: "xyz = \n".to_owned() };
    assist.workspace().change(&id, 2, &[all], PositionEncoding::Utf8).expect("open");
    let snapshot = assist.workspace().snapshot(&id).expect("open");
    let newer = start(&assist, &snapshot, 6, CancelToken::new());
    assert_eq!(older.await.expect("no panic"), Err(AssistError::Cancelled));
    clock.open();
    assert!(newer.await.expect("no panic").is_ok_and(|answer| !answer.items.is_empty()));
    assert!(elsewhere.await.expect("no panic").is_ok_and(|answer| !answer.items.is_empty()), "another document's");
    assert_eq!(assist.status().silences, [("cancelled", 1)]);
}

#[tokio::test]
async fn a_request_sees_the_text_of_its_arrival() {
    let assist = assist_with(&["f(a)"], None).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    open(&assist, "a.py", 2, "something = \"else\"<CURSOR>\n");
    let answer =
        inline_completion(&assist, &snapshot, request(offset, Trigger::Automatic)).await.expect("not cancelled");
    assert_eq!(picture(&snapshot, offset, &answer), "x = ⟦f(a)⟧\n");
    assert!(!assist.workspace().is_current(snapshot.id(), 1), "so that the front-end knows the answer is stale");
}

#[tokio::test]
async fn typing_what_the_model_is_writing_keeps_it_going() {
    let clock = ScriptClock::new();
    let assist = assist_with(&["compute(1)", "something else"], Some(&clock)).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let older = start(&assist, &snapshot, offset, CancelToken::new());
    blocked(&clock).await;
    // Prefill and three letters.
    clock.tick(4);
    blocked(&clock).await;
    let id = DocumentId::new("file:///project/a.py");
    let all = ContentChange { range: None, text: "x = com\n".to_owned() };
    assist.workspace().change(&id, 2, &[all], PositionEncoding::Utf8).expect("open");
    let snapshot = assist.workspace().snapshot(&id).expect("open");
    let newer = start(&assist, &snapshot, 7, CancelToken::new());
    assert_eq!(older.await.expect("no panic"), Err(AssistError::Cancelled));
    clock.open();
    let answer = newer.await.expect("no panic").expect("not cancelled");
    assert_eq!(text(&answer), Some(("pute(1)", Source::Model)), "the first reply went on");
}

#[tokio::test]
async fn typing_something_else_starts_again() {
    for typed in ["cab", "comx"] {
        let clock = ScriptClock::new();
        let assist = assist_with(&["compute(1)", "different"], Some(&clock)).await;
        let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
        let older = start(&assist, &snapshot, offset, CancelToken::new());
        blocked(&clock).await;
        clock.tick(3);
        blocked(&clock).await;
        let id = DocumentId::new("file:///project/a.py");
        let all = ContentChange { range: None, text: format!("x = {typed}\n") };
        assist.workspace().change(&id, 2, &[all], PositionEncoding::Utf8).expect("open");
        let snapshot = assist.workspace().snapshot(&id).expect("open");
        let newer = start(&assist, &snapshot, 4 + typed.len(), CancelToken::new());
        assert_eq!(older.await.expect("no panic"), Err(AssistError::Cancelled));
        clock.open();
        let answer = newer.await.expect("no panic").expect("not cancelled");
        assert_eq!(text(&answer), Some(("different", Source::Model)), "{typed}");
    }
}

#[tokio::test]
async fn a_closed_document_and_the_callers_token_cancel() {
    let clock = ScriptClock::new();
    let assist = assist_with(&["alpha()"], Some(&clock)).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let running = start(&assist, &snapshot, offset, CancelToken::new());
    blocked(&clock).await;
    assist.workspace().close(snapshot.id()).expect("open");
    assert_eq!(running.await.expect("no panic"), Err(AssistError::Cancelled));
    let late = inline_completion(&assist, &snapshot, request(offset, Trigger::Automatic)).await;
    assert_eq!(late, Err(AssistError::Cancelled), "the document is closed");

    let (snapshot, offset) = open(&assist, "a.py", 2, "x = <CURSOR>\n");
    let cancel = CancelToken::new();
    let running = start(&assist, &snapshot, offset, cancel.clone());
    blocked(&clock).await;
    cancel.cancel();
    assert_eq!(running.await.expect("no panic"), Err(AssistError::Cancelled));
    clock.open();
}

#[tokio::test]
async fn the_callers_token_is_not_tripped_by_a_normal_end() {
    let assist = assist_with(&["alpha()"], None).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let cancel = CancelToken::new();
    let answer = complete_text(&assist, &snapshot, offset, cancel.clone()).await.expect("not cancelled");
    assert!(text(&answer).is_some());
    assert!(!cancel.is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_without_text_is_a_timeout() {
    let clock = ScriptClock::new();
    let assist = assist_with(&["alpha()"], Some(&clock)).await;
    // Time is paused: it jumps to the deadline when nothing else can happen.
    assert_eq!(ask(&assist, "a.py", "x = <CURSOR>\n").await.silence, Some(SilenceReason::Timeout));
    clock.open();
}

#[tokio::test(start_paused = true)]
async fn what_is_there_at_the_deadline_is_shown() {
    let clock = ScriptClock::new();
    let assist = assist_with(&["alpha()"], Some(&clock)).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = <CURSOR>\n");
    let running = start(&assist, &snapshot, offset, CancelToken::new());
    blocked(&clock).await;
    clock.tick(5);
    blocked(&clock).await;
    let answer = running.await.expect("no panic").expect("not cancelled");
    let (text, _) = text(&answer).expect("some text");
    assert!("alpha".starts_with(text), "{text}");
    assert_eq!(answer.items[0].finish, FinishReason::Deadline);
    clock.open();
}

#[tokio::test]
async fn without_a_model_the_copy_engine_answers_when_it_is_sure() {
    let assist = assist_without_model();
    let answer = ask(&assist, "a.py", "self.width_in_pixels = width\n\nother = 1\nself.width_in_pix<CURSOR>\n").await;
    assert_eq!(text(&answer), Some(("els = width", Source::Copy)));
    let answer = ask(&assist, "a.py", "self.width_in_pixels = width\n\nother = 1\nself.width_in_pixe<CURSOR>\n").await;
    assert_eq!(text(&answer), Some(("ls = width", Source::Cache)));
    let unsure = ask(&assist, "a.py", "abc = width\nab<CURSOR>\n").await;
    assert_eq!(unsure.silence, Some(SilenceReason::NoModel));
    assert_eq!(assist.status().silences, [("no_model", 1)]);
}

#[tokio::test]
async fn a_full_queue_says_so() {
    let clock = ScriptClock::new();
    let engine = Engine::start(EngineConfig { queue_capacity: 1, ..EngineConfig::default() });
    let script = Script { replies: vec!["alpha".into()], clock: Some(clock.clone()) };
    engine.load(ModelSource::Scripted(script)).finished().await.expect("a script always loads");
    let generate = || engine.generate(GenerateRequest::new(Prompt::Text("a".into()), 4)).expect("room in the queue");
    let running = generate();
    blocked(&clock).await;
    let waiting = generate();
    let assist = Assist::new(engine.clone(), AssistConfig::default());
    assert_eq!(ask(&assist, "a.py", "x = <CURSOR>\n").await.silence, Some(SilenceReason::QueueFull));
    let sure = ask(&assist, "a.py", "self.width_in_pixels = width\n\nother = 1\nself.width_in_pix<CURSOR>\n").await;
    assert_eq!(text(&sure), Some(("els = width", Source::Copy)));
    clock.open();
    drop((running, waiting));
}

#[tokio::test]
async fn a_failing_model_is_a_silence() {
    let reply = format!("al{}pha", Script::PANIC);
    let assist = assist_with(&[&reply], None).await;
    // The trace of a panic takes a loaded machine longer than a suggestion may.
    let mut config = assist.config().as_ref().clone();
    config.inline_completion.deadline_ms = 60_000;
    assist.set_config(config);
    assert_eq!(ask(&assist, "a.py", "x = <CURSOR>\n").await.silence, Some(SilenceReason::EngineFailed));
}

#[tokio::test]
async fn options_are_obeyed() {
    let assist = assist_with(&["some words"], None).await;
    let set = |change: fn(&mut InlineCompletionConfig)| {
        let mut config = AssistConfig::default();
        change(&mut config.inline_completion);
        assist.set_config(config);
    };
    let silence = async |fixture| ask(&assist, "a.py", fixture).await.silence;
    set(|config| config.enabled = false);
    assert_eq!(silence("x = <CURSOR>\n").await, Some(SilenceReason::Disabled));
    set(|config| config.disabled_languages = vec!["python".to_owned()]);
    assert_eq!(silence("x = <CURSOR>\n").await, Some(SilenceReason::Disabled));
    set(|config| config.in_comments = false);
    assert_eq!(silence("# <CURSOR>\n").await, Some(SilenceReason::Disabled));
    assert_eq!(silence("x = '<CURSOR>'\n").await, None);
    set(|config| config.in_strings = false);
    assert_eq!(silence("x = '<CURSOR>'\n").await, Some(SilenceReason::Disabled));
    assert_eq!(silence("# <CURSOR>\n").await, None);
    set(|config| config.min_confidence = 1.1);
    assert_eq!(silence("# Other <CURSOR>\n").await, Some(SilenceReason::LowConfidence));
}

#[tokio::test]
async fn copies_can_be_left_out() {
    let assist = assist_without_model();
    let fixture = "self.width_in_pixels = width\n\nother = 1\nself.width_in_pix<CURSOR>\n";
    assert_eq!(text(&ask(&assist, "a.py", fixture).await), Some(("els = width", Source::Copy)));
    let mut config = AssistConfig::default();
    config.inline_completion.copies = false;
    assist.set_config(config);
    assert_eq!(ask(&assist, "a.py", fixture).await.silence, Some(SilenceReason::NoModel));
}

#[tokio::test]
async fn a_selected_item_is_extended() {
    let assist = assist_with(&["(values)", "", "zip()"], None).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "x = pri<CURSOR>\n");
    let mut selected = request(offset, Trigger::Automatic);
    selected.selected = Some((TextRange::new(4, 7), "print".to_owned()));
    let answer = inline_completion(&assist, &snapshot, selected.clone()).await.expect("not cancelled");
    assert_eq!(text(&answer), Some(("print(values)", Source::Model)));
    assert_eq!(answer.items[0].range, TextRange::new(4, 7));
    selected.selected = Some((TextRange::new(4, 7), "priority".to_owned()));
    let answer = inline_completion(&assist, &snapshot, selected).await.expect("not cancelled");
    assert_eq!(answer.silence, Some(SilenceReason::Empty));
}

#[tokio::test]
async fn line_ends_follow_the_document() {
    let assist = assist_with(&["\n    return 1\n\nnext = 2"], None).await;
    let answer = ask(&assist, "a.py", "x = 1\r\ndef f():<CURSOR>\r\n").await;
    assert_eq!(text(&answer), Some(("\r\n    return 1", Source::Model)));
    let answer = ask(&assist, "a.py", "x = 1\r\ndef f():\r\n    <CURSOR>\r\n").await;
    assert_eq!(text(&answer), Some(("return 1", Source::Cache)));
}

#[tokio::test]
async fn acceptance_is_recorded() {
    let assist = assist_with(&["naïve"], None).await;
    let answer = ask(&assist, "a.py", "x = <CURSOR>\n").await;
    let id = answer.items[0].id;
    assist.record_shown(id);
    assist.record_accepted(id, Some(3));
    assist.record_accepted(id, None);
    let counts = assist.status().acceptance;
    assert_eq!((counts.offered, counts.shown, counts.accepted, counts.accepted_characters), (1, 1, 1, 5));
    assert_eq!(assist.status().open_documents, 1);
}

#[tokio::test]
async fn a_text_that_is_not_open_is_completed_too() {
    let assist = assist_with(&["1"], None).await;
    let python = syntax::Language::from_name("python").expect("in the registry");
    let snapshot = Snapshot::of_text("x = ", python, None);
    let answer = complete_text(&assist, &snapshot, 4, CancelToken::new()).await.expect("not cancelled");
    assert_eq!(text(&answer), Some(("1", Source::Model)));
    let past_the_end = complete_text(&assist, &snapshot, 400, CancelToken::new()).await.expect("not cancelled");
    assert!(text(&past_the_end).is_some());
    let snapshot = Snapshot::of_text("x = \r\ny = 2\r\n", python, None);
    let within_the_line_end = complete_text(&assist, &snapshot, 5, CancelToken::new()).await.expect("not cancelled");
    assert_eq!(within_the_line_end.items[0].range, TextRange::empty(4));
}

#[tokio::test]
async fn a_stream_ends_as_soon_as_the_answer_is_decided() {
    let clock = ScriptClock::new();
    let assist = assist_with(&["\n    return 1\nprint(2)\nprint(3)"], Some(&clock)).await;
    let (snapshot, offset) = open(&assist, "a.py", 1, "def f():<CURSOR>\n");
    let running = start(&assist, &snapshot, offset, CancelToken::new());
    // One pass a character: the body and the first letter behind it. The clock stands still then.
    clock.tick("\n    return 1\np".len());
    let answer = running.await.expect("no panic").expect("not cancelled");
    assert_eq!(text(&answer), Some(("\n    return 1", Source::Model)));
    clock.open();
}
