//! A folder of pictures to run the program in.

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A temporary folder with `cat.jpg` (128 × 104) and `terrace.jpg` (96 × 120).
pub struct Folder(TempDir);

/// What a run of the program left.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Runs what was prepared.
    pub fn of(mut command: Command) -> Self {
        let output = command.output().expect("the program");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Folder {
    pub fn new() -> Self {
        let folder = Folder(TempDir::new().expect("a temporary folder"));
        for name in ["cat.jpg", "terrace.jpg"] {
            let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
            fs::copy(data, folder.path(name)).expect(name);
        }
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect(name);
    }

    /// Names of all files, hidden ones too, in alphabetical order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The program with these arguments, separated by spaces, to be run in the folder.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(cargo_bin!("impasto"));
        command.current_dir(self.0.path()).args(arguments.split_whitespace());
        command
            .env_remove("IMPASTO_MODELS")
            .env_remove("IMPASTO_ISA")
            .env_remove("IMPASTO_DEVICE")
            .stdin(Stdio::null());
        // Compiled shaders are no part of what a run leaves in the folder, or in the user's.
        command.env("XDG_CACHE_HOME", std::env::temp_dir().join("impasto-tests"));
        command
    }

    pub fn run(&self, arguments: &str) -> Run {
        Run::of(self.command(arguments))
    }

    /// Runs what must succeed.
    pub fn succeed(&self, arguments: &str) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "impasto {arguments}: {run:#?}");
        run
    }

    /// Runs what must fail, with this exit code and these words among the messages, and leave no file behind.
    pub fn fail(&self, arguments: &str, code: i32, words: &[&str]) {
        let before = self.names();
        let run = self.run(arguments);
        assert_eq!(run.code, Some(code), "impasto {arguments}: {run:#?}");
        assert!(run.stderr.starts_with("error: "), "impasto {arguments}: {run:#?}");
        assert!(run.stdout.is_empty(), "impasto {arguments}: {run:#?}");
        for word in words {
            assert!(run.stderr.contains(word), "impasto {arguments}: no {word:?} in {run:#?}");
        }
        assert_eq!(self.names(), before, "impasto {arguments} left something");
    }
}

impl Run {
    /// Standard output, which must be one JSON value and nothing else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
