//! One file a command: arguments in, exit code out.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod format;
pub(crate) mod lsp;
pub(crate) mod model;
pub(crate) mod serve;
