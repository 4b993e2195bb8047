//! Renames as data: files in which the places that change are marked, and the new name; or a cursor, and why not.
//!
//! A case begins with `=== title: new name`, and ` ! part of the reason` for a refusal. `«old»` becomes the new name,
//! `«old|text»` the text. The rename is asked for at every marked place in turn, and has to give the same each time.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use syntax::{Language, TextEdit, apply_edits};

use super::{edits, prepare};
use crate::navigation::Files;
use crate::project::tests::Disk;
use crate::{DocumentId, ProjectFiles, Workspace};

const PYTHON: &str = include_str!("tests/python.txt");
const SCRIPT: &str = include_str!("tests/script.txt");
const WORKSPACE: &str = include_str!("tests/workspace.txt");
const OTHER: &str = include_str!("tests/other.txt");

struct Case {
    title: String,
    new: String,
    refusal: Option<String>,
    /// Path and marked text.
    files: Vec<(String, String)>,
}

fn cases(data: &str, default_path: &str) -> Vec<Case> {
    let data = data.strip_prefix("=== ").expect("the first case");
    let blocks = data.split("\n=== ");
    let case = |block: &str| {
        let (head, text) = block.split_once('\n').expect("a case has a head");
        let text = format!("{}\n", text.trim_end_matches('\n'));
        let (head, refusal) = match head.split_once(" ! ") {
            Some((head, refusal)) => (head, Some(refusal.to_owned())),
            None => (head, None),
        };
        let (title, new) = head.rsplit_once(": ").or_else(|| head.rsplit_once(':')).expect("a head has a new name");
        let text = if text.starts_with("//- ") { text } else { format!("//- {default_path}\n{text}") };
        let files = testkit::files(&text).into_iter().map(|file| (file.path, file.text)).collect();
        Case { title: title.to_owned(), new: new.to_owned(), refusal, files }
    };
    blocks.map(case).collect()
}

/// The text without marks, with them replaced, and where the marked places start.
fn unmark(text: &str, new: &str) -> (String, String, Vec<usize>) {
    let (mut before, mut after, mut places) = (String::new(), String::new(), Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find('«') {
        let end = rest.find('»').expect("a mark ends");
        let marked = &rest[start + '«'.len_utf8()..end];
        let (old, replaced) = marked.split_once('|').unwrap_or((marked, new));
        before.push_str(&rest[..start]);
        after.push_str(&rest[..start]);
        places.push(before.len());
        before.push_str(old);
        after.push_str(replaced);
        rest = &rest[end + '»'.len_utf8()..];
    }
    before.push_str(rest);
    after.push_str(rest);
    (before, after, places)
}

/// What a rename in a workspace of these files makes of them, or why it does not.
fn renamed(files: &[(String, String)], at: (usize, usize), new: &str) -> Result<Vec<(String, String)>, String> {
    let disk = Disk::default();
    for (path, text) in files {
        disk.write(path, text, 1);
    }
    let workspace = Workspace::new();
    let is_in_workspace = !files[0].0.starts_with("/elsewhere/");
    workspace.set_folders(if is_in_workspace { vec!["/".into()] } else { Vec::new() });
    let (path, text) = &files[at.0];
    let id = DocumentId::new(&format!("file://{path}"));
    let language = Language::from_path(path.as_ref()).expect("a language");
    workspace.open(id.clone(), language.id(), 1, text);
    let snapshot = workspace.snapshot(&id).expect("it is open");
    let disk: Option<Arc<dyn ProjectFiles>> = Some(Arc::new(disk));
    let mut looked = Files::with_disk(disk.clone(), &snapshot);
    let prepared = prepare(&mut looked, &snapshot, at.1);
    let mut looked = Files::with_disk(disk, &snapshot);
    let found = edits(&mut looked, &snapshot, at.1, new, &|| false)?;
    let target = prepared.expect("what is renamed could be prepared");
    assert!(target.range.touches(at.1) && text[target.range.start..target.range.end] == target.placeholder);
    let mut after = files.to_vec();
    for file in found {
        let path = file.file.path.expect("a file of the fixture").to_string_lossy().into_owned();
        let (_, text) = after.iter_mut().find(|(known, _)| *known == path).expect("a file of the fixture");
        assert_eq!(*text, file.file.document.text().to_string());
        *text = apply_edits(text, &file.edits);
    }
    Ok(after)
}

/// Runs a case; what is wrong with it.
fn failures(case: &Case) -> Vec<String> {
    let title = &case.title;
    if let Some(reason) = &case.refusal {
        let mut files = case.files.clone();
        let file = files.iter().position(|(_, text)| text.contains(testkit::CURSOR)).expect("a cursor");
        let (text, offset) = testkit::cursor(&files[file].1);
        files[file].1 = text;
        return match renamed(&files, (file, offset), &case.new) {
            Err(found) if found.contains(reason.as_str()) => Vec::new(),
            Err(found) => vec![format!("{title}: refused, but because {found}")],
            Ok(after) => vec![format!("{title}: not refused: {after:?}")],
        };
    }
    let (mut before, mut expected, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (path, text)) in case.files.iter().enumerate() {
        let cursor = text.find(testkit::CURSOR);
        let (old, new, marked) = unmark(&text.replace(testkit::CURSOR, ""), &case.new);
        places.extend(marked.into_iter().chain(cursor).map(|place| (index, place)));
        before.push((path.clone(), old));
        expected.push((path.clone(), new));
    }
    let check = |place: &(usize, usize)| match renamed(&before, *place, &case.new) {
        Ok(after) if after == expected => None,
        Ok(after) => {
            let differs = after.iter().zip(&expected).find(|(one, other)| one != other).expect("they differ");
            Some(format!("{title} at {place:?}:\n{}--- instead of\n{}", differs.0.1, differs.1.1))
        }
        Err(reason) => Some(format!("{title} at {place:?}: refused: {reason}")),
    };
    places.iter().filter_map(check).collect()
}

fn check(data: &str, default_path: &str) {
    let failed: Vec<String> = cases(data, default_path).iter().flat_map(failures).collect();
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn python() {
    check(PYTHON, "/main.py");
}

#[test]
fn javascript_and_typescript() {
    check(SCRIPT, "/main.js");
}

#[test]
fn workspace() {
    check(WORKSPACE, "/main.py");
}

#[test]
fn other_languages() {
    check(OTHER, "/main.rs");
}

#[test]
fn there_are_enough_cases() {
    let all = [PYTHON, SCRIPT, WORKSPACE, OTHER].iter().map(|data| cases(data, "/a.py").len()).sum::<usize>();
    assert!(all >= 200, "{all} cases");
}

/// Runs each program, in one process, and prints what it printed as a line of JSON; `"failed"` before what did not end.
const PYTHON_DRIVER: &str = r#"
import contextlib, io, json
for source in PROGRAMS:
    out, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(source, "program", "exec"), {"__name__": "__main__"})
    except BaseException:
        failed = "failed"
    print(json.dumps(failed + out.getvalue()))
"#;
const NODE_DRIVER: &str = r#"
const vm = require("vm"), util = require("util");
for (const source of PROGRAMS) {
  const out = [];
  let failed = "";
  try {
    vm.runInNewContext(source, { console: { log: (...parts) => out.push(util.format(...parts)) } });
  } catch (error) { failed = "failed"; }
  console.log(JSON.stringify(failed + out.join("\n")));
}
"#;

/// What programs print; `None` where their interpreter is not here.
fn printed(interpreter: &str, driver: &str, programs: &[String]) -> Option<Vec<String>> {
    let mut child = Command::new(interpreter).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    // A list of strings is written the same in JSON and in both languages.
    let list = serde_json::to_string(programs).expect("strings");
    let input = format!("PROGRAMS = {list}\n{driver}");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the driver runs");
    let lines = String::from_utf8(output.stdout).expect("JSON");
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("a string")).collect())
}

/// Programs that are renamed print what they printed.
fn check_programs(interpreter: &str, driver: &str, data: &str, default_path: &str, prints: &str, least: usize) {
    let is_program = |case: &&Case| {
        let is_one = matches!(case.files.as_slice(), [(path, _)] if path == default_path);
        is_one && case.refusal.is_none() && case.files[0].1.contains(prints)
    };
    let cases = cases(data, default_path);
    let programs: Vec<&Case> = cases.iter().filter(is_program).collect();
    let texts = programs.iter().map(|case| unmark(&case.files[0].1.replace(testkit::CURSOR, ""), &case.new));
    let (before, after): (Vec<String>, Vec<String>) = texts.map(|(before, after, _)| (before, after)).unzip();
    let Some(before) = printed(interpreter, driver, &before) else { return };
    let after = printed(interpreter, driver, &after).expect("it ran before");
    let mut ran = 0;
    for ((case, before), after) in programs.iter().zip(&before).zip(&after) {
        // An older interpreter does not know the newest syntax, and not every module is there.
        if !before.starts_with("failed") {
            assert_eq!(before, after, "{}", case.title);
            ran += 1;
        }
    }
    assert!(ran >= least, "{ran} programs were run with {interpreter}");
}

#[test]
fn python_programs_print_the_same() {
    check_programs("python3", PYTHON_DRIVER, PYTHON, "/main.py", "print(", 40);
}

#[test]
fn javascript_programs_print_the_same() {
    check_programs("node", NODE_DRIVER, SCRIPT, "/main.js", "console.log(", 25);
}

/// Renames everything that a text defines to a fresh name and back.
fn there_and_back(path: &str, text: &str) -> usize {
    let document = syntax::Document::new(text, Language::from_path(path.as_ref()).expect("a language"), 1);
    let names = analysis::Names::of(&document).expect("names");
    let errors = analysis::syntax_error_count(&document);
    let mut done = 0;
    for symbol in &names.symbols {
        let Some(definition) = symbol.definition() else { continue };
        let fresh = if symbol.name.starts_with("__") { "__fresh_name" } else { "fresh_name" };
        let old = vec![(path.to_owned(), text.to_owned())];
        let Ok(new) = renamed(&old, (0, definition.start), fresh) else { continue };
        assert_ne!(new, old, "{}", symbol.name);
        let document = document.edit(&[TextEdit { range: (0..text.len()).into(), new_text: new[0].1.clone() }], 2);
        assert_eq!(analysis::syntax_error_count(&document), errors, "{}", symbol.name);
        let back = analysis::Names::of(&document).expect("names");
        let now = back.symbols.iter().find(|it| it.name == fresh).expect("it has the fresh name");
        let definition = now.definition().expect("it is defined");
        let again = renamed(&new, (0, definition.start), &symbol.name);
        // An alias that a rename made is not taken back.
        let has_alias = new[0].1.len() != text.len() && new[0].1.contains(&format!("{} as {fresh}", symbol.name));
        let is_long = new[0].1.contains(&format!("{}: {fresh}", symbol.name));
        if !has_alias && !is_long {
            assert_eq!(again, Ok(old), "{}", symbol.name);
        }
        done += 1;
    }
    done
}

#[test]
fn every_definition_of_real_files_goes_there_and_back() {
    let python = include_str!("../../../builtin/training/fit_worth.py");
    let names = there_and_back("/tool.py", python);
    assert!(names > 20, "{names} names");
    let script = include_str!("../../../../editors/vscode/src/extension.ts");
    let names = there_and_back("/extension.ts", script);
    assert!(names > 10, "{names} names");
}
