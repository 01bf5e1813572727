//! Times before now.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp, Zoned, civil::Weekday, tz::TimeZone};

/// In minutes, as all durations here.
pub(crate) const HOUR: i64 = 60;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The time that the data set is made at, to the minute.
pub(crate) struct Clock {
    now: Timestamp,
}

impl Clock {
    pub(crate) fn at(now: SystemTime) -> Self {
        let now = Timestamp::try_from(now).expect("now is a time that can be written");
        let minute = now.as_second() - now.as_second().rem_euclid(60);
        Self {
            now: Timestamp::from_second(minute).expect("it is less than a minute before now"),
        }
    }

    fn before(&self, minutes: i64) -> Timestamp {
        self.now - SignedDuration::from_mins(minutes)
    }

    /// The time so many minutes ago, as the API writes it; negative ones are ahead.
    pub(crate) fn ago(&self, minutes: i64) -> String {
        self.before(minutes).to_string()
    }

    /// The same as a schedule puts it behind its name: `20261120021000` (`TimestampedName`, `schedule_types.go`).
    pub(crate) fn stamp(&self, minutes: i64) -> String {
        self.utc(minutes).strftime("%Y%m%d%H%M%S").to_string()
    }

    fn utc(&self, minutes: i64) -> Zoned {
        self.before(minutes).to_zoned(TimeZone::UTC)
    }

    /// A cron expression that comes due every `every` minutes (12 hours, a day or a week) and did so `ago` minutes ago.
    pub(crate) fn cron(&self, every: i64, ago: i64) -> String {
        let last = self.utc(ago);
        let (minute, hour) = (last.minute(), last.hour());
        if every < DAY {
            let first = hour % 12;
            return format!("{minute} {first},{} * * *", first + 12);
        }
        let weekday = if every > DAY {
            last.weekday().since(Weekday::Sunday).to_string()
        } else {
            "*".to_owned()
        };
        format!("{minute} {hour} * * {weekday}")
    }
}
