//! Kubernetes' quantities as whole numbers, to say by how much one grows.

use serde_json::Value;

/// In billionths: no quantity is finer than `1n`.
const ONE: i128 = 1_000_000_000;

/// A growth in percent, rounded down; none where either is no amount, where it does not grow, and where it grows from nothing
/// but a count, which counts as growing from one.
pub(super) fn growth_percent(before: &Value, after: &Value) -> Option<i128> {
    let (old, new) = (amount(before)?, amount(after)?);
    let base = match old {
        0 if before.is_number() => ONE,
        old => old,
    };
    if base <= 0 || new <= base {
        return None;
    }
    Some((new - base).checked_mul(100)? / base)
}

fn amount(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => quantity(&number.to_string()),
        Value::String(text) => quantity(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads `1`, `0.5`, `250m`, `1Gi`, `2e3`; what is finer than a billionth is cut off.
fn quantity(text: &str) -> Option<i128> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let digits = format!("{whole}{fraction:0<9}");
    let finer = fraction.len().saturating_sub(9);
    let billionths: i128 = digits.get(..digits.len() - finer)?.parse().ok()?;
    let (times, over) = scale(suffix)?;
    Some(billionths.checked_mul(times)? / over)
}

/// What a suffix multiplies by, and divides by.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, ONE),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => (1000, 1),
        "M" => (1000_i128.pow(2), 1),
        "G" => (1000_i128.pow(3), 1),
        "T" => (1000_i128.pow(4), 1),
        "P" => (1000_i128.pow(5), 1),
        "E" => (1000_i128.pow(6), 1),
        "Ki" => (1024, 1),
        "Mi" => (1024_i128.pow(2), 1),
        "Gi" => (1024_i128.pow(3), 1),
        "Ti" => (1024_i128.pow(4), 1),
        "Pi" => (1024_i128.pow(5), 1),
        "Ei" => (1024_i128.pow(6), 1),
        exponent => {
            let power: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let factor = 10_i128.checked_pow(power.unsigned_abs())?;
            if power < 0 { (1, factor) } else { (factor, 1) }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_of_different_units_compare() {
        for (before, after, percent) in [
            (json!(1), json!(6), Some(500)),
            (json!("100m"), json!("0.6"), Some(500)),
            (json!("100m"), json!("601m"), Some(501)),
            (json!("1Gi"), json!("6144Mi"), Some(500)),
            (json!("1G"), json!("1Gi"), Some(7)),
            (json!("1e3"), json!("2k"), Some(100)),
            (json!("500m"), json!(2), Some(300)),
            (json!("1"), json!("8E"), Some(799_999_999_999_999_999_900)),
            (json!(0), json!(3), Some(200)),
            (json!("0"), json!("1Gi"), None),
            (json!(3), json!(1), None),
            (json!("a"), json!("b"), None),
            (json!(null), json!(3), None),
            (json!("1.0000000001"), json!("2"), Some(100)),
        ] {
            assert_eq!(
                growth_percent(&before, &after),
                percent,
                "{before} to {after}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(before in "[0-9.]{0,40}[a-zA-Z]{0,2}[0-9-]{0,12}", after in ".{0,20}") {
            growth_percent(&json!(before), &json!(after));
            growth_percent(&json!(after), &json!(before));
        }
    }
}
