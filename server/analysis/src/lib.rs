//! Facts about code, and edits to it, computed from `syntax` alone.
//!
//! Pure, synchronous, total: no I/O, no clock, no threads, and broken code is normal
//! input. Each feature is one free function over a [`syntax::Document`].

mod completion_context;
mod diagnostics;
mod outline;
mod scope;

pub use completion_context::{CompletionContext, Hole, completion_context};
pub use diagnostics::{Diagnostic, Fix, RelatedRange, Severity, diagnostics, syntax_error_count};
pub use outline::{Symbol, SymbolKind, enclosing_symbols, outline};
pub use scope::{Definition, Name, definition_at, names_in_scope, word_at};
