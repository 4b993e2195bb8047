//! The language server: wire <-> `assist`, as LSP 3.18 has it.
//!
//! Holds no feature logic: a handler converts its parameters, calls one `assist` function,
//! converts the answer. Document sync is applied in wire order in `ingress.rs` and nowhere else.
//!
//! Entry: [`serve`].

use assist::Assist;
use tokio::io::{AsyncRead, AsyncWrite};

/// Serves one client until it ends the session.
///
/// Returns the exit code the specification asks for: 0 after `shutdown` + `exit`, else 1.
pub async fn serve<I, O>(_input: I, _output: O, _assist: Assist) -> i32
where
    I: AsyncRead + Unpin + Send + 'static,
    O: AsyncWrite + Unpin + Send + 'static,
{
    unimplemented!()
}
