//! Kubernetes' quantities as whole numbers, to say by how much one grows.
//!
//! What cannot be read is told as such: no spelling of an amount may look as if nothing grew.

use serde_json::Value;

/// In billionths: no quantity is finer than `1n`.
const ONE: i128 = 1_000_000_000;

/// By how much an amount grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// It is gone, falls or stays, or a count grows from none to one.
    None,
    /// In percent, rounded down; a count of none counts as one.
    Percent(i128),
    /// There was no amount, or none of a quantity: no percentage can be told.
    FromNothing,
    /// One of the two is no amount that can be read.
    Unreadable,
}

/// Compares what stood at a place with what stands there now; none is nothing.
pub(super) fn growth(before: Option<&Value>, after: Option<&Value>) -> Growth {
    let Some(after) = after.filter(|value| !value.is_null()) else {
        return Growth::None;
    };
    let Some(new) = amount(after) else {
        return Growth::Unreadable;
    };
    let Some(before) = before.filter(|value| !value.is_null()) else {
        return if new > 0 {
            Growth::FromNothing
        } else {
            Growth::None
        };
    };
    let Some(old) = amount(before) else {
        return Growth::Unreadable;
    };
    let base = match old {
        0 if before.is_number() => ONE,
        old => old,
    };
    if new <= old || (base > 0 && new <= base) {
        return Growth::None;
    }
    if base <= 0 {
        return Growth::FromNothing;
    }
    let hundredfold = (new - base).checked_mul(100);
    Growth::Percent(hundredfold.map_or(i128::MAX, |growth| growth / base))
}

fn amount(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => quantity(&number.to_string()),
        Value::String(text) => quantity(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads `1`, `0.5`, `+250m`, `1Gi`, `2e3`. What is finer than a billionth is cut off; what is beyond all bounds is as much as
/// there can be.
fn quantity(text: &str) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
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
    Some(sign * (billionths.saturating_mul(times) / over))
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
            let factor = 10_i128.saturating_pow(power.unsigned_abs());
            if power < 0 { (1, factor) } else { (factor, 1) }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn grown(before: &Value, after: &Value) -> Growth {
        growth(Some(before), Some(after))
    }

    #[test]
    fn amounts_of_different_units_compare() {
        for (before, after, expected) in [
            (json!(1), json!(6), Growth::Percent(500)),
            (json!("100m"), json!("0.6"), Growth::Percent(500)),
            (json!("100m"), json!("601m"), Growth::Percent(501)),
            (json!("1Gi"), json!("6144Mi"), Growth::Percent(500)),
            (json!("1Gi"), json!("+6Gi"), Growth::Percent(500)),
            (json!("1G"), json!("1Gi"), Growth::Percent(7)),
            (json!("1e3"), json!("2k"), Growth::Percent(100)),
            (json!("1e3"), json!("2e+3"), Growth::Percent(100)),
            (json!("500m"), json!(2), Growth::Percent(300)),
            (
                json!("1"),
                json!("8E"),
                Growth::Percent(799_999_999_999_999_999_900),
            ),
            (json!("1.0000000001"), json!("2"), Growth::Percent(100)),
            (json!(0), json!(3), Growth::Percent(200)),
            (json!(0), json!(1), Growth::None),
            (json!(3), json!(1), Growth::None),
            (json!(3), json!("3"), Growth::None),
            (json!(3), json!(-1), Growth::None),
        ] {
            assert_eq!(grown(&before, &after), expected, "{before} to {after}");
        }
    }

    #[test]
    fn what_is_beyond_all_bounds_grows_beyond_all_bounds() {
        for after in [json!("1e40"), json!(1e40), json!("1e2000000000")] {
            assert_eq!(
                grown(&json!("1"), &after),
                Growth::Percent(i128::MAX),
                "{after}"
            );
        }
    }

    #[test]
    fn from_nothing_there_is_no_percentage() {
        for before in [
            None,
            Some(json!(null)),
            Some(json!("0")),
            Some(json!("1e-40")),
            Some(json!(-1)),
        ] {
            let grown = growth(before.as_ref(), Some(&json!("+6Ti")));
            assert_eq!(grown, Growth::FromNothing, "{before:?}");
        }
        assert_eq!(growth(None, Some(&json!("0"))), Growth::None);
        assert_eq!(growth(Some(&json!(3)), None), Growth::None);
        assert_eq!(growth(Some(&json!(3)), Some(&json!(null))), Growth::None);
    }

    #[test]
    fn what_cannot_be_read_is_no_small_amount() {
        let long = format!("1{}e-20", "0".repeat(60));
        for text in ["", "a", "1x", "1.2.3", "++1", "1e", "1e99999999999", &long] {
            assert_eq!(
                grown(&json!("1"), &json!(text)),
                Growth::Unreadable,
                "{text}"
            );
            assert_eq!(
                grown(&json!(text), &json!("1")),
                Growth::Unreadable,
                "{text}"
            );
        }
        assert_eq!(growth(None, Some(&json!(true))), Growth::Unreadable);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(before in "[+-]?[0-9.]{0,40}[a-zA-Z]{0,2}[0-9-]{0,12}", after in ".{0,20}") {
            grown(&json!(before), &json!(after));
            grown(&json!(after), &json!(before));
        }

        #[test]
        fn a_larger_number_never_looks_as_if_it_fell(small in 1_u32.., more in 1_u32.., unit in "[numkMGTPE]|[KMGTPE]i|") {
            let large = u64::from(small) + u64::from(more);
            let (before, after) = (json!(format!("{small}{unit}")), json!(format!("{large}{unit}")));
            prop_assert_ne!(grown(&before, &after), Growth::None);
            prop_assert_eq!(grown(&after, &before), Growth::None);
        }
    }
}
