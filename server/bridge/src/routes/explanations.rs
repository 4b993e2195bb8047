//! `POST /api/v1/explanations`: what code does, in plain sentences, with its measures.

use assist::{DetailLevel, Explanation, Snapshot, Symbol, SymbolKind};
use axum::Json;
use serde::{Deserialize, Serialize};
use syntax::{Document, TextRange};
use utoipa::ToSchema;

use super::detect_errors::{RangeDto, range};
use crate::error::ApiError;
use crate::extract::JsonBody;
use crate::scope::Scope;
use crate::validate;

/// Code to be explained.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "def total(items):\n    return sum(items)\n", "lang": "python", "detail_level": "medium"}))]
pub(crate) struct ExplanationsRequest {
    /// The whole text.
    code: String,
    /// Name, alias or file extension of the language.
    lang: String,
    /// `low`, `medium` (the default) or `high`.
    detail_level: Option<String>,
}

/// The explanation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplanationsAnswer {
    /// Markdown.
    explanation: String,
    /// Null where the language has no control flow.
    complexity: Option<ComplexityDto>,
    /// What the code defines, outer definitions first.
    symbols: Vec<SymbolDto>,
    /// Id of the language.
    #[schema(example = "python")]
    lang: &'static str,
    /// Always `analysis`.
    #[schema(example = "analysis")]
    source: &'static str,
    /// Null: no model was asked.
    model: Option<String>,
    /// Null: only calls that use the model are jobs.
    job_id: Option<String>,
    elapsed_ms: u64,
}

/// Measures of the code.
#[derive(Serialize, ToSchema)]
#[schema(as = Complexity)]
pub(crate) struct ComplexityDto {
    /// Independent paths (McCabe); of several functions, their sum.
    cyclomatic: u32,
    /// Effort to follow the flow, as SonarSource defines it.
    cognitive: u32,
    /// Most control structures inside each other.
    max_nesting: u32,
    /// All lines.
    lines: u32,
    /// How the time grows with the input; null where that is not certain.
    #[schema(example = "O(n log n)")]
    time: Option<String>,
    /// Why.
    time_reason: Option<String>,
}

/// A definition.
#[derive(Serialize, ToSchema)]
#[schema(as = Symbol)]
pub(crate) struct SymbolDto {
    name: String,
    /// `function`, `class`, `method`, `variable`, …
    #[schema(example = "function")]
    kind: &'static str,
    /// Its head on one line.
    signature: String,
    range: RangeDto,
    /// Definitions inside it.
    #[schema(no_recursion)]
    children: Vec<SymbolDto>,
}

/// Explains code
///
/// Composed from the syntax tree: statement by statement for Python, JavaScript and TypeScript, from the definitions
/// and measures for other languages. No model is asked.
#[utoipa::path(
    post,
    path = "/api/v1/explanations",
    tag = "analysis",
    request_body = ExplanationsRequest,
    responses((status = 200, description = "The explanation", body = ExplanationsAnswer))
)]
pub(crate) async fn explanations(
    scope: Scope,
    JsonBody(request): JsonBody<ExplanationsRequest>,
) -> Result<Json<ExplanationsAnswer>, ApiError> {
    let language = validate::language("lang", &request.lang)?;
    let detail = detail_level(request.detail_level.as_deref())?;
    // Parsing a long text takes a while: not on a thread that others wait for.
    let work = assist::run_blocking("explanations", move || {
        let snapshot = Snapshot::of_text(&request.code, language, None);
        let explained = assist::explanation(&snapshot, TextRange::new(0, request.code.len()), detail);
        answer(&explained, snapshot.document())
    });
    let answer = work.await.map_err(|_| {
        tracing::error!(request_id = scope.request_id(), "explanations failed");
        ApiError::internal()
    })?;
    Ok(Json(ExplanationsAnswer { elapsed_ms: scope.elapsed_ms(), ..answer }))
}

/// The answer of `POST /api/v1/explanations` for an explanation that was made elsewhere: what the command line prints.
pub fn explanation_answer(explained: &Explanation, document: &Document, elapsed_ms: u64) -> impl Serialize + use<> {
    ExplanationsAnswer { elapsed_ms, ..answer(explained, document) }
}

fn answer(explained: &Explanation, document: &Document) -> ExplanationsAnswer {
    ExplanationsAnswer {
        explanation: explained.markdown.clone(),
        complexity: complexity(explained),
        symbols: explained.symbols.iter().map(|it| symbol(it, document)).collect(),
        lang: document.language().id(),
        source: "analysis",
        model: None,
        job_id: None,
        elapsed_ms: 0,
    }
}

fn detail_level(name: Option<&str>) -> Result<DetailLevel, ApiError> {
    match name {
        None => Ok(DetailLevel::default()),
        Some("low") => Ok(DetailLevel::Low),
        Some("medium") => Ok(DetailLevel::Medium),
        Some("high") => Ok(DetailLevel::High),
        Some(other) => {
            let message = format!("expected `low`, `medium` or `high`, got `{other}`");
            Err(ApiError::invalid_field("detail_level", "invalid_value", message))
        }
    }
}

fn complexity(explained: &Explanation) -> Option<ComplexityDto> {
    let complexity = explained.complexity?;
    Some(ComplexityDto {
        cyclomatic: complexity.cyclomatic,
        cognitive: complexity.cognitive,
        max_nesting: complexity.max_nesting,
        lines: complexity.lines.total,
        time: explained.growth.as_ref().map(|it| it.order.clone()),
        time_reason: explained.growth.as_ref().map(|it| it.reason.clone()),
    })
}

fn symbol(it: &Symbol, document: &Document) -> SymbolDto {
    SymbolDto {
        name: it.name.clone(),
        kind: kind(it.kind),
        signature: it.signature.clone(),
        range: range(it.range, document),
        children: it.children.iter().map(|child| symbol(child, document)).collect(),
    }
}

fn kind(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Module => "module",
        SymbolKind::Class => "class",
        SymbolKind::Method => "method",
        SymbolKind::Property => "property",
        SymbolKind::Field => "field",
        SymbolKind::Constructor => "constructor",
        SymbolKind::Enum => "enum",
        SymbolKind::EnumMember => "enum_member",
        SymbolKind::Interface => "interface",
        SymbolKind::Function => "function",
        SymbolKind::Variable => "variable",
        SymbolKind::Constant => "constant",
        SymbolKind::Struct => "struct",
        SymbolKind::TypeAlias => "type_alias",
        SymbolKind::Parameter => "parameter",
    }
}
