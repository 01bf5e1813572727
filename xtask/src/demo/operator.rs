//! The operator's part of the demo: a configuration with one grant, a key, and a person at a terminal.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

use super::narrator;

/// A demo's, so it may stand here.
const PASSPHRASE: &str = "correct horse battery staple";

/// What the operator adds to the shipped configuration: another image for workloads of one namespace, and nothing else.
const GRANT: &str = r#"
[[plugins.generic.grants]]
api_groups = ["apps"]
resources = ["deployments"]
verbs = ["get", "patch"]
namespaces = ["shop"]
fields = ["spec.template.spec.containers[*].image"]
"#;

/// An operator with a folder of their own, which goes with them.
pub(super) struct Operator {
    host: PathBuf,
    config: PathBuf,
    _folder: TempDir,
}

impl Operator {
    /// Writes the configuration and makes the approver's key, as docs/approvals.md has it.
    pub(super) fn set_up(host: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let dist = host.parent().context("the program is in no folder")?;
        let shipped = fs::read_to_string(dist.join("config.toml"))?;
        let config = folder.path().join("config.toml");
        let absolute = |path: &Path| serde_json::to_string(&path.to_string_lossy());
        let plugins = absolute(&dist.join("plugins"))?;
        let state = absolute(&folder.path().join("state"))?;
        let text = shipped
            .replace(
                "source = \"plugins/",
                &format!("source = {}/", plugins.trim_end_matches('"')),
            )
            .replace(
                "\n[directories]\n",
                &format!("\n[directories]\nstate = {state}\n"),
            )
            .replace("\n[approval]\n", "\n[approval]\nwait = \"1s\"\n");
        fs::write(&config, format!("{text}{GRANT}"))?;
        let operator = Self {
            host: host.to_owned(),
            config,
            _folder: folder,
        };
        let init = operator.at_a_terminal(
            &["approver", "init"],
            &["(at least 8 characters): ", "once more: "],
        )?;
        let approvers = init
            .lines()
            .find(|line| line.starts_with("approvers = "))
            .context("`bulkhead approver init` printed no line for the configuration")?;
        let text = fs::read_to_string(&operator.config)?;
        let text = text.replace("\n[approval]\n", &format!("\n[approval]\n{approvers}\n"));
        fs::write(&operator.config, text)?;
        Ok(operator)
    }

    /// The configuration with the grant and the key.
    pub(super) fn config(&self) -> &Path {
        &self.config
    }

    /// Looks at a proposal in a terminal and approves it with the passphrase; tells what was on the screen.
    pub(super) fn approve(&self, id: &str) -> Result<()> {
        println!("\nperson  $ bulkhead approve {id}");
        let screen = self.at_a_terminal(&["approve", id], &["leave it): "])?;
        narrator::screen(&screen);
        ensure!(
            screen.contains(&format!("approved {id}")),
            "the proposal was not approved"
        );
        Ok(())
    }

    /// What happens to whoever tries the same without a terminal, as an agent with a shell would: nothing.
    pub(super) fn approve_without_a_terminal(&self, id: &str) -> Result<String> {
        let mut command = Command::new(&self.host);
        command.args(["approve", id, "--config"]).arg(&self.config);
        let output = self.detached(command).output()?;
        ensure!(
            !output.status.success(),
            "a proposal was approved without a terminal"
        );
        Ok(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    /// Prints what happened, and that the record of it holds.
    pub(super) fn verify(&self) -> Result<()> {
        for arguments in [["audit", "list"], ["audit", "verify"]] {
            println!("\nperson  $ bulkhead {}", arguments.join(" "));
            let output = Command::new(&self.host)
                .args(arguments)
                .arg("--config")
                .arg(&self.config)
                .output()?;
            narrator::screen(&String::from_utf8_lossy(&output.stdout));
            ensure!(output.status.success(), "the audit does not hold");
        }
        Ok(())
    }

    /// Runs a command in a terminal of its own, and types the passphrase at each of these prompts.
    fn at_a_terminal(&self, arguments: &[&str], prompts: &[&str]) -> Result<String> {
        let size = PtySize {
            rows: 60,
            cols: 100,
            ..PtySize::default()
        };
        let terminal = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(&self.host);
        command.args(arguments);
        command.arg("--config");
        command.arg(&self.config);
        command.env("NO_COLOR", "1");
        let mut child = terminal.slave.spawn_command(command)?;
        drop(terminal.slave);
        let mut reader = terminal.master.try_clone_reader()?;
        let mut keyboard = terminal.master.take_writer()?;
        let mut screen = Vec::new();
        let mut prompts = prompts.iter();
        let mut awaited = prompts.next();
        let mut bytes = [0; 4096];
        // Linux ends a terminal that nobody holds any more with an error.
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            screen.extend_from_slice(&bytes[..count]);
            if awaited.is_some_and(|prompt| screen.ends_with(prompt.as_bytes())) {
                writeln!(keyboard, "{PASSPHRASE}")?;
                awaited = prompts.next();
            }
        }
        let status = child.wait()?;
        let screen = String::from_utf8_lossy(&screen).replace('\r', "");
        ensure!(
            status.success(),
            "`bulkhead {}` failed:\n{screen}",
            arguments.join(" ")
        );
        Ok(screen)
    }

    /// Without a terminal to fall back on.
    fn detached(&self, mut command: Command) -> Command {
        use std::process::Stdio;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }
}
