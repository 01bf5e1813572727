//! Field selectors, as far as the gate and redaction need to understand them.
//!
//! The server judges a selector before anything is cleaned, so one on a redacted path would answer guesses about it.

use crate::failure::{Failure, Kind, shown};
use crate::gate::Resource;
use crate::redact;

/// Checks that no term names a path that redaction covers.
///
/// # Errors
/// `Denied` with the path, `Invalid` for a term without an operator.
pub(super) fn check_field_selector(resource: &Resource, selector: &str) -> Result<(), Failure> {
    for term in terms(selector) {
        let (path, _, _) = split(term).ok_or_else(|| {
            let shown = shown(term);
            Failure::new(
                Kind::Invalid,
                format!("`{shown}` in the field selector has no `=` or `!=`"),
            )
            .fix("write it as `status.phase=Running,spec.nodeName!=node-1`")
        })?;
        if redact::covers_path(&resource.group, &resource.plural, path) {
            let shown = shown(path);
            return Err(Failure::new(
                Kind::Denied,
                format!(
                    "a field selector may not look at `{shown}` of `{resource}`, which is redacted"
                ),
            )
            .fix("select by metadata instead"));
        }
    }
    Ok(())
}

/// Checks that no requirement of a label selector looks at a label that redaction covers.
///
/// # Errors
/// `Denied` with the key.
pub(super) fn check_label_selector(resource: &Resource, selector: &str) -> Result<(), Failure> {
    // Values stand between parentheses or behind an operator; whatever else is there names a key.
    let mut depth = 0_usize;
    let requirements = selector.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    for requirement in requirements {
        let requirement = requirement.trim_start_matches(|c: char| c == '!' || c.is_whitespace());
        let key = requirement
            .split(|c: char| "=!<>(),".contains(c) || c.is_whitespace())
            .next()
            .unwrap_or_default();
        if redact::covers_label(key) {
            let shown = shown(key);
            return Err(Failure::new(
                Kind::Denied,
                format!(
                    "a label selector may not look at `{shown}` of `{resource}`, which is redacted"
                ),
            )
            .fix("select by another label"));
        }
    }
    Ok(())
}

/// Returns the one name that a field selector leaves, if it has a term `metadata.name=…`.
pub(crate) fn name_in_field_selector(selector: &str) -> Option<String> {
    terms(selector)
        .filter_map(split)
        .find_map(|(path, equal, value)| {
            (equal && path == "metadata.name").then(|| value.to_owned())
        })
}

fn terms(selector: &str) -> impl Iterator<Item = &str> {
    selector
        .split(',')
        .map(str::trim)
        .filter(|term| !term.is_empty())
}

/// Path, whether it must be equal, and value: `=`, `==` and `!=` as in apimachinery's `fields` package.
fn split(term: &str) -> Option<(&str, bool, &str)> {
    let at = term.find('=')?;
    let (left, right) = term.split_at(at);
    let right = right.trim_start_matches('=');
    match left.strip_suffix('!') {
        Some(path) => Some((path.trim(), false, right)),
        None => Some((left.trim(), true, right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_equality_on_the_name_leaves_one_name() {
        assert_eq!(
            name_in_field_selector("status.phase=Running,metadata.name=web-0").as_deref(),
            Some("web-0")
        );
        assert_eq!(
            name_in_field_selector("metadata.name==web-0").as_deref(),
            Some("web-0")
        );
        assert_eq!(name_in_field_selector("metadata.name!=web-0"), None);
        assert_eq!(name_in_field_selector("metadata.namespace=web-0"), None);
    }

    #[test]
    fn a_label_that_is_redacted_is_no_key_to_select_by() {
        let pods = Resource::new("", "pods");
        for refused in [
            "password>40000000",
            "app=till,password in (a, b)",
            "app in (a,b),!api-token",
            "!password",
            " password=x",
            "example.com/db-password",
        ] {
            let failure = check_label_selector(&pods, refused).unwrap_err();
            assert_eq!(failure.kind, Kind::Denied, "{refused}");
        }
        for fine in [
            "",
            "app=password",
            "env in (password,b),tier!=cache",
            "app,!env",
        ] {
            assert!(check_label_selector(&pods, fine).is_ok(), "{fine}");
        }
    }

    #[test]
    fn a_selector_on_the_data_of_a_secret_is_refused() {
        let secrets = Resource::new("", "secrets");
        let failure = check_field_selector(&secrets, "data.password=aHVudGVyMg==").unwrap_err();
        assert_eq!(failure.kind, Kind::Denied);
        assert!(check_field_selector(&secrets, "type=Opaque,metadata.name=x").is_ok());
    }
}
