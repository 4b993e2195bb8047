//! The language server: wire <-> `assist`, as LSP 3.18 has it.
//!
//! Holds no feature logic: a handler converts its parameters, calls one `assist` function,
//! converts the answer. Document sync is applied in wire order in `ingress.rs` and nowhere else.
//!
//! Entry: [`serve`].

mod arrival;
mod capabilities;
mod config;
mod ext;
mod findings;
mod from_proto;
mod handlers;
mod ingress;
mod model_watch;
mod parent;
mod progress;
mod publish;
mod server;
mod session;
mod shared;
mod to_proto;
mod transport;

use std::sync::Arc;

use assist::Assist;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{arrival::InFlight, ingress::Ingress, shared::Shared};

/// Serves one client until it ends the session. `mistakes` are those of the program's own settings that the user is told.
///
/// Returns the exit code the specification asks for: 0 after `shutdown` + `exit`, else 1. A session also ends when the
/// input ends (0 only after `shutdown`) and when the process named in `initialize.processId` is gone (1).
///
/// A read of standard input cannot be interrupted: a program that serves on it has to leave the process when this
/// returns (`Runtime::shutdown_background` and return from `main`), not wait for its runtime.
pub async fn serve<I, O>(input: I, output: O, assist: Assist, mistakes: Vec<String>) -> i32
where
    I: AsyncRead + Unpin + Send + 'static,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let shared = Arc::new(Shared::new(assist));
    shared.keep_unshown(mistakes);
    let in_flight = InFlight::default();
    let (service, socket) = server::build(Arc::clone(&shared));
    let ingress = Ingress::new(service, Arc::clone(&shared), in_flight.clone());
    transport::run(input, output, ingress, socket, &shared, &in_flight).await;
    shared.stop();
    i32::from(!shared.shutdown_was_requested())
}
