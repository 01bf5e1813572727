//! The time to recover to, as a caller gives it: RFC 3339, with its zone.
//!
//! The operator takes times without a zone too, and PostgreSQL then reads them in the zone of its own settings
//! (`pkg/postgres/time` of the operator's machinery): nobody knows which one that will be, so such a time is refused here.

use bulkhead_plugin_sdk::{Failure, Time};

const NEXT_STEP: &str = "give it as RFC 3339 with its zone, such as `2026-11-20T14:30:00Z` or `2026-11-20T15:30:00+01:00`";

/// The most digits behind the second that PostgreSQL knows.
const MICROSECONDS: usize = 6;

/// A time to recover to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// To the second, cut.
    pub(crate) time: Time,
    /// In UTC, as `recoveryTarget.targetTime` takes it.
    pub(crate) text: String,
}

impl Target {
    /// Reads a time.
    ///
    /// # Errors
    /// `Invalid` for what is no time, or has no zone.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        Self::read(text).ok_or_else(|| {
            let shown: String = text.chars().take(80).collect();
            Failure::invalid(format!(
                "`target_time` is `{shown}`, which is no time with its zone"
            ))
            .next_step(NEXT_STEP)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_uppercase();
        let (local, offset) = match text.strip_suffix('Z') {
            Some(local) => (local, 0),
            None => {
                let at = text.len().checked_sub("+00:00".len())?;
                (text.get(..at)?, offset(text.get(at..)?)?)
            }
        };
        let (whole, fraction) = match local.split_once('.') {
            None => (local, ""),
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
        };
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let written = format!("{whole}Z");
        // Written again it is the same: no 31 February, no second 60.
        let local = Time::parse(&written).filter(|time| time.to_string() == written)?;
        let time = Time::from_seconds(local.seconds().checked_sub(offset)?);
        let fraction = fraction.get(..MICROSECONDS).unwrap_or(fraction);
        let text = time.to_string();
        let text = match fraction {
            "" => text,
            fraction => format!("{}.{fraction}Z", text.trim_end_matches('Z')),
        };
        Some(Self { time, text })
    }
}

/// Reads `+01:00` in seconds.
fn offset(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| is_number)
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_time_is_brought_to_utc_with_what_stands_behind_its_second() {
        for (text, utc) in [
            ("2026-11-20T14:30:00Z", "2026-11-20T14:30:00Z"),
            ("2026-11-20t14:30:00z", "2026-11-20T14:30:00Z"),
            ("2026-11-20T14:30:00.5Z", "2026-11-20T14:30:00.5Z"),
            (
                "2026-11-20T14:30:00.123456789Z",
                "2026-11-20T14:30:00.123456Z",
            ),
            ("2026-11-20T00:30:00+01:00", "2026-11-19T23:30:00Z"),
            ("2026-12-31T23:30:00.25-05:30", "2027-01-01T05:00:00.25Z"),
            ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            let target = Target::parse(text).expect(text);
            assert_eq!(target.text, utc, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_has_no_zone_is_refused() {
        for text in [
            "",
            "now",
            "latest",
            "yesterday",
            "2026-11-20",
            "2026-11-20T14:30:00",
            "2026-11-20 14:30:00",
            "2026-11-20 14:30:00Z",
            "2026-11-20T14:30Z",
            "2026-02-30T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T14:30:60Z",
            "2026-11-20T14:30:00.Z",
            "2026-11-20T14:30:00.x5Z",
            "2026-11-20T14:30:00+1:00",
            "2026-11-20T14:30:00+25:00",
            "2026-11-20T14:30:00+0100",
            "2026-11-20T14:30:00ZZ",
            "+00:00",
            "ä+00:00",
            "2026-11-20T14:30:00Z'; DROP",
            "1763649000",
            "20260-11-20T14:30:00Z",
        ] {
            let failure = Target::parse(text).expect_err(text).to_string();
            assert!(
                failure.contains("; next: give it as RFC 3339"),
                "{text}: {failure}"
            );
        }
    }
}
