//! Windows, context, models without holes.

mod session;

use engine::{FimOrder, FimPrompt, ModelInfo, Prompt};

use super::window::{PRIMER_LINES, SUFFIX_SMALL};
use super::{Place, prompt};
use crate::context::ContextStore;
use crate::{DocumentId, Snapshot, Workspace};

/// The window of a fast machine, and what it makes of bytes before and after the cursor.
const TOKENS: usize = 4096;
const PREFIX: usize = 12 << 10;
const PREFIX_STEP: usize = 4 << 10;
const SUFFIX: usize = 2 << 10;

pub(super) fn model(parameters: u64, fim: Option<FimOrder>) -> ModelInfo {
    ModelInfo {
        name: "m".to_owned(),
        architecture: "llama".to_owned(),
        parameters,
        quantization: "Q8_0".to_owned(),
        context_length: 4096,
        vocab_size: 8192,
        n_layers: 4,
        embedding_length: 256,
        memory_bytes: 0,
        server: None,
        fim,
        checkpoint: None,
        step: None,
        val_loss: None,
        load_ms: 0,
    }
}

const SMALL: u64 = 5_000_000;
const MEDIUM: u64 = 500_000_000;
const LARGE: u64 = 1_500_000_000;

fn snapshot(files: &[(&str, &str)]) -> Snapshot {
    let workspace = Workspace::new();
    for (name, text) in files {
        workspace.open(DocumentId::new(&format!("file:///project/src/{name}")), "", 1, text);
    }
    workspace.snapshot(&DocumentId::new(&format!("file:///project/src/{}", files[0].0))).expect("open")
}

fn fim(snapshot: &Snapshot, offset: usize, parameters: u64) -> FimPrompt {
    let place = Place { document: snapshot.document(), offset, suffix: offset };
    match prompt(snapshot, place, &model(parameters, Some(FimOrder::Spm)), TOKENS, &ContextStore::default()) {
        Some(Prompt::Fim(prompt)) => prompt,
        other => panic!("a hole to be filled, not {other:?}"),
    }
}

#[test]
fn a_small_document_is_shown_whole() {
    let text = "const a = 1;\nconst b = 2;\n";
    let prompt = fim(&snapshot(&[("a.jsx", text)]), 16, SMALL);
    assert_eq!((prompt.prefix.as_str(), prompt.suffix.as_str()), text.split_at(16));
    assert_eq!(prompt.language.as_deref(), Some("javascript"));
    assert_eq!(prompt.path.as_deref(), Some("a.jsx"));
    assert_eq!(prompt.context, []);
}

#[test]
fn a_large_document_is_cut_at_lines_and_the_start_stays_while_typing() {
    let line = "0123456789 é 0123456789\n";
    let text = line.repeat(4000);
    let snapshot = snapshot(&[("a.py", &text)]);
    let middle = line.len() * 2000 + 5;
    let prefix = fim(&snapshot, middle, MEDIUM).prefix;
    assert!(prefix.starts_with(line));
    assert!((PREFIX - PREFIX_STEP - line.len()..=PREFIX).contains(&prefix.len()));
    let starts: Vec<_> = (0..200)
        .map(|typed| middle + typed * 20)
        .map(|at| {
            let at = text.floor_char_boundary(at);
            at - fim(&snapshot, at, MEDIUM).prefix.len()
        })
        .collect();
    let moves = starts.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(moves, 1, "4000 bytes are about one step");
    for (parameters, limit) in [(SMALL, SUFFIX_SMALL), (MEDIUM, SUFFIX)] {
        let suffix = fim(&snapshot, middle, parameters).suffix;
        assert!(suffix.ends_with('\n'));
        assert!((limit - line.len()..=limit).contains(&suffix.len()));
    }
}

#[test]
fn other_documents_are_for_large_models() {
    let files = [("a.py", "x"), ("b.py", "in b"), ("c.js", "in c"), ("d.py", "in d")];
    assert_eq!(fim(&snapshot(&files), 1, MEDIUM).context, []);
    let context = fim(&snapshot(&files), 1, LARGE).context;
    let paths: Vec<_> = context.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    assert_eq!(paths, [("b.py", "in b"), ("d.py", "in d")], "the same language, the least recently changed first");
}

#[test]
fn a_model_without_holes_goes_on_at_the_end_only() {
    let plain = model(SMALL, None);
    let snapshot = snapshot(&[("a.py", "x = 1\ny = \n")]);
    let at = |offset| {
        prompt(
            &snapshot,
            Place { document: snapshot.document(), offset, suffix: offset },
            &plain,
            TOKENS,
            &ContextStore::default(),
        )
    };
    assert_eq!(at(10), Some(Prompt::Text("x = 1\ny = ".to_owned())));
    assert_eq!(at(4), None);
}

#[test]
fn landmarks_above_the_window_come_first() {
    let body = "        x = 1\n".repeat(2000);
    let text = format!("import os\n\n\nclass A:\n    def f(self):\n        pass\n\n    def g(self):\n{body}        ");
    let prompt = fim(&snapshot(&[("a.py", &text)]), text.len(), MEDIUM);
    let head = "import os\nclass A:\n    def g(self):\n";
    assert!(prompt.prefix.starts_with(&format!("{head}        x = 1\n")), "{}", &prompt.prefix[..200]);
    assert!(text.ends_with(&prompt.prefix[head.len()..]));
    let kept: String = prompt.landmarks.iter().map(|it| &prompt.prefix[it.range.clone()]).collect();
    assert_eq!(kept, head);
    assert!(prompt.landmarks.iter().all(|it| it.until == prompt.prefix.len()), "{:?}", prompt.landmarks);
}

#[test]
fn landmarks_in_the_window_are_for_the_engine_to_keep() {
    let text = "import os\n\ndef f():\n    pass\n\nclass A:\n    def g(self):\n        ";
    let prompt = fim(&snapshot(&[("a.py", text)]), text.len(), MEDIUM);
    assert_eq!(prompt.prefix, text);
    let kept: Vec<_> = prompt.landmarks.iter().map(|it| (&text[it.range.clone()], text.len() - it.until)).collect();
    assert_eq!(kept, [("import os\n", 0), ("def f():\n", 34), ("class A:\n", 0), ("    def g(self):\n", 0)]);
}

#[test]
fn the_primer_begins_every_few_lines() {
    let text = "a\n".repeat(40);
    let snapshot = snapshot(&[("a.py", &text)]);
    let begins = |line: usize| {
        let offset = line * 2 + 1;
        (offset - fim(&snapshot, offset, MEDIUM).primer) / 2
    };
    for line in 0..40 {
        assert_eq!(begins(line), line - line % PRIMER_LINES);
    }
}

#[test]
fn a_path_begins_at_the_workspace_folder() {
    let workspace = Workspace::new();
    let id = DocumentId::new("file:///project/src/a.py");
    workspace.open(id.clone(), "", 1, "x");
    let path = || fim(&workspace.snapshot(&id).expect("open"), 1, SMALL).path;
    assert_eq!(path().as_deref(), Some("a.py"));
    workspace.set_folders(vec!["/project".into(), "/other".into()]);
    assert_eq!(path().as_deref(), Some("src/a.py"));
    workspace.set_folders(vec!["/project".into(), "/project/src".into()]);
    assert_eq!(path().as_deref(), Some("a.py"));
}
