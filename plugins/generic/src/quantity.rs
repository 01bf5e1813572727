//! Kubernetes' quantities: `250m`, `1500000n`, `128Mi`, `1e3`.

/// Returns the CPU in thousandths of a core, rounded up; none for what is no quantity.
pub(crate) fn milli_cores(text: &str) -> Option<u64> {
    whole(number(text)? * 1000.0)
}

/// Returns the bytes, rounded up; none for what is no quantity.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    whole(number(text)?)
}

/// Writes bytes in mebibytes, as `kubectl top`.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{}Mi", bytes / (1024 * 1024))
}

fn number(text: &str) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 15] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("Ei", 1_152_921_504_606_846_976.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    let suffixed = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)));
    let (digits, factor) = suffixed.unwrap_or((text, 1.0));
    let digits = digits.parse::<f64>().ok()?;
    Some(digits * factor)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both ends are checked"
)]
fn whole(number: f64) -> Option<u64> {
    // 2^53: up to here a float holds every whole number.
    (0.0..=9_007_199_254_740_992.0)
        .contains(&number)
        .then_some(number.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::{bytes, mebibytes, milli_cores};

    #[test]
    fn cpu_is_read_in_thousandths_of_a_core() {
        let cases = [
            ("1", 1000),
            ("250m", 250),
            ("1500000n", 2),
            ("12345678u", 12_346),
            ("0.5", 500),
            ("0", 0),
        ];
        for (text, milli) in cases {
            assert_eq!(milli_cores(text), Some(milli), "{text}");
        }
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let cases = [
            ("128Mi", 134_217_728),
            ("1G", 1_000_000_000),
            ("1e3", 1000),
            ("512", 512),
            ("2Ki", 2048),
        ];
        for (text, size) in cases {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        assert_eq!(mebibytes(134_217_728), "128Mi");
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "a lot", "-1", "1e400", "NaN", "Mi"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
