//! JavaScript and TypeScript, with and without JSX, by `dprint-plugin-typescript`, set as near to Prettier's defaults as
//! it goes. Lines that the author broke inside brackets stay broken.

use std::path::Path;

use dprint_plugin_typescript::configuration::{
    BracePosition, Configuration, ConfigurationBuilder, JsxQuoteStyle, NamedTypeImportsExportsOrder,
    NextControlFlowPosition, OperatorPosition, QuoteStyle, SemiColons, SortOrder, TrailingCommas, UseBraces,
    UseParentheses,
};
use dprint_plugin_typescript::{FormatTextOptions, format_text};

use super::check::{TextRules, TreeRules};
use super::embedded::ignore_directive;
use super::{Refusal, Request};

/// Extensions that the parser behind it tells dialects by.
const EXTENSIONS: &[&str] = &["cjs", "cts", "js", "jsx", "mjs", "mts", "ts", "tsx"];

pub(super) const TREE_RULES: TreeRules = TreeRules {
    transparent: &["parenthesized_expression", "parenthesized_type", "formal_parameters", "required_parameter"],
    absent: &["empty_statement"],
    optional: &[",", ";", "(", ")"],
    strings: &["string"],
    flowing: &["jsx_text"],
    numbers: &[],
    ignores_case: false,
};

pub(super) const TEXT_RULES: TextRules =
    TextRules { quotes: &["'", "\"", "`"], optional: ",;()|&", has_strings: true, ..TextRules::NONE };

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    format_with(request, &configuration(request, QuoteStyle::PreferDouble))
}

/// Code in an attribute of HTML, which stands in double quotes.
pub(super) fn format_in_attribute(request: &Request<'_>) -> Result<String, Refusal> {
    format_with(request, &configuration(request, QuoteStyle::AlwaysSingle))
}

fn format_with(request: &Request<'_>, config: &Configuration) -> Result<String, Refusal> {
    let name = file_name(request);
    let options = FormatTextOptions {
        path: Path::new(&name),
        extension: None,
        text: request.text.to_owned(),
        config,
        external_formatter: None,
    };
    match format_text(options) {
        Ok(formatted) => Ok(formatted.unwrap_or_else(|| request.text.to_owned())),
        // The message goes on with a picture of the line; its first line is what is wrong.
        Err(error) => {
            Err(Refusal::Syntax(error.to_string().lines().next().unwrap_or("it cannot be read").to_owned(), None))
        }
    }
}

/// A name with the extension that says what dialect the text is; the rest of the path means nothing.
fn file_name(request: &Request<'_>) -> String {
    let name = request.path.and_then(Path::file_name).map(|it| it.to_string_lossy().to_ascii_lowercase());
    if name.as_deref().is_some_and(|it| it.ends_with(".d.ts")) {
        return "file.d.ts".to_owned();
    }
    let extension = name.as_deref().and_then(|it| it.rsplit_once('.')).map(|(_, extension)| extension);
    let by_language = match request.language.id() {
        "javascriptreact" => "jsx",
        "typescript" => "ts",
        "typescriptreact" => "tsx",
        _ => "js",
    };
    format!("file.{}", extension.filter(|it| EXTENSIONS.contains(it)).unwrap_or(by_language))
}

fn configuration(request: &Request<'_>, quotes: QuoteStyle) -> Configuration {
    let style = request.style;
    ConfigurationBuilder::new()
        .line_width(u32::from(style.line_width))
        .use_tabs(style.use_tabs())
        .indent_width(style.indent_width())
        .quote_style(quotes)
        .jsx_quote_style(JsxQuoteStyle::PreferDouble)
        .semi_colons(SemiColons::Prefer)
        .trailing_commas(TrailingCommas::OnlyMultiLine)
        // The default takes the braces of short statements away, which is no layout.
        .use_braces(UseBraces::Maintain)
        .brace_position(BracePosition::SameLine)
        .next_control_flow_position(NextControlFlowPosition::SameLine)
        .operator_position(OperatorPosition::SameLine)
        .conditional_expression_operator_position(OperatorPosition::NextLine)
        .conditional_type_operator_position(OperatorPosition::NextLine)
        .conditional_expression_prefer_single_line(true)
        .arrow_function_use_parentheses(UseParentheses::Force)
        .comment_line_force_space_after_slashes(false)
        .function_expression_space_after_function_keyword(true)
        .construct_signature_space_after_new_keyword(true)
        .constructor_type_space_after_new_keyword(true)
        .tagged_template_space_before_literal(false)
        // Imports run in the order in which they stand.
        .module_sort_import_declarations(SortOrder::Maintain)
        .module_sort_export_declarations(SortOrder::Maintain)
        .import_declaration_sort_named_imports(SortOrder::Maintain)
        .export_declaration_sort_named_exports(SortOrder::Maintain)
        .import_declaration_sort_type_only_imports(NamedTypeImportsExportsOrder::None)
        .export_declaration_sort_type_only_exports(NamedTypeImportsExportsOrder::None)
        .ignore_node_comment_text(ignore_directive(request.text, "dprint-ignore"))
        .build()
}
