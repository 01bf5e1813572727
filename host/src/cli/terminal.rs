//! The person at the terminal: whether there is one, what they see and what they type.
//!
//! A decision comes from here and from nowhere else. Where stdin or stdout is no terminal, every command that decides refuses, so
//! that a program which drives a pipe decides nothing; and what was typed before a question was asked is no answer to it.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use rustix::termios::{QueueSelector, tcflush, tcgetwinsize};

use super::{Stop, said};
use crate::approval::Passphrase;
use crate::approval::draw::Drawing;
use crate::config::Environment;
use crate::failure::{Failure, Kind};

/// How often a passphrase can be mistyped.
pub(super) const TRIES: usize = 3;

/// What a terminal that does not say is taken to have.
const USUAL_COLUMNS: usize = 80;

/// A terminal with somebody before it.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) drawing: Drawing,
}

impl Terminal {
    /// Finds the terminal that `command` was started from.
    pub(super) fn find(command: &str, environment: &Environment) -> Result<Self, Stop> {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Err(said(none(command)));
        }
        let columns = tcgetwinsize(std::io::stdout()).map_or(0, |size| usize::from(size.ws_col));
        Ok(Self {
            drawing: Drawing {
                color: !environment.no_color,
                width: if columns == 0 { USUAL_COLUMNS } else { columns },
            },
        })
    }

    /// Asks for a passphrase, which is not shown. None where nothing is typed.
    pub(super) fn passphrase(&self, question: &str) -> Result<Option<Passphrase>, Stop> {
        tcflush(std::io::stdin(), QueueSelector::IFlush)
            .context("failed to ask at the terminal")?;
        let typed = rpassword::prompt_password(format!("{question}: "))
            .context("failed to ask at the terminal")?;
        Ok(Some(typed)
            .filter(|typed| !typed.is_empty())
            .map(Passphrase::new))
    }
}

fn none(command: &str) -> Failure {
    Failure::new(
        Kind::Denied,
        format!("`bulkhead {command}` needs a terminal on stdin and stdout: a person decides, and no program for them"),
    )
    .fix(format!("run `bulkhead {command}` yourself, in a terminal and without a pipe"))
}
