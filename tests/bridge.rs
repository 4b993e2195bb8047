//! The HTTP bridge, called in process and over a socket.

mod completions;
mod description;
mod errors;
mod hosts;
mod jobs;
mod keys;
mod models;
mod socket;
mod streams;
mod text_generation;
