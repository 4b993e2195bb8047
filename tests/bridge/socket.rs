//! The bridge on a real socket: many requests on one connection, and an end that waits for nobody for ever.

use std::net::SocketAddr;
use std::time::Duration;

use assist::model::{ModelSource, Script, ScriptClock};
use bridge::BridgeConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::http_client::Bridge;

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    clock: ScriptClock,
}

async fn serve(config: BridgeConfig) -> Served {
    let clock = ScriptClock::new();
    let assist = Bridge::assist();
    let script = Script::new(["abcdef"]).with_clock(&clock);
    assist.engine().load(ModelSource::Scripted(script)).finished().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(bridge::serve(listener, assist, config, async {
        let _ = stopped.await;
    }));
    Served { address, stop, server, clock }
}

fn request(method: &str, path: &str, body: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Reads until what is there satisfies `enough`, or the connection ends.
async fn read_until(stream: &mut TcpStream, enough: impl Fn(&str) -> bool) -> String {
    let mut bytes = Vec::new();
    while !enough(&String::from_utf8_lossy(&bytes)) && stream.read_buf(&mut bytes).await.unwrap() > 0 {}
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_many_requests() {
    let served = serve(BridgeConfig::default()).await;
    served.clock.open();
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(request("GET", "/health", "").as_bytes()).await.unwrap();
        let answer = read_until(&mut stream, |it| it.contains("\"version\"") && it.ends_with('}')).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    let body = r#"{"prompt": "x", "temperature": 0}"#;
    stream.write_all(request("POST", "/generate", body).as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, |it| it.ends_with('}')).await;
    assert!(answer.contains("xabcdef"), "{answer}");
    // The idle connection does not hold up the end.
    served.stop.send(()).unwrap();
    served.server.await.unwrap().unwrap();
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0, "the connection is closed");
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_lets_requests_finish() {
    let served = serve(BridgeConfig { shutdown_grace: Duration::from_secs(60), ..BridgeConfig::default() }).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let body = r#"{"prompt": "x", "temperature": 0}"#;
    stream.write_all(request("POST", "/generate", body).as_bytes()).await.unwrap();
    tokio::task::block_in_place(|| served.clock.wait_until_blocked());
    served.stop.send(()).unwrap();
    served.clock.open();
    let answer = read_until(&mut stream, |_| false).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("xabcdef"), "{answer}");
    served.server.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_cuts_streams_with_a_word() {
    let served = serve(BridgeConfig { shutdown_grace: Duration::ZERO, ..BridgeConfig::default() }).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(request("POST", "/stream", r#"{"prompt": "x"}"#).as_bytes()).await.unwrap();
    tokio::task::block_in_place(|| {
        served.clock.wait_until_blocked();
        served.clock.tick(2);
        served.clock.wait_until_blocked();
    });
    let first = read_until(&mut stream, |it| it.contains("data: ")).await;
    assert!(first.contains("text/event-stream"), "{first}");
    served.stop.send(()).unwrap();
    let rest = read_until(&mut stream, |_| false).await;
    assert!(rest.contains("\"code\":\"shutting_down\""), "{rest}");
    served.server.await.unwrap().unwrap();
    served.clock.open();
}
