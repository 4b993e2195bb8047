//! Writing to standard output and error: pipes may close, and not every error is worth a backtrace.

use std::io::{self, Write};

/// Writes `text` to standard output.
///
/// # Errors
/// What the stream failed with; a closed pipe is recognised by [`is_broken_pipe`].
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a value as pretty JSON with a line end.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}

/// One line for a person on standard error, beside what standard output holds.
pub(crate) fn note(text: &str) {
    // As below.
    let _ = writeln!(io::stderr(), "ropewalk: {text}");
}

/// One line about an error and its causes on standard error.
pub(crate) fn error_line(error: &anyhow::Error) {
    // When even standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "ropewalk: error: {error:#}");
}

/// An error and its causes on one line, for a message: of a parser's picture of the place the first line and the last.
pub(crate) fn in_one_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    lines.next_back().map_or_else(|| first.to_owned(), |last| format!("{first}: {last}"))
}

/// One line on standard error as it is: what an editor or a person looks for at its start, such as a place in a file.
pub(crate) fn plain_note(line: &str) {
    // When even standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{line}");
}

/// True when the reader of our output went away, as `| head` does: not an error of ours.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
