//! Indentation that an insertion writes although it stands before the cursor already.

use syntax::Document;

use super::text_before;
use crate::{
    block::{columns, indent_of, line_start, opens_block},
    family::Family,
    lexer::Surroundings,
    prefix::Prefix,
};

/// Bytes of white space at the start of `inserted` that would indent its first line deeper than anything that may stand
/// there: the model wrote the line's indentation again. 0 where it cannot be told.
pub fn repeated_indent(document: &Document, offset: usize, inserted: &str) -> usize {
    let blanks = indent_of(inserted);
    let before = text_before(document, offset);
    let line = line_start(&before, before.len());
    let line_prefix = &before[line..];
    let is_code_next = inserted[blanks.len()..].chars().next().is_some_and(|c| !c.is_whitespace());
    if blanks.is_empty() || !is_code_next || !line_prefix.trim().is_empty() {
        return 0;
    }
    let language = document.language();
    let prefix = Prefix::new(language, &before);
    if prefix.lexer.surroundings() != Surroundings::Code {
        return 0;
    }
    let here = columns(line_prefix);
    if Family::of(language) == Family::Other {
        // What a deeper line means is known to the language alone.
        let is_doubled = here > 0 && columns(blanks) == here;
        return if is_doubled { blanks.len() } else { 0 };
    }
    let deepest = match prefix.last_code_line(line) {
        None => here,
        Some(above) => {
            let outer = columns(prefix.statement_indent(above));
            let in_new_bracket = prefix.openers.last().is_some_and(|opener| opener.at >= above.start);
            let may_be_deeper = in_new_bracket || opens_block(language, prefix.code_line(above.start, above.end));
            match (may_be_deeper, here > outer) {
                (true, false) => return 0,
                (true, true) => here,
                (false, _) => outer.max(here),
            }
        }
    };
    let kept = (0..=blanks.len()).rev().find(|&kept| columns(&format!("{line_prefix}{}", &blanks[..kept])) <= deepest);
    blanks.len() - kept.unwrap_or(0)
}
