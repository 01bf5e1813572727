//! Lines to and from a child process. Threads read, so that a wait can have a deadline and a talkative child never blocks.

use std::{
    io::{BufRead as _, BufReader, Read as _, Result, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Instant,
};

/// The three pipes of a child.
pub(super) struct Wire {
    /// None once closed.
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    pub(super) fn open(command: &mut Command) -> Result<(Child, Self)> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (sender, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(stdout).split(b'\n') {
                    // An error is the end, and so is a client that is gone.
                    let Ok(line) = line else { return };
                    if sender
                        .send(String::from_utf8_lossy(&line).into_owned())
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
        let stderr = Arc::new(Mutex::new(Vec::new()));
        if let Some(mut pipe) = child.stderr.take() {
            let collected = Arc::clone(&stderr);
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                    lock(&collected).extend_from_slice(&buffer[..length]);
                }
            });
        }
        let stdin = child.stdin.take();
        Ok((
            child,
            Self {
                stdin,
                lines,
                stderr,
            },
        ))
    }

    pub(super) fn send(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().ok_or(std::io::ErrorKind::BrokenPipe)?;
        // One write per line: another writer of the same pipe could not come between.
        stdin.write_all(format!("{line}\n").as_bytes())?;
        stdin.flush()
    }

    pub(super) fn close(&mut self) {
        self.stdin = None;
    }

    /// The next line; None at the end of the child's output or at the deadline.
    pub(super) fn line(&self, deadline: Instant) -> Option<String> {
        self.lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .ok()
    }

    pub(super) fn stderr(&self) -> String {
        String::from_utf8_lossy(&lock(&self.stderr)).into_owned()
    }
}

/// A poisoned lock still holds what was read.
fn lock(bytes: &Mutex<Vec<u8>>) -> std::sync::MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}
