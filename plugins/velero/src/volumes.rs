//! What moves the data of volumes: pod volume backups and data uploads for a backup, and the way back for a restore.
//!
//! All four kinds have the same life, so one row reads them all.

use crate::kinds::{GROUP, velero};
use crate::phase::shown;
use crate::row;
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Row, Time, when};

/// A kind of movement of data.
pub(crate) struct Kind {
    plural: &'static str,
    /// For a person.
    pub(crate) words: &'static str,
    /// Where the namespace, the pod or claim, and the volume stand.
    volume: [&'static str; 3],
    node: &'static str,
}

/// Those of a backup.
pub(crate) const OF_BACKUP: [Kind; 2] = [
    Kind {
        plural: "podvolumebackups",
        words: "pod volume backup",
        volume: ["spec.pod.namespace", "spec.pod.name", "spec.volume"],
        node: "spec.node",
    },
    Kind {
        plural: "datauploads",
        words: "data upload",
        volume: ["spec.sourceNamespace", "spec.sourcePVC", "spec.none"],
        node: "status.node",
    },
];

/// Those of a restore.
pub(crate) const OF_RESTORE: [Kind; 2] = [
    Kind {
        plural: "podvolumerestores",
        words: "pod volume restore",
        volume: ["spec.pod.namespace", "spec.pod.name", "spec.volume"],
        node: "status.node",
    },
    Kind {
        plural: "datadownloads",
        words: "data download",
        volume: [
            "spec.targetVolume.namespace",
            "spec.targetVolume.pvc",
            "spec.none",
        ],
        node: "status.node",
    },
];

/// One volume's data on its way.
pub(crate) struct Movement {
    pub(crate) name: String,
    /// Such as `shop/web-0 data` of a pod, `shop/data` of a claim.
    pub(crate) volume: String,
    /// As Velero wrote it; empty where nobody has taken it up.
    pub(crate) phase: String,
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) began: Option<Time>,
    pub(crate) ended: Option<Time>,
    pub(crate) node: String,
    pub(crate) message: String,
}

impl Movement {
    fn read(row: &Row) -> Self {
        let volume = format!("{}/{} {}", row.text(1), row.text(2), row.text(3));
        Self {
            name: row.text(0).to_owned(),
            volume: volume.trim_end().to_owned(),
            phase: shown(row.text(4)).to_owned(),
            done: row.number(5),
            total: row.number(6),
            began: row.time(7),
            ended: row.time(8),
            message: row.text(9).to_owned(),
            node: row.text(10).to_owned(),
        }
    }

    /// Returns how long it took; empty while it is under way.
    pub(crate) fn took(&self) -> String {
        when::took(self.began, self.ended)
    }
}

/// The longest value of a label; Velero cuts longer names and puts a digest behind them (`pkg/label` of 1.18).
const LONGEST_LABEL: usize = 63;

/// Returns what selects everything that belongs to a backup or a restore: `owner` is `backup` or `restore`. What has a long name
/// is selected by its UID, which everything carries that moves data (`pkg/podvolume` and `pkg/backup/actions/csi` of 1.18).
pub(crate) fn selector(owner: &str, name: &str, uid: &str) -> String {
    match name.len() {
        0..=LONGEST_LABEL => format!("velero.io/{owner}-name={name}"),
        _ => format!("velero.io/{owner}-uid={uid}"),
    }
}

/// Shows every movement of a kind that a selector finds to `visit`: none of them is kept.
///
/// # Errors
/// As [`row::each`]; `NotFound` where the cluster does not serve the kind, as an older Velero.
pub(crate) fn each(
    kind: &Kind,
    namespace: &str,
    selector: &str,
    visit: &mut dyn FnMut(Movement),
) -> Result<(), Failure> {
    let query = Query::in_namespace(kind.resource_type(), namespace).label_selector(selector);
    let [outer, inner, volume] = kind.volume;
    let paths = [
        "metadata.name",
        outer,
        inner,
        volume,
        "status.phase",
        "status.progress.bytesDone",
        "status.progress.totalBytes",
        "status.startTimestamp",
        "status.completionTimestamp",
        "status.message",
        kind.node,
    ];
    row::each(&query, &paths, &mut |row| {
        visit(Movement::read(&row));
        Ok(())
    })
}

impl Kind {
    /// The data movers' kinds stand in a version of their own, which is not the one that the group prefers.
    fn resource_type(&self) -> ResourceType {
        let version = self
            .plural
            .starts_with("data")
            .then(|| "v2alpha1".to_owned());
        ResourceType {
            version,
            ..velero(self.plural)
        }
    }

    /// Returns such as `datauploads.velero.io`.
    pub(crate) fn resource(&self) -> String {
        format!("{}.{GROUP}", self.plural)
    }
}

/// Returns a number of bytes as a person reads it: `0 B`, `512 KiB`, `1.5 GiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut unit = 1;
    let mut name = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if bytes / unit < 1024 {
            break;
        }
        unit *= 1024;
        name = next;
    }
    let (whole, tenths) = (bytes / unit, bytes % unit * 10 / unit);
    match tenths {
        0 => format!("{whole} {name}"),
        tenths => format!("{whole}.{tenths} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{selector, size};

    #[test]
    fn bytes_are_said_in_the_unit_that_they_fill() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (524_288, "512 KiB"),
            (1_610_612_736, "1.5 GiB"),
            (3 << 50, "3072 TiB"),
        ];
        for (bytes, words) in cases {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn what_has_a_name_that_is_no_label_is_found_by_its_uid() {
        assert_eq!(
            selector("backup", "nightly", "u-1"),
            "velero.io/backup-name=nightly"
        );
        let long = "x".repeat(64);
        assert_eq!(
            selector("restore", &long, "u-1"),
            "velero.io/restore-uid=u-1"
        );
    }
}
