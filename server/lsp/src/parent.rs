//! Watches the process that started the server (`initialize.processId`): "If the parent process is not alive then the
//! server should exit" (LSP 3.18, `InitializeParams`).
//!
//! Works through `/proc`, hence on Linux alone. Elsewhere, and where the process cannot be seen (another container), a
//! server is left to the end of its input, which comes with the end of its parent as well.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(500);

/// A future that ends when the process is gone; `None` when it cannot be seen.
pub(crate) fn watch(process_id: u32) -> Option<impl Future<Output = ()> + Send + 'static> {
    let stat = PathBuf::from(format!("/proc/{process_id}/stat"));
    // Read before anything else can happen: a process that ends now must not be taken for one that cannot be seen.
    // Reading from `/proc` does not wait.
    let Some(first) = identity(&stat) else {
        tracing::debug!(process_id, "the parent process cannot be watched");
        return None;
    };
    Some(async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        while identity(&stat).as_ref() == Some(&first) {
            ticks.tick().await;
        }
        tracing::info!(process_id, "the parent process is gone");
    })
}

/// What tells a living process from a later one with the same number: the time it started.
fn identity(stat: &Path) -> Option<String> {
    start_time(&std::fs::read_to_string(stat).ok()?).map(str::to_owned)
}

/// Field 22 of `/proc/PID/stat` (proc_pid_stat(5)); `None` for a process that ended but is not yet collected. The
/// second field, the name in parentheses, may itself hold spaces and parentheses.
fn start_time(stat: &str) -> Option<&str> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)
}

#[cfg(test)]
mod tests {
    use super::start_time;

    #[test]
    fn the_start_time_is_field_22() {
        let stat = "4711 (odd ) name) S 1 4711 4711 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 10000 50";
        assert_eq!(start_time(stat), Some("987654"));
        assert_eq!(start_time(&stat.replace(") S 1", ") Z 1")), None);
        assert_eq!(start_time(""), None);
    }
}
