//! SQL, by `sqlformat`. It reads tokens, not sentences: what does not parse is laid out as well as it goes, and words
//! keep their case.

use sqlformat::{FormatOptions, Indent, QueryParams};

use super::check::TextRules;
use super::{Refusal, Request};

pub(super) const TEXT_RULES: TextRules = TextRules { quotes: &["'", "\"", "`"], has_strings: true, ..TextRules::NONE };

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    let style = request.style;
    let options = FormatOptions {
        indent: if style.use_tabs() { Indent::Tabs } else { Indent::Spaces(style.indent_width()) },
        ..FormatOptions::default()
    };
    let mut text = sqlformat::format(request.text, &QueryParams::None, &options);
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    Ok(text)
}
