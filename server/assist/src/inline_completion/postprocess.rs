//! From what the model wrote to what is shown: pure functions over text.
//!
//! A model's text is untrusted and does not know where the hole ends. Each step has one duty and its own file; [`fit`]
//! puts them in order. Stated and property-tested: after accepting, the completion's last non-blank line does not
//! stand twice in a row, and the text after the cursor is unchanged except for closers that were typed over.
//!
//! Not here: whether the result parses (`syntax_check`), which needs a document.

mod clean;
mod lines;
mod markers;
mod overlap;
mod reindent;

use syntax::Document;

use super::SilenceReason;
use super::site::Site;
pub(crate) use lines::last_line_stands_twice;
pub(crate) use markers::spelt_marker;
pub(crate) use overlap::move_closer_down;

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
    let mut text = beginning(raw, document, offset, site);
    let kept = analysis::truncate_to_hole(document, offset, &text, site.hole);
    let is_cut_short = cut_short && kept >= text.trim_end().len();
    if is_cut_short {
        drop_half_statement(&mut text, document, offset, site);
    }
    text.truncate(kept);
    lines::cut_repetition(&mut text, &site.line_prefix);
    lines::cut_loop(&mut text);
    let had_text = !text.trim().is_empty();
    lines::cut_following_lines(&mut text, site);
    overlap::cut_overlap(&mut text, &site.line_suffix);
    let mut fitted = if site.is_code {
        let balance = analysis::balance_brackets(document, offset, &text);
        text.truncate(balance.keep);
        // The text of a string is nothing that brackets are counted in; an editor closes them there all the same.
        let in_string = if site.in_string { overlap::retyped_brackets(&text, &site.line_suffix) } else { 0 };
        Fitted { text, overtyped: balance.overtype.max(in_string), unclosed: balance.missing }
    } else {
        if site.in_comment {
            overlap::cut_foreign_closers(&mut text, &site.line_prefix, &site.line_suffix);
        }
        let overtyped = overlap::retyped_closers(&text, &site.line_suffix);
        Fitted { text, overtyped, unclosed: String::new() }
    };
    overlap::type_over_closers_only(&mut fitted, &site.line_suffix);
    move_closer_down(&mut fitted, site);
    fitted.overtyped += overlap::retyped_end(&fitted.text, &site.line_suffix[fitted.overtyped..]);
    let rest = &site.line_suffix[fitted.overtyped..];
    let is_rest_again = overlap::ends_with_rest(&fitted.text, rest);
    if is_rest_again
        || overlap::begins_like(&fitted.text, rest)
        || overlap::runs_together(&fitted.text, &site.line_prefix, rest)
    {
        return Err(SilenceReason::DuplicateOfSuffix);
    }
    lines::drop_duplicated_last_line(&mut fitted, site);
    if fitted.text.trim().is_empty() || fitted.text == site.line_suffix[..fitted.overtyped] {
        return Err(if had_text { SilenceReason::DuplicateOfSuffix } else { SilenceReason::Empty });
    }
    Ok(fitted)
}

/// What the model wrote without what nobody types, and without what stands before the cursor already.
fn beginning(raw: &str, document: &Document, offset: usize, site: &Site) -> String {
    let mut text = clean::clean(raw);
    if site.is_code && !site.in_string {
        clean::unwrap_fence(&mut text);
    }
    clean::drop_repeated_prefix(&mut text, &site.line_prefix);
    clean::drop_doubled_space(&mut text, &site.line_prefix);
    let surplus = analysis::repeated_indent(document, offset, &text);
    clean::drop_indent(&mut text, surplus, &site.line_prefix);
    reindent::reindent_block(&mut text, document, offset, site);
    clean::follow_indent_style(&mut text, site.indent_style, &site.line_prefix);
    text
}

/// Ends a text whose writer was stopped with its last whole statement. Half a line is kept where it is all there is.
fn drop_half_statement(text: &mut String, document: &Document, offset: usize, site: &Site) {
    if site.is_code && text.trim().contains('\n') {
        // Behind a line's end the last line is whole too.
        let probe = if text.ends_with('\n') { format!("{text}x") } else { text.clone() };
        let whole = analysis::whole_statements_end(document, offset, &probe);
        if whole > 0 {
            text.truncate(whole);
            return;
        }
    }
    lines::drop_half_line(text);
}

/// True when nothing that the model may still write behind `raw` can change what is shown. Asked where a line ends, and
/// where the next one begins.
pub(crate) fn is_decided(raw: &str, document: &Document, offset: usize, site: &Site) -> bool {
    let text = beginning(raw, document, offset, site);
    if text.trim().is_empty() {
        return false;
    }
    if clean::clean(raw).len() < raw.len() && spelt_marker(raw).is_some() {
        return true;
    }
    if analysis::fills_hole(document, offset, &text, site.hole) {
        return true;
    }
    // Whole lines that say what was said, or what stands below.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut kept = whole.to_owned();
    lines::cut_repetition(&mut kept, &site.line_prefix);
    lines::cut_following_lines(&mut kept, site);
    kept.len() < whole.len()
}

#[cfg(test)]
mod tests;
