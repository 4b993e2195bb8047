//! What the nodes of each grammar mean for complexity. One table a language family: adding a grammar is adding rows.
//!
//! `else` needs no row: its keyword is found by its text, below whatever the branch is.

mod further;
mod usual;

use Role::{Function, If, Loop, Switch, Try};
use further::{DART, ELIXIR, HASKELL, JULIA, KOTLIN, LUA, OCAML, PHP, R, RUBY, SCALA, SQL, SWIFT, ZIG};
use usual::{BASH, C, C_SHARP, GO, JAVA, PYTHON, RUST, SCRIPT};

/// What a node is for a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A branch; an `else` in it is one too.
    If,
    /// A branch whose `else` belongs to it (`guard … else`, `let … else`).
    Unless,
    /// A further condition of the branch around.
    Elif,
    /// Holds what runs otherwise.
    Else,
    Loop,
    /// A choice between cases.
    Switch,
    /// A case; the default is none.
    Case,
    /// A handler of exceptions.
    Catch,
    /// What handlers belong to.
    Try,
    /// A choice inside an expression.
    Ternary,
    /// A decision that is no branch of its own: a condition of a case or a comprehension, an assertion.
    Guard,
    /// A function with a name of its own, or a value that is one.
    Function,
    /// A function inside an expression, measured as a part of what is around it.
    Closure,
    /// Leaves a loop; one that names which is a jump.
    Jump,
    /// A jump.
    Goto,
    /// May join conditions: one of its children is the operator.
    Boolean,
    /// Lets a sequence of operators go on (parentheses).
    Sequence,
}

/// The rows of one grammar.
pub(super) struct Table {
    pub(super) roles: &'static [(&'static str, Role)],
    /// Operators that join conditions.
    pub(super) operators: &'static [&'static str],
    /// All cases of a choice are always written out, so that the last of them is no decision.
    pub(super) is_exhaustive: bool,
}

const C_OPERATORS: &[&str] = &["&&", "||"];
const WORD_OPERATORS: &[&str] = &["and", "or"];
const BOTH_OPERATORS: &[&str] = &["&&", "||", "and", "or"];
const NULLABLE_OPERATORS: &[&str] = &["&&", "||", "??", "?:"];

const fn table(roles: &'static [(&'static str, Role)], operators: &'static [&'static str]) -> Table {
    Table { roles, operators, is_exhaustive: false }
}

const fn exhaustive(roles: &'static [(&'static str, Role)], operators: &'static [&'static str]) -> Table {
    Table { roles, operators, is_exhaustive: true }
}

/// Names whose calls are statements of Elixir.
pub(super) const ELIXIR_CALLS: &[(&str, Role)] = &[
    ("def", Function),
    ("defp", Function),
    ("defmacro", Function),
    ("defmacrop", Function),
    ("if", If),
    ("unless", If),
    ("case", Switch),
    ("cond", Switch),
    ("with", Switch),
    ("receive", Switch),
    ("for", Loop),
    ("try", Try),
];

/// The table of a grammar, by its name in the registry; none for markup and data.
pub(super) fn table_of(grammar: &str) -> Option<&'static Table> {
    Some(match grammar {
        "python" => &PYTHON,
        "javascript" | "typescript" | "tsx" => &SCRIPT,
        "java" => &JAVA,
        "c-sharp" => &C_SHARP,
        "go" => &GO,
        "rust" => &RUST,
        "c" | "cpp" => &C,
        "php" => &PHP,
        "ruby" => &RUBY,
        "kotlin" => &KOTLIN,
        "swift" => &SWIFT,
        "scala" => &SCALA,
        "dart" => &DART,
        "lua" => &LUA,
        "bash" => &BASH,
        "julia" => &JULIA,
        "r" => &R,
        "zig" => &ZIG,
        "haskell" => &HASKELL,
        "ocaml" => &OCAML,
        "sql" => &SQL,
        "elixir" => &ELIXIR,
        _ => return None,
    })
}
