//! Which files are indexed, what a change costs, and that they can be copied from.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{Engine, EngineConfig};

use super::*;
use crate::{Assist, AssistConfig, DocumentId};

/// A disk of files with a time each.
#[derive(Default)]
pub(crate) struct Disk {
    /// Kibibytes that a file is said to have, whatever it holds; 0 says the truth.
    pub(crate) kib: u64,
    files: Mutex<BTreeMap<PathBuf, (String, u64)>>,
    reads: AtomicUsize,
}

impl Disk {
    pub(crate) fn remove(&self, path: &str) {
        lock(&self.files).remove(Path::new(path));
    }

    pub(crate) fn write(&self, path: &str, text: &str, time: u64) {
        lock(&self.files).insert(PathBuf::from(path), (text.to_owned(), time));
    }
}

impl ProjectFiles for Disk {
    fn list(&self, folder: &Path) -> Vec<FileStamp> {
        let files = lock(&self.files);
        let stamp = |(path, (text, time)): (&PathBuf, &(String, u64))| FileStamp {
            path: path.clone(),
            bytes: if self.kib > 0 { self.kib << 10 } else { text.len() as u64 },
            modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(*time)),
        };
        files.iter().filter(|(path, _)| path.starts_with(folder)).map(stamp).collect()
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        lock(&self.files).get(path).map(|(text, _)| text.clone())
    }
}

fn folders(paths: &[&str]) -> Arc<[PathBuf]> {
    paths.iter().map(PathBuf::from).collect()
}

fn indexed(project: &Project) -> Vec<String> {
    let shards = project.shards();
    let files = shards.iter().flat_map(|shard| shard.files());
    let mut paths: Vec<_> = files.map(|file| file.path.to_string_lossy().into_owned()).collect();
    paths.sort();
    paths
}

#[test]
fn code_is_indexed_and_nothing_else() {
    let disk = Arc::new(Disk::default());
    disk.write("/w/a.py", "x = 1\n", 1);
    disk.write("/w/b/c.ts", "let x = 1\n", 1);
    for other in ["/w/notes.txt", "/w/.env", "/w/id_rsa", "/w/data.bin", "/other/d.py"] {
        disk.write(other, "x = 1\n", 1);
    }
    disk.write("/w/empty.py", "", 1);
    disk.write("/w/minified.js", &"a=1;".repeat(1000), 1);
    disk.write("/w/binary.py", "a\0b", 1);
    disk.write("/w/huge.py", &"x = 1\n".repeat(100_000), 1);
    let project = Project::new(Some(disk.clone()));
    assert!(!project.is_due(&[]), "there is no folder");
    assert!(project.is_due(&folders(&["/w"])));
    project.refresh(&folders(&["/w", "/w/b"]), &[], 1 << 20);
    assert_eq!(indexed(&project), ["/w/a.py", "/w/b/c.ts"]);
    assert!(!project.is_due(&folders(&["/w", "/w/b"])), "it was just done");
    assert!(project.is_due(&folders(&["/w"])), "the folders are others");
    project.refresh(&folders(&[]), &[], 1 << 20);
    assert_eq!(indexed(&project), [""; 0]);
}

#[test]
fn what_is_near_goes_first_when_not_all_fits() {
    let disk = Arc::new(Disk::default());
    let line = "value = compute(value)\n";
    for (path, time) in
        [("/w/a/near.py", 1), ("/w/a/b/below.py", 1), ("/w/c/new.py", 9), ("/w/c/old.py", 2), ("/w/d/older.py", 1)]
    {
        disk.write(path, line, time);
    }
    let project = Project::new(Some(disk));
    let check = |files: usize, expected: &[&str]| {
        project.refresh(&folders(&["/w"]), &[PathBuf::from("/w/a/open.py")], files * line.len() + 1);
        assert_eq!(indexed(&project), expected);
    };
    check(1, &["/w/a/near.py"]);
    check(2, &["/w/a/b/below.py", "/w/a/near.py"]);
    check(4, &["/w/a/b/below.py", "/w/a/near.py", "/w/c/new.py", "/w/c/old.py"]);
    check(0, &[]);
}

#[test]
fn a_change_costs_one_shard() {
    let disk = Arc::new(Disk { kib: 100, ..Disk::default() });
    let text = "value = compute(value)\n";
    (0..60).for_each(|file| disk.write(&format!("/w/{file:02}.py"), text, 1));
    let project = Project::new(Some(disk.clone()));
    let refresh = || {
        disk.reads.store(0, Ordering::Relaxed);
        project.refresh(&folders(&["/w"]), &[], 8 << 20);
        assert_eq!(indexed(&project).len(), lock(&disk.files).len());
        disk.reads.load(Ordering::Relaxed)
    };
    assert_eq!(refresh(), 60);
    assert_eq!(project.shards().len(), 12, "half a megabyte each");
    assert_eq!(refresh(), 0, "nothing changed");
    disk.write("/w/31.py", text, 2);
    assert_eq!(refresh(), 5, "the files of its shard");
    disk.write("/w/new.py", text, 2);
    assert_eq!(refresh(), 1);
    disk.write("/w/newer.py", text, 2);
    assert_eq!(refresh(), 2, "a shard with room is filled up");
    disk.remove("/w/03.py");
    assert_eq!(refresh(), 4);
    assert_eq!(refresh(), 0);
}

/// What the copy engine says at `<CURSOR>` of `/w/here.py`.
async fn suggested(assist: &Assist, fixture: &str) -> Option<String> {
    let (text, offset) = testkit::cursor(fixture);
    let id = DocumentId::new("file:///w/here.py");
    assist.workspace().open(id.clone(), "python", 1, &text);
    let snapshot = assist.workspace().snapshot(&id).expect("open");
    let answer = crate::complete_text(assist, &snapshot, offset, engine::CancelToken::new()).await.expect("answered");
    answer.items.into_iter().next().map(|item| item.insert_text)
}

#[tokio::test]
async fn nothing_is_read_where_copies_are_switched_off() {
    let disk = Arc::new(Disk::default());
    disk.write("/w/other.py", "connection = connect(host, port)\n", 1);
    let engine = Engine::start(EngineConfig::default());
    let assist = Assist::with_project(engine, AssistConfig::default(), Some(disk.clone()));
    assist.workspace().set_folders(vec![PathBuf::from("/w")]);
    let indexed_with = |change: fn(&mut crate::InlineCompletionConfig)| {
        let mut config = AssistConfig::default();
        change(&mut config.inline_completion);
        assist.set_config(config);
        disk.reads.store(0, Ordering::Relaxed);
        assist.index_project();
        (indexed(assist.project()).len(), disk.reads.load(Ordering::Relaxed))
    };
    assert_eq!(indexed_with(|config| config.copies = false), (0, 0));
    assert_eq!(indexed_with(|_| {}), (1, 1));
    assert_eq!(indexed_with(|config| config.enabled = false), (0, 0), "what was indexed is let go");
    assert_eq!(indexed_with(|_| {}), (1, 1));
    assert_eq!(indexed_with(|config| config.workspace_mb = 0), (0, 0));
}

#[tokio::test]
async fn files_of_the_workspace_are_copied_from() {
    let disk = Arc::new(Disk::default());
    disk.write("/w/other.py", "connection = connect(host, port)\n", 1);
    disk.write("/w/here.py", "saved = before(it, was, edited)\n", 1);
    let engine = Engine::start(EngineConfig::default());
    let assist = Assist::with_project(engine, AssistConfig::default(), Some(disk));
    // A line of its own each time: what was suggested before is remembered where it was.
    let fixture = |line: u8| format!("{line}\nconnection = conn<CURSOR>\n");
    assert_eq!(suggested(&assist, &fixture(1)).await, None);
    assist.workspace().set_folders(vec![PathBuf::from("/w")]);
    assist.index_project();
    assert_eq!(suggested(&assist, &fixture(2)).await.as_deref(), Some("ect(host, port)"));
    assert_eq!(suggested(&assist, "saved = bef<CURSOR>\n").await, None, "the editor has another text of this file");
    let other = DocumentId::new("file:///w/other.py");
    assist.workspace().open(other.clone(), "python", 1, "connection = connector()\n");
    assert_eq!(suggested(&assist, &fixture(3)).await.as_deref(), Some("ector()"), "what is open counts as it is now");
    assist.workspace().close(&other).expect("open");
    assert_eq!(suggested(&assist, &fixture(4)).await.as_deref(), Some("ect(host, port)"));
}

#[test]
fn changes_are_looked_at_once() {
    let disk = Arc::new(Disk::default());
    let project = Project::new(Some(disk));
    let folders: Arc<[PathBuf]> = [PathBuf::from("/w")].into();
    for round in 0..2 {
        assert!(project.note_change(), "round {round}: the first one");
        assert!(!project.note_change(), "round {round}: somebody looks at it already");
        project.refresh(&folders, &[], 1 << 20);
    }
    assert!(!Project::new(None).note_change(), "nothing is read without a disk");
}
