//! What members and keywords of a Python document belong to.
//!
//! A class is certain where it is named, called, annotated, or `self`; the classes of one hierarchy that define a
//! member share it. Everything else is a [`Guess`].

mod bases;
mod keywords;

use std::collections::{HashMap, HashSet};

use super::resolve::Resolved;
use super::{Facts, ScopeKind, Value};
use crate::SymbolKind;
use crate::names::hierarchy::Hierarchy;
use crate::names::{
    Access, BoundName, CouldBe, Export, Form, FreeName, Guess, Import, Imported, Level, MemberUse, Names, Place,
};
use bases::Strangers;

/// How many members deep a chain of accesses is followed: `self.engine.pump.start`.
const ROUNDS: usize = 3;

/// What a value is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// An object of the class of this index.
    Object(usize),
    /// The class itself.
    Class(usize),
    /// What its bases have.
    Super(usize),
    /// Something imported, by its symbol.
    Import(usize),
    /// Something that has no members of ours: a builtin.
    Foreign,
}

/// What an access was found to be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// A member of this class.
    Class(usize),
    /// The same, as its bases have it.
    Super(usize),
    /// A member of a name that was imported; the other accesses before it.
    Import(usize),
    /// Nobody knows.
    Unknown,
    /// A member of something that is not defined here.
    Foreign,
}

/// Finishes the names of a document.
pub(super) fn attribute(facts: &Facts<'_>, resolved: Resolved) -> Names {
    let mut members = Members {
        facts,
        values_of_members: HashMap::new(),
        targets: vec![Target::Unknown; facts.accesses.len()],
        paths: vec![Vec::new(); facts.accesses.len()],
        hierarchy: Hierarchy::default(),
        strangers: Strangers::default(),
        by_class: HashMap::new(),
        merged: Vec::new(),
        free: resolved.names.free.iter().map(|free| free.range.start).collect(),
        resolved,
    };
    (members.hierarchy, members.strangers) = bases::bases(&members);
    for _ in 0..ROUNDS {
        members.tell_accesses();
    }
    members.group();
    members.imports();
    members.keywords();
    members.finish()
}

struct Members<'a> {
    facts: &'a Facts<'a>,
    resolved: Resolved,
    targets: Vec<Target>,
    /// The accesses between an import and a member of it.
    paths: Vec<Vec<String>>,
    /// What members are assigned, by class and name.
    values_of_members: HashMap<(usize, &'a str), Vec<Value>>,
    hierarchy: Hierarchy,
    strangers: Strangers,
    /// The symbol of a member, by class and name.
    by_class: HashMap<(usize, &'a str), usize>,
    /// The symbol that each was merged into.
    merged: Vec<usize>,
    /// Where the names start that are bound nowhere.
    free: HashSet<usize>,
}

impl<'a> Members<'a> {
    /// What a value is, where the text leaves no doubt.
    fn known(&self, value: &Value, depth: usize) -> Option<Known> {
        if depth > 8 {
            return None;
        }
        let called = |known| match known {
            Known::Class(class) => Some(Known::Object(class)),
            Known::Foreign => Some(Known::Foreign),
            _ => None,
        };
        match value {
            Value::Name(start) => self.known_name(*start, depth),
            Value::CallOf(start) | Value::ObjectOf(start) => self.known_name(*start, depth).and_then(called),
            Value::Member(access) => self.known_member(*access, depth),
            Value::CallOfMember(access) => self.known_member(*access, depth).and_then(called),
            Value::Super(class) => Some(Known::Super(*class)),
            Value::SelfOf(class) => Some(Known::Object(*class)),
            Value::ClassSelf(class) | Value::Class(class) => Some(Known::Class(*class)),
            Value::Import(_) | Value::Function(_) | Value::Nothing | Value::Unknown => None,
        }
    }

    fn known_name(&self, start: usize, depth: usize) -> Option<Known> {
        let Some(&symbol) = self.resolved.at.get(&start) else {
            return self.free.contains(&start).then_some(Known::Foreign);
        };
        let values = &self.resolved.values[symbol];
        if !values.is_empty() && values.iter().all(|value| matches!(value, Value::Import(_))) {
            return Some(Known::Import(symbol));
        }
        self.agreed(values, depth)
    }

    /// What all of these values are.
    fn agreed(&self, values: &[Value], depth: usize) -> Option<Known> {
        let mut known = values.iter().filter(|value| **value != Value::Nothing).map(|it| self.known(it, depth + 1));
        let first = known.next()??;
        known.all(|other| other == Some(first)).then_some(first)
    }

    fn known_member(&self, access: usize, depth: usize) -> Option<Known> {
        let name = self.facts.accesses[access].name;
        match self.targets[access] {
            Target::Class(class) => {
                let classes = self.hierarchy.line_of(class);
                let values = classes.iter().filter_map(|class| self.values_of_members.get(&(*class, name)));
                let values: Vec<Value> = values.flatten().cloned().collect();
                self.agreed(&values, depth)
            }
            Target::Foreign => Some(Known::Foreign),
            _ => None,
        }
    }

    fn tell_accesses(&mut self) {
        self.values_of_members = self.assigned();
        for (index, access) in self.facts.accesses.iter().enumerate() {
            let target = match self.known(&access.receiver, 0) {
                Some(Known::Object(class) | Known::Class(class)) => Target::Class(class),
                Some(Known::Super(class)) => Target::Super(class),
                Some(Known::Import(symbol)) => Target::Import(symbol),
                Some(Known::Foreign) => Target::Foreign,
                None => match access.receiver {
                    Value::Member(before) if matches!(self.targets[before], Target::Import(_)) => {
                        let mut path = self.paths[before].clone();
                        path.push(self.facts.accesses[before].name.to_owned());
                        self.paths[index] = path;
                        self.targets[before]
                    }
                    _ => Target::Unknown,
                },
            };
            self.targets[index] = target;
        }
    }

    fn assigned(&self) -> HashMap<(usize, &'a str), Vec<Value>> {
        let mut values: HashMap<(usize, &str), Vec<Value>> = HashMap::new();
        for event in &self.facts.events {
            if let (super::What::Bind { value, .. }, ScopeKind::Class(class)) =
                (&event.what, self.facts.scopes[event.scope].kind)
            {
                values.entry((class, event.name)).or_default().push(value.clone());
            }
        }
        for (access, target) in self.facts.accesses.iter().zip(&self.targets) {
            if let (Access::Write, Target::Class(class)) = (access.access, target) {
                values.entry((*class, access.name)).or_default().push(access.value.clone());
            }
        }
        values
    }

    /// Joins what the classes of a hierarchy define and use under one name.
    fn group(&mut self) {
        self.merged = (0..self.resolved.names.symbols.len()).collect();
        let facts = self.facts;
        // The names as the text has them.
        let in_text = |event: &super::Event<'a>| Some((*self.resolved.at.get(&event.range.start)?, event.name));
        let names: HashMap<usize, &'a str> = facts.events.iter().filter_map(in_text).collect();
        let mut involved: Vec<(&'a str, usize)> = Vec::new();
        for (index, scope) in self.resolved.scopes.clone().into_iter().enumerate() {
            if let ScopeKind::Class(class) = self.facts.scopes[scope].kind {
                let Some(&name) = names.get(&index) else { continue };
                self.by_class.insert((class, name), index);
                involved.push((name, class));
            }
        }
        for (access, target) in self.facts.accesses.iter().zip(self.targets.clone()) {
            if let Target::Class(class) | Target::Super(class) = target {
                involved.push((access.name, class));
            }
        }
        involved.sort_unstable();
        involved.dedup();
        for of_name in involved.chunk_by(|one, other| one.0 == other.0) {
            let classes: Vec<usize> = of_name.iter().map(|(_, class)| *class).collect();
            for group in self.hierarchy.groups(&classes) {
                self.join(of_name[0].0, &group);
            }
        }
        self.place_accesses();
    }

    /// Makes one symbol of a member of these classes, where one of them defines it.
    fn join(&mut self, name: &'a str, classes: &[usize]) {
        let own: Vec<usize> = classes.iter().filter_map(|class| self.by_class.get(&(*class, name)).copied()).collect();
        let is_assigned = self.facts.accesses.iter().zip(&self.targets).any(|(access, target)| {
            access.name == name
                && access.access == Access::Write
                && matches!(target, Target::Class(class) if classes.contains(class))
        });
        let symbol = match own.first() {
            Some(first) => *first,
            None if is_assigned => {
                let symbols = &mut self.resolved.names.symbols;
                symbols.push(BoundName {
                    name: name.to_owned(),
                    kind: SymbolKind::Field,
                    level: Level::Member,
                    places: Vec::new(),
                    parameter_of: None,
                    owners: Vec::new(),
                    obstacle: None,
                });
                self.resolved.values.push(Vec::new());
                self.resolved.scopes.push(0);
                self.merged.push(symbols.len() - 1);
                symbols.len() - 1
            }
            None => return,
        };
        for other in own.into_iter().skip(1) {
            self.merge(symbol, other);
        }
        for class in classes {
            self.by_class.insert((*class, name), symbol);
        }
        let is_dunder = name.starts_with("__") && name.ends_with("__");
        let owners =
            classes.iter().filter_map(|class| self.resolved.at.get(&self.facts.classes[*class].start).copied());
        self.resolved.names.symbols[symbol].owners = owners.collect();
        let obstacle = classes.iter().find_map(|class| self.strangers.obstacle(*class, name));
        if let Some(obstacle) = obstacle.filter(|_| !is_dunder) {
            self.resolved.names.symbols[symbol].obstacle = Some(obstacle);
        }
    }

    /// Two symbols are one.
    fn merge(&mut self, into: usize, other: usize) {
        let (into, other) = (self.root(into), self.root(other));
        if into == other {
            return;
        }
        let symbols = &mut self.resolved.names.symbols;
        let places = std::mem::take(&mut symbols[other].places);
        let obstacle = symbols[other].obstacle.take();
        symbols[into].places.extend(places);
        symbols[into].obstacle = symbols[into].obstacle.take().or(obstacle);
        self.merged[other] = into;
    }

    fn root(&self, mut symbol: usize) -> usize {
        while self.merged[symbol] != symbol {
            symbol = self.merged[symbol];
        }
        symbol
    }

    /// The symbol of a member of a class, its own or one it inherits.
    fn member(&self, class: usize, name: &str) -> Option<usize> {
        let line = self.hierarchy.line_of(class);
        let found = line.iter().find_map(|class| self.by_class.get(&(*class, name)).copied())?;
        Some(self.root(found))
    }

    fn place_accesses(&mut self) {
        for index in 0..self.facts.accesses.len() {
            let access = &self.facts.accesses[index];
            let (name, range) = (access.name, access.range);
            match self.targets[index] {
                Target::Class(class) | Target::Super(class) => match self.member(class, name) {
                    Some(symbol) => {
                        let place = Place { range, access: access.access, form: Form::Plain };
                        self.resolved.names.symbols[symbol].places.push(place);
                    }
                    None => self.resolved.names.free.push(FreeName { name: name.to_owned(), range }),
                },
                Target::Import(symbol) => self.resolved.names.members.push(MemberUse {
                    symbol,
                    path: std::mem::take(&mut self.paths[index]),
                    name: name.to_owned(),
                    range,
                    is_write: access.access == Access::Write,
                }),
                Target::Unknown => {
                    self.resolved.names.guesses.push(Guess { name: name.to_owned(), range, could_be: CouldBe::Member });
                }
                Target::Foreign => {
                    self.resolved.names.free.push(FreeName { name: name.to_owned(), range });
                }
            }
        }
        let slots = self.facts.slots.iter().map(|(class, range)| (*class, *range));
        let patterns = self.facts.patterns.iter().filter_map(|(class, range)| match self.known(class, 0) {
            Some(Known::Class(class)) => Some((class, *range)),
            _ => None,
        });
        for (class, range) in slots.chain(patterns).collect::<Vec<_>>() {
            let name = self.facts.text.get(range.start..range.end).unwrap_or_default();
            if let Some(symbol) = self.member(class, name) {
                let place = Place { range, access: Access::Read, form: Form::Plain };
                self.resolved.names.symbols[symbol].places.push(place);
            }
        }
        for (class, range) in &self.facts.patterns {
            if !matches!(self.known(class, 0), Some(Known::Class(_) | Known::Foreign)) {
                let name = self.facts.text.get(range.start..range.end).unwrap_or_default().to_owned();
                self.resolved.names.guesses.push(Guess { name, range: *range, could_be: CouldBe::Member });
            }
        }
    }

    fn imports(&mut self) {
        for import in &self.facts.imports {
            let what = match import.name {
                None => Imported::Module,
                Some("*") => Imported::All,
                Some(name) => Imported::Name(name.to_owned()),
            };
            let symbol = import.bound.and_then(|start| self.resolved.at.get(&start).copied());
            self.resolved.names.imports.push(Import {
                module: import.module.clone(),
                module_range: import.module_range,
                what,
                range: import.range,
                symbol,
                is_unaliased: import.is_unaliased,
                exported_as: None,
            });
        }
        for (index, symbol) in self.resolved.names.symbols.iter().enumerate() {
            if symbol.level == Level::Document {
                let export = Export { name: symbol.name.clone(), symbol: index, is_own_name: true, alias: None };
                self.resolved.names.exports.push(export);
            }
        }
    }

    fn finish(self) -> Names {
        let roots: Vec<usize> = (0..self.merged.len()).map(|symbol| self.root(symbol)).collect();
        self.resolved.names.compact(&roots)
    }
}
