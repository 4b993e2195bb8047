//! Documents, snapshots and the registry of requests.

use std::path::Path;

use engine::CancelToken;
use syntax::{ContentChange, Language, Position, PositionEncoding, PositionRange};

use super::{DocumentId, Lane, Snapshot, Workspace, WorkspaceError};

fn id(name: &str) -> DocumentId {
    DocumentId::new(&format!("file:///project/{name}"))
}

fn insert(line: u32, character: u32, text: &str) -> ContentChange {
    let at = Position { line, character };
    ContentChange { range: Some(PositionRange { start: at, end: at }), text: text.to_owned() }
}

#[test]
fn a_snapshot_keeps_the_text_of_its_arrival() {
    let workspace = Workspace::new();
    workspace.open(id("a.py"), "python", 1, "x = 1\n");
    let before = workspace.snapshot(&id("a.py")).expect("open");
    workspace.change(&id("a.py"), 2, &[insert(0, 5, "0")], PositionEncoding::Utf16).expect("open");
    let after = workspace.snapshot(&id("a.py")).expect("open");
    assert_eq!(before.document().text().to_string(), "x = 1\n");
    assert_eq!(after.document().text().to_string(), "x = 10\n");
    assert_eq!((before.document().version(), after.document().version()), (1, 2));
    assert!(!workspace.is_current(&id("a.py"), 1));
    assert!(workspace.is_current(&id("a.py"), 2));
}

#[test]
fn the_other_documents_come_most_recently_changed_first() {
    let workspace = Workspace::new();
    for name in ["a.py", "b.py", "c.py", "d.py"] {
        workspace.open(id(name), "python", 1, "");
    }
    workspace.change(&id("b.py"), 2, &[insert(0, 0, "b")], PositionEncoding::Utf8).expect("open");
    let snapshot = workspace.snapshot(&id("a.py")).expect("open");
    let others: Vec<_> = snapshot.others().iter().map(|(id, _)| id.as_str().rsplit('/').next().unwrap()).collect();
    assert_eq!(others, ["b.py", "d.py", "c.py"]);
}

#[test]
fn the_folder_is_the_innermost_that_holds_the_document() {
    let workspace = Workspace::new();
    let folder = || {
        let snapshot = workspace.snapshot(&id("sub/a.py")).expect("open");
        snapshot.folder().map(|folder| folder.display().to_string())
    };
    workspace.open(id("sub/a.py"), "python", 1, "");
    assert_eq!(folder(), None);
    workspace.set_folders(["/project", "/project/sub", "/project/su", "/elsewhere"].map(Into::into).to_vec());
    assert_eq!(folder().as_deref(), Some("/project/sub"));
    workspace.set_folders(["/project/"].map(Into::into).to_vec());
    assert_eq!(folder().as_deref(), Some("/project/"));
}

#[test]
fn the_language_comes_from_the_id_then_the_path() {
    for (uri, language_id, language) in [
        ("file:///a.py", "javascript", "javascript"),
        ("file:///a.py", "", "python"),
        ("file:///a.rs", "no-such-language", "rust"),
        ("vscode-vfs://github/a/b.rs", "", "rust"),
        ("untitled:Untitled-1", "", "plaintext"),
        ("untitled:Untitled-1", "go", "go"),
    ] {
        let workspace = Workspace::new();
        workspace.open(DocumentId::new(uri), language_id, 1, "");
        let snapshot = workspace.snapshot(&DocumentId::new(uri)).expect("open");
        assert_eq!(snapshot.document().language().id(), language, "{uri} {language_id}");
    }
}

#[test]
fn a_closed_document_is_gone() {
    let workspace = Workspace::new();
    workspace.open(id("a.py"), "python", 1, "");
    assert_eq!(workspace.open_documents(), [id("a.py")]);
    workspace.close(&id("a.py")).expect("open");
    let gone = Err(WorkspaceError::NotOpen("file:///project/a.py".to_owned()));
    assert_eq!(workspace.close(&id("a.py")), gone);
    assert_eq!(workspace.change(&id("a.py"), 2, &[], PositionEncoding::Utf8), gone);
    assert!(workspace.snapshot(&id("a.py")).is_none());
    assert!(workspace.open_documents().is_empty());
    assert!(!workspace.is_current(&id("a.py"), 1));
}

#[test]
fn a_text_has_its_path_and_no_neighbours() {
    let snapshot = Snapshot::of_text("x", Language::plain_text(), Some(Path::new("notes.txt")));
    assert_eq!(snapshot.path().map(|path| path.as_path()), Some(Path::new("notes.txt")));
    assert!(snapshot.others().is_empty());
    assert_eq!(snapshot.revision(), None);
}

/// What the registry did to a token.
fn tripped(token: &CancelToken) -> bool {
    token.is_cancelled()
}

#[test]
fn a_newer_request_replaces_the_older_one_of_its_lane() {
    let workspace = Workspace::new();
    workspace.open(id("a.py"), "python", 1, "");
    workspace.open(id("b.py"), "python", 1, "");
    let a = workspace.snapshot(&id("a.py")).expect("open");
    let b = workspace.snapshot(&id("b.py")).expect("open");
    let (first, none) = workspace.register(&a, Lane::Inline);
    assert!(none.is_none());
    let (menu, none) = workspace.register(&a, Lane::Menu);
    assert!(none.is_none(), "lanes do not disturb each other");
    let (other, none) = workspace.register(&b, Lane::Inline);
    assert!(none.is_none(), "documents do not disturb each other");
    let (second, replaced) = workspace.register(&a, Lane::Inline);
    assert!(replaced.expect("the first").end(None).is_none());
    assert!(tripped(&first.work));
    assert!(!tripped(&second.work) && !tripped(&menu.work) && !tripped(&other.work));

    drop(second);
    let (third, replaced) = workspace.register(&a, Lane::Inline);
    assert!(replaced.is_none(), "a finished request is off the registry");
    workspace.close(&id("a.py")).expect("open");
    assert!(tripped(&third.work) && tripped(&menu.work) && !tripped(&other.work));
    assert!(tripped(&workspace.register(&a, Lane::Inline).0.work), "the document is closed");
}

#[test]
fn looking_ahead_makes_way_for_the_user() {
    let workspace = Workspace::new();
    workspace.open(id("a.py"), "python", 1, "");
    let answered = workspace.snapshot(&id("a.py")).expect("open");
    let (menu, _) = workspace.register(&answered, Lane::Menu);
    let (ahead, none) = workspace.register(&answered, Lane::Ahead);
    assert!(none.is_none());
    let next = workspace.snapshot(&id("a.py")).expect("open");
    let (inline, replaced) = workspace.register(&next, Lane::Inline);
    assert!(replaced.expect("what was made ahead").end(None).is_none());
    assert!(tripped(&ahead.work) && !tripped(&inline.work) && !tripped(&menu.work));
    let (late, none) = workspace.register(&answered, Lane::Ahead);
    assert!(none.is_none() && tripped(&late.work), "the user went on");
    assert!(!tripped(&inline.work));
}
