//! The boundary to engines that may panic on odd text: one failed engine is one honest finding, not a lost answer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use syntax::TextRange;

use super::{Diagnostic, Severity};

/// Code of a text that the rules of its language could not be run on.
pub(super) const RULES_FAILED: &str = "rules-failed";

/// Deepest nesting that rules are run on. Real code stays far below; engines recurse.
pub(crate) const MAX_DEPTH: usize = 2_000;

/// Runs an engine.
///
/// # Errors
/// The finding that stands for those that the engine did not get to, when it panics.
pub(crate) fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Box<Diagnostic>> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let reason = one_line(&*panic);
        Box::new(not_checked(&format!(
            "the rules failed on this text and were left out ({reason}); please report it with the text"
        )))
    })
}

/// The finding of a text that is nested too deeply.
pub(super) fn too_deep() -> Diagnostic {
    not_checked("this is nested too deeply for the rules to be run on it")
}

fn not_checked(message: &str) -> Diagnostic {
    Diagnostic::new(Severity::Information, RULES_FAILED, TextRange::empty(0), message)
}

fn one_line(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason given").split_whitespace().collect::<Vec<_>>().join(" ")
}
