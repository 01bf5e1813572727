//! A terminal that shows nothing of what is typed.

use std::fs::File;

use rustix::io;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Until it is dropped, the terminal hands on each key as it is, Ctrl-C too, and shows none.
pub(super) struct Quiet<'a> {
    tty: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    /// Begins, and forgets what was typed before.
    pub(super) fn begin(tty: &'a File) -> io::Result<Self> {
        let before = tcgetattr(tty)?;
        let mut modes = before.clone();
        // Ctrl-C is a key here, so that no signal ends the process before the terminal is as it was.
        modes
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(tty, OptionalActions::Flush, &modes)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // Where this fails, the terminal is gone.
        tcsetattr(self.tty, OptionalActions::Flush, &self.before).ok();
    }
}
