//! Sizes and durations as people write them: a whole number with its unit, never a bare number.
//!
//! `64MiB` and `2s` say what they are; `64` and `2` would be guessed at.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// From large to small, so that the first that divides a size is the one to show it in.
const SIZE_UNITS: [(&str, u64); 4] = [("GiB", GIB), ("MiB", MIB), ("KiB", KIB), ("B", 1)];

/// Why a size or a duration is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// A number alone.
    #[error("`{0}` has no unit")]
    NoUnit(String),
    /// A unit that is not among those of its kind.
    #[error("`{0}` is not a unit here")]
    UnknownUnit(String),
    /// What stands before the unit is not a whole number.
    #[error("`{0}` does not begin with a whole number")]
    NotANumber(String),
    /// More than can be counted.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

/// A number of bytes. Written as `64MiB`, `32KiB`, `1GiB` or `512B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

impl ByteSize {
    /// Returns a size of `count` bytes.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// Returns a size of `count` times 1024 bytes.
    pub const fn kibibytes(count: u64) -> Self {
        Self(count * KIB)
    }

    /// Returns a size of `count` times 1024 × 1024 bytes.
    pub const fn mebibytes(count: u64) -> Self {
        Self(count * MIB)
    }

    /// Returns the number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = SIZE_UNITS
            .into_iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let (_, factor) = SIZE_UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| unknown(unit))?;
        number
            .checked_mul(factor)
            .map(Self)
            .ok_or_else(|| UnitError::TooLarge(text.to_owned()))
    }
}

/// Reads `500ms`, `2s`, `1m` or `24h`.
///
/// # Errors
/// Where it is anything else, a bare number included.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    let (number, unit) = split(text)?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" | "h" => {
            let seconds = number
                .checked_mul(if unit == "m" { 60 } else { 3600 })
                .ok_or_else(|| UnitError::TooLarge(text.to_owned()))?;
            Ok(Duration::from_secs(seconds))
        }
        other => Err(unknown(other)),
    }
}

/// Returns the shortest text that [`parse_duration`] reads as this duration; what is below a millisecond is dropped.
pub fn duration_text(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds == 0 {
        "0s".to_owned()
    } else if !milliseconds.is_multiple_of(1000) {
        format!("{milliseconds}ms")
    } else if milliseconds.is_multiple_of(3_600_000) {
        format!("{}h", milliseconds / 3_600_000)
    } else if milliseconds.is_multiple_of(60_000) {
        format!("{}m", milliseconds / 60_000)
    } else {
        format!("{}s", milliseconds / 1000)
    }
}

fn unknown(unit: &str) -> UnitError {
    UnitError::UnknownUnit(unit.to_owned())
}

fn split(text: &str) -> Result<(u64, &str), UnitError> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_suffix(unit).unwrap_or(text);
    if digits.is_empty() {
        return Err(UnitError::NotANumber(text.to_owned()));
    }
    if unit.is_empty() {
        return Err(UnitError::NoUnit(text.to_owned()));
    }
    let number = digits
        .parse()
        .map_err(|_| UnitError::TooLarge(text.to_owned()))?;
    Ok((number, unit))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{any, proptest};

    use super::{ByteSize, UnitError, duration_text, parse_duration};

    #[test]
    fn a_size_is_a_number_with_a_binary_unit() {
        assert_eq!("64MiB".parse(), Ok(ByteSize::mebibytes(64)));
        assert_eq!("32KiB".parse(), Ok(ByteSize::kibibytes(32)));
        assert_eq!("512B".parse(), Ok(ByteSize::new(512)));
        assert_eq!(
            "64".parse::<ByteSize>(),
            Err(UnitError::NoUnit("64".to_owned()))
        );
        assert_eq!(
            "64MB".parse::<ByteSize>(),
            Err(UnitError::UnknownUnit("MB".to_owned()))
        );
        assert_eq!(
            "-1KiB".parse::<ByteSize>(),
            Err(UnitError::NotANumber("-1KiB".to_owned()))
        );
        assert_eq!(
            "1.5KiB".parse::<ByteSize>(),
            Err(UnitError::UnknownUnit(".5KiB".to_owned()))
        );
        assert!(matches!(
            "99999999999GiB".parse::<ByteSize>(),
            Err(UnitError::TooLarge(_))
        ));
        assert!(matches!(
            "99999999999999999999B".parse::<ByteSize>(),
            Err(UnitError::TooLarge(_))
        ));
    }

    #[test]
    fn a_duration_is_milliseconds_seconds_minutes_or_hours() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_duration("1m"), Ok(Duration::from_secs(60)));
        assert_eq!(parse_duration("168h"), Ok(Duration::from_secs(604_800)));
        assert_eq!(
            parse_duration("1d"),
            Err(UnitError::UnknownUnit("d".to_owned()))
        );
        assert!(matches!(
            parse_duration("9999999999999999999h"),
            Err(UnitError::TooLarge(_))
        ));
        assert_eq!(parse_duration("2"), Err(UnitError::NoUnit("2".to_owned())));
        assert_eq!(
            parse_duration(""),
            Err(UnitError::NotANumber(String::new()))
        );
    }

    proptest! {
        #[test]
        fn what_a_size_shows_reads_as_the_same_size(bytes in any::<u64>()) {
            let size = ByteSize::new(bytes);
            assert_eq!(size.to_string().parse(), Ok(size));
        }

        #[test]
        fn what_a_duration_shows_reads_as_the_same_duration(milliseconds in any::<u32>()) {
            let duration = Duration::from_millis(u64::from(milliseconds));
            assert_eq!(parse_duration(&duration_text(duration)), Ok(duration));
        }
    }
}
