//! Durations as Go writes them, which is how Velero takes a `ttl` and the distance of `@every`: `720h`, `1h30m`, `1.5h`.
//!
//! There is no unit above hours: `30d` is none (`time.ParseDuration`).

use bulkhead_plugin_sdk::Failure;

/// The units in nanoseconds. Go takes both letters that look like a small mu.
const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Returns the nanoseconds; none for what is no duration of Go's, or more than 292 years.
pub(crate) fn nanoseconds(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let (whole, more) = digits(rest);
        let (part, more) = more.strip_prefix('.').map_or(("", more), digits);
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let end = more.find(|c: char| c == '.' || c.is_ascii_digit());
        let (unit, more) = more.split_at(end.unwrap_or(more.len()));
        let (_, mut unit) = *UNITS.iter().find(|(name, _)| *name == unit)?;
        let whole: i64 = match whole {
            "" => 0,
            digits => digits.parse().ok()?,
        };
        sum = sum.checked_add(whole.checked_mul(unit)?)?;
        for digit in part.bytes() {
            unit /= 10;
            sum = sum.checked_add(i64::from(digit - b'0') * unit)?;
        }
        rest = more;
    }
    Some(sign * sum)
}

/// Reads how long a backup is kept, in seconds.
///
/// # Errors
/// `Invalid` for what is no duration of Go's, and for nothing or less: Velero would delete the backup at once.
pub(crate) fn ttl(text: &str) -> Result<i64, Failure> {
    let seconds = nanoseconds(text).map(|nanoseconds| nanoseconds / 1_000_000_000);
    let wrong = |why| {
        Err(Failure::invalid(format!("`ttl` is `{text}`, {why}"))
            .next_step("give hours, minutes or seconds, such as `720h` for 30 days"))
    };
    match seconds {
        None => wrong("which is no duration of Go's"),
        Some(i64::MIN..=0) => wrong("which is no time at all"),
        Some(seconds) => Ok(seconds),
    }
}

/// Returns `30 days`, `1 hour 30 minutes`.
pub(crate) fn words(seconds: i64) -> String {
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, length) in [
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
        ("second", 1),
    ] {
        let count = left / length;
        left %= length;
        if count != 0 {
            let plural = if count == 1 { "" } else { "s" };
            words.push(format!("{count} {unit}{plural}"));
        }
    }
    words.join(" ")
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::{nanoseconds, ttl, words};

    #[test]
    fn durations_are_gos() {
        for (text, expected) in [
            ("720h", Some(2_592_000_000_000_000)),
            ("720h0m0s", Some(2_592_000_000_000_000)),
            ("1.5h", Some(5_400_000_000_000)),
            (".5s", Some(500_000_000)),
            ("-1us", Some(-1_000)),
            ("1µs1μs", Some(2_000)),
            ("0", Some(0)),
            ("+0", Some(0)),
            ("2562047h", Some(9_223_369_200_000_000_000)),
            ("2562048h", None),
            ("99999999999999999999h", None),
            ("30d", None),
            ("30", None),
            ("h", None),
            (".h", None),
            ("1h ", None),
            (" 1h", None),
            ("", None),
            ("-", None),
            ("--1h", None),
        ] {
            assert_eq!(nanoseconds(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_ttl_in_days_is_answered_with_the_hours_to_write() {
        let failure = ttl("30d").expect_err("Go knows no days");
        assert_eq!(
            failure.to_string(),
            "invalid: `ttl` is `30d`, which is no duration of Go's; next: give hours, minutes or seconds, such as `720h` for 30 days"
        );
        assert!(ttl("-1h").is_err() && ttl("0s").is_err());
        assert_eq!(ttl("720h"), Ok(2_592_000));
    }

    #[test]
    fn seconds_are_said_in_the_units_that_they_fill() {
        assert_eq!(words(2_592_000), "30 days");
        assert_eq!(words(5_400), "1 hour 30 minutes");
        assert_eq!(words(90_061), "1 day 1 hour 1 minute 1 second");
    }
}
