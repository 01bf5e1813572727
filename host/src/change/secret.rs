//! Values that the host makes for Secrets.
//!
//! They exist in the memory of this process while a change is applied, and in the cluster. What is shown, stored and recorded has
//! [`placeholder`]s in their place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::pointer;
use crate::diff::Line;
use crate::failure::Failure;
use crate::proposal::{Change, Generated, PatchKind};
use crate::random;

/// Letters and digits: 62, so each character is worth nearly 6 bits, and no client has to escape one.
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Which values a change is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// The same text each time, for running dry and for showing.
    Placeholders,
    /// New ones.
    Made,
}

/// Returns the change as it is sent: with its generated values in it.
///
/// # Errors
/// `Bug` where the system gives no random bytes.
pub(super) fn with_values(change: &Change, values: Values) -> Result<Change, Failure> {
    match change {
        Change::CreateSecret { object, generate } => {
            let mut object = object.clone();
            let data = made(generate, values)?;
            if !object["data"].is_object() {
                object["data"] = json!({});
            }
            if let Some(existing) = object["data"].as_object_mut() {
                existing.extend(data);
            }
            Ok(Change::Create { object })
        }
        Change::RotateSecret { generate } => Ok(Change::Patch {
            how: PatchKind::Merge,
            body: json!({"data": made(generate, values)?}),
            expected_version: None,
        }),
        Change::Create { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::Scale { .. }
        | Change::Delete { .. }
        | Change::Evict => Ok(change.clone()),
    }
}

/// Puts the placeholders back where the host has made values.
pub(super) fn hide_values(change: &Change, object: &mut Value) {
    let generate = match change {
        Change::CreateSecret { generate, .. } | Change::RotateSecret { generate } => generate,
        Change::Create { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::PatchStatus { .. }
        | Change::Scale { .. }
        | Change::Delete { .. }
        | Change::Evict => return,
    };
    for generated in generate {
        if let Some(value) = object["data"].get_mut(&generated.key) {
            *value = STANDARD.encode(placeholder(generated)).into();
        }
    }
}

/// Shows what the host makes in words, not as the base64 of them, which looks like a password; of other values nothing changes.
pub(super) fn in_words(generate: &[Generated], object: &mut Value) {
    for generated in generate {
        let words = placeholder(generated);
        let value = object.pointer_mut(&pointer::of(&["data".to_owned(), generated.key.clone()]));
        if let Some(value) = value
            && *value == STANDARD.encode(&words)
        {
            *value = words.into();
        }
    }
}

/// Hides what stood where the host makes new values, lengths too: a model reads that they are new.
pub(super) fn without_old(lines: &[Line]) -> Vec<Line> {
    let hidden = |line: &Line| Line {
        before: line.before.as_ref().map(|_| "(masked)".to_owned()),
        ..line.clone()
    };
    lines.iter().map(hidden).collect()
}

fn made(generate: &[Generated], values: Values) -> Result<Map<String, Value>, Failure> {
    let one = |generated: &Generated| {
        let value = match values {
            Values::Placeholders => placeholder(generated),
            Values::Made => letters(generated.characters)?,
        };
        Ok((generated.key.clone(), STANDARD.encode(value).into()))
    };
    generate.iter().map(one).collect()
}

/// What is shown in place of a value: it says how long it will be.
fn placeholder(generated: &Generated) -> String {
    format!("(made by the host: {} characters)", generated.characters)
}

fn letters(characters: u8) -> Result<String, Failure> {
    let mut text = String::new();
    let mut bytes = [0_u8; 64];
    while text.len() < characters.into() {
        random::fill(&mut bytes)?;
        // 248 is the last multiple of 62 that fits: what is above would make some letters likelier.
        let letters = bytes.iter().filter(|byte| **byte < 248);
        let letters = letters.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        text.extend(letters.take(usize::from(characters) - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Change {
        Change::CreateSecret {
            object: json!({"metadata": {"name": "db"}, "data": {"user": "YWRh"}}),
            generate: vec![Generated {
                key: "password".to_owned(),
                characters: 32,
            }],
        }
    }

    fn password(change: &Change) -> String {
        let Change::Create { object } = change else {
            unreachable!("a Secret is created: {change:?}");
        };
        assert_eq!(object["data"]["user"], "YWRh");
        let encoded = object["data"]["password"].as_str().unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    #[test]
    fn a_made_value_is_new_each_time_and_as_long_as_asked() {
        let first = password(&with_values(&secret(), Values::Made).unwrap());
        let second = password(&with_values(&secret(), Values::Made).unwrap());
        assert_eq!(first.len(), 32);
        assert_ne!(first, second);
        assert!(
            first.bytes().all(|byte| ALPHABET.contains(&byte)),
            "{first}"
        );
    }

    #[test]
    fn a_placeholder_is_the_same_each_time() {
        let shown = with_values(&secret(), Values::Placeholders).unwrap();
        assert_eq!(password(&shown), "(made by the host: 32 characters)");
    }

    #[test]
    fn a_placeholder_is_shown_in_words_where_the_host_makes_the_value() {
        let generate = vec![Generated {
            key: "pass.word".to_owned(),
            characters: 9,
        }];
        let encoded = STANDARD.encode(placeholder(&generate[0]));
        let mut object = json!({"data": {"pass.word": encoded, "other": encoded}});
        in_words(&generate, &mut object);
        let words = "(made by the host: 9 characters)";
        assert_eq!(
            object,
            json!({"data": {"pass.word": words, "other": encoded}})
        );
    }
}
