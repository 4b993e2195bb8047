//! Serving a listener: connections, slow clients, and an end that does not wait for ever.
//!
//! Not `axum::serve`: it has no limit on the time that headers may take, and at shutdown it
//! waits for open event streams without end.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use assist::Assist;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::BridgeConfig;

/// How long a client may take to send the headers of a request.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(15);

/// Most connections at once; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 512;

/// How long streams have to say that they end, once they were told to.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Pause after a failed accept (no file descriptors left, usually), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `shutdown` resolves. Requests under way then have [`BridgeConfig::shutdown_grace`] to finish;
/// after it, jobs and streams are ended with an error, and a second later every connection is closed.
///
/// # Errors
/// What the listener failed with.
pub async fn serve(
    listener: TcpListener,
    assist: Assist,
    config: BridgeConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let grace = config.shutdown_grace;
    let ending = Ending::default();
    let router = crate::router_until(assist, config, ending.jobs.clone());
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let connection = serve_connection(stream, peer, router.clone(), ending.clone());
        connections.spawn(async move {
            connection.await;
            drop(slot);
        });
    }
    drop(listener);
    connections.close();
    ending.connections.cancel();
    if tokio::time::timeout(grace, connections.wait()).await.is_err() {
        ending.jobs.cancel();
        if tokio::time::timeout(LAST_WORDS, connections.wait()).await.is_err() {
            ending.now.cancel();
            connections.wait().await;
        }
    }
    ending.jobs.cancel();
    Ok(())
}

/// The three steps of an end.
#[derive(Clone, Default)]
struct Ending {
    /// No further request on any connection.
    connections: CancellationToken,
    /// Jobs and streams end with an error.
    jobs: CancellationToken,
    /// Connections are dropped.
    now: CancellationToken,
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, router: Router, ending: Ending) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "events may be delayed");
    }
    let service = router.map_request(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = ending.connections.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                served = connection.as_mut() => served,
                () = ending.now.cancelled() => Ok(()),
            }
        }
    };
    if let Err(error) = served {
        // A client that hangs up, mostly.
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}
