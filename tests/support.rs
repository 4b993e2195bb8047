//! What the tests share.

pub(crate) mod http_client;
pub(crate) mod lsp_client;
pub(crate) mod program;
