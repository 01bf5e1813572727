//! Which values are harmless even under a name that announces a secret: nothing, a switch, a reference, a path.

use std::sync::LazyLock;

use regex::Regex;

use super::names::Secrecy;

/// Beginnings of references to where a secret is kept.
const REFERENCES: &[&str] = &[
    "arn:",
    "vault:",
    "ref+",
    "op://",
    "sha256:",
    "sha512:",
    "projects/",
    "secret://",
    "file://",
];

/// Absolute paths below these are paths and not base64 that happens to begin with a slash.
const ROOTS: &[&str] = &[
    "/app/",
    "/data/",
    "/dev/",
    "/etc/",
    "/home/",
    "/mnt/",
    "/opt/",
    "/proc/",
    "/root/",
    "/run/",
    "/secrets/",
    "/srv/",
    "/tmp/",
    "/usr/",
    "/var/",
    "/vault/",
    "./",
    "../",
    "~/",
];

/// Ways to log in, and other words that say how rather than what.
const KINDS: &str = "\
    anonymous aws azure basic bearer cert default digest env expired failed gcp iam invalid jwt kubernetes ldap md5 missing mtls oauth oauth2 oidc ok opaque password \
    saml scram-sha-256 token trust valid x509";

/// Words with which a sentence goes on after `token: ` or `password: `.
const PROSE: &str = "\
    a access admission already an and argument authentication bad can cannot connection contains context \
    could crypto denied deadline dial does empty encoding eof error exec expected expired failed failure \
    field flag forbidden found from get has http if in incorrect internal invalid is it json malformed may \
    mismatch missing must no none not ok open option or operation parse permission post read rejected request \
    required requires rpc secret secrets should square stat the this timed timeout to token too unable \
    unauthorized unexpected unknown unsupported was wrong x509 yaml you your";

/// The words of [`PROSE`] with their punctuation, in bytes.
const MAX_WORD: usize = 32;

/// Switches, references and paths are shorter. What is longer is hidden, and so is passed over: what is harmless is read
/// again for each of the names in it.
pub(super) const MAX_HARMLESS: usize = 512;

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:",
        r"true|false|yes|no|on|off|none|null|nil|~|undefined|unset|empty|enabled|disabled|\[\]|\{\}|", // switches
        r"[*•]+|x{3,}|\[?redacted\]?|\[hidden\]|\[filtered\]|\d+ bytes|",                                       // masks of others
        r"<(?:redacted(?: \d+ bytes)?|none|unset|nil|hidden|masked|your[ _-][a-z _-]+|[a-z]+[ _-](?:here|placeholder))>|",
        r"\$[a-z_][a-z0-9_]*|\$\{[^{}]*\}|\$\([^()]*\)|\$\$?\(|",   // variables
        r"\{\{.*\}\}|%[sdvq]|%\([a-z_]+\)s",                       // templates
        r")$",
    ))
    .expect("the pattern is constant and tested")
});
static OBJECT_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
        .expect("the pattern is constant and tested")
});
static VERSION_OR_PORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:v?[0-9]+(?:\.[0-9]+)*(?:[-+.][0-9A-Za-z.-]+)?|[0-9]{1,5}/.*|latest|//.*)$")
        .expect("the pattern is constant and tested")
});

/// Returns whether `value` gives nothing away under a name of this secrecy.
pub(super) fn is_harmless(value: &str, secrecy: Secrecy) -> bool {
    let value = value.trim();
    if value.len() > MAX_HARMLESS {
        return false;
    }
    if value.is_empty() || HARMLESS.is_match(value) || is_path(value) {
        return true;
    }
    if REFERENCES.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    match secrecy {
        Secrecy::Sure => false,
        Secrecy::Likely => {
            let lower = value.to_ascii_lowercase();
            // Counts: of tokens, of tests that pass.
            (value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit()))
                || KINDS.split(' ').any(|kind| kind == lower)
                || ((lower.starts_with("http://") || lower.starts_with("https://"))
                    && !value.contains(['@', '?']))
        }
    }
}

fn is_path(value: &str) -> bool {
    ROOTS.iter().any(|root| value.starts_with(root)) && !value.contains(['+', '=', ' ', '\n'])
}

/// Returns whether `value` is `namespace/name`, as structured logs write an object.
pub(super) fn is_object_name(value: &str) -> bool {
    OBJECT_NAME.is_match(value)
}

/// Returns whether `value` is a tag, a version or a port, as after the colon of `token-server:1.4`.
pub(super) fn is_version_or_port(value: &str) -> bool {
    VERSION_OR_PORT.is_match(value)
}

/// Returns whether `line` goes on as a sentence: `must be set`, `not found`, `rpc error: …`. One word alone is a
/// sentence only if `may_be_one_word`.
pub(super) fn is_prose(line: &str, may_be_one_word: bool) -> bool {
    let line = line.trim_start();
    // No word of prose is longer, and a line without spaces is not read again for each name in it.
    let length = line
        .char_indices()
        .take(MAX_WORD)
        .find(|(_, c)| c.is_whitespace())
        .map_or(line.len(), |(at, _)| at);
    if length > MAX_WORD {
        return false;
    }
    let (first, rest) = line.split_at(length);
    let word = first.trim_end_matches([':', ',', '.', ';', ')', '"', '\'']);
    let goes_on = !rest.trim_start().is_empty() || word.len() < first.len();
    (goes_on || may_be_one_word)
        && PROSE
            .split(' ')
            .any(|prose| prose.eq_ignore_ascii_case(word))
}

/// Returns whether `value` looks like something that a machine made up.
pub(super) fn looks_made_up(value: &str) -> bool {
    value.len() >= 20
        || (value.len() >= 8
            && value.contains(|c: char| c.is_ascii_digit())
            && value.contains(char::is_alphabetic))
}
