//! Gives each name of a Python document its symbol, as the language's scopes have it.

use std::collections::HashMap;

use super::{Event, Facts, ScopeKind, Value, What};
use crate::SymbolKind;
use crate::names::{Access, BoundName, Form, FreeName, Level, Names, Place};

/// The symbols of a document before members are told.
pub(super) struct Resolved {
    pub(super) names: Names,
    /// The symbol of the name that starts at an offset.
    pub(super) at: HashMap<usize, usize>,
    /// The scope of each symbol.
    pub(super) scopes: Vec<usize>,
    /// What each symbol is bound to.
    pub(super) values: Vec<Vec<Value>>,
}

/// Names that are there without a definition, and that documents define for themselves.
const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// Whether a name is a builtin of Python.
pub(crate) fn is_builtin(name: &str) -> bool {
    let is_class = name.starts_with(char::is_uppercase) && (name.ends_with("Error") || name.ends_with("Warning"));
    is_class
        || BUILTINS.contains(&name)
        || matches!(
            name,
            "BaseException"
                | "Exception"
                | "BaseExceptionGroup"
                | "ExceptionGroup"
                | "StopIteration"
                | "StopAsyncIteration"
                | "KeyboardInterrupt"
                | "SystemExit"
                | "GeneratorExit"
                | "NotImplemented"
                | "Ellipsis"
                | "__import__"
                | "__name__"
                | "__file__"
                | "__doc__"
                | "__debug__"
        )
}

/// The symbols of what the walk noted.
pub(super) fn resolve(facts: &Facts<'_>) -> Resolved {
    let mut resolver = Resolver::new(facts);
    let found: Vec<Option<usize>> =
        facts.events.iter().enumerate().map(|(index, event)| resolver.symbol_of(index, event)).collect();
    for (event, symbol) in facts.events.iter().zip(found) {
        resolver.note(event, symbol);
    }
    for (scope, symbol) in facts.exported.iter().filter_map(|word| {
        let name = facts.text.get(word.start..word.end)?;
        Some((word, *resolver.own.get(&(0, name))?))
    }) {
        let place = Place { range: *scope, access: Access::Read, form: Form::Plain };
        resolver.resolved.names.symbols[symbol].places.push(place);
    }
    resolver.obstacles();
    resolver.resolved
}

struct Resolver<'a> {
    facts: &'a Facts<'a>,
    /// The symbols by scope and name.
    own: HashMap<(usize, &'a str), usize>,
    /// The first event that binds a symbol.
    first_bound: Vec<usize>,
    resolved: Resolved,
}

impl<'a> Resolver<'a> {
    fn new(facts: &'a Facts<'a>) -> Self {
        let resolved = Resolved { names: Names::default(), at: HashMap::new(), scopes: Vec::new(), values: Vec::new() };
        let mut this = Self { facts, own: HashMap::new(), first_bound: Vec::new(), resolved };
        let binds = |event: &&Event<'_>| matches!(event.what, What::Bind { .. });
        let is_own = |event: &&Event<'_>| !facts.scopes[event.scope].declared.contains_key(event.name);
        for (index, event) in facts.events.iter().enumerate().filter(|(_, event)| binds(event) && is_own(event)) {
            this.add(event.scope, event.name, index);
        }
        // `global x` makes a name of the document, `nonlocal x` needs one.
        for (index, event) in facts.events.iter().enumerate().filter(|(_, event)| binds(event) && !is_own(event)) {
            let is_global = facts.scopes[event.scope].declared.get(event.name).copied().unwrap_or(false);
            match this.enclosing(event.scope, event.name) {
                Some(_) if !is_global => {}
                _ => this.add(0, event.name, index),
            }
        }
        this
    }

    fn add(&mut self, scope: usize, name: &'a str, event: usize) {
        if self.own.contains_key(&(scope, name)) {
            return;
        }
        let level = match self.facts.scopes[scope].kind {
            ScopeKind::Module => Level::Document,
            ScopeKind::Class(_) => Level::Member,
            _ => Level::Local,
        };
        self.own.insert((scope, name), self.first_bound.len());
        self.first_bound.push(event);
        self.resolved.scopes.push(scope);
        self.resolved.values.push(Vec::new());
        self.resolved.names.symbols.push(BoundName {
            name: name.to_owned(),
            kind: SymbolKind::Variable,
            level,
            places: Vec::new(),
            parameter_of: None,
            owners: Vec::new(),
            obstacle: None,
        });
    }

    /// The function around a scope that binds a name: what `nonlocal` means.
    fn enclosing(&self, scope: usize, name: &str) -> Option<usize> {
        let mut scope = self.facts.scopes[scope].parent;
        while scope != 0 {
            let is_class = matches!(self.facts.scopes[scope].kind, ScopeKind::Class(_));
            if let Some(symbol) = self.own.get(&(scope, name)).filter(|_| !is_class) {
                return Some(*symbol);
            }
            scope = self.facts.scopes[scope].parent;
        }
        None
    }

    fn symbol_of(&self, index: usize, event: &Event<'a>) -> Option<usize> {
        let global = || self.own.get(&(0, event.name)).copied();
        let mut scope = event.scope;
        let mut sees_class = true;
        loop {
            let here = &self.facts.scopes[scope];
            match here.declared.get(event.name) {
                Some(true) => return global(),
                Some(false) => return self.enclosing(scope, event.name).or_else(global),
                None => {}
            }
            let is_class = matches!(here.kind, ScopeKind::Class(_));
            if let Some(&symbol) = self.own.get(&(scope, event.name)).filter(|_| !is_class || sees_class) {
                // A class looks outside for what it does not have yet, a document among the builtins.
                let is_later =
                    matches!(event.what, What::Use) && scope == event.scope && self.first_bound[symbol] > index;
                let looks_on = is_later && (is_class || (scope == 0 && is_builtin(event.name)));
                if !looks_on {
                    return Some(symbol);
                }
            }
            if scope == 0 {
                return None;
            }
            sees_class &= here.kind == ScopeKind::TypeParameters;
            scope = here.parent;
        }
    }

    fn note(&mut self, event: &Event<'a>, symbol: Option<usize>) {
        let Some(index) = symbol else {
            let free = FreeName { name: event.name.to_owned(), range: event.range };
            self.resolved.names.free.push(free);
            return;
        };
        self.resolved.at.insert(event.range.start, index);
        let symbol = &mut self.resolved.names.symbols[index];
        let (access, form) = match &event.what {
            What::Use | What::Declare => (Access::Read, Form::Plain),
            What::Bind { access, kind, form, value } => {
                let is_first = self.resolved.values[index].is_empty();
                if is_first || symbol.kind == SymbolKind::Variable {
                    symbol.kind = *kind;
                }
                self.resolved.values[index].push(value.clone());
                (*access, *form)
            }
        };
        symbol.places.push(Place { range: event.range, access, form });
        if let Some(reader) = self.facts.scopes[event.scope].reads_names.filter(|_| symbol.level == Level::Local) {
            symbol.obstacle =
                Some(format!("`{}` is in reach of `{reader}`, which reads names from strings", symbol.name));
        }
    }

    fn obstacles(&mut self) {
        let texts: Vec<&str> = match self.facts.reads_globals || self.facts.scopes[0].reads_names.is_some() {
            true => self.facts.strings.iter().filter_map(|range| self.facts.text.get(range.start..range.end)).collect(),
            false => Vec::new(),
        };
        for symbol in &mut self.resolved.names.symbols {
            let name = &symbol.name;
            let is_shown = symbol.places.iter().any(|it| self.facts.shown.iter().any(|shown| shown.contains(it.range)));
            if is_shown {
                symbol.obstacle = Some(format!("an f-string prints the name itself: `{name}=`"));
            } else if name.len() > 4 && name.starts_with("__") && name.ends_with("__") {
                symbol.obstacle = Some(format!("`{name}` has a meaning of its own in Python"));
            } else if symbol.level == Level::Document && texts.iter().any(|text| has_word(text, name)) {
                symbol.obstacle = Some(format!("a string names `{name}`, and names are read from strings here"));
            }
        }
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word))
}
