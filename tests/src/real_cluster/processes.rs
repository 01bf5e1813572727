//! Child processes that end with this one, also when it is killed.
//!
//! A shell reads a pipe whose other end only this process holds. When the pipe closes, by drop or by death, the shell
//! kills the children and removes their directory. This needs no unsafe code and works on Linux and macOS alike.

use std::{
    fs,
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Reads process ids until the pipe closes. The pause lets the killed ones let go of their files.
const WATCHDOG: &str = r#"pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || kill -9 $pids
sleep 0.1
rm -rf "$DIRECTORY""#;

/// Children, their logs, and the shell that ends them.
pub(super) struct Processes {
    directory: PathBuf,
    children: Vec<(&'static str, Child)>,
    watchdog: Child,
    /// Closed by taking it.
    pipe: Option<ChildStdin>,
}

impl Processes {
    /// Takes over the directory: it is removed at the end.
    pub(super) fn new(directory: &Path) -> Result<Self> {
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG])
            .env("DIRECTORY", directory)
            // Ctrl-C in a terminal reaches a whole process group, and must not end the watchdog first.
            .process_group(0)
            .stdin(Stdio::piped())
            // Else whoever reads this process's output would wait for the watchdog as well.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start `sh`")?;
        let pipe = watchdog.stdin.take();
        Ok(Self {
            directory: directory.to_owned(),
            children: Vec::new(),
            watchdog,
            pipe,
        })
    }

    /// Starts a program with its output in `NAME.log` of the directory.
    pub(super) fn start(&mut self, name: &'static str, mut command: Command) -> Result<()> {
        let log = fs::File::create(self.log(name))?;
        let child = command
            .process_group(0)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start `{name}`"))?;
        let pid = child.id();
        self.children.push((name, child));
        let pipe = self.pipe.as_mut().context("the watchdog has no pipe")?;
        writeln!(pipe, "{pid}").context("the watchdog has ended")
    }

    /// Fails with the log of the first child that has ended.
    pub(super) fn all_running(&mut self) -> Result<()> {
        for (name, child) in &mut self.children {
            if let Some(status) = child.try_wait()? {
                let name = *name;
                bail!("{name} ended with {status}:\n{}", log_end(&self.log(name)));
            }
        }
        Ok(())
    }

    fn log(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.log"))
    }
}

/// The last lines of a child's log.
pub(super) fn log_end(log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

impl Drop for Processes {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // The ids stay ours until the children are waited for, so the watchdog cannot kill a stranger.
        self.watchdog.wait().ok();
        for (_, child) in &mut self.children {
            child.wait().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_ends_the_children_and_removes_their_directory() {
        let directory = tempfile::tempdir().unwrap().keep();
        let mut processes = Processes::new(&directory).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; exec sleep 600"]);
        processes.start("sleeper", command).unwrap();
        processes.all_running().unwrap();
        drop(processes);
        assert!(!directory.exists());
    }

    #[test]
    fn a_child_that_ends_by_itself_is_reported_with_its_last_words() {
        let directory = tempfile::tempdir().unwrap().keep();
        let mut processes = Processes::new(&directory).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such flag; exit 4"]);
        processes.start("server", command).unwrap();
        processes.children[0].1.wait().unwrap();
        let error = processes.all_running().unwrap_err().to_string();
        assert!(
            error.contains("server ended with exit status: 4"),
            "{error}"
        );
        assert!(error.contains("no such flag"), "{error}");
    }
}
