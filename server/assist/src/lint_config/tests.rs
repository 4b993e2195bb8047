//! Which settings a file gets, from a disk in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use analysis::RuleSelection;
use syntax::Language;

use super::LintConfig;
use crate::sync::lock;
use crate::{FileStamp, ProjectFiles, Snapshot, diagnostics};

#[derive(Default)]
struct Disk(Mutex<BTreeMap<PathBuf, String>>);

impl Disk {
    fn with(files: &[(&str, &str)]) -> Arc<Self> {
        let disk = Self::default();
        files.iter().for_each(|(path, text)| disk.write(path, text));
        Arc::new(disk)
    }

    fn write(&self, path: &str, text: &str) {
        lock(&self.0).insert(PathBuf::from(path), text.to_owned());
    }
}

impl ProjectFiles for Disk {
    fn list(&self, _folder: &Path) -> Vec<FileStamp> {
        Vec::new()
    }

    fn read(&self, path: &Path) -> Option<String> {
        lock(&self.0).get(path).cloned()
    }

    fn stamp(&self, path: &Path) -> Option<FileStamp> {
        let bytes = lock(&self.0).get(path)?.len() as u64;
        Some(FileStamp { path: path.to_owned(), bytes, modified: None })
    }

    fn modules(&self, folder: &Path) -> Vec<String> {
        let files = lock(&self.0);
        let below = files.keys().filter_map(|path| path.strip_prefix(folder).ok()?.components().next());
        below.filter_map(|name| Path::new(&name).file_stem()?.to_str().map(ToOwned::to_owned)).collect()
    }
}

/// Violates F401 (`os`), B006 (the list).
const TEXT: &str = "import os\n\n\ndef f(a=[]):\n    return a\n";

fn codes(config: &LintConfig, path: &str, selection: &RuleSelection) -> Vec<&'static str> {
    let path = Path::new(path);
    let snapshot = Snapshot::of_text(TEXT, Language::from_name("python").expect("in the registry"), Some(path));
    diagnostics(&snapshot, &config.settings(Some(path), selection)).iter().map(|it| it.code).collect()
}

fn plain(config: &LintConfig, path: &str) -> Vec<&'static str> {
    codes(config, path, &RuleSelection::default())
}

#[test]
fn the_nearest_settings_count() {
    let disk = Disk::with(&[
        ("/p/pyproject.toml", "[project]\nname = 'p'\n[tool.ruff.lint]\nselect = ['F']\n"),
        ("/p/near/ruff.toml", "[lint]\nselect = ['B']\n"),
        ("/p/near/.ruff.toml", "extend = '/p/base.toml'\n[lint]\nextend-select = ['B']\n"),
        ("/p/base.toml", "[lint]\nselect = ['F']\n"),
        ("/p/other/pyproject.toml", "[tool.black]\n"),
    ]);
    let config = LintConfig::new(Some(disk));
    assert_eq!(plain(&config, "/p/a.py"), ["F401"]);
    assert_eq!(plain(&config, "/p/deep/er/a.py"), ["F401"]);
    assert_eq!(plain(&config, "/p/other/a.py"), ["F401"], "a file without [tool.ruff] says nothing");
    assert_eq!(plain(&config, "/p/near/a.py"), ["F401", "B006"], "`.ruff.toml` wins, and extends another");
    assert_eq!(plain(&config, "/elsewhere/a.py"), ["F401", "B006"]);
    assert_eq!(plain(&LintConfig::default(), "/p/a.py"), ["F401", "B006"]);
    assert_eq!(config.problems(), []);
}

#[test]
fn the_users_choice_wins_and_may_change() {
    let disk = Disk::with(&[("/p/ruff.toml", "[lint]\nselect = ['F']\n")]);
    let config = LintConfig::new(Some(disk));
    let chosen = RuleSelection { select: Some(vec!["B".to_owned()]), ..RuleSelection::default() };
    assert_eq!(codes(&config, "/p/a.py", &chosen), ["B006"]);
    assert_eq!(plain(&config, "/p/a.py"), ["F401"]);
}

#[test]
fn changes_are_seen() {
    let disk = Disk::with(&[]);
    let config = LintConfig::new(Some(disk.clone()));
    assert_eq!(plain(&config, "/p/a.py"), ["F401", "B006"]);
    disk.write("/p/ruff.toml", "[lint]\nselect = ['F']\n");
    config.forget();
    assert_eq!(plain(&config, "/p/a.py"), ["F401"]);
}

#[test]
fn settings_that_make_no_sense_are_told_and_left_out() {
    let disk = Disk::with(&[
        ("/a/ruff.toml", "[lint]\nselect = ['XYZ']\n"),
        ("/b/pyproject.toml", "[tool.ruff]\nline-lenght = 1\n"),
        ("/c/ruff.toml", "extend = 'ruff.toml'\n"),
        ("/d/ruff.toml", "extend = 'no.toml'\n"),
    ]);
    let config = LintConfig::new(Some(disk));
    for folder in ["a", "b", "c", "d"] {
        assert_eq!(plain(&config, &format!("/{folder}/a.py")), ["F401", "B006"]);
    }
    let told: Vec<_> =
        config.problems().into_iter().map(|it| format!("{}: {}", it.path.display(), it.message)).collect();
    let [selector, misspelt, circle, missing] = &told[..] else { panic!("{told:?}") };
    assert_eq!(selector, "/a/ruff.toml: Unknown rule selector `XYZ` in `select` from `/a/ruff.toml`");
    assert!(misspelt.starts_with("/b/pyproject.toml: line 2: unknown field `line-lenght`"), "{misspelt}");
    assert_eq!(circle, "/c/ruff.toml: the files that it extends form a circle");
    assert_eq!(missing, "/d/ruff.toml: it extends /d/no.toml: there is no such file");
}

/// Violates no-debugger and no-empty.
const SCRIPT: &str = "debugger; if (1 > a) {}\n/* global a */\n";

fn script_codes(config: &LintConfig, path: &str) -> Vec<&'static str> {
    let path = Path::new(path);
    let snapshot = Snapshot::of_text(SCRIPT, Language::from_name("javascript").expect("in the registry"), Some(path));
    let settings = config.settings(Some(path), &RuleSelection::default());
    diagnostics(&snapshot, &settings).iter().map(|it| it.code).collect()
}

#[test]
fn settings_of_eslint_add_up_from_the_root_to_the_file() {
    let disk = Disk::with(&[
        ("/.eslintrc.json", r#"{ "rules": { "no-debugger": 2, "no-empty": 2, "no-undef": 2 } }"#),
        ("/p/package.json", r#"{ "eslintConfig": { "root": true, "rules": { "no-debugger": 2 } } }"#),
        ("/p/.eslintrc", "{ \"root\": true, \"rules\": { \"no-debugger\": 2, \"no-empty\": 2 } } // the stronger one"),
        ("/p/a/.eslintrc.json", r#"{ "rules": { "no-debugger": 0 } }"#),
        ("/p/b/.eslintrc.json", r#"{ "extends": ["../base.json"], "rules": {} }"#),
        ("/p/base.json", r#"{ "rules": { "no-empty": 0 } }"#),
        ("/p/c/.eslintrc.js", "module.exports = { root: true };"),
        ("/p/d/eslint.config.mjs", "export default [];"),
        ("/q/package.json", r#"{ "name": "q" }"#),
    ]);
    let config = LintConfig::new(Some(disk.clone()));
    for (path, expected) in [
        ("/p/a.js", &["no-debugger", "no-empty"][..]),
        ("/p/a/a.js", &["no-empty"]),
        ("/p/b/a.js", &["no-debugger"]),
        ("/p/c/a.js", &["no-debugger", "no-empty"]),
        ("/p/d/a.js", &["no-debugger", "no-empty"]),
        ("/q/a.js", &["no-debugger", "no-empty"]),
    ] {
        assert_eq!(script_codes(&config, path), expected, "{path}");
    }
    assert_eq!(config.problems(), []);
    disk.write("/p/.eslintrc", "{ \"root\": true }");
    config.forget();
    assert_eq!(script_codes(&config, "/p/a.js"), [""; 0]);
}

#[test]
fn settings_of_eslint_that_make_no_sense_are_told_and_left_out() {
    let disk = Disk::with(&[
        ("/a/.eslintrc.json", r#"{ "rules": { "no-debugger": "of" } }"#),
        ("/b/.eslintrc.json", r#"{ "extends": "./b.json" }"#),
        ("/c/.eslintrc.json", r#"{ "extends": "./.eslintrc.json" }"#),
    ]);
    let config = LintConfig::new(Some(disk));
    for folder in ["a", "b", "c"] {
        assert_eq!(script_codes(&config, &format!("/{folder}/a.js")), ["no-debugger", "no-empty"]);
    }
    let told: Vec<_> =
        config.problems().into_iter().map(|it| format!("{}: {}", it.path.display(), it.message)).collect();
    assert_eq!(
        told,
        [
            "/a/.eslintrc.json: the rule `no-debugger`: `of` is no level: \"off\", \"warn\" or \"error\"",
            "/b/.eslintrc.json: it extends /b/b.json: there is no such file",
            "/c/.eslintrc.json: the files that it extends form a circle",
        ]
    );
}
