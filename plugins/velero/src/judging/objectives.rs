//! How old the newest good backup of a namespace may be: its recovery point objective, from the operator's settings.
//!
//! ```toml
//! [plugins.velero.settings.objectives]
//! default = "24h"
//! tier_label = "backup-tier"      # a namespace's label that names its tier
//! tiers = { gold = "4h" }
//! namespaces = { shop = "90m" }   # goes before the tier
//! ```

use bulkhead_plugin_sdk::Failure;
use serde_json::{Map, Value};

/// Where nothing is set: a backup a day.
const DEFAULT: &str = "24h";

/// The label that names a namespace's tier where nothing is set.
const TIER_LABEL: &str = "backup-tier";

/// The operator's objectives, checked.
#[derive(Default)]
pub(crate) struct Objectives(Map<String, Value>);

/// What holds for one namespace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Objective<'a> {
    /// As it was set.
    pub(crate) words: &'a str,
    pub(crate) seconds: u64,
    /// Whether it is the namespace's own, by name or by tier.
    pub(crate) own: bool,
    /// A tier that no setting knows.
    pub(crate) unknown_tier: Option<&'a str>,
}

impl Objectives {
    /// Checks what was set.
    ///
    /// # Errors
    /// `Invalid`, with the key, for a key that there is none of and for what is no duration.
    pub(crate) fn check(set: Map<String, Value>) -> Result<Self, Failure> {
        for (key, value) in &set {
            match key.as_str() {
                "default" => duration_at(key, value)?,
                "tiers" | "namespaces" => {
                    let Some(each) = value.as_object() else {
                        return Err(wrong(key, value, "which is no table"));
                    };
                    for (name, value) in each {
                        duration_at(&format!("{key}.{name}"), value)?;
                    }
                }
                "tier_label" if value.is_string() => {}
                "tier_label" => return Err(wrong(key, value, "which is no text")),
                _ => return Err(wrong(key, value, "and there is no such key")),
            }
        }
        Ok(Self(set))
    }

    /// Returns the objective of a namespace: its own, else its tier's, else the default.
    pub(crate) fn of<'a>(&'a self, namespace: &str, labels: &'a Value) -> Objective<'a> {
        let text = |key: &str| self.0.get(key).and_then(Value::as_str);
        let entry = |table: &str, key: &str| self.0.get(table)?.get(key)?.as_str();
        let tier = labels.get(text("tier_label").unwrap_or(TIER_LABEL));
        let tier = tier.and_then(Value::as_str);
        let by_tier = tier.and_then(|tier| entry("tiers", tier));
        let own = entry("namespaces", namespace).or(by_tier);
        let words = own.or_else(|| text("default")).unwrap_or(DEFAULT);
        Objective {
            words,
            seconds: seconds(words).unwrap_or_default(),
            own: own.is_some(),
            unknown_tier: tier.filter(|_| own.is_none()),
        }
    }
}

fn duration_at(key: &str, value: &Value) -> Result<(), Failure> {
    match value.as_str().and_then(seconds) {
        Some(_) => Ok(()),
        None => Err(wrong(key, value, "which is no duration")),
    }
}

fn wrong(key: &str, value: &Value, why: &str) -> Failure {
    Failure::invalid(format!("the setting `objectives.{key}` is `{value}`, {why}")).next_step(
        "tell the operator: `default` and the entries of `tiers` and `namespaces` are durations such as `90m`, `4h` or `7d`, \
         `tier_label` is a label's name",
    )
}

/// Reads a duration of one or more numbers with the units `m`, `h`, `d` or `w`, such as `90m`, `1d12h`; none for nothing, and for
/// anything else.
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    for letter in text.bytes() {
        let unit = match letter {
            b'0'..=b'9' => {
                let digit = u64::from(letter - b'0');
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
                continue;
            }
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::{Objectives, seconds};
    use bulkhead_plugin_sdk::Failure;
    use serde_json::{Value, json};

    fn check(set: &Value) -> Result<Objectives, Failure> {
        Objectives::check(set.as_object().expect("it is a table").clone())
    }

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, expected) in [
            ("24h", Some(86_400)),
            ("90m", Some(5_400)),
            ("1d12h", Some(129_600)),
            ("2w", Some(1_209_600)),
            ("", None),
            ("24", None),
            ("h", None),
            ("0h", None),
            ("4 hours", None),
            ("1h30", None),
            ("-1h", None),
            ("99999999999999999999h", None),
            ("9999999999999999999w", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_goes_before_a_tier_and_a_tier_before_the_default() {
        let objectives = check(&json!({
            "default": "7d", "tiers": { "gold": "4h" }, "namespaces": { "shop": "90m" } }))
        .expect("it fits");
        let words = |name: &str, labels: &Value| {
            let objective = objectives.of(name, labels);
            (objective.words.to_owned(), objective.own)
        };
        let gold = json!({ "backup-tier": "gold" });
        assert_eq!(words("shop", &gold), ("90m".to_owned(), true));
        assert_eq!(words("pay", &gold), ("4h".to_owned(), true));
        assert_eq!(words("pay", &Value::Null), ("7d".to_owned(), false));
    }

    #[test]
    fn nothing_set_is_a_day_and_a_tier_that_nobody_knows_is_said() {
        let objectives = Objectives::default();
        let labels = json!({ "backup-tier": "platinum" });
        let objective = objectives.of("shop", &labels);
        assert_eq!((objective.words, objective.seconds), ("24h", 86_400));
        assert_eq!(objective.unknown_tier, Some("platinum"));
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_key() {
        for (set, key) in [
            (
                json!({ "default": "soon" }),
                "`objectives.default` is `\"soon\"`, which is no duration",
            ),
            (
                json!({ "default": 24 }),
                "`objectives.default` is `24`, which is no duration",
            ),
            (
                json!({ "tiers": { "gold": "4" } }),
                "`objectives.tiers.gold` is `\"4\"`",
            ),
            (
                json!({ "tiers": "4h" }),
                "`objectives.tiers` is `\"4h\"`, which is no table",
            ),
            (
                json!({ "namespaces": { "shop": true } }),
                "`objectives.namespaces.shop` is `true`",
            ),
            (
                json!({ "tier_label": 1 }),
                "`objectives.tier_label` is `1`, which is no text",
            ),
            (
                json!({ "tier": {} }),
                "`objectives.tier` is `{}`, and there is no such key",
            ),
        ] {
            let failure = check(&set).err().expect("it does not fit").to_string();
            assert!(failure.contains(key), "{failure}");
        }
    }
}
