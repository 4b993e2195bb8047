//! `workspace/didChangeWatchedFiles`: what changes on disk outside the editor is indexed again soon.
//!
//! Which files there are is looked up anew then; what a notification names is not read.

use serde_json::json;
use tower_lsp::ls_types::Registration;

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

/// Files came, went or changed.
pub(crate) fn did_change_watched_files(server: &Server) {
    server.shared.assist.files_changed();
}
