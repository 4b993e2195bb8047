//! Ghost text with a scripted model: golden cases as data, and the life of a request.

mod ahead;
mod gate;
mod golden;
mod life;
mod properties;
mod record;
mod statements;

use engine::{Engine, EngineConfig, ModelSource, Script, ScriptClock};
use syntax::Language;

use super::{InlineCompletion, InlineCompletionRequest, Trigger, inline_completion};
use crate::{Assist, AssistConfig, DocumentId, Snapshot};

/// Shared state with a model that gives these replies, and nothing but these: no copies are mixed in, and the shortest
/// are shown.
pub(crate) async fn assist_with(replies: &[&str], clock: Option<&ScriptClock>) -> Assist {
    let engine = Engine::start(EngineConfig::default());
    let replies = replies.iter().map(|&reply| reply.to_owned()).collect();
    let load = engine.load(ModelSource::Scripted(Script { replies, clock: clock.cloned() }));
    load.finished().await.expect("a script always loads");
    let mut config = AssistConfig::default();
    config.inline_completion.copies = false;
    config.inline_completion.min_gain = 0.0;
    Assist::new(engine, config)
}

/// Shared state without a model.
pub(crate) fn assist_without_model() -> Assist {
    Assist::new(Engine::start(EngineConfig::default()), AssistConfig::default())
}

/// A request for ghost text.
pub(crate) fn request(offset: usize, trigger: Trigger) -> InlineCompletionRequest {
    InlineCompletionRequest {
        offset,
        trigger,
        selected: None,
        max_tokens: None,
        sampling: None,
        stop: Vec::new(),
        cancel: engine::CancelToken::new(),
    }
}

/// While this lives, a paused clock stands still, however long the model takes: tokio's does not jump to the next timer
/// while the blocking pool works. (It goes on after some seconds of real time: a test then fails instead of hanging.)
pub(crate) fn freeze() -> std::sync::mpsc::Sender<()> {
    let (guard, dropped) = std::sync::mpsc::channel();
    tokio::task::spawn_blocking(move || dropped.recv_timeout(std::time::Duration::from_secs(20)));
    guard
}

/// An open document, and the cursor in it.
pub(crate) fn open(assist: &Assist, name: &str, version: i32, fixture: &str) -> (Snapshot, usize) {
    let (text, offset) = testkit::cursor(fixture);
    let id = DocumentId::new(&format!("file:///project/{name}"));
    let language = Language::from_path(std::path::Path::new(name)).map_or("plaintext", Language::id);
    assist.workspace().open(id.clone(), language, version, &text);
    (assist.workspace().snapshot(&id).expect("just opened"), offset)
}

/// The document after accepting, the new text between `⟦` and `⟧`; or why there is nothing.
pub(crate) fn picture(snapshot: &Snapshot, offset: usize, answer: &InlineCompletion) -> String {
    let Some(item) = answer.items.first() else {
        let code = answer.silence.map_or("no reason given", super::SilenceReason::code);
        return format!("silence: {code}\n");
    };
    assert_eq!(answer.silence, None);
    assert!(item.range.touches(offset), "the range holds the cursor");
    let text = snapshot.document().text().to_string();
    assert!(!text[item.range.start..item.range.end].contains('\n'), "the range is within one line");
    format!("{}⟦{}⟧{}", &text[..item.range.start], item.insert_text, &text[item.range.end..])
}
