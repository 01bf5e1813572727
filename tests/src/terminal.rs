//! A pseudo terminal with a person before it: reads what a program shows, and types when it asks.
//!
//! The program has it as its controlling terminal, as a shell would give it. Nothing sleeps: a wait ends with the text that it
//! waits for, with the program's end, or with the test.

use std::{
    ffi::OsStr,
    io::{Read as _, Write},
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The longest wait for a text. Far more than any takes: a deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

/// So wide that no line of a proposal is broken.
const SIZE: PtySize = PtySize {
    rows: 200,
    cols: 250,
    pixel_width: 0,
    pixel_height: 0,
};

/// A program in a terminal. Dropping it kills the program.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    typed: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    /// Everything that was shown so far.
    shown: Vec<u8>,
    /// Up to where it was waited for.
    seen: usize,
    // Closing it would hang the program up.
    _master: Box<dyn MasterPty + Send>,
}

/// What a program showed, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its exit code.
    pub code: u32,
    /// All of it, standard error too, with lines that end in `\n`.
    pub text: String,
}

impl Terminal {
    /// Starts `bulkhead` with these arguments, a home, and no colours.
    ///
    /// # Errors
    /// Where there is no pseudo terminal, or the program does not start.
    pub fn bulkhead<S: AsRef<OsStr>>(home: &Path, arguments: &[S]) -> Result<Self> {
        let program = crate::built::host();
        let mut command = CommandBuilder::new(&program);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm");
        command.env("NO_COLOR", "1");
        command.cwd(home);
        command.args(arguments);
        Self::start(command).with_context(|| {
            format!(
                "cannot start `{}` in a terminal (`cargo xtask build --dev` builds it)",
                program.display()
            )
        })
    }

    fn start(command: CommandBuilder) -> Result<Self> {
        let pair = native_pty_system().openpty(SIZE)?;
        let child = pair.slave.spawn_command(command)?;
        // The output ends when the program has, if nobody else holds the terminal.
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader()?;
        let typed = pair.master.take_writer()?;
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux says that a terminal is gone by an error.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            child,
            typed,
            output,
            shown: Vec::new(),
            seen: 0,
            _master: pair.master,
        })
    }

    /// Waits until this text has come behind what was waited for before. False where the program ended without it.
    ///
    /// # Errors
    /// Where neither happens within a minute: with what was shown.
    pub fn shows(&mut self, text: &str) -> Result<bool> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let new = &self.shown[self.seen..];
            let at = new
                .windows(text.len())
                .position(|bytes| bytes == text.as_bytes());
            if let Some(at) = at {
                self.seen += at + text.len();
                return Ok(true);
            }
            if !self.read(deadline)? {
                return Ok(false);
            }
        }
    }

    /// Types a line and the Enter key.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn types(&mut self, line: &str) -> Result<()> {
        self.typed.write_all(line.as_bytes())?;
        self.typed.write_all(b"\r")?;
        Ok(self.typed.flush()?)
    }

    /// Waits until the program has ended.
    ///
    /// # Errors
    /// Where it has not ended after a minute: with what was shown.
    pub fn end(mut self) -> Result<Shown> {
        let deadline = Instant::now() + DEADLINE;
        while self.read(deadline)? {}
        Ok(Shown {
            code: self.child.wait()?.exit_code(),
            text: self.text(),
        })
    }

    /// Takes more output; false where there will be none.
    fn read(&mut self, deadline: Instant) -> Result<bool> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.output.recv_timeout(left) {
            Ok(bytes) => {
                self.shown.extend(bytes);
                Ok(true)
            }
            Err(RecvTimeoutError::Disconnected) => Ok(false),
            Err(RecvTimeoutError::Timeout) => {
                bail!("nothing more came within a minute of:\n{}", self.text())
            }
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).replace("\r\n", "\n")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
