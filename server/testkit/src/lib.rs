//! Test support: fixtures with markers and pictures of results.
//!
//! Works on strings and byte offsets only; knows no crate of ours, so every crate may use it.

mod fixture;
mod picture;

pub use fixture::{CURSOR, FixtureFile, cursor, files, selection};
pub use picture::mark;
