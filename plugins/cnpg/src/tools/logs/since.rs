//! How far back a log is read, as a person says it: `15m`, `2h`, `1h30m`, `1d`.

use bulkhead_plugin_sdk::Failure;

/// Reads a span into seconds, at least one.
///
/// # Errors
/// `Invalid` for anything else, and for more than what the server takes.
pub(super) fn seconds(text: &str) -> Result<u32, Failure> {
    let read = total(text).and_then(|seconds| i32::try_from(seconds).ok());
    let seconds = read.and_then(|seconds| u32::try_from(seconds).ok());
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
        Failure::invalid(format!("`since` is `{text}`, which is no span of time"))
            .next_step("write it as 15m, 2h, 1h30m or 1d")
    })
}

fn total(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            let so_far = number.unwrap_or(0);
            number = Some(so_far.checked_mul(10)?.checked_add(u64::from(digit))?);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    // A number without unit may mean anything.
    number.is_none().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_span_is_numbers_with_units_and_nothing_else() {
        let read = |text| seconds(text).ok();
        assert_eq!(read("15m"), Some(900));
        assert_eq!(read("1h30m"), Some(5400));
        assert_eq!(read("2d"), Some(172_800));
        for text in [
            "",
            "15",
            "m",
            "0s",
            "-5m",
            "15 m",
            "1w",
            "99999999999d",
            "25000d",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
