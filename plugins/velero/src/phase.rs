//! The phases of Velero's objects (`pkg/apis/velero/v1` and `v2alpha1` of 1.18), and what they mean for whoever asks.

/// What a phase means. A backup that failed in part is a state of its own: it can be restored from, with holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Not begun.
    Waiting,
    /// Under way, without an error so far.
    Running,
    /// Under way, and some of it has failed already.
    RunningWithErrors,
    /// Ended well.
    Completed,
    /// Ended, and some of it failed.
    PartiallyFailed,
    /// Ended, and failed.
    Failed,
    /// Will not run as it is written.
    Invalid,
    /// Given up by someone.
    Canceled,
    /// Being deleted, with its data, or left so by a deletion that failed.
    Deleting,
    /// A phase of another version of Velero.
    Unknown,
}

impl Meaning {
    /// Returns what a phase means, of backups, restores, volume backups and data movements. No phase is `New`: nobody has taken it
    /// up yet.
    pub(crate) fn of(phase: &str) -> Self {
        match phase {
            "" | "New" | "Queued" | "ReadyToStart" | "Accepted" | "Prepared" => Self::Waiting,
            "InProgress" | "WaitingForPluginOperations" | "Finalizing" | "Canceling" => {
                Self::Running
            }
            "WaitingForPluginOperationsPartiallyFailed" | "FinalizingPartiallyFailed" => {
                Self::RunningWithErrors
            }
            "Completed" | "Processed" => Self::Completed,
            "PartiallyFailed" => Self::PartiallyFailed,
            "Failed" => Self::Failed,
            "FailedValidation" => Self::Invalid,
            "Canceled" => Self::Canceled,
            "Deleting" => Self::Deleting,
            _ => Self::Unknown,
        }
    }

    /// Returns what it means, to a person.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Waiting => "it has not begun",
            Self::Running => "it is under way",
            Self::RunningWithErrors => "it is under way, and some of it has failed already",
            Self::Completed => "it ended well",
            Self::PartiallyFailed => "it ended, and some of it failed",
            Self::Failed => "it failed",
            Self::Invalid => "it does not run as it is written",
            Self::Canceled => "it was given up",
            Self::Deleting => "its deletion has begun, with its data",
            Self::Unknown => "a phase that Velero 1.18 does not have",
        }
    }

    /// Whether nothing more will come of it.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Completed
            | Self::PartiallyFailed
            | Self::Failed
            | Self::Invalid
            | Self::Canceled => true,
            Self::Waiting
            | Self::Running
            | Self::RunningWithErrors
            | Self::Deleting
            | Self::Unknown => false,
        }
    }

    /// Whether a person should look at it.
    pub(crate) fn is_trouble(self) -> bool {
        match self {
            Self::RunningWithErrors
            | Self::PartiallyFailed
            | Self::Failed
            | Self::Invalid
            | Self::Unknown => true,
            Self::Waiting | Self::Running | Self::Completed | Self::Canceled | Self::Deleting => {
                false
            }
        }
    }
}

/// Returns the phase in Velero's words: no phase is `New`.
pub(crate) fn shown(phase: &str) -> &str {
    if phase.is_empty() { "New" } else { phase }
}

#[cfg(test)]
mod tests {
    use super::Meaning;

    #[test]
    fn a_partial_failure_is_terminal_and_trouble_and_no_failure() {
        let meaning = Meaning::of("PartiallyFailed");
        assert_eq!(meaning, Meaning::PartiallyFailed);
        assert!(meaning.is_terminal() && meaning.is_trouble());
    }

    #[test]
    fn what_runs_is_not_terminal_even_where_some_of_it_failed() {
        for phase in [
            "",
            "New",
            "Queued",
            "ReadyToStart",
            "InProgress",
            "WaitingForPluginOperations",
            "WaitingForPluginOperationsPartiallyFailed",
            "Finalizing",
            "FinalizingPartiallyFailed",
            "Deleting",
        ] {
            assert!(!Meaning::of(phase).is_terminal(), "{phase}");
        }
    }

    #[test]
    fn a_phase_of_another_version_is_unknown_and_trouble() {
        assert!(Meaning::of("Hibernating").is_trouble());
    }
}
