//! A command line, ready to be run anywhere that has the store.

use crate::job::Lane;
use serde::{Deserialize, Serialize};

/// A command line, run in a folder of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The verb and its arguments; files by their names in the folder.
    pub args: Vec<String>,
    /// Flags that only the studio needs, for what happens on the way.
    pub extra: Vec<String>,
    /// Files that must be in the folder.
    pub inputs: Vec<Input>,
    /// How long it takes.
    pub lane: Lane,
    /// What it keeps to go on from.
    pub keeps: Keeps,
}

/// A file that a command reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Where it is in the store.
    pub key: String,
    /// Its name in the folder.
    pub name: String,
}

/// What a command keeps when it is interrupted, and how it goes on from that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keeps {
    /// Nothing: it begins anew.
    #[default]
    Nothing,
    /// A state: with it under the name `resume.state`, these arguments go on.
    State(Vec<String>),
    /// What is in its folder: this flag goes on.
    Folder(String),
}

impl Default for Line {
    fn default() -> Self {
        Line {
            args: Vec::new(),
            extra: Vec::new(),
            inputs: Vec::new(),
            lane: Lane::Long,
            keeps: Keeps::Nothing,
        }
    }
}

impl Line {
    /// The command as a shell takes it.
    pub fn command(&self) -> String {
        let words = self.args.iter().map(|word| quoted(word));
        std::iter::once("impasto".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:,@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
