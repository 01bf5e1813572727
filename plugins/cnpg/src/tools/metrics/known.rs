//! What Prometheus answered, by what it is about.

use super::expressions::{self, What};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::prometheus::{self, Metrics};

/// The answers, in the order of the expressions.
pub(super) struct Known(Vec<Metrics>);

impl Known {
    /// Asks Prometheus about the instances of these names.
    ///
    /// # Errors
    /// As [`prometheus::query_many`].
    pub(super) fn ask(namespace: &str, instances: &[String]) -> Result<Self, Failure> {
        prometheus::query_many(&expressions::about(namespace, instances)).map(Self)
    }

    fn of(&self, what: What) -> Option<&Metrics> {
        self.0.get(expressions::place(what)?)
    }

    /// Returns what is known of a pod, a database or a volume, by the label that names it; none where nothing is.
    pub(super) fn by(&self, what: What, label: &str, name: &str) -> Option<i64> {
        let mut series = self.of(what)?.series.iter();
        series.find(|one| one.label(label) == name)?.number()
    }

    /// Returns what is known of a pod.
    pub(super) fn pod(&self, what: What, pod: &str) -> Option<i64> {
        self.by(what, "pod", pod)
    }

    /// Returns what is known of the cluster, where it is more than nothing: the exporter writes 0 for what there is not.
    pub(super) fn cluster(&self, what: What) -> Option<i64> {
        let number = self.of(what)?.series.first()?.number()?;
        (number > 0).then_some(number)
    }

    /// Returns the names that a label has.
    pub(super) fn names(&self, what: What, label: &str) -> Vec<String> {
        let series = self.of(what).map(|metrics| metrics.series.iter());
        let labels = series
            .into_iter()
            .flatten()
            .map(|one| one.label(label).to_owned());
        labels.filter(|name| !name.is_empty()).collect()
    }

    /// Returns why the answers may not be all.
    pub(super) fn warnings(&self) -> Vec<&str> {
        let all = self.0.iter().flat_map(|metrics| &metrics.warnings);
        let mut warnings: Vec<&str> = Vec::new();
        for warning in all {
            if !warnings.contains(&warning.as_str()) {
                warnings.push(warning);
            }
        }
        warnings
    }
}
