//! `initialize` and `initialized`.

use std::sync::Arc;

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{InitializeParams, InitializeResult, ServerInfo};

use crate::capabilities::capabilities;
use crate::handlers::configuration;
use crate::publish::Publisher;
use crate::server::Server;
use crate::session::Session;
use crate::{model_watch, parent};

/// Settles the session. Nothing is sent to the client before this is answered.
pub(crate) fn initialize(server: &Server, params: InitializeParams) -> Result<InitializeResult> {
    let shared = &server.shared;
    let session = Session::new(&params.capabilities);
    tracing::info!(client = params.client_info.map(|client| client.name), ?session, "initialize");
    if !session.pulls_diagnostics {
        shared.set_publisher(Publisher::start(shared, server.client.clone()));
    }
    shared.set_session(session);

    let mut settings = shared.settings();
    let problems = settings.apply(&params.initialization_options.unwrap_or_default());
    shared.keep_unshown(problems);
    shared.set_settings(settings);
    // Later changes of the configuration build on what is in force now.
    shared.baseline();

    if let Some(parent_is_gone) = params.process_id.and_then(parent::watch) {
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

/// From here on the client can be talked to.
pub(crate) fn initialized(server: &Server) {
    configuration::show(server, server.shared.take_unshown());
    model_watch::start(&server.shared, server.client.clone());
}
