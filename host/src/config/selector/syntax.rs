//! What labels look like: their keys and values, and the names in them.

use super::SelectorError;

/// Returns `prefix/name` or `name` without the space around it.
pub(super) fn key(text: &str) -> Result<String, SelectorError> {
    let text = text.trim();
    let (prefix, name) = text
        .split_once('/')
        .map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if prefix.is_none_or(is_dns_subdomain) && !name.is_empty() && is_label_text(name) {
        Ok(text.to_owned())
    } else {
        Err(SelectorError::Key(text.to_owned()))
    }
}

/// Returns a value, which may be empty, without the space around it.
pub(super) fn value(text: &str) -> Result<String, SelectorError> {
    let text = text.trim();
    if is_label_text(text) {
        Ok(text.to_owned())
    } else {
        Err(SelectorError::Value(text.to_owned()))
    }
}

/// The form of a label's value and of the name part of its key: at most 63 characters, letters and digits at both ends.
fn is_label_text(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let at_ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.chars().all(inner)
        && text.chars().next().is_none_or(at_ends)
        && text.chars().next_back().is_none_or(at_ends)
}

/// RFC 1123: labels of lower-case letters, digits and dashes between dots, at most 253 characters.
pub(in crate::config) fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_dns_label)
}

/// RFC 1123: lower-case letters, digits and dashes, no dash at the ends, at most 63 characters.
pub(in crate::config) fn is_dns_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
