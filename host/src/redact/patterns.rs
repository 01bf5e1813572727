//! Credentials that can be told by their own form: keys of clouds and forges, JWTs, private keys, passwords in URLs.
//!
//! Every pattern has one group, which is what gets masked; the text around it says what it was and stays.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::edits::Edits;
use super::names::{STEMS, Secrecy};
use super::values;

/// What a match has to pass besides its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// The pattern is proof enough.
    Sure,
    /// The group must look like a value and not like a word, a variable or a mask.
    MadeUp,
    /// The group must not be a variable, a switch or a mask.
    NotHarmless,
    /// The group is the password of a URL, and must not be the port of one with an `@` in its path.
    NotPort,
}

const PATTERNS: &[(Check, &str)] = &[
    // Private keys: whole, or cut off at the end of a log. `\n` may be written as two characters.
    (
        Check::NotHarmless,
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----((?s:.*?))-----END",
    ),
    (
        Check::NotHarmless,
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----((?:(?:\s|\\+[nr])+[A-Za-z0-9+/=:,-]{8,})*(?:(?:\s|\\+[nr])+[A-Za-z0-9+/=]{1,7}\s*\z)?)",
    ),
    (Check::Sure, r"\b(AGE-SECRET-KEY-1[A-Z0-9]{20,})"),
    // JWT and JWE, also cut off.
    (
        Check::Sure,
        r"\b(eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4})",
    ),
    // Clouds.
    (Check::Sure, r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})\b"),
    (Check::Sure, r"\b(AIza[0-9A-Za-z_-]{30,})"),
    (Check::Sure, r"\b(ya29\.[0-9A-Za-z_-]{10,})"),
    (Check::Sure, r"\b(GOCSPX-[0-9A-Za-z_-]{10,})"),
    (Check::Sure, r"\b(do[opr]_v1_[0-9a-f]{20,})"),
    (Check::Sure, r"\b(dapi[0-9a-f]{32})"),
    // Forges, registries, and other services.
    (Check::Sure, r"\b(gh[pousr]_[A-Za-z0-9]{16,})"),
    (Check::Sure, r"\b(github_pat_[A-Za-z0-9_]{16,})"),
    (
        Check::Sure,
        r"\b(gl(?:pat|ptt|dt|rt|cbt|soat|ft|agent|imt)-[A-Za-z0-9_.-]{16,})",
    ),
    (
        Check::Sure,
        r"\b(xox[abcdeoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{8,})",
    ),
    (Check::Sure, r"\b(xapp-[0-9]-[A-Za-z0-9-]{8,})"),
    (
        Check::Sure,
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{8,})",
    ),
    (
        Check::Sure,
        r"discord(?:app)?\.com/api/webhooks/[0-9]+/([A-Za-z0-9_-]{16,})",
    ),
    (Check::Sure, r"\b((?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,})"),
    (Check::Sure, r"\b(whsec_[A-Za-z0-9+/=]{16,})"),
    (Check::Sure, r"\b(npm_[A-Za-z0-9]{30,})"),
    (Check::Sure, r"\b(pypi-[A-Za-z0-9_-]{16,})"),
    (
        Check::Sure,
        r"\b(sk-(?:ant|proj|svcacct|admin|or)-[A-Za-z0-9_-]{12,})",
    ),
    (Check::MadeUp, r"\b(sk-[A-Za-z0-9]{20,})"),
    (Check::Sure, r"\b(hf_[A-Za-z0-9]{20,})"),
    (
        Check::Sure,
        r"\b(SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
    ),
    (Check::Sure, r"\b(hv[sbr]\.[A-Za-z0-9_-]{20,})"),
    (Check::Sure, r"\b(dckr_pat_[A-Za-z0-9_-]{16,})"),
    (Check::Sure, r"\b(gl(?:sa|c)_[A-Za-z0-9_+/=]{20,})"),
    (
        Check::Sure,
        r"\b([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,})",
    ),
    (Check::Sure, r"\b([0-9]{8,10}:AA[A-Za-z0-9_-]{32,})"),
    // HTTP. A scheme is followed by a credential, or by prose.
    (
        Check::MadeUp,
        r"(?i)\b(?:bearer|basic|negotiate)(?:\s|%20|\+)+([A-Za-z0-9._~+/=-]{6,})",
    ),
    // URLs: the password up to the last `@`; one with slashes only where the scheme always has credentials there.
    (
        Check::NotPort,
        r#"(?i)\b[a-z][a-z0-9+.-]*:(?:\\?/){2}[^\s:@/"'<>]*:([^\s"'`/]+)@"#,
    ),
    (
        Check::NotPort,
        r#"(?i)\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse|nats|ldaps?|s?ftp|smtps?)(?:\+[a-z0-9]+)?://[^\s:@/"'<>]*:([^\s"'`]+)@"#,
    ),
    (
        Check::MadeUp,
        r#"(?i)\b[a-z][a-z0-9+.-]*://([A-Za-z0-9_-]{16,}):?@"#,
    ),
    (
        Check::NotHarmless,
        r"\b[A-Za-z0-9_.-]+:([^\s'`]+)@(?:tcp|unix|udp)\(",
    ),
    (
        Check::NotHarmless,
        r"(?i)[?&;](?:sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token))=([^\s&;#]+)",
    ),
    (Check::Sure, r"(?i)\bSignature=([0-9a-f]{8,})"),
    // Programs whose short options take a password: the first such option, since the next may be another program's.
    (
        Check::NotHarmless,
        r"\b(?:mysql(?:dump|admin|import)?|mariadb(?:-dump|-admin)?)\s(?:[^\n]*?\s)??-p([^\s]+)",
    ),
    (
        Check::NotHarmless,
        r#"\b(?:curl|wget)\s(?:[^\n]*?\s)??(?:-u|--user|--proxy-user)[ =]?["']?[^\s:"']+:([^\s"']+)"#,
    ),
    (
        Check::NotHarmless,
        r#"\b(?:sshpass\s+-p|redis-cli\s(?:[^\n]*?\s)??-a)\s*["']?([^\s"']+)"#,
    ),
    (
        Check::NotHarmless,
        r#"\b(?:docker|podman|nerdctl|helm\sregistry|oras|crane|buildah|skopeo)\s+(?:[^\n]*?\s)??login\s(?:[^\n]*?\s)??-p[ =]?["']?([^\s"']+)"#,
    ),
    // Other words for it.
    (
        Check::NotHarmless,
        r#"\b(?:requirepass|masterauth)\s+["']?([^\s"']+)"#,
    ),
    (Check::NotHarmless, r"(?i)\blogin\s+\S+\s+password\s+(\S+)"),
    (
        Check::NotHarmless,
        r"(?i)\b(?:password|identified(?:\s+with\s+\S+)?\s+(?:by|as))\s+'([^'\n]+)'",
    ),
    (
        Check::NotHarmless,
        r"(?i)<(?:[a-z0-9]+[:.-])*(?:[a-z]*password|passphrase|(?:client|api)?-?secret|(?:access|auth|api)?-?token|(?:api|private|secret|access)-?key)>([^<]+)<",
    ),
];

/// Returns the pattern with boundaries of ASCII words. With those of all scripts, one letter that is not ASCII takes the
/// rest of the text to an engine that is a hundred times slower. What follows such a letter is found too.
fn with_ascii_words(pattern: &str) -> String {
    pattern.replace(r"\b", r"(?-u:\b)")
}

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static COMPILED: LazyLock<Vec<(Check, Regex)>> = LazyLock::new(|| {
    PATTERNS
        .iter()
        .map(|(check, pattern)| {
            let pattern = Regex::new(&with_ascii_words(pattern));
            (*check, pattern.expect("the pattern is constant and tested"))
        })
        .collect()
});
// One pass tells which patterns are worth running.
static ANY: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(
        PATTERNS
            .iter()
            .map(|(_, pattern)| with_ascii_words(pattern)),
    )
    .expect("the patterns are constant and tested")
});
/// What every finding of this module, of pairs and of base64 contains. Most texts have none of it.
static TRIGGER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i:{STEMS}|://|:\\/\\/|@(?:tcp|unix|udp)\(|[?&;](?:sig|x-)|signature=|basic|negotiate|identified|mysql|mariadb|curl|wget|redis-cli|login|\\u00)|eyJ|xox|xapp-|gl[a-z]+[-_]|sk-|SG\.|hv[sbr]\.|ya29|hooks\.slack|[A-Za-z0-9+/_]{{16}}|[\u{{80}}-\u{{10ffff}}\u{{1b}}\u{{0}}-\u{{8}}\u{{7f}}]"
    ))
    .expect("the pattern is constant and tested")
});
static INVISIBLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"\u{{1b}}\[[0-9;?]*[A-Za-z]|[{INVISIBLE_CHARS}]"))
        .expect("the pattern is constant and tested")
});

/// Characters that are not seen, and so could split a word that a pattern looks for.
const INVISIBLE_CHARS: &str = r"\u{0}-\u{8}\u{7f}\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{fe00}-\u{fe0f}\u{feff}";

/// Returns false only for a text in which nothing would be found. Cheap.
pub(super) fn may_hold_a_secret(text: &str) -> bool {
    TRIGGER.is_match(text)
}

/// Returns whether `c` takes no place on the screen.
pub(super) fn is_invisible(c: char) -> bool {
    let mut buffer = [0; 4];
    !c.is_ascii_alphanumeric() && INVISIBLE.is_match(c.encode_utf8(&mut buffer))
}

/// Removes invisible characters and the colours of terminals.
pub(super) fn without_invisible(text: &str) -> Cow<'_, str> {
    INVISIBLE.replace_all(text, "")
}

/// Masks every credential that is known by its form. `None` if there is none.
pub(super) fn clean(text: &str) -> Option<String> {
    let found = ANY.matches(text);
    if !found.matched_any() {
        return None;
    }
    let mut cleaned: Option<String> = None;
    for (check, pattern) in found.iter().filter_map(|index| COMPILED.get(index)) {
        let current = cleaned.as_deref().unwrap_or(text);
        if let Some(masked) = mask(current, *check, pattern) {
            cleaned = Some(masked);
        }
    }
    cleaned
}

fn mask(text: &str, check: Check, pattern: &Regex) -> Option<String> {
    let mut edits = Edits::default();
    for captures in pattern.captures_iter(text) {
        if let Some(group) = captures.get(1)
            && passes(check, group.as_str())
        {
            edits.mask(group.range());
        }
    }
    edits.apply(text)
}

fn passes(check: Check, value: &str) -> bool {
    match check {
        Check::Sure => true,
        Check::NotHarmless => !values::is_harmless(value, Secrecy::Sure),
        Check::MadeUp => !values::is_harmless(value, Secrecy::Sure) && values::looks_made_up(value),
        Check::NotPort => {
            !values::is_harmless(value, Secrecy::Sure) && !values::is_version_or_port(value)
        }
    }
}
