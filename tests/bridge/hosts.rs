//! Which web pages may call: `Host`, `Origin` and CORS.

use assist::model::Script;
use axum::http::StatusCode;
use bridge::{ApiKey, BridgeConfig};
use serde_json::json;

use crate::support::http_client::{Bridge, Call};

fn bridge(config: BridgeConfig) -> Bridge {
    Bridge::with(Script::new(["x"]), config)
}

async fn check(bridge: &Bridge, host: Option<&str>, origin: Option<&str>, expect: &str) {
    for call in
        [Call::get("/health"), Call::post("/generate", json!({"prompt": "x", "temperature": 0})), Call::get("/nothing")]
    {
        let mut call = match host {
            Some(host) => call.header("host", host),
            None => call.without_header("host"),
        };
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        let summary = bridge.send(call).await.summary();
        let summary = summary.replace("404 unknown_path", "200");
        assert_eq!(summary, expect, "host {host:?}, origin {origin:?}");
    }
}

#[tokio::test]
async fn on_loopback_without_keys() {
    let bridge = bridge(BridgeConfig::default());
    for host in ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "127.1.2.3", "[::1]", "[::1]:8000"] {
        check(&bridge, Some(host), None, "200").await;
    }
    for host in [
        "example.com",
        "example.com:8000",
        "localhost.example.com",
        "0.0.0.0:8000",
        "192.168.1.2",
        "[::]:8000",
        "",
        "evil@localhost",
    ] {
        check(&bridge, Some(host), None, "403 host_not_allowed").await;
    }
    check(&bridge, None, None, "403 host_not_allowed").await;
    let own = ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"];
    for origin in own {
        check(&bridge, Some("localhost:8000"), Some(origin), "200").await;
    }
    let foreign = [
        "https://example.com",
        "null",
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:8000",
        "http://localhost:8000.example.com",
        "file://",
        "",
    ];
    for origin in foreign {
        check(&bridge, Some("localhost:8000"), Some(origin), "403 origin_not_allowed").await;
    }
    // A page that rebinds its name sends an origin that fits its host.
    check(&bridge, Some("example.com:8000"), Some("http://example.com:8000"), "403 host_not_allowed").await;
}

#[tokio::test]
async fn two_hosts_are_none() {
    let bridge = bridge(BridgeConfig::default());
    let call = Call::get("/health").also_header("host", "example.com");
    assert_eq!(bridge.send(call).await.summary(), "403 host_not_allowed");
}

#[tokio::test]
async fn keys_or_another_address_lift_the_rule() {
    let key = ApiKey { key: "k".to_owned(), user: "ann".to_owned(), limit_per_minute: 100 };
    let keyed = bridge(BridgeConfig { keys: vec![key], ..BridgeConfig::default() });
    let open = bridge(BridgeConfig { loopback: false, ..BridgeConfig::default() });
    for bridge in [keyed, open] {
        let call = Call::get("/model_status")
            .header("host", "models.example.com")
            .header("origin", "https://example.com")
            .header("x-api-key", "k");
        let answer = bridge.send(call).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), None, "no CORS without --allow-origin");
    }
}

#[tokio::test]
async fn cors_for_allowed_origins() {
    let config =
        BridgeConfig { allowed_origins: vec!["https://app.example.com".to_owned()], ..BridgeConfig::default() };
    let bridge = bridge(config);
    check(&bridge, Some("localhost:8000"), Some("https://app.example.com"), "200").await;
    check(&bridge, Some("localhost:8000"), Some("https://other.example.com"), "403 origin_not_allowed").await;
    check(&bridge, Some("example.com"), Some("https://app.example.com"), "403 host_not_allowed").await;

    let answer = bridge.send(Call::get("/health").header("origin", "https://app.example.com")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("x-job-id"));
    assert_eq!(answer.header("vary"), Some("origin"));

    let preflight = |origin: &str| {
        Call::new("OPTIONS", "/v1/completions")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .header("access-control-request-private-network", "true")
    };
    let answer = bridge.send(preflight("https://app.example.com")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("content-type"));
    assert_eq!(answer.header("access-control-allow-private-network"), Some("true"));
    assert_eq!(bridge.send(preflight("https://other.example.com")).await.summary(), "403 origin_not_allowed");
}

#[tokio::test]
async fn a_preflight_needs_no_key() {
    let key = ApiKey { key: "k".to_owned(), user: "ann".to_owned(), limit_per_minute: 100 };
    let origins = vec!["*".to_owned()];
    let bridge = bridge(BridgeConfig { keys: vec![key], allowed_origins: origins, ..BridgeConfig::default() });
    let call = Call::new("OPTIONS", "/v1/completions")
        .header("origin", "https://any.example.com")
        .header("access-control-request-method", "POST");
    assert_eq!(bridge.send(call.clone()).await.status, StatusCode::NO_CONTENT);
    // `*` is every page with a name; sandboxed frames and local files have none.
    assert_eq!(bridge.send(call.header("origin", "null")).await.summary(), "401 invalid_api_key");
    // An error can be read by the page as well.
    let answer = bridge.send(Call::get("/model_status").header("origin", "https://any.example.com")).await;
    assert_eq!(answer.summary(), "401 invalid_api_key");
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://any.example.com"));
}
