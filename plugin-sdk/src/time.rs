//! Points in time as Kubernetes writes them, and ages as kubectl shows them.

use serde::{Deserialize, Deserializer};
use std::fmt;
use std::time::Duration;

/// A point in time, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Since 1970, in UTC.
    seconds: i64,
}

impl Time {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self { seconds: 0 };

    /// Reads RFC 3339 in UTC, such as `2026-11-21T09:30:00Z`, with or without a fraction of a second; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(clock.split('.').next()?, ':')?;
        let in_range = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        let seconds =
            days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        in_range.then_some(Self { seconds })
    }

    /// Returns the point in time so many seconds after 1970 began, in UTC.
    pub fn from_seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Returns the seconds since 1970 began, in UTC.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Returns how long `earlier` was before this; zero where it was later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.seconds - earlier.seconds).unwrap_or(0))
    }

    /// Returns the age at this time of what began at `earlier`, as kubectl shows it: `45s`, `3m10s`, `5h`, `12d`.
    pub fn age(self, earlier: Self) -> String {
        short(self.since(earlier).as_secs())
    }
}

/// RFC 3339 in UTC, to the second: `2026-11-21T09:30:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.seconds.div_euclid(86_400));
        let second = self.seconds.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no time in UTC")))
    }
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let digits =
            part.len() >= 2 && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Of the Gregorian calendar. Counts years from March, so that the leap day is the last of its year
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

/// The other way round: year, month and day of the Gregorian calendar.
fn date(days_since_1970: i64) -> (i64, i64, i64) {
    let days = days_since_1970 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// With the second unit only while it still says something, as `HumanDuration` of apimachinery.
fn short(seconds: u64) -> String {
    let two = |big: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{big}{unit}"),
        _ => format!("{big}{unit}{small}{small_unit}"),
    };
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::{Time, short};

    #[test]
    fn a_time_is_read_to_the_second_in_utc() {
        let seconds = |text| Time::parse(text).map(|time| time.seconds);
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T12:00:00Z"), Some(951_825_600));
        assert_eq!(seconds("2026-11-21T09:30:05.123456Z"), Some(1_795_253_405));
    }

    #[test]
    fn a_time_is_written_as_it_was_read() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "2000-02-29T12:00:00Z",
            "2026-11-21T09:30:05Z",
            "2100-03-01T00:00:00Z",
        ] {
            let time = Time::parse(text).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "now",
            "2026-11-21",
            "2026-13-01T00:00:00Z",
            "2026-11-21T09:30:05+01:00",
            "2026-11-21T09:30Z",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ages_are_kubectls() {
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (190, "3m10s"),
            (300, "5m"),
            (3599, "59m"),
            (11_100, "3h5m"),
            (86_400, "24h"),
            (266_400, "3d2h"),
            (1_036_800, "12d"),
            (94_608_000, "3y"),
        ];
        for (seconds, age) in cases {
            assert_eq!(short(seconds), age, "{seconds}");
        }
    }

    #[test]
    fn a_clock_that_is_behind_gives_no_negative_age() {
        let (early, late) = (Time { seconds: 1 }, Time { seconds: 5 });
        assert_eq!(early.age(late), "0s");
        assert_eq!(late.age(early), "4s");
    }
}
