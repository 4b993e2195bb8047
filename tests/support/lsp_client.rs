//! A language client for tests: real frames over a pipe in memory, to a server over a scripted model.
//!
//! Written from the specification with plain JSON values, so that it shares no code with the server. Dropping a
//! [`TestServer`] fails the test when a message of the server was left unread: nothing is sent that no test expects.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use assist::model::{Engine, EngineConfig, ModelSource, Script};
use assist::{Assist, AssistConfig, FileStamp, ProjectFiles};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long a message may take before a test gives up. Never waited for in a test that passes.
const PATIENCE: Duration = Duration::from_secs(60);

/// JSON-RPC and LSP error codes.
pub(crate) const PARSE_ERROR: i64 = -32700;
pub(crate) const INVALID_REQUEST: i64 = -32600;
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
pub(crate) const INVALID_PARAMS: i64 = -32602;
pub(crate) const SERVER_NOT_INITIALIZED: i64 = -32002;
pub(crate) const REQUEST_CANCELLED: i64 = -32800;
pub(crate) const CONTENT_MODIFIED: i64 = -32801;
pub(crate) const REQUEST_FAILED: i64 = -32803;

/// The error of an answer: code and message.
pub(crate) type ResponseError = (i64, String);

/// What a server is started with.
pub(crate) struct Builder {
    source: Option<ModelSource>,
    awaits_model: bool,
    capabilities: Value,
    options: Value,
    process_id: Option<u32>,
    files: Option<Arc<Files>>,
}

/// Files that are on no disk, below `/project`.
#[derive(Default)]
struct Files(Mutex<BTreeMap<PathBuf, (String, u64)>>);

impl Files {
    fn write(&self, path: &str, text: Option<&str>) {
        let path = Path::new("/project").join(path);
        let mut files = self.0.lock().expect("no test panicked in here");
        match text {
            Some(text) => {
                let changes = files.get(&path).map_or(0, |(_, changes)| changes + 1);
                files.insert(path, (text.to_owned(), changes));
            }
            None => {
                files.remove(&path);
            }
        }
    }
}

impl ProjectFiles for Files {
    fn list(&self, folder: &Path) -> Vec<FileStamp> {
        let files = self.0.lock().expect("no test panicked in here");
        let stamp = |(path, (text, changes)): (&PathBuf, &(String, u64))| FileStamp {
            path: path.clone(),
            bytes: text.len() as u64,
            modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(*changes)),
        };
        files.iter().filter(|(path, _)| path.starts_with(folder)).map(stamp).collect()
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.0.lock().expect("no test panicked in here").get(path).map(|(text, _)| text.clone())
    }

    fn stamp(&self, path: &Path) -> Option<FileStamp> {
        self.list(path).into_iter().find(|file| file.path == path)
    }
}

impl Builder {
    /// A workspace folder with these files.
    pub(crate) fn files(self, files: &[(&str, &str)]) -> Self {
        let project = Files::default();
        files.iter().for_each(|(path, text)| project.write(path, Some(text)));
        Self { files: Some(Arc::new(project)), ..self }
    }

    /// The replies of the scripted model.
    pub(crate) fn script(self, script: Script) -> Self {
        Self { source: Some(ModelSource::Scripted(script)), ..self }
    }

    /// Another model, or none. The session begins before it is loaded.
    pub(crate) fn model(self, source: Option<ModelSource>) -> Self {
        Self { source, awaits_model: false, ..self }
    }

    /// The client's capabilities, in place of those of a client that knows everything.
    pub(crate) fn capabilities(self, capabilities: Value) -> Self {
        Self { capabilities, ..self }
    }

    /// `initializationOptions`.
    pub(crate) fn options(self, options: Value) -> Self {
        Self { options, ..self }
    }

    /// The parent process.
    pub(crate) fn process_id(self, process_id: u32) -> Self {
        Self { process_id: Some(process_id), ..self }
    }

    /// A server that has been initialized.
    pub(crate) async fn start(self) -> TestServer {
        let params = json!({
            "processId": self.process_id,
            "rootUri": self.files.as_ref().map(|_| "file:///project"),
            "capabilities": self.capabilities,
            "initializationOptions": self.options,
        });
        let mut server = self.connect().await;
        server.initialize_result = server.call("initialize", params).await.expect("initialize succeeds");
        server.notify("initialized", json!({})).await;
        server
    }

    /// A server that has heard nothing yet.
    pub(crate) async fn connect(self) -> TestServer {
        let engine = Engine::start(EngineConfig::default());
        if let Some(source) = self.source {
            let load = engine.load(source);
            if self.awaits_model {
                load.finished().await.expect("the scripted model loads");
            }
        }
        let disk = self.files.clone().map(|files| files as Arc<dyn ProjectFiles>);
        let assist = Assist::with_project(engine, AssistConfig::default(), disk);
        let (here, there) = tokio::io::duplex(1 << 16);
        let (input, output) = tokio::io::split(there);
        let session = tokio::spawn(lsp::serve(input, output, assist.clone(), Vec::new()));
        let (from_server, to_server) = tokio::io::split(here);
        let (sender, messages) = mpsc::unbounded_channel();
        tokio::spawn(read(from_server, sender));
        TestServer {
            assist,
            files: self.files,
            initialize_result: Value::Null,
            to_server: Some(to_server),
            messages,
            answers: HashMap::new(),
            unread: VecDeque::new(),
            forgotten: HashSet::new(),
            next_id: 1,
            session: Some(session),
        }
    }
}

/// A session with a server.
pub(crate) struct TestServer {
    pub(crate) assist: Assist,
    files: Option<Arc<Files>>,
    pub(crate) initialize_result: Value,
    to_server: Option<WriteHalf<DuplexStream>>,
    messages: mpsc::UnboundedReceiver<Value>,
    answers: HashMap<i64, Value>,
    /// Notifications and requests of the server nobody has asked for yet.
    unread: VecDeque<Value>,
    /// Requests whose answer may come or not.
    forgotten: HashSet<i64>,
    next_id: i64,
    session: Option<JoinHandle<i32>>,
}

impl TestServer {
    /// A client that knows everything, a model that says nothing, time without end.
    pub(crate) fn builder() -> Builder {
        Builder {
            source: Some(ModelSource::Scripted(Script { replies: vec![String::new()], clock: None })),
            awaits_model: true,
            capabilities: all_capabilities(),
            options: json!({ "inlineCompletion": { "deadlineMs": 600_000, "deadlineInvokedMs": 600_000 } }),
            process_id: None,
            files: None,
        }
    }

    /// Such a server, initialized.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// Sends a request; [`TestServer::answer`] has its answer.
    pub(crate) async fn send_request(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        id
    }

    /// Waits for the answer to a request.
    pub(crate) async fn answer(&mut self, id: i64) -> Result<Value, ResponseError> {
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return match answer.get("error") {
                    None => Ok(answer["result"].clone()),
                    Some(error) => Err((
                        error["code"].as_i64().expect("a number"),
                        error["message"].as_str().expect("a text").to_owned(),
                    )),
                };
            }
            self.receive().await;
        }
    }

    /// True when the answer has arrived already.
    pub(crate) fn is_answered(&mut self, id: i64) -> bool {
        while let Ok(message) = self.messages.try_recv() {
            self.sort(message);
        }
        self.answers.contains_key(&id)
    }

    /// Gives up an answer: the end of a session may come before it.
    pub(crate) fn forget(&mut self, id: i64) {
        self.answers.remove(&id);
        self.forgotten.insert(id);
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Result<Value, ResponseError> {
        let id = self.send_request(method, params).await;
        self.answer(id).await
    }

    /// Sends a notification.
    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    /// Waits for a notification or request of the server; returns its whole message.
    pub(crate) async fn message(&mut self, method: &str) -> Value {
        loop {
            if let Some(at) = self.unread.iter().position(|message| message["method"] == method) {
                return self.unread.remove(at).expect("found just now");
            }
            self.receive().await;
        }
    }

    /// Answers a request of the server.
    pub(crate) async fn reply(&mut self, request: &Value, result: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })).await;
    }

    /// Waits for an answer that belongs to no request: the error for something that could not be read.
    pub(crate) async fn error_without_id(&mut self) -> i64 {
        loop {
            if let Some(at) = self.unread.iter().position(|message| message.get("method").is_none()) {
                let message = self.unread.remove(at).expect("found just now");
                return message["error"]["code"].as_i64().expect("a number");
            }
            self.receive().await;
        }
    }

    /// Changes a file of the workspace folder; `None` removes it.
    pub(crate) fn write_file(&self, path: &str, text: Option<&str>) {
        self.files.as_ref().expect("a server with files").write(path, text);
    }

    /// Sends one message.
    pub(crate) async fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let pipe = self.to_server.as_mut().expect("the pipe is open");
        tokio::time::timeout(PATIENCE, pipe.write_all(bytes)).await.expect("the server reads").expect("the pipe works");
    }

    /// Ends the session as the specification has it.
    pub(crate) async fn finish(mut self) {
        assert_eq!(self.call("shutdown", Value::Null).await, Ok(Value::Null));
        self.notify("exit", Value::Null).await;
        assert_eq!(self.exit_code().await, 0);
    }

    /// Closes the server's input.
    pub(crate) async fn close_pipe(&mut self) {
        self.to_server.take().expect("it is open").shutdown().await.expect("the pipe works");
    }

    /// Waits for the server's end.
    pub(crate) async fn exit_code(&mut self) -> i32 {
        let session = self.session.take().expect("asked once");
        tokio::time::timeout(PATIENCE, session).await.expect("the server ends").expect("it does not panic")
    }

    async fn receive(&mut self) {
        let message = tokio::time::timeout(PATIENCE, self.messages.recv()).await;
        let message = message.expect("the server sends a message").expect("the server still runs");
        self.sort(message);
    }

    fn sort(&mut self, message: Value) {
        match message["id"].as_i64() {
            Some(id) if message.get("method").is_none() && self.forgotten.contains(&id) => {}
            Some(id) if message.get("method").is_none() => {
                assert!(self.answers.insert(id, message).is_none(), "request {id} was answered twice");
            }
            _ => self.unread.push_back(message),
        }
    }
}

/// What a client does with documents.
impl TestServer {
    pub(crate) async fn open(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    pub(crate) async fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes })).await;
    }

    pub(crate) async fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } })).await;
    }

    pub(crate) async fn text(&mut self, uri: &str) -> String {
        let text = self.call("ropewalk/viewText", json!({ "textDocument": { "uri": uri } })).await;
        text.expect("the document is open").as_str().expect("a text").to_owned()
    }

    /// Asks for ghost text; [`TestServer::answer`] has it.
    pub(crate) async fn ask_inline(&mut self, uri: &str, line: u32, character: u32) -> i64 {
        self.send_request("textDocument/inlineCompletion", inline_params(uri, line, character)).await
    }

    pub(crate) async fn status(&mut self) -> Value {
        self.call("workspace/executeCommand", json!({ "command": "ropewalk.status" })).await.expect("a status")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        while let Ok(message) = self.messages.try_recv() {
            self.sort(message);
        }
        assert!(self.unread.is_empty(), "unread messages: {:?}", self.unread);
        assert!(self.answers.is_empty(), "unread answers: {:?}", self.answers);
    }
}

/// Parameters of a request at a place.
pub(crate) fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

/// Parameters of an automatic request for ghost text.
pub(crate) fn inline_params(uri: &str, line: u32, character: u32) -> Value {
    let mut params = at(uri, line, character);
    params["context"] = json!({ "triggerKind": 2 });
    params
}

/// A change of a range, within one line.
pub(crate) fn edit(line: u32, from: u32, to: u32, text: &str) -> Value {
    let range = json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
    json!({ "range": range, "text": text })
}

/// What a client declares that knows everything the server can do.
pub(crate) fn all_capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16", "utf-32"] },
        "window": { "workDoneProgress": true },
        "workspace": { "configuration": true, "workspaceEdit": { "documentChanges": true } },
        "textDocument": {
            "inlineCompletion": {},
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } },
            "diagnostic": { "relatedInformation": true },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "completion": { "completionItem": {
                "insertReplaceSupport": true, "insertTextModeSupport": { "valueSet": [1, 2] }
            } },
        },
    })
}

/// Reads frames until the server closes its end.
async fn read(input: ReadHalf<DuplexStream>, sender: mpsc::UnboundedSender<Value>) {
    let mut input = BufReader::new(input);
    loop {
        let mut length = None;
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).await.expect("the pipe works") == 0 {
                return;
            }
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", value)) => length = Some(value.parse().expect("a number")),
                Some(header) => panic!("an unknown header {header:?}"),
                None => break,
            }
        }
        let mut body = vec![0; length.expect("a Content-Length")];
        input.read_exact(&mut body).await.expect("a whole body");
        let message: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        if sender.send(message).is_err() {
            return;
        }
    }
}
