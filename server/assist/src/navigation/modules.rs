//! Which file a module's name means.
//!
//! Python: packages from the workspace's folders, their `src`, and the folder above the top package. JavaScript and
//! TypeScript: relative paths with the extensions that are tried, and the `paths` of a `tsconfig.json`.

mod tsconfig;

use std::path::{Path, PathBuf};

use syntax::Language;

use super::Files;
use super::files::normal;

const PYTHON: &[&str] = &["py", "pyi", "pyw"];
const SCRIPT: &[&str] = &["ts", "tsx", "js", "jsx", "mts", "cts", "mjs", "cjs"];

/// The extensions of the files that a file of this language can import.
pub(super) fn extensions(language: Language) -> &'static [&'static str] {
    match language.grammar_name() {
        Some("python") => PYTHON,
        Some("javascript" | "typescript" | "tsx") => SCRIPT,
        _ => &[],
    }
}

/// The file that `module` means in the file `from`.
pub(super) fn resolve(files: &mut Files<'_>, from: usize, module: &str) -> Option<usize> {
    let path = files.path(from)?.to_owned();
    if extensions(files.document(from).language()) == PYTHON {
        return python(files, &path, module);
    }
    let folder = path.parent()?;
    if module.starts_with("./") || module.starts_with("../") || module == "." || module == ".." {
        return script(files, &folder.join(module));
    }
    let candidates = tsconfig::candidates(files, &path, module);
    candidates.into_iter().find_map(|candidate| script(files, &candidate))
}

fn python(files: &mut Files<'_>, from: &Path, module: &str) -> Option<usize> {
    let name = module.trim_start_matches('.');
    let level = module.len() - name.len();
    let parts: PathBuf = name.split('.').filter(|part| !part.is_empty()).collect();
    if level > 0 {
        let mut folder = from.parent()?;
        for _ in 1..level {
            folder = folder.parent()?;
        }
        return python_file(files, &folder.join(parts));
    }
    let own = from.parent()?;
    let mut top = own;
    while files.at(&top.join("__init__.py")).is_some() {
        top = top.parent()?;
    }
    let mut roots = vec![top.to_owned()];
    if let Some(folder) = files.folder_of(from) {
        roots.extend([folder.clone(), folder.join("src")]);
    }
    roots.iter().find_map(|root| python_file(files, &root.join(&parts)))
}

fn python_file(files: &mut Files<'_>, path: &Path) -> Option<usize> {
    let package = path.join("__init__.py");
    let module = path.with_file_name(format!("{}.py", path.file_name()?.to_str()?));
    files.at(&package).or_else(|| files.at(&module))
}

fn script(files: &mut Files<'_>, path: &Path) -> Option<usize> {
    let path = normal(path);
    let extension = path.extension().and_then(|extension| extension.to_str());
    // TypeScript's imports name what the file becomes.
    let source = match extension {
        Some("js") => ["ts", "tsx"].as_slice(),
        Some("jsx") => &["tsx"],
        Some("mjs") => &["mts"],
        Some("cjs") => &["cts"],
        _ => &[],
    };
    if extension.is_some_and(|extension| SCRIPT.contains(&extension)) {
        let found = files.at(&path);
        return found.or_else(|| source.iter().find_map(|extension| files.at(&path.with_extension(extension))));
    }
    let with = |end: &str| {
        let mut name = path.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    };
    let beside = SCRIPT.iter().find_map(|extension| files.at(&with(&format!(".{extension}"))));
    beside.or_else(|| SCRIPT.iter().find_map(|extension| files.at(&path.join(format!("index.{extension}")))))
}
