//! `workspace/executeCommand`.

use assist::model::ModelSource;
use assist::{AssistError, DetailLevel};
use syntax::TextRange;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{ExecuteCommandParams, LSPAny, MessageType};

use crate::ext::{self, DetailLevelArgument, ExplainArgument, LoadModelArgument};
use crate::server::Server;
use crate::{arrival, from_proto, model_watch, to_proto};

pub(crate) async fn execute_command(server: &Server, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
    let assist = &server.shared.assist;
    match params.command.as_str() {
        ext::STATUS => Ok(Some(to_proto::status(&assist.status()))),
        ext::ACCEPTED => {
            assist.record_accepted(from_proto::accepted(&params.arguments)?.id, None);
            Ok(None)
        }
        ext::LOAD_MODEL => load_model(server, from_proto::only_argument(&params.arguments)?).await.map(Some),
        ext::EXPLAIN => explain(server, from_proto::only_argument(&params.arguments)?).await.map(Some),
        unknown => Err(Error::invalid_params(format!("there is no command {unknown}"))),
    }
}

/// Answers when the model is ready; the one in service before stays there until then, and for good if the load fails.
async fn load_model(server: &Server, argument: LoadModelArgument) -> Result<LSPAny> {
    let load = server.shared.assist.engine().load(ModelSource::File(argument.path));
    model_watch::start(&server.shared, server.client.clone());
    let info = load.finished().await.map_err(|error| to_proto::error(AssistError::Engine(error)))?;
    Ok(to_proto::model_info(&info))
}

/// The Markdown, as a string; shown as well where that was asked for.
async fn explain(server: &Server, argument: ExplainArgument) -> Result<LSPAny> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let range = match argument.range {
        Some(range) => from_proto::text_range(&snapshot, range, session.encoding),
        None => TextRange::new(0, snapshot.document().text().len()),
    };
    let detail = match argument.detail_level {
        DetailLevelArgument::Low => DetailLevel::Low,
        DetailLevelArgument::Medium => DetailLevel::Medium,
        DetailLevelArgument::High => DetailLevel::High,
    };
    let work = move || assist::explanation(&snapshot, range, detail).markdown;
    let told = assist::run_blocking("explain", work).await.map_err(to_proto::error)?;
    if argument.show {
        server.client.show_message(MessageType::INFO, &told).await;
    }
    Ok(LSPAny::String(told))
}
