//! The one way from a handler to work that computes: the blocking pool, behind a panic barrier.

use assist::AssistError;

/// Runs `work` beside the runtime's own threads. A panic in it becomes [`AssistError::Panicked`] with `feature`'s name.
///
/// # Errors
/// When `work` panicked, or the runtime is shutting down.
pub(crate) async fn run<T, F>(feature: &'static str, work: F) -> Result<T, AssistError>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| if error.is_panic() { AssistError::Panicked(feature) } else { AssistError::Cancelled })
}

#[cfg(test)]
mod tests {
    use assist::AssistError;

    #[tokio::test]
    async fn a_panic_is_one_failed_request() {
        let broken: Result<(), _> = super::run("hover", || panic!("broken feature")).await;
        assert_eq!(broken, Err(AssistError::Panicked("hover")));
        assert_eq!(super::run("hover", || 1).await, Ok(1));
    }
}
