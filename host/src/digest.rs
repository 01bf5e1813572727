//! SHA-256 and hex: what names a text, a file or a value by its every byte.
//!
//! One spelling for all of them, in small letters: digests are compared as text, in the store and by people.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Returns two small hex digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns SHA-256 of bytes in hex.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns SHA-256 in hex of a value's canonical JSON: keys sorted, no spaces.
pub(crate) fn digest_of(value: &impl Serialize) -> String {
    // By way of `Value`, whose objects are sorted by key.
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    sha256(value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_is_as_sha256sum_prints_it_and_the_order_of_keys_is_none_of_it() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256("abc"), abc);
        assert_eq!(
            digest_of(&json!({"b": 1, "a": 2})),
            sha256(r#"{"a":2,"b":1}"#)
        );
    }
}
