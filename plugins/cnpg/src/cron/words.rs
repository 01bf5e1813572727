//! A cron expression as a person would say it. Nothing here decides when it comes.

use super::{FIELDS, Fields, has};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// The most times of day that are named one by one.
const TIMES: usize = 8;

/// Says when the fields match. Times are those of the operator's pod, which is UTC in its image.
pub(super) fn of(fields: &Fields) -> String {
    let values = values(fields);
    if values.iter().any(Vec::is_empty) {
        return "never".to_owned();
    }
    let [seconds, minutes, hours, days, months, weekdays] = values;
    let (any_day, any_weekday) = (is_any(&days, 3), is_any(&weekdays, 5));
    let every_day = if fields.either_day() {
        any_day || any_weekday
    } else {
        any_day && any_weekday
    };
    let of_months = runs(&months, |month| named(&MONTHS, month - 1));
    let (of_the_month, in_months) = if is_any(&months, 4) {
        ("the month", String::new())
    } else {
        (of_months.as_str(), format!(" in {of_months}"))
    };
    let on_days = format!("on {} of {of_the_month}", counted("day", &days));
    let of_week = runs(&weekdays, |weekday| named(&WEEKDAYS, weekday));
    let date = match (every_day, any_day, any_weekday) {
        (true, ..) => format!("every day{in_months}"),
        (false, true, _) => format!("every {of_week}{in_months}"),
        (false, false, true) => on_days,
        (false, false, false) if fields.either_day() => {
            format!("{on_days} and every {of_week}{in_months}")
        }
        (false, false, false) => format!("{on_days}, only on {of_week},"),
    };
    if is_any(&hours, 2) {
        let often = often(&seconds, &minutes);
        return if date == "every day" {
            often
        } else {
            format!("{often}, {date} (UTC)")
        };
    }
    if hours.len() * minutes.len() * seconds.len() > TIMES {
        let of_seconds = match seconds.as_slice() {
            [0] => String::new(),
            seconds => format!("{} of ", counted("second", seconds)),
        };
        return format!(
            "{date} at {of_seconds}{} of {} UTC",
            counted("minute", &minutes),
            counted("hour", &hours)
        );
    }
    format!(
        "{date} at {} UTC",
        joined(&times(&hours, &minutes, &seconds))
    )
}

/// Says how often it comes within each hour.
fn often(seconds: &[i64], minutes: &[i64]) -> String {
    let every_minute = is_any(minutes, 1);
    match (seconds, every_minute, step(minutes)) {
        (seconds, true, _) if is_any(seconds, 0) => "every second".to_owned(),
        ([0], true, _) => "every minute".to_owned(),
        (seconds, true, _) => match step(seconds) {
            Some(step) => format!("every {step} seconds"),
            None => format!("every minute at {}", counted("second", seconds)),
        },
        ([0], false, Some(step)) => format!("every {step} minutes"),
        ([0], false, None) => format!("every hour at {}", counted("minute", minutes)),
        (seconds, false, _) => format!(
            "every hour at {}, {}",
            counted("minute", minutes),
            counted("second", seconds)
        ),
    }
}

fn times(hours: &[i64], minutes: &[i64], seconds: &[i64]) -> Vec<String> {
    let mut times = Vec::new();
    for hour in hours {
        for minute in minutes {
            for second in seconds {
                let of_second = if seconds == [0] {
                    String::new()
                } else {
                    format!(":{second:02}")
                };
                times.push(format!("{hour:02}:{minute:02}{of_second}"));
            }
        }
    }
    times
}

fn is_any(values: &[i64], at: usize) -> bool {
    let field = &FIELDS[at];
    i64::try_from(values.len()) == Ok(field.max - field.min + 1)
}

fn values(fields: &Fields) -> [Vec<i64>; 6] {
    [
        fields.seconds,
        fields.minutes,
        fields.hours,
        fields.days,
        fields.months,
        fields.weekdays,
    ]
    .map(|bits| (0..60).filter(|value| has(bits, *value)).collect())
}

/// Returns the distance of values that come as often in each round of 60.
fn step(values: &[i64]) -> Option<i64> {
    let [0, step, ..] = values else { return None };
    let even = values
        .iter()
        .zip(0..)
        .all(|(value, at)| *value == at * step);
    (even && i64::try_from(values.len()).ok()? * step == 60).then_some(*step)
}

fn named(names: &[&str], at: i64) -> String {
    let name = usize::try_from(at).ok().and_then(|at| names.get(at));
    name.copied().unwrap_or_default().to_owned()
}

/// Returns `day 1`, `days 1 and 15`.
fn counted(noun: &str, values: &[i64]) -> String {
    let plural = if values.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", runs(values, |value| value.to_string()))
}

/// Names each value, but of three or more in a row only the first and the last.
fn runs(values: &[i64], name: fn(i64) -> String) -> String {
    let mut parts = Vec::new();
    let mut rest = values;
    while let Some(first) = rest.first() {
        let row = rest
            .iter()
            .zip(*first..)
            .take_while(|(a, b)| **a == *b)
            .count();
        let (row, more) = rest.split_at(row);
        match row {
            [first, .., last] if row.len() > 2 => {
                parts.push(format!("{} to {}", name(*first), name(*last)));
            }
            few => parts.extend(few.iter().map(|value| name(*value))),
        }
        rest = more;
    }
    joined(&parts)
}

/// Returns `a, b and c`.
fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns `30 days`, `1 hour 30 minutes`.
pub(super) fn lasting(seconds: i64) -> String {
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, length) in [
        ("day", super::DAY),
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
