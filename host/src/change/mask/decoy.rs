//! A change that sets what is secret, with other values: the server must take both, or a guess would tell itself from a miss.
//!
//! An immutable Secret, a pod, a field of another manager and many a webhook accept a value only where it is the one that stands
//! there already. So the change is first run dry with values by chance in those places; where that is refused, the change is,
//! in the same words whether its own values are right or wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Masks;
use crate::change::pointer;
use crate::failure::Failure;
use crate::proposal::{Change, PatchKind};
use crate::random;

impl Masks {
    /// Returns the change with other texts wherever it writes to a secret; none where it writes to none.
    ///
    /// # Errors
    /// `Bug` where the system gives no random bytes.
    pub(in crate::change) fn decoy(&self, change: &Change) -> Result<Option<Change>, Failure> {
        let mut decoy = change.clone();
        let mut exchanged = false;
        match &mut decoy {
            Change::Apply { object } => self.exchange(object, &mut Vec::new(), &mut exchanged)?,
            Change::Patch {
                how: PatchKind::Merge | PatchKind::Strategic,
                body,
                ..
            } => self.exchange(body, &mut Vec::new(), &mut exchanged)?,
            Change::Patch {
                how: PatchKind::JsonPatch,
                body,
                ..
            } => {
                for operation in body.as_array_mut().into_iter().flatten() {
                    let mut place = pointer::steps(operation["path"].as_str().unwrap_or_default());
                    if let Some(value) = operation.get_mut("value") {
                        self.exchange(value, &mut place, &mut exchanged)?;
                    }
                }
            }
            Change::PatchStatus { body, .. } => {
                self.exchange(body, &mut vec!["status".to_owned()], &mut exchanged)?;
            }
            Change::Create { .. }
            | Change::CreateSecret { .. }
            | Change::RotateSecret { .. }
            | Change::Scale { .. }
            | Change::Delete { .. }
            | Change::Evict => {}
        }
        Ok(exchanged.then_some(decoy))
    }

    fn exchange(
        &self,
        value: &mut Value,
        place: &mut Vec<String>,
        exchanged: &mut bool,
    ) -> Result<(), Failure> {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    // The server writes the one into the other.
                    let is_plain = place.is_empty() && key == "stringData";
                    place.push(if is_plain { "data" } else { key }.to_owned());
                    self.exchange(value, place, exchanged)?;
                    place.pop();
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    place.push(index.to_string());
                    self.exchange(item, place, exchanged)?;
                    place.pop();
                }
            }
            Value::String(text) => {
                if self.leads_to_secret(place) {
                    *text = other(text)?;
                    *exchanged = true;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(())
    }
}

/// Another text of the same kind and length.
fn other(text: &str) -> Result<String, Failure> {
    let length = STANDARD
        .decode(text)
        .map_or(text.len(), |bytes| bytes.len());
    let mut bytes = vec![0; length.max(8)];
    random::fill(&mut bytes)?;
    let letters: String = bytes
        .iter()
        .map(|byte| char::from(b'a' + byte % 26))
        .collect();
    Ok(if STANDARD.decode(text).is_ok() {
        STANDARD.encode(letters)
    } else {
        letters
    })
}

#[cfg(test)]
mod tests {
    use ring::hmac;
    use serde_json::json;

    use super::*;

    fn masks() -> Masks {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"password": "c3dvcmRmaXNo"}});
        Masks::of(Some(&secret), &hmac::Key::new(hmac::HMAC_SHA256, b"key"))
    }

    #[test]
    fn what_would_be_written_to_a_secret_is_exchanged_and_nothing_else() {
        let changes = [
            Change::Apply {
                object: json!({"metadata": {"name": "db"}, "data": {"password": "Z3Vlc3M="}}),
            },
            Change::Patch {
                how: PatchKind::Merge,
                body: json!({"metadata": {"labels": {"a": "b"}}, "stringData": {"password": "Z3Vlc3M="}}),
                expected_version: None,
            },
            Change::Patch {
                how: PatchKind::JsonPatch,
                body: json!([{"op": "replace", "path": "/data/password", "value": "Z3Vlc3M="}]),
                expected_version: None,
            },
        ];
        for change in changes {
            let decoy = masks().decoy(&change).unwrap().unwrap();
            let text = serde_json::to_string(&decoy).unwrap();
            assert!(!text.contains("Z3Vlc3M="), "{text}");
            assert_ne!(decoy, change);
        }
        let label = Change::Patch {
            how: PatchKind::Merge,
            body: json!({"metadata": {"labels": {"a": "b"}}}),
            expected_version: None,
        };
        assert_eq!(masks().decoy(&label).unwrap(), None);
    }
}
