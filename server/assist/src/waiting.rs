//! Who waits for a long search: they may lose interest, and may want to know how far it is.

/// Somebody who waits. A closure that tells whether they lost interest is one who wants to know nothing.
pub trait Waiting {
    /// Nobody wants the result any more.
    fn is_cancelled(&self) -> bool;

    /// So many of all steps are done.
    fn progress(&self, _done: usize, _all: usize) {}
}

impl<F: Fn() -> bool> Waiting for F {
    fn is_cancelled(&self) -> bool {
        self()
    }
}
