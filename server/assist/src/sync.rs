//! Locks that outlive a panic: a feature that panicked while it held one must not take the others down.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The guard, whether or not an earlier holder panicked. What these locks guard is never left half-changed:
/// each critical section is a few moves of complete values.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
