//! The folders of the workspace: those of `initialize`, and `workspace/didChangeWorkspaceFolders`.

use std::path::PathBuf;

use tower_lsp::ls_types::{DidChangeWorkspaceFoldersParams, LSPAny, WorkspaceFolder};

use crate::server::Server;

/// The folders in the parameters of `initialize`; older clients name one only, the oldest by its path.
pub(crate) fn initial(params: &LSPAny) -> Vec<PathBuf> {
    let listed = params["workspaceFolders"].as_array().map(Vec::as_slice).unwrap_or_default();
    let listed: Vec<_> = listed.iter().filter_map(|folder| folder["uri"].as_str()).collect();
    let uris = if listed.is_empty() { params["rootUri"].as_str().into_iter().collect() } else { listed };
    let mut folders: Vec<_> = uris.into_iter().filter_map(assist::file_path).collect();
    if folders.is_empty() {
        folders.extend(params["rootPath"].as_str().filter(|path| !path.is_empty()).map(PathBuf::from));
    }
    folders
}

/// Folders come and go while the session lasts.
pub(crate) fn did_change_workspace_folders(server: &Server, params: &DidChangeWorkspaceFoldersParams) {
    let paths = |folders: &[WorkspaceFolder]| -> Vec<PathBuf> {
        folders.iter().filter_map(|folder| assist::file_path(folder.uri.as_str())).collect()
    };
    let (added, removed) = (paths(&params.event.added), paths(&params.event.removed));
    let assist = &server.shared.assist;
    let mut folders = assist.workspace().folders().to_vec();
    folders.retain(|folder| !removed.contains(folder) && !added.contains(folder));
    folders.extend(added);
    assist.set_folders(folders);
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::{Value, json};

    use super::initial;

    fn check(params: Value, expected: &[&str]) {
        let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
        assert_eq!(initial(&params), expected, "{params}");
    }

    #[test]
    fn every_way_to_name_the_folders_is_read() {
        let folders = json!([{ "uri": "file:///a%20b", "name": "a" }, { "uri": "file:///c", "name": "c" }]);
        check(json!({ "workspaceFolders": folders, "rootUri": "file:///d" }), &["/a b", "/c"]);
        check(json!({ "workspaceFolders": null, "rootUri": "file:///d", "rootPath": "/e" }), &["/d"]);
        check(json!({ "rootUri": null, "rootPath": "/e" }), &["/e"]);
        check(json!({ "workspaceFolders": [{ "uri": "vscode-vfs://github/a" }] }), &[]);
        check(json!({ "workspaceFolders": 3, "rootPath": "" }), &[]);
    }
}
