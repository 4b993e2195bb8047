//! Which rules run under which settings.

use std::path::{Path, PathBuf};

use syntax::{Document, Language};

use super::{LintSettings, PythonProject, PythonSettings, RuffConfig, RuleSelection, requires_python};
use crate::diagnostics;

/// Violates F401, E501 at 40 columns, UP006 (typing.List) and B006.
const TEXT: &str =
    "import os\nfrom typing import List\n\n\ndef f(a: List[int] = [], bbbbbbbbbbbbbbbbbbbbbbb=1): return a\n";

fn codes(project: PythonProject, path: &str) -> Vec<&'static str> {
    let python = PythonSettings::new(project).expect("valid settings");
    let settings = LintSettings { python, ..LintSettings::default() };
    let document = Document::new(TEXT, Language::from_name("python").expect("in the registry"), 1);
    diagnostics(&document, Some(Path::new(path)), &settings).iter().map(|it| it.code).collect()
}

fn project(file: &str, text: &str) -> PythonProject {
    let ruff = RuffConfig::parse(&Path::new("/p").join(file), text).expect("valid settings");
    PythonProject { root: PathBuf::from("/p"), ruff, ..PythonProject::default() }
}

fn selection(select: Option<&[&str]>, ignore: &[&str], extend_select: &[&str]) -> RuleSelection {
    let own = |codes: &[&str]| codes.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    RuleSelection { select: select.map(own), ignore: own(ignore), extend_select: own(extend_select) }
}

#[test]
fn a_projects_own_selection_counts() {
    let path = "/p/a.py";
    assert_eq!(codes(PythonProject::default(), path), ["F401", "B006"]);
    assert_eq!(codes(project("ruff.toml", "line-length = 40\n[lint]\nselect = ['E501']\n"), path), ["E501"]);
    assert_eq!(codes(project("pyproject.toml", "[tool.ruff.lint]\nselect = ['F']\n"), path), ["F401"]);
    assert_eq!(codes(project("ruff.toml", "[lint]\nselect = ['F', 'B']\nignore = ['F401']\n"), path), ["B006"]);
    assert_eq!(
        codes(project("ruff.toml", "[lint]\nselect = ['F', 'B']\n[lint.per-file-ignores]\n'a.py' = ['F']\n"), path),
        ["B006"]
    );
    assert_eq!(codes(project("ruff.toml", "exclude = ['a.py']\n[lint]\nselect = ['F', 'B']\n"), path), [""; 0]);
    // Without `[tool.ruff]` there is nothing of ruff's.
    assert!(RuffConfig::parse(Path::new("/p/pyproject.toml"), "[tool.black]\n").expect("valid").is_none());
}

#[test]
fn modules_of_the_project_are_its_own() {
    let text = "import third\nimport own\nimport listed\n";
    let organized = |python: PythonSettings| {
        let document = Document::new(text, Language::from_name("python").expect("in the registry"), 1);
        let settings = LintSettings { python, ..LintSettings::default() };
        syntax::apply_edits(text, &crate::organize_imports(&document, Some(Path::new("/p/a.py")), &settings))
    };
    let found = vec!["own".to_owned(), "third".to_owned()];
    let assigned = "[lint.isort]\nknown-third-party = ['third']\nknown-first-party = ['listed']\n";
    let with_settings = PythonProject { first_party: found.clone(), ..project("ruff.toml", assigned) };
    let sorted = "import third\n\nimport listed\nimport own\n";
    assert_eq!(organized(PythonSettings::new(with_settings).expect("valid settings")), sorted);
    let alone = PythonSettings::default().with_modules(vec!["own".to_owned(), "listed".to_owned()]);
    assert_eq!(organized(alone), sorted);
}

#[test]
fn settings_extend_each_other() {
    let base = RuffConfig::parse(Path::new("/p/base.toml"), "line-length = 40\n[lint]\nselect = ['E501']\n");
    let base = base.expect("valid").expect("settings");
    let own =
        RuffConfig::parse(Path::new("/p/x/ruff.toml"), "extend = '../base.toml'\n[lint]\nextend-select = ['B']\n");
    let own = own.expect("valid").expect("settings");
    assert_eq!(own.extend(), Some(Path::new("/p/x/../base.toml")));
    let project = PythonProject { root: PathBuf::from("/p/x"), ruff: Some(own.over(base)), ..PythonProject::default() };
    assert_eq!(codes(project, "/p/x/a.py"), ["B006", "E501"]);
}

#[test]
fn the_users_selection_wins() {
    let with = |selection| PythonProject { selection, ..PythonProject::default() };
    assert_eq!(codes(with(selection(Some(&["B"]), &[], &[])), "/p/a.py"), ["B006"]);
    assert_eq!(codes(with(selection(None, &["F", "E"], &[])), "/p/a.py"), ["B006"]);
    assert!(codes(with(selection(None, &[], &["UP006"])), "/p/a.py").contains(&"UP006"));
    let over_a_project = PythonProject {
        selection: selection(Some(&["F"]), &[], &[]),
        ..project("ruff.toml", "[lint]\nselect = ['B']\n")
    };
    assert_eq!(codes(over_a_project, "/p/a.py"), ["F401"]);
}

#[test]
fn unknown_codes_are_named() {
    let chosen = selection(Some(&["F", "no-such-rule"]), &["unclosed-bracket"], &["XYZ1"]);
    assert_eq!(chosen.unknown().collect::<Vec<_>>(), ["no-such-rule", "XYZ1"]);
}

#[test]
fn what_is_wrong_with_settings_is_said() {
    let parse = |file: &str, text: &str| {
        RuffConfig::parse(&Path::new("/p").join(file), text).err().map(|error| error.to_string())
    };
    assert_eq!(parse("ruff.toml", "line-lenght = 4\n").as_deref(), Some("line 1: unknown field `line-lenght`"));
    let error = parse("pyproject.toml", "[tool.ruff]\nline-length = 'x'\n").expect("an error");
    assert!(error.starts_with("line 2: "), "{error}");
    assert!(parse("ruff.toml", "[lint\n").is_some());
    let unknown = PythonSettings::new(project("ruff.toml", "[lint]\nselect = ['XYZ']\n")).err();
    assert_eq!(unknown.as_deref(), Some("Unknown rule selector `XYZ` in `select` from `/p/ruff.toml`"));
    let version = PythonSettings::new(project("ruff.toml", "required-version = '<0.1'\n")).err();
    assert!(version.is_some_and(|it| it.contains("<0.1")));
}

#[test]
fn the_oldest_version_is_read() {
    let version = |text: &str| requires_python(text).map(|it| (it.major, it.minor));
    assert_eq!(version("[project]\nrequires-python = '>=3.9,<4'\n"), Some((3, 9)));
    assert_eq!(version("[project]\nrequires-python = '>=3.11.2'\n"), Some((3, 11)));
    assert_eq!(version("[project]\nrequires-python = '<3.9'\n"), None);
    assert_eq!(version("[project]\nname = 'x'\n"), None);
    let newer = "match x:\n    case 1:\n        pass\n";
    let document = Document::new(newer, Language::from_name("python").expect("in the registry"), 1);
    let target_version = requires_python("[project]\nrequires-python = '>=3.8'\n");
    let project = PythonProject { target_version, ..PythonProject::default() };
    let python = PythonSettings::new(project).expect("valid settings");
    let found = diagnostics(&document, None, &LintSettings { python, ..LintSettings::default() });
    assert_eq!(found.first().map(|it| it.code), Some("syntax-error"));
    assert_eq!(found.first().map(|it| it.message.contains("3.8")), Some(true));
}

#[test]
fn settings_files_are_checked_themselves() {
    let check = |file: &str, text: &str| -> Vec<(String, String)> {
        let document = Document::new(text, Language::from_name("toml").expect("in the registry"), 1);
        let found = diagnostics(&document, Some(&Path::new("/p").join(file)), &LintSettings::default());
        found.into_iter().map(|it| (text[it.range.start..it.range.end].to_owned(), it.message)).collect()
    };
    let one = |place: &str, message: &str| vec![(place.to_owned(), message.to_owned())];
    assert_eq!(check("ruff.toml", "[lint]\nselect = ['F']\n"), []);
    assert_eq!(check("other.toml", "line-lenght = 4\n"), []);
    assert_eq!(check("pyproject.toml", "[tool.black]\nx = 1\n"), []);
    let misspelt = "# ours\n  line-lenght = 4\n";
    assert_eq!(check(".ruff.toml", misspelt), one("line-lenght", "unknown field `line-lenght`"));
    let unknown = "[lint]\nselect = ['XYZ']\n";
    let message = "Unknown rule selector `XYZ` in `select` from `/p/ruff.toml`";
    assert_eq!(check("ruff.toml", unknown), one("XYZ", message));
}
