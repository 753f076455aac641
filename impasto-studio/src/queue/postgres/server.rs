//! A PostgreSQL server of a test's own, on a socket in a temporary folder.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Set where tests must not be left out for want of PostgreSQL.
const NEEDED: &str = "IMPASTO_NEED_POSTGRES";

/// A server; it ends with this value.
pub struct Server {
    process: Child,
    folder: TempDir,
    programs: PathBuf,
}

impl Server {
    /// Starts a server; none, which is told, if there is no PostgreSQL.
    pub fn start() -> Option<Server> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os(NEEDED).is_none(), "{NEEDED} is set, and there is no PostgreSQL");
            eprintln!("left out: PostgreSQL is not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        #[cfg(unix)]
        give(folder.path());
        let data = folder.path().join("data");
        let mut initdb = unprivileged(&programs.join("initdb"));
        initdb.arg("-D").arg(&data).args([
            "-U",
            "impasto",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        let output = initdb.current_dir(folder.path()).output().expect("initdb");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        let process = launch(&programs, folder.path());
        Some(Server { process, folder, programs })
    }

    /// How `database` is reached.
    pub fn address(&self, database: &str) -> String {
        format!("postgres:///{database}?user=impasto&host={}", self.folder.path().display())
    }

    /// Ends it as a crash would, and starts it again.
    pub fn crash(&mut self) {
        self.end("-QUIT");
        self.process = launch(&self.programs, self.folder.path());
    }

    fn end(&mut self, signal: &str) {
        let _ = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end("-INT");
    }
}

fn launch(programs: &Path, folder: &Path) -> Child {
    let mut server = unprivileged(&programs.join("postgres"));
    server.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    server.args(["-h", "", "-c", "fsync=off", "-c", "shared_buffers=16MB"]);
    server.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    server.spawn().expect("PostgreSQL")
}

/// The folder with the server's programs, of which packages link only the clients' where they are found.
fn programs() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).collect::<Vec<_>>();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    installed.sort();
    let all = found.into_iter().chain(installed.into_iter().rev()).chain(["/usr/local/bin".into()]);
    all.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// Who shall run the server, which refuses to be run by root; none for anybody else.
fn user() -> Option<[u32; 2]> {
    let number = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    if number(&["-u"]) != Some(0) {
        return None;
    }
    ["postgres", "nobody"].into_iter().find_map(|name| Some([number(&["-u", name])?, number(&["-g", name])?]))
}

/// A command by whom PostgreSQL may be run.
fn unprivileged(program: &Path) -> Command {
    let Some([user, group]) = user() else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()]);
    command.arg(program);
    command
}

/// Gives a folder to whoever runs the server; others may pass.
#[cfg(unix)]
fn give(folder: &Path) {
    use std::os::unix::fs::{PermissionsExt, chown};
    if let Some([user, group]) = user() {
        chown(folder, Some(user), Some(group)).expect("the folder's new owner");
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).expect("permissions");
    }
}
