//! Which hosts are alive: each holds a lock on a file of its own for as long as it runs.
//!
//! The system lets go of a lock however a process ends, and a process number that is used again holds none. A host takes its
//! lock before its first claim and not earlier.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::digest::hex;
use crate::random;

#[derive(Debug)]
pub(super) struct Hosts {
    folder: PathBuf,
    own: Mutex<Option<(String, File)>>,
}

impl Hosts {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            own: Mutex::new(None),
        }
    }

    /// Returns this host's name, locked from now on.
    pub(super) fn own(&self) -> io::Result<String> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, _)) = &*own {
            return Ok(name.clone());
        }
        fs::create_dir_all(&self.folder)?;
        let name = name()?;
        // Under its name it is locked already: else a sweep could remove it between the two.
        let unlocked = self.folder.join(format!("{name}.new"));
        let file = File::create_new(&unlocked)?;
        file.lock()?;
        fs::rename(&unlocked, self.folder.join(&name))?;
        *own = Some((name.clone(), file));
        Ok(name)
    }

    /// Returns whether the host of this name runs.
    pub(super) fn alive(&self, name: &str) -> io::Result<bool> {
        // It comes from a file that others may have written to.
        if !is_name(name) {
            return Ok(false);
        }
        match File::open(self.folder.join(name)) {
            Ok(file) => locked(&file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes the files of hosts that are gone.
    pub(super) fn sweep(&self) -> io::Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if ours(&path) && !locked(&File::open(&path)?)? {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, _)) = own {
            // What stays is swept later.
            drop(fs::remove_file(self.folder.join(name)));
        }
    }
}

/// A shared lock, so that two who look do not take each other for the owner.
fn locked(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn name() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    random::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

fn is_name(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn ours(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_alive_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let one = Hosts::new(folder.path().join("hosts"));
        let other = Hosts::new(folder.path().join("hosts"));
        let name = one.own().unwrap();
        assert_eq!(one.own().unwrap(), name);
        assert!(other.alive(&name).unwrap());
        assert!(one.alive(&name).unwrap(), "also for itself");
        drop(one);
        assert!(!other.alive(&name).unwrap());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let hosts = Hosts::new(folder.path().to_owned());
        assert!(!hosts.alive("../../etc/passwd").unwrap());
        assert!(!hosts.alive("").unwrap());
    }

    #[test]
    fn only_files_of_hosts_that_are_gone_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let hosts = Hosts::new(folder.path().to_owned());
        let own = hosts.own().unwrap();
        let gone = "00000000000000000000000000000000";
        fs::write(folder.path().join(gone), "").unwrap();
        fs::write(folder.path().join("notes.txt"), "").unwrap();
        hosts.sweep().unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut expected = vec![own, "notes.txt".to_owned()];
        expected.sort();
        assert_eq!(left, expected);
    }
}
