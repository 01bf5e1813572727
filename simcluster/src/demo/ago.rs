//! `${ago:2h5m}` in the demo's texts: a time before now.

use jiff::{SignedDuration, Timestamp};

/// Replaces each `${ago:DURATION}` by its time, in whole seconds.
pub(super) fn fill_in(text: &str, now: Timestamp) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut parts = text.split("${ago:");
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (duration, rest) = part
            .split_once('}')
            .expect("the embedded texts close each placeholder");
        filled.push_str(&before(
            now,
            duration.parse().expect("the embedded texts hold durations"),
        ));
        filled.push_str(rest);
    }
    filled
}

/// The time `ago` before `now`, as the API writes it.
pub(super) fn before(now: Timestamp, ago: SignedDuration) -> String {
    let second = now.as_second().saturating_sub(ago.as_secs());
    Timestamp::from_second(second)
        .expect("a time near now is in range")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::fill_in;

    #[test]
    fn a_placeholder_becomes_the_time_before_now() {
        let now = "2026-01-02T03:04:05.6Z".parse().expect("a time");
        assert_eq!(
            fill_in("a ${ago:1h4m} b ${ago:5s}", now),
            "a 2026-01-02T02:00:05Z b 2026-01-02T03:04:00Z"
        );
    }
}
