//! Looking ahead: while a likely suggestion is being read, what may follow it is made, so that it is there as soon as the
//! suggestion is accepted.
//!
//! The work is a request like any other, in place of the user's next one: that one takes it over where it fits, and ends
//! it where it does not. Its text goes to the cache of suggestions and nowhere else; it is in no record. Only for models
//! whose answers are waited for, and not for other programs' texts.

use std::time::Duration;

use engine::CancelToken;
use syntax::{TextEdit, TextRange};
use tokio::task::JoinHandle;

use super::attempt;
use super::scene::Scene;
use super::site::{IndentStyle, indent_of, line_end};
use super::{InlineCompletionItem, InlineCompletionRequest, Source, Trigger};
use crate::sync::lock;
use crate::workspace::Lane;
use crate::{Assist, Snapshot};

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
        let scene = scene_after(&snapshot, range, &accepted);
        // Typing what was suggested brings the same suggestion again, key by key.
        if lock(assist.looked_ahead()).as_ref() == Some(&scene) {
            return;
        }
        // A whole line is followed by a line.
        let mut texts = vec![accepted];
        texts.extend(new_line_after(&snapshot, range, &texts[0]));
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

/// What stands around the cursor after accepting; of whatever model, as the cache knows which.
fn scene_after(snapshot: &Snapshot, range: TextRange, accepted: &str) -> Scene {
    let document = snapshot.document();
    let edit = TextEdit { range, new_text: accepted.to_owned() };
    let after = document.edit(&[edit], document.version());
    Scene::new(&after, range.start + accepted.len(), String::new())
}

/// `accepted` and a new line, indented as editors do, where the line ends behind it.
fn new_line_after(snapshot: &Snapshot, range: TextRange, accepted: &str) -> Option<String> {
    let text = snapshot.document().text();
    let line = text.line_range(text.line_of(range.start));
    if line.end > range.end && !text.slice(TextRange::new(range.end, line.end)).trim().is_empty() {
        return None;
    }
    let before = text.slice(TextRange::new(line.start, range.start)) + accepted;
    let last = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let mut indent = last[..indent_of(last)].to_owned();
    let opens_block = match snapshot.document().language().id() {
        "python" => last.trim_end().ends_with([':', '(', '[', '{']),
        _ => last.trim_end().ends_with(['(', '[', '{']),
    };
    if opens_block {
        match IndentStyle::of(snapshot.document(), range.start) {
            IndentStyle::Tabs => indent.push('\t'),
            IndentStyle::Spaces(width) => indent.extend(std::iter::repeat_n(' ', width)),
        }
    }
    Some(format!("{accepted}{}{indent}", line_end(text)))
}
