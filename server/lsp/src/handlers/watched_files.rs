//! `workspace/didChangeWatchedFiles`: what changes on disk outside the editor is indexed again soon; where it is a file of
//! settings, problems are looked for again.
//!
//! Which files there are is looked up anew then; of what a notification names only the names are looked at.

use serde_json::json;
use tower_lsp::ls_types::{DidChangeWatchedFilesParams, Registration};

use crate::server::Server;

const METHOD: &str = "workspace/didChangeWatchedFiles";

/// Asks a client that can be asked to watch the files of every known language.
pub(crate) fn register(server: &Server) {
    if !server.shared.session().is_some_and(|session| session.watches_files) {
        return;
    }
    let extensions: Vec<&str> = syntax::Language::all()
        .flat_map(|language| language.extensions())
        .map(|it| it.trim_start_matches('.'))
        .collect();
    let watchers = json!({ "watchers": [{ "globPattern": format!("**/*.{{{}}}", extensions.join(",")) }] });
    let registration =
        Registration { id: METHOD.to_owned(), method: METHOD.to_owned(), register_options: Some(watchers) };
    let client = server.client.clone();
    server.shared.spawn(async move {
        if let Err(error) = client.register_capability(vec![registration]).await {
            tracing::warn!(%error, "the client does not watch files");
        }
    });
}

/// Files that say which rules run.
const SETTINGS: [&str; 7] =
    ["ruff.toml", ".ruff.toml", "pyproject.toml", "ropewalk.toml", ".eslintrc.json", ".eslintrc", "package.json"];

/// Files came, went or changed.
pub(crate) fn did_change_watched_files(server: &Server, params: &DidChangeWatchedFilesParams) {
    server.shared.assist.files_changed();
    let is_of_settings = |uri: &str| SETTINGS.iter().any(|name| uri.rsplit('/').next() == Some(name));
    if params.changes.iter().any(|change| is_of_settings(change.uri.as_str())) {
        look_again(server);
    }
}

/// What counts as a problem changed: clients are told, or told to ask again.
pub(crate) fn look_again(server: &Server) {
    server.shared.findings.settings_changed();
    if let Some(publisher) = server.shared.publisher() {
        publisher.settings_changed();
    }
    if server.shared.session().is_some_and(|session| session.refreshes_diagnostics) {
        let client = server.client.clone();
        server.shared.spawn(async move {
            if let Err(error) = client.workspace_diagnostic_refresh().await {
                tracing::debug!(%error, "the client does not ask for diagnostics again");
            }
        });
    }
}
