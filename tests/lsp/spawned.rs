//! The built program as a language server.

use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

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
