//! To which time a restore can go, what is left of a cluster that is gone, and what is refused.

use super::cluster::{READ, USE, WRITE, bare, granted, people, reading};
use super::restores::{TOOL, ended, has, proposed, restore};
use super::{ask, refused, value, with};
use bulkhead_cnpg_data::Fleet;
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Time;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};
use std::time::SystemTime;

#[test]
fn a_point_in_time_is_checked_against_what_can_be_recovered() {
    let cnpg = people().run(describe);
    let at = |source: (&str, &str), time: &str| {
        with(
            &restore(source.0, source.1),
            &json!({ "target_time": time.to_string() }),
        )
    };
    let orders = ("shop", "orders");
    let time = ended(&cnpg, "shop", "orders", 5);
    let (diff, notes) = proposed(&cnpg, &at(orders, &time.to_string()));
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
    let an_hour_on = Time::from_seconds(time.seconds() + 3600).to_string();
    let local = format!("{}+01:00", an_hour_on.trim_end_matches('Z'));
    let (diff, _) = proposed(&cnpg, &at(orders, &local));
    has(&diff, &[&format!("targetTime: \"{time}\"")]);
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
        &at(("shop", "catalog"), &late.to_string()),
        ", since when WAL archiving fails; next: give a time in 20",
    );
    let hibernated = ended(&cnpg, "till", "vault", 0);
    refused(
        &cnpg,
        TOOL,
        &at(("till", "vault"), &hibernated.to_string()),
        ", since when the cluster is hibernated",
    );
}

#[test]
fn a_time_before_the_end_of_the_named_backup_cannot_be_reached() {
    let cnpg = people().run(describe);
    let asked = json!({ "namespace": "shop", "cluster_name": "orders", "limit": 1 });
    let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    let before = ended(&cnpg, "shop", "orders", 1);
    let arguments = json!({ "namespace": "shop", "name": "restored", "backup": list["rows"][0][0], "target_time": before.to_string() });
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

/// Changes a cluster of the fleet as somebody else would.
fn change_cluster(cnpg: &Running, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) {
    let fleet = Fleet::new(SystemTime::now());
    let found = fleet.object("Cluster", namespace, name);
    let mut object = found.expect("it is there").clone();
    change(&mut object);
    cnpg.cluster().change(|cluster| {
        cluster.insert(object).expect("its type is served");
    });
}

/// Takes the version out of the backups of a cluster.
fn without_versions(cnpg: &Running, namespace: &str, cluster: &str) {
    let fleet = Fleet::new(SystemTime::now());
    let of = |object: &&Value| {
        object["kind"] == "Backup"
            && object["metadata"]["namespace"] == namespace
            && object["spec"]["cluster"]["name"] == cluster
    };
    cnpg.cluster().change(|all| {
        for backup in fleet.objects().iter().filter(of) {
            let mut backup = backup.clone();
            if let Some(status) = backup["status"].as_object_mut() {
                status.remove("majorVersion");
            }
            all.insert(backup).expect("its type is served");
        }
    });
}

/// All its backups are of PostgreSQL 17.
#[test]
fn what_was_backed_up_before_an_upgrade_is_restored_under_the_version_that_it_had() {
    let cnpg = people().run(describe);
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["imageName"] =
            json!("ghcr.io/cloudnative-pg/postgresql:18.1-standard-trixie");
        orders["status"]["image"] = orders["spec"]["imageName"].clone();
        orders["status"]["pgDataImageInfo"] = json!({ "majorVersion": 18 });
    });
    refused(
        &cnpg,
        TOOL,
        &restore("shop", "orders"),
        "is of PostgreSQL 17, from before its upgrade: nothing since then can be restored; next: propose create_postgres_backup",
    );
    let time = ended(&cnpg, "shop", "orders", 3).to_string();
    let before = with(&restore("shop", "orders"), &json!({ "target_time": time }));
    let (diff, notes) = proposed(&cnpg, &before);
    has(
        &diff,
        &["spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17-standard-trixie\""],
    );
    has(
        &notes,
        &["the backup is of PostgreSQL 17, which the source no longer runs"],
    );
    let answer = value(&cnpg, TOOL, &before).expect("it is proposed");
    let told = cnpg.summary(answer["id"].as_str().expect("it has an id"));
    has(
        &told,
        &[
            "the backup is of PostgreSQL 17, which the source no longer runs",
            "no time after the upgrade can be reached",
        ],
    );
    // Of an image of somebody's own it is not known which one held the older version.
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["imageName"] = json!("registry.example/pg:18.1");
        orders["status"]["image"] = orders["spec"]["imageName"].clone();
        orders["status"]["pgDataImageInfo"] =
            json!({ "image": "registry.example/pg:18.1", "majorVersion": 18 });
    });
    refused(
        &cnpg,
        TOOL,
        &before,
        "the image in which the data of cluster `orders` was written is not known",
    );
}

/// The operator names the new image at once, also where the upgrade then fails: the data tells what it is.
#[test]
fn what_a_failed_upgrade_left_is_restored_to_its_end_as_the_data_was_written() {
    let cnpg = people().run(describe);
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["imageName"] =
            json!("ghcr.io/cloudnative-pg/postgresql:18.1-standard-bookworm");
        orders["status"]["image"] = orders["spec"]["imageName"].clone();
    });
    let (diff, _) = proposed(&cnpg, &restore("shop", "orders"));
    has(
        &diff,
        &["spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17-system-trixie\""],
    );
}

/// As before 1.27.2, or where all Backup objects are gone.
#[test]
fn what_no_backup_says_of_its_version_the_clusters_data_says() {
    let cnpg = people().run(describe);
    without_versions(&cnpg, "shop", "orders");
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["imageName"] =
            json!("ghcr.io/cloudnative-pg/postgresql:18.1-standard-bookworm");
        orders["status"]["image"] = orders["spec"]["imageName"].clone();
    });
    let (diff, _) = proposed(&cnpg, &restore("shop", "orders"));
    has(
        &diff,
        &["spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17-system-trixie\""],
    );
}

/// PostgreSQL 13 is no more for new data; what there is runs under no other.
#[test]
fn data_of_a_version_that_is_no_longer_supported_is_restored_under_it() {
    let cnpg = people().run(describe);
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["imageName"] =
            json!("ghcr.io/cloudnative-pg/postgresql:16.4-standard-trixie");
        orders["status"]["image"] = orders["spec"]["imageName"].clone();
        orders["status"]["pgDataImageInfo"] = json!({
            "image": "ghcr.io/cloudnative-pg/postgresql:13.18-standard-trixie", "majorVersion": 13
        });
    });
    without_versions(&cnpg, "shop", "orders");
    let (diff, _) = proposed(&cnpg, &restore("shop", "orders"));
    has(
        &diff,
        &["spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:13-standard-trixie\""],
    );
}

/// A mask would become the value.
#[test]
fn what_the_host_masks_is_never_copied_into_a_new_cluster() {
    let cnpg = people().run(describe);
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["postgresql"]["parameters"]["vault.password"] =
            json!("correct-horse-battery");
    });
    refused(
        &cnpg,
        TOOL,
        &restore("shop", "orders"),
        "`spec.postgresql.parameters.vault.password` would be copied, and the host masks a credential in it",
    );
}

#[test]
fn a_database_and_its_owner_are_given_together() {
    let cnpg = people().run(describe);
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["bootstrap"] = json!({});
    });
    for (given, words) in [
        (
            json!({ "owner": "shop" }),
            "the application's `database` is not known",
        ),
        (
            json!({ "database": "shop" }),
            "the application's `owner` is not known",
        ),
    ] {
        let arguments = with(&restore("shop", "orders"), &given);
        refused(&cnpg, TOOL, &arguments, words);
    }
}

#[test]
fn a_store_that_is_reached_by_the_identity_of_pods_is_told_to_the_person_who_decides() {
    let cnpg = people().run(describe);
    let told = |cnpg: &Running| {
        let answer = value(cnpg, TOOL, &restore("shop", "orders")).expect("it is proposed");
        cnpg.summary(answer["id"].as_str().expect("it has an id"))
    };
    assert!(!told(&cnpg).contains("identity"));
    change_cluster(&cnpg, "shop", "orders", |orders| {
        orders["spec"]["backup"]["barmanObjectStore"]["s3Credentials"] =
            json!({ "inheritFromIAMRole": true });
    });
    has(
        &told(&cnpg),
        &["by the identity of pods, such as an IAM role"],
    );
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
        &with(&orders, &json!({ "build": "system-bookworm" })),
        "cluster `orders` does not say how large its volumes are; next: give `storage_size`",
    );
    let unbuilt = with(&orders, &json!({ "storage_size": "20Gi" }));
    refused(
        &cnpg,
        TOOL,
        &unbuilt,
        "the image in which the data of cluster `orders` was written is not known",
    );
    refused(
        &cnpg,
        TOOL,
        &with(&unbuilt, &json!({ "build": "system-trixie@sha256:ab" })),
        "`build` is `system-trixie@sha256:ab`, which is none",
    );
    let sized = with(&unbuilt, &json!({ "build": "system-bookworm" }));
    let (diff, notes) = proposed(&cnpg, &sized);
    has(
        &diff,
        &[
            "spec.bootstrap.recovery.backup.name: \"orders-daily-",
            "spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17-system-bookworm\"",
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
        &json!({ "storage_size": "20Gi", "database": "ledger", "owner": "ledger", "build": "system-trixie" }),
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
            "conflict: there is a cluster `carts` in namespace shop already, and nothing is made over it",
        ),
        (
            orders(json!({ "name": "orders" })),
            "nothing is made over it",
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
            "`postgres_version` or `build` is given, and the source says which image it is",
        ),
        (
            orders(json!({ "build": "system-bookworm" })),
            "`postgres_version` or `build` is given, and the source says which image it is",
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
