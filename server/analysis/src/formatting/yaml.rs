//! YAML, by `pretty_yaml`.

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};
use pretty_yaml::format_text;

use super::embedded::ignore_directive;
use super::{Refusal, Request};

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    let style = request.style;
    let options = FormatOptions {
        layout: LayoutOptions {
            print_width: usize::from(style.line_width),
            indent_width: usize::from(style.indent_width()),
            ..LayoutOptions::default()
        },
        language: LanguageOptions {
            trailing_comma: false,
            ignore_comment_directive: ignore_directive(request.text, "pretty-yaml-ignore").to_owned(),
            ..LanguageOptions::default()
        },
    };
    format_text(request.text, &options).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        Refusal::Syntax(if message.is_empty() { "this is not YAML".to_owned() } else { message }, Some(error.offset()))
    })
}
