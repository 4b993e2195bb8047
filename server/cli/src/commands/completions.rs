//! `ropewalk completions SHELL`.

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::output;

/// Prints the completion script.
pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "ropewalk", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
