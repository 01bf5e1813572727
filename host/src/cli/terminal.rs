//! The person at the terminal: whether there is one, what they see and what they type.
//!
//! A decision comes from here and from nowhere else. Where stdin or stdout is no terminal, every command that decides refuses, so
//! that a program which drives a pipe decides nothing; and what was typed before a question was asked is no answer to it.

mod quiet;

use std::fs::File;
use std::io::{IsTerminal as _, Read, Write as _};

use anyhow::Context as _;
use rustix::termios::tcgetwinsize;
use zeroize::Zeroizing;

use self::quiet::Quiet;
use super::{Stop, said};
use crate::approval::Passphrase;
use crate::approval::draw::Drawing;
use crate::config::Environment;
use crate::failure::{Failure, Kind};

/// What a terminal that does not say is taken to have.
const USUAL_COLUMNS: usize = 80;

/// Longer than any passphrase; room for it is made at once, so that no part of it is left behind by growing.
const MAX_PASSPHRASE_BYTES: usize = 1024;

/// What a terminal sends for keys that are no text.
const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const ERASE: [u8; 2] = [0x08, 0x7f];
const ERASE_LINE: u8 = 0x15;

/// A terminal with somebody before it.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) drawing: Drawing,
    tty: File,
}

impl Terminal {
    /// Finds the terminal that `command` was started from.
    pub(super) fn find(command: &str, environment: &Environment) -> Result<Self, Stop> {
        let tty = File::options().read(true).write(true).open("/dev/tty");
        let (true, true, Ok(tty)) = (
            std::io::stdin().is_terminal(),
            std::io::stdout().is_terminal(),
            tty,
        ) else {
            return Err(said(none(command)));
        };
        let columns = tcgetwinsize(&tty).map_or(0, |size| usize::from(size.ws_col));
        Ok(Self {
            drawing: Drawing {
                color: !environment.no_color,
                width: if columns == 0 { USUAL_COLUMNS } else { columns },
            },
            tty,
        })
    }

    /// Asks for a passphrase, which is not shown. None where nothing is typed, or the question is left with Ctrl-C.
    pub(super) fn passphrase(&self, question: &str) -> Result<Option<Passphrase>, Stop> {
        let quiet = Quiet::begin(&self.tty).context("failed to ask at the terminal")?;
        let typed = self.answer(question);
        drop(quiet);
        Ok(typed.context("failed to ask at the terminal")?)
    }

    fn answer(&self, question: &str) -> std::io::Result<Option<Passphrase>> {
        let mut tty = &self.tty;
        write!(tty, "{question}: ")?;
        let typed = read(&mut tty);
        writeln!(tty)?;
        typed
    }
}

/// Reads up to the end of the line, as far as it is text.
fn read(keys: &mut impl Read) -> std::io::Result<Option<Passphrase>> {
    let mut typed = Zeroizing::new(String::with_capacity(MAX_PASSPHRASE_BYTES));
    let mut key = Zeroizing::new([0]);
    let mut character = Zeroizing::new(Vec::with_capacity(4));
    loop {
        if keys.read(&mut *key)? == 0 {
            return Ok(None);
        }
        match key[0] {
            b'\n' | b'\r' => break,
            INTERRUPT => return Ok(None),
            END if typed.is_empty() => return Ok(None),
            erase if ERASE.contains(&erase) => drop(typed.pop()),
            ERASE_LINE => typed.clear(),
            control if control.is_ascii_control() => {}
            byte => {
                character.push(byte);
                match std::str::from_utf8(&character) {
                    Ok(whole) if typed.len() + whole.len() <= MAX_PASSPHRASE_BYTES => {
                        typed.push_str(whole);
                        character.clear();
                    }
                    // Not whole yet.
                    Err(error) if error.error_len().is_none() => {}
                    Ok(_) | Err(_) => character.clear(),
                }
            }
        }
    }
    Ok(Some(typed)
        .filter(|typed| !typed.is_empty())
        .map(|mut typed| Passphrase::new(std::mem::take(&mut *typed))))
}

fn none(command: &str) -> Failure {
    Failure::new(
        Kind::Denied,
        format!("`bulkhead {command}` needs a terminal on stdin and stdout: a person decides, and no program for them"),
    )
    .fix(format!("run `bulkhead {command}` yourself, in a terminal and without a pipe"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn typed(keys: &[u8]) -> Option<Passphrase> {
        read(&mut std::io::Cursor::new(keys)).unwrap()
    }

    #[rstest]
    #[case(b"correct horse\n", "correct horse")]
    #[case(b"correct\r", "correct")]
    #[case("größe ✓\n".as_bytes(), "größe ✓")]
    #[case("aß\u{7f}b\n".as_bytes(), "ab")]
    #[case(b"wrong\x15right\n", "right")]
    #[case(b"\x7f\x08a\x04\x1b\n", "a")]
    #[case(b"a\xff\xfeb\n", "ab")]
    #[case(b"one\ntwo\n", "one")]
    fn a_line_is_a_passphrase(#[case] keys: &[u8], #[case] passphrase: &str) {
        let typed = typed(keys).unwrap();
        assert!(typed.is_same(&Passphrase::new(passphrase.to_owned())));
    }

    #[rstest]
    #[case(b"\n")]
    #[case(b"")]
    #[case(b"correct horse")]
    #[case(b"correct\x03horse\n")]
    #[case(b"\x04")]
    #[case(b"a\x7f\n")]
    fn what_is_no_line_is_none(#[case] keys: &[u8]) {
        assert!(typed(keys).is_none());
    }

    #[test]
    fn what_is_too_long_is_dropped_without_growing() {
        let typed = typed(&[[b'a'; 5_000].as_slice(), b"\n"].concat()).unwrap();
        assert!(typed.is_same(&Passphrase::new("a".repeat(MAX_PASSPHRASE_BYTES))));
    }
}
