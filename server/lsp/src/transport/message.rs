//! One JSON-RPC message: from a body, to a frame. What it means is the service's.

use std::io::Write;

use serde::Serialize;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_lsp::ls_types::LSPAny;

/// What a body turned out to be.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A request or a notification.
    Request(Request),
    /// The client's answer to a request of ours.
    Response(Response),
    /// No message; this is the answer.
    Malformed(Response),
    /// No message, and none that can be answered.
    Ignored,
}

impl Incoming {
    /// The answer to something that is not even JSON in a frame.
    pub(super) fn malformed(problem: &'static str) -> Self {
        refuse(Id::Null, ErrorCode::ParseError, problem.to_owned())
    }
}

/// Reads a body.
pub(super) fn parse(body: &[u8]) -> Incoming {
    let value: LSPAny = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => return refuse(Id::Null, ErrorCode::ParseError, error.to_string()),
    };
    let Some(object) = value.as_object() else {
        return refuse(Id::Null, ErrorCode::InvalidRequest, "a message is one JSON object".to_owned());
    };
    let id = object.get("id").and_then(|id| serde_json::from_value(id.clone()).ok()).unwrap_or_default();
    if object.contains_key("method") {
        return match serde_json::from_value(value) {
            Ok(request) => Incoming::Request(request),
            Err(error) => refuse(id, ErrorCode::InvalidRequest, error.to_string()),
        };
    }
    if object.contains_key("result") || object.contains_key("error") {
        return match serde_json::from_value(value) {
            Ok(response) => Incoming::Response(response),
            Err(error) => {
                tracing::warn!(%error, "an answer of the client makes no sense");
                Incoming::Ignored
            }
        };
    }
    refuse(id, ErrorCode::InvalidRequest, "neither method nor result".to_owned())
}

/// A message as a frame.
///
/// # Errors
/// When it cannot be written as JSON.
pub(super) fn encode(message: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let body = serde_json::to_vec(message)?;
    let mut frame = Vec::with_capacity(body.len() + 32);
    write!(frame, "Content-Length: {}\r\n\r\n", body.len()).map_err(serde_json::Error::io)?;
    frame.extend_from_slice(&body);
    Ok(frame)
}

fn refuse(id: Id, code: ErrorCode, message: String) -> Incoming {
    tracing::warn!(%id, %code, "a malformed message was refused");
    Incoming::Malformed(Response::from_error(id, Error { code, message: message.into(), data: None }))
}

#[cfg(test)]
mod tests {
    use super::{Incoming, parse};

    fn check(body: &str, expected: &str) {
        let found = match parse(body.as_bytes()) {
            Incoming::Request(request) => format!("request {}", request.method()),
            Incoming::Response(response) => format!("response {}", response.id()),
            Incoming::Malformed(answer) => {
                format!("error {} for {}", answer.error().expect("an error").code, answer.id())
            }
            Incoming::Ignored => "ignored".to_owned(),
        };
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn messages_are_told_apart() {
        check(r#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#, "request shutdown");
        check(r#"{"jsonrpc":"2.0","method":"exit"}"#, "request exit");
        check(r#"{"jsonrpc":"2.0","id":7,"result":null}"#, "response 7");
        check(r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"no"}}"#, "response 7");
    }

    #[test]
    fn malformed_messages_are_answered() {
        check("{", "error -32700 for null");
        check("", "error -32700 for null");
        check("[]", "error -32600 for null");
        check(r#"{"jsonrpc":"1.0","id":3,"method":"shutdown"}"#, "error -32600 for 3");
        check(r#"{"jsonrpc":"2.0","id":"a","method":5}"#, "error -32600 for \"a\"");
        check(r#"{"jsonrpc":"2.0","id":{},"method":"shutdown"}"#, "error -32600 for null");
        check(r#"{"jsonrpc":"2.0","id":4}"#, "error -32600 for 4");
        check(r#"{"jsonrpc":"2.0","id":{},"result":1}"#, "ignored");
    }
}
