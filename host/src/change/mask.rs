//! What of an object may be shown beside a change.
//!
//! Values that were observed in the cluster and look like secrets are masked, as length and keyed hash: a person sees whether two
//! are the same, and nobody can look one up. What the plan itself sends is shown verbatim where it comes to stand, since that is
//! what is decided on. The guest sees less: of a masked value it learns neither whether it changed nor whether it is equal to
//! anything.

mod decoy;
mod sent;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

use self::sent::Sent;
use super::pointer;
use crate::diff::{self, Line};
use crate::digest::hex;
use crate::failure::{Failure, chain};
use crate::proposal::Change;
use crate::redact::{self, SecretValues};

/// How every mask begins. A plan may not send a text that does.
pub(super) const MARK: &str = "(masked: ";

/// Shorter secrets are compared whole: as part of another text they would mask half of it.
const MIN_PART: usize = 6;

/// Shorter ones are not taken out of foreign words one by one.
const MIN_SCRUBBED: usize = 4;

/// The secrets of one observed object.
pub(super) struct Masks {
    key: hmac::Key,
    /// As they stand there, and in and out of base64.
    secrets: BTreeSet<String>,
    /// Where they stand: the steps of each JSON pointer.
    places: Vec<Vec<String>>,
}

impl Masks {
    /// Finds what is secret in an object. An object that is not there has no secrets.
    pub(super) fn of(observed: Option<&Value>, key: &hmac::Key) -> Self {
        let mut masks = Self {
            key: key.clone(),
            secrets: BTreeSet::new(),
            places: Vec::new(),
        };
        let Some(observed) = observed else {
            return masks;
        };
        let cleaned = cleaned(observed);
        let mut place = Vec::new();
        differing(observed, &cleaned, &mut place, &mut |place, secret| {
            masks.places.push(place.to_vec());
            masks.secrets.insert(STANDARD.encode(secret));
            if let Ok(decoded) = STANDARD.decode(secret)
                && let Ok(decoded) = String::from_utf8(decoded)
            {
                masks.secrets.insert(decoded);
            }
            masks.secrets.insert(secret.to_owned());
        });
        masks.secrets.remove("");
        masks
    }

    /// Whether something is secret.
    pub(super) fn any(&self) -> bool {
        !self.places.is_empty()
    }

    /// Returns the observed object as a person may see it.
    pub(super) fn observed(&self, object: &Value) -> Value {
        let cleaned = cleaned(object);
        self.masked(object, &cleaned, &Sent::default())
    }

    /// Returns what would come out as a person may see it: what is sent stands verbatim where it is sent to.
    pub(super) fn proposed(&self, object: &Value, sent: &Change) -> Value {
        let cleaned = cleaned(object);
        self.masked(object, &cleaned, &Sent::by(sent))
    }

    /// Takes observed secrets out of foreign words: warnings and errors of the server.
    pub(super) fn scrub(&self, text: &str) -> String {
        // A short one cannot be taken out without showing which letters it has.
        let mut secrets = self.secrets.iter();
        if secrets.any(|secret| secret.len() < MIN_SCRUBBED && text.contains(secret.as_str())) {
            return "(its words are left out, since the object holds a short secret)".to_owned();
        }
        let mut text = redact::text(text).into_owned();
        for secret in &self.secrets {
            let quoted = Value::from(secret.as_str()).to_string();
            let quoted = quoted.trim_matches('"');
            for form in [secret.as_str(), quoted, &escaped_for_html(quoted)] {
                if text.contains(form) {
                    text = text.replace(form, "(masked)");
                }
            }
        }
        text
    }

    /// Returns a refusal of the server's without observed secrets in it.
    pub(super) fn scrubbed(&self, failure: &Failure) -> Failure {
        let clean = Failure::new(failure.kind, self.scrub(&chain(failure)));
        match &failure.fix {
            Some(fix) => clean.fix(fix.clone()),
            None => clean,
        }
    }

    /// Hides every text of what is sent too: the host made values for it.
    pub(super) fn hide_texts_of(&mut self, sent: &Change) {
        let body = match sent {
            Change::Create { object } => &object["data"],
            Change::Patch { body, .. } => &body["data"],
            Change::CreateSecret { .. }
            | Change::RotateSecret { .. }
            | Change::Apply { .. }
            | Change::PatchStatus { .. }
            | Change::Scale { .. }
            | Change::Delete { .. }
            | Change::Evict => return,
        };
        texts(body, &mut |text| {
            if let Ok(decoded) = STANDARD.decode(text)
                && let Ok(decoded) = String::from_utf8(decoded)
            {
                self.secrets.insert(decoded);
            }
            self.secrets.insert(text.to_owned());
        });
    }

    /// Whether a JSON pointer leads to a secret, into one, or to something that holds one.
    pub(super) fn covers(&self, pointer: &str) -> bool {
        self.leads_to_secret(&pointer::steps(pointer))
    }

    /// The same of steps. An item of a list is any item: a server reads `-1`, `+0` and `00` as places too, and a list may be in
    /// another order afterwards.
    fn leads_to_secret(&self, steps: &[String]) -> bool {
        let same = |(one, other): (&String, &String)| one == other || is_index(one);
        let mut places = self.places.iter();
        places.any(|place| place.iter().zip(steps).all(same))
    }

    /// Returns the lines that a guest may see. Each place of a secret stands there whether it changed or not.
    pub(super) fn for_guest(&self, lines: &[Line], observed: Option<&Value>) -> String {
        let is_masked = |text: &Option<String>| {
            text.as_ref()
                .is_some_and(|text| text.trim_start_matches('"').starts_with(MARK))
        };
        let mut shown: Vec<String> = lines
            .iter()
            .filter(|line| !is_masked(&line.before) && !is_masked(&line.after))
            .map(line_text)
            .collect();
        if let Some(observed) = observed {
            let seen = self.observed(observed);
            let all = diff::lines(None, Some(&seen));
            let places = all.iter().filter(|line| is_masked(&line.after));
            shown.extend(places.map(|line| format!("= {}: (masked), not compared", line.path)));
        }
        shown.join("\n")
    }

    /// Takes every secret out of an object that is kept; returns their paths.
    pub(super) fn remove_secrets(object: &mut Value) -> Vec<String> {
        let masks = Self::of(Some(object), &hmac::Key::new(hmac::HMAC_SHA256, &[]));
        let seen = masks.observed(object);
        let lines = diff::lines(None, Some(&seen));
        let is_mark = |line: &Line| {
            let text = line.after.as_deref().unwrap_or_default();
            text.trim_start_matches('"').starts_with(MARK)
        };
        let paths = lines.into_iter().filter(is_mark).map(|line| line.path);
        let paths = paths.collect();
        for place in &masks.places {
            let Some((last, parents)) = place.split_last() else {
                continue;
            };
            let parent = object.pointer_mut(&pointer::of(parents));
            match parent {
                Some(Value::Object(entries)) => drop(entries.remove(last)),
                Some(Value::Array(items)) => {
                    if let Some(item) = last.parse::<usize>().ok().and_then(|at| items.get_mut(at))
                    {
                        *item = Value::Null;
                    }
                }
                _ => {}
            }
        }
        paths
    }

    fn masked(&self, object: &Value, cleaned: &Value, sent: &Sent<'_>) -> Value {
        match (object, cleaned) {
            (Value::Object(object), Value::Object(cleaned)) => object
                .iter()
                .map(|(key, value)| {
                    let cleaned = cleaned.get(key).unwrap_or(&Value::Null);
                    let sent = sent.at_key(key);
                    (key.clone(), self.masked(value, cleaned, &sent))
                })
                .collect(),
            (Value::Array(items), Value::Array(cleaned)) => items
                .iter()
                .zip(cleaned)
                .enumerate()
                .map(|(index, (item, cleaned))| {
                    self.masked(item, cleaned, &sent.at_item(index, item))
                })
                .collect(),
            (Value::String(text), cleaned) => {
                if sent.is(text) {
                    return object.clone();
                }
                if cleaned.as_str() == Some(text) && !self.holds_secret(text) {
                    return object.clone();
                }
                self.mask(text).into()
            }
            (other, _) => other.clone(),
        }
    }

    fn holds_secret(&self, text: &str) -> bool {
        self.secrets.contains(text)
            || self
                .secrets
                .iter()
                .any(|secret| secret.len() >= MIN_PART && text.contains(secret.as_str()))
    }

    fn mask(&self, text: &str) -> String {
        let tag = hmac::sign(&self.key, text.as_bytes());
        let tag: String = hex(tag.as_ref()).chars().take(8).collect();
        format!("{MARK}{} characters, #{tag})", text.chars().count())
    }
}

/// Whether a step leads to an item of a list. A key of digits looks the same, and covers no less.
fn is_index(step: &str) -> bool {
    !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit())
}

/// Go's encoder writes these as numbers, also where it quotes an object in a message.
fn escaped_for_html(quoted: &str) -> String {
    quoted
        .replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
}

/// One line of a diff: `~ spec.replicas: 3 -> 5`.
pub(super) fn line_text(line: &Line) -> String {
    match (&line.before, &line.after) {
        (Some(before), Some(after)) => format!("~ {}: {before} -> {after}", line.path),
        (Some(before), None) => format!("- {}: {before}", line.path),
        (None, Some(after)) => format!("+ {}: {after}", line.path),
        (None, None) => line.path.clone(),
    }
}

/// Calls `each` with every text of a value, keys not among them.
pub(super) fn texts(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, each)),
        Value::Object(entries) => entries.values().for_each(|value| texts(value, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn cleaned(object: &Value) -> Value {
    let mut cleaned = object.clone();
    redact::object(&mut cleaned, SecretValues::Hidden);
    cleaned
}

/// Calls `each` with every text that cleaning changed, and its place.
fn differing(
    object: &Value,
    cleaned: &Value,
    place: &mut Vec<String>,
    each: &mut impl FnMut(&[String], &str),
) {
    match (object, cleaned) {
        (Value::Object(entries), Value::Object(cleaned)) => {
            for (key, value) in entries {
                place.push(key.clone());
                differing(value, cleaned.get(key).unwrap_or(&Value::Null), place, each);
                place.pop();
            }
        }
        (Value::Array(items), Value::Array(cleaned)) => {
            for (index, (item, cleaned)) in items.iter().zip(cleaned).enumerate() {
                place.push(index.to_string());
                differing(item, cleaned, place, each);
                place.pop();
            }
        }
        (Value::String(text), cleaned) if cleaned.as_str() != Some(text) => each(place, text),
        _ => {}
    }
}
