//! The built program as a language server.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::program::Project;

/// Within a second, says the contract; more is allowed here for a machine that does many other things.
const END: Duration = Duration::from_secs(10);

fn frame(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn initialize() -> Value {
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "processId": null, "rootUri": null, "capabilities": capabilities,
    } })
}

fn start(project: &Project, arguments: &[&str]) -> Child {
    let arguments = [&["lsp", "--model", "none", "--log", "trace"], arguments].concat();
    let mut command = project.command(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts")
}

/// The exit code and what was printed; the program is killed when it does not end.
fn end(mut child: Child) -> (Option<i32>, Vec<u8>) {
    let (sender, ended) = mpsc::channel();
    let mut output = child.stdout.take().expect("piped");
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        output.read_to_end(&mut text).expect("it can be read");
        let _nobody_waits = sender.send(());
        text
    });
    let in_time = ended.recv_timeout(END).is_ok();
    if !in_time {
        child.kill().expect("it can be killed");
    }
    let output = reader.join().expect("the reader ends");
    let status = child.wait().expect("it ended");
    assert!(in_time, "the program did not end by itself");
    (status.code(), output)
}

/// The messages in `output`; anything else in it fails.
fn messages(mut output: &[u8]) -> Vec<Value> {
    let mut messages = Vec::new();
    while !output.is_empty() {
        let end = output.windows(4).position(|window| window == b"\r\n\r\n").expect("a header's end");
        let header = std::str::from_utf8(&output[..end]).expect("text");
        let length: usize = header.strip_prefix("Content-Length: ").expect("a header").parse().expect("a number");
        let body = &output[end + 4..end + 4 + length];
        messages.push(serde_json::from_slice(body).expect("JSON"));
        output = &output[end + 4 + length..];
    }
    messages
}

#[test]
fn standard_output_holds_messages_only() {
    let project = Project::new("");
    for arguments in [&[][..], &["--stdio"]] {
        let mut child = start(&project, arguments);
        let mut input = child.stdin.take().expect("piped");
        let document = json!({ "uri": "file:///a.py", "languageId": "python", "version": 1, "text": "print(" });
        for message in [
            initialize(),
            json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
            json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }),
            json!({ "jsonrpc": "2.0", "id": 2, "method": "no/such/method" }),
            json!({ "jsonrpc": "2.0", "id": 3, "method": "shutdown" }),
            json!({ "jsonrpc": "2.0", "method": "exit" }),
        ] {
            input.write_all(&frame(&message)).expect("it reads");
        }
        // The input stays open: `exit` is enough.
        let (code, output) = end(child);
        drop(input);
        assert_eq!(code, Some(0));
        let mut ids: Vec<_> = messages(&output).iter().filter_map(|message| message["id"].as_i64()).collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 2, 3]);
    }
}

#[test]
fn a_closed_pipe_ends_the_program() {
    let project = Project::new("");
    let mut child = start(&project, &[]);
    drop(child.stdin.take());
    assert_eq!(end(child).0, Some(1));

    let mut child = start(&project, &[]);
    let mut input = child.stdin.take().expect("piped");
    input.write_all(&frame(&initialize())).expect("it reads");
    drop(input);
    assert_eq!(end(child).0, Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn the_end_of_the_parent_ends_the_program() {
    let project = Project::new("");
    let mut parent =
        std::process::Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("cat starts");
    let mut child = start(&project, &[]);
    // Stays open to the end: only the parent's end can end the program.
    let mut input = child.stdin.take().expect("piped");
    let mut message = initialize();
    message["params"]["processId"] = json!(parent.id());
    input.write_all(&frame(&message)).expect("it reads");
    let mut byte = [0];
    child.stdout.as_mut().expect("piped").read_exact(&mut byte).expect("an answer");
    parent.kill().expect("it can be killed");
    assert_eq!(end(child).0, Some(1));
    drop(input);
    parent.wait().expect("it ended");
}

/// The messages that arrive, one after the other, until the output ends.
#[cfg(unix)]
fn arriving(output: ChildStdout) -> mpsc::Receiver<Value> {
    let (sender, messages) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut length = 0;
        loop {
            let mut header = String::new();
            if output.read_line(&mut header).expect("it can be read") == 0 {
                return;
            }
            match header.trim_end().strip_prefix("Content-Length: ") {
                Some(bytes) => length = bytes.parse().expect("a number"),
                None => {
                    let mut body = vec![0; length];
                    output.read_exact(&mut body).expect("a whole message");
                    if sender.send(serde_json::from_slice(&body).expect("JSON")).is_err() {
                        return;
                    }
                }
            }
        }
    });
    messages
}

#[cfg(unix)]
#[test]
fn a_file_that_comes_later_is_copied_from_soon() {
    let project = Project::new("");
    let mut child = start(&project, &[]);
    let mut input = child.stdin.take().expect("piped");
    let messages = arriving(child.stdout.take().expect("piped"));
    let folder = format!("file://{}", project.path().display());
    let uri = format!("{folder}/here.py");
    let mut send = |message: Value| input.write_all(&frame(&message)).expect("it reads");
    let watching = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    send(json!({ "jsonrpc": "2.0", "id": "initialize", "method": "initialize", "params": {
        "processId": null, "rootUri": folder, "capabilities": { "workspace": watching },
    } }));
    let next = |wanted: &dyn Fn(&Value) -> bool| loop {
        let message = messages.recv_timeout(END).expect("a message");
        if wanted(&message) {
            return message;
        }
    };
    next(&|message| message["id"] == "initialize");
    send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let asked = next(&|message| message["method"] == "client/registerCapability");
    let registration = &asked["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    let pattern = registration["registerOptions"]["watchers"][0]["globPattern"].as_str().expect("a pattern");
    let listed = pattern.strip_prefix("**/*.{").and_then(|rest| rest.strip_suffix('}')).expect("a list of extensions");
    assert!(["py", "rs", "tsx"].iter().all(|wanted| listed.split(',').any(|it| it == *wanted)), "{listed}");
    send(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": null }));

    let document = json!({ "uri": uri, "languageId": "python", "version": 1, "text": "\nconnection = conn\n" });
    send(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    project.write("other.py", b"connection = connect(host, port)\n");
    let change = json!([{ "uri": format!("{folder}/other.py"), "type": 1 }]);
    send(json!({ "jsonrpc": "2.0", "method": "workspace/didChangeWatchedFiles", "params": { "changes": change } }));
    // Without the notification it would take half a minute.
    let until = Instant::now() + END;
    let mut id = 0;
    let found = loop {
        id += 1;
        send(json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/inlineCompletion", "params": {
            "textDocument": { "uri": uri }, "position": { "line": 1, "character": 17 }, "context": { "triggerKind": 1 },
        } }));
        let answer = next(&|message| message["id"] == id);
        let text = answer["result"]["items"][0]["insertText"].as_str().map(str::to_owned);
        if text.is_some() || Instant::now() > until {
            break text;
        }
    };
    child.kill().expect("it can be killed");
    child.wait().expect("it ended");
    assert_eq!(found.as_deref(), Some("ect(host, port)"));
}

#[cfg(unix)]
#[test]
fn a_mistake_in_the_configuration_is_shown_and_the_server_starts() {
    let project = Project::new("//- ropewalk.toml\nthreads = [\n");
    let mut child = start(&project, &[]);
    let mut input = child.stdin.take().expect("piped");
    let initialized = json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} });
    for message in [initialize(), initialized] {
        input.write_all(&frame(&message)).expect("it reads");
    }
    let arriving = arriving(child.stdout.take().expect("piped"));
    let shown = loop {
        let message = arriving.recv_timeout(END).expect("a message");
        let text = message["params"]["message"].as_str().unwrap_or_default().to_owned();
        if message["method"] == "window/showMessage" && text.contains("ropewalk.toml") {
            break text;
        }
    };
    assert!(shown.contains("settings that were not applied") && !shown.contains('\n'), "{shown}");
    drop(input);
    assert_eq!(child.wait().expect("it ended").code(), Some(1));
}
