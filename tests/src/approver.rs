//! A person with a key, who decides at a terminal as an operator would.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::{
    host_config::HostConfig,
    terminal::{Shown, Terminal},
};

/// What unlocks every key here.
pub const PASSPHRASE: &str = "four words are long";

/// What the terminal shows when it wants the passphrase.
const QUESTION: &str = "passphrase of ";

/// An approver with a key of their own.
pub struct Approver {
    folder: TempDir,
    public: String,
}

impl Approver {
    /// The one that the tests of this process share: sealing a key is slow on purpose.
    ///
    /// # Errors
    /// As [`Approver::new`]; the same one for every test.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Approver>> = OnceLock::new();
        match SHARED.get_or_init(Self::new) {
            Ok(approver) => Ok(approver),
            Err(error) => anyhow::bail!("{error:#}"),
        }
    }

    /// Makes a key by `bulkhead approver init`.
    ///
    /// # Errors
    /// Where that does not end well.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let key = folder.path().join("approver.key");
        let init = [
            OsStr::new("approver"),
            "init".as_ref(),
            "--key".as_ref(),
            key.as_ref(),
        ];
        let mut terminal = Terminal::bulkhead(folder.path(), &init)?;
        for question in ["new passphrase", "once more"] {
            terminal.shows(question)?;
            terminal.types(PASSPHRASE)?;
        }
        let Shown { code, text } = terminal.end()?;
        ensure!(code == 0, "`approver init` failed:\n{text}");
        let public = text
            .split('"')
            .find(|word| word.starts_with("ed25519:"))
            .with_context(|| format!("no key in:\n{text}"))?
            .to_owned();
        Ok(Self { folder, public })
    }

    /// `[approval]` with this approver as `ada`, and no waiting; more keys of it may follow.
    #[must_use]
    pub fn table(&self) -> String {
        format!(
            "[approval]\nwait = \"0s\"\napprovers = [{{ name = \"ada\", key = \"{}\" }}]\n",
            self.public
        )
    }

    /// The file with the private key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("approver.key")
    }

    /// Puts the key where `bulkhead approve` looks for it by itself.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub fn moves_in(&self, config: &HostConfig) -> Result<()> {
        let state = config.state();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&state)?;
        fs::copy(self.key(), state.join("approver.key"))?;
        Ok(())
    }

    /// `bulkhead approve ID`, with the passphrase where it is asked for.
    ///
    /// # Errors
    /// Where the terminal fails; not where the approval does.
    pub fn approve(&self, config: &HostConfig, id: &str) -> Result<Shown> {
        decide(config, &["approve", id], Some(&self.key()))
    }

    /// The same with the key that is found in the state folder.
    ///
    /// # Errors
    /// As [`Approver::approve`].
    pub fn approve_without_key(&self, config: &HostConfig, id: &str) -> Result<Shown> {
        decide(config, &["approve", id], None)
    }

    /// `bulkhead decline ID --why WHY`.
    ///
    /// # Errors
    /// As [`Approver::approve`].
    pub fn decline(&self, config: &HostConfig, id: &str, why: &str) -> Result<Shown> {
        decide(config, &["decline", id, "--why", why], Some(&self.key()))
    }
}

fn decide(config: &HostConfig, command: &[&str], key: Option<&Path>) -> Result<Shown> {
    let mut arguments: Vec<OsString> = command.iter().map(OsString::from).collect();
    arguments.extend(["--config".into(), config.path().into()]);
    if let Some(key) = key {
        arguments.extend(["--key".into(), key.into()]);
    }
    let mut terminal = Terminal::bulkhead(config.folder(), &arguments)?;
    if terminal.shows(QUESTION)? {
        terminal.types(PASSPHRASE)?;
    }
    terminal.end()
}
