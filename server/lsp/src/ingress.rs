//! The first stop of every message, in wire order: a `tower::Service` around the framework's.
//!
//! The framework runs handlers concurrently, notifications included, so an edit could overtake another one or come
//! after a request sent behind it. Here, before any handler runs, edits are applied and each request is given the
//! snapshot of its own arrival. Nothing in here waits or computes.

use std::sync::Arc;
use std::task::{Context, Poll};

use assist::DocumentId;
use assist::generation::CancelToken;
use futures::future::{self, BoxFuture};
use serde::de::DeserializeOwned;
use serde_json::json;
use tower::Service;
use tower_lsp::jsonrpc::{Id, Request, RequestBuilder, Response};
use tower_lsp::ls_types::{DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, LSPAny};
use tower_lsp::{ExitedError, LspService};

use crate::arrival::{Arrival, InFlight};
use crate::from_proto;
use crate::server::Server;
use crate::shared::Shared;

/// The framework's service, behind document sync.
pub(crate) struct Ingress {
    inner: LspService<Server>,
    shared: Arc<Shared>,
    in_flight: InFlight,
}

impl Ingress {
    pub(crate) fn new(inner: LspService<Server>, shared: Arc<Shared>, in_flight: InFlight) -> Self {
        Self { inner, shared, in_flight }
    }

    /// Applies a document notification; a bad one is logged, as the protocol has no answer for it.
    fn sync(&self, request: Request) {
        let (method, _, params) = request.into_parts();
        let Some(session) = self.shared.session() else {
            tracing::warn!(%method, "ignored before initialize");
            return;
        };
        let applied = match method.as_ref() {
            "textDocument/didOpen" => parse(params).map(|params| self.open(params)),
            "textDocument/didChange" => parse(params).and_then(|params| self.change(params, session.encoding)),
            "textDocument/didClose" => parse(params).and_then(|params| self.close(params)),
            // The text of a saved document is what the client sent before.
            _ => Ok(()),
        };
        if let Err(problem) = applied {
            tracing::warn!(%method, problem, "a document notification was not applied");
        }
    }

    fn open(&self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let id = from_proto::document_id(&item.uri);
        self.shared.findings.forget(&id);
        self.shared.assist.workspace().open(id.clone(), &item.language_id, item.version, &item.text);
        if let Some(publisher) = self.shared.publisher() {
            publisher.changed(id);
        }
    }

    fn change(&self, params: DidChangeTextDocumentParams, encoding: syntax::PositionEncoding) -> Result<(), String> {
        let id = from_proto::document_id(&params.text_document.uri);
        let changes: Vec<_> = params.content_changes.into_iter().map(from_proto::content_change).collect();
        self.shared
            .assist
            .workspace()
            .change(&id, params.text_document.version, &changes, encoding)
            .map_err(|error| error.to_string())?;
        if let Some(publisher) = self.shared.publisher() {
            publisher.changed(id);
        }
        Ok(())
    }

    fn close(&self, params: DidCloseTextDocumentParams) -> Result<(), String> {
        let id = from_proto::document_id(&params.text_document.uri);
        self.shared.assist.workspace().close(&id).map_err(|error| error.to_string())?;
        self.shared.findings.forget(&id);
        if let Some(publisher) = self.shared.publisher() {
            publisher.closed(id);
        }
        Ok(())
    }

    fn arrival(&self, request: &Request) -> Arrival {
        let workspace = self.shared.assist.workspace();
        let uri =
            request.params().and_then(|it| named_document(it).or_else(|| named_document(it.get("arguments")?.get(0)?)));
        let all = if request.method() == "workspace/diagnostic" {
            workspace.open_documents().iter().filter_map(|id| workspace.snapshot(id)).collect()
        } else {
            Vec::new()
        };
        Arrival {
            snapshot: uri.and_then(|uri| workspace.snapshot(&DocumentId::new(uri))),
            uri: uri.map(str::to_owned),
            all,
            initialize: LSPAny::Null,
            cancel: CancelToken::new(),
        }
    }
}

impl Service<Request> for Ingress {
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Some(id) = request.id() else {
            match request.method() {
                "textDocument/didOpen"
                | "textDocument/didChange"
                | "textDocument/didSave"
                | "textDocument/didClose" => {
                    self.sync(request);
                    return Box::pin(future::ok(None));
                }
                "$/cancelRequest" => {
                    if let Some(id) = request.params().and_then(cancelled_id) {
                        self.in_flight.cancel(&id);
                    }
                }
                _ => {}
            }
            return self.inner.call(request);
        };
        let mut arrival = self.arrival(&request);
        let registration = self.in_flight.register(id, &arrival.cancel);
        let request = match request.method() {
            "initialize" => without_details(request, &mut arrival.initialize),
            _ => request,
        };
        let handler = self.inner.call(request);
        Box::pin(async move {
            let _registration = registration;
            arrival.scope(handler).await
        })
    }
}

/// Parameters of a type. What is wrong with them is for the debug log: it may quote the document.
fn parse<T: DeserializeOwned>(params: Option<LSPAny>) -> Result<T, String> {
    serde_json::from_value(params.unwrap_or_default()).map_err(|error| {
        tracing::debug!(%error, "parameters that cannot be read");
        "its parameters are not those of the specification".to_owned()
    })
}

/// `initialize` without what the framework's types may refuse: they know every capability there is, and one of an
/// unexpected type would keep the client out. The handler reads the parameters as they were sent.
fn without_details(request: Request, params: &mut LSPAny) -> Request {
    let (method, id, sent) = request.into_parts();
    *params = sent.unwrap_or_default();
    let request = Request::build(method).params(json!({ "capabilities": {} }));
    id.into_iter().fold(request, RequestBuilder::id).finish()
}

/// The document a request is about: its own, or the one its menu item was made for.
fn named_document(params: &LSPAny) -> Option<&str> {
    params.pointer("/textDocument/uri").or_else(|| params.pointer("/data/uri"))?.as_str()
}

/// The id in `$/cancelRequest`. Read here rather than with the framework's type, which holds 32 bits only.
fn cancelled_id(params: &LSPAny) -> Option<Id> {
    serde_json::from_value(params.get("id")?.clone()).ok()
}
