//! A model server that answers from a table: raw bytes over a socket, so that answers can be cut, stalled and broken off
//! anywhere.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// `GET /v1/models`.
    pub(super) line: String,
    /// Header lines in lower case, one after the other.
    pub(super) headers: String,
    pub(super) body: String,
}

/// What a connection does next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends nothing until the client closes the connection, and reports that.
    Hold,
}

/// A listening server.
pub(super) struct TestServer {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    /// One message for each connection that the client closed on a server that held it.
    pub(super) closed: mpsc::Receiver<()>,
    connections: Arc<Mutex<usize>>,
}

impl TestServer {
    /// Serves until the test ends. `answer` gets a request and how many of the same line came before it.
    pub(super) fn start(answer: impl Fn(&Request, usize) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, closed) = mpsc::channel();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (log, count, answer) = (Arc::clone(&requests), Arc::clone(&connections), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                *count.lock().unwrap() += 1;
                let (log, answer, sender) = (Arc::clone(&log), Arc::clone(&answer), sender.clone());
                thread::spawn(move || {
                    // A client that goes away in the middle is what many tests are about.
                    let _ = serve(&stream.unwrap(), &log, &*answer, &sender);
                });
            }
        });
        Self { url, requests, closed, connections }
    }

    /// All requests so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The last request's body.
    pub(super) fn last_body(&self) -> String {
        self.requests().pop().unwrap().body
    }

    /// Connections opened so far.
    pub(super) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

fn serve(
    stream: &TcpStream,
    log: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&Request, usize) -> Vec<Step> + Send + Sync),
    closed: &mpsc::Sender<()>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader)? {
        let earlier = {
            let mut log = log.lock().unwrap();
            let earlier = log.iter().filter(|it| it.line == request.line).count();
            log.push(request.clone());
            earlier
        };
        let mut keep = false;
        for step in answer(&request, earlier) {
            match step {
                Step::Send(bytes) => {
                    let head = String::from_utf8_lossy(&bytes);
                    keep |= head.contains("\r\ncontent-length: ") || head.contains("\r\nx-keep: ");
                    let mut stream = stream;
                    stream.write_all(&bytes)?;
                }
                Step::Hold => {
                    let _ = reader.read(&mut [0]);
                    let _ = closed.send(());
                    return Ok(());
                }
            }
        }
        if !keep {
            return Ok(());
        }
    }
    Ok(())
}

fn read(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut headers = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap();
        }
        headers.push_str(&format!("{}: {value}\n", name.to_ascii_lowercase()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let line = first.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Ok(Some(Request { line, headers, body: String::from_utf8(body).unwrap() }))
}

/// An answer that is complete.
pub(super) fn json(status: &str, body: &str) -> Vec<Step> {
    answer(status, "content-type: application/json", body)
}

/// An answer that is complete, with header lines.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let text = format!("HTTP/1.1 {status}\r\n{headers}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    vec![Step::Send(text.into_bytes())]
}

/// The head of a stream that ends with the connection.
pub(super) fn stream_head() -> Step {
    Step::Send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec())
}

/// A stream of events, each sent by itself.
pub(super) fn stream(events: &[&str]) -> Vec<Step> {
    let events = events.iter().map(|event| Step::Send(format!("data: {event}\n\n").into_bytes()));
    [stream_head()].into_iter().chain(events).collect()
}

/// The same in a chunked body, so that the connection outlives it.
pub(super) fn chunked_stream(events: &[&str]) -> Vec<Step> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nx-keep: 1\r\n\r\n";
    let mut text = head.to_owned();
    for event in events {
        let event = format!("data: {event}\n\n");
        text.push_str(&format!("{:x}\r\n{event}\r\n", event.len()));
    }
    text.push_str("0\r\n\r\n");
    vec![Step::Send(text.into_bytes())]
}
