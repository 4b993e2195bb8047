//! The one way to run pure work beside the async tasks: on the blocking pool, behind a panic barrier.

use crate::AssistError;

/// Runs `f` on the blocking pool. Dropping the future does not stop `f`, it only drops its result.
///
/// # Errors
/// [`AssistError::Panicked`] with `feature` when `f` panicked, [`AssistError::Cancelled`] when the runtime is
/// shutting down.
pub async fn run_blocking<T, F>(feature: &'static str, f: F) -> Result<T, AssistError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    match tokio::task::spawn_blocking(f).await {
        Ok(value) => Ok(value),
        Err(error) if error.is_panic() => {
            tracing::error!(feature, "a feature panicked");
            Err(AssistError::Panicked(feature))
        }
        Err(_) => Err(AssistError::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::run_blocking;
    use crate::AssistError;

    #[tokio::test]
    async fn a_panic_is_an_error_of_this_call_only() {
        let failed: Result<(), _> = run_blocking("hover", || panic!("provoked")).await;
        assert_eq!(failed, Err(AssistError::Panicked("hover")));
        assert_eq!(run_blocking("hover", || 7).await, Ok(7));
    }
}
