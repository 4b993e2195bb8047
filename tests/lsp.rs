//! The language server over a pipe, in process and as a spawned program.

mod code_actions;
mod diagnostics;
mod errors;
mod features;
mod formatting;
mod inline_completion;
mod lifecycle;
mod model;
mod navigation;
mod ordering;
mod random_sessions;
mod rename;
mod settings;
mod spawned;
mod sync;
mod workspace_diagnostics;
