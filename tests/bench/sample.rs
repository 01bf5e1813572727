//! Several measurements of one thing.

use std::time::Duration;

/// Durations, sorted; never empty.
pub(crate) struct Sample(Vec<Duration>);

impl FromIterator<Duration> for Sample {
    fn from_iter<I: IntoIterator<Item = Duration>>(durations: I) -> Self {
        let mut sorted: Vec<Duration> = durations.into_iter().collect();
        sorted.sort();
        assert!(!sorted.is_empty(), "a sample of nothing");
        Self(sorted)
    }
}

impl Sample {
    /// The value that half of the sample does not exceed.
    pub(crate) fn median(&self) -> Duration {
        self.quantile(50)
    }

    fn quantile(&self, percent: usize) -> Duration {
        self.0[(self.0.len() - 1) * percent / 100]
    }

    /// For things that take long: the median, and the range as the machine's noise.
    pub(crate) fn milliseconds(&self) -> String {
        let text = |duration: Duration| format!("{:.1}", duration.as_secs_f64() * 1e3);
        let (least, most) = (self.0[0], self.0[self.0.len() - 1]);
        format!(
            "{} ms ({} to {})",
            text(self.median()),
            text(least),
            text(most)
        )
    }

    /// For things that are done often: the median and the 99th percentile.
    pub(crate) fn microseconds(&self) -> String {
        format!(
            "p50 {} µs, p99 {} µs",
            self.median().as_micros(),
            self.quantile(99).as_micros()
        )
    }
}
