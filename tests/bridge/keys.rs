//! Keys, rate limits and bans. What passes with time is tested beside `limits.rs`, where time is an argument.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use assist::model::Script;
use axum::http::StatusCode;
use bridge::{ApiKey, BridgeConfig};
use serde_json::json;

use crate::support::http_client::{Bridge, Call};

fn key(key: &str, user: &str, limit_per_minute: u32) -> ApiKey {
    ApiKey { key: key.to_owned(), user: user.to_owned(), limit_per_minute }
}

fn config() -> BridgeConfig {
    BridgeConfig { keys: vec![key("ann-key", "ann", 100), key("bob-key", "bob", 2)], ..BridgeConfig::default() }
}

fn bridge(config: BridgeConfig) -> Bridge {
    Bridge::with(Script::new(["x"]), config)
}

#[tokio::test]
async fn where_a_key_may_be() {
    let bridge = bridge(config());
    let get = || Call::get("/model_status");
    let good = [
        get().header("x-api-key", "ann-key"),
        get().header("authorization", "Bearer ann-key"),
        get().header("authorization", "bearer  ann-key "),
        Call::get("/model_status?api_key=ann-key"),
        Call::get("/model_status?x=1&api_key=ann%2Dkey"),
        // The header counts before the query.
        Call::get("/model_status?api_key=wrong").header("x-api-key", "ann-key"),
    ];
    for call in good {
        assert_eq!(bridge.send(call.clone()).await.status, StatusCode::OK, "{call:?}");
    }
    let bad = [
        get(),
        get().header("x-api-key", ""),
        get().header("x-api-key", "ann-keys"),
        get().header("x-api-key", "ann-ke"),
        get().header("x-api-key", "ANN-KEY"),
        get().header("authorization", "Basic ann-key"),
        get().header("authorization", "ann-key"),
        Call::get("/model_status?api_key=wrong"),
        get().header("x-api-key", "wrong").header("authorization", "Bearer ann-key"),
    ];
    for call in bad {
        let answer = bridge.send(call.clone()).await;
        assert_eq!(answer.summary(), "401 invalid_api_key", "{call:?}");
        assert!(answer.header("www-authenticate").is_some_and(|it| it.starts_with("Bearer")));
        assert_eq!(answer.header("x-ratelimit-limit"), None);
    }
}

#[tokio::test]
async fn what_is_open_without_a_key() {
    let bridge = bridge(config());
    for path in ["/", "/health", "/health/live", "/health/ready", "/docs", "/docs/swagger-ui.css", "/openapi.json"] {
        assert_eq!(bridge.send(Call::get(path)).await.status, StatusCode::OK, "{path}");
    }
    let described = bridge.api()["paths"].as_object().unwrap().keys();
    for path in described.filter(|it| it.starts_with("/api/") || it.starts_with("/v1/") || it.starts_with("/info")) {
        assert_eq!(bridge.send(Call::get(path)).await.summary(), "401 invalid_api_key", "{path}");
    }
    assert_eq!(bridge.send(Call::get("/nothing")).await.summary(), "401 invalid_api_key");
}

#[tokio::test]
async fn without_configured_keys_any_key_passes() {
    let bridge = Bridge::new(&["x"]);
    let answer = bridge.send(Call::get("/v1/models").header("authorization", "Bearer none")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("x-ratelimit-limit"), None);
}

#[tokio::test]
async fn rate_limits_are_told_and_kept() {
    let bridge = bridge(config());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let bob = || Call::get("/model_status").header("x-api-key", "bob-key");
    for (expect, remaining) in [("200", "1"), ("200", "0"), ("429 rate_limited", "0"), ("429 rate_limited", "0")] {
        let answer = bridge.send(bob()).await;
        assert_eq!(answer.summary(), expect);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("2"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(remaining));
        let reset: u64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!((now + 50..=now + 70).contains(&reset), "reset at {reset}, now {now}");
        let retry = answer.header("retry-after").map(|it| it.parse::<u64>().unwrap());
        assert_eq!(retry.is_some_and(|it| (50..=60).contains(&it)), expect.starts_with("429"), "{retry:?}");
    }
    // Another key is not concerned, nor what needs none.
    let ann = bridge.send(Call::get("/model_status").header("x-api-key", "ann-key")).await;
    assert_eq!((ann.summary().as_str(), ann.header("x-ratelimit-remaining")), ("200", Some("99")));
    let open = bridge.send(Call::get("/health").header("x-api-key", "bob-key")).await;
    assert_eq!((open.summary().as_str(), open.header("x-ratelimit-limit")), ("200", None));
}

#[tokio::test]
async fn failed_keys_ban_an_address() {
    let bridge = bridge(BridgeConfig { ban_after_failures: 3, ban_duration: Duration::from_secs(900), ..config() });
    let from = |ip: [u8; 4], key: &str| Call::get("/model_status").header("x-api-key", key).sent_from(ip);
    let eve = [203, 0, 113, 5];
    // A missing key is no guess.
    for _ in 0..5 {
        let call = Call::get("/model_status").sent_from(eve);
        assert_eq!(bridge.send(call).await.summary(), "401 invalid_api_key");
    }
    for expect in ["401 invalid_api_key", "401 invalid_api_key", "401 invalid_api_key", "403 address_banned"] {
        assert_eq!(bridge.send(from(eve, "guess")).await.summary(), expect);
    }
    let banned = bridge.send(from(eve, "ann-key")).await;
    assert_eq!(banned.summary(), "403 address_banned", "the right key comes too late");
    let retry: u64 = banned.header("retry-after").unwrap().parse().unwrap();
    assert!((890..=900).contains(&retry));
    assert_eq!(bridge.send(from([203, 0, 113, 6], "ann-key")).await.status, StatusCode::OK);
    // A forged header of somebody who is no proxy changes nothing.
    let forged = from(eve, "ann-key").header("x-forwarded-for", "203.0.113.7");
    assert_eq!(bridge.send(forged).await.summary(), "403 address_banned");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_banned() {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let bridge = bridge(BridgeConfig { ban_after_failures: 1, trusted_proxies, ..config() });
    let through = |forwarded: &str, key: &str| {
        Call::get("/model_status")
            .header("x-api-key", key)
            .header("x-forwarded-for", forwarded)
            .sent_from([10, 0, 0, 1])
    };
    assert_eq!(bridge.send(through("203.0.113.5", "guess")).await.summary(), "401 invalid_api_key");
    let cases = [
        ("203.0.113.5", "403 address_banned"),
        ("203.0.113.6", "200"),
        // The client wrote the first part itself; the last foreign address is who spoke to our proxy.
        ("203.0.113.6, 203.0.113.5", "403 address_banned"),
        ("203.0.113.5, 203.0.113.6", "200"),
        // Two proxies of ours in a row.
        ("203.0.113.5, 10.0.0.2", "403 address_banned"),
    ];
    for (forwarded, expect) in cases {
        assert_eq!(bridge.send(through(forwarded, "ann-key")).await.summary(), expect, "{forwarded}");
    }
}

#[tokio::test]
async fn keys_are_not_told() {
    let bridge = bridge(config());
    let answer = bridge.send(Call::get("/nothing?api_key=ann-key")).await;
    assert!(!answer.text().contains("ann-key") && !format!("{:?}", answer.headers).contains("ann-key"));
    let answer = bridge.send(Call::get("/api/v1/queue/status?api_key=ann-key&job_id=a&job_id=b")).await;
    assert_eq!(answer.summary(), "400 invalid_query");
    assert!(!answer.text().contains("ann-key"));
    assert!(!format!("{:?}", config()).contains("ann-key"), "the configuration's debug output holds a key");
}

#[tokio::test]
async fn jobs_belong_to_a_key() {
    let keys = vec![key("ann-key", "ann", 100), key("bob-key", "bob", 100)];
    let bridge = bridge(BridgeConfig { keys, ..BridgeConfig::default() });
    let generate = Call::post("/generate", json!({"prompt": "x", "temperature": 0})).header("x-api-key", "ann-key");
    let id = bridge.send(generate).await.header("x-job-id").unwrap().to_owned();
    let status = |key: &str| Call::get(&format!("/api/v1/queue/status?job_id={id}")).header("x-api-key", key);
    assert_eq!(bridge.send(status("ann-key")).await.json()["status"], "done");
    assert_eq!(bridge.send(status("bob-key")).await.summary(), "404 unknown_job");
    let cancel = |key: &str| Call::post("/api/v1/queue/cancel", json!({"job_id": id})).header("x-api-key", key);
    assert_eq!(bridge.send(cancel("bob-key")).await.summary(), "404 unknown_job");
    assert_eq!(bridge.send(cancel("ann-key")).await.json()["cancelled"], false);
    let list = |key: &str| Call::get("/api/v1/queue/status").header("x-api-key", key);
    assert_eq!(bridge.send(list("ann-key")).await.json()["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(bridge.send(list("bob-key")).await.json()["jobs"].as_array().unwrap().len(), 0);
}
