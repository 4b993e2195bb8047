//! The server's text is the client's, byte for byte, in every encoding.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::lsp_client::{TestServer, all_capabilities, edit};

const URI: &str = "file:///text.py";

async fn server(encoding: &str) -> TestServer {
    let mut capabilities = all_capabilities();
    capabilities["general"]["positionEncodings"] = json!([encoding]);
    let server = TestServer::builder().capabilities(capabilities).start().await;
    assert_eq!(server.initialize_result["capabilities"]["positionEncoding"], encoding);
    server
}

/// Width of a character in the unit of an encoding.
fn width(character: char, encoding: &str) -> usize {
    match encoding {
        "utf-8" => character.len_utf8(),
        "utf-16" => character.len_utf16(),
        _ => 1,
    }
}

/// Line and column of a byte offset, counted the slow way.
fn position(text: &str, offset: usize, encoding: &str) -> Value {
    let before = &text[..offset];
    let (mut line, mut start) = (0, 0);
    let bytes = before.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let ends_line = match byte {
            b'\n' => true,
            // The `\n` of `\r\n` ends that line.
            b'\r' => text.as_bytes().get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends_line {
            line += 1;
            start = at + 1;
        }
    }
    let column = before[start..].chars().map(|it| width(it, encoding)).sum::<usize>();
    json!({ "line": line, "character": column })
}

/// Texts that have gone wrong somewhere before: every line end, astral and combining characters, a BOM, tabs, NUL.
const PIECES: &[&str] = &[
    "",
    "a",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "é",
    "e\u{301}",
    "€",
    "😀",
    "👩‍👩‍👧",
    "𝒳",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\u{b}",
    "\0",
    "def f(x):\n    return x\n",
    "if 😀:\r\n  \"ü\"\r\n",
    "中文",
    "ab cd",
];

#[derive(Clone, Debug)]
struct Change {
    from: prop::sample::Index,
    to: prop::sample::Index,
    text: &'static str,
    whole: bool,
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    (index(), index(), prop::sample::select(PIECES), prop::bool::weighted(0.03))
        .prop_map(|(from, to, text, whole)| Change { from, to, text, whole })
}

/// Applies a change to a plain string and returns what a client sends for it.
fn apply(text: &mut String, change: &Change, encoding: &str) -> Value {
    if change.whole {
        change.text.clone_into(text);
        return json!({ "text": change.text });
    }
    // A client's cursor never stands between `\r` and `\n`.
    let places: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .filter(|&at| at == 0 || !text[..at].ends_with('\r') || !text[at..].starts_with('\n'))
        .collect();
    let (from, to) = (*change.from.get(&places), *change.to.get(&places));
    let (from, to) = (from.min(to), from.max(to));
    let range = json!({ "start": position(text, from, encoding), "end": position(text, to, encoding) });
    text.replace_range(from..to, change.text);
    json!({ "range": range, "text": change.text })
}

async fn tree(server: &mut TestServer) -> Value {
    server.call("ropewalk/viewSyntaxTree", json!({ "textDocument": { "uri": URI } })).await.expect("it is open")
}

/// Text and tree after random edits are those of the client's text; `ROPEWALK_SYNC_CASES` asks for more cases.
fn check_random_edits(encoding: &'static str) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let mut server = runtime.block_on(server(encoding));
    let cases = std::env::var("ROPEWALK_SYNC_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(24);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let notifications = prop::collection::vec(prop::collection::vec(change(), 1..4), 1..40);
    let server = std::cell::RefCell::new(&mut server);
    runner
        .run(&(prop::sample::select(PIECES), notifications), |(start, notifications)| {
            let server = &mut *server.borrow_mut();
            let (expected, found) = runtime.block_on(async {
                let mut text = start.to_owned();
                server.open(URI, "python", &text).await;
                for (version, changes) in notifications.iter().enumerate() {
                    let changes: Vec<_> = changes.iter().map(|change| apply(&mut text, change, encoding)).collect();
                    server.change(URI, i32::try_from(version).expect("few") + 2, json!(changes)).await;
                }
                let found = (server.text(URI).await, tree(server).await);
                server.close(URI).await;
                server.open(URI, "python", &text).await;
                let fresh = tree(server).await;
                server.close(URI).await;
                ((text, fresh), found)
            });
            prop_assert_eq!(expected, found);
            Ok(())
        })
        .expect("every text is the client's");
}

#[test]
fn random_edits_in_utf_8() {
    check_random_edits("utf-8");
}

#[test]
fn random_edits_in_utf_16() {
    check_random_edits("utf-16");
}

#[test]
fn random_edits_in_utf_32() {
    check_random_edits("utf-32");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_come_back_as_they_were_sent() {
    let mut server = server("utf-16").await;
    for text in PIECES.iter().copied().chain([&*PIECES.concat()]) {
        server.open(URI, "python", text).await;
        assert_eq!(server.text(URI).await, text);
        server.close(URI).await;
    }
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_document_is_edited_in_place() {
    let mut server = server("utf-16").await;
    let line = "x = \"😀 äöü\"  # 0123456789\r\n";
    let mut expected = line.repeat((10 << 20) / line.len());
    server.open(URI, "python", &expected).await;
    // Columns in UTF-16: the emoji is two units wide.
    server.change(URI, 2, json!([edit(300_000, 7, 8, "_"), edit(0, 5, 7, ""), edit(1, 0, 0, "\n")])).await;
    let third = 300_000 * line.len();
    let blank = third + line.find(" äöü").expect("it is there");
    expected.replace_range(blank..=blank, "_");
    let emoji = line.find('😀').expect("it is there");
    expected.replace_range(emoji..emoji + 4, "");
    expected.insert(line.len() - 4, '\n');
    let found = server.text(URI).await;
    assert!(found == expected, "the texts differ ({} and {} bytes)", found.len(), expected.len());
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_outside_the_text_are_cut_off() {
    let mut server = server("utf-16").await;
    server.open(URI, "python", "ab\ncd").await;
    server.change(URI, 2, json!([edit(0, 1, 99, "X")])).await;
    assert_eq!(server.text(URI).await, "aX\ncd");
    let far = json!({ "start": { "line": 7, "character": 0 }, "end": { "line": 4_000_000_000_u32, "character": 1 } });
    server.change(URI, 3, json!([{ "range": far, "text": "!" }])).await;
    assert_eq!(server.text(URI).await, "aX\ncd!");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tree_follows_the_text() {
    let mut server = server("utf-16").await;
    server.open(URI, "python", "x = 1\n").await;
    server.change(URI, 2, json!([edit(0, 4, 5, "f(😀")])).await;
    server.change(URI, 3, json!([edit(0, 6, 8, "y)")])).await;
    let edited = tree(&mut server).await;
    server.open(URI, "python", "x = f(y)\n").await;
    let fresh = tree(&mut server).await;
    assert!(fresh.as_str().expect("a text").contains("call"), "{fresh}");
    assert_eq!(edited, fresh);
    server.open("file:///no.grammar", "no-such-language", "x").await;
    let view = json!({ "textDocument": { "uri": "file:///no.grammar" } });
    assert_eq!(server.call("ropewalk/viewSyntaxTree", view).await, Ok(Value::Null));
    server.finish().await;
}
