//! The model: what is loaded, loading another, unloading.

use std::path::Path;

use assist::model::{ModelSource, ModelState};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::OptionalJsonBody;
use crate::scope::Scope;
use crate::state::App;

/// The model in detail.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct ModelStatusAnswer {
    /// A model is ready.
    loaded: bool,
    /// Progress of the first load, 0 to 1; null while none is under way.
    loading: Option<f32>,
    name: Option<String>,
    /// Family, from the model file.
    #[schema(example = "llama")]
    architecture: Option<String>,
    /// Number of weights.
    parameters: Option<u64>,
    #[schema(example = "Q8_0")]
    quantization: Option<String>,
    /// Tokens of context.
    context_length: Option<usize>,
    /// Bytes of weights and KV cache.
    memory_bytes: Option<u64>,
    /// Requests that are being computed, each with a sequence in the KV cache.
    sequences: usize,
    /// Why the last load failed, as a stable code; the server's log says more.
    #[schema(example = "load_failed")]
    error: Option<&'static str>,
}

/// The loaded model, or how far its load is
#[utoipa::path(
    get,
    path = "/api/v1/model/status",
    operation_id = "model_details",
    tag = "models",
    responses((status = 200, description = "The state of the model", body = ModelStatusAnswer))
)]
pub(crate) async fn status(State(app): State<App>) -> Json<ModelStatusAnswer> {
    let status = app.assist.engine().status();
    let answer = match status.model {
        ModelState::None => ModelStatusAnswer::default(),
        ModelState::Loading { progress } => {
            ModelStatusAnswer { loading: Some(progress), ..ModelStatusAnswer::default() }
        }
        // The reason may name a file.
        ModelState::Failed(_) => ModelStatusAnswer { error: Some("load_failed"), ..ModelStatusAnswer::default() },
        ModelState::Ready(model) => ModelStatusAnswer {
            loaded: true,
            name: Some(model.name),
            architecture: Some(model.architecture),
            parameters: Some(model.parameters),
            quantization: Some(model.quantization),
            context_length: Some(model.context_length),
            memory_bytes: Some(model.memory_bytes),
            ..ModelStatusAnswer::default()
        },
    };
    Json(ModelStatusAnswer { sequences: status.queue.running, ..answer })
}

/// Whether a model is loaded, in the text-generation dialect.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoadedAnswer {
    /// Always `success`.
    #[schema(example = "success")]
    status: &'static str,
    model_loaded: bool,
    model_name: Option<String>,
    /// What computes: `cpu`, or `remote` for a model on a server.
    #[schema(example = "cpu")]
    device: &'static str,
}

/// Whether a model is loaded
#[utoipa::path(
    get,
    path = "/model_status",
    tag = "text generation",
    responses((status = 200, description = "Whether a model is loaded", body = LoadedAnswer))
)]
pub(crate) async fn model_status(State(app): State<App>) -> Json<LoadedAnswer> {
    let model = app.model().ok();
    Json(LoadedAnswer {
        status: "success",
        model_loaded: model.is_some(),
        device: if model.as_ref().is_some_and(|it| it.server.is_some()) { "remote" } else { "cpu" },
        model_name: model.map(|it| it.name),
    })
}

/// The model file's own metadata; null where the file has none.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelInfoAnswer {
    /// Name of the model.
    name: String,
    #[schema(example = "llama")]
    architecture: String,
    /// Where its training stood.
    checkpoint: Option<String>,
    /// Training step.
    step: Option<u64>,
    /// Validation loss in nats a token.
    val_loss: Option<f32>,
    /// Number of layers.
    model_layers: usize,
    /// Width of the residual stream.
    model_dim: usize,
    vocab_size: usize,
    /// Number of weights.
    parameters: u64,
    quantization: String,
    context_length: usize,
    /// It can fill a hole.
    fill_in_the_middle: bool,
}

/// The loaded model's metadata
#[utoipa::path(
    get,
    path = "/info",
    operation_id = "model_metadata",
    tag = "text generation",
    responses(
        (status = 200, description = "The metadata", body = ModelInfoAnswer),
        (status = 503, description = "No model is loaded (yet)", body = ErrorBody),
    )
)]
pub(crate) async fn info(State(app): State<App>) -> Result<Json<ModelInfoAnswer>, ApiError> {
    let model = app.model()?;
    Ok(Json(ModelInfoAnswer {
        name: model.name,
        architecture: model.architecture,
        checkpoint: model.checkpoint,
        step: model.step,
        val_loss: model.val_loss,
        model_layers: model.n_layers,
        model_dim: model.embedding_length,
        vocab_size: model.vocab_size,
        parameters: model.parameters,
        quantization: model.quantization,
        context_length: model.context_length,
        fill_in_the_middle: model.fim.is_some(),
    }))
}

/// What to load.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"model_name": "builtin"}))]
pub(crate) struct LoadRequest {
    /// A name the server knows, or, for a caller on this machine, a GGUF file. Without it the configured model.
    model_name: Option<String>,
}

/// What was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoneAnswer {
    /// Always `success`.
    #[schema(example = "success")]
    status: &'static str,
    message: String,
}

impl DoneAnswer {
    fn new(message: impl Into<String>) -> Json<Self> {
        Json(Self { status: "success", message: message.into() })
    }
}

/// Loads a model
///
/// The model in service keeps answering until the new one is ready, and stays when the load fails.
/// A load that takes longer than the time limit goes on; `GET /api/v1/model/status` tells when it is ready.
#[utoipa::path(
    post,
    path = "/load_model",
    tag = "text generation",
    request_body = Option<LoadRequest>,
    responses(
        (status = 200, description = "It is loaded", body = DoneAnswer),
        (status = 404, description = "No model goes by this name", body = ErrorBody),
        (status = 409, description = "Another load is under way", body = ErrorBody),
    )
)]
pub(crate) async fn load_model(
    State(app): State<App>,
    scope: Scope,
    OptionalJsonBody(request): OptionalJsonBody<LoadRequest>,
) -> Result<Json<DoneAnswer>, ApiError> {
    let name = request.model_name.as_deref();
    let may_name_files = app.config.loopback || scope.address().is_loopback();
    let source = find(&app, name, may_name_files)
        .ok_or_else(|| ApiError::not_found("model_not_found", "no model goes by this name"))?;
    let under_way = || ApiError::conflict("load_in_progress", "another load is under way");
    let _load = app.load.try_lock().map_err(|_| under_way())?;
    if matches!(app.assist.engine().status().model, ModelState::Loading { .. }) {
        return Err(under_way());
    }
    let model = app.assist.engine().load(source).finished().await?;
    tracing::info!(model = model.name, request_id = scope.request_id(), "loaded");
    Ok(DoneAnswer::new(format!("model {} is loaded", model.name)))
}

/// What goes by this name. A caller from afar may not name files: the answer would tell which exist.
fn find(app: &App, name: Option<&str>, may_name_files: bool) -> Option<ModelSource> {
    let path = name.map(Path::new);
    let resolved = app.config.model_resolver.as_ref().and_then(|it| it.resolve(name));
    let found = resolved.or_else(|| {
        let path = path?;
        path.is_file().then(|| ModelSource::File(path.to_path_buf()))
    });
    found.filter(|source| {
        let is_named_file = matches!(source, ModelSource::File(file) if Some(file.as_path()) == path);
        may_name_files || !is_named_file
    })
}

/// Unloads the model and frees its memory
#[utoipa::path(
    post,
    path = "/unload_model",
    tag = "text generation",
    responses((status = 200, description = "There is no model any more", body = DoneAnswer))
)]
pub(crate) async fn unload_model(State(app): State<App>) -> Json<DoneAnswer> {
    let message = match app.model() {
        Ok(model) => format!("model {} is unloaded", model.name),
        Err(_) => "no model was loaded".to_owned(),
    };
    app.assist.engine().unload();
    DoneAnswer::new(message)
}
