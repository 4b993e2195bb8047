//! Real editors, driven headless against the built program.
//!
//! They run where the editor is installed: `ROPEWALK_TEST_NVIM` names a Neovim of 0.12 or later, else one is
//! looked for on the PATH. `ROPEWALK_REQUIRE_EDITORS=1` makes a missing editor a failure; the checks that run
//! before a change lands set it, after `tests/editors/get_neovim.sh` has installed one.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Neovim that has inline completion, or `None`.
fn neovim() -> Option<PathBuf> {
    let program = std::env::var_os("ROPEWALK_TEST_NVIM").map_or_else(|| PathBuf::from("nvim"), PathBuf::from);
    let output = Command::new(&program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.lines().next()?.strip_prefix("NVIM v")?;
    let mut parts = version.split(['.', '-']).map(|it| it.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next()?, parts.next()?);
    (major > 0 || minor >= 12).then_some(program)
}

#[test]
fn neovim_shows_diagnostics_and_accepts_ghost_text() {
    let Some(nvim) = neovim() else {
        let required = std::env::var_os("ROPEWALK_REQUIRE_EDITORS").is_some();
        assert!(!required, "no Neovim of 0.12 or later: tests/editors/get_neovim.sh installs one");
        eprintln!("skipped: no Neovim of 0.12 or later (ROPEWALK_TEST_NVIM names one)");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there");
    let home = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(&nvim)
        .args(["--clean", "-l"])
        .arg(root.join("tests/editors/neovim.lua"))
        .arg(&nvim)
        .arg(root.join("editors/neovim"))
        .arg(env!("CARGO_BIN_EXE_ropewalk"))
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path().join("state"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_DATA_HOME", home.path().join("data"))
        .output()
        .expect("Neovim starts");
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && printed.contains("ALL OK"), "{printed}");
}
