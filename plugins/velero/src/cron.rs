//! Cron expressions, as Velero takes them in `spec.schedule`: what they say, and when they come next.
//!
//! Velero reads them by `ParseStandard` of robfig/cron 3.0.1 (`pkg/controller/schedule_controller.go` of 1.18), and this reads
//! them in the same way, oddities included: a schedule must not mean something else here than to Velero. Beside a table of that
//! library's own results, `robfig.txt`, only time zones differ: none is known here but UTC.

mod words;

use crate::duration;
use bulkhead_plugin_sdk::{Failure, Time};

/// Marks a field in which a `*` stands: then both days must match, else either. As in robfig/cron.
const STAR: u64 = 1 << 63;

/// How far it is looked for, in years: robfig/cron gives up there too.
const YEARS: i64 = 5;

const NEXT_STEP: &str = "give minute, hour, day of month, month and day of week, such as `0 2 * * *`, or `@daily`, or `@every 6h`";

/// A cron expression that Velero accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    /// As written; empty where none is named. That is the time of Velero's pod then, which is UTC in its image.
    zone: String,
    when: When,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// So many seconds after the last time.
    Every(i64),
    At(Fields),
}

/// Which values match, a bit each, and [`STAR`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fields {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

/// What may stand in a field. The first name means `min`, and so on.
struct Field {
    name: &'static str,
    min: i64,
    max: i64,
    names: &'static str,
}

const FIELDS: [Field; 5] = [
    Field::new("minute", 0, 59, ""),
    Field::new("hour", 0, 23, ""),
    Field::new("day of month", 1, 31, ""),
    Field::new(
        "month",
        1,
        12,
        "jan feb mar apr may jun jul aug sep oct nov dec",
    ),
    Field::new("day of week", 0, 6, "sun mon tue wed thu fri sat"),
];

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// `Invalid`, with the field and what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        Self::read(text).map_err(|why| {
            Failure::invalid(format!("`{text}` is no cron expression: {why}")).next_step(NEXT_STEP)
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        let (zone, rest) = zone(text)?;
        let when = if rest.starts_with('@') {
            named(rest)?
        } else {
            When::At(fields(rest)?)
        };
        Ok(Self {
            zone: zone.to_owned(),
            when,
        })
    }

    /// Says it in words, such as `every day at 02:00 UTC`.
    pub(crate) fn words(&self) -> String {
        match &self.when {
            When::Every(seconds) => format!(
                "every {}, counted from the last backup",
                duration::words(*seconds)
            ),
            When::At(fields) => words::of(fields, self.unknown_zone().unwrap_or("UTC")),
        }
    }

    /// Returns the first time after `after`; none where there is none within five years, such as 30 February, and where the time
    /// zone is not known here.
    pub(crate) fn next(&self, after: Time) -> Option<Time> {
        match &self.when {
            When::Every(seconds) => Some(Time::from_seconds(after.seconds() + seconds)),
            When::At(fields) if self.unknown_zone().is_none() => fields.next(after),
            When::At(_) => None,
        }
    }

    /// Returns the time zone where it is another than UTC: its times are not known here, nor whether there is such a zone.
    pub(crate) fn unknown_zone(&self) -> Option<&str> {
        match self.zone.as_str() {
            "" | "UTC" | "GMT" | "Etc/UTC" | "Etc/GMT" | "Local" => None,
            zone => Some(zone),
        }
    }
}

/// Takes the time zone from the front.
fn zone(text: &str) -> Result<(&str, &str), String> {
    let zone = text
        .strip_prefix("CRON_TZ=")
        .or_else(|| text.strip_prefix("TZ="));
    let Some(zone) = zone else {
        return Ok(("", text));
    };
    let (zone, rest) = zone
        .split_once(' ')
        .ok_or("nothing stands behind the time zone")?;
    let of_a_zone = |c: char| c.is_ascii_alphanumeric() || "_+-/".contains(c);
    if zone.starts_with('/') || !zone.chars().all(of_a_zone) {
        return Err(format!("`{zone}` is no time zone"));
    }
    Ok((zone, rest.trim()))
}

fn named(text: &str) -> Result<When, String> {
    let same = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let distance = text.strip_prefix("@every ").ok_or_else(|| {
                format!(
                    "there is no `{text}`, only @yearly, @monthly, @weekly, @daily, @hourly and @every"
                )
            })?;
            let distance = duration::nanoseconds(distance)
                .ok_or_else(|| format!("`{distance}` is no duration of Go's, such as `6h`"))?;
            // Never more often than once a second.
            return Ok(When::Every((distance / 1_000_000_000).max(1)));
        }
    };
    Ok(When::At(fields(same)?))
}

fn fields(text: &str) -> Result<Fields, String> {
    let texts: Vec<_> = text.split_whitespace().collect();
    if texts.len() != FIELDS.len() {
        return Err(format!("it has {} fields and needs 5", texts.len()));
    }
    let mut bits = [0; 5];
    for ((bits, field), text) in bits.iter_mut().zip(&FIELDS).zip(texts) {
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let range = field.range(range);
            *bits |= range.map_err(|why| format!("{} `{text}`: {why}", field.name))?;
        }
    }
    let [minutes, hours, days, months, weekdays] = bits;
    Ok(Fields {
        minutes,
        hours,
        days,
        months,
        weekdays,
    })
}

impl Field {
    const fn new(name: &'static str, min: i64, max: i64, names: &'static str) -> Self {
        Self {
            name,
            min,
            max,
            names,
        }
    }

    /// Reads `*`, `N`, `N-N`, each with a step behind it or not. `N/step` goes to the end.
    fn range(&self, text: &str) -> Result<u64, String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (text, None),
        };
        let (begin, end) = match range.split_once('-') {
            Some((begin, end)) => (begin, Some(end)),
            None => (range, None),
        };
        let everything = matches!(begin, "*" | "?");
        let (begin, end) = if everything {
            (self.min, self.max)
        } else {
            let begin = self.value(begin)?;
            let end = match end {
                Some(end) => self.value(end)?,
                None if step.is_some() => self.max,
                None => begin,
            };
            (begin, end)
        };
        let step_by = step.unwrap_or(1);
        if begin < self.min || end > self.max {
            return Err(format!(
                "`{text}` is not within {} to {}",
                self.min, self.max
            ));
        }
        if begin > end {
            return Err(format!("`{text}` ends before it begins"));
        }
        if step_by == 0 {
            return Err(format!("`{text}` steps by nothing"));
        }
        let mut bits = if everything && step_by == 1 { STAR } else { 0 };
        let mut value = begin;
        while value <= end {
            bits |= 1 << value;
            value = value.saturating_add(step_by);
        }
        Ok(bits)
    }

    fn value(&self, text: &str) -> Result<i64, String> {
        let mut names = self.names.split(' ').zip(self.min..);
        match names.find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            Some((_, value)) if !text.is_empty() => Ok(value),
            Some(_) | None if self.names.is_empty() => number(text),
            Some(_) | None => {
                number(text).map_err(|why| format!("{why} and none of {}", self.names))
            }
        }
    }
}

/// As Go's `Atoi`, without a sign below zero.
fn number(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number: &i64| *number >= 0);
    number.ok_or_else(|| format!("`{text}` is no number"))
}

impl Fields {
    fn next(&self, after: Time) -> Option<Time> {
        let after = after.seconds();
        // The first whole minute behind it.
        let from = after + 60 - after.rem_euclid(60);
        let mut day = Day::of(from)?;
        let last_year = Day::of(after + 1)?.year + YEARS;
        let mut minute = from.rem_euclid(86_400) / 60;
        while day.year <= last_year {
            if self.has_day(&day) {
                for minute in minute..1440 {
                    if has(self.hours, minute / 60) && has(self.minutes, minute % 60) {
                        let seconds = day.since_1970 * 86_400 + minute * 60;
                        return Some(Time::from_seconds(seconds));
                    }
                }
            }
            day.advance();
            minute = 0;
        }
        None
    }

    /// Where neither day is a `*`, one of them is enough.
    fn has_day(&self, day: &Day) -> bool {
        let of_month = has(self.days, day.day);
        let of_week = has(self.weekdays, (day.since_1970 + 4).rem_euclid(7));
        has(self.months, day.month)
            && if self.either_day() {
                of_month || of_week
            } else {
                of_month && of_week
            }
    }

    fn either_day(&self) -> bool {
        self.days & STAR == 0 && self.weekdays & STAR == 0
    }
}

fn has(bits: u64, value: i64) -> bool {
    (bits >> value) & 1 == 1
}

/// A day of the Gregorian calendar.
struct Day {
    since_1970: i64,
    year: i64,
    month: i64,
    day: i64,
}

impl Day {
    /// The day of a time in seconds since 1970; none where it cannot be written.
    fn of(seconds: i64) -> Option<Self> {
        let text = Time::from_seconds(seconds).to_string();
        let mut parts = text.split(['-', 'T']).map(|part| part.parse().ok());
        Some(Self {
            since_1970: seconds.div_euclid(86_400),
            year: parts.next()??,
            month: parts.next()??,
            day: parts.next()??,
        })
    }

    fn advance(&mut self) {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let last = match self.month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        self.since_1970 += 1;
        self.day += 1;
        if self.day > last {
            (self.day, self.month) = (1, self.month + 1);
        }
        if self.month > 12 {
            (self.month, self.year) = (1, self.year + 1);
        }
    }
}

#[cfg(test)]
mod tests;
