//! Every test that drives the program from outside a crate: protocols, spawned binary, house rules.
//!
//! One test binary, declared by `server/cli`, so that the built `ropewalk` is at hand. Tests of
//! one crate's inside live beside its code.

mod bridge;
mod check;
mod editors;
mod lsp;
mod remote;
mod support;
mod tidy;
