//! `--model openai:URL`: the program with its model on a server, which is another ropewalk here.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps; the line says what was missing")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use assist::generation::{Event, GenerateRequest, Prompt};
use assist::model::{Engine, EngineConfig, ModelSource, RemoteSource, Script, ScriptClock};
use bridge::BridgeConfig;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::http_client::Bridge;
use crate::support::program::Project;

const PYTHON: &str = "\
//- shapes.py
def area(width, height):
    return width * height


def volume(width, height, depth):
    return area(width, height) * depth


print(area(2, 3))
print(volume(2, 3, 4))
print(area(4, 5))
print(
";

/// A spawned `ropewalk serve`; it ends with the test.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let arguments = [arguments, &["serve", "--port", "0"]].concat();
        let mut child = project.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("ropewalk: listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        let serving = Self { child, url };
        // The first request waits for the model.
        while call(&serving.url, "GET", "/health/ready", "").0 != 200 {
            assert!(!call(&serving.url, "GET", "/api/v1/model/status", "").1.contains("\"loading\":false"));
        }
        serving
    }

    fn spec(&self) -> String {
        format!("openai:{}", self.url)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of one request on a connection of its own.
fn call(url: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn completion(url: &str, body: &Value) -> Value {
    let (status, answer) = call(url, "POST", "/v1/completions", &body.to_string());
    assert_eq!(status, 200, "{answer}");
    let mut answer: Value = serde_json::from_str(&answer).unwrap();
    // They say what was cached and when it was.
    json!({
        "choices": answer["choices"].take(),
        "prompt_tokens": answer["usage"]["prompt_tokens"],
        "completion_tokens": answer["usage"]["completion_tokens"],
    })
}

#[test]
fn commands_with_a_model_on_a_server() {
    let project = Project::new(PYTHON);
    let server = Serving::start(&project, &[]);
    let spec = server.spec();
    let run = |arguments: &[&str]| project.run(&[&["--model", &spec], arguments].concat());

    let answer = run(&["complete", "shapes.py:12:7", "--json"]);
    assert_eq!(answer.code, 0, "{}", answer.picture());
    let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(answer["text"].as_str().is_some_and(|it| !it.trim().is_empty()), "{answer}");
    assert!(answer["completion_tokens"].as_u64().is_some_and(|it| it > 0), "{answer}");

    let answer = run(&["model", "info", "--json"]);
    assert_eq!(answer.code, 0, "{}", answer.picture());
    let there: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(there["server"], format!("ropewalk at {}", server.url));
    let here: Value = serde_json::from_str(&project.run(&["model", "info", "--json"]).stdout).unwrap();
    for field in ["name", "architecture", "parameters", "quantization", "context_length", "vocab_size", "layers"] {
        assert_eq!(there[field], here[field], "{field}");
    }
    assert!(run(&["model", "info"]).stdout.contains(&format!("ropewalk at {}", server.url)));

    let answer = run(&["doctor", "--json"]);
    let findings: Value = serde_json::from_str(&answer.stdout).unwrap();
    let model = findings.as_array().unwrap().iter().find(|it| it["subject"] == "model").unwrap();
    assert_eq!(model["state"], "good", "{model}");
    assert!(model["message"].as_str().unwrap().contains(&server.url), "{model}");

    let answer = run(&["bench", "--json", "--prefill", "64", "--decode", "8", "--depth", "64"]);
    assert_eq!(answer.code, 0, "{}", answer.picture());
    let figures: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(
        figures["prefill_tps"].as_f64().unwrap() > 0.0 && figures["decode_tps"].as_f64().unwrap() > 0.0,
        "{figures}"
    );
}

#[test]
fn a_bridge_with_its_model_behind_another_one() {
    let project = Project::new("");
    let far = Serving::start(&project, &[]);
    let near = Serving::start(&project, &["--model", &far.spec()]);
    let bodies = [
        json!({"prompt": "def add(a, b):\n    return ", "max_tokens": 12, "temperature": 0}),
        json!({"prompt": "def add(a, b):\n    return ", "suffix": "\n\nprint(add(1, 2))\n", "max_tokens": 12, "temperature": 0}),
        json!({"prompt": "x = [", "max_tokens": 40, "temperature": 0.8, "top_p": 0.9, "seed": 7, "stop": ["]", "\n"]}),
        json!({"prompt": "naïve = \"ü😀", "max_tokens": 8, "temperature": 0}),
    ];
    for body in bodies {
        let (there, here) = (completion(&far.url, &body), completion(&near.url, &body));
        assert_eq!(here["choices"][0]["text"], there["choices"][0]["text"], "{body}");
        assert_eq!(here["choices"][0]["finish_reason"], there["choices"][0]["finish_reason"], "{body}");
    }
    let (_, status) = call(&near.url, "GET", "/model_status", "");
    assert!(status.contains("\"device\":\"remote\""), "{status}");
    // A caller must not say where the text of others is sent.
    let (status, _) = call(&near.url, "POST", "/load_model", "{\"model_name\":\"openai:http://127.0.0.1:1\"}");
    assert_eq!(status, 404);
    let (status, answer) = call(&near.url, "POST", "/load_model", &json!({"model_name": far.spec()}).to_string());
    assert_eq!(status, 200, "{answer}");
    // A server that goes away is a failed request, and the bridge lives on.
    drop(far);
    let (status, answer) = call(&near.url, "POST", "/v1/completions", "{\"prompt\":\"x\",\"max_tokens\":1}");
    assert_eq!((status, answer.contains("model_server_failed")), (502, true), "{answer}");
    assert!(!answer.contains("127.0.0.1"), "{answer}");
}

#[test]
fn a_server_that_is_not_there_is_an_error_that_says_so() {
    let project = Project::new(PYTHON);
    let run = project.run(&["--model", "openai:http://127.0.0.1:1", "complete", "shapes.py:12:7"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("http://127.0.0.1:1 cannot be reached"), "{}", run.stderr);
    let run = project.run(&["--model", "openai:gpu1", "complete", "shapes.py:12:7"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("expected http://HOST:PORT"), "{}", run.stderr);
}

#[test]
fn a_project_cannot_send_its_readers_text_away() {
    let project = Project::new(PYTHON);
    project.write("ropewalk.toml", b"model = \"openai:http://127.0.0.1:1\"\n");
    let run = project.run(&["complete", "shapes.py:12:7"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("must not say where its text is sent"), "{}", run.stderr);
    let run = project.run(&["--config", "ropewalk.toml", "complete", "shapes.py:12:7"]);
    assert!(run.stderr.contains("cannot be reached"), "{}", run.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_generation_stops_the_servers_work() {
    let clock = ScriptClock::new();
    let there = Bridge::assist();
    let reply = "x = 1\n".repeat(1000);
    there.engine().load(ModelSource::Scripted(Script::new([reply]).with_clock(&clock))).finished().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(bridge::serve(listener, there.clone(), BridgeConfig::default(), std::future::pending()));
    let here = Engine::start(EngineConfig::default());
    here.load(ModelSource::Remote(Box::new(RemoteSource::new(url.clone())))).finished().await.unwrap();

    let mut generation = here.generate(GenerateRequest::new(Prompt::Text("x".to_owned()), 5000)).unwrap();
    tokio::task::block_in_place(|| {
        clock.wait_until_blocked();
        clock.tick(2);
        clock.wait_until_blocked();
    });
    assert!(matches!(generation.next().await, Some(Event::Piece(_))));
    drop(generation);
    // The other side hears of it while its model stands still.
    tokio::task::block_in_place(|| while !call(&url, "GET", "/api/v1/queue/status", "").1.contains("\"cancelled\"") {});
    let before = there.engine().status().forward_passes;
    clock.open();
    while there.engine().status().queue.running > 0 {
        tokio::task::yield_now().await;
    }
    let passes = there.engine().status().forward_passes - before;
    assert!(passes <= 2, "{passes} forward passes after the client had gone");
    assert_eq!(here.status().queue.running, 0);
}
