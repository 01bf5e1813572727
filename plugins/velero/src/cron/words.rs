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

/// Says when the fields match, in a time zone.
pub(super) fn of(fields: &Fields, zone: &str) -> String {
    let values = values(fields);
    if values.iter().any(Vec::is_empty) {
        return "never".to_owned();
    }
    let [minutes, hours, days, months, weekdays] = values;
    let is_any = |values: &[i64], at: usize| {
        let field = &FIELDS[at];
        i64::try_from(values.len()) == Ok(field.max - field.min + 1)
    };
    let (any_day, any_weekday) = (is_any(&days, 2), is_any(&weekdays, 4));
    let every_day = if fields.either_day() {
        any_day || any_weekday
    } else {
        any_day && any_weekday
    };
    let of_months = runs(&months, |month| named(&MONTHS, month - 1));
    let (of_the_month, in_months) = if is_any(&months, 3) {
        ("the month", String::new())
    } else {
        (of_months.as_str(), format!(" in {of_months}"))
    };
    let plural = if days.len() == 1 { "day" } else { "days" };
    let on_days = format!(
        "on {plural} {} of {of_the_month}",
        runs(&days, |day| day.to_string())
    );
    let on_weekdays = format!(
        "every {}{in_months}",
        runs(&weekdays, |weekday| named(&WEEKDAYS, weekday))
    );
    let date = match (every_day, any_day, any_weekday) {
        (true, ..) => format!("every day{in_months}"),
        (false, true, _) => on_weekdays,
        (false, false, true) => on_days,
        (false, false, false) => format!("{on_days} and {on_weekdays}"),
    };
    let at_minutes = match minutes.as_slice() {
        [minute] => format!("minute {minute}"),
        minutes => format!("minutes {}", runs(minutes, |minute| minute.to_string())),
    };
    if is_any(&hours, 1) {
        let often = match (is_any(&minutes, 0), step(&minutes)) {
            (true, _) => "every minute".to_owned(),
            (false, Some(step)) => format!("every {step} minutes"),
            (false, None) => format!("every hour at {at_minutes}"),
        };
        return if date == "every day" {
            often
        } else {
            format!("{often}, {date} ({zone})")
        };
    }
    if minutes.len() * hours.len() > TIMES {
        let of_hours = runs(&hours, |hour| hour.to_string());
        return format!("{date} at {at_minutes} of hours {of_hours} {zone}");
    }
    let mut times = Vec::new();
    for hour in &hours {
        times.extend(
            minutes
                .iter()
                .map(|minute| format!("{hour:02}:{minute:02}")),
        );
    }
    format!("{date} at {} {zone}", joined(&times))
}

fn values(fields: &Fields) -> [Vec<i64>; 5] {
    [
        fields.minutes,
        fields.hours,
        fields.days,
        fields.months,
        fields.weekdays,
    ]
    .map(|bits| (0..60).filter(|value| has(bits, *value)).collect())
}

/// Returns the distance of minutes that come as often in each hour.
fn step(minutes: &[i64]) -> Option<i64> {
    let [0, step, ..] = minutes else { return None };
    let even = minutes
        .iter()
        .zip(0..)
        .all(|(minute, at)| *minute == at * step);
    (even && i64::try_from(minutes.len()).ok()? * step == 60).then_some(*step)
}

fn named(names: &[&str], at: i64) -> String {
    let name = usize::try_from(at).ok().and_then(|at| names.get(at));
    name.copied().unwrap_or_default().to_owned()
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
