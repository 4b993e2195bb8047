//! What the user says of a model server. Nothing is checked here: a wrong address is a load that fails.

use std::fmt;
use std::time::Duration;

/// A model on a server.
#[derive(Clone, Debug)]
pub struct RemoteSource {
    /// Where the server is, such as `http://127.0.0.1:8080` or `https://models.example.org/v1`; the model's name may
    /// follow behind `#`, and must where the server has several.
    pub url: String,
    /// What the server knows the user by.
    pub api_key: Option<ApiKey>,
    /// How the model wants to be asked to fill a hole, for servers that do not write such prompts themselves.
    pub fim: Option<FimMarkers>,
    /// Tokens of context; `None` = what the server says.
    pub context_length: Option<usize>,
    /// How long the server is waited for.
    pub timeouts: RemoteTimeouts,
}

impl RemoteSource {
    /// A server by its address, with everything else left to be found out.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), api_key: None, fim: None, context_length: None, timeouts: RemoteTimeouts::default() }
    }
}

/// A secret that no log and no error shows.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes the key over.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The secret itself: for the one header that carries it.
    #[cfg(feature = "remote")]
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(hidden)")
    }
}

/// The texts of a model's fill-in-the-middle markers. The server must read them as control tokens in a prompt, as vLLM
/// does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FimMarkers {
    /// Goes before the prefix.
    pub prefix: String,
    /// Goes before the suffix.
    pub suffix: String,
    /// Goes before the text to be written.
    pub middle: String,
    /// Goes before each file of a prompt with several, for models that were trained with such prompts.
    pub file_separator: Option<String>,
    /// Goes before the name of the repository, likewise.
    pub repository: Option<String>,
}

/// How long a server is waited for. A request's own deadline ends it earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteTimeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the request to the first text: some servers load the model with the first request.
    pub first_token: Duration,
    /// From one event to the next, once there was text; thoughts that are not part of the text count.
    pub between_tokens: Duration,
}

impl Default for RemoteTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_token: Duration::from_secs(120),
            between_tokens: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, RemoteSource};

    #[test]
    fn a_key_is_never_shown() {
        let mut source = RemoteSource::new("http://127.0.0.1:1");
        source.api_key = Some(ApiKey::new("sk-secret"));
        assert!(!format!("{source:?} {source:#?}").contains("secret"));
    }
}
