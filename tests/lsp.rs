//! The language server over a pipe, in process and as a spawned program.
