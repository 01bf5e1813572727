//! Storage locations: where backups lie, and whether Velero reaches them.

use crate::duration;
use crate::kinds::velero;
use crate::row;
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::{Document, Failure, Place, Row, Time, when};

/// The paths of a [`Location`], in the order in which it reads them.
const PATHS: [&str; 11] = [
    "metadata.name",
    "status.phase",
    "status.lastValidationTime",
    "spec.validationFrequency",
    "spec.accessMode",
    "spec.default",
    "spec.provider",
    "spec.objectStorage.bucket",
    "spec.objectStorage.prefix",
    "status.message",
    "status.lastSyncedTime",
];

/// How often Velero looks at a location unless it says otherwise, in seconds (`pkg/cmd/server/config/config.go` of 1.18).
const VALIDATED_EVERY: i64 = 60;

/// So many looks are missed before it is said, and never fewer seconds than these.
const MISSED_LOOKS: i64 = 5;
const LEAST_SECONDS: i64 = 600;

/// A backup storage location.
pub(crate) struct Location {
    pub(crate) name: String,
    /// As Velero wrote it; empty where it was not looked at yet.
    pub(crate) phase: String,
    pub(crate) validated: Option<Time>,
    /// In seconds; none where Velero is told never to look again.
    validated_every: Option<i64>,
    /// Backups are neither made nor deleted here; restores are made.
    pub(crate) read_only: bool,
    pub(crate) default: bool,
    pub(crate) provider: String,
    /// Bucket and prefix.
    pub(crate) bucket: String,
    /// Why it is not available, in the provider's words.
    pub(crate) message: String,
    pub(crate) synced: Option<Time>,
}

impl Location {
    fn read(row: &Row) -> Self {
        let every = match row.text(3) {
            "" => Some(VALIDATED_EVERY),
            text => duration::nanoseconds(text).map(|every| every / 1_000_000_000),
        };
        let bucket = match row.text(8) {
            "" => row.text(7).to_owned(),
            prefix => format!("{}/{prefix}", row.text(7)),
        };
        Self {
            name: row.text(0).to_owned(),
            phase: row.text(1).to_owned(),
            validated: row.time(2),
            validated_every: every.filter(|seconds| *seconds > 0),
            read_only: row.text(4) == "ReadOnly",
            default: row.flag(5).unwrap_or(false),
            provider: row.text(6).to_owned(),
            bucket,
            message: row.text(9).to_owned(),
            synced: row.time(10),
        }
    }

    /// Whether Velero reached it when it last looked.
    pub(crate) fn is_available(&self) -> bool {
        self.phase == "Available"
    }

    /// Returns the phase as `velero backup-location get` shows it: `Unknown` where nobody looked yet.
    pub(crate) fn shown_phase(&self) -> &str {
        match self.phase.as_str() {
            "" => "Unknown",
            phase => phase,
        }
    }

    /// Returns how it may be used.
    pub(crate) fn access_mode(&self) -> &'static str {
        match self.read_only {
            true => "ReadOnly",
            false => "ReadWrite",
        }
    }

    /// Whether Velero should have looked at it again long ago: what is said of it is old, and maybe no server runs.
    pub(crate) fn is_stale(&self, now: Time) -> bool {
        let Some(every) = self.validated_every else {
            return false;
        };
        let bound = every.saturating_mul(MISSED_LOOKS).max(LEAST_SECONDS);
        self.validated
            .is_some_and(|validated| now.seconds() - validated.seconds() > bound)
    }

    /// Returns what is wrong with it; none where nothing is.
    pub(crate) fn trouble(&self, now: Time) -> Option<String> {
        let looked = when::from(now, self.validated);
        if !self.is_available() {
            let why = match self.message.as_str() {
                "" => "Velero does not say why",
                message => message,
            };
            let looked = match looked.as_str() {
                "" => "never looked at",
                looked => looked,
            };
            return Some(format!("{} ({looked}): {why}", self.shown_phase()));
        }
        self.is_stale(now).then(|| {
            format!(
                "Available, but last looked at {looked}: it may be so that no Velero server runs"
            )
        })
    }
}

/// Returns the backup storage locations of a namespace of Velero, by name.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn all(namespace: &str) -> Result<Vec<Location>, Failure> {
    let query = Query::in_namespace(velero("backupstoragelocations"), namespace);
    let rows = row::all(&query, &PATHS)?;
    Ok(rows.iter().map(Location::read).collect())
}

/// Adds the location where a backup lies, and whether it is available now; a note where that cannot be read.
///
/// # Errors
/// What cannot be passed over.
pub(crate) fn of_backup(
    document: &mut Document,
    place: &Place,
    name: &str,
    now: Time,
) -> Result<(), Failure> {
    if name.is_empty() {
        document.fact("storage location", "the default one");
        return Ok(());
    }
    let mut locations = Vec::new();
    let read = all(&place.namespace).map(|read| locations = read);
    if !document.known("whether the storage location is available", read)? {
        document.fact("storage location", name);
        return Ok(());
    }
    let words = match locations.iter().find(|location| location.name == name) {
        None => format!("{name}, which is not there any more"),
        Some(location) => {
            let state = location.trouble(now).unwrap_or_else(|| {
                let looked = when::from(now, location.validated);
                format!("{}, looked at {looked}", location.shown_phase())
            });
            if !location.is_available() {
                document.note("nothing can be restored from it until its storage location is available: a person looks at the location's bucket and credentials");
            }
            format!("{name} ({}; {state})", location.access_mode())
        }
    };
    document.fact("storage location", words);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Location;
    use bulkhead_plugin_sdk::Row;
    use bulkhead_plugin_sdk::Time;
    use serde_json::json;

    fn location(phase: &str, frequency: &str) -> Location {
        let values = json!([
            "default",
            phase,
            "2026-11-20T02:00:00Z",
            frequency,
            null,
            true,
            "aws",
            "backups",
            "prod",
            "no such bucket"
        ]);
        let values = values.as_array().expect("it is a list").clone();
        Location::read(&Row(values))
    }

    fn now(clock: &str) -> Time {
        Time::parse(&format!("2026-11-20T{clock}Z")).expect("it is a time")
    }

    #[test]
    fn what_velero_does_not_reach_is_trouble_with_its_reason() {
        let trouble = location("Unavailable", "").trouble(now("02:01:00"));
        assert_eq!(
            trouble.as_deref(),
            Some("Unavailable (60s ago): no such bucket")
        );
        let unseen = location("", "").trouble(now("02:01:00"));
        assert!(unseen.is_some_and(|words| words.starts_with("Unknown")));
    }

    #[test]
    fn what_was_not_looked_at_for_long_is_trouble_unless_nobody_has_to_look() {
        let available = location("Available", "");
        assert_eq!(available.trouble(now("02:10:00")), None);
        assert!(available.trouble(now("02:10:01")).is_some());
        assert_eq!(location("Available", "0s").trouble(now("22:00:00")), None);
        assert_eq!(location("Available", "1h").trouble(now("07:00:00")), None);
    }

    #[test]
    fn it_says_where_it_lies() {
        let location = location("Available", "");
        assert_eq!(location.bucket, "backups/prod");
        assert_eq!(location.access_mode(), "ReadWrite");
    }
}
