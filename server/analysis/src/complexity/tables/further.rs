//! Tables of the further grammars.

use super::Role::{
    Boolean, Case, Catch, Closure, Elif, Else, Function, Goto, Guard, If, Jump, Loop, Sequence, Switch, Ternary, Try,
    Unless,
};
use super::{BOTH_OPERATORS, C_OPERATORS, NULLABLE_OPERATORS, Table, WORD_OPERATORS, exhaustive, table};

pub(super) const PHP: Table = table(
    &[
        ("if_statement", If),
        ("else_if_clause", Elif),
        ("else_clause", Else),
        ("for_statement", Loop),
        ("foreach_statement", Loop),
        ("while_statement", Loop),
        ("do_statement", Loop),
        ("try_statement", Try),
        ("catch_clause", Catch),
        ("switch_statement", Switch),
        ("case_statement", Case),
        ("match_expression", Switch),
        ("match_conditional_expression", Case),
        ("conditional_expression", Ternary),
        ("function_definition", Function),
        ("method_declaration", Function),
        ("anonymous_function", Closure),
        ("arrow_function", Closure),
        ("break_statement", Jump),
        ("continue_statement", Jump),
        ("goto_statement", Goto),
        ("binary_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    &["&&", "||", "and", "or", "??"],
);

pub(super) const RUBY: Table = table(
    &[
        ("if", If),
        ("unless", If),
        ("if_modifier", If),
        ("unless_modifier", If),
        ("elsif", Elif),
        ("else", Else),
        ("for", Loop),
        ("while", Loop),
        ("until", Loop),
        ("while_modifier", Loop),
        ("until_modifier", Loop),
        ("begin", Try),
        ("rescue", Catch),
        ("rescue_modifier", Catch),
        ("case", Switch),
        ("case_match", Switch),
        ("when", Case),
        ("in_clause", Case),
        ("conditional", Ternary),
        ("method", Function),
        ("singleton_method", Function),
        ("lambda", Closure),
        ("block", Closure),
        ("do_block", Closure),
        ("binary", Boolean),
        ("parenthesized_statements", Sequence),
    ],
    BOTH_OPERATORS,
);

pub(super) const KOTLIN: Table = table(
    &[
        ("if_expression", If),
        ("for_statement", Loop),
        ("while_statement", Loop),
        ("do_while_statement", Loop),
        ("try_expression", Try),
        ("catch_block", Catch),
        ("when_expression", Switch),
        ("when_entry", Case),
        ("function_declaration", Function),
        ("secondary_constructor", Function),
        ("getter", Function),
        ("setter", Function),
        ("anonymous_function", Closure),
        ("lambda_literal", Closure),
        ("binary_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    NULLABLE_OPERATORS,
);

pub(super) const SWIFT: Table = table(
    &[
        ("if_statement", If),
        ("guard_statement", Unless),
        ("for_statement", Loop),
        ("while_statement", Loop),
        ("repeat_while_statement", Loop),
        ("do_statement", Try),
        ("catch_block", Catch),
        ("switch_statement", Switch),
        ("switch_entry", Case),
        ("ternary_expression", Ternary),
        ("function_declaration", Function),
        ("init_declaration", Function),
        ("deinit_declaration", Function),
        ("lambda_literal", Closure),
        ("conjunction_expression", Boolean),
        ("disjunction_expression", Boolean),
        ("tuple_expression", Sequence),
    ],
    NULLABLE_OPERATORS,
);

pub(super) const SCALA: Table = exhaustive(
    &[
        ("if_expression", If),
        ("for_expression", Loop),
        ("while_expression", Loop),
        ("do_while_expression", Loop),
        ("try_expression", Try),
        ("catch_clause", Catch),
        ("match_expression", Switch),
        ("case_clause", Case),
        ("guard", Guard),
        ("function_definition", Function),
        ("lambda_expression", Closure),
        ("infix_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    C_OPERATORS,
);

pub(super) const DART: Table = table(
    &[
        ("if_statement", If),
        ("if_element", If),
        ("for_statement", Loop),
        ("for_element", Loop),
        ("while_statement", Loop),
        ("do_statement", Loop),
        ("try_statement", Try),
        ("catch_clause", Catch),
        ("switch_statement", Switch),
        ("switch_statement_case", Case),
        ("switch_expression", Switch),
        ("switch_expression_case", Case),
        ("conditional_expression", Ternary),
        ("function_declaration", Function),
        ("local_function_declaration", Function),
        ("method_declaration", Function),
        ("getter_declaration", Function),
        ("setter_declaration", Function),
        ("function_expression", Closure),
        ("logical_and_expression", Boolean),
        ("logical_or_expression", Boolean),
        ("if_null_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    NULLABLE_OPERATORS,
);

pub(super) const LUA: Table = table(
    &[
        ("if_statement", If),
        ("elseif_statement", Elif),
        ("else_statement", Else),
        ("for_statement", Loop),
        ("while_statement", Loop),
        ("repeat_statement", Loop),
        ("function_declaration", Function),
        ("function_definition", Closure),
        ("goto_statement", Goto),
        ("binary_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    WORD_OPERATORS,
);

pub(super) const JULIA: Table = table(
    &[
        ("if_statement", If),
        ("elseif_clause", Elif),
        ("else_clause", Else),
        ("for_statement", Loop),
        ("while_statement", Loop),
        ("try_statement", Try),
        ("catch_clause", Catch),
        ("for_clause", Guard),
        ("if_clause", Guard),
        ("ternary_expression", Ternary),
        ("function_definition", Function),
        ("arrow_function_expression", Closure),
        ("do_clause", Closure),
        ("binary_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    C_OPERATORS,
);

pub(super) const R: Table = table(
    &[
        ("if_statement", If),
        ("for_statement", Loop),
        ("while_statement", Loop),
        ("repeat_statement", Loop),
        ("function_definition", Function),
        ("binary_operator", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    C_OPERATORS,
);

pub(super) const ZIG: Table = table(
    &[
        ("if_statement", If),
        ("if_expression", If),
        ("else_clause", Else),
        ("for_statement", Loop),
        ("for_expression", Loop),
        ("while_statement", Loop),
        ("while_expression", Loop),
        ("catch_expression", Catch),
        ("switch_expression", Switch),
        ("switch_case", Case),
        ("function_declaration", Function),
        ("test_declaration", Function),
        ("binary_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    WORD_OPERATORS,
);

pub(super) const HASKELL: Table = exhaustive(
    &[
        ("conditional", If),
        ("multi_way_if", Switch),
        ("case", Switch),
        ("lambda_case", Switch),
        ("alternative", Case),
        ("guards", Guard),
        ("function", Function),
        ("lambda", Closure),
        ("infix", Boolean),
        ("parens", Sequence),
    ],
    C_OPERATORS,
);

pub(super) const OCAML: Table = exhaustive(
    &[
        ("if_expression", If),
        ("else_clause", Else),
        ("for_expression", Loop),
        ("while_expression", Loop),
        ("try_expression", Try),
        ("match_expression", Switch),
        ("function_expression", Switch),
        ("match_case", Case),
        ("guard", Guard),
        ("let_binding", Function),
        ("method_definition", Function),
        ("fun_expression", Closure),
        ("infix_expression", Boolean),
        ("parenthesized_expression", Sequence),
    ],
    C_OPERATORS,
);

pub(super) const SQL: Table =
    table(&[("case", Switch), ("when_clause", Case), ("binary_expression", Boolean)], &["keyword_and", "keyword_or"]);

/// Elixir writes everything as calls; these are told by the name that is called.
pub(super) const ELIXIR: Table = table(
    &[
        ("else_block", Else),
        ("rescue_block", Catch),
        ("catch_block", Catch),
        ("anonymous_function", Closure),
        ("binary_operator", Boolean),
    ],
    BOTH_OPERATORS,
);
