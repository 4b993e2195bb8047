//! What has one name in several files: a definition, the imports of it, and what imports those.
//!
//! A name that is imported without an alias is the same name in both files; an alias ends it. `module.name` and a
//! member reached through an imported class, enum or namespace belong to it too.

mod origin;
mod scan;

use std::collections::HashSet;

use analysis::{Access, At, Form, Imported, Level, Names};
use syntax::TextRange;

use super::Files;
use origin::module_of;
pub(super) use origin::provided;
pub(super) use origin::{origin, origin_of_free, origin_of_import, origin_of_keyword, origin_of_member};
pub(crate) use scan::Scan;

/// What is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: String,
    start: Start,
}

#[derive(Clone, Copy, Debug)]
enum Start {
    /// A symbol of a file.
    Symbol(usize, usize),
    /// What a file exports under the name.
    Exported(usize),
}

/// What stands here, as something that can be named in several files; `None` where that is not known.
pub(crate) fn target(files: &mut Files<'_>, at: &At<'_>) -> Option<Target> {
    let of_symbol = |files: &mut Files<'_>, (file, symbol): (usize, Option<usize>)| {
        let names = files.names(file)?;
        let name = names.symbols.get(symbol?)?.name.clone();
        Some(Target { name, start: Start::Symbol(file, symbol?) })
    };
    let exported = |name: &str, file: usize| Some(Target { name: name.to_owned(), start: Start::Exported(file) });
    match at {
        At::Symbol(symbol, _) => of_symbol(files, (Files::OWN, Some(*symbol))),
        At::Import(import) => {
            let Imported::Name(name) = &import.what else { return None };
            let file = files.module(Files::OWN, &import.module)?;
            provided(files, file, name)?.1?;
            exported(name, file)
        }
        At::Member(member) => match module_of(files, Files::OWN, member.symbol, &member.path) {
            Some(file) => {
                provided(files, file, &member.name)?.1?;
                exported(&member.name, file)
            }
            None => origin_of_member(files, Files::OWN, member).into_iter().find_map(|it| of_symbol(files, it)),
        },
        At::Keyword(keyword) => {
            origin_of_keyword(files, Files::OWN, keyword).into_iter().find_map(|it| of_symbol(files, it))
        }
        At::Free(free) => {
            let names = files.names(Files::OWN)?;
            let all = names.imports.iter().filter(|import| import.what == Imported::All);
            let modules: Vec<String> = all.map(|import| import.module.clone()).collect();
            let file = modules.into_iter().find_map(|module| {
                let file = files.module(Files::OWN, &module)?;
                provided(files, file, &free.name)?.1.map(|_| file)
            })?;
            exported(&free.name, file)
        }
        At::Export(name, _) => exported(name, Files::OWN),
        At::Guess(_) => None,
    }
}

/// The places of something in several files.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Symbols that have the name, by file.
    pub(crate) symbols: Vec<(usize, usize)>,
    /// Places that have the name beside those of the symbols.
    pub(crate) tokens: Vec<(usize, TextRange, Access)>,
    /// Where an import without alias names what is linked, so that it needs none.
    linked: HashSet<(usize, usize)>,
    /// The files that export it.
    exporting: HashSet<usize>,
    /// The parameter or the member it is, with its file, where it is one.
    of: Option<(usize, usize)>,
}

impl Links {
    /// Everything in these files that is linked to a target.
    pub(crate) fn of(files: &mut Files<'_>, target: &Target, candidates: &[usize]) -> Self {
        let mut this = Self::default();
        let mut walk = Walk { name: &target.name, candidates, links: &mut this };
        match target.start {
            Start::Symbol(file, symbol) => walk.symbol(files, file, symbol),
            Start::Exported(file) => walk.exported(files, file),
        }
        if let Start::Symbol(file, symbol) = target.start
            && let Some(names) = files.names(file)
        {
            let is_owned = names.symbols[symbol].level == Level::Member;
            if is_owned || names.symbols[symbol].parameter_of.is_some() {
                this.of = Some((file, symbol));
                this.reached_through_owner(files, &names, (file, symbol), candidates);
            }
        }
        this
    }

    /// `Shape.area`, `Color.Red`, `area(width=1)` in files that import the owner.
    fn reached_through_owner(
        &mut self,
        files: &mut Files<'_>,
        names: &Names,
        (file, symbol): (usize, usize),
        candidates: &[usize],
    ) {
        let wanted = &names.symbols[symbol];
        for &other in candidates.iter().filter(|other| **other != file) {
            let Some(theirs) = files.names(other) else { continue };
            for member in theirs.members.iter().filter(|member| member.name == wanted.name) {
                let found = origin_of_member(files, other, member);
                if found.contains(&(file, Some(symbol))) {
                    let access = if member.is_write { Access::Write } else { Access::Read };
                    self.tokens.push((other, member.range, access));
                }
            }
            for keyword in theirs.keywords.iter().filter(|keyword| keyword.name == wanted.name) {
                if origin_of_keyword(files, other, keyword).contains(&(file, Some(symbol))) {
                    self.tokens.push((other, keyword.range, Access::Read));
                }
            }
        }
    }

    /// The member or parameter that is asked about, with its file.
    pub(crate) fn owned(&self) -> Option<(usize, usize)> {
        self.of
    }

    /// Whether what a name says at a place of a file stays as it is for others, so that a rename has to say it.
    pub(crate) fn is_kept(&self, file: usize, place: TextRange, form: Form) -> bool {
        match form {
            Form::Import => !self.linked.contains(&(file, place.start)),
            Form::Export => !self.exporting.contains(&file),
            _ => true,
        }
    }

    /// The files that export it under its own name.
    pub(crate) fn exporting(&self) -> impl Iterator<Item = usize> {
        let mut files: Vec<usize> = self.exporting.iter().copied().collect();
        files.sort_unstable();
        files.into_iter()
    }

    /// All places by file, in order.
    pub(crate) fn places(&self, files: &Files<'_>) -> Vec<(usize, Vec<(TextRange, Access)>)> {
        let mut by_file: Vec<(usize, Vec<(TextRange, Access)>)> = Vec::new();
        let mut push = |file: usize, range: TextRange, access: Access| match by_file
            .iter_mut()
            .find(|(known, _)| *known == file)
        {
            Some((_, places)) => places.push((range, access)),
            None => by_file.push((file, vec![(range, access)])),
        };
        for &(file, symbol) in &self.symbols {
            let places = files.known_names(file).map(|names| names.symbols[symbol].places.clone());
            for place in places.unwrap_or_default() {
                push(file, place.range, place.access);
            }
        }
        for &(file, range, access) in &self.tokens {
            push(file, range, access);
        }
        for (_, places) in &mut by_file {
            places.sort_by_key(|(range, _)| (range.start, range.end));
            places.dedup_by_key(|(range, _)| *range);
        }
        by_file
    }
}

struct Walk<'a> {
    name: &'a str,
    candidates: &'a [usize],
    links: &'a mut Links,
}

impl Walk<'_> {
    fn symbol(&mut self, files: &mut Files<'_>, file: usize, symbol: usize) {
        if self.links.symbols.contains(&(file, symbol)) {
            return;
        }
        self.links.symbols.push((file, symbol));
        let Some(names) = files.names(file) else { return };
        for import in names.imports.iter().filter(|it| it.symbol == Some(symbol) && it.is_unaliased) {
            let Imported::Name(name) = &import.what else { continue };
            if let Some(from) = files.module(file, &import.module)
                && provided(files, from, name).is_some_and(|(_, symbol)| symbol.is_some())
            {
                self.links.linked.insert((file, import.range.start));
                self.exported(files, from);
            }
        }
        if names.exports.iter().any(|it| it.symbol == symbol && it.is_own_name) {
            self.exported(files, file);
        }
    }

    /// A file gives others something of the name.
    fn exported(&mut self, files: &mut Files<'_>, file: usize) {
        // Where nobody can look for those others, what they import has to stay.
        let is_reachable = files.is_in_workspace(file);
        if !is_reachable || !self.links.exporting.insert(file) {
            return;
        }
        let Some(names) = files.names(file) else { return };
        let name = self.name;
        for export in names.exports.iter().filter(|it| it.name == name) {
            match export.alias {
                Some(alias) => self.links.tokens.push((file, alias, Access::Read)),
                None if export.is_own_name => self.symbol(files, file, export.symbol),
                None => {}
            }
        }
        for import in &names.imports {
            let exported = import.exported_as.as_ref().filter(|exported| exported.name == self.name);
            if let Some(range) = exported.and_then(|exported| exported.range) {
                self.links.tokens.push((file, range, Access::Read));
            } else if exported.is_some()
                && let Some(from) = files.module(file, &import.module)
            {
                self.links.tokens.push((file, import.range, Access::Read));
                self.exported(files, from);
            } else if import.what == Imported::All
                && !names.exports.iter().any(|it| it.name == self.name)
                && let Some(from) = files.module(file, &import.module)
                && provided(files, from, self.name).is_some()
            {
                self.exported(files, from);
            }
        }
        for &other in self.candidates {
            self.imported(files, file, other);
        }
    }

    /// What `other` does with the name of `file`.
    fn imported(&mut self, files: &mut Files<'_>, file: usize, other: usize) {
        let Some(names) = files.names(other) else { return };
        for import in &names.imports {
            if import.what != Imported::Module && files.module(other, &import.module) != Some(file) {
                continue;
            }
            match &import.what {
                Imported::Name(name) if name == self.name => {
                    if !import.range.is_empty() {
                        self.links.tokens.push((other, import.range, Access::Read));
                    }
                    if import.is_unaliased {
                        self.links.linked.insert((other, import.range.start));
                        if let Some(symbol) = import.symbol {
                            self.symbol(files, other, symbol);
                        }
                        if import.exported_as.is_some() {
                            self.exported(files, other);
                        }
                    }
                }
                Imported::All if other != file && names.top_level(self.name).is_none() => {
                    let free = names.free.iter().filter(|free| free.name == self.name);
                    self.links.tokens.extend(free.map(|free| (other, free.range, Access::Read)));
                    self.exported(files, other);
                }
                _ => {}
            }
        }
        for member in names.members.iter().filter(|member| member.name == self.name) {
            if module_of(files, other, member.symbol, &member.path) == Some(file) {
                let access = if member.is_write { Access::Write } else { Access::Read };
                self.links.tokens.push((other, member.range, access));
            }
        }
    }
}
