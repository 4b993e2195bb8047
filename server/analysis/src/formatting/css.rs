//! CSS, SCSS and Less, by `malva`, set as near to Prettier's defaults as it goes.

mod parentheses;

use malva::config::{BlockSelectorLineBreak, FormatOptions, HexCase, LanguageOptions, LayoutOptions};
use malva::{Error, Syntax, format_text};

use super::check::{TextRules, TreeRules};
use super::embedded::ignore_directive;
use super::{Refusal, Request};

pub(super) const TREE_RULES: TreeRules = TreeRules {
    transparent: &[],
    absent: &[],
    optional: &[",", ";"],
    strings: &["string_value"],
    flowing: &["plain_value"],
    numbers: &["integer_value", "float_value"],
    ignores_case: true,
};

pub(super) const TEXT_RULES: TextRules = TextRules {
    quotes: &["\"", "'"],
    optional: ",;",
    ignores_case: true,
    numbers: true,
    selectors: true,
    has_strings: true,
};

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    format_with(request, false)
}

/// The declarations of an attribute of HTML, on one line.
pub(super) fn format_in_attribute(request: &Request<'_>) -> Result<String, Refusal> {
    format_with(request, true)
}

fn format_with(request: &Request<'_>, on_one_line: bool) -> Result<String, Refusal> {
    let style = request.style;
    let syntax = match request.language.id() {
        "scss" => Syntax::Scss,
        "less" => Syntax::Less,
        _ => Syntax::Css,
    };
    let options = FormatOptions {
        layout: LayoutOptions {
            print_width: usize::from(style.line_width),
            use_tabs: style.use_tabs(),
            indent_width: usize::from(style.indent_width()),
            ..LayoutOptions::default()
        },
        language: LanguageOptions {
            hex_case: HexCase::Ignore,
            block_selector_linebreak: BlockSelectorLineBreak::Always,
            single_line_top_level_declarations: on_one_line,
            ignore_comment_directive: ignore_directive(request.text, "malva-ignore").to_owned(),
            ..LanguageOptions::default()
        },
    };
    if let Some((named, name)) = parentheses::named(request.text, syntax == Syntax::Less)
        && let Ok(formatted) = format_text(&named, syntax, &options)
    {
        return Ok(formatted.replace(name, ""));
    }
    format_text(request.text, syntax, &options).map_err(|error| {
        let Error::Parser(problem, _, _) = &error;
        Refusal::Syntax(problem.kind.to_string(), Some(problem.span.start))
    })
}
