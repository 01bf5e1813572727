//! The volumes of which a backup moved data out of the cluster: pod volume backups and data uploads. Snapshots by a volume
//! snapshotter or by CSI alone leave only their numbers in the backup's status.

use crate::kinds::velero;
use crate::phase::Meaning;
use crate::row;
use crate::volumes::selector;
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Row};

/// A volume with data in a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) namespace: String,
    /// Empty for a pod's volume that has no claim.
    pub(crate) claim: String,
    /// Empty where a snapshot was moved.
    pub(crate) pod: String,
    /// The storage class of the claim; empty where it is not said.
    pub(crate) class: String,
    pub(crate) meaning: Meaning,
}

/// Returns the volumes of a backup. A Velero without data uploads has none of them.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn of_backup(namespace: &str, name: &str, uid: &str) -> Result<Vec<Volume>, Failure> {
    let selector = selector("backup", name, uid);
    // The annotation is that of `pkg/podvolume/configs`.
    let of_pods = [
        "spec.pod.namespace",
        "metadata.annotations['velero.io/pvc-name']",
        "status.phase",
        "spec.pod.name",
    ];
    let of_snapshots = [
        "spec.sourceNamespace",
        "spec.sourcePVC",
        "status.phase",
        "metadata.nothing",
        "spec.csiSnapshot.storageClass",
    ];
    let selected =
        |of: ResourceType| Query::in_namespace(of, namespace).label_selector(selector.as_str());
    let mut rows = row::all(&selected(velero("podvolumebackups")), &of_pods)?;
    let mut uploads = velero("datauploads");
    uploads.version = Some("v2alpha1".to_owned());
    match row::all(&selected(uploads), &of_snapshots) {
        Ok(more) => rows.extend(more),
        Err(Failure::NotFound(_)) => {}
        Err(failure) => return Err(failure),
    }
    Ok(rows.iter().map(read).collect())
}

impl Volume {
    /// Such as `shop/data-db-0`, `shop/db-0` for a volume without a claim.
    pub(crate) fn words(&self) -> String {
        let name = if self.claim.is_empty() {
            &self.pod
        } else {
            &self.claim
        };
        format!("{}/{name}", self.namespace)
    }
}

fn read(row: &Row) -> Volume {
    Volume {
        namespace: row.text(0).to_owned(),
        claim: row.text(1).to_owned(),
        meaning: Meaning::of(row.text(2)),
        pod: row.text(3).to_owned(),
        class: row.text(4).to_owned(),
    }
}

/// Whether the data of a claim is there.
pub(crate) fn hold(volumes: &[Volume], namespace: &str, claim: &str) -> bool {
    volumes.iter().any(|volume| {
        volume.namespace == namespace
            && volume.claim == claim
            && volume.meaning == Meaning::Completed
    })
}
