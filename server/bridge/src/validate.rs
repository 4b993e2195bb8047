//! From raw fields to checked values: ranges, sampling, stop texts, languages.
//!
//! Raw requests hold what JSON can hold (`i64`, `f64`); a value out of range is 422 with the
//! field named, never clamped in silence.

use std::fmt::Display;
use std::ops::RangeInclusive;

use assist::generation::SamplingParams;
use serde::Deserialize;
use syntax::Language;
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;
use crate::state::random_u64;

/// Most tokens that any dialect may ask for.
pub(crate) const MAX_TOKENS: i64 = 32_768;

/// Most stop texts of one request.
const MAX_STOP: usize = 16;

/// A value inside its range.
pub(crate) fn in_range<T: PartialOrd + Display>(
    field: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<T, ApiError> {
    if range.contains(&value) {
        Ok(value)
    } else {
        let (start, end) = (range.start(), range.end());
        Err(ApiError::invalid_field(field, "out_of_range", format!("expected {start} to {end}, got {value}")))
    }
}

/// A number of tokens, or the default.
pub(crate) fn tokens(field: &'static str, value: Option<i64>, default: usize, most: i64) -> Result<usize, ApiError> {
    // Positive and bounded, so the conversion is exact.
    value.map_or(Ok(default), |it| in_range(field, it, 1..=most).map(|it| it as usize))
}

/// Sampling fields under the names their dialect gives them.
#[derive(Default)]
pub(crate) struct RawSampling {
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) top_k: Option<i64>,
    pub(crate) min_p: Option<f64>,
    pub(crate) repetition_penalty: (&'static str, Option<f64>),
    pub(crate) seed: Option<i64>,
}

impl RawSampling {
    /// Checked values; a missing temperature is `default_temperature`, a missing seed is random.
    pub(crate) fn check(self, default_temperature: f32) -> Result<SamplingParams, ApiError> {
        let off = SamplingParams::default();
        let (penalty_name, penalty) = self.repetition_penalty;
        Ok(SamplingParams {
            temperature: optional("temperature", self.temperature, 0.0..=2.0)?.unwrap_or(default_temperature),
            repetition_penalty: optional(penalty_name, penalty, 0.1..=10.0)?.unwrap_or(off.repetition_penalty),
            top_k: self.top_k.map_or(Ok(off.top_k), |it| in_range("top_k", it, 0..=1_000_000).map(|it| it as usize))?,
            // 0 asks for the most likely token alone; the engine wants a share above 0.
            top_p: optional("top_p", self.top_p, 0.0..=1.0)?.unwrap_or(off.top_p).max(f32::EPSILON),
            min_p: optional("min_p", self.min_p, 0.0..=1.0)?.unwrap_or(off.min_p),
            seed: self.seed.map_or_else(random_u64, i64::cast_unsigned),
            ..off
        })
    }
}

fn optional(field: &'static str, value: Option<f64>, range: RangeInclusive<f64>) -> Result<Option<f32>, ApiError> {
    value.map(|it| in_range(field, it, range).map(|it| it as f32)).transpose()
}

/// One text or several.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a string or a list of strings")]
pub(crate) enum TextOrList {
    /// One text.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl TextOrList {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// Stop texts; empty ones mean nothing and are dropped.
pub(crate) fn stop(field: &'static str, given: Option<TextOrList>) -> Result<Vec<String>, ApiError> {
    let mut texts = given.map(TextOrList::into_vec).unwrap_or_default();
    texts.retain(|it| !it.is_empty());
    if texts.len() > MAX_STOP {
        return Err(ApiError::invalid_field(
            field,
            "out_of_range",
            format!("expected {MAX_STOP} texts at most, got {}", texts.len()),
        ));
    }
    Ok(texts)
}

/// A language by name, alias or file extension.
pub(crate) fn language(field: &'static str, name: &str) -> Result<Language, ApiError> {
    Language::from_name(name).ok_or_else(|| {
        let name: String = name.chars().take(40).collect();
        ApiError::invalid_field(
            field,
            "unknown_language",
            format!("no language, alias or file extension is called {name:?}"),
        )
    })
}

/// The query of a route that uses the model.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobQuery {
    /// `true`: answer 202 with a job id at once; `GET /api/v1/queue/status` has the result.
    #[serde(rename = "async")]
    #[param(value_type = Option<bool>)]
    run_async: Option<String>,
}

impl JobQuery {
    /// True when the caller wants only a job id. A stream cannot be had that way.
    pub(crate) fn is_async(&self, is_stream: bool) -> Result<bool, ApiError> {
        let run_async = match self.run_async.as_deref() {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(_) => return Err(ApiError::invalid_field("async", "invalid_value", "expected true or false")),
        };
        if run_async && is_stream {
            return Err(ApiError::invalid_field("async", "invalid_value", "a stream cannot be asked for as a job"));
        }
        Ok(run_async)
    }
}

/// Which job.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusQuery {
    /// One job instead of the queue.
    #[param(example = "job-8c1f0a52d3b94e67")]
    pub(crate) job_id: Option<String>,
}
