//! Label selectors, as the API server understands them.

use bulkhead_plugin_sdk::Object;
use serde_json::Value;

/// Whether labels fit a selector. One that is not there, or empty, fits all; one that cannot be understood fits none.
pub(crate) fn fits(selector: &Value, labels: &Value) -> bool {
    let selector = Object(selector);
    let wanted = selector.part("/matchLabels").0.as_object();
    let mut wanted = wanted.into_iter().flatten();
    wanted.all(|(key, value)| labels.get(key) == Some(value))
        && selector
            .items("/matchExpressions")
            .all(|rule| rule_fits(rule, labels))
}

fn rule_fits(rule: Object<'_>, labels: &Value) -> bool {
    let label = labels.get(rule.text("/key"));
    let among = || {
        let values = rule.part("/values").0.as_array();
        values.is_some_and(|values| values.iter().any(|value| Some(value) == label))
    };
    match rule.text("/operator") {
        "In" => among(),
        "NotIn" => !among(),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        _ => false,
    }
}
