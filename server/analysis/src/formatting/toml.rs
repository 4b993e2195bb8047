//! TOML, by `dprint-plugin-toml`. The order of keys is the author's.

use std::path::Path;

use dprint_plugin_toml::configuration::{ConfigurationBuilder, TrailingCommaKind};
use dprint_plugin_toml::format_text;

use super::check::TextRules;
use super::{Refusal, Request};

pub(super) const TEXT_RULES: TextRules =
    TextRules { quotes: &["\"\"\"", "'''", "\"", "'"], optional: ",", has_strings: true, ..TextRules::NONE };

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    let style = request.style;
    let config = ConfigurationBuilder::new()
        .line_width(u32::from(style.line_width))
        .use_tabs(style.use_tabs())
        .indent_width(style.indent_width())
        .trailing_commas(TrailingCommaKind::OnlyMultiLine)
        .comment_force_leading_space(false)
        // They put a manifest's entries into another order.
        .cargo_apply_conventions(false)
        .build();
    match format_text(Path::new("file.toml"), request.text, &config) {
        Ok(formatted) => Ok(formatted.unwrap_or_else(|| request.text.to_owned())),
        // The message is a picture of the line below what is wrong.
        Err(error) => {
            Err(Refusal::Syntax(error.to_string().lines().next().unwrap_or("it cannot be read").to_owned(), None))
        }
    }
}
