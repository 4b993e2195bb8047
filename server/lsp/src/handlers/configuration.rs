//! `workspace/didChangeConfiguration`.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::{ConfigurationItem, DidChangeConfigurationParams, MessageType};

use crate::server::Server;
use crate::shared::Shared;

/// Puts new settings into force. A client that sends none, but can be asked, is asked.
pub(crate) fn did_change_configuration(server: &Server, params: &DidChangeConfigurationParams) {
    let can_be_asked = server.shared.session().is_some_and(|session| session.configuration);
    if !params.settings.is_null() || !can_be_asked {
        show(server, apply(&server.shared, &params.settings));
        return;
    }
    let (client, shared) = (server.client.clone(), Arc::clone(&server.shared));
    // Asking waits for the client, which a notification's handler must not.
    server.shared.spawn(async move {
        let section = ConfigurationItem { scope_uri: None, section: Some("ropewalk".to_owned()) };
        match client.configuration(vec![section]).await {
            Ok(answer) => {
                let problems = apply(&shared, answer.first().unwrap_or(&Value::Null));
                say(&client, &shared, problems).await;
            }
            Err(error) => tracing::warn!(%error, "the client did not tell its configuration"),
        }
    });
}

/// Tells the user what is wrong with the settings, each problem once a session.
pub(crate) fn show(server: &Server, problems: Vec<String>) {
    if problems.is_empty() {
        return;
    }
    let (client, shared) = (server.client.clone(), Arc::clone(&server.shared));
    server.shared.spawn(async move { say(&client, &shared, problems).await });
}

/// Settings replace those sent before: what is not mentioned is again as it was after `initialize`.
fn apply(shared: &Shared, settings: &Value) -> Vec<String> {
    let mut changed = shared.baseline();
    let problems = changed.apply(settings);
    shared.set_settings(changed);
    problems
}

/// Tells the user which settings files of the project make no sense, each problem once a session.
pub(crate) fn show_files(shared: &Arc<Shared>) {
    let problems = shared.assist.lint_problems().into_iter();
    let problems = problems.map(|problem| format!("{}: {}", problem.path.display(), problem.message));
    let news: Vec<String> = problems.filter(|problem| shared.is_news(problem)).collect();
    if let Some(client) = shared.client().filter(|_| !news.is_empty()).cloned() {
        shared.spawn(async move { send(&client, &news).await });
    }
}

async fn say(client: &tower_lsp::Client, shared: &Shared, mut problems: Vec<String>) {
    problems.retain(|problem| shared.is_news(problem));
    if !problems.is_empty() {
        send(client, &problems).await;
    }
}

async fn send(client: &tower_lsp::Client, problems: &[String]) {
    let list = problems.join("; ");
    client.show_message(MessageType::WARNING, format!("ropewalk: settings that were not applied: {list}")).await;
}
