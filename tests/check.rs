//! The command line, as a spawned program: what it prints and how it exits.

mod batch;
mod command_line;
mod complete;
mod eval;
mod formats;
mod hostile;
mod selection;
