//! The log: always to standard error or a file, since standard output belongs to the protocols.

use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Starts the log.
///
/// # Errors
/// When the filter is malformed or the file cannot be opened.
pub(crate) fn start(config: &Config, file: Option<&Path>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .with_context(|| format!("--log {}: expected error, warn, info, debug, trace or a filter", config.log))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    match file {
        Some(path) => {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .with_context(|| format!("--log-file {}", path.display()))?;
            builder.with_ansi(false).with_writer(Arc::new(file)).init();
        }
        None => {
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
            builder.with_ansi(colour).with_writer(std::io::stderr).init();
        }
    }
    Ok(())
}
