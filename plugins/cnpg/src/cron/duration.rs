//! Durations as Go writes them (`time.ParseDuration`), which is how `@every` takes its distance: `6h`, `1h30m`, `1.5h`.

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
pub(super) fn nanoseconds(text: &str) -> Option<i64> {
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

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}
