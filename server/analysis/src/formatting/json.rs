//! JSON, with and without comments, by `dprint-plugin-json`. Objects that the author broke stay broken.

use std::path::Path;

use dprint_plugin_json::configuration::{ConfigurationBuilder, TrailingCommaKind};
use dprint_plugin_json::format_text;
use syntax::Document;

use super::check::{TextRules, TreeRules};
use super::embedded::ignore_directive;
use super::{Refusal, Request};

pub(super) const TREE_RULES: TreeRules = TreeRules {
    transparent: &[],
    absent: &[],
    optional: &[],
    strings: &[],
    flowing: &[],
    numbers: &[],
    ignores_case: false,
};

pub(super) const TEXT_RULES: TextRules =
    TextRules { quotes: &["\"", "'"], optional: ",", has_strings: true, ..TextRules::NONE };

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    let is_plain = request.language.id() == "json";
    // The parser behind it reads all that anybody ever called JSON; in a file of plain JSON that is a mistake.
    let has_error = |document: &Document| document.tree().is_some_and(|tree| tree.root_node().has_error());
    if is_plain && has_error(&Document::new(request.text, request.language, 0)) {
        return Err(Refusal::Syntax("this is not JSON".to_owned(), None));
    }
    let style = request.style;
    let config = ConfigurationBuilder::new()
        .line_width(u32::from(style.line_width))
        .use_tabs(style.use_tabs())
        .indent_width(style.indent_width())
        .comment_line_force_space_after_slashes(false)
        .trailing_commas(if is_plain { TrailingCommaKind::Never } else { TrailingCommaKind::Maintain })
        // They put a package's entries into another order.
        .package_json_apply_conventions(false)
        .ignore_node_comment_text(ignore_directive(request.text, "dprint-ignore"))
        .build();
    match format_text(Path::new("file.json"), request.text, &config) {
        Ok(formatted) => Ok(formatted.unwrap_or_else(|| request.text.to_owned())),
        Err(error) => Err(Refusal::Syntax(error.message(), Some(error.parse_error().range().start))),
    }
}
