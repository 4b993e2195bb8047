//! Fields of the OpenAI dialect that a server refuses all the same. OpenAI's own reasoning models take neither
//! `max_tokens` nor any temperature but their own, and say so with a 400 that names the field; what the refusal teaches is
//! kept for the server's later requests.
//!
//! Source: the OpenAI API reference, "Create chat completion" (`max_completion_tokens`), and its error object (`param`,
//! codes `unsupported_parameter` and `unsupported_value`).

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::failure::Failure;

/// What can be done without, or goes by another name as well. Stop texts are looked for here too; a choice that the server
/// does not leave to others is not ours to make.
const FIELDS: [(&str, Option<&str>); 4] =
    [("max_tokens", Some("max_completion_tokens")), ("temperature", None), ("top_p", None), ("stop", None)];

/// Which of the fields the server has refused.
#[derive(Debug, Default)]
pub(super) struct Amendments([AtomicBool; FIELDS.len()]);

impl Amendments {
    /// Changes a body of `/v1/chat/completions` to what the server takes.
    pub(super) fn apply(&self, body: &mut Value) {
        let Some(body) = body.as_object_mut() else { return };
        for ((field, other_name), is_refused) in FIELDS.iter().zip(&self.0) {
            if is_refused.load(Ordering::Relaxed)
                && let Some(value) = body.remove(*field)
                && let Some(other_name) = other_name
            {
                body.insert((*other_name).to_owned(), value);
            }
        }
    }

    /// Whether a failure names a field of the body that can be changed; it will be from now on.
    pub(super) fn learn(&self, failure: &Failure, body: &Value) -> bool {
        let Failure::Refused { status, message, body: refusal, .. } = failure else { return false };
        if status.as_u16() != 400 {
            return false;
        }
        let param = refusal.pointer("/error/param").and_then(Value::as_str);
        let names = |field: &str| match param {
            Some(param) => param == field,
            None => ['\'', '"', '`'].iter().any(|quote| message.contains(&format!("{quote}{field}{quote}"))),
        };
        let Some(index) = FIELDS.iter().position(|(field, _)| body.get(field).is_some() && names(field)) else {
            return false;
        };
        tracing::info!(field = FIELDS[index].0, message, "the model server does without a field from now on");
        self.0[index].store(true, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::*;

    /// What becomes of a body behind a refusal; `None` where nothing is learned.
    fn amended(status: u16, refusal: &str) -> Option<Value> {
        let mut body = json!({"max_tokens": 4, "temperature": 0.0, "stop": ["a"]});
        let status = StatusCode::from_u16(status).unwrap();
        let amendments = Amendments::default();
        let learned = amendments.learn(&Failure::refused(status, None, None, refusal.as_bytes()), &body);
        amendments.apply(&mut body);
        learned.then_some(body)
    }

    #[test]
    fn refusals_that_name_a_field() {
        let check = |refusal: &str, expected: Value| assert_eq!(amended(400, refusal), Some(expected), "{refusal}");
        check(
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#,
            json!({"max_completion_tokens": 4, "temperature": 0.0, "stop": ["a"]}),
        );
        check(
            r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}"#,
            json!({"max_tokens": 4, "stop": ["a"]}),
        );
        // Gateways leave `param` out.
        check(
            r#"{"error":{"message":"Unsupported parameter: 'stop' is not supported with this model."}}"#,
            json!({"max_tokens": 4, "temperature": 0.0}),
        );
    }

    #[test]
    fn refusals_of_something_else() {
        let check = |status, refusal: &str| assert_eq!(amended(status, refusal), None, "{refusal}");
        check(400, r#"{"error":{"message":"'max_tokens' is wrong","param":"messages"}}"#);
        // A field that was not sent.
        check(400, r#"{"error":{"message":"'top_p' is wrong"}}"#);
        check(422, r#"{"error":{"message":"x","param":"temperature"}}"#);
        check(400, "no");
    }
}
