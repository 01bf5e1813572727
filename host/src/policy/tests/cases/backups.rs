//! Backups, which act with their own power.

use serde_json::json;

use super::{Case, Kind, POD, annotated, create, delete, update};

const RESTORE: Kind = ("velero.io", "restores");
const BACKUP: Kind = ("velero.io", "backups");
const SCHEDULE: Kind = ("velero.io", "schedules");

pub(super) fn cases() -> Vec<Case> {
    let spec =
        |title, kind, change| update(title, kind, json!({"spec": {}}), json!({"spec": change}));
    vec![
        create(
            "a backup of a namespace",
            BACKUP,
            json!({"spec": {"includedNamespaces": ["shop"]}}),
        ),
        create(
            "a backup of everything",
            BACKUP,
            json!({"spec": {"includedNamespaces": ["*"]}}),
        ),
        create("a backup that names no namespace", BACKUP, json!({})),
        create(
            "a backup of an empty list of namespaces",
            BACKUP,
            json!({"spec": {"includedNamespaces": []}}),
        ),
        create(
            "a backup of namespaces by a pattern",
            BACKUP,
            json!({"spec": {"includedNamespaces": ["shop", "b*nk"]}}),
        ),
        create(
            "a backup that runs a command",
            BACKUP,
            json!({"spec": {"includedNamespaces": ["shop"], "hooks": {"resources": [
                {"name": "a", "pre": [{"exec": {"command": ["id"]}}]}
            ]}}}),
        ),
        delete("a backup", BACKUP),
        update(
            "a backup that is told to run again",
            BACKUP,
            json!({"status": {"phase": "Completed"}}),
            json!({"status": {"phase": "New"}}),
        ),
        create(
            "a restore",
            RESTORE,
            json!({"spec": {"backupName": "nightly"}}),
        ),
        create(
            "a restore of a namespace",
            RESTORE,
            json!({"spec": {"backupName": "nightly", "includedNamespaces": ["shop"]}}),
        ),
        create(
            "a restore of everything",
            RESTORE,
            json!({"spec": {"backupName": "nightly", "includedNamespaces": ["*"]}}),
        ),
        create(
            "a restore into another namespace",
            RESTORE,
            json!({"spec": {
                "backupName": "nightly", "namespaceMapping": {"payments": "mine"},
            }}),
        ),
        create(
            "a restore that overwrites",
            RESTORE,
            json!({"spec": {
                "backupName": "nightly", "existingResourcePolicy": "update", "resourceModifier": {"kind": "ConfigMap", "name": "m"},
            }}),
        ),
        spec(
            "a schedule that is paused",
            SCHEDULE,
            json!({"paused": true}),
        ),
        spec(
            "a schedule that is resumed",
            SCHEDULE,
            json!({"paused": false}),
        ),
        spec(
            "a schedule at another hour",
            SCHEDULE,
            json!({"schedule": "0 1 * * *"}),
        ),
        spec(
            "a schedule whose backups live shorter",
            SCHEDULE,
            json!({"template": {"ttl": "1h"}}),
        ),
        create(
            "a schedule of a namespace",
            SCHEDULE,
            json!({"spec": {"template": {"includedNamespaces": ["shop"]}}}),
        ),
        create(
            "a schedule that names no namespace",
            SCHEDULE,
            json!({"spec": {"template": {"ttl": "24h"}}}),
        ),
        update(
            "a schedule that names no namespace any more",
            SCHEDULE,
            json!({"spec": {"template": {"includedNamespaces": ["shop"]}}}),
            json!({"spec": {"template": {"includedNamespaces": null}}}),
        ),
        update(
            "a schedule of all namespaces",
            SCHEDULE,
            json!({"spec": {"template": {"includedNamespaces": ["shop"]}}}),
            json!({"spec": {"template": {"includedNamespaces": ["*"]}}}),
        ),
        delete("a schedule", SCHEDULE),
        create(
            "a request to delete a backup",
            ("velero.io", "deletebackuprequests"),
            json!({"spec": {"backupName": "x"}}),
        ),
        create(
            "a request to download a backup",
            ("velero.io", "downloadrequests"),
            json!({}),
        ),
        spec(
            "another place for backups",
            ("velero.io", "backupstoragelocations"),
            json!({"credential": {"name": "s3", "key": "k"}}),
        ),
        create(
            "another place for snapshots",
            ("velero.io", "volumesnapshotlocations"),
            json!({}),
        ),
        create(
            "another repository",
            ("velero.io", "backuprepositories"),
            json!({}),
        ),
        create(
            "a config map that changes what is restored",
            ("", "configmaps"),
            json!({"metadata": {"labels": {"velero.io/change-image-name": "x"}}}),
        ),
        update(
            "a pod that runs a command at backups",
            POD,
            json!({}),
            annotated("pre.hook.backup.velero.io/command", "[\"id\"]"),
        ),
    ]
}
