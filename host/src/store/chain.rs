//! How audit records are chained: the hash of a record is SHA-256 over the previous record's hash and its own text.
//!
//! Whoever changes a record must change every later one, and the head. The text holds the record's own number, so that none
//! can take another's place. It is canonical JSON and hashed as it is stored: `sha256sum` over the two finds the same.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::proposal::Moment;

/// The hash before the first record.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of a chain: what an operator keeps elsewhere. Written `SEQ:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last record's number; 0 where there is none.
    pub seq: u64,
    /// Its hash in hex; [`GENESIS`] where there is none.
    pub hash: String,
}

/// What is not a head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a head is written as the record's number, a colon and 64 hexadecimal digits")]
pub struct NotAHead;

/// What records are found by, beside their text and taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// `time`.
    pub time: Moment,
    /// `kind`.
    pub kind: String,
    /// `plugin.key`.
    pub plugin: Option<String>,
    /// `tool`.
    pub tool: Option<String>,
    /// `change`.
    pub change: Option<String>,
    /// `outcome`.
    pub outcome: Option<String>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (seq, hash) = text.trim().split_once(':').ok_or(NotAHead)?;
        if hash.len() != GENESIS.len() || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHead);
        }
        Ok(Self {
            seq: seq.parse().map_err(|_| NotAHead)?,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

impl Columns {
    /// Takes them from a record.
    #[must_use]
    pub fn of(record: &Map<String, Value>) -> Self {
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            time: Moment(record.get("time").and_then(Value::as_u64).unwrap_or(0)),
            kind: text("kind").unwrap_or_default(),
            plugin: record
                .get("plugin")
                .and_then(|plugin| plugin.get("key"))
                .and_then(Value::as_str)
                .map(str::to_owned),
            tool: text("tool"),
            change: text("change"),
            outcome: text("outcome"),
        }
    }
}

/// Returns the hash of a record's text behind the record with the hash `previous`.
#[must_use]
pub fn link(previous: &str, body: &str) -> String {
    let mut hasher = Sha256::new();
    // Always 64 digits, so that the border between the two is certain.
    hasher.update(previous);
    hasher.update(body);
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = Head {
            seq: 7,
            hash: link(GENESIS, "{}"),
        };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "7", "7:", "7:abc", "x:00", &format!("-1:{GENESIS}")] {
            assert_eq!(wrong.parse::<Head>(), Err(NotAHead), "{wrong}");
        }
    }

    #[test]
    fn a_hash_is_what_sha256sum_finds() {
        // printf '%064d{}' 0 | sha256sum
        let hash = link(GENESIS, "{}");
        assert_eq!(
            hash,
            "5508d2b710e64bc470079e1b211d9c58e21011e59d0559e422345dc19d659a75"
        );
    }
}
