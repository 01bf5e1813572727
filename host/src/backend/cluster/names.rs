//! What may stand in a URL.
//!
//! kube does not encode what it is given, so each part is checked by Kubernetes' own rules before a URL is made, and
//! encoded all the same. The rules are `IsDNS1123Label`, `IsDNS1123Subdomain` and `ValidatePathSegmentName` of
//! `k8s.io/apimachinery`.

use crate::failure::{Failure, Kind, shown};
use crate::gate::{Demand, Operation, Reach};

/// Checks every name of an operation, before the gate looks at it: a denial repeats them to the operator.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn check(operation: &Operation) -> Result<(), Failure> {
    let Some(Demand {
        resource: of,
        reach,
        name,
        ..
    }) = operation.demand()
    else {
        return Ok(());
    };
    // Subresources are the host's to name: none that a guest can write.
    let plural = match operation {
        Operation::Logs { .. } => "pods",
        Operation::Change { .. } => ["/scale", "/status", "/eviction"]
            .iter()
            .find_map(|subresource| of.plural.strip_suffix(subresource))
            .unwrap_or(&of.plural),
        Operation::Get { .. }
        | Operation::List { .. }
        | Operation::Watch { .. }
        | Operation::Discover
        | Operation::Review => &of.plural,
    };
    resource(&of.group, plural)?;
    if let Reach::Namespace(name) = &reach {
        namespace(name)?;
    }
    name.map_or(Ok(()), |name| object(&name))
}

/// Checks the name of a namespace.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn namespace(name: &str) -> Result<(), Failure> {
    if is_label(name, 63) {
        Ok(())
    } else {
        Err(invalid(
            "namespace",
            name,
            "at most 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit",
        ))
    }
}

/// Checks the name of an object.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn object(name: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:@+=~".contains(c);
    if !name.is_empty()
        && name.len() <= 253
        && name != "."
        && name != ".."
        && name.chars().all(allowed)
    {
        Ok(())
    } else {
        Err(invalid(
            "object name",
            name,
            "at most 253 letters, digits, `-`, `.`, `_` or `:`",
        ))
    }
}

/// Checks a plural and its API group.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn resource(group: &str, plural: &str) -> Result<(), Failure> {
    if !is_label(plural, 253) {
        return Err(invalid(
            "resource",
            plural,
            "a plural in lower case, such as `deployments`, without group and subresource",
        ));
    }
    if !group.is_empty() && !group.split('.').all(|label| is_label(label, 63)) {
        return Err(invalid(
            "API group",
            group,
            "a DNS name such as `apps` or `cert-manager.io`; the core group is empty",
        ));
    }
    Ok(())
}

/// Checks an API version.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn version(version: &str) -> Result<(), Failure> {
    if is_label(version, 63) {
        Ok(())
    } else {
        Err(invalid("API version", version, "such as `v1` or `v1beta1`"))
    }
}

/// Checks the name of a container.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn container(name: &str) -> Result<(), Failure> {
    if is_label(name, 63) {
        Ok(())
    } else {
        Err(invalid("container", name, "at most 63 of a-z, 0-9 and `-`"))
    }
}

fn is_label(text: &str, most: usize) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty()
        && text.len() <= most
        && text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn invalid(what: &str, text: &str, rule: &str) -> Failure {
    // Escaped and cut: the text comes from a guest, and may be anything.
    let shown = shown(text);
    Failure::new(Kind::Invalid, format!("`{shown}` is no {what}")).fix(format!("use {rule}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_api_pass() {
        for name in [
            "web-0",
            "system:node",
            "kube-root-ca.crt",
            "shop.17f3a",
            "a_b",
        ] {
            assert!(object(name).is_ok(), "{name}");
        }
        assert!(namespace("kube-system").is_ok());
        assert!(resource("apps", "deployments").is_ok());
        assert!(resource("", "pods").is_ok());
        assert!(version("v1beta1").is_ok());
    }

    #[test]
    fn tricks_with_paths_do_not_pass() {
        for name in [
            "",
            ".",
            "..",
            "../secrets/x",
            "a/b",
            "a%2fb",
            "a?b",
            "a#b",
            "a b",
            "a\nb",
            "ä",
            "a;b",
            "a\\b",
        ] {
            assert!(object(name).is_err(), "{name}");
            assert!(namespace(name).is_err(), "{name}");
        }
        for plural in ["pods/log", "pods/", "Pods", "..", "pods?x"] {
            assert!(resource("", plural).is_err(), "{plural}");
        }
        assert!(resource("../v1", "pods").is_err());
        assert!(version("v1/namespaces").is_err());
    }

    proptest! {
        #[test]
        fn what_passes_needs_no_encoding_in_a_path(name in ".{0,40}") {
            if object(&name).is_ok() {
                prop_assert!(!name.contains(['/', '%', '?', '#']) && name.is_ascii());
            }
        }
    }
}
