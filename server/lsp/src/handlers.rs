//! One module for each method: wire types in, one `assist` function, wire types out.

pub(crate) mod acceptance;
pub(crate) mod code_action;
pub(crate) mod completion;
pub(crate) mod configuration;
pub(crate) mod definition;
pub(crate) mod diagnostic;
pub(crate) mod document_highlight;
pub(crate) mod document_symbol;
pub(crate) mod execute_command;
pub(crate) mod folding_range;
pub(crate) mod formatting;
pub(crate) mod hover;
pub(crate) mod inline_completion;
pub(crate) mod lifecycle;
pub(crate) mod references;
pub(crate) mod rename;
pub(crate) mod selection_range;
pub(crate) mod view;
pub(crate) mod watched_files;
pub(crate) mod workspace_folders;
