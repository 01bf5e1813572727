//! An approver's key: Ed25519, sealed in a file by a passphrase.
//!
//! The private half exists only inside [`ApproverKey`], and [`sealed`] is the only code that writes or reads it. Nothing here
//! prints it, and a passphrase is wiped from memory when it is dropped.

mod sealed;

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::config::is_of_small_order;
use crate::digest::sha256;
use crate::failure::{Failure, Kind};

/// Least characters of a new passphrase.
const MIN_PASSPHRASE_CHARACTERS: usize = 8;

/// What the text of a public key begins with.
const PREFIX: &str = "ed25519:";

/// What a person types; wiped when dropped.
pub struct Passphrase(Zeroizing<String>);

/// A private key that is unlocked.
pub struct ApproverKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// The half of a key that stands in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

/// A key that cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A new passphrase is too short.
    #[error("the passphrase has fewer than {MIN_PASSPHRASE_CHARACTERS} characters")]
    TooShort,
    /// Nothing was typed as it should have been.
    #[error("the passphrase does not open `{}`", .0.display())]
    WrongPassphrase(PathBuf),
    /// There is no file.
    #[error("there is no approver's key at `{}`", .0.display())]
    Missing(PathBuf),
    /// A key is never written over.
    #[error("`{}` exists, and a key is never written over", .0.display())]
    Exists(PathBuf),
    /// Others than its owner may read or write it.
    #[error("others than its owner can reach `{}` (mode {mode:04o})", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is no key, or a damaged one.
    #[error("`{}` holds no whole key: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It could not be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It could not be written.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A public key that nobody could read.
    #[error("a public key is written `ed25519:` and 32 bytes in base64")]
    PublicText,
    /// Anybody could sign for it.
    #[error("the public key is one of the few that anybody can sign for")]
    Weak,
    /// The system gave no random bytes, or no memory for the passphrase.
    #[error("the system gave no {0}")]
    System(&'static str),
}

impl Passphrase {
    /// Takes what was typed.
    #[must_use]
    pub fn new(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }

    /// Whether it will do for a new key.
    ///
    /// # Errors
    /// [`KeyError::TooShort`].
    pub fn long_enough(&self) -> Result<(), KeyError> {
        if self.0.chars().count() < MIN_PASSPHRASE_CHARACTERS {
            return Err(KeyError::TooShort);
        }
        Ok(())
    }

    /// Whether two were typed alike.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl ApproverKey {
    /// Makes a key and seals it in a new file of mode 0600; its folder is made with mode 0700.
    ///
    /// # Errors
    /// [`KeyError::TooShort`], [`KeyError::Exists`], [`KeyError::Write`], [`KeyError::System`].
    pub fn create(file: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        passphrase.long_enough()?;
        let mut seed = Zeroizing::new([0; 32]);
        random(&mut *seed)?;
        let key = Self::from_seed(&seed)?;
        sealed::write(file, &seed, &key.public, passphrase)?;
        Ok(key)
    }

    /// Unlocks the key in a file.
    ///
    /// # Errors
    /// [`KeyError::Missing`], [`KeyError::TooOpen`], [`KeyError::Broken`], [`KeyError::WrongPassphrase`], [`KeyError::Read`],
    /// [`KeyError::System`].
    pub fn open(file: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let (seed, public) = sealed::read(file)?.open(file, passphrase)?;
        let key = Self::from_seed(&seed)?;
        if key.public != public {
            return Err(KeyError::Broken {
                path: file.to_owned(),
                reason: "its two halves do not belong together",
            });
        }
        Ok(key)
    }

    /// Returns the public half of the key in a file, which needs no passphrase.
    ///
    /// # Errors
    /// As [`ApproverKey::open`], but for the passphrase.
    pub fn public_of(file: &Path) -> Result<PublicKey, KeyError> {
        sealed::read(file).map(|sealed| sealed.public)
    }

    pub(crate) fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| KeyError::System("key from random bytes"))?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| KeyError::PublicText)
            .and_then(PublicKey::new)?;
        Ok(Self { pair, public })
    }

    /// Returns the half that stands in the configuration.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(message))
    }
}

impl fmt::Debug for ApproverKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApproverKey({})", self.public)
    }
}

impl PublicKey {
    /// Takes the bytes of a key.
    ///
    /// # Errors
    /// [`KeyError::Weak`] for a point of small order, such as the 32 zeros of a placeholder.
    pub fn new(bytes: [u8; 32]) -> Result<Self, KeyError> {
        if is_of_small_order(&bytes) {
            return Err(KeyError::Weak);
        }
        Ok(Self(bytes))
    }

    /// Reads `ed25519:BASE64`.
    ///
    /// # Errors
    /// [`KeyError::PublicText`], [`KeyError::Weak`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(KeyError::PublicText)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::PublicText)?;
        Self::new(bytes.try_into().map_err(|_| KeyError::PublicText)?)
    }

    /// Returns the first 16 hex digits of the key's SHA-256: names it to people, and proves nothing.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        sha256(self.0).chars().take(16).collect()
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| {
            UnparsedPublicKey::new(&ED25519, self.0)
                .verify(message, &signature)
                .is_ok()
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", STANDARD.encode(self.0))
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let fix = match &error {
            KeyError::TooShort => "choose a longer one; several words are good".to_owned(),
            KeyError::WrongPassphrase(_) => "type it again".to_owned(),
            KeyError::Missing(_) => {
                "make one with `bulkhead approver init`, or name yours with --key FILE".to_owned()
            }
            KeyError::Exists(_) => "use the key that is there, or give --key FILE for another".to_owned(),
            KeyError::TooOpen { path, .. } => format!("chmod 600 '{}'", path.display()),
            KeyError::Broken { .. } => {
                "take it from a backup, or make a new key with `bulkhead approver init --key FILE` and put it into the configuration".to_owned()
            }
            KeyError::Read { .. } | KeyError::Write { .. } => {
                "look at the folder's owner and permissions".to_owned()
            }
            KeyError::PublicText | KeyError::Weak => {
                "copy the line that `bulkhead approver init` printed".to_owned()
            }
            KeyError::System(_) => "look at what the machine lacks".to_owned(),
        };
        let failure = Self::new(Kind::Invalid, error.to_string()).fix(fix);
        if let KeyError::Read { source, .. } | KeyError::Write { source, .. } = error {
            failure.source(source)
        } else {
            failure
        }
    }
}

fn random(bytes: &mut [u8]) -> Result<(), KeyError> {
    crate::random::fill(bytes).map_err(|_| KeyError::System("random bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SMALL_ORDER;

    #[test]
    fn a_public_key_is_read_as_it_is_printed() {
        let public = ApproverKey::from_seed(&[7; 32]).unwrap().public();
        assert_eq!(PublicKey::parse(&public.to_string()).unwrap(), public);
        assert_eq!(public.to_string().len(), "ed25519:".len() + 44);
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let public = ApproverKey::from_seed(&[7; 32])
            .unwrap()
            .public()
            .to_string();
        for text in [
            "",
            "ed25519:",
            "ed25519:AAAA",
            public.trim_start_matches("ed25519:"),
            &public.replace("ed25519", "rsa"),
            &format!("{public}A"),
            &format!(" {public}"),
        ] {
            let error = PublicKey::parse(text).unwrap_err();
            assert!(matches!(error, KeyError::PublicText), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_that_anybody_can_sign_for_is_refused() {
        let zeros = format!("ed25519:{}", STANDARD.encode([0; 32]));
        assert!(matches!(PublicKey::parse(&zeros), Err(KeyError::Weak)));
        for mut weak in SMALL_ORDER {
            assert!(matches!(PublicKey::new(weak), Err(KeyError::Weak)));
            weak[31] |= 0x80;
            assert!(matches!(PublicKey::new(weak), Err(KeyError::Weak)));
        }
        // Why: with the neutral point as key and as nonce, the signature 0 fits any message.
        let neutral = SMALL_ORDER[1];
        let mut forged = [0; 64];
        forged[0] = 1;
        assert!(PublicKey(neutral).verifies(b"anything", &STANDARD.encode(forged)));
    }

    #[test]
    fn a_key_prints_only_its_public_half() {
        let key = ApproverKey::from_seed(&[7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), format!("ApproverKey({})", key.public()));
    }
}
