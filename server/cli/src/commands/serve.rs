//! `ropewalk serve`: the HTTP bridge, refused where it would be open to the network without a key.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use assist::model::ModelSource;
use bridge::{ApiKey, BridgeConfig, ModelResolver};
use tokio::net::TcpListener;

use crate::args::ServeArgs;
use crate::config::Config;
use crate::models::{self, ResolvedModel};
use crate::wiring;

/// Serves until interrupted.
pub(crate) fn run(config: &Config, args: &ServeArgs) -> anyhow::Result<u8> {
    let bridge_config = bridge_config(config, args)?;
    ensure!(
        bridge_config.loopback || args.insecure || !bridge_config.keys.is_empty(),
        "--host {}: everyone who reaches this address could use the bridge; set API_KEYS=key:user:limit, \
         listen on 127.0.0.1, or give --insecure",
        args.host
    );
    let runtime = wiring::runtime()?;
    let result = runtime.block_on(async {
        let address = SocketAddr::new(args.host, args.port);
        let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
        let assist = wiring::start_server(config);
        let local = listener.local_addr()?;
        tracing::info!(address = %local, "the bridge is up");
        crate::output::print(&format!("ropewalk: listening on http://{local}\n"))?;
        bridge::serve(listener, assist, bridge_config, interrupted()).await.context("the bridge failed")
    });
    runtime.shutdown_background();
    result.map(|()| 0)
}

/// Resolves on Ctrl-C or, on Unix, on SIGTERM.
async fn interrupted() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { () = ctrl_c => {}, _ = terminate.recv() => {} }
            }
            Err(_) => ctrl_c.await,
        }
    }
    #[cfg(not(unix))]
    ctrl_c.await;
}

fn bridge_config(config: &Config, args: &ServeArgs) -> anyhow::Result<BridgeConfig> {
    let trusted_proxies = args
        .trusted_proxy
        .iter()
        .map(|it| it.parse().with_context(|| format!("--trusted-proxy {it}: expected a network such as 10.0.0.0/8")))
        .collect::<anyhow::Result<_>>()?;
    Ok(BridgeConfig {
        keys: parse_keys(args.api_keys.as_deref().unwrap_or_default())?,
        loopback: args.host.is_loopback(),
        allowed_origins: args.allow_origin.clone(),
        request_timeout: Duration::from_secs(args.request_timeout),
        max_concurrent_jobs: usize::from(args.max_jobs),
        trusted_proxies,
        model_resolver: Some(model_resolver(config)),
        ..BridgeConfig::default()
    })
}

/// What `--model` takes can be named to `/load_model`; without a name it is the configured model.
fn model_resolver(config: &Config) -> ModelResolver {
    let config = config.clone();
    ModelResolver::new(move |name| match models::resolve(name.unwrap_or(&config.model), &config) {
        // A caller must not say where other callers' text, and the key, are sent.
        Ok(ResolvedModel::Source(ModelSource::Remote(_))) if name.is_some_and(|name| name != config.model) => None,
        Ok(ResolvedModel::Source(source)) => Some(source),
        Ok(ResolvedModel::None) | Err(_) => None,
    })
}

/// `key:user:limit,…`; a limit is a number of requests a minute or a tier's name.
///
/// # Errors
/// Which entry is malformed, by its number: an error must not print a key.
fn parse_keys(list: &str) -> anyhow::Result<Vec<ApiKey>> {
    let mut keys = Vec::new();
    for (i, entry) in list.split(',').map(str::trim).filter(|it| !it.is_empty()).enumerate() {
        let number = i + 1;
        let mut parts = entry.split(':');
        let (Some(key), Some(user), Some(limit), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            bail!("API_KEYS: entry {number} is not key:user:limit");
        };
        ensure!(!key.is_empty() && !user.is_empty(), "API_KEYS: entry {number} has an empty key or user");
        let limit_per_minute = match limit {
            "free" => 100,
            "pro" => 1000,
            _ => limit.parse().ok().filter(|it| *it > 0).with_context(|| {
                format!("API_KEYS: the limit of entry {number} is not `free`, `pro` or a number of requests a minute")
            })?,
        };
        keys.push(ApiKey { key: key.to_owned(), user: user.to_owned(), limit_per_minute });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::parse_keys;

    fn check(list: &str, expect: &str) {
        let answer = match parse_keys(list) {
            Ok(keys) => {
                keys.iter().map(|it| format!("{}={}", it.user, it.limit_per_minute)).collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(answer, expect);
    }

    #[test]
    fn keys() {
        check("", "");
        check("k1:ann:100", "ann=100");
        check("k1:ann:free, k2:bob:pro,", "ann=100 bob=1000");
        check("k1:ann", "API_KEYS: entry 1 is not key:user:limit");
        check("k1:ann:free,:bob:3", "API_KEYS: entry 2 has an empty key or user");
        check("k1:ann:0", "API_KEYS: the limit of entry 1 is not `free`, `pro` or a number of requests a minute");
    }
}
