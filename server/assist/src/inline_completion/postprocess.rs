//! From what the model wrote to what is shown: pure functions over text.
//!
//! A model's text is untrusted and does not know where the hole ends. Each step has one duty and its own file; [`fit`]
//! puts them in order. Stated and property-tested: after accepting, the completion's last non-blank line does not
//! stand twice in a row, and the text after the cursor is unchanged except for closers that were typed over.
//!
//! Not here: whether the result parses (`syntax_check`), which needs a document.

mod clean;
mod lines;
mod overlap;

use analysis::Hole;
use syntax::Document;

use super::SilenceReason;
use super::site::Site;
pub(crate) use lines::last_line_stands_twice;

/// A completion that fits its site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fitted {
    /// What is inserted at the cursor, with line feeds only.
    pub(crate) text: String,
    /// Bytes of the line after the cursor that the text types over.
    pub(crate) overtyped: usize,
    /// Closers, innermost first, of what the text opens and nothing closes.
    pub(crate) unclosed: String,
}

/// Fits `raw` into the site at `offset` of `document`. `cut_short` says that the model would have written on (limit or
/// deadline).
///
/// # Errors
/// Why nothing is left.
pub(crate) fn fit(
    raw: &str,
    cut_short: bool,
    document: &Document,
    offset: usize,
    site: &Site,
) -> Result<Fitted, SilenceReason> {
    let mut text = clean::clean(raw);
    if cut_short && site.hole != Hole::SingleLine {
        lines::drop_half_line(&mut text);
    }
    clean::drop_doubled_space(&mut text, &site.line_prefix);
    text.truncate(analysis::truncate_to_hole(document, offset, &text, site.hole));
    clean::follow_indent_style(&mut text, site.indent_style);
    lines::cut_repetition(&mut text);
    let had_text = !text.trim().is_empty();
    lines::cut_following_lines(&mut text, site);
    overlap::cut_overlap(&mut text, &site.line_suffix);
    let mut fitted = if site.is_code {
        let balance = analysis::balance_brackets(document, offset, &text);
        text.truncate(balance.keep);
        Fitted { text, overtyped: balance.overtype, unclosed: balance.missing }
    } else {
        Fitted { text, overtyped: 0, unclosed: String::new() }
    };
    overlap::type_over_closers_only(&mut fitted, &site.line_suffix);
    overlap::move_closer_down(&mut fitted, site);
    fitted.overtyped += overlap::retyped_end(&fitted.text, &site.line_suffix[fitted.overtyped..]);
    let rest = &site.line_suffix[fitted.overtyped..];
    if overlap::begins_like(&fitted.text, rest) || overlap::runs_together(&fitted.text, &site.line_prefix, rest) {
        return Err(SilenceReason::DuplicateOfSuffix);
    }
    lines::drop_duplicated_last_line(&mut fitted, site);
    if fitted.text.trim().is_empty() || fitted.text == site.line_suffix[..fitted.overtyped] {
        return Err(if had_text { SilenceReason::DuplicateOfSuffix } else { SilenceReason::Empty });
    }
    Ok(fitted)
}

#[cfg(test)]
mod tests;
