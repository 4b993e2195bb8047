//! HTML and the languages of components and templates (Vue, Svelte, Astro, Jinja), by `markup_fmt`; their scripts and
//! styles by those languages' formatters. White space that shows in a browser stays.

use std::borrow::Cow;
use std::path::Path;

use markup_fmt::config::{FormatOptions, LanguageOptions, LayoutOptions};
use markup_fmt::{FormatError, Hints, Language as Dialect, detect_language, format_text};
use syntax::Language;

use super::check::TextRules;
use super::style::Style;
use super::{Refusal, Request, css, embedded, script};

/// Words are compared, not what may change around them: code inside is compared by its own formatter's rules.
pub(super) const TEXT_RULES: TextRules =
    TextRules { optional: "\"'`,;()\\", ignores_case: true, numbers: true, ..TextRules::NONE };

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    let style = request.style;
    let directive = embedded::ignore_directive(request.text, "markup-fmt-ignore");
    let options = FormatOptions {
        layout: LayoutOptions {
            print_width: usize::from(style.line_width),
            use_tabs: style.use_tabs(),
            indent_width: usize::from(style.indent_width()),
            ..LayoutOptions::default()
        },
        language: LanguageOptions {
            html_script_indent: Some(true),
            html_style_indent: Some(true),
            svelte_script_indent: Some(true),
            svelte_style_indent: Some(true),
            ignore_comment_directive: directive.to_owned(),
            ..LanguageOptions::default()
        },
    };
    let formatted =
        format_text(request.text, dialect(request), &options, |code, hints| Ok(inner(code, &hints, request)));
    formatted.map_err(|error| match error {
        FormatError::Syntax(problem) => Refusal::Syntax(problem.to_string(), Some(problem.pos)),
        other => Refusal::Other(other.to_string()),
    })
}

fn dialect(request: &Request<'_>) -> Dialect {
    match request.language.id() {
        "vue" => Dialect::Vue,
        "svelte" => Dialect::Svelte,
        "astro" => Dialect::Astro,
        "jinja" => Dialect::Jinja,
        // A template of Angular by its name.
        _ => request.path.map(Path::new).and_then(detect_language).unwrap_or(Dialect::Html),
    }
}

/// Code inside, formatted where it is sound.
fn inner<'a>(code: &'a str, hints: &Hints<'_>, around: &Request<'_>) -> Cow<'a, str> {
    let Some(language) = Language::from_name(hints.ext) else { return code.into() };
    if !hints.attr {
        return embedded::format(code, language, hints.print_width, around).map_or(code.into(), Cow::Owned);
    }
    let style = Style { line_width: 1000, ..around.style };
    let request = Request { text: code, language, style, path: None, ..*around };
    let formatted = match language.id() {
        "css" | "scss" | "less" => css::format_in_attribute(&request),
        _ => script::format_in_attribute(&request),
    };
    formatted.map_or(code.into(), Cow::Owned)
}
