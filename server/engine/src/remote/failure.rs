//! What can go wrong between here and a model server, and how it is told.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::address::Address;
use super::fit::estimated_tokens;
use crate::EngineError;

/// Characters of a server's own words that a message repeats.
const MAX_QUOTE: usize = 300;

/// A failed exchange.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection, or it broke before the first byte of an answer.
    Unreachable(String),
    /// Nothing came for so long.
    Silent(Duration),
    /// An answer other than 2xx.
    Refused { status: StatusCode, message: String, retry_after: Option<Duration>, body: Value },
    /// An answer that begins and does not end, or is not what was asked for.
    Broken(String),
}

impl Failure {
    /// A refusal, from the answer's head and body.
    pub(super) fn refused(
        status: StatusCode,
        retry_after: Option<Duration>,
        location: Option<&str>,
        body: &[u8],
    ) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into());
        let message = match location {
            Some(location) => format!("to {}", quoted(location)),
            None => message_of(&body).map(quoted).unwrap_or_default(),
        };
        Self::Refused { status, message, retry_after, body }
    }

    /// A moment later it may work.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => matches!(status.as_u16(), 429 | 502 | 503 | 504),
            Self::Silent(_) | Self::Broken(_) => false,
        }
    }

    /// The server knows no such path, or does not take the method there.
    pub(super) fn is_unknown_path(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if matches!(status.as_u16(), 404 | 405 | 501))
    }

    /// As the engine's error. `has_key` is whether a key was sent, `prompt_bytes` what the request was about.
    pub(super) fn into_error(self, address: &Address, has_key: bool, prompt_bytes: usize) -> EngineError {
        let server = format!("the model server {address}");
        EngineError::Remote(match self {
            Self::Unreachable(why) => {
                format!("{server} cannot be reached ({why}); is it running, and is the address right?")
            }
            Self::Silent(time) => format!("{server} was silent for {} s", time.as_secs_f32().ceil()),
            Self::Broken(why) => format!("{server} {why}"),
            Self::Refused { status, message, body, .. } => {
                if let Some(error) = context_too_long(&body, &message, prompt_bytes) {
                    return error;
                }
                let said = if message.is_empty() { String::new() } else { format!(": {message}") };
                match status.as_u16() {
                    401 | 403 if has_key => {
                        format!(
                            "{server} does not take the key in ROPEWALK_REMOTE_API_KEY or OPENAI_API_KEY ({status}{said})"
                        )
                    }
                    401 | 403 => format!("{server} wants a key: set ROPEWALK_REMOTE_API_KEY ({status}{said})"),
                    300..=399 => format!(
                        "{server} redirects elsewhere ({status}{said}), which is not followed: if your text may go there, name that address"
                    ),
                    429 | 503 => format!("{server} is overloaded or not ready ({status}{said})"),
                    500.. => format!("{server} failed on the request ({status}{said})"),
                    _ => format!("{server} refuses the request ({status}{said})"),
                }
            }
        })
    }
}

/// A prompt that does not fit, in the words of the servers that say it: llama.cpp by a type with both numbers, OpenAI
/// and its followers by a code, vLLM in a sentence alone.
fn context_too_long(body: &Value, message: &str, prompt_bytes: usize) -> Option<EngineError> {
    let error = body.get("error").unwrap_or(body);
    let is = |key: &str, value: &str| error.get(key).and_then(Value::as_str) == Some(value);
    let says_so = is("type", "exceed_context_size_error")
        || is("code", "context_length_exceeded")
        || message.contains("maximum context length");
    let number = |key: &str| error.get(key).and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok());
    // Without the server's own count the estimate has to do; its limit is in its words then.
    let limit = number("n_ctx").or_else(|| first_number(message))?;
    let tokens = number("n_prompt_tokens").unwrap_or_else(|| estimated_tokens(prompt_bytes)).max(limit + 1);
    says_so.then_some(EngineError::ContextTooLong { tokens, limit })
}

fn first_number(text: &str) -> Option<usize> {
    text.split(|it: char| !it.is_ascii_digit()).find(|it| !it.is_empty())?.parse().ok()
}

/// The sentence in an error body, in any of the dialects.
pub(super) fn message_of(body: &Value) -> Option<&str> {
    let error = body.get("error").unwrap_or(body);
    [error.get("message"), body.get("message"), body.get("detail"), Some(error), Some(body)]
        .into_iter()
        .flatten()
        .find_map(Value::as_str)
}

/// A server's words are not to be trusted: short, and on one line.
pub(super) fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(MAX_QUOTE).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(status: u16, body: &str, expect: Expect) {
        let address = Address::parse("http://gpu1:8000/v1#m").unwrap();
        let location = body.strip_prefix("location ");
        let failure = Failure::refused(StatusCode::from_u16(status).unwrap(), None, location, body.as_bytes());
        let temporary = failure.is_temporary();
        let error = failure.into_error(&address, false, 30_000);
        expect.assert_eq(&format!("{}{error}", if temporary { "temporary: " } else { "" }));
    }

    #[test]
    fn refusals() {
        check(
            401,
            r#"{"error":{"message":"Incorrect API key"}}"#,
            expect![
                "the model server http://gpu1:8000 wants a key: set ROPEWALK_REMOTE_API_KEY (401 Unauthorized: Incorrect API key)"
            ],
        );
        check(
            404,
            r#"{"error":"model \"x\" not found"}"#,
            expect![[r#"the model server http://gpu1:8000 refuses the request (404 Not Found: model "x" not found)"#]],
        );
        check(
            503,
            "",
            expect![
                "temporary: the model server http://gpu1:8000 is overloaded or not ready (503 Service Unavailable)"
            ],
        );
        check(
            500,
            "<html>\n<b>oops</b>",
            expect![
                "the model server http://gpu1:8000 failed on the request (500 Internal Server Error: <html> <b>oops</b>)"
            ],
        );
        check(
            307,
            "location https://elsewhere.example/v1/models",
            expect![
                "the model server http://gpu1:8000 redirects elsewhere (307 Temporary Redirect: to https://elsewhere.example/v1/models), which is not followed: if your text may go there, name that address"
            ],
        );
    }

    #[test]
    fn prompts_that_do_not_fit() {
        // llama.cpp
        check(
            400,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
            expect!["the prompt has 5000 tokens, the context holds 4096"],
        );
        // vLLM
        check(
            400,
            r#"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 9000 tokens","type":"BadRequestError","code":400}"#,
            expect!["the prompt has 10000 tokens, the context holds 4096"],
        );
        // A 400 about something else that has a number in it.
        check(
            400,
            r#"{"error":{"message":"temperature must be below 2"}}"#,
            expect![
                "the model server http://gpu1:8000 refuses the request (400 Bad Request: temperature must be below 2)"
            ],
        );
    }

    #[test]
    fn words_of_a_server_are_cut() {
        assert_eq!(quoted(&"a\u{1b}[31m".repeat(1000)).len(), MAX_QUOTE);
    }
}
