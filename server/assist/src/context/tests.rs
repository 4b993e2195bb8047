//! What is shown beside the cursor's file, and when it changes.

use std::time::{Duration, Instant};

use syntax::TextRange;

use super::{ContextStore, Shown, lock};
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
