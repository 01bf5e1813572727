//! New clusters from backups: what they are made from, to which time, and what they must never do.

use crate::cluster::{READ, USE, WRITE, bare, granted, people, reading};
use crate::{ask, refused, value, with};
use bulkhead_cnpg_data::Fleet;
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};
use std::time::SystemTime;

const TOOL: &str = "restore_postgres_cluster";

fn restore(namespace: &str, source: &str) -> Value {
    json!({ "namespace": namespace, "name": "restored", "source_cluster": source })
}

/// What would be created, line by line, with the notes behind it.
fn proposed(cnpg: &Running, arguments: &Value) -> (String, String) {
    let answer = value(cnpg, TOOL, arguments).expect(TOOL);
    assert_eq!(answer["risk"], "high", "{answer}");
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    (diff.to_owned(), answer["notes"].to_string())
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// A time of the fleet, as its objects write it: when the newest (0) or an older backup of a schedule ended.
fn ended(cnpg: &Running, namespace: &str, cluster: &str, number: usize) -> String {
    let asked = json!({ "namespace": namespace, "cluster_name": cluster, "phase": "completed", "limit": 200 });
    let list = value(cnpg, "list_postgres_backups", &asked).expect("it is granted");
    let name = list["rows"][number][0].as_str().expect("a name");
    // `orders-daily-20261121144200`, and it took four minutes.
    let digits = &name[name.len() - 14..];
    let minute: u32 = digits[10..12].parse().expect("a number");
    let hour: u32 = digits[8..10].parse().expect("a number");
    assert!(minute < 56, "the backup ends in the next hour: run again");
    format!(
        "{}-{}-{}T{hour:02}:{:02}:{}Z",
        &digits[..4],
        &digits[4..6],
        &digits[6..8],
        minute + 4,
        &digits[12..]
    )
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
        &json!({ "target_time": ended(&cnpg, "lab", "metrics", 1) }),
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
        &json!({ "method": "volumeSnapshot", "target_time": time }),
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

#[test]
fn a_point_in_time_is_checked_against_what_can_be_recovered() {
    let cnpg = people().run(describe);
    let at = |source: (&str, &str), time: &str| {
        with(
            &restore(source.0, source.1),
            &json!({ "target_time": time }),
        )
    };
    let orders = ("shop", "orders");
    let time = ended(&cnpg, "shop", "orders", 5);
    let (diff, notes) = proposed(&cnpg, &at(orders, &time));
    has(
        &diff,
        &[&format!(
            "spec.bootstrap.recovery.recoveryTarget.targetTime: \"{time}\""
        )],
    );
    has(
        &notes,
        &[
            "PostgreSQL stops at the first transaction behind the time; where there is none, the recovery fails",
        ],
    );
    // The same moment in another zone is written in UTC.
    let (day, clock) = time.split_once('T').expect("a time");
    let hour: u32 = clock[..2].parse().expect("a number");
    if hour < 22 {
        let local = format!("{day}T{:02}{}+01:00", hour + 1, &clock[2..8]);
        let (diff, _) = proposed(&cnpg, &at(orders, &local));
        has(&diff, &[&format!("targetTime: \"{time}\"")]);
    }
    for (arguments, why) in [
        (
            at(orders, "2020-01-01T00:00:00Z"),
            "`target_time` 2020-01-01T00:00:00Z is before the end of the first base backup, ",
        ),
        (
            at(orders, "2099-01-01T00:00:00Z"),
            "`target_time` 2099-01-01T00:00:00Z lies in the future",
        ),
        (
            at(orders, "2026-11-20 14:30:00"),
            "which is no time with its zone",
        ),
        (at(orders, "yesterday"), "which is no time with its zone"),
    ] {
        refused(&cnpg, TOOL, &arguments, why);
    }
    // Archiving has failed for two days and eleven hours.
    let late = ended(&cnpg, "shop", "orders", 0);
    refused(
        &cnpg,
        TOOL,
        &at(("shop", "catalog"), &late),
        ", since when WAL archiving fails; next: give a time in 20",
    );
    let hibernated = ended(&cnpg, "till", "vault", 0);
    refused(
        &cnpg,
        TOOL,
        &at(("till", "vault"), &hibernated),
        ", since when the cluster is hibernated",
    );
}

#[test]
fn a_time_before_the_end_of_the_named_backup_cannot_be_reached() {
    let cnpg = people().run(describe);
    let asked = json!({ "namespace": "shop", "cluster_name": "orders", "limit": 1 });
    let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    let before = ended(&cnpg, "shop", "orders", 1);
    let arguments = json!({ "namespace": "shop", "name": "restored", "backup": list["rows"][0][0], "target_time": before });
    refused(
        &cnpg,
        TOOL,
        &arguments,
        "is before the end of the first base backup",
    );
    let alone = json!({ "namespace": "shop", "name": "restored", "backup": list["rows"][0][0] });
    let (diff, _) = proposed(&cnpg, &alone);
    has(
        &diff,
        &[&format!(
            "spec.bootstrap.recovery.backup.name: {}",
            list["rows"][0][0]
        )],
    );
    assert!(!diff.contains("externalClusters"), "{diff}");
}

/// Removes a cluster whose backups stay.
fn drop_cluster(cnpg: &Running, namespace: &str, name: &str) {
    cnpg.cluster().change(|cluster| {
        assert!(cluster.remove("postgresql.cnpg.io", "clusters", namespace, name));
    });
}

#[test]
fn a_cluster_that_is_gone_is_restored_from_the_backups_it_left() {
    let cnpg = people().run(describe);
    let newest = |namespace: &str, cluster: &str| {
        let asked = json!({ "namespace": namespace, "cluster_name": cluster, "limit": 1 });
        let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
        let name = list["rows"][0][0].clone();
        json!({ "namespace": namespace, "name": "restored", "backup": name })
    };
    let (orders, ledger) = (newest("shop", "orders"), newest("till", "ledger"));
    drop_cluster(&cnpg, "shop", "orders");
    drop_cluster(&cnpg, "till", "ledger");
    refused(
        &cnpg,
        TOOL,
        &restore("shop", "orders"),
        "there is no cluster `orders` in namespace shop",
    );
    refused(
        &cnpg,
        TOOL,
        &orders,
        "cluster `orders` does not say how large its volumes are; next: give `storage_size`",
    );
    let sized = with(&orders, &json!({ "storage_size": "20Gi" }));
    let (diff, notes) = proposed(&cnpg, &sized);
    has(
        &diff,
        &[
            "spec.bootstrap.recovery.backup.name: \"orders-daily-",
            "spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17\"",
            "spec.instances: 1",
            "spec.storage.size: \"20Gi\"",
        ],
    );
    has(
        &notes,
        &[
            "its application's database is not known",
            "not known: how long its WAL was archived, since the cluster is gone",
        ],
    );
    refused(
        &cnpg,
        TOOL,
        &with(&sized, &json!({ "postgres_version": "16" })),
        "`postgres_version` is `16`, and the backup is of PostgreSQL 17",
    );
    let plugin = with(
        &ledger,
        &json!({ "storage_size": "20Gi", "database": "ledger", "owner": "ledger" }),
    );
    refused(
        &cnpg,
        TOOL,
        &plugin,
        "where plugin `barman-cloud.cloudnative-pg.io` keeps its backups is not known; next: name the ObjectStore",
    );
    let (diff, _) = proposed(
        &cnpg,
        &with(&plugin, &json!({ "object_store": "ledger-store" })),
    );
    has(
        &diff,
        &[
            "spec.externalClusters[0].plugin.parameters.barmanObjectName: \"ledger-store\"",
            "spec.externalClusters[0].plugin.parameters.serverName: \"ledger\"",
            "spec.bootstrap.recovery.database: \"ledger\"",
            "spec.bootstrap.recovery.recoveryTarget.backupID: ",
        ],
    );
}

#[test]
fn what_cannot_be_restored_is_refused_with_the_reason() {
    let cnpg = people().run(describe);
    let orders = |more: Value| with(&restore("shop", "orders"), &more);
    let listed = ask(
        &cnpg,
        "list_postgres_backups",
        &json!({ "namespace": "shop", "cluster_name": "catalog", "phase": "failed" }),
    );
    let failed = listed.structured.expect("a value")["rows"][0][0].take();
    for (arguments, why) in [
        (
            orders(json!({ "name": "carts" })),
            "conflict: there is a cluster `carts` in namespace shop already: nothing is restored over it",
        ),
        (
            orders(json!({ "name": "orders" })),
            "nothing is restored over it",
        ),
        (
            orders(json!({ "name": "Orders!" })),
            "is no name for a cluster",
        ),
        (
            orders(json!({ "storage_size": "1Gi" })),
            "`storage_size` is `1Gi`, and the volumes of cluster `orders` have ",
        ),
        (
            orders(json!({ "storage_size": "10" })),
            "`storage_size`: `10` is too small",
        ),
        (
            orders(json!({ "storage_class": "fastest" })),
            "there is no storage class `fastest`; there is ",
        ),
        (
            orders(json!({ "method": "plugin" })),
            "cluster `orders` has no `plugin` configured",
        ),
        (
            orders(json!({ "postgres_version": "17" })),
            "`postgres_version` is given, and the source says which it is",
        ),
        (
            orders(json!({ "object_store": "other" })),
            "cluster `orders` says itself where its backups are: s3://backups/orders, server orders",
        ),
        (
            orders(json!({ "backup": "catalog-before-upgrade" })),
            "backup `catalog-before-upgrade` in namespace shop is running, so there is nothing to restore from",
        ),
        (
            orders(json!({ "backup": failed })),
            "is failed, so there is nothing to restore from",
        ),
        (
            orders(json!({ "backup": "orders-dialy" })),
            "there is no backup `orders-dialy` in namespace shop; there is orders-daily-",
        ),
        (
            json!({ "namespace": "shop", "name": "restored" }),
            "neither `source_cluster` nor `backup` is given",
        ),
        (
            restore("lab", "scratch"),
            "cluster `scratch` has no backup configured",
        ),
    ] {
        refused(&cnpg, TOOL, &arguments, why);
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn a_backup_of_another_cluster_than_the_source_is_refused() {
    let cnpg = people().run(describe);
    let asked = json!({ "namespace": "shop", "cluster_name": "carts", "limit": 1 });
    let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    let arguments = with(
        &restore("shop", "orders"),
        &json!({ "backup": list["rows"][0][0] }),
    );
    refused(
        &cnpg,
        TOOL,
        &arguments,
        "is of cluster `carts`, and `source_cluster` is `orders`",
    );
}

#[test]
fn volumes_of_an_earlier_cluster_of_that_name_would_be_taken_over() {
    let cnpg = people().run(describe);
    drop_cluster(&cnpg, "lab", "sandbox");
    let arguments = with(&restore("lab", "metrics"), &json!({ "name": "sandbox" }));
    refused(
        &cnpg,
        TOOL,
        &arguments,
        "volumes of an earlier cluster `sandbox` are there in namespace lab (sandbox-1",
    );
}

#[test]
fn what_is_not_granted_to_read_is_a_note_and_the_restore_stands() {
    let cnpg = bare().grant(READ).grant(WRITE).grant(USE).run(describe);
    let (_, notes) = proposed(&cnpg, &restore("till", "ledger"));
    has(
        &notes,
        &[
            "not known: whether volumes of an earlier cluster of that name are there (denied)",
            "not known: what ObjectStore ledger-store holds (denied)",
        ],
    );
    let classed = with(
        &restore("shop", "orders"),
        &json!({ "storage_class": "fast" }),
    );
    let (diff, notes) = proposed(&cnpg, &classed);
    has(
        &notes,
        &["not known: whether there is such a storage class (denied)"],
    );
    has(
        &diff,
        &[
            "spec.storage.storageClass: \"fast\"",
            "spec.walStorage.storageClass: \"fast\"",
        ],
    );
}

#[test]
fn the_secrets_of_the_source_are_named_and_never_read_and_naming_them_must_be_granted() {
    let cnpg = granted().run(describe);
    proposed(&cnpg, &restore("shop", "orders"));
    let requests = cnpg.cluster().requests();
    assert!(
        requests
            .iter()
            .all(|request| !request.path.contains("/secrets")),
        "{requests:?}"
    );
    let cnpg = reading().grant(WRITE).run(describe);
    let failure = value(&cnpg, TOOL, &restore("shop", "orders")).expect_err("it may not name them");
    assert!(
        failure
            .to_string()
            .contains("may not use `secrets` named `backup-s3`"),
        "{failure}"
    );
}
