//! Random bytes of the system: for keys, nonces, and names that nobody may guess.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::failure::{Failure, Kind};

/// The system gave none. Nothing that needs them may go on without.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system gave no random bytes")]
pub(crate) struct NoRandom;

/// Fills all of it.
///
/// # Errors
/// [`NoRandom`].
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), NoRandom> {
    SystemRandom::new().fill(bytes).map_err(|_| NoRandom)
}

impl From<NoRandom> for Failure {
    fn from(error: NoRandom) -> Self {
        Self::new(Kind::Bug, error.to_string())
    }
}
