//! Where the studio is: its folder, and the browser.

use crate::failure::Failure;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The user's folder of data, by the rules of the system.
pub fn data() -> anyhow::Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        let absolute = variable("XDG_DATA_HOME").filter(|path| path.is_absolute());
        absolute.or_else(|| variable("HOME").map(|home| home.join(".local/share")))
    };
    let folder = folder.ok_or_else(|| {
        Failure::usage("there is no folder of a user's data here").hint("name one with --data")
    })?;
    Ok(folder.join("impasto-studio"))
}

/// Opens a page in the browser, if there is a program that does it.
pub fn open(url: &str) -> bool {
    let programs: &[&[&str]] = if cfg!(windows) {
        &[&["cmd", "/c", "start"]]
    } else if cfg!(target_os = "macos") {
        &[&["open"]]
    } else {
        &[&["xdg-open"], &["gio", "open"]]
    };
    programs.iter().any(|words| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(url);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_ok()
    })
}
