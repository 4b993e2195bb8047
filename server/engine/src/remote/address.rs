//! The address of a model server: checked, and told apart by whether what is sent there stays nearby.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::EngineError;

/// What an address looks like, for messages.
const EXPECTED: &str = "expected http://HOST:PORT or https://HOST, with #MODEL behind it where the server has several";
/// Names that are never a public host: special-use domains (RFC 6761, RFC 6762, RFC 9476's `.internal`) and the usual one.
const NEAR_DOMAINS: [&str; 5] = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];

/// A server's address and the model named with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Without `/v1`, and with a closing slash.
    base: Url,
    pub(super) model: Option<String>,
}

impl Address {
    /// Reads `URL#MODEL`.
    ///
    /// # Errors
    /// `UnsupportedModel` with what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, EngineError> {
        // The text may hold a password: it is repeated only where it cannot.
        let wrong = |why: &str| EngineError::UnsupportedModel(format!("the model server's address {why}; {EXPECTED}"));
        let mut base = Url::parse(text).map_err(|error| wrong(&format!("is no URL ({error})")))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(wrong(&format!("begins with {}:", base.scheme())));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("holds a user name or password, which logs would show: give the key in the environment"));
        }
        if base.query().is_some() {
            return Err(wrong("holds a query (`?…`)"));
        }
        let model = base.fragment().filter(|it| !it.is_empty()).map(percent_decoded);
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/');
        let path = format!("{}/", path.strip_suffix("/v1").unwrap_or(path));
        base.set_path(&path);
        Ok(Self { base, model })
    }

    /// The URL of a path such as `v1/models`.
    pub(super) fn endpoint(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }

    /// Requests to it are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// It is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match self.ip() {
            Some(ip) => ip.to_canonical().is_loopback(),
            None => self.base.host_str().is_some_and(|host| host == "localhost" || host.ends_with(".localhost")),
        }
    }

    /// It is this machine or one of a private network, as far as the address tells.
    pub(super) fn is_near(&self) -> bool {
        match self.ip().map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
            Some(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
            // A name without a dot is one of the local network.
            None => self
                .base
                .host_str()
                .is_some_and(|host| !host.contains('.') || NEAR_DOMAINS.iter().any(|domain| host.ends_with(domain))),
        }
    }

    fn ip(&self) -> Option<IpAddr> {
        let host = self.base.host_str()?;
        host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

/// The address without the model: for messages.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

/// A fragment comes out of the URL parser with some characters as `%XX`; names of models hold spaces at times.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| tail.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Address;

    fn check(text: &str, expect: Expect) {
        let answer = match Address::parse(text) {
            Ok(it) => {
                let near = if it.is_loopback() {
                    "loopback"
                } else if it.is_near() {
                    "near"
                } else {
                    "far"
                };
                format!("{} {:?} {near}", it.endpoint("v1/models"), it.model)
            }
            Err(error) => error.to_string(),
        };
        expect.assert_eq(&answer);
    }

    #[test]
    fn addresses() {
        check("http://127.0.0.1:8080", expect!["http://127.0.0.1:8080/v1/models None loopback"]);
        check("http://127.0.0.1:8080/v1/", expect!["http://127.0.0.1:8080/v1/models None loopback"]);
        check("http://[::1]:1/v1#a/b:c", expect![[r#"http://[::1]:1/v1/models Some("a/b:c") loopback"#]]);
        check("http://[::ffff:127.0.0.1]", expect!["http://[::ffff:7f00:1]/v1/models None loopback"]);
        check("http://localhost#", expect!["http://localhost/v1/models None loopback"]);
        check("http://gpu1:8000#my model", expect![[r#"http://gpu1:8000/v1/models Some("my model") near"#]]);
        check("http://10.1.2.3", expect!["http://10.1.2.3/v1/models None near"]);
        check("http://[fd00::1]", expect!["http://[fd00::1]/v1/models None near"]);
        check("https://example.org/api/v1", expect!["https://example.org/api/v1/models None far"]);
        check("http://10.example.org", expect!["http://10.example.org/v1/models None far"]);
        check("http://8.8.8.8", expect!["http://8.8.8.8/v1/models None far"]);
    }

    #[test]
    fn wrong_addresses() {
        check(
            "gpu1",
            expect![
                "the model server's address is no URL (relative URL without a base); expected http://HOST:PORT or https://HOST, with #MODEL behind it where the server has several"
            ],
        );
        check(
            "gpu1:8000",
            expect![
                "the model server's address begins with gpu1:; expected http://HOST:PORT or https://HOST, with #MODEL behind it where the server has several"
            ],
        );
        check(
            "https://me:secret@example.org",
            expect![
                "the model server's address holds a user name or password, which logs would show: give the key in the environment; expected http://HOST:PORT or https://HOST, with #MODEL behind it where the server has several"
            ],
        );
        check(
            "https://example.org/?key=1",
            expect![
                "the model server's address holds a query (`?…`); expected http://HOST:PORT or https://HOST, with #MODEL behind it where the server has several"
            ],
        );
    }
}
