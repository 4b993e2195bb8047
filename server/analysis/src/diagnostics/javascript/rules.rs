//! The table of JavaScript's rules, and the one walk that runs them.
//!
//! A rule is a row: its name and what it finds, the kinds of node it wants to see, a function, and samples that a test
//! runs. Rules about a whole file ask for [`AstType::Program`].

mod assignments;
mod booleans;
mod classes;
mod comparisons;
mod conditions;
mod deprecated;
mod errors;
mod escapes;
mod leaks;
mod literals;
mod misleading_classes;
mod names;
mod objects;
mod optional_chains;
mod overwritten;
mod paths;
mod regexes;
mod statements;
mod unused;
mod unused_options;

use oxc_ast::AstType;
use oxc_semantic::AstNode;

use super::{context::Ctx, directives::Directives};
use crate::diagnostics::Severity;
use crate::lint_settings::{FileRules, JavaScriptSettings, RuleKind, RuleLevel, RuleOptions, Said};

/// One rule.
pub(super) struct JsRule {
    /// ESLint's name, or ours where ESLint has no such rule.
    pub(super) code: &'static str,
    /// What it finds, one line without full stop.
    pub(super) summary: &'static str,
    pub(super) severity: Severity,
    /// False for a rule that only runs when it is asked for.
    pub(super) is_default: bool,
    /// False where TypeScript's compiler finds the same.
    pub(super) in_typescript: bool,
    /// True for a rule of ESLint, whose page explains it.
    pub(super) is_eslint: bool,
    /// True for a rule of ESLint's recommended set.
    pub(super) is_recommended: bool,
    /// The nodes it looks at.
    pub(super) on: &'static [AstType],
    pub(super) run: for<'a> fn(&Ctx<'a>, &'a AstNode<'a>),
    /// Code without findings, for tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "samples that a test runs"))]
    pub(super) valid: &'static [&'static str],
    /// Code with exactly one finding, for tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "samples that a test runs"))]
    pub(super) invalid: &'static [&'static str],
}

/// What most rows have in common.
const ESLINT: JsRule = JsRule {
    code: "",
    summary: "",
    severity: Severity::Warning,
    is_default: true,
    in_typescript: true,
    is_eslint: true,
    is_recommended: true,
    on: &[],
    run: |_, _| {},
    valid: &[],
    invalid: &[],
};

impl JsRule {
    /// The page that explains the rule.
    pub(super) fn url(&self) -> Option<String> {
        self.is_eslint.then(|| format!("https://eslint.org/docs/latest/rules/{}", self.code))
    }
}

/// Every rule, by name.
pub(super) static ALL: &[&JsRule] = &[
    &classes::CONSTRUCTOR_SUPER,
    &deprecated::DEPRECATED,
    &statements::FOR_DIRECTION,
    &paths::GETTER_RETURN,
    &paths::NO_ASYNC_PROMISE_EXECUTOR,
    &paths::NO_CASE_DECLARATIONS,
    &assignments::NO_CLASS_ASSIGN,
    &comparisons::NO_COMPARE_NEG_ZERO,
    &conditions::NO_COND_ASSIGN,
    &assignments::NO_CONST_ASSIGN,
    &booleans::NO_CONSTANT_BINARY_EXPRESSION,
    &conditions::NO_CONSTANT_CONDITION,
    &regexes::NO_CONTROL_REGEX,
    &statements::NO_DEBUGGER,
    &names::NO_DELETE_VAR,
    &objects::NO_DUPE_ARGS,
    &objects::NO_DUPE_CLASS_MEMBERS,
    &conditions::NO_DUPE_ELSE_IF,
    &objects::NO_DUPE_KEYS,
    &conditions::NO_DUPLICATE_CASE,
    &statements::NO_EMPTY,
    &regexes::NO_EMPTY_CHARACTER_CLASS,
    &statements::NO_EMPTY_PATTERN,
    &statements::NO_EMPTY_STATIC_BLOCK,
    &leaks::NO_EVAL,
    &assignments::NO_EX_ASSIGN,
    &booleans::NO_EXTRA_BOOLEAN_CAST,
    &paths::NO_FALLTHROUGH,
    &assignments::NO_FUNC_ASSIGN,
    &assignments::NO_GLOBAL_ASSIGN,
    &leaks::NO_IMPLIED_EVAL,
    &assignments::NO_IMPORT_ASSIGN,
    &regexes::NO_INVALID_REGEXP,
    &literals::NO_IRREGULAR_WHITESPACE,
    &literals::NO_LOSS_OF_PRECISION,
    &misleading_classes::NO_MISLEADING_CHARACTER_CLASS,
    &leaks::NO_NEW_FUNC,
    &comparisons::NO_NEW_NATIVE_NONCONSTRUCTOR,
    &escapes::NO_NONOCTAL_DECIMAL_ESCAPE,
    &comparisons::NO_OBJ_CALLS,
    &literals::NO_OCTAL,
    &objects::NO_PROTOTYPE_BUILTINS,
    &names::NO_REDECLARE,
    &regexes::NO_REGEX_SPACES,
    &leaks::NO_SCRIPT_URL,
    &assignments::NO_SELF_ASSIGN,
    &paths::NO_SETTER_RETURN,
    &names::NO_SHADOW_RESTRICTED_NAMES,
    &objects::NO_SPARSE_ARRAYS,
    &classes::NO_THIS_BEFORE_SUPER,
    &names::NO_UNASSIGNED_VARS,
    &names::NO_UNDEF,
    &statements::NO_UNEXPECTED_MULTILINE,
    &paths::NO_UNREACHABLE,
    &paths::NO_UNSAFE_FINALLY,
    &comparisons::NO_UNSAFE_NEGATION,
    &optional_chains::NO_UNSAFE_OPTIONAL_CHAINING,
    &statements::NO_UNUSED_LABELS,
    &classes::NO_UNUSED_PRIVATE_CLASS_MEMBERS,
    &unused::NO_UNUSED_VARS,
    &overwritten::NO_USELESS_ASSIGNMENT,
    &regexes::NO_USELESS_BACKREFERENCE,
    &statements::NO_USELESS_CATCH,
    &escapes::NO_USELESS_ESCAPE,
    &statements::NO_WITH,
    &errors::PRESERVE_CAUGHT_ERROR,
    &statements::REQUIRE_YIELD,
    &leaks::DISABLED_TLS_CHECK,
    &leaks::HARDCODED_CREDENTIAL,
    &leaks::INSECURE_RANDOM,
    &leaks::SHELL_COMMAND,
    &leaks::TARGET_BLANK,
    &leaks::UNSAFE_MARKUP,
    &comparisons::USE_ISNAN,
    &comparisons::VALID_TYPEOF,
];

/// A rule that is on.
pub(super) struct Active {
    pub(super) rule: &'static JsRule,
    pub(super) severity: Severity,
    pub(super) options: RuleOptions,
}

/// The rules that are on for a file: a comment decides, then what the user chose, then the project, then the rule.
pub(super) fn active(
    settings: &JavaScriptSettings,
    project: &FileRules,
    directives: &Directives,
    is_typescript: bool,
) -> Vec<Active> {
    let mut active = Vec::new();
    for rule in ALL.iter().copied() {
        let comment = directives.rules.iter().rev().find(|(name, _)| name == rule.code).map(|(_, setting)| setting);
        let kind = RuleKind { code: rule.code, is_eslint: rule.is_eslint, is_recommended: rule.is_recommended };
        let is_usual = rule.in_typescript || !is_typescript;
        let (is_default, level) = match project.level(&kind) {
            Said::Level(level) => (level != RuleLevel::Off, Some(level)),
            Said::InSet => (is_usual, Some(RuleLevel::Error)),
            Said::Nothing => (rule.is_default && is_usual, None),
        };
        let (is_on, level) = match comment {
            Some(setting) => (setting.level != RuleLevel::Off, Some(setting.level)),
            None => (settings.enables(rule.code, is_default && !project.is_ignored()), level),
        };
        if is_on {
            let severity = match level {
                Some(RuleLevel::Error) => Severity::Error,
                Some(RuleLevel::Warn) => Severity::Warning,
                _ => rule.severity,
            };
            let told = comment.and_then(|setting| setting.options.clone());
            active.push(Active { rule, severity, options: told.unwrap_or_else(|| project.options(rule.code)) });
        }
    }
    active
}

/// Runs the rules in one walk.
pub(super) fn run<'a>(ctx: &Ctx<'a>, active: &'a [Active]) {
    // Kinds of node are a small number: a row of the table for each.
    let mut table: Vec<Vec<&Active>> = vec![Vec::new(); usize::from(u8::MAX) + 1];
    for active in active {
        for kind in active.rule.on {
            table[*kind as usize].push(active);
        }
    }
    for node in ctx.nodes().iter() {
        for active in &table[node.kind().ty() as usize] {
            ctx.enter(active);
            (active.rule.run)(ctx, node);
        }
    }
}
