//! The session's loop: frames in, messages through the service, answers out.
//!
//! Not the framework's own loop, for three reasons: that one ends at the first malformed message, polls every handler
//! on the reader's task, and lets notifications queue behind slow requests.

mod framing;
mod message;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::future::{self, BoxFuture, FutureExt};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tower::{Service, ServiceExt};
use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_lsp::{ClientSocket, ExitedError, Loopback};

use crate::arrival::InFlight;
use crate::ingress::Ingress;
use crate::shared::Shared;
use framing::{Frame, FrameReader};
use message::Incoming;

/// Answers that may wait for a client that does not read.
const WAITING_ANSWERS: usize = 256;

/// How long the end of a session waits for handlers to answer, and then for the client to take the answers. Both
/// together stay under the second within which the server has to be gone.
const GRACE: Duration = Duration::from_millis(300);

type Handler = BoxFuture<'static, Result<Option<Response>, ExitedError>>;

/// Runs a session until `exit`, the end of the input, a broken output, or [`Shared::ended`].
pub(crate) async fn run<I, O>(
    input: I,
    output: O,
    mut service: Ingress,
    socket: ClientSocket,
    shared: &Shared,
    in_flight: &InFlight,
) where
    I: AsyncRead + Unpin + Send + 'static,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let (requests_to_client, mut answers_of_client) = socket.split();
    let (answers, waiting_answers) = mpsc::channel(WAITING_ANSWERS);
    let mut writer = tokio::spawn(write(output, waiting_answers, requests_to_client));
    let mut handlers = JoinSet::new();

    let read = async {
        let mut frames = FrameReader::new(input);
        while let Some(frame) = frames.next().await? {
            let message = match frame {
                Frame::Body(body) => message::parse(&body),
                Frame::Malformed(problem) => Incoming::malformed(problem),
            };
            match message {
                Incoming::Request(request) => {
                    let ends_session = request.method() == "exit" && request.id().is_none();
                    dispatch(request, &mut service, &mut handlers, &answers).await;
                    if ends_session {
                        break;
                    }
                }
                Incoming::Response(response) => {
                    let _after_exit = answers_of_client.send(response).await;
                }
                Incoming::Malformed(answer) => {
                    let _writer_gone = answers.send(answer).await;
                }
                Incoming::Ignored => {}
            }
        }
        std::io::Result::Ok(())
    };
    tokio::select! {
        ended = read => if let Err(error) = ended {
            tracing::info!(%error, "the input failed");
        },
        _ = &mut writer => tracing::info!("the client no longer reads"),
        () = shared.ended.notified() => tracing::info!("the session was ended from outside"),
    }

    in_flight.cancel_all();
    finish(handlers, answers, writer).await;
}

/// Hands one message to the service and sees to its answer.
async fn dispatch(
    request: Request,
    service: &mut Ingress,
    handlers: &mut JoinSet<()>,
    answers: &mpsc::Sender<Response>,
) {
    while handlers.try_join_next().is_some() {}
    let id = request.id().cloned();
    // Polled once before the next message is read: what they change is in force for every later message.
    let keeps_order = id.is_none() || matches!(request.method(), "initialize" | "shutdown");
    let handler = match service.ready().await {
        Ok(service) => service.call(request),
        Err(error) => future::err(error).boxed(),
    };
    let mut handler: BoxFuture<'static, Option<Response>> = guard(id, handler).boxed();
    if keeps_order && let Some(answer) = future::poll_immediate(&mut handler).await {
        if let Some(answer) = answer {
            let _writer_gone = answers.send(answer).await;
        }
        return;
    }
    let answers = answers.clone();
    handlers.spawn(async move {
        if let Some(answer) = handler.await {
            let _writer_gone = answers.send(answer).await;
        }
    });
}

/// The answer of a handler; a panic fails its request alone.
async fn guard(id: Option<Id>, handler: Handler) -> Option<Response> {
    match AssertUnwindSafe(handler).catch_unwind().await {
        Ok(Ok(Some(answer))) => Some(answer),
        // The framework drops unknown `$/` messages; one that is a request "must error with MethodNotFound" (LSP).
        Ok(Ok(None)) => id.map(|id| Response::from_error(id, Error::method_not_found())),
        Ok(Err(exited)) => {
            tracing::debug!(%exited, "a message after exit");
            None
        }
        Err(_panic) => {
            tracing::error!(?id, "a handler panicked");
            id.map(|id| Response::from_error(id, Error::internal_error()))
        }
    }
}

/// Lets handlers answer and the client take the answers, each for [`GRACE`] at most.
async fn finish(mut handlers: JoinSet<()>, answers: mpsc::Sender<Response>, mut writer: JoinHandle<()>) {
    let all_answered = async { while handlers.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all_answered).await.is_err() {
        handlers.abort_all();
    }
    drop(handlers);
    drop(answers);
    if !writer.is_finished() && tokio::time::timeout(GRACE, &mut writer).await.is_err() {
        writer.abort();
    }
}

/// The one place that writes to the client. Ends when every sender of answers is gone, or the client is.
async fn write<O>(
    mut output: O,
    mut answers: mpsc::Receiver<Response>,
    mut requests_to_client: <ClientSocket as Loopback>::RequestStream,
) where
    O: AsyncWrite + Unpin,
{
    loop {
        let message = tokio::select! {
            answer = answers.recv() => match answer {
                Some(answer) => message::encode(&answer),
                None => break,
            },
            Some(request) = requests_to_client.next() => message::encode(&request),
        };
        let sent = match message {
            Ok(bytes) => match output.write_all(&bytes).await {
                Ok(()) => output.flush().await,
                Err(error) => Err(error),
            },
            Err(error) => {
                tracing::error!(%error, "a message could not be encoded");
                continue;
            }
        };
        if let Err(error) = sent {
            tracing::info!(%error, "the output failed");
            break;
        }
    }
}
