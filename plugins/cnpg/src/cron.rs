//! Cron expressions, as CloudNativePG takes them in `spec.schedule`: what they say, and when they come next.
//!
//! They have six fields, seconds first. The operator reads them by `Parse` of robfig/cron 1.2.0 (its `go.mod`,
//! `internal/controller/scheduledbackup_controller.go`), and this reads them in the same way, oddities included: a schedule must not
//! mean something else here than to the operator. One of its oddities is that five fields are taken too, the first of them as
//! seconds. `robfig.txt` is a table of that library's own results.

mod duration;
mod words;

use bulkhead_plugin_sdk::{Failure, Time};

/// Marks a field in which a `*` stands: then both days must match, else either. As in robfig/cron.
const STAR: u64 = 1 << 63;

/// How far it is looked for, in years: robfig/cron gives up there too.
const YEARS: i64 = 5;

/// What an error shows of an expression, and of what is wrong with it.
const SHOWN: usize = 200;

const DAY: i64 = 86_400;

const NEXT_STEP: &str = "give second, minute, hour, day of month, month and day of week, such as `0 0 2 * * *` for 02:00 each day, or `@daily`";

/// A cron expression that the operator accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cron {
    /// So many seconds after the last time.
    Every(i64),
    At(Fields),
}

/// Which values match, a bit each, and [`STAR`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    seconds: u64,
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

const FIELDS: [Field; 6] = [
    Field::new("second", 0, 59, ""),
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
    /// Reads an expression as the operator does.
    ///
    /// # Errors
    /// `Invalid`, with the field and what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let read = if text.starts_with('@') {
            named(text)
        } else {
            fields(text).map(Self::At)
        };
        read.map_err(|why| {
            let why: String = why.chars().take(SHOWN).collect();
            let text: String = text.chars().take(SHOWN).collect();
            Failure::invalid(format!("`{text}` is no cron expression: {why}")).next_step(NEXT_STEP)
        })
    }

    /// Reads an expression that somebody gives now: five fields are refused, though the operator takes them, since nobody means what it
    /// makes of them.
    ///
    /// # Errors
    /// As [`Cron::parse`].
    pub(crate) fn parse_new(text: &str) -> Result<Self, Failure> {
        let cron = Self::parse(text)?;
        if !is_short(text) {
            return Ok(cron);
        }
        let sentence = format!(
            "`{text}` has five fields, and CloudNativePG's schedules have six: it would take the first one as seconds and run {}",
            cron.words()
        );
        Err(Failure::invalid(sentence).next_step(&format!(
            "put the second in front, such as `0 {}`",
            text.trim()
        )))
    }

    /// Says it in words, such as `every day at 02:00 UTC`.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Every(seconds) => {
                format!(
                    "every {}, counted from the last backup",
                    words::lasting(*seconds)
                )
            }
            Self::At(fields) => words::of(fields),
        }
    }

    /// Returns the first time after `after`; none where there is none within five years, such as 30 February.
    pub(crate) fn next(&self, after: Time) -> Option<Time> {
        match self {
            Self::Every(seconds) => {
                Some(Time::from_seconds(after.seconds().checked_add(*seconds)?))
            }
            Self::At(fields) => fields.next(after),
        }
    }
}

/// Whether it has five fields, of which the operator takes the first one as seconds.
pub(crate) fn is_short(text: &str) -> bool {
    !text.starts_with('@') && text.split_whitespace().count() == 5
}

fn named(text: &str) -> Result<Cron, String> {
    let same = match text {
        "@yearly" | "@annually" => "0 0 0 1 1 *",
        "@monthly" => "0 0 0 1 * *",
        "@weekly" => "0 0 0 * * 0",
        "@daily" | "@midnight" => "0 0 0 * * *",
        "@hourly" => "0 0 * * * *",
        _ => {
            let distance = text.strip_prefix("@every ").ok_or_else(|| {
                format!(
                    "there is no `{text}`, only @yearly, @monthly, @weekly, @daily, @hourly and @every"
                )
            })?;
            let distance = duration::nanoseconds(distance)
                .ok_or_else(|| format!("`{distance}` is no duration of Go's, such as `6h`"))?;
            // Never more often than once a second.
            return Ok(Cron::Every((distance / 1_000_000_000).max(1)));
        }
    };
    fields(same).map(Cron::At)
}

fn fields(text: &str) -> Result<Fields, String> {
    let mut texts: Vec<_> = text.split_whitespace().collect();
    if texts.len() == 5 {
        texts.push("*");
    }
    if texts.len() != FIELDS.len() {
        return Err(format!("it has {} fields and needs 6", texts.len()));
    }
    let mut bits = [0; 6];
    for ((bits, field), text) in bits.iter_mut().zip(&FIELDS).zip(texts) {
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let range = field.range(range);
            *bits |= range.map_err(|why| format!("{} `{text}`: {why}", field.name))?;
        }
    }
    let [seconds, minutes, hours, days, months, weekdays] = bits;
    Ok(Fields {
        seconds,
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
        let step = step.unwrap_or(1);
        if begin < self.min || end > self.max {
            return Err(format!(
                "`{text}` is not within {} to {}",
                self.min, self.max
            ));
        }
        if begin > end {
            return Err(format!("`{text}` ends before it begins"));
        }
        if step == 0 {
            return Err(format!("`{text}` steps by nothing"));
        }
        let mut bits = if everything { STAR } else { 0 };
        let mut value = begin;
        while value <= end {
            bits |= 1 << value;
            value = value.saturating_add(step);
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
        // The first whole second behind it.
        let from = after.seconds() + 1;
        let mut day = Day::of(from)?;
        let last_year = day.year + YEARS;
        let mut second = from.rem_euclid(DAY);
        while day.year <= last_year {
            if self.has_day(&day)
                && let Some(second) = self.time_of_day(second)
            {
                return Some(Time::from_seconds(day.since_1970 * DAY + second));
            }
            day.advance();
            second = 0;
        }
        None
    }

    /// Returns the first matching second of a day, not before `from`.
    fn time_of_day(&self, from: i64) -> Option<i64> {
        for hour in (from / 3600..24).filter(|hour| has(self.hours, *hour)) {
            for minute in (0..60).filter(|minute| has(self.minutes, *minute)) {
                let begin = hour * 3600 + minute * 60;
                let mut seconds = (0..60).filter(|second| has(self.seconds, *second));
                if let Some(second) = seconds.find(|second| begin + second >= from) {
                    return Some(begin + second);
                }
            }
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
            since_1970: seconds.div_euclid(DAY),
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
