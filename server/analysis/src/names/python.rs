//! The names of a Python document, over ruff's tree: it parses broken text as well.
//!
//! In three steps: [`walk`] notes scopes, names, calls and accesses; [`resolve`] gives each name its scope's symbol,
//! once everything a scope binds is known; [`members`] tells what accesses and keywords belong to, where the class or
//! the function is certain.

mod members;
mod resolve;
mod walk;

use std::collections::HashMap;

use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;
use syntax::TextRange;

use super::{Access, Form, Names};
use crate::SymbolKind;
pub(crate) use resolve::is_builtin;

/// The names of this text.
pub(super) fn names(text: &str) -> Names {
    if u32::try_from(text.len()).is_err() {
        return Names::default();
    }
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    let facts = walk::facts(text, parsed.syntax());
    let resolved = resolve::resolve(&facts);
    members::attribute(&facts, resolved).finish()
}

/// What the walk noted. Nodes are told by where they start.
#[derive(Debug, Default)]
struct Facts<'a> {
    text: &'a str,
    scopes: Vec<Scope<'a>>,
    events: Vec<Event<'a>>,
    functions: Vec<Function<'a>>,
    classes: Vec<Class>,
    accesses: Vec<MemberAccess<'a>>,
    calls: Vec<Call<'a>>,
    imports: Vec<PythonImport<'a>>,
    /// Names in `__all__`.
    exported: Vec<TextRange>,
    /// Names of members in strings, each with its class: `__slots__`.
    slots: Vec<(usize, TextRange)>,
    /// `case Point(x=0)`: the class, and the name of the member.
    patterns: Vec<(Value, TextRange)>,
    /// `{x=}` in f-strings: the text of what is in it is shown.
    shown: Vec<TextRange>,
    /// Strings with something in them.
    strings: Vec<TextRange>,
    /// `globals()` and the like are called: they look for names in strings.
    reads_globals: bool,
}

#[derive(Debug)]
struct Scope<'a> {
    kind: ScopeKind,
    parent: usize,
    /// `global x` and `nonlocal x`: true for the former.
    declared: HashMap<&'a str, bool>,
    /// Something in it looks for its names at run time: `locals()`, `eval`.
    reads_names: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScopeKind {
    Module,
    Class(usize),
    Function,
    Comprehension,
    TypeParameters,
}

/// A name by itself.
#[derive(Debug)]
struct Event<'a> {
    scope: usize,
    name: &'a str,
    range: TextRange,
    what: What,
}

#[derive(Debug)]
enum What {
    Use,
    /// In `global` and `nonlocal`.
    Declare,
    Bind {
        access: Access,
        kind: SymbolKind,
        form: Form,
        value: Value,
    },
}

/// What a value is, as far as the text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    /// What the name that starts here stands for.
    Name(usize),
    /// What a call of that name gives.
    CallOf(usize),
    /// An object of the class that the name stands for.
    ObjectOf(usize),
    /// What a member stands for, by its index in the accesses.
    Member(usize),
    /// What a call of a member gives.
    CallOfMember(usize),
    /// `super()` in this class.
    Super(usize),
    /// `self`: an object of this class.
    SelfOf(usize),
    /// `cls`: this class, or one below it.
    ClassSelf(usize),
    /// The class of this index.
    Class(usize),
    /// The function of this index.
    Function(usize),
    /// The import of this index.
    Import(usize),
    /// `None`, or no value at all.
    Nothing,
    Unknown,
}

#[derive(Debug)]
struct Function<'a> {
    /// Where its name starts; its parameters' start for a lambda.
    start: usize,
    /// The parameters that can be named at a call.
    parameters: Vec<(&'a str, usize)>,
    /// The class it is a method of.
    class: Option<usize>,
}

#[derive(Debug)]
struct Class {
    /// Where its name starts.
    start: usize,
    bases: Vec<Value>,
    /// Its fields are the parameters of a call.
    is_dataclass: bool,
    /// Something beside its bases makes its members: a metaclass, a decorator.
    is_made: bool,
}

#[derive(Debug)]
struct MemberAccess<'a> {
    receiver: Value,
    name: &'a str,
    range: TextRange,
    access: Access,
    /// What it is assigned.
    value: Value,
}

#[derive(Debug)]
struct Call<'a> {
    callee: Value,
    keywords: Vec<(&'a str, TextRange)>,
    /// `**options`: keywords that nobody can see.
    unpacked: Option<TextRange>,
    /// Where the names among the arguments start: they may get the keywords.
    passed: Vec<usize>,
    /// Dataclasses and partial calls.
    is_partial: bool,
}

#[derive(Debug)]
struct PythonImport<'a> {
    module: String,
    module_range: TextRange,
    /// `None` for a module as a whole, `*` for everything.
    name: Option<&'a str>,
    range: TextRange,
    /// Where what it binds starts, and what that is called.
    bound: Option<usize>,
    is_unaliased: bool,
}
