//! New clusters from backups: what they are made from, and what they must never do.

use super::cluster::people;
use super::{ask, refused, value, with};
use bulkhead_cnpg_data::Fleet;
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Time;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::SystemTime;

pub(crate) const TOOL: &str = "restore_postgres_cluster";

pub(crate) fn restore(namespace: &str, source: &str) -> Value {
    json!({ "namespace": namespace, "name": "restored", "source_cluster": source })
}

/// What would be created, line by line, with the notes behind it.
pub(crate) fn proposed(cnpg: &Running, arguments: &Value) -> (String, String) {
    let answer = value(cnpg, TOOL, arguments).expect(TOOL);
    assert_eq!(answer["risk"], "high", "{answer}");
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    (diff.to_owned(), answer["notes"].to_string())
}

pub(crate) fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// When a backup of the fleet ended: the newest (0) or an older one.
pub(crate) fn ended(cnpg: &Running, namespace: &str, cluster: &str, number: usize) -> Time {
    let asked = json!({ "namespace": namespace, "cluster_name": cluster, "phase": "completed", "limit": 200 });
    let list = value(cnpg, "list_postgres_backups", &asked).expect("it is granted");
    let name = list["rows"][number][0].as_str().expect("a name");
    // Such as `orders-daily-20261121144200`; it took four minutes.
    let (_, digits) = name.rsplit_once('-').expect("a name with its time");
    let part = |range: Range<usize>| digits.get(range).expect("a time of 14 digits");
    let began = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0..4),
        part(4..6),
        part(6..8),
        part(8..10),
        part(10..12),
        part(12..14)
    );
    let began = Time::parse(&began).expect("a time");
    Time::from_seconds(began.seconds() + 240)
}

#[test]
fn an_in_tree_source_is_restored_from_its_object_store_with_what_its_data_needs() {
    let cnpg = people().run(describe);
    let (diff, notes) = proposed(&cnpg, &restore("shop", "orders"));
    has(
        &diff,
        &[
            "spec.bootstrap.recovery.source: \"orders\"",
            "spec.bootstrap.recovery.database: \"orders\"",
            "spec.bootstrap.recovery.owner: \"orders\"",
            "spec.externalClusters[0].name: \"orders\"",
            "spec.externalClusters[0].barmanObjectStore.serverName: \"orders\"",
            "spec.externalClusters[0].barmanObjectStore.destinationPath: \"s3://backups/orders\"",
            "spec.externalClusters[0].barmanObjectStore.s3Credentials.secretAccessKey.name: \"backup-s3\"",
            "spec.externalClusters[0].barmanObjectStore.wal.maxParallel: 4",
            "spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17.7-system-trixie\"",
            "spec.instances: 3",
            "spec.postgresql.parameters.max_connections: \"200\"",
            "spec.storage.size: ",
            "spec.walStorage.size: \"5Gi\"",
        ],
    );
    for absent in [
        "recoveryTarget",
        "managed",
        "archive_mode",
        "shared_preload_libraries",
    ] {
        assert!(!diff.contains(absent), "{absent}: {diff}");
    }
    has(
        &notes,
        &[
            "it holds all data of cluster orders, its roles and their passwords too; cluster orders stays as it is",
            "can be recovered: 20",
            " to now; it goes as far as its WAL does",
            "never the source's, s3://backups/orders, server orders",
            "not taken from the source: managed roles",
        ],
    );
}

/// Archiving to where the source does would overwrite what the source can be restored from.
#[test]
fn whatever_is_restored_the_new_cluster_archives_nowhere() {
    let cnpg = people().run(describe);
    let newest = ask(
        &cnpg,
        "list_postgres_backups",
        &json!({ "namespace": "shop", "cluster_name": "orders", "limit": 1 }),
    );
    let newest = newest.structured.expect("a value")["rows"][0][0].take();
    for arguments in [
        restore("shop", "orders"),
        json!({ "namespace": "shop", "name": "restored", "backup": newest }),
        restore("till", "ledger"),
        restore("lab", "metrics"),
        restore("till", "vault"),
        restore("shop", "catalog"),
    ] {
        let answer = value(&cnpg, TOOL, &arguments).expect(TOOL);
        let diff = answer["steps"][0]["diff"].as_str().expect("a text");
        for forbidden in [
            "spec.backup",
            "spec.plugins",
            "isWALArchiver",
            "skipEmptyWalArchiveCheck",
            "spec.replica.",
        ] {
            assert!(!diff.contains(forbidden), "{arguments}: {diff}");
        }
        assert!(
            answer["notes"]
                .to_string()
                .contains("the new cluster archives no WAL"),
            "{answer}"
        );
        assert_eq!(answer["steps"].as_array().map(Vec::len), Some(1));
        assert_eq!(answer["steps"][0]["action"], "create");
    }
}

#[test]
fn a_plugins_backups_are_restored_from_its_object_store() {
    let cnpg = people().run(describe);
    cnpg.cluster().change(|cluster| {
        let window = json!({ "firstRecoverabilityPoint": "2026-01-02T03:04:05Z" });
        let store = json!({
            "apiVersion": "barmancloud.cnpg.io/v1", "kind": "ObjectStore", "metadata": { "name": "ledger-store", "namespace": "till" },
            "spec": {}, "status": { "serverRecoveryWindow": { "ledger": window } },
        });
        cluster.insert(store).expect("its type is served");
    });
    let (diff, notes) = proposed(&cnpg, &restore("till", "ledger"));
    has(
        &diff,
        &[
            "spec.bootstrap.recovery.source: \"ledger\"",
            "spec.externalClusters[0].plugin.name: \"barman-cloud.cloudnative-pg.io\"",
            "spec.externalClusters[0].plugin.parameters.barmanObjectName: \"ledger-store\"",
            "spec.externalClusters[0].plugin.parameters.serverName: \"ledger\"",
        ],
    );
    has(&notes, &["can be recovered: 2026-01-02T03:04:05Z ("]);
    let early = with(
        &restore("till", "ledger"),
        &json!({ "target_time": "2026-01-02T03:04:04Z" }),
    );
    refused(
        &cnpg,
        TOOL,
        &early,
        "is before the end of the first base backup, 2026-01-02T03:04:05Z",
    );
}

#[test]
fn where_the_plugins_window_is_not_known_the_backup_objects_tell_it() {
    let cnpg = people().run(describe);
    let first = ended(&cnpg, "till", "ledger", 29);
    let (_, notes) = proposed(&cnpg, &restore("till", "ledger"));
    has(
        &notes,
        &[
            "there is no ObjectStore ledger-store in namespace till",
            &format!("its oldest Backup object is of {first}"),
        ],
    );
}

#[test]
fn a_backup_of_a_plugin_is_named_by_its_id() {
    let cnpg = people().run(describe);
    let asked = json!({ "namespace": "till", "cluster_name": "ledger", "limit": 1 });
    let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    let row = &list["rows"][0];
    let id = list["columns"]
        .as_array()
        .expect("a list")
        .iter()
        .position(|column| column == "ID")
        .expect("a column");
    let arguments = json!({ "namespace": "till", "name": "restored", "backup": row[0] });
    let (diff, _) = proposed(&cnpg, &arguments);
    has(
        &diff,
        &[&format!(
            "spec.bootstrap.recovery.recoveryTarget.backupID: {}",
            row[id]
        )],
    );
}

#[test]
fn volume_snapshots_are_restored_by_their_backup_and_only_to_its_moment() {
    let cnpg = people().run(describe);
    let (diff, notes) = proposed(&cnpg, &restore("lab", "metrics"));
    has(
        &diff,
        &[
            "spec.bootstrap.recovery.backup.name: \"metrics-daily-",
            "spec.imageCatalogRef.name: \"postgresql\"",
        ],
    );
    assert!(
        !diff.contains("externalClusters") && !diff.contains("volumeSnapshots"),
        "{diff}"
    );
    has(
        &notes,
        &[
            "no WAL is archived: what was written after the backup is not in it; it was taken online, so it comes up as after a crash",
            "its volumes are made from 1 volume snapshots",
        ],
    );
    let timed = with(
        &restore("lab", "metrics"),
        &json!({ "target_time": ended(&cnpg, "lab", "metrics", 1).to_string() }),
    );
    refused(
        &cnpg,
        TOOL,
        &timed,
        "no WAL of cluster `metrics` is archived: only the moment of a backup can be restored",
    );
}

#[test]
fn snapshots_with_a_wal_archive_take_the_newest_before_the_time_and_the_archives_wal() {
    let cnpg = people().run(describe);
    let fleet = Fleet::new(SystemTime::now());
    let metrics = fleet.object("Cluster", "lab", "metrics");
    let mut metrics = metrics.expect("it is there").clone();
    metrics["spec"]["backup"]["barmanObjectStore"] =
        json!({ "destinationPath": "s3://backups/metrics", "serverName": "metrics-2" });
    cnpg.cluster().change(|cluster| {
        cluster.insert(metrics).expect("its type is served");
    });
    let time = ended(&cnpg, "lab", "metrics", 3);
    let arguments = with(
        &restore("lab", "metrics"),
        &json!({ "method": "volumeSnapshot", "target_time": time.to_string() }),
    );
    let (diff, _) = proposed(&cnpg, &arguments);
    let asked = json!({ "namespace": "lab", "cluster_name": "metrics", "limit": 5 });
    let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    has(
        &diff,
        &[
            "spec.bootstrap.recovery.source: \"metrics\"",
            &format!(
                "spec.bootstrap.recovery.volumeSnapshots.storage.name: {}",
                list["rows"][3][0]
            ),
            "spec.bootstrap.recovery.volumeSnapshots.storage.kind: \"VolumeSnapshot\"",
            "spec.externalClusters[0].barmanObjectStore.serverName: \"metrics-2\"",
            &format!("spec.bootstrap.recovery.recoveryTarget.targetTime: \"{time}\""),
        ],
    );
    let early = with(
        &arguments,
        &json!({ "target_time": "2020-01-01T00:00:00Z" }),
    );
    refused(
        &cnpg,
        TOOL,
        &early,
        "has no completed backup by volume snapshots that ended before 2020-01-01T00:00:00Z",
    );
}
