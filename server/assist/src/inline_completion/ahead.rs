//! Looking ahead: while a likely suggestion is being read, what may follow it is made, so that it is there as soon as the
//! suggestion is accepted.
//!
//! The work is a request like any other, in place of the user's next one: that one takes it over where it fits, and ends
//! it where it does not. Its text goes to the cache of suggestions and nowhere else; it is in no record. Only for models
//! whose answers are waited for, and not for other programs' texts.

use std::time::Duration;

use engine::CancelToken;
use syntax::{Document, TextEdit, TextRange};
use tokio::task::JoinHandle;

use super::attempt;
use super::scene::Scene;
use super::site::{IndentStyle, indent_of, line_end};
use super::{InlineCompletionItem, InlineCompletionRequest, Source, Trigger};
use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::workspace::Lane;
use crate::{Assist, Snapshot};

const FEATURE: &str = "inline completion";
/// A suggestion that is right less often than this is not worth the work.
const LIKELY: f32 = 0.5;
/// An answer that comes within this is not felt as waiting.
const QUICK: Duration = Duration::from_millis(50);

/// Whether what may follow the answer to this request is of use: an editor's own next request will be like it.
pub(super) fn is_wanted(request: &InlineCompletionRequest) -> bool {
    request.trigger == Trigger::Automatic && request.is_ordinary() && request.selected.is_none()
}

/// Begins to work on what may follow the first of `items`, if that is worth it; nobody has to wait for it.
pub(super) fn look(assist: &Assist, snapshot: &Snapshot, items: &[InlineCompletionItem]) -> Option<JoinHandle<()>> {
    let item = items.first().filter(|item| item.confidence >= LIKELY && item.source != Source::Edit)?;
    let is_slow = lock(assist.pace()).expected_latency().is_some_and(|latency| latency > QUICK);
    if !is_slow || snapshot.revision().is_none() {
        return None;
    }
    let (assist, snapshot) = (assist.clone(), snapshot.clone());
    let (range, accepted) = (item.range, item.insert_text.clone());
    Some(tokio::spawn(async move {
        let model = attempt::model_key(&assist.engine().status().model);
        let document = snapshot.document().clone();
        let Ok((scene, texts)) = run_blocking(FEATURE, move || accept(&document, range, accepted, model)).await else {
            return;
        };
        // Typing what was suggested brings the same suggestion again, key by key.
        if lock(assist.looked_ahead()).as_ref() == Some(&scene) {
            return;
        }
        for text in texts {
            let request = InlineCompletionRequest {
                selected: Some((range, text)),
                ..InlineCompletionRequest::automatic(range.start, CancelToken::new())
            };
            match attempt::answer(&assist, &snapshot, request, Lane::Ahead).await {
                Ok(answer) if answer.items.is_empty() => {}
                Ok(_) => break,
                Err(_) => return,
            }
        }
        *lock(assist.looked_ahead()) = Some(scene);
    }))
}

/// What stands around the cursor after accepting; and the texts to go on from: the accepted one, and behind a whole line a
/// new one, indented as editors do.
fn accept(document: &Document, range: TextRange, accepted: String, model: String) -> (Scene, Vec<String>) {
    let edit = TextEdit { range, new_text: accepted.clone() };
    let after = document.edit(&[edit], document.version());
    let cursor = range.start + accepted.len();
    let mut texts = vec![accepted];
    let line = after.text().line_range(after.text().line_of(cursor));
    if after.text().slice(TextRange::new(cursor, line.end.max(cursor))).trim().is_empty() {
        let indent = match analysis::opened_block(&after, cursor, "\n") {
            Some(block) => block.indent + IndentStyle::of(&after, cursor).step().as_str(),
            None => {
                let before = after.text().slice(TextRange::new(line.start, cursor));
                before[..indent_of(&before)].to_owned()
            }
        };
        texts.push(format!("{}{}{indent}", texts[0], line_end(after.text())));
    }
    (Scene::new(&after, cursor, model), texts)
}
