//! Waiting for what another process does in its own time, with the same patience everywhere.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries until there is a value, ever more seldom.
///
/// # Errors
/// The attempt's own, at once; after a minute what `late` says, which is a fragment.
pub(super) fn until<T>(
    mut attempt: impl FnMut() -> Result<Option<T>>,
    late: impl FnOnce() -> String,
) -> Result<T> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(value) = attempt()? {
            return Ok(value);
        }
        if start.elapsed() > PATIENCE {
            bail!("after a minute, {}", late());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}
