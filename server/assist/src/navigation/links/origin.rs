//! Where something that is imported comes from.

use analysis::{Imported, KeywordUse, Level, MemberUse, Names};

use super::super::Files;

/// A file and its symbol; without one the file as a whole.
pub(in crate::navigation) type Origin = (usize, Option<usize>);

/// Longest way from an import to a definition.
const MAX_STEPS: usize = 16;

/// Where a symbol of a file comes from: itself where nothing says more.
pub(in crate::navigation) fn origin(files: &mut Files<'_>, file: usize, symbol: usize) -> Vec<Origin> {
    follow(files, file, symbol, 0).into_iter().collect()
}

/// Where what a file imports from `module` under a name comes from.
pub(in crate::navigation) fn origin_of_import(
    files: &mut Files<'_>,
    file: usize,
    module: &str,
    name: &str,
) -> Vec<Origin> {
    let found = files.module(file, module).and_then(|from| provided(files, from, name));
    found.or_else(|| submodule(files, file, module, name).map(|file| (file, None))).into_iter().collect()
}

/// Where a name comes from that is bound nowhere in its file: something that is imported with all else.
pub(in crate::navigation) fn origin_of_free(files: &mut Files<'_>, file: usize, name: &str) -> Vec<Origin> {
    files.names(file).and_then(|names| from_all(files, file, &names, name, 0)).into_iter().collect()
}

/// Where a member of something that is imported comes from.
pub(in crate::navigation) fn origin_of_member(files: &mut Files<'_>, file: usize, member: &MemberUse) -> Vec<Origin> {
    if let Some(module) = module_of(files, file, member.symbol, &member.path) {
        return provided(files, module, &member.name).into_iter().collect();
    }
    let owner = match member.path.split_last() {
        None => follow(files, file, member.symbol, 0),
        Some((owner, path)) => {
            module_of(files, file, member.symbol, path).and_then(|module| provided(files, module, owner))
        }
    };
    let Some((file, Some(owner))) = owner else { return Vec::new() };
    let Some(names) = files.names(file) else { return Vec::new() };
    let is_wanted = |symbol: &analysis::BoundName| {
        symbol.level == Level::Member && symbol.name == member.name && symbol.owners.contains(&owner)
    };
    names.symbols.iter().position(is_wanted).map(|symbol| (file, Some(symbol))).into_iter().collect()
}

/// The parameter that a keyword names, of a function that is imported.
pub(in crate::navigation) fn origin_of_keyword(
    files: &mut Files<'_>,
    file: usize,
    keyword: &KeywordUse,
) -> Vec<Origin> {
    let function = match &keyword.member {
        None => follow(files, file, keyword.symbol, 0),
        Some(name) => {
            let member = MemberUse {
                symbol: keyword.symbol,
                path: Vec::new(),
                name: name.clone(),
                range: keyword.range,
                is_write: false,
            };
            origin_of_member(files, file, &member).pop()
        }
    };
    let Some((file, Some(function))) = function else { return Vec::new() };
    let Some(names) = files.names(file) else { return Vec::new() };
    let own = |symbol: &analysis::BoundName| symbol.name == keyword.name && symbol.parameter_of == Some(function);
    // The fields of a dataclass are its parameters.
    let field = |symbol: &analysis::BoundName| symbol.name == keyword.name && symbol.owners.contains(&function);
    let found = names.symbols.iter().position(own).or_else(|| names.symbols.iter().position(field));
    found.map(|symbol| (file, Some(symbol))).into_iter().collect()
}

/// The file that a name of another file stands for, where it is a module, with the modules in it that are named next.
pub(super) fn module_of(files: &mut Files<'_>, file: usize, symbol: usize, path: &[String]) -> Option<usize> {
    let names = files.names(file)?;
    let imports: Vec<_> = names.imports.iter().filter(|import| import.symbol == Some(symbol)).collect();
    imports.into_iter().find_map(|import| {
        let module = match &import.what {
            Imported::Module => import.module.clone(),
            Imported::Name(name) => {
                let own = files.module(file, &import.module).and_then(|from| provided(files, from, name));
                match own {
                    // `export * as shapes from …`
                    Some((module, None)) if path.is_empty() => return Some(module),
                    Some(_) => return None,
                    None => join(&import.module, name),
                }
            }
            Imported::All => return None,
        };
        let module = path.iter().fold(module, |module, part| join(&module, part));
        files.module(file, &module)
    })
}

fn join(module: &str, name: &str) -> String {
    if module.ends_with('.') { format!("{module}{name}") } else { format!("{module}.{name}") }
}

/// A module of a package that is imported from it.
fn submodule(files: &mut Files<'_>, file: usize, module: &str, name: &str) -> Option<usize> {
    files.module(file, &join(module, name))
}

/// What others get from a file under a name.
pub(in crate::navigation) fn provided(files: &mut Files<'_>, file: usize, name: &str) -> Option<Origin> {
    provided_within(files, file, name, 0)
}

fn provided_within(files: &mut Files<'_>, file: usize, name: &str, steps: usize) -> Option<Origin> {
    if steps > MAX_STEPS {
        return None;
    }
    let names = files.names(file)?;
    if let Some(export) = names.exports.iter().find(|export| export.name == name) {
        return follow(files, file, export.symbol, steps + 1);
    }
    let again = names.imports.iter().find(|import| import.exported_as.as_ref().is_some_and(|it| it.name == name));
    if let Some(import) = again {
        let from = files.module(file, &import.module)?;
        return match &import.what {
            Imported::Name(name) => provided_within(files, from, name, steps + 1),
            _ => Some((from, None)),
        };
    }
    from_all(files, file, &names, name, steps)
}

fn from_all(files: &mut Files<'_>, file: usize, names: &Names, name: &str, steps: usize) -> Option<Origin> {
    let all = names.imports.iter().filter(|import| import.what == Imported::All && name != "default");
    let modules: Vec<&String> = all.map(|import| &import.module).collect();
    modules.into_iter().find_map(|module| {
        let from = files.module(file, module)?;
        provided_within(files, from, name, steps + 1)
    })
}

/// The definition behind a symbol that an import binds.
fn follow(files: &mut Files<'_>, file: usize, symbol: usize, steps: usize) -> Option<Origin> {
    let names = files.names(file)?;
    let imports: Vec<_> = names.imports.iter().filter(|import| import.symbol == Some(symbol)).collect();
    for import in imports {
        let from = files.module(file, &import.module);
        let found = match (&import.what, from) {
            (Imported::Name(name), Some(from)) => provided_within(files, from, name, steps + 1)
                .or_else(|| submodule(files, file, &import.module, name).map(|file| (file, None))),
            (Imported::Name(name), None) => submodule(files, file, &import.module, name).map(|file| (file, None)),
            (_, Some(from)) => Some((from, None)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    Some((file, Some(symbol)))
}
