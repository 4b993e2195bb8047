//! The built program, run in a temporary folder that a fixture fills.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with the files of a `//- path` fixture in it.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a run printed, in the shape of a snapshot.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new(fixture: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        if !fixture.trim().is_empty() {
            for file in testkit::files(fixture) {
                project.write(&file.path, file.text.as_bytes());
            }
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Runs `ropewalk` here with an empty home folder, so that no setting of the tester's gets in.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with_input(arguments, "")
    }

    /// The same with text on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // A program that refuses its arguments may have ended before it could read.
        match child.stdin.take().expect("piped").write_all(input.as_bytes()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("writing to it: {error}"),
            _ => {}
        }
        Run::new(child.wait_with_output().expect("it ends"))
    }

    /// The command itself, for tests that talk to it while it runs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ropewalk"));
        command.args(arguments).current_dir(self.path()).env("NO_COLOR", "1").env("HOME", self.path().join(".home"));
        for name in [
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "ROPEWALK_MODEL",
            "ROPEWALK_MODELS",
            "ROPEWALK_REMOTE_API_KEY",
            "OPENAI_API_KEY",
            "API_KEYS",
            "HOST",
            "PORT",
        ] {
            command.env_remove(name);
        }
        command
    }
}

impl Run {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Exit code and both streams, empty ones left out.
    pub(crate) fn picture(&self) -> String {
        let mut out = format!("exit {}\n", self.code);
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                out.push_str(&format!("--- {name}\n{text}"));
            }
        }
        out
    }
}
