//! `initialize` and `initialized`.

use std::sync::Arc;

use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{InitializeResult, LSPAny, ServerInfo};

use crate::capabilities::capabilities;
use crate::handlers::{configuration, watched_files, workspace_folders};
use crate::publish::Publisher;
use crate::server::Server;
use crate::session::Session;
use crate::{model_watch, parent};

/// Settles the session. Nothing is sent to the client before this is answered.
///
/// # Errors
/// When the parameters are no object.
pub(crate) fn initialize(server: &Server, params: &LSPAny) -> Result<InitializeResult> {
    if !params.is_object() {
        return Err(Error::invalid_params("InitializeParams: expected an object"));
    }
    let shared = &server.shared;
    let session = Session::new(&params["capabilities"]);
    tracing::info!(client = params.pointer("/clientInfo/name").and_then(LSPAny::as_str), ?session, "initialize");
    if !session.pulls_diagnostics {
        shared.set_publisher(Publisher::start(shared, server.client.clone()));
    }
    shared.set_session(session);

    let mut settings = shared.settings();
    let problems = settings.apply(&params["initializationOptions"]);
    shared.keep_unshown(problems);
    shared.set_settings(settings);
    // Later changes of the configuration build on what is in force now.
    shared.baseline();

    shared.assist.set_folders(workspace_folders::initial(params));
    if let Some(parent_is_gone) = parent(params).and_then(parent::watch) {
        let session = Arc::clone(shared);
        shared.spawn(async move {
            parent_is_gone.await;
            session.ended.notify_one();
        });
    }
    Ok(InitializeResult {
        capabilities: capabilities(&session),
        server_info: Some(ServerInfo {
            name: "ropewalk".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        ..InitializeResult::default()
    })
}

/// The process that started the server, as far as the client tells.
fn parent(params: &LSPAny) -> Option<u32> {
    params["processId"].as_u64()?.try_into().ok()
}

/// From here on the client can be talked to.
pub(crate) fn initialized(server: &Server) {
    configuration::show(server, server.shared.take_unshown());
    watched_files::register(server);
    model_watch::start(&server.shared, server.client.clone());
}
