//! The methods, one line each. What a method does is in `handlers/`; what comes before is in `ingress.rs`.

use std::sync::Arc;

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{
    CodeAction, CodeActionParams, CodeActionResponse, CompletionItem, CompletionParams, CompletionResponse,
    DidChangeConfigurationParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DocumentDiagnosticParams, DocumentDiagnosticReportResult, DocumentFormattingParams, DocumentHighlight,
    DocumentHighlightParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, DocumentSymbolParams,
    DocumentSymbolResponse, ExecuteCommandParams, FoldingRange, FoldingRangeParams, GotoDefinitionParams,
    GotoDefinitionResponse, Hover, HoverParams, InitializeParams, InitializeResult, InitializedParams,
    InlineCompletionList, InlineCompletionParams, LSPAny, Location, PrepareRenameResponse, ReferenceParams,
    RenameParams, SelectionRange, SelectionRangeParams, TextDocumentPositionParams, TextEdit,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReportResult, WorkspaceEdit,
};
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService};

use crate::arrival;
use crate::ext::{self, DidPartiallyAcceptCompletionParams, DidShowCompletionParams, ViewParams};
use crate::handlers;
use crate::shared::Shared;

/// One session's server.
pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) shared: Arc<Shared>,
}

/// The framework's service with our own methods.
pub(crate) fn build(shared: Arc<Shared>) -> (LspService<Server>, ClientSocket) {
    let server = |client: Client| {
        shared.set_client(client.clone());
        Server { client, shared }
    };
    LspService::build(server)
        .custom_method(ext::INLINE_COMPLETION, Server::inline_completion)
        .custom_method(ext::VIEW_TEXT, Server::view_text)
        .custom_method(ext::VIEW_SYNTAX_TREE, Server::view_syntax_tree)
        .custom_method(ext::DID_SHOW_COMPLETION, Server::did_show_completion)
        .custom_method(ext::DID_PARTIALLY_ACCEPT_COMPLETION, Server::did_partially_accept_completion)
        .finish()
}

impl LanguageServer for Server {
    async fn initialize(&self, _stripped: InitializeParams) -> Result<InitializeResult> {
        handlers::lifecycle::initialize(self, &arrival::initialize_params())
    }

    async fn initialized(&self, _params: InitializedParams) {
        handlers::lifecycle::initialized(self);
    }

    async fn shutdown(&self) -> Result<()> {
        self.shared.request_shutdown();
        Ok(())
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        handlers::configuration::did_change_configuration(self, &params);
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        handlers::workspace_folders::did_change_workspace_folders(self, &params);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        handlers::watched_files::did_change_watched_files(self, &params);
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        handlers::completion::completion(self, params).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        handlers::completion::resolve(self, item).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        handlers::code_action::code_action(self, params).await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        handlers::code_action::resolve(self, action).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        handlers::hover::hover(self, params).await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        handlers::definition::definition(self, params).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        handlers::references::references(self, params).await
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        handlers::document_highlight::document_highlight(self, params).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        handlers::folding_range::folding_range(self, params).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        handlers::selection_range::selection_range(self, params).await
    }

    async fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        handlers::rename::prepare(self, params).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        handlers::rename::rename(self, params).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        handlers::document_symbol::document_symbol(self, params).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        handlers::formatting::formatting(self, params).await
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        handlers::formatting::range_formatting(self, params).await
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        handlers::formatting::on_type_formatting(self, params).await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        handlers::diagnostic::document(self, params).await
    }

    async fn workspace_diagnostic(&self, params: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReportResult> {
        handlers::diagnostic::workspace(self, params).await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        handlers::execute_command::execute_command(self, params).await
    }
}

impl Server {
    async fn inline_completion(&self, params: InlineCompletionParams) -> Result<InlineCompletionList> {
        handlers::inline_completion::inline_completion(self, params).await
    }

    async fn view_text(&self, _params: ViewParams) -> Result<String> {
        handlers::view::text().await
    }

    async fn view_syntax_tree(&self, _params: ViewParams) -> Result<Option<String>> {
        handlers::view::syntax_tree().await
    }

    async fn did_show_completion(&self, params: DidShowCompletionParams) {
        handlers::acceptance::did_show(self, &params);
    }

    async fn did_partially_accept_completion(&self, params: DidPartiallyAcceptCompletionParams) {
        handlers::acceptance::did_partially_accept(self, &params);
    }
}
