//! Keywords at calls: the parameters they name.

use super::{Known, Members, Target};
use crate::names::python::{Call, Value};
use crate::names::{Access, CouldBe, Form, Guess, KeywordUse, Place};

/// What a call is of.
enum Callee {
    /// These functions, whichever it is.
    Functions(Vec<usize>),
    /// A class whose fields are its parameters.
    Fields(usize),
    /// Something imported, or a member of it.
    Import(usize, Option<String>),
    /// Something that is not defined here.
    Foreign,
    /// Nobody knows; what it is called.
    Unknown(String),
}

impl Members<'_> {
    /// Gives keywords to the parameters they name.
    pub(super) fn keywords(&mut self) {
        for index in 0..self.facts.functions.len() {
            self.own_parameters(index);
        }
        let facts = self.facts;
        for call in &facts.calls {
            let callee = self.callee(call);
            match callee {
                Callee::Functions(functions) => self.name_parameters(call, &functions),
                Callee::Fields(class) => self.name_fields(call, class),
                Callee::Import(symbol, member) => {
                    let uses = call.keywords.iter().map(|(name, range)| KeywordUse {
                        symbol,
                        member: member.clone(),
                        name: (*name).to_owned(),
                        range: *range,
                    });
                    self.resolved.names.keywords.extend(uses);
                    self.passed(call);
                }
                Callee::Foreign => self.passed(call),
                Callee::Unknown(function) => {
                    self.guess(call, &function);
                    self.passed(call);
                }
            }
        }
    }

    /// Ties parameters to their function.
    fn own_parameters(&mut self, function: usize) {
        let facts = self.facts;
        let function = &facts.functions[function];
        let is_constructor = self.facts.text[function.start..].starts_with("__init__")
            || self.facts.text[function.start..].starts_with("__new__");
        let start = match function.class {
            Some(class) if is_constructor => self.facts.classes[class].start,
            _ => function.start,
        };
        let Some(&owner) = self.resolved.at.get(&start) else { return };
        for (_, start) in &function.parameters {
            if let Some(&parameter) = self.resolved.at.get(start) {
                self.resolved.names.symbols[parameter].parameter_of = Some(owner);
            }
        }
    }

    fn callee(&self, call: &Call<'_>) -> Callee {
        let unknown = |name: &str| Callee::Unknown(name.to_owned());
        match &call.callee {
            Value::Name(start) => {
                // `partial(f, name=…)`
                let start = if call.is_partial { call.passed.first().unwrap_or(start) } else { start };
                let Some(&symbol) = self.resolved.at.get(start) else { return Callee::Foreign };
                self.callee_of_values(symbol, *start)
            }
            Value::Member(access) => {
                let name = self.facts.accesses[*access].name;
                match self.targets[*access] {
                    Target::Class(class) => {
                        let functions = self.functions_of_member(class, name, true);
                        if functions.is_empty() { unknown(name) } else { Callee::Functions(functions) }
                    }
                    Target::Super(class) => {
                        let line = self.hierarchy.line_of(class);
                        let bases = line.iter().filter(|base| **base != class);
                        let found = bases.map(|base| self.functions_of_member(*base, name, false));
                        let found = found.into_iter().find(|functions| !functions.is_empty());
                        found.map_or(Callee::Foreign, Callee::Functions)
                    }
                    Target::Import(symbol) => {
                        let is_direct = matches!(self.facts.accesses[*access].receiver, Value::Name(_));
                        if is_direct { Callee::Import(symbol, Some(name.to_owned())) } else { Callee::Foreign }
                    }
                    Target::Foreign => Callee::Foreign,
                    Target::Unknown => unknown(name),
                }
            }
            _ => unknown(""),
        }
    }

    fn callee_of_values(&self, symbol: usize, start: usize) -> Callee {
        let values = &self.resolved.values[symbol];
        let functions: Vec<usize> = values
            .iter()
            .filter_map(|value| match value {
                Value::Function(function) => Some(*function),
                _ => None,
            })
            .collect();
        if !functions.is_empty() && functions.len() == values.len() {
            return Callee::Functions(functions);
        }
        match self.known_name(start, 0) {
            Some(Known::Class(class)) => self.constructor(class),
            Some(Known::Import(symbol)) => Callee::Import(symbol, None),
            Some(Known::Foreign) => Callee::Foreign,
            _ => Callee::Unknown(String::new()),
        }
    }

    /// What a call of a class names the parameters of.
    fn constructor(&self, class: usize) -> Callee {
        for &base in self.hierarchy.line_of(class) {
            for name in ["__init__", "__new__"] {
                let functions = self.functions_of_member(base, name, false);
                if !functions.is_empty() {
                    return Callee::Functions(functions);
                }
            }
            if self.facts.classes[base].is_dataclass {
                return Callee::Fields(class);
            }
        }
        Callee::Foreign
    }

    /// The functions that a member of a class can be: its own or the nearest it inherits, and what overrides it.
    fn functions_of_member(&self, class: usize, name: &str, with_overrides: bool) -> Vec<usize> {
        let is_own = |owner: usize, function: &usize| {
            let function = &self.facts.functions[*function];
            let is_named = self.facts.text[function.start..].starts_with(name)
                && !self.facts.text[function.start + name.len()..]
                    .starts_with(|c: char| c.is_alphanumeric() || c == '_');
            function.class == Some(owner) && is_named
        };
        let of_class = |owner: usize| (0..self.facts.functions.len()).filter(move |it| is_own(owner, it));
        let line = self.hierarchy.line_of(class);
        let mut functions: Vec<usize> =
            line.iter().map(|owner| of_class(*owner).collect::<Vec<_>>()).find(|it| !it.is_empty()).unwrap_or_default();
        if with_overrides {
            let below = (0..self.facts.classes.len()).filter(|it| *it != class && self.hierarchy.extends(*it, class));
            functions.extend(below.flat_map(of_class));
        }
        functions
    }

    fn name_parameters(&mut self, call: &Call<'_>, functions: &[usize]) {
        for (name, range) in &call.keywords {
            let parameters = functions.iter().filter_map(|function| {
                let mut own = self.facts.functions[*function].parameters.iter();
                let (_, start) = own.find(|(parameter, _)| parameter == name)?;
                self.resolved.at.get(start).copied()
            });
            let parameters: Vec<usize> = parameters.collect();
            let Some((&first, others)) = parameters.split_first() else { continue };
            for other in others {
                self.merge(first, *other);
            }
            let first = self.root(first);
            let place = Place { range: *range, access: Access::Read, form: Form::Plain };
            self.resolved.names.symbols[first].places.push(place);
        }
        let Some(unpacked) = call.unpacked else { return };
        let facts = self.facts;
        let line = self.facts.text[..unpacked.start].matches('\n').count() + 1;
        for function in functions {
            for (_, start) in &facts.functions[*function].parameters {
                if let Some(&parameter) = self.resolved.at.get(start) {
                    let parameter = self.root(parameter);
                    let symbol = &mut self.resolved.names.symbols[parameter];
                    symbol.obstacle = Some(format!(
                        "the call in line {line} unpacks a dictionary with `**`, which may name `{}`",
                        symbol.name
                    ));
                }
            }
        }
    }

    fn name_fields(&mut self, call: &Call<'_>, class: usize) {
        for (name, range) in &call.keywords {
            if let Some(symbol) = self.member(class, name) {
                let place = Place { range: *range, access: Access::Read, form: Form::Plain };
                self.resolved.names.symbols[symbol].places.push(place);
            }
        }
    }

    fn guess(&mut self, call: &Call<'_>, function: &str) {
        let guesses = call.keywords.iter().map(|(name, range)| Guess {
            name: (*name).to_owned(),
            range: *range,
            could_be: CouldBe::ParameterOf(function.to_owned()),
        });
        self.resolved.names.guesses.extend(guesses);
    }

    /// `submit(f, name=…)`: what gets a function may call it with the keyword.
    fn passed(&mut self, call: &Call<'_>) {
        for start in &call.passed {
            let Some(&symbol) = self.resolved.at.get(start) else { continue };
            let is_function = self.resolved.values[symbol].iter().any(|value| matches!(value, Value::Function(_)));
            if is_function {
                let function = self.resolved.names.symbols[symbol].name.clone();
                self.guess(call, &function);
            }
        }
    }
}
