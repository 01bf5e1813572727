//! Sizes as Kubernetes writes them: `10Gi`, `500M`, `1.5Ti`.
//!
//! Whole numbers alone: what formats floats is large in a component, and a size is compared to the byte.

use bulkhead_plugin_sdk::{Failure, one_line};

/// A unit and its factor, the largest of each row of units first.
const UNITS: [(&str, u128); 12] = [
    ("Ei", 1 << 60),
    ("Pi", 1 << 50),
    ("Ti", 1 << 40),
    ("Gi", 1 << 30),
    ("Mi", 1 << 20),
    ("Ki", 1 << 10),
    ("E", 1_000_000_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("T", 1_000_000_000_000),
    ("G", 1_000_000_000),
    ("M", 1_000_000),
    ("k", 1_000),
];

/// On less than this PostgreSQL has no room for its first WAL files: such a size is a slip, such as `10` for `10Gi`.
const LEAST: u64 = 256 << 20;

/// More digits than these no size has.
const MOST_DIGITS: usize = 18;

/// Returns the bytes, rounded up; none for what is no size.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((text, 1));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part}");
    let is_number = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || digits.len() > MOST_DIGITS {
        return None;
    }
    let below = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let bytes = digits.parse::<u128>().ok()?.checked_mul(factor)?;
    u64::try_from(bytes.div_ceil(below)).ok()
}

/// Reads the size of a volume.
///
/// # Errors
/// `Invalid` where it is none, or so small that no database fits.
pub(crate) fn of_volume(argument: &str, text: &str) -> Result<u64, Failure> {
    let why = match bytes(text) {
        Some(bytes) if bytes >= LEAST => return Ok(bytes),
        Some(_) => "is too small for a database",
        None => "is no size",
    };
    let what = format!("`{argument}`: `{}` {why}", one_line(text));
    Err(Failure::invalid(what).next_step("give a size with its unit, such as `10Gi`"))
}

/// Writes bytes in the largest binary unit in which they are a whole number with at most one digit behind the point, cut there.
pub(crate) fn words(bytes: u64) -> String {
    let bytes = u128::from(bytes);
    let binary = &UNITS[..6];
    match binary.iter().find(|(_, factor)| bytes >= *factor) {
        None => bytes.to_string(),
        Some((unit, factor)) => match bytes % factor * 10 / factor {
            0 => format!("{}{unit}", bytes / factor),
            tenths => format!("{}.{tenths}{unit}", bytes / factor),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, of_volume, words};

    #[test]
    fn sizes_are_read_to_the_byte() {
        let cases = [
            ("10Gi", 10_737_418_240),
            ("1.5Ki", 1536),
            ("500M", 500_000_000),
            ("1k", 1000),
            ("0.1", 1),
            ("8Ei", 9_223_372_036_854_775_808),
        ];
        for (text, size) in cases {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for text in [
            "",
            "Gi",
            "-1Gi",
            "1.2.3",
            "10GiB",
            "ten",
            "1e3",
            "99Ei",
            "9999999999999999999",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_without_its_unit_is_refused_with_the_argument_that_holds_it() {
        assert_eq!(of_volume("storage_size", "1Gi"), Ok(1 << 30));
        let slip = of_volume("storage_size", "10").expect_err("it is a slip");
        assert!(
            slip.message().contains("`storage_size`: `10` is too small"),
            "{slip}"
        );
    }

    #[test]
    fn sizes_are_written_as_people_write_them() {
        for (text, said) in [
            ("10Gi", "10Gi"),
            ("1536Mi", "1.5Gi"),
            ("500M", "476.8Mi"),
            ("12", "12"),
        ] {
            assert_eq!(bytes(text).map(words).as_deref(), Some(said), "{text}");
        }
    }
}
