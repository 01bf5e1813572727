//! Times before now, in each of the forms that the operator writes.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// In minutes, as all durations here.
pub(crate) const HOUR: i64 = 60;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The time that the fleet is made at, to the minute.
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

    /// As in `currentPrimaryTimestamp`: `2026-11-20T02:10:00.000000Z`.
    pub(crate) fn micro(&self, minutes: i64) -> String {
        self.format(minutes, "%Y-%m-%dT%H:%M:%S.000000Z")
    }

    /// As Go prints a time, in `certificates.expirations`: `2026-11-20 02:10:00 +0000 UTC`.
    pub(crate) fn go(&self, minutes: i64) -> String {
        self.format(minutes, "%Y-%m-%d %H:%M:%S +0000 UTC")
    }

    /// As in the names of scheduled backups: `20261120021000`.
    pub(crate) fn compact(&self, minutes: i64) -> String {
        self.format(minutes, "%Y%m%d%H%M%S")
    }

    /// As Barman names a backup: `20261120T021000`.
    pub(crate) fn barman(&self, minutes: i64) -> String {
        self.format(minutes, "%Y%m%dT%H%M%S")
    }

    /// A time so many seconds ago, as a kubelet and a logger write it and as PostgreSQL does:
    /// `2026-11-20T02:10:00.123Z` and `2026-11-20 02:10:00.123 UTC`.
    pub(crate) fn of_log(&self, seconds: i64) -> (String, String) {
        let at = self.now - SignedDuration::from_secs(seconds);
        let at = at.to_zoned(TimeZone::UTC);
        (
            at.strftime("%Y-%m-%dT%H:%M:%S.123Z").to_string(),
            at.strftime("%Y-%m-%d %H:%M:%S.123 UTC").to_string(),
        )
    }

    /// A schedule with seconds first, as robfig/cron reads it, that came due each day and did so `ago` minutes ago.
    pub(crate) fn daily(&self, ago: i64) -> String {
        let last = self.before(ago).to_zoned(TimeZone::UTC);
        format!("0 {} {} * * *", last.minute(), last.hour())
    }

    fn format(&self, minutes: i64, format: &str) -> String {
        let at = self.before(minutes).to_zoned(TimeZone::UTC);
        at.strftime(format).to_string()
    }
}
