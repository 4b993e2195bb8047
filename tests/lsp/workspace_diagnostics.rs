//! `workspace/diagnostic`: files that no editor has open, progress, partial results, settings that change.

use serde_json::{Value, json};

use crate::support::lsp_client::{TestServer, all_capabilities};

const TWICE: &str = "{\"a\": 1, \"a\": 2}";
const ONCE: &str = "{\"a\": 1}";

fn ask(known: &Value) -> Value {
    json!({ "previousResultIds": known })
}

/// URI, kind and number of problems of each report.
fn summary(items: &Value) -> Vec<(String, String, usize)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let items = items.as_array().expect("a list").iter();
    items.map(|it| (text(&it["uri"]), text(&it["kind"]), it["items"].as_array().map_or(0, Vec::len))).collect()
}

fn named(uri: &str, kind: &str, problems: usize) -> (String, String, usize) {
    (uri.to_owned(), kind.to_owned(), problems)
}

/// What the client knows after these reports.
fn known(items: &Value) -> Value {
    let items = items.as_array().expect("a list").iter();
    items.map(|it| json!({ "uri": it["uri"], "value": it["resultId"] })).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_on_disk_are_reported_while_they_have_problems() {
    let mut server =
        TestServer::builder().files(&[("a.json", TWICE), ("b.json", ONCE), ("c.json", TWICE)]).start().await;
    let (a, c) = ("file:///project/a.json", "file:///project/c.json");
    let first = server.call("workspace/diagnostic", ask(&json!([]))).await.expect("a report");
    assert_eq!(summary(&first["items"]), [named(a, "full", 1), named(c, "full", 1)]);
    assert_eq!(first["items"][0]["version"], Value::Null);
    let related = &first["items"][0]["items"][0]["relatedInformation"][0]["location"]["uri"];
    assert_eq!(related, a);

    let again = server.call("workspace/diagnostic", ask(&known(&first["items"]))).await.expect("a report");
    assert_eq!(summary(&again["items"]), [named(a, "unchanged", 0), named(c, "unchanged", 0)]);

    // What an editor has open is what it is there, not on disk.
    server.open(a, "json", ONCE).await;
    server.write_file("c.json", None);
    server.write_file("b.json", Some(TWICE));
    let later = server.call("workspace/diagnostic", ask(&known(&first["items"]))).await.expect("a report");
    let b = "file:///project/b.json";
    assert_eq!(summary(&later["items"]), [named(a, "full", 0), named(b, "full", 1), named(c, "full", 0)]);
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_tokens_is_told_on_the_way() {
    let files: Vec<(String, &str)> = (0..120).map(|n| (format!("f{n:03}.json"), TWICE)).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let mut server = TestServer::builder().files(&files).start().await;
    let mut params = ask(&json!([]));
    params["partialResultToken"] = json!("pieces");
    params["workDoneToken"] = json!(7);
    let answer = server.call("workspace/diagnostic", params).await.expect("a report");
    assert_eq!(answer, json!({ "items": [] }));
    let (mut kinds, mut reported) = (Vec::new(), Vec::new());
    while kinds.last() != Some(&json!("end")) {
        let message = server.message("$/progress").await;
        let value = &message["params"]["value"];
        if message["params"]["token"] == "pieces" {
            reported.extend(summary(&value["items"]));
        } else {
            kinds.push(value["kind"].clone());
        }
    }
    assert_eq!(reported.len(), 120);
    assert!(reported.is_sorted());
    assert_eq!(kinds[0], "begin");
    assert!(kinds[1..kinds.len() - 1].iter().all(|it| it == "report"), "{kinds:?}");
    server.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_settings_makes_clients_ask_again() {
    let mut capabilities = all_capabilities();
    capabilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    let mut server = TestServer::builder().capabilities(capabilities).start().await;
    let changed = |uri: &str| json!({ "changes": [{ "uri": uri, "type": 2 }] });
    server.notify("workspace/didChangeWatchedFiles", changed("file:///project/a.py")).await;
    server.notify("workspace/didChangeWatchedFiles", changed("file:///project/pyproject.toml")).await;
    let refresh = server.message("workspace/diagnostic/refresh").await;
    server.reply(&refresh, Value::Null).await;
    server.finish().await;
}
