//! `bulkhead approver init`: the key of a person who decides.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::terminal::Terminal;
use super::{Chosen, Stop, said};
use crate::approval::{ApproverKey, KeyError, Passphrase, PublicKey};
use crate::config::{Config, Environment};
use crate::failure::{Failure, Kind};

/// In the state directory.
const FILE: &str = "approver.key";

/// Keys of those who decide.
#[derive(Debug, Subcommand)]
pub(super) enum Approver {
    /// Make a key, sealed by a passphrase, and print the lines that let it decide.
    Init(Init),
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    #[command(flatten)]
    key: KeyFile,
    #[command(flatten)]
    chosen: Chosen,
}

/// Where an approver's key is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct KeyFile {
    /// The approver's key [default: approver.key in the state directory].
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl KeyFile {
    pub(super) fn path(&self, config: &Config) -> PathBuf {
        match &self.key {
            Some(path) => path.clone(),
            None => config.directories.state.join(FILE),
        }
    }
}

pub(super) fn run(approver: Approver, environment: &Environment) -> Result<(), Stop> {
    match approver {
        Approver::Init(init) => self::init(&init, environment),
    }
}

fn init(init: &Init, environment: &Environment) -> Result<(), Stop> {
    let terminal = Terminal::find("approver init", environment)?;
    let path = match &init.key.key {
        // A machine that only decides may have no configuration yet.
        Some(path) => path.clone(),
        None => init.key.path(&init.chosen.load(environment)?),
    };
    refuse_existing(&path)?;
    println!("The passphrase unlocks the key each time that you decide on a change.");
    let passphrase = new_passphrase(&terminal)?;
    let key = ApproverKey::create(&path, &passphrase).map_err(refused)?;
    println!("wrote {}", path.display());
    println!(
        "Put the second line below `[approval]` in config.toml, or both lines where there is none, with your own name; then send the host SIGHUP or start it again:\n"
    );
    println!("{}", lines(&key.public()));
    Ok(())
}

/// Before anything is asked.
fn refuse_existing(path: &Path) -> Result<(), Stop> {
    if path.symlink_metadata().is_ok() {
        return Err(refused(KeyError::Exists(path.to_owned())));
    }
    Ok(())
}

fn new_passphrase(terminal: &Terminal) -> Result<Passphrase, Stop> {
    let ask = |question: &str| {
        terminal.passphrase(question)?.ok_or_else(|| {
            said(Failure::new(
                Kind::Cancelled,
                "nothing was typed, and no key was made",
            ))
        })
    };
    let passphrase = ask("new passphrase (at least 8 characters)")?;
    passphrase.long_enough().map_err(refused)?;
    if !ask("once more")?.is_same(&passphrase) {
        return Err(said(
            Failure::new(
                Kind::Invalid,
                "the two passphrases differ, and no key was made",
            )
            .fix("run it again"),
        ));
    }
    Ok(passphrase)
}

/// What the operator puts into the configuration.
fn lines(key: &PublicKey) -> String {
    format!("[approval]\napprovers = [{{ name = \"ada\", key = \"{key}\" }}]")
}

pub(super) fn refused(error: KeyError) -> Stop {
    said(Failure::from(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_lines_name_the_key_as_the_configuration_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("correct horse".to_owned());
        let key = ApproverKey::create(&folder.path().join("approver.key"), &passphrase).unwrap();
        let environment = Environment {
            home: Some("/home/operator".into()),
            ..Environment::default()
        };
        let path = Path::new("/x/config.toml");
        let config = crate::config::parse(&lines(&key.public()), path, &environment).unwrap();
        assert_eq!(config.approval.approvers[0].name, "ada");
        let read = PublicKey::new(config.approval.approvers[0].key).unwrap();
        assert_eq!(read, key.public());
    }
}
