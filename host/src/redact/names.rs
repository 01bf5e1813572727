//! Which names (keys, environment variables, flags, headers, columns) announce a secret.
//!
//! A name is split into its words, so that `tokenTTL`, `TOKEN_TTL` and `token-ttl` are the same to the rules. What is
//! not known to be harmless counts as secret: a hidden name of a Secret costs less than a shown password.

use std::sync::LazyLock;

use regex::Regex;

use super::edits::cut;

/// Names in Kubernetes are shorter. Of a longer one only the end counts, which says what it is.
const MAX_NAME: usize = 512;

/// How much a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Secrecy {
    /// May also stand for a name, a kind or a word of prose: `token`, `secret`, `auth`.
    Likely,
    /// Stands for the secret itself: `password`, `apiKey`.
    Sure,
}

/// Part of the names that can announce a secret. Everything in [`secrecy`] contains one of these.
pub(super) const STEMS: &str = "pass|pwd|secret|token|key|cred|dsn|auth|conn|jwt|cookie|bearer|dockerc|id_rsa|id_ed25519|id_ecdsa";

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static STEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("(?i:{STEMS})")).expect("the pattern is constant and tested")
});

const PASSWORDS: &str = "password passwords passwd pwd passphrase passcode userpass dbpass";

/// Ends of words that were written together, as in `PGPASSWORD` or `dbpassword`.
const JOINED: &str = "\
    password passwd passphrase apikey accesskey secretkey privatekey accountkey connectionstring clientsecret \
    dockerconfigjson dockercfg";

const LIKELY: &str = "\
    secret secrets token tokens authtoken accesstoken credential credentials cred creds authorization dsn jwt \
    bearer";

/// Words that make a `key` that follows them a secret one.
const KEYS: &str = "\
    access account api app auth ca client deploy encryption license master private secret server session \
    shared signing ssh storage tls";

/// Words after which a name speaks about a secret and no longer holds it.
const ABOUT: &str = "\
    account accounts action age alg algorithm algorithms allowed annotation annotations arn at attempts \
    audience audiences authentication authenticator backend bucket budget cache change changed check checksum \
    class column complexity config controller count date days description dir directory disabled domain \
    driver duration enable enabled encryption endpoint endpoints engine error errors event events expiration \
    expire expires expiry field fields file filename files format generator group groups header headers help \
    hint history host hours id ids index interval issuer kind label labels len length lifetime limit limits \
    location lookup manager max mechanism message method methods min minutes mode mount name names namespace \
    operator owner path paths plugin policies policy prefix provider proxy rate reason ref reference refs \
    region request requests required reset resource resources retries retry review reviewer reviews role \
    roles rotate rotation scope scopes seconds selector server service size source sources state status \
    storage store strength suffix sync syncs template time timeout timestamp ttl type types uid uri url urls \
    usage user username validation validator verification version versions volume webhook";

/// File name endings of texts that have their own structure, and are cleaned as texts.
const FILES: &str = "\
    cfg cnf conf crt css go html ini java js json md php properties pub py rb rs sh sql tmpl toml tpl ts xml \
    yaml yml";

/// Words before `secret` or `tokens` that make it the name of a Secret object, or a number.
const NAMED: &str =
    "ca cert certificate completion existing inject max min num prompt pull tls total";

/// Returns how surely the value under this name is a secret; `None` if it is not.
pub(super) fn secrecy(name: &str) -> Option<Secrecy> {
    if !STEM.is_match(name) && name.is_ascii() {
        return None;
    }
    let (prefix, local) = name.rsplit_once('/').unwrap_or(("", name));
    let long = local.len().saturating_sub(MAX_NAME);
    let local = cut(local, local.ceil_char_boundary(long)..local.len());
    let words = words(local);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if prefix.ends_with("checksum") || is_structured_file(local, &words) {
        return None;
    }
    // `ingress.kubernetes.io/auth-secret`: annotations name Secret objects.
    let annotation = prefix.contains('.');
    // What stands before the last word of `ABOUT` announces nothing, so it is not looked at.
    let from = words
        .iter()
        .rposition(|word| listed(ABOUT, word))
        .unwrap_or(0);
    let named = words
        .iter()
        .position(|word| listed(NAMED, word))
        .unwrap_or(words.len());
    (from..words.len())
        .filter_map(|at| at_word(&words, at, annotation, named < at))
        .max()
}

/// How surely the word at `at` announces a secret, behind which none of [`ABOUT`] stands.
fn at_word(words: &[&str], at: usize, annotation: bool, is_named: bool) -> Option<Secrecy> {
    let word = *words.get(at)?;
    let before = words.get(..at).unwrap_or_default();
    let after = words.get(at + 1..).unwrap_or_default();
    let previous = before.last().copied().unwrap_or_default();
    if listed(PASSWORDS, word) || JOINED.split(' ').any(|end| word.ends_with(end)) {
        // `passwordKey` is the key of a Secret under which the password stands.
        return (after != ["key"]).then_some(Secrecy::Sure);
    }
    match word {
        // `PassWord`
        "word" | "phrase" | "code" if previous == "pass" => Some(Secrecy::Sure),
        // Alone it may be the result of a test.
        "pass" if after.is_empty() && before.is_empty() => Some(Secrecy::Likely),
        "pass" if after.is_empty() => Some(Secrecy::Sure),
        "key" if listed(KEYS, previous) || after == ["data"] => Some(Secrecy::Sure),
        "key" if before.is_empty() && after == ["pem"] => Some(Secrecy::Sure),
        "string" | "str" if matches!(previous, "connection" | "conn") => Some(Secrecy::Sure),
        "rsa" | "ecdsa" | "ed" if before == ["id"] && after.is_empty() => Some(Secrecy::Sure),
        "auth" if after.is_empty() => Some(Secrecy::Likely),
        "cookie" if after.is_empty() && matches!(previous, "" | "set" | "session" | "auth") => {
            Some(Secrecy::Likely)
        }
        "secret" | "secrets" | "tokens" if is_named => None,
        "secret" | "secrets" if annotation || after == ["hash"] => None,
        _ if listed(LIKELY, word) => Some(Secrecy::Likely),
        _ => None,
    }
}

fn is_structured_file(name: &str, words: &[&str]) -> bool {
    name.contains('.') && words.len() > 1 && words.last().is_some_and(|word| listed(FILES, word))
}

/// Returns whether `word` is one of the words of `list`, which are parted by spaces.
fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// Splits at everything that is no letter or digit and where camel case begins a word: `DBPassword2` is `db`,
/// `password`. Digits at the end of a word are dropped, invisible characters do not count.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name
        .chars()
        .filter(|c| !super::patterns::is_invisible(*c))
        .collect();
    let mut words = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let previous = at.checked_sub(1).and_then(|at| chars.get(at));
        let after_small = previous.is_some_and(|p| p.is_lowercase() || p.is_ascii_digit());
        let before_small = chars.get(at + 1).is_some_and(|n| n.is_lowercase());
        let after_big = previous.is_some_and(|p| p.is_uppercase());
        if c.is_uppercase() && (after_small || (after_big && before_small)) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
        .iter()
        .map(|word| {
            word.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect()
}
