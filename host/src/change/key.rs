//! The host's own secret: 32 random bytes in the state directory, made when they are first needed.
//!
//! Hosts that share a state directory share it. It seals what only a host may have written; it proves nothing about a person.

use std::io::{self, Read as _};
use std::path::Path;

use ring::hmac;

use crate::failure::{Failure, Kind};
use crate::{private_file, random};

const FILE: &str = "host.key";

/// The secret that the hosts of one state directory share.
#[derive(Clone)]
pub(crate) struct StateKey([u8; 32]);

impl StateKey {
    /// Reads the key, or makes it.
    ///
    /// # Errors
    /// Where the directory cannot be used.
    pub(crate) fn open(state: &Path) -> Result<Self, Failure> {
        read_or_make(state).map_err(|error| {
            let key = state.join(FILE);
            Failure::new(
                Kind::Upstream,
                format!("changes are refused, since `{}` cannot be read or made", key.display()),
            )
            .source(error)
            .fix("give Bulkhead a state folder that it can write to: `directories.state` in config.toml; reading goes on without")
        })
    }

    /// Returns a key for one purpose, so that what is made for one is nothing in another.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, purpose.as_bytes());
        let mut derived = [0; 32];
        derived.copy_from_slice(tag.as_ref());
        derived
    }
}

fn read_or_make(state: &Path) -> io::Result<StateKey> {
    let path = state.join(FILE);
    let mut bytes = [0; 32];
    if !path.exists() {
        random::fill(&mut bytes).map_err(io::Error::other)?;
        match private_file::create(&path, &bytes) {
            // Another host was there first: of several, all read the key of one.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
    }
    std::fs::File::open(&path)?.read_exact(&mut bytes)?;
    Ok(StateKey(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_directory_share_a_key_and_purposes_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let first = StateKey::open(folder.path()).unwrap();
        let second = StateKey::open(folder.path()).unwrap();
        assert_eq!(first.derive("a"), second.derive("a"));
        assert_ne!(first.derive("a"), first.derive("b"));
    }
}
