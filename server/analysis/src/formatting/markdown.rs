//! Markdown, by `dprint-plugin-markdown`: lines of prose stay as long as they are, code blocks are formatted by their
//! language's formatter.

use dprint_plugin_markdown::configuration::{ConfigurationBuilder, TextWrap};
use dprint_plugin_markdown::{FormatError, format_text};
use syntax::Language;

use super::{Refusal, Request, embedded};

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    format_with(request, |tag, code, line_width| {
        let language = Language::from_name(tag)?;
        embedded::format(code, language, usize::try_from(line_width).unwrap_or(usize::MAX), request)
    })
}

/// The same with code blocks as they are: what the result is checked by.
pub(super) fn format_prose(request: &Request<'_>) -> Result<String, Refusal> {
    format_with(request, |_, _, _| None)
}

fn format_with(
    request: &Request<'_>,
    mut format_code: impl FnMut(&str, &str, u32) -> Option<String>,
) -> Result<String, Refusal> {
    let config = ConfigurationBuilder::new()
        .line_width(u32::from(request.style.line_width))
        .text_wrap(TextWrap::Maintain)
        // They belong to the code.
        .code_block_preserve_blank_lines(true)
        .ignore_directive(embedded::ignore_directive(request.text, "dprint-ignore"))
        .build();
    let format_code = |tag: &str, code: &str, line_width: u32| -> Result<Option<String>, FormatError> {
        Ok(format_code(tag, code, line_width))
    };
    match format_text(request.text, &config, format_code) {
        Ok(formatted) => Ok(formatted.unwrap_or_else(|| request.text.to_owned())),
        Err(error) => Err(Refusal::Other(error.to_string())),
    }
}
