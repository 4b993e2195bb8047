//! The HTTP bridge, called in process and over a socket.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps; the line says what was missing")]

mod completions;
mod description;
mod errors;
mod explanations;
mod formatting;
mod hosts;
mod jobs;
mod keys;
mod models;
mod socket;
mod streams;
mod text_generation;
