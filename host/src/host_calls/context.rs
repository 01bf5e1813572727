//! The `context` interface: the call that is being answered. Nothing here touches the world, so nothing passes the gate.

use super::HostCalls;
use super::bindings::bulkhead::plugin::context::Level;
use crate::call::Progress;
use crate::proposal::Moment;
use crate::{escape, redact};

/// A line of log is cut after this many bytes.
const LOG_LINE_BYTES: usize = 4 * 1024;

/// A progress message is cut after this many bytes.
const PROGRESS_BYTES: usize = 512;

/// What is cleaned of a message before that cut.
const PROGRESS_MARGIN_BYTES: usize = 4 * 1024;

impl HostCalls {
    /// Returns the namespace of the kubeconfig's context.
    #[must_use]
    pub fn default_namespace(&self) -> String {
        self.cluster.default_namespace().to_owned()
    }

    /// Returns the name of the kubeconfig's context.
    #[must_use]
    pub fn cluster_name(&self) -> String {
        self.cluster.name().to_owned()
    }

    /// Returns the operator's settings as JSON text.
    #[must_use]
    pub fn settings(&self) -> String {
        self.settings.to_string()
    }

    /// Returns what is left of the wall time, in milliseconds.
    #[must_use]
    pub fn remaining_milliseconds(&self) -> u32 {
        u32::try_from(self.call.remaining().as_millis()).unwrap_or(u32::MAX)
    }

    /// Returns the time in UTC, to the second.
    #[must_use]
    pub fn now(&self) -> String {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Moment::default().plus(since).to_string()
    }

    /// Passes progress on, where the client asked for it.
    pub fn progress(&self, done: f64, total: Option<f64>, message: &str) {
        let spent = self.call.budget.take_host_call().is_err();
        if let (false, Some(sink)) = (spent, &self.call.progress) {
            sink(Progress {
                done,
                total,
                message: cut(
                    &redact::text(cut(message, PROGRESS_MARGIN_BYTES)),
                    PROGRESS_BYTES,
                )
                .to_owned(),
            });
        }
    }

    /// Writes a line to the operator's log, escaped: it is the plugin's text, and the log is a terminal.
    pub fn log(&self, level: Level, message: &str) {
        let line = cut(message, LOG_LINE_BYTES);
        if !self.call.budget.take_log(line.len().max(1)) {
            return;
        }
        let line = escape::line(&redact::text(line));
        let (plugin, tool) = (&self.call.plugin, &self.call.tool);
        match level {
            Level::Debug => tracing::debug!(target: "bulkhead::plugin", "{plugin}/{tool}: {line}"),
            Level::Info => tracing::info!(target: "bulkhead::plugin", "{plugin}/{tool}: {line}"),
            Level::Warn => tracing::warn!(target: "bulkhead::plugin", "{plugin}/{tool}: {line}"),
            Level::Error => tracing::error!(target: "bulkhead::plugin", "{plugin}/{tool}: {line}"),
        }
    }
}

/// The longest start of `text` within so many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_keeps_whole_characters() {
        assert_eq!(cut("aäb", 2), "a");
        assert_eq!(cut("aäb", 3), "aä");
        assert_eq!(cut("a", 10), "a");
    }
}
