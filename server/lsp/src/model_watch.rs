//! Tells the user about the model: progress while it is loaded, one message when there is none.

use std::sync::Arc;
use std::time::Duration;

use assist::model::ModelState;
use tower_lsp::Client;
use tower_lsp::ls_types::{MessageType, ProgressToken};

use crate::shared::Shared;

/// Time between two looks at the engine, which has no way to call back.
const INTERVAL: Duration = Duration::from_millis(200);

/// Follows the load under way, if there is one, in a task of its own: the client's answers are awaited there.
pub(crate) fn start(shared: &Arc<Shared>, client: Client) {
    let session = Arc::clone(shared);
    shared.spawn(async move {
        follow(&session, &client).await;
        let trouble = match session.assist.engine().status().model {
            ModelState::Failed(reason) => (MessageType::WARNING, format!("ropewalk: {reason}")),
            ModelState::None => (MessageType::INFO, "ropewalk: no model is loaded".to_owned()),
            ModelState::Ready(_) | ModelState::Loading { .. } => return,
        };
        let message = format!("{}; everything that needs no model works", trouble.1);
        if session.is_news(&message) {
            client.show_message(trouble.0, message).await;
        }
    });
}

/// Returns when no load is under way.
async fn follow(shared: &Shared, client: &Client) {
    let Some(percentage) = loading(shared) else { return };
    let shows_progress = shared.session().is_some_and(|session| session.work_done_progress);
    let token = ProgressToken::String(format!("ropewalk/model/{}", client.next_request_id()));
    let mut bar = None;
    if shows_progress && client.create_work_done_progress(token.clone()).await.is_ok() {
        bar = Some(client.progress(token, "Loading the model").with_percentage(percentage).begin().await);
    }
    let mut ticks = tokio::time::interval(INTERVAL);
    let mut shown = percentage;
    while let Some(percentage) = loading(shared) {
        if let Some(bar) = &bar
            && percentage > shown
        {
            bar.report(percentage).await;
            shown = percentage;
        }
        ticks.tick().await;
    }
    if let Some(bar) = bar {
        bar.finish().await;
    }
}

/// How far the load is, in percent.
fn loading(shared: &Shared) -> Option<u32> {
    match shared.assist.engine().status().model {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
        ModelState::Loading { progress } => Some((progress * 100.0).clamp(0.0, 100.0) as u32),
        ModelState::None | ModelState::Ready(_) | ModelState::Failed(_) => None,
    }
}
