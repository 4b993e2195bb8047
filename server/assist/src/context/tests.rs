//! What is shown beside the cursor's file, and when it changes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use syntax::TextRange;

use super::{ContextStore, Definitions, Limits, Shown, WorkspaceFiles, lock};
use crate::project::{Project, tests::Disk};
use crate::{DocumentId, Snapshot, Workspace};

fn id(name: &str) -> DocumentId {
    DocumentId::new(&format!("file:///project/{name}"))
}

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace::new();
    for (name, text) in files {
        workspace.open(id(name), "", 1, text);
    }
    workspace
}

fn snapshot(workspace: &Workspace, name: &str) -> Snapshot {
    workspace.snapshot(&id(name)).expect("open")
}

/// Paths and texts of what is shown when all of a document up to its end is in the window.
fn shown(store: &ContextStore, snapshot: &Snapshot, budget: usize) -> Vec<(String, String)> {
    let document = snapshot.document();
    let end = document.text().len();
    *lock(&store.definitions) = {
        let older = lock(&store.definitions).clone();
        older.updated(snapshot).into()
    };
    let shown = Shown { document, start: 0, primer: end, suffix: TextRange::empty(end) };
    let files = store.files(snapshot, &shown, budget);
    assert!(files.iter().map(|file| file.path.len() + file.text.len()).sum::<usize>() <= budget);
    files.into_iter().map(|file| (file.path, file.text)).collect()
}

const SHAPES: &str = "class Shape:\n    def area(self, unit):\n        return 1\n\n    def name(self):\n        return 'shape'\n\n\ndef scale(shape, factor):\n    return shape\n";

#[test]
fn definitions_of_the_names_near_the_cursor() {
    let workspace = workspace(&[
        ("a.py", "from shapes import scale\n\nscale(x, 2).area("),
        ("shapes.py", SHAPES),
        ("other.js", "function scale(a) {}\n"),
    ]);
    let store = ContextStore::default();
    let a = snapshot(&workspace, "a.py");
    let all = shown(&store, &a, 6000);
    let definitions = all.last().expect("definitions come last");
    assert_eq!(definitions.0, "shapes.py");
    assert_eq!(definitions.1, "class Shape\n    def area(self, unit)\ndef scale(shape, factor)\n");
    // The head of the file stands there already, where the budget allows.
    assert_eq!(all.first().map(|file| file.1.as_str()), Some(SHAPES));
    assert_eq!(shown(&store, &a, 215).len(), 1, "the definitions are dearer");
}

#[test]
fn an_index_is_made_again_where_a_document_changed() {
    let workspace = workspace(&[("a.py", "first()\nsecond()\n"), ("b.py", "def first(): pass\n")]);
    let store = ContextStore::default();
    let text = |store: &ContextStore| shown(store, &snapshot(&workspace, "a.py"), 300).last().map(|it| it.1.clone());
    assert_eq!(text(&store).as_deref(), Some("def first()\n"));
    assert!(lock(&store.definitions).is_current(&snapshot(&workspace, "a.py")));
    workspace.open(id("b.py"), "", 2, "def second(): pass\n");
    assert!(!lock(&store.definitions).is_current(&snapshot(&workspace, "a.py")));
    assert_eq!(text(&store).as_deref(), Some("def second()\n"));
}

#[test]
fn places_that_were_left_come_in_when_the_document_changes_or_nobody_asks() {
    let lines = |name: &str, count: usize| (0..count).map(|n| format!("{name}_{n} = {n}\n")).collect::<String>();
    let (a, b) = (lines("alpha", 200), lines("beta", 20));
    let workspace = workspace(&[("a.py", &a), ("b.py", &b)]);
    let store = ContextStore::default();
    let start = Instant::now();
    let visit = |name: &str, line: usize, ms: u64| {
        let snapshot = snapshot(&workspace, name);
        let offset = snapshot.document().text().line_range(line).start;
        store.visit(&snapshot, offset, start + Duration::from_millis(ms));
        let parts = lock(&store.recent).parts();
        parts.iter().map(|part| part.text.lines().next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(visit("a.py", 100, 0), [] as [String; 0]);
    assert_eq!(visit("a.py", 110, 100), [] as [String; 0]);
    // Far away: the place that was left waits.
    assert_eq!(visit("a.py", 180, 200), [] as [String; 0]);
    assert_eq!(visit("a.py", 180, 300), [] as [String; 0]);
    // Nobody asked for a while.
    assert_eq!(visit("a.py", 180, 5000), ["alpha_86 = 86"]);
    // Another document: at once. What is alike is there once.
    assert_eq!(visit("b.py", 3, 5100), ["alpha_86 = 86", "alpha_156 = 156"]);
    assert_eq!(visit("a.py", 180, 5200), ["alpha_86 = 86", "alpha_156 = 156", "beta_0 = 0"]);
    assert_eq!(visit("b.py", 3, 5300), ["alpha_86 = 86", "beta_0 = 0", "alpha_156 = 156"]);
}

#[test]
fn what_the_prompt_shows_anyway_is_left_out() {
    let text = "alpha = 1\nbeta = 2\ngamma = 3\ndelta = 4\n";
    let workspace = workspace(&[("a.py", text), ("copy.py", text), ("b.py", "omega = 1\npsi = 2\nchi = 3\n")]);
    let store = ContextStore::default();
    let paths: Vec<_> = shown(&store, &snapshot(&workspace, "a.py"), 6000).into_iter().map(|file| file.0).collect();
    assert_eq!(paths, ["b.py"]);
}

/// What is shown of the workspace's files (and open documents) at the end of `here`; `expected` in the order of paths.
fn check_workspace(closed: &[(&str, &str)], open: &[(&str, &str)], here: (&str, &str), expected: &[(&str, &str)]) {
    let disk = Arc::new(Disk::default());
    closed.iter().chain([&here]).for_each(|(name, text)| disk.write(&format!("/project/{name}"), text, 1));
    let workspace = workspace(open);
    workspace.open(id(here.0), "", 1, here.1);
    let folders: Arc<[PathBuf]> = [PathBuf::from("/project")].into();
    workspace.set_folders(folders.to_vec());
    let project = Project::new(Some(disk));
    project.refresh(&folders, &[], 1 << 20);
    let snapshot = snapshot(&workspace, here.0);
    let files = WorkspaceFiles::default().updated(&project.shards(), None, Limits::default());
    assert!(files.is_current(&project.shards()));
    let document = snapshot.document();
    let end = document.text().len();
    let shown = Shown { document, start: 0, primer: end, suffix: TextRange::empty(end) };
    let definitions = Definitions::default().updated(&snapshot);
    let found = definitions.files(&files, &snapshot, &shown, 6000);
    let found: Vec<_> = found.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    assert_eq!(found, expected, "{here:?}");
}

#[test]
fn definitions_of_files_that_are_not_open() {
    let shapes = ("shapes.py", SHAPES);
    let one = |at: &'static str| (at, "def scale(one):\n    return 1\n");
    let scale = |path: &'static str| (path, "def scale(one)\n");
    let shape = "class Shape\n    def area(self, unit)\ndef scale(shape, factor)\n";
    // What stands near the cursor, and nothing else.
    check_workspace(&[shapes], &[], ("a.py", "scale(x, 2).area("), &[("shapes.py", shape)]);
    check_workspace(&[shapes], &[], ("a.py", "scales(x)"), &[]);
    check_workspace(&[shapes], &[], ("a.js", "scale(x, 2)"), &[]);
    check_workspace(
        &[("lib/a.ts", "export function scale(one: T): U { return 1 }\n")],
        &[],
        ("a.js", "scale(x, 2)"),
        &[("lib/a.ts", "function scale(one: T): U\n")],
    );
    // What the file defines itself is known.
    check_workspace(&[shapes], &[], ("a.py", "def scale(a): pass\nscale(1)"), &[]);
    check_workspace(&[shapes], &[], ("a.py", "class A:\n    def scale(a): pass\nx.scale(1)"), &[]);
    // An open document counts as it is now.
    let open = ("shapes.py", "def scale(now): pass\n");
    check_workspace(&[shapes], &[open], ("a.py", "scale(x).area("), &[("shapes.py", "def scale(now)\n")]);
    // Imported files go first, then the same folder, then the others; equals stay together.
    check_workspace(&[one("b/one.py"), one("two.py")], &[], ("a.py", "scale(1)"), &[scale("two.py")]);
    let import = ("a.py", "from b.one import scale\nscale(1)");
    check_workspace(&[one("b/one.py"), one("two.py")], &[], import, &[scale("b/one.py")]);
    let package = ("a.py", "from b import scale\nscale(1)");
    check_workspace(&[one("b/__init__.py"), one("two.py")], &[], package, &[scale("b/__init__.py")]);
    let script = ("x/a.js", "const { area } = require('../b/one');\narea(1)");
    let area = "function area(one) { return 1 }\n";
    let head = "function area(one)\n";
    check_workspace(&[("b/one.js", area), ("x/two.js", area)], &[], script, &[("b/one.js", head)]);
    let both = [scale("b/one.py"), scale("c/two.py")];
    check_workspace(&[one("b/one.py"), one("c/two.py")], &[], ("a.py", "scale(1)"), &both);
    // A name of many says nothing, but for one that is imported.
    let many = [one("b/one.py"), one("b/two.py"), one("c/three.py"), one("four.py")];
    check_workspace(&many, &[], ("a.py", "scale(1)"), &[]);
    check_workspace(&many, &[], import, &[scale("b/one.py")]);
}
