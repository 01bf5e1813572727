//! From TOML to JSON, for what is handed on to plugins.
//!
//! What JSON cannot hold is reported: a plugin must never get another value than the operator wrote.

use serde_json::Value;
use toml::de::{DeInteger, DeTable, DeValue};

use super::super::problem::{Place, Report, join};

/// Returns the number, or `None` where it needs more than 64 bits.
pub(super) fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Returns the table as a JSON object.
pub(super) fn object(
    table: &DeTable<'_>,
    place: &Place,
    report: &mut Report<'_>,
) -> serde_json::Map<String, Value> {
    let mut object = serde_json::Map::new();
    for (key, value) in table {
        let place = Place {
            key: join(&place.key, key.get_ref()),
            span: Some(value.span()),
        };
        object.insert(
            key.get_ref().to_string(),
            json(value.get_ref(), &place, report),
        );
    }
    object
}

/// TOML's parser bounds how deep values nest, so this recursion is bounded too.
fn json(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(elements) => elements
            .iter()
            .map(|element| json(element.get_ref(), place, report))
            .collect(),
        DeValue::Table(table) => Value::Object(object(table, place, report)),
        DeValue::Integer(number) => whole(number).map_or_else(
            || {
                report.add(
                    place,
                    "the number needs more than 64 bits",
                    "write it as a text, in quotes",
                );
                Value::Null
            },
            Value::from,
        ),
        DeValue::Float(number) => {
            let number = number
                .as_str()
                .parse()
                .ok()
                .and_then(serde_json::Number::from_f64);
            if number.is_none() {
                report.add(
                    place,
                    "JSON has neither infinity nor not-a-number",
                    "write it as a text, in quotes",
                );
            }
            number.map_or(Value::Null, Value::Number)
        }
    }
}
