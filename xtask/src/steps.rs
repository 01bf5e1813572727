//! Named steps with the time that each took, for a summary at the end.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// The steps done so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Says what begins, does it, and remembers how long it took.
    pub(crate) fn step<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let result = work().with_context(|| format!("step `{name}` failed"));
        let elapsed = start.elapsed();
        println!("   {name}: {:.1} s", elapsed.as_secs_f32());
        self.done.push((name, elapsed));
        result
    }

    /// One line per step.
    pub(crate) fn summary(&self) -> String {
        let width = self
            .done
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        for (name, duration) in &self.done {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name:width$}  {:>7.1} s", duration.as_secs_f32());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_named_and_still_stands_in_the_summary() {
        let mut steps = Steps::default();
        let error = steps
            .step("build", || -> Result<()> { anyhow::bail!("no disk") })
            .unwrap_err();
        assert_eq!(format!("{error:#}"), "step `build` failed: no disk");
        assert!(steps.summary().starts_with("  build  "));
    }
}
