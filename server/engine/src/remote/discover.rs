//! Which server it is, which model it has, and what the two can do: asked once, when the model is loaded.
//!
//! Sources: the OpenAI API reference (`/v1/models`), llama.cpp's `tools/server/README.md` (`/props`, `/infill`), TGI's API
//! description (`/info`), Ollama's `docs/api.md` (`/api/version`, `/api/show`, `/api/ps`), vLLM's model cards
//! (`max_model_len`).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::RemoteSource;
use super::body::{Dialect, Fim, Server};
use super::client::Client;
use super::failure::{Failure, quoted};
use crate::{EngineError, FimOrder, ModelInfo};

/// Context of a server that does not say what it has: Ollama's default, and less than any other's.
const USUAL_CONTEXT: usize = 4096;
/// The least context that is of any use; a server that names less means something else by it.
const LEAST_CONTEXT: usize = 256;
/// More than any model has; what is reckoned from it must not overflow.
const MOST_CONTEXT: usize = 1 << 30;
/// Names of models that a message lists.
const MAX_LISTED: usize = 20;

/// Prompt and suffix of the request that finds out whether a suffix is read, and the tokens which only both together
/// have: many servers take the field and ignore it.
const PROBE_PROMPT: &str = "def f():\n    return ";
const PROBE_SUFFIX: &str =
    "\n\nfor i in range(10):\n    print(f(), i)\n    print(i, f())\n    print(f() + i, i * f())\n";
const PROBE_TOKENS: u64 = 20;

/// What is known of a server.
pub(super) struct Discovered {
    pub(super) server: Server,
    pub(super) info: ModelInfo,
}

/// Asks the server.
///
/// # Errors
/// `Remote` when it cannot be asked, `UnsupportedModel` when it has not the model that is wanted, or none.
pub(super) async fn discover(client: &Client, source: &RemoteSource) -> Result<Discovered, EngineError> {
    let asked = Asked { client };
    let models = asked.models().await?;
    let wanted = client.address.model.as_deref();
    let (dialect, facts) = asked.dialect(models.first()).await?;
    let mut entry = choose(&models, wanted, &client.address.to_string());
    if let (Err(_), true, Some(model)) = (&entry, models.is_empty(), &facts.model) {
        // TGI serves one model and ignores the name; older versions have no list.
        entry = Ok(Entry { id: wanted.unwrap_or(model).to_owned(), ..Entry::default() });
    }
    let entry = entry?;
    let mut facts = asked.facts(dialect, &entry, facts).await?;
    let context_length = source.context_length.or(facts.context_length).unwrap_or(USUAL_CONTEXT);
    let context_length = context_length.clamp(LEAST_CONTEXT, MOST_CONTEXT);
    let fim = match &source.fim {
        Some(markers) => Some(Fim::Markers(markers.clone())),
        None => asked.fim(dialect, &entry.id, facts.fills_holes, client.timeouts.first_token).await?,
    };
    let info = ModelInfo {
        name: entry.id.clone(),
        architecture: facts.architecture.take().unwrap_or_else(|| "unknown".to_owned()),
        parameters: facts.parameters.unwrap_or_default(),
        quantization: facts.quantization.take().unwrap_or_else(|| "unknown".to_owned()),
        context_length,
        vocab_size: facts.vocab_size.unwrap_or_default(),
        n_layers: facts.n_layers.unwrap_or_default(),
        embedding_length: facts.embedding_length.unwrap_or_default(),
        memory_bytes: 0,
        server: None,
        fim: fim.as_ref().map(|_| FimOrder::Psm),
        checkpoint: None,
        step: None,
        val_loss: None,
        load_ms: 0,
    };
    Ok(Discovered { server: Server { dialect, model: entry.id, fim, context_length }, info })
}

/// An entry of `/v1/models`.
#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
    id: String,
    owned_by: String,
    /// The rest: vLLM and llama.cpp say more.
    json: Value,
}

/// What a server says of a model, as far as it says it.
#[derive(Debug, Default)]
struct Facts {
    model: Option<String>,
    architecture: Option<String>,
    quantization: Option<String>,
    parameters: Option<u64>,
    context_length: Option<usize>,
    vocab_size: Option<usize>,
    n_layers: Option<usize>,
    embedding_length: Option<usize>,
    fills_holes: Option<bool>,
}

/// The one that is wanted, or the only one there is.
fn choose(models: &[Entry], wanted: Option<&str>, address: &str) -> Result<Entry, EngineError> {
    let names = || {
        let names: Vec<_> = models.iter().take(MAX_LISTED).map(|it| quoted(&it.id)).collect();
        let rest = models.len().saturating_sub(MAX_LISTED);
        if rest > 0 { format!("{} and {rest} more", names.join(", ")) } else { names.join(", ") }
    };
    let unsupported = |message| Err(EngineError::UnsupportedModel(message));
    match (models, wanted) {
        ([], _) => unsupported(format!("the model server {address} has no model (yet)")),
        ([only], None) => Ok(only.clone()),
        (_, None) => unsupported(format!(
            "the model server {address} has several models: name one as openai:{address}#MODEL; it has {}",
            names()
        )),
        (_, Some(wanted)) => {
            // Ollama's names have a tag, `latest` where none is named.
            let found = models.iter().find(|it| it.id == wanted);
            let found = found.or_else(|| models.iter().find(|it| it.id.strip_suffix(":latest") == Some(wanted)));
            match found {
                Some(entry) => Ok(entry.clone()),
                None => unsupported(format!(
                    "the model server {address} has no model {}; it has {}",
                    quoted(wanted),
                    names()
                )),
            }
        }
    }
}

/// The questions.
struct Asked<'a> {
    client: &'a Client,
}

impl Asked<'_> {
    fn error(&self, failure: Failure) -> EngineError {
        failure.into_error(&self.client.address, self.client.has_key, 0)
    }

    /// The JSON at a path that not every server has.
    async fn optional(&self, path: &str) -> Result<Value, EngineError> {
        match self.client.try_get(path).await {
            Ok(json) => Ok(json),
            // What is there is not what was looked for. Gateways answer unknown paths with any status, also with 403 and
            // 502, or not at all; whether the key is right was seen from the list of models.
            Err(Failure::Broken(_) | Failure::Refused { .. } | Failure::Silent(_)) => Ok(Value::Null),
            Err(failure @ Failure::Unreachable(_)) => Err(self.error(failure)),
        }
    }

    async fn models(&self) -> Result<Vec<Entry>, EngineError> {
        let list = match self.client.get("v1/models").await {
            Ok(list) => list,
            Err(failure) if failure.is_unknown_path() => Value::Null,
            Err(failure) => return Err(self.error(failure)),
        };
        let entries = list.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let entry = |json: &Value| {
            let owned_by = text(json.get("owned_by")).unwrap_or_default();
            Some(Entry { id: text(json.get("id"))?, owned_by, json: json.clone() })
        };
        Ok(entries.iter().filter_map(entry).collect())
    }

    /// By whom a listed model is owned tells most servers apart; for the others there are paths that only they have.
    async fn dialect(&self, model: Option<&Entry>) -> Result<(Dialect, Facts), EngineError> {
        let known = model.and_then(|it| match it.owned_by.as_str() {
            "vllm" => Some(Dialect::Vllm),
            "llamacpp" => Some(Dialect::LlamaCpp),
            "ropewalk" => Some(Dialect::Ropewalk),
            _ => None,
        });
        if let Some(dialect) = known {
            return Ok((dialect, Facts::default()));
        }
        if self.optional("api/version").await?.get("version").is_some() {
            return Ok((Dialect::Ollama, Facts::default()));
        }
        let info = self.optional("info").await?;
        if let Some(model) = text(info.get("model_id")) {
            let facts = Facts {
                model: Some(model),
                quantization: text(info.get("quantize")).or_else(|| text(info.get("model_dtype"))),
                context_length: size(info.get("max_total_tokens")),
                ..Facts::default()
            };
            return Ok((Dialect::Tgi, facts));
        }
        let props = self.optional("props").await?;
        if let Some(settings) = props.get("default_generation_settings") {
            return Ok((Dialect::LlamaCpp, Facts { context_length: size(settings.get("n_ctx")), ..Facts::default() }));
        }
        Ok((Dialect::OpenAi, Facts::default()))
    }

    async fn facts(&self, dialect: Dialect, entry: &Entry, known: Facts) -> Result<Facts, EngineError> {
        let of = |path: &str| entry.json.pointer(path);
        Ok(match dialect {
            Dialect::Tgi | Dialect::OpenAi => known,
            Dialect::Vllm => Facts { context_length: size(of("/max_model_len")), ..known },
            Dialect::LlamaCpp => Facts {
                parameters: of("/meta/n_params").and_then(Value::as_u64),
                vocab_size: size(of("/meta/n_vocab")),
                embedding_length: size(of("/meta/n_embd")),
                quantization: text(of("/meta/ftype")),
                context_length: match known.context_length.or_else(|| size(of("/meta/n_ctx"))) {
                    Some(context_length) => Some(context_length),
                    None => size(self.optional("props").await?.pointer("/default_generation_settings/n_ctx")),
                },
                ..known
            },
            Dialect::Ropewalk => {
                let info = self.optional("info").await?;
                Facts {
                    architecture: text(info.get("architecture")),
                    quantization: text(info.get("quantization")),
                    parameters: info.get("parameters").and_then(Value::as_u64),
                    context_length: size(info.get("context_length")),
                    vocab_size: size(info.get("vocab_size")),
                    n_layers: size(info.get("model_layers")),
                    embedding_length: size(info.get("model_dim")),
                    fills_holes: info.get("fill_in_the_middle").and_then(Value::as_bool),
                    ..known
                }
            }
            Dialect::Ollama => self.ollama(&entry.id, known).await?,
        })
    }

    async fn ollama(&self, model: &str, known: Facts) -> Result<Facts, EngineError> {
        let limit = self.client.timeouts.first_token;
        let show = match self.client.post("api/show", &json!({"model": model}), limit).await {
            Ok(show) => show,
            Err(Failure::Refused { .. } | Failure::Broken(_)) => Value::Null,
            Err(failure) => return Err(self.error(failure)),
        };
        let architecture = text(show.pointer("/model_info/general.architecture"));
        let of = |key: &str| show.get("model_info")?.get(format!("{}.{key}", architecture.as_deref()?));
        let abilities = show.get("capabilities").and_then(Value::as_array);
        // A loaded model's context is what it was loaded with; one that is not loaded yet gets what its file asks for.
        let loaded = self.optional("api/ps").await?;
        let loaded = loaded.get("models").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let loaded = loaded.iter().find(|it| text(it.get("model")).as_deref() == Some(model));
        let asked = text(show.get("parameters")).and_then(|all| {
            all.lines().find_map(|line| line.trim().strip_prefix("num_ctx")?.trim().parse::<usize>().ok())
        });
        Ok(Facts {
            quantization: text(show.pointer("/details/quantization_level")),
            parameters: show.pointer("/model_info/general.parameter_count").and_then(Value::as_u64),
            context_length: loaded.and_then(|it| size(it.get("context_length"))).or(asked),
            n_layers: size(of("block_count")),
            embedding_length: size(of("embedding_length")),
            fills_holes: abilities.map(|all| all.iter().any(|it| it.as_str() == Some("insert"))),
            architecture,
            ..known
        })
    }

    /// How the server fills holes with this model, if it does.
    async fn fim(
        &self,
        dialect: Dialect,
        model: &str,
        said: Option<bool>,
        limit: std::time::Duration,
    ) -> Result<Option<Fim>, EngineError> {
        let (fim, path, probe) = match dialect {
            Dialect::LlamaCpp | Dialect::Ropewalk => {
                let probe = json!({"model": model, "input_prefix": "", "input_suffix": "", "n_predict": 0});
                (Fim::Infill, "infill", probe)
            }
            Dialect::Vllm | Dialect::Tgi | Dialect::Ollama | Dialect::OpenAi => {
                let probe = json!({
                    "model": model, "prompt": PROBE_PROMPT, "suffix": PROBE_SUFFIX, "max_tokens": 1, "temperature": 0.0
                });
                (Fim::Suffix, "v1/completions", probe)
            }
        };
        if let Some(said) = said {
            return Ok(said.then_some(fim));
        }
        match self.client.post(path, &probe, limit).await {
            Ok(answer) => {
                let read = answer.pointer("/usage/prompt_tokens").and_then(Value::as_u64);
                let is_ignored = fim == Fim::Suffix && read.is_some_and(|tokens| tokens < PROBE_TOKENS);
                Ok((!is_ignored).then_some(fim))
            }
            Err(Failure::Refused { status, message, .. }) if is_no(status) => {
                tracing::info!(%status, message, "the model server does not fill holes");
                Ok(None)
            }
            // It said something, and not how.
            Err(Failure::Broken(_)) => Ok(None),
            Err(failure) => Err(self.error(failure)),
        }
    }
}

/// The server understood, and will not. A key that is missing or a server that is busy is something else.
fn is_no(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 404 | 405 | 422 | 500 | 501)
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::to_owned)
}

fn size(value: Option<&Value>) -> Option<usize> {
    usize::try_from(value?.as_u64()?).ok().filter(|it| *it > 0)
}
