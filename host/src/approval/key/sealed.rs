//! The file of an approver's key: JSON, the private half sealed with ChaCha20-Poly1305 under a key that Argon2id makes from the
//! passphrase.
//!
//! The costs of Argon2id stand in the file, so that a later release can raise them. All that is not secret is authenticated with
//! the seal, and a checksum tells a damaged file from a wrong passphrase. Nobody but its owner may reach the file.

use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{KeyError, Passphrase, PublicKey, random};
use crate::digest::sha256;
use crate::private_file;

/// The first words of the file.
const FORMAT: &str = "bulkhead-approver-key-v1";

/// RFC 9106's second choice: a guess costs 64 MiB and some 100 ms.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// What a file may ask for at most: 1 GiB, and a minute of it.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;

/// A key file has some 500 bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024;

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    public: String,
    argon2id: Costs,
    salt: String,
    nonce: String,
    sealed: String,
    checksum: String,
}

/// Of Argon2id.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Costs {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// A file that is whole, and still locked.
pub(super) struct Sealed {
    pub(super) public: PublicKey,
    costs: Costs,
    salt: [u8; 16],
    nonce: [u8; 12],
    sealed: Vec<u8>,
    authenticated: String,
}

/// Writes a new file, whole or not at all.
pub(super) fn write(
    path: &Path,
    seed: &[u8; 32],
    public: &PublicKey,
    passphrase: &Passphrase,
) -> Result<(), KeyError> {
    if path.symlink_metadata().is_ok() {
        return Err(KeyError::Exists(path.to_owned()));
    }
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    random(&mut salt)?;
    random(&mut nonce)?;
    let costs = Costs {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
    };
    let mut file = File {
        format: FORMAT.to_owned(),
        public: public.to_string(),
        argon2id: costs,
        salt: STANDARD.encode(salt),
        nonce: STANDARD.encode(nonce),
        sealed: String::new(),
        checksum: String::new(),
    };
    // The seed is sealed where it lies, so that no copy of it stays.
    let mut sealed = Zeroizing::new(Vec::with_capacity(seed.len() + CHACHA20_POLY1305.tag_len()));
    sealed.extend_from_slice(seed);
    sealing_key(passphrase, costs, &salt)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(file.authenticated()),
            &mut *sealed,
        )
        .map_err(|_| KeyError::System("sealing"))?;
    file.sealed = STANDARD.encode(&*sealed);
    file.checksum = file.checksum();
    let text = serde_json::to_string_pretty(&file).map_err(|_| KeyError::System("text"))?;
    private_file::create(path, format!("{text}\n").as_bytes()).map_err(|source| {
        match source.kind() {
            ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
            _ => KeyError::Write {
                path: path.to_owned(),
                source,
            },
        }
    })
}

/// Reads a file and checks all of it that needs no passphrase.
pub(super) fn read(path: &Path) -> Result<Sealed, KeyError> {
    let broken = |reason| KeyError::Broken {
        path: path.to_owned(),
        reason,
    };
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
        _ => KeyError::Read {
            path: path.to_owned(),
            source,
        },
    };
    // A named pipe would never open, and a folder cannot be read.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(broken("it is no file"));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    let mut text = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(broken("it is too long"));
    }
    let file: File = serde_json::from_slice(&text)
        .map_err(|_| broken("it is not the JSON that `bulkhead approver init` writes"))?;
    file.check().map_err(broken)
}

impl File {
    /// What the seal vouches for beside the seed.
    fn authenticated(&self) -> String {
        let Costs {
            memory_kib,
            passes,
            lanes,
        } = self.argon2id;
        format!(
            "{}\n{}\nargon2id {memory_kib} {passes} {lanes}\n{}\n{}",
            self.format, self.public, self.salt, self.nonce
        )
    }

    /// SHA-256 of everything else, in hex.
    fn checksum(&self) -> String {
        sha256(format!("{}\n{}", self.authenticated(), self.sealed))
    }

    fn check(self) -> Result<Sealed, &'static str> {
        if self.format != FORMAT {
            return Err("its format is not one that this release knows");
        }
        if self.checksum != self.checksum() {
            return Err("its checksum is wrong: it was damaged or edited");
        }
        let costs = self.argon2id;
        let within = (8..=MAX_MEMORY_KIB).contains(&costs.memory_kib)
            && (1..=MAX_PASSES).contains(&costs.passes)
            && (1..=MAX_LANES).contains(&costs.lanes);
        if !within {
            return Err("its costs are out of bounds");
        }
        Ok(Sealed {
            public: PublicKey::parse(&self.public).map_err(|_| "its public half cannot be read")?,
            costs,
            salt: bytes(&self.salt).ok_or("its salt cannot be read")?,
            nonce: bytes(&self.nonce).ok_or("its nonce cannot be read")?,
            sealed: STANDARD
                .decode(&self.sealed)
                .map_err(|_| "its sealed half cannot be read")?,
            authenticated: self.authenticated(),
        })
    }
}

impl Sealed {
    /// Unlocks the private half, and gives the public one that it was sealed with.
    pub(super) fn open(
        self,
        path: &Path,
        passphrase: &Passphrase,
    ) -> Result<(Zeroizing<[u8; 32]>, PublicKey), KeyError> {
        let mut sealed = Zeroizing::new(self.sealed);
        let opened = sealing_key(passphrase, self.costs, &self.salt)?
            .open_in_place(
                Nonce::assume_unique_for_key(self.nonce),
                Aad::from(self.authenticated),
                &mut sealed,
            )
            .map_err(|_| KeyError::WrongPassphrase(path.to_owned()))?;
        let seed: &[u8; 32] = (&*opened).try_into().map_err(|_| KeyError::Broken {
            path: path.to_owned(),
            reason: "its sealed half is no key",
        })?;
        Ok((Zeroizing::new(*seed), self.public))
    }
}

fn sealing_key(
    passphrase: &Passphrase,
    costs: Costs,
    salt: &[u8],
) -> Result<LessSafeKey, KeyError> {
    let params = Params::new(costs.memory_kib, costs.passes, costs.lanes, Some(32))
        .map_err(|_| KeyError::System("key from these costs"))?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.0.as_bytes(), salt, &mut *key)
        .map_err(|_| KeyError::System("memory for the passphrase"))?;
    UnboundKey::new(&CHACHA20_POLY1305, &*key)
        .map(LessSafeKey::new)
        .map_err(|_| KeyError::System("sealing"))
}

fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
