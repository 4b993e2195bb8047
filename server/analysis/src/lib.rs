//! Facts about code, and edits to it, computed from `syntax` alone.
//!
//! Pure, synchronous, total: no I/O, no clock, no threads, and broken code is normal
//! input. Each feature is one free function over a [`syntax::Document`].

mod block;
mod completion_context;
mod complexity;
mod constant_value;
mod diagnostics;
mod explanation;
mod family;
mod fix_all;
mod folding;
mod formatting;
mod growth;
mod insertion;
mod landmarks;
mod lexer;
mod lint_settings;
mod literal_meaning;
mod names;
mod nesting;
mod openers;
mod outline;
mod prefix;
mod regex_explanation;
mod rename;
mod scope;
mod selection;
mod signature;
mod simple_types;
mod tree;

pub use completion_context::{CompletionContext, Hole, completion_context};
pub use complexity::{Complexity, ComplexityReport, FunctionComplexity, Halstead, LineCounts, complexity};
pub use constant_value::constant_value;
pub use diagnostics::{
    Diagnostic, DiagnosticTag, Fix, RelatedRange, Rule, Severity, Soundness, diagnostics, diagnostics_without_tree,
    is_syntax_code, rule, rules, suppression, syntax_diagnostics, syntax_error_count,
};
pub use explanation::{DetailLevel, Explanation, explanation, tells_statements};
pub use fix_all::{fix_all, organize_imports};
pub use folding::{Fold, FoldKind, folds};
pub use formatting::{
    EndOfLine, FormatDefect, FormatError, FormatOptions, Formatted, ON_TYPE_KEYS, check_formatted, format,
    format_on_type, format_range, formatter_of,
};
pub use growth::{Growth, growth};
pub use insertion::{
    BlockLine, BracketBalance, BracketCheck, OpenedBlock, Within, balance_brackets, fills_hole, opened_block,
    repeated_indent, truncate_to_hole, unbalanced_brackets, whole_statements_end,
};
pub use landmarks::{Landmark, landmarks};
pub use lint_settings::{
    EslintConfig, JavaScriptSettings, LintSettings, PythonProject, PythonSettings, PythonVersion, RuffConfig,
    RuleSelection, SettingsError, requires_python,
};
pub use literal_meaning::{Meaning, literal_meaning};
pub use names::{
    Access, At, BoundName, CouldBe, Export, Exported, Form, FreeName, Guess, Import, Imported, KeywordUse, Level,
    MemberUse, Names, Place,
};
pub use outline::{Symbol, SymbolKind, enclosing_symbols, outline};
pub use regex_explanation::{RegexExplanation, RegexPart, regex_explanation};
pub use rename::{
    Refusal, check_meaning, new_name, nothing_to_rename, renamable_in_scope, rename_in_scope, rename_symbol,
    renamed_place, why_not,
};
pub use scope::{
    Definition, Name, Reference, ReferenceKind, References, definition_at, definition_of, names_in_scope, references,
    word_at,
};
pub use selection::selection_ranges;
pub use signature::{Argument, ArgumentKind, Call, Parameter, ParameterKind, Signature, calls_of, signature_at};
pub use simple_types::{constructor_name, simple_type};
