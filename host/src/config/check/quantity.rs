//! Numbers, sizes and durations, each within its bounds.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::problem::{At, Place, Report};
use super::super::units::{ByteSize, duration_text, parse_duration};

const SIZE_FIX: &str = "write a whole number with the unit B, KiB, MiB or GiB, such as \"64MiB\"";
const DURATION_FIX: &str =
    "write a whole number with the unit ms, s, m or h, such as \"500ms\" or \"30s\"";

/// Returns the number, or the default where none is given or it has a problem.
pub(super) fn count(
    given: Option<At<i64>>,
    bounds: RangeInclusive<u32>,
    default: u32,
    report: &mut Report<'_>,
) -> u32 {
    let Some(number) = given else { return default };
    let fits = u32::try_from(number.value)
        .ok()
        .filter(|fits| bounds.contains(fits));
    if fits.is_none() {
        out_of_bounds(
            &number.place,
            number.value,
            bounds.start(),
            bounds.end(),
            report,
        );
    }
    fits.unwrap_or(default)
}

/// Returns the size, or the default where none is given or it has a problem.
pub(super) fn size(
    given: Option<At<String>>,
    bounds: RangeInclusive<ByteSize>,
    default: ByteSize,
    report: &mut Report<'_>,
) -> ByteSize {
    let Some(text) = given else { return default };
    match text.value.parse() {
        Ok(size) if bounds.contains(&size) => return size,
        Ok(size) => out_of_bounds(&text.place, size, bounds.start(), bounds.end(), report),
        Err(error) => report.add(&text.place, error.to_string(), SIZE_FIX),
    }
    default
}

/// Returns the duration, or the default where none is given or it has a problem.
pub(super) fn duration(
    given: Option<At<String>>,
    bounds: RangeInclusive<Duration>,
    default: Duration,
    report: &mut Report<'_>,
) -> Duration {
    let Some(text) = given else { return default };
    match parse_duration(&text.value) {
        Ok(duration) if bounds.contains(&duration) => return duration,
        Ok(_) => {
            let (least, most) = (duration_text(*bounds.start()), duration_text(*bounds.end()));
            out_of_bounds(&text.place, &text.value, &least, &most, report);
        }
        Err(error) => report.add(&text.place, error.to_string(), DURATION_FIX),
    }
    default
}

fn out_of_bounds(
    place: &Place,
    value: impl Display,
    least: impl Display,
    most: impl Display,
    report: &mut Report<'_>,
) {
    report.add(
        place,
        format!("`{value}` is out of bounds"),
        format!("use {least} to {most}"),
    );
}
