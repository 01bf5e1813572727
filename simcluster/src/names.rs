//! Names of objects: which are allowed, and those that the server makes up.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// The letters that Kubernetes takes for the ends of names: none that makes a word.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Letters that are the same for the same seed in every run.
pub(crate) fn suffix(seed: impl Hash, length: usize) -> String {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    let mut rest = hasher.finish();
    let count = ALPHABET.len() as u64;
    let mut letters = String::new();
    for _ in 0..length {
        let index = usize::try_from(rest % count).expect("below the number of letters");
        letters.push(char::from(ALPHABET[index]));
        rest /= count;
    }
    letters
}

/// Why the name of an object is not allowed, in the server's words; none if it is.
pub(crate) fn problem(name: &str, group: &str) -> Option<&'static str> {
    // Roles are named as `system:node`; they only have to fit into a path.
    if group == "rbac.authorization.k8s.io" {
        return name
            .contains(['/', '%'])
            .then_some("may not contain '/' or '%'");
    }
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes
            .iter()
            .all(|byte| is_alphanumeric(*byte) || *byte == b'-')
            && bytes.first().copied().is_some_and(is_alphanumeric)
            && bytes.last().copied().is_some_and(is_alphanumeric)
    };
    if name.len() > 253 {
        return Some("must be no more than 253 bytes");
    }
    (!name.split('.').all(is_label)).then_some(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
         and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
         '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    )
}

#[cfg(test)]
mod tests {
    use super::{problem, suffix};

    #[test]
    fn names_are_what_the_real_server_takes() {
        for good in ["a", "a-b.c0", "0"] {
            assert_eq!(problem(good, ""), None, "{good}");
        }
        for bad in ["", "A", "a_b", "-a", "a-", "a..b", "a.", &"a".repeat(254)] {
            assert!(problem(bad, "").is_some(), "{bad}");
        }
        assert_eq!(problem("system:node", "rbac.authorization.k8s.io"), None);
        assert!(problem("a/b", "rbac.authorization.k8s.io").is_some());
    }

    #[test]
    fn a_made_up_suffix_depends_on_its_seed_alone() {
        assert_eq!(suffix(("a", 1), 5).len(), 5);
        assert_eq!(suffix(("a", 1), 5), suffix(("a", 1), 5));
        assert_ne!(suffix(("a", 1), 5), suffix(("a", 2), 5));
    }
}
