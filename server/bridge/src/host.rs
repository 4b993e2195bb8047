//! Which web pages may call: the `Host` and `Origin` rules, and CORS.
//!
//! A server on loopback without keys trusts whoever can reach it, and every web page that a
//! person opens can make the browser send requests to it. Two rules keep pages out: `Host`
//! must be a loopback name (a page that rebinds its own name to 127.0.0.1 sends its own name),
//! and an `Origin` must be the server's own or an allowed one.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::state::App;

/// Response headers that scripts of an allowed origin may read.
const EXPOSED: &str =
    "x-request-id, x-job-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after";

/// Request headers that scripts of an allowed origin may send.
const ALLOWED_HEADERS: &str = "authorization, content-type, x-api-key, x-request-id";

/// Refuses foreign pages, answers preflights, and names the allowed origin on each answer.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_allowed = origin.as_ref().is_some_and(|it| is_listed(it, &app.config.allowed_origins));
    if app.config.loopback && app.keys.is_empty() {
        if !has_loopback_host(request.headers(), request.uri()) {
            return ApiError::forbidden("host_not_allowed", "this server answers to localhost only").into_response();
        }
        if let Some(origin) = &origin
            && !is_allowed
            && !is_own(origin, request.headers())
        {
            return ApiError::forbidden(
                "origin_not_allowed",
                "pages of this origin may not call this server; --allow-origin opens it",
            )
            .into_response();
        }
    }
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let private_network = request.headers().contains_key("access-control-request-private-network");
    let mut response = if is_allowed && is_preflight { preflight(private_network) } else { next.run(request).await };
    if !app.config.allowed_origins.is_empty() {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin.filter(|_| is_allowed) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    response
}

fn preflight(private_network: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if private_network {
        headers.insert("access-control-allow-private-network", HeaderValue::from_static("true"));
    }
    response
}

/// `null` is listed only literally: `*` does not mean sandboxed frames and local files.
fn is_listed(origin: &HeaderValue, listed: &[String]) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    listed.iter().any(|it| it.trim_end_matches('/').eq_ignore_ascii_case(origin) || (it == "*" && origin != "null"))
}

/// Both the `Host` header and the target of the request, where it has one, must name this machine.
fn has_loopback_host(headers: &HeaderMap, uri: &Uri) -> bool {
    if uri.authority().is_some_and(|it| !is_loopback_name(it.host())) {
        return false;
    }
    match single_host(headers) {
        Some(host) => is_loopback_name(host.host()),
        None => uri.authority().is_some() && !headers.contains_key(header::HOST),
    }
}

/// The authority in `Host`; `None` when there is none, more than one, or it is malformed.
fn single_host(headers: &HeaderMap) -> Option<Authority> {
    let mut all = headers.get_all(header::HOST).iter();
    let host = all.next()?;
    let host: Authority = all.next().is_none().then(|| host.to_str().ok()?.parse().ok()).flatten()?;
    (!host.as_str().contains('@')).then_some(host)
}

fn is_loopback_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    if let Some(v6) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        return v6.parse::<Ipv6Addr>().is_ok_and(|it| it.to_canonical().is_loopback());
    }
    host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// A page of this very server: a loopback name at the port of the `Host` header.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let Some(authority) = origin.to_str().ok().and_then(|it| it.strip_prefix("http://")) else { return false };
    let (Ok(origin), Some(host)) = (authority.parse::<Authority>(), single_host(headers)) else { return false };
    is_loopback_name(origin.host()) && origin.port_u16().unwrap_or(80) == host.port_u16().unwrap_or(80)
}

#[cfg(test)]
mod tests {
    use super::is_loopback_name;

    #[test]
    fn loopback_names() {
        for host in ["localhost", "LocalHost", "localhost.", "127.0.0.1", "127.8.9.10", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in
            ["", "example.com", "localhost.example.com", "127.0.0.1.example.com", "0.0.0.0", "[::]", "192.168.0.1"]
        {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
