//! Numbers with units, as PostgreSQL reads them (`parse_int`, `parse_real` and `convert_to_base_unit` in `guc.c`).
//!
//! Counted in billionths, by whole numbers: reading floats alone would be a noticeable part of the component. So `0x10` for a
//! number that is not whole, which PostgreSQL takes, is refused here.

/// What one is counted as.
pub(crate) const ONE: i128 = 1_000_000_000;

/// What a unit measures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Memory,
    Time,
}

/// Each unit that PostgreSQL knows, in bytes or in microseconds.
const UNITS: [(&str, Measure, i128); 11] = [
    ("B", Measure::Memory, 1),
    ("kB", Measure::Memory, 1024),
    ("MB", Measure::Memory, 1 << 20),
    ("GB", Measure::Memory, 1 << 30),
    ("TB", Measure::Memory, 1 << 40),
    ("us", Measure::Time, 1),
    ("ms", Measure::Time, 1000),
    ("s", Measure::Time, 1_000_000),
    ("min", Measure::Time, 60_000_000),
    ("h", Measure::Time, 3_600_000_000),
    ("d", Measure::Time, 86_400_000_000),
];

/// Why a text is no number that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It does not begin with a number, or there is more behind it.
    NoNumber,
    /// There is a unit behind it, and the parameter takes none.
    Unitless,
    /// The unit is none of those that the parameter takes.
    Unit,
}

/// Reads a number for a parameter whose own unit is `base`, in billionths of that unit. Whole numbers are rounded as PostgreSQL
/// rounds: to the nearest, and from the middle to the even one.
///
/// # Errors
/// [`Unfit`].
pub(crate) fn read(text: &str, base: &str, whole: bool) -> Result<i128, Unfit> {
    let text = text.trim_matches(is_space);
    let (number, rest) =
        if whole { integer(text) } else { decimal(text) }.ok_or(Unfit::NoNumber)?;
    let unit = rest.trim_start_matches(is_space);
    let value = match unit {
        "" => number,
        _ if base.is_empty() => {
            return Err(if is_unit(unit) {
                Unfit::Unitless
            } else {
                Unfit::NoNumber
            });
        }
        unit => convert(number, unit, base).ok_or(Unfit::Unit)?,
    };
    Ok(if whole { rounded(value) } else { value })
}

/// Returns the units that may stand behind a number, given the parameter's own.
pub(crate) fn units(base: &str) -> &'static str {
    match measure(base) {
        Some((Measure::Memory, _)) => "B, kB, MB, GB, TB",
        Some((Measure::Time, _)) => "us, ms, s, min, h, d",
        None => "",
    }
}

/// Returns the bytes of a number of this unit; none where it measures no memory.
pub(crate) fn bytes(value: i128, base: &str) -> Option<i128> {
    match measure(base)? {
        (Measure::Memory, factor) => Some(value.saturating_mul(factor) / ONE),
        (Measure::Time, _) => None,
    }
}

fn convert(number: i128, unit: &str, base: &str) -> Option<i128> {
    let (of, factor) = measure(unit)?;
    let (of_base, base_factor) = measure(base)?;
    // `8kB` counts blocks: a parameter has it, nobody writes it.
    (of == of_base && is_unit(unit)).then(|| number.saturating_mul(factor) / base_factor)
}

fn is_unit(unit: &str) -> bool {
    UNITS.iter().any(|(name, ..)| *name == unit)
}

fn measure(unit: &str) -> Option<(Measure, i128)> {
    let (blocks, unit) = match unit {
        "8kB" => (8, "kB"),
        unit => (1, unit),
    };
    let (_, of, factor) = UNITS.iter().find(|(name, ..)| *name == unit)?;
    Some((*of, factor * blocks))
}

/// Reads a whole number as C does, also `0x1F` and `017`; what goes on with a point or an exponent is read as a decimal.
fn integer(text: &str) -> Option<(i128, &str)> {
    let (sign, body) = sign(text);
    let (radix, digits) = match body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
        Some(hexadecimal) => (16, hexadecimal),
        None if body.starts_with('0') => (8, body),
        None => (10, body),
    };
    let (digits, rest) = split(digits, |digit| digit.is_digit(radix));
    if digits.is_empty() || rest.starts_with(['.', 'e', 'E']) {
        return decimal(text);
    }
    // Longer ones are past every limit of the table.
    let number = i128::from_str_radix(digits, radix).unwrap_or(i128::MAX);
    Some((sign * number.saturating_mul(ONE), rest))
}

fn decimal(text: &str) -> Option<(i128, &str)> {
    let (sign, body) = sign(text);
    let (before, rest) = split(body, |digit| digit.is_ascii_digit());
    let (after, rest) = match rest.strip_prefix('.') {
        Some(rest) => split(rest, |digit| digit.is_ascii_digit()),
        None => ("", rest),
    };
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let (exponent, rest) = exponent(rest);
    // Where the point stands after the exponent moved it, in digits from the left, and how many billionths there are behind it.
    let places = i64::try_from(before.len())
        .ok()?
        .saturating_add(exponent)
        .saturating_add(9);
    let digits = before.chars().chain(after.chars());
    let mut number: i128 = 0;
    let mut taken: i64 = 0;
    for digit in digits.filter_map(|digit| digit.to_digit(10)) {
        if taken >= places {
            break;
        }
        number = number.saturating_mul(10).saturating_add(i128::from(digit));
        taken += 1;
    }
    while taken < places && number != 0 && number != i128::MAX {
        number = number.saturating_mul(10);
        taken += 1;
    }
    Some((sign * number, rest))
}

/// Reads `e308`; what is no exponent is left where it is.
fn exponent(text: &str) -> (i64, &str) {
    let Some(body) = text.strip_prefix(['e', 'E']) else {
        return (0, text);
    };
    let (sign, digits) = sign(body);
    let (digits, rest) = split(digits, |digit| digit.is_ascii_digit());
    match digits.parse::<i64>() {
        Ok(exponent) if sign < 0 => (-exponent, rest),
        Ok(exponent) => (exponent, rest),
        Err(_) if digits.is_empty() => (0, text),
        Err(_) => (i64::from(i32::MAX), rest),
    }
}

fn sign(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn split(text: &str, takes: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|letter| !takes(letter)).unwrap_or(text.len());
    text.split_at(end)
}

/// To the nearest whole number, and from the middle to the even one.
fn rounded(value: i128) -> i128 {
    let whole = value.div_euclid(ONE);
    let rest = value.rem_euclid(ONE);
    let up = rest > ONE / 2 || (rest == ONE / 2 && whole % 2 != 0);
    (whole + i128::from(up)).saturating_mul(ONE)
}

/// As C's `isspace`.
fn is_space(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == '\u{b}'
}

#[cfg(test)]
mod tests {
    use super::{ONE, Unfit, bytes, read};

    #[test]
    fn memory_and_time_are_counted_in_the_unit_of_the_parameter() {
        for (text, base, whole) in [
            ("64MB", "kB", 65_536),
            ("64 MB", "kB", 65_536),
            (" 1GB ", "8kB", 131_072),
            ("16384", "8kB", 16_384),
            ("0.5GB", "MB", 512),
            ("5min", "s", 300),
            ("90s", "min", 2),
            ("1d", "ms", 86_400_000),
            ("1500us", "ms", 2),
            ("2500us", "ms", 2),
            ("0x10", "", 16),
            ("010", "", 8),
            ("1e3", "", 1000),
            ("-1", "ms", -1),
            ("8193B", "kB", 8),
        ] {
            assert_eq!(read(text, base, true), Ok(whole * ONE), "{text}");
        }
        assert_eq!(read("1.5", "", false), Ok(ONE * 3 / 2));
        assert_eq!(read("250us", "ms", false), Ok(ONE / 4));
        assert_eq!(read("5e-1", "", false), Ok(ONE / 2));
        assert_eq!(read("1.79769e+308", "", false), Ok(i128::MAX));
        assert_eq!(read("1e-400", "", false), Ok(0));
    }

    #[test]
    fn what_is_no_number_or_has_another_unit_is_told_apart() {
        for (text, base, why) in [
            ("", "kB", Unfit::NoNumber),
            ("many", "kB", Unfit::NoNumber),
            ("10x", "", Unfit::NoNumber),
            ("10MB", "", Unfit::Unitless),
            ("10mb", "kB", Unfit::Unit),
            ("10Mi", "kB", Unfit::Unit),
            ("10 8kB", "kB", Unfit::Unit),
            ("10MB", "ms", Unfit::Unit),
            ("10 MB more", "kB", Unfit::Unit),
            ("019", "ms", Unfit::Unit),
        ] {
            assert_eq!(read(text, base, true), Err(why), "{text}");
        }
    }

    #[test]
    fn memory_can_be_said_in_bytes() {
        assert_eq!(bytes(16_384 * ONE, "8kB"), Some(128 << 20));
        assert_eq!(bytes(ONE, "ms"), None);
    }
}
