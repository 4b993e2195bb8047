//! What every name of a document stands for, by the scope rules of its language.
//!
//! For Python and for JavaScript with TypeScript this is exact: `names::python` binds over ruff's tree, and
//! `names::javascript` over oxc's. A member of a class belongs to it where the class is certain; where it is not, the
//! access is kept as a [`Guess`], so that a rename can refuse rather than miss a place. Not here: other documents.
//! What leaves the document and what comes into it is told by [`Names::imports`] and [`Names::exports`].

mod hierarchy;
mod javascript;
mod python;

use syntax::{Document, TextRange};

use crate::SymbolKind;
use crate::family::Family;
use crate::nesting::is_deeper_than;
pub(crate) use python::is_builtin;

/// Trees that are nested deeper are not read: ruff's and oxc's parsers recurse.
const MAX_DEPTH: usize = 600;

/// The names of a document.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What is bound in the document, with every place that names it.
    pub symbols: Vec<BoundName>,
    /// Names that are bound nowhere in the document: builtins, globals, mistakes.
    pub free: Vec<FreeName>,
    /// What comes from other documents.
    pub imports: Vec<Import>,
    /// What other documents can import.
    pub exports: Vec<Export>,
    /// `module.name`: what a name of the document is asked for. The module may be another document.
    pub members: Vec<MemberUse>,
    /// `f(name=…)`: a parameter named at a call, of something that may come from another document.
    pub keywords: Vec<KeywordUse>,
    /// Accesses and keywords of which nobody can tell what they belong to.
    pub guesses: Vec<Guess>,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundName {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Where it can be seen.
    pub level: Level,
    /// The places that name it, in order.
    pub places: Vec<Place>,
    /// The function it is a parameter of, as an index of [`Names::symbols`].
    pub parameter_of: Option<usize>,
    /// What it is reached by from elsewhere (its classes, its enum, its namespace), as indices of [`Names::symbols`].
    pub owners: Vec<usize>,
    /// Why it cannot be called otherwise, in words.
    pub obstacle: Option<String>,
}

/// Where something can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// In the whole document, and in others where the language lets them.
    Document,
    /// In a class: it is reached through the class and its objects.
    Member,
    /// In a part of the document.
    Local,
}

/// A place that names something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name.
    pub range: TextRange,
    /// What is done with it.
    pub access: Access,
    /// What the name says there besides.
    pub form: Form,
}

/// What is done with something at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is defined.
    Definition,
    /// It gets a value.
    Write,
    /// It is used.
    Read,
}

/// What a name says besides what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    Plain,
    /// The key of a property as well: `{amount}`.
    Shorthand,
    /// What it is called in the document it comes from: `import {amount} from …`.
    Import,
    /// What it is called for other documents: `export {amount}`.
    Export,
    /// Something that cannot be kept beside another name: `import amount.part`.
    Fixed,
}

impl Form {
    /// What has to stand in the place of `old`, so that it is called `new` and all else stays; `None` where that
    /// cannot be written.
    pub fn renamed(self, old: &str, new: &str) -> Option<String> {
        match self {
            Self::Plain => Some(new.to_owned()),
            Self::Shorthand => Some(format!("{old}: {new}")),
            Self::Import => Some(format!("{old} as {new}")),
            Self::Export => Some(format!("{new} as {old}")),
            Self::Fixed => None,
        }
    }
}

/// A name that is bound nowhere in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeName {
    /// The name.
    pub name: String,
    /// Where it is used.
    pub range: TextRange,
}

/// Something from another document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The document it comes from, as it is written: `.shapes`, `./shapes.js`.
    pub module: String,
    /// Where that is written.
    pub module_range: TextRange,
    /// What is imported.
    pub what: Imported,
    /// Where what is imported is named; empty for a whole module.
    pub range: TextRange,
    /// What it is called here, as an index of [`Names::symbols`]; `None` where nothing is bound.
    pub symbol: Option<usize>,
    /// It is called the same here, and the name is written once.
    pub is_unaliased: bool,
    /// The name under which it is exported again at once: `export {a as b} from …`.
    pub exported_as: Option<Exported>,
}

/// What of a document is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// What it exports under a name. In Python this may be a module of a package too.
    Name(String),
    /// The whole document as one thing.
    Module,
    /// Everything, under the names it has there.
    All,
}

/// A name under which something is exported, and where the name is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The name.
    pub name: String,
    /// Where it is written; `None` for a name that is not (`default`).
    pub range: Option<TextRange>,
}

/// Something that other documents can import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Under which name.
    pub name: String,
    /// What, as an index of [`Names::symbols`].
    pub symbol: usize,
    /// It is called the same here, and there is no other place that says what it is called elsewhere.
    pub is_own_name: bool,
    /// Where the name it has elsewhere is written: `b` in `export {a as b}`.
    pub alias: Option<TextRange>,
}

/// `module.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberUse {
    /// What is asked, as an index of [`Names::symbols`].
    pub symbol: usize,
    /// Further steps before the name: `["b"]` in `a.b.name`.
    pub path: Vec<String>,
    /// What it is asked for.
    pub name: String,
    /// Where that is written.
    pub range: TextRange,
    /// It gets a value.
    pub is_write: bool,
}

/// `f(name=…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordUse {
    /// What is called, as an index of [`Names::symbols`].
    pub symbol: usize,
    /// What of it is called: `name` in `module.name(…)`.
    pub member: Option<String>,
    /// The keyword.
    pub name: String,
    /// Where it is written.
    pub range: TextRange,
}

/// A name of which nobody can tell what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub range: TextRange,
    /// What it could be.
    pub could_be: CouldBe,
}

/// What a name could be that nobody can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CouldBe {
    /// A member of any class.
    Member,
    /// A parameter of a function of this name.
    ParameterOf(String),
}

/// What stands at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At<'a> {
    /// Something bound in the document, by its index, and the place that names it.
    Symbol(usize, Place),
    /// The name that something has for other documents only: `b` in `export {a as b}`.
    Export(&'a str, TextRange),
    /// A name of another document, written once more: `a` in `from m import a as b`.
    Import(&'a Import),
    /// A member of something that may be another document.
    Member(&'a MemberUse),
    /// A parameter of something that may come from another document.
    Keyword(&'a KeywordUse),
    /// Something of which nobody can tell what it belongs to.
    Guess(&'a Guess),
    /// Something that is bound nowhere here.
    Free(&'a FreeName),
}

impl Names {
    /// The names of a document; `None` where its language has no exact scopes here, or its text cannot be read.
    pub fn of(document: &Document) -> Option<Self> {
        let family = Family::of(document.language());
        if (family != Family::Python && !family.is_script()) || is_deeper_than(document, MAX_DEPTH) {
            return None;
        }
        let text = document.text().to_string();
        match family {
            Family::Python => Some(python::names(&text)),
            _ => javascript::names(&text, document.language().grammar_name()?),
        }
    }

    /// What stands at `offset`; of two words that touch, the one that begins there.
    pub fn at(&self, offset: usize) -> Option<At<'_>> {
        self.containing(|range| range.start <= offset && offset < range.end)
            .or_else(|| self.containing(|range| !range.is_empty() && range.end == offset))
    }

    fn containing(&self, holds: impl Fn(TextRange) -> bool) -> Option<At<'_>> {
        for (index, symbol) in self.symbols.iter().enumerate() {
            if let Some(place) = symbol.places.iter().find(|place| holds(place.range)) {
                return Some(At::Symbol(index, *place));
            }
        }
        let exported = self.imports.iter().filter_map(|it| it.exported_as.as_ref());
        let exported = exported.filter_map(|it| Some((it.name.as_str(), it.range?)));
        let aliases = self.exports.iter().filter_map(|it| Some((it.name.as_str(), it.alias?))).chain(exported);
        if let Some((name, range)) = aliases.into_iter().find(|(_, range)| holds(*range)) {
            return Some(At::Export(name, range));
        }
        let import = self.imports.iter().find(|it| holds(it.range)).map(At::Import);
        import
            .or_else(|| self.members.iter().find(|it| holds(it.range)).map(At::Member))
            .or_else(|| self.keywords.iter().find(|it| holds(it.range)).map(At::Keyword))
            .or_else(|| self.guesses.iter().find(|it| holds(it.range)).map(At::Guess))
            .or_else(|| self.free.iter().find(|it| holds(it.range)).map(At::Free))
    }

    /// The symbols of the document's own level, by name: the first of several.
    pub fn top_level(&self, name: &str) -> Option<usize> {
        self.symbols.iter().position(|symbol| symbol.level == Level::Document && symbol.name == name)
    }

    /// Leaves out the symbols that were merged: those that are not their own root.
    fn compact(mut self, roots: &[usize]) -> Self {
        let mut kept = vec![usize::MAX; roots.len()];
        let mut symbols = Vec::new();
        for (index, symbol) in self.symbols.into_iter().enumerate() {
            if roots[index] == index {
                kept[index] = symbols.len();
                symbols.push(symbol);
            }
        }
        let now = |symbol: usize| kept[roots[symbol]];
        for symbol in &mut symbols {
            symbol.parameter_of = symbol.parameter_of.map(now);
            symbol.owners = symbol.owners.iter().map(|owner| now(*owner)).collect();
        }
        self.imports.iter_mut().for_each(|import| import.symbol = import.symbol.map(now));
        self.exports.iter_mut().for_each(|export| export.symbol = now(export.symbol));
        self.members.iter_mut().for_each(|member| member.symbol = now(member.symbol));
        self.keywords.iter_mut().for_each(|keyword| keyword.symbol = now(keyword.symbol));
        Self { symbols, ..self }
    }

    /// Puts the places in order, each once, and lets a variable be defined where it first gets a value.
    fn finish(mut self) -> Self {
        for symbol in &mut self.symbols {
            symbol.places.sort_by_key(|place| (place.range.start, place.range.end));
            symbol.places.dedup_by_key(|place| place.range);
            if symbol.places.iter().all(|place| place.access != Access::Definition)
                && let Some(first) = symbol.places.iter_mut().find(|place| place.access == Access::Write)
            {
                first.access = Access::Definition;
            }
        }
        self
    }
}

impl BoundName {
    /// Where it is defined: the first of several places.
    pub fn definition(&self) -> Option<TextRange> {
        self.places.iter().find(|place| place.access == Access::Definition).map(|place| place.range)
    }
}
