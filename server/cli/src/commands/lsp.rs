//! `ropewalk lsp`: the language server on standard streams or one socket, with the bridge beside it where asked for.

use anyhow::{Context, ensure};
use bridge::BridgeConfig;
use tokio::net::TcpListener;

use crate::args::LspArgs;
use crate::config::Config;
use crate::wiring;

/// Serves one client, which is told the mistakes; the exit code is the specification's.
pub(crate) fn run(config: &Config, args: &LspArgs, mistakes: Vec<String>) -> anyhow::Result<u8> {
    if let Some(http) = args.http {
        ensure!(
            http.ip().is_loopback(),
            "--http {http}: a loopback address is needed; `ropewalk serve` can listen on others"
        );
    }
    let runtime = wiring::runtime()?;
    let assist = wiring::start_server(config);
    let code = runtime.block_on(async {
        if let Some(address) = args.http {
            let listener = TcpListener::bind(address).await.with_context(|| format!("--http {address}"))?;
            // Ends with the process: the editor's session decides how long that is.
            tokio::spawn(bridge::serve(listener, assist.clone(), BridgeConfig::default(), std::future::pending()));
        }
        match args.tcp {
            None => anyhow::Ok(lsp::serve(tokio::io::stdin(), tokio::io::stdout(), assist, mistakes).await),
            Some(address) => {
                let listener = TcpListener::bind(address).await.with_context(|| format!("--tcp {address}"))?;
                tracing::info!(address = %listener.local_addr()?, "waiting for one client");
                let (stream, _) = listener.accept().await.with_context(|| format!("--tcp {address}"))?;
                let (input, output) = stream.into_split();
                Ok(lsp::serve(input, output, assist, mistakes).await)
            }
        }
    });
    // Reading standard input cannot be interrupted: waiting for that thread would keep the process alive after `exit`.
    runtime.shutdown_background();
    Ok(u8::try_from(code?).unwrap_or(1))
}
