//! What is written, and what is refused before it is.

use super::{backup, backup_from, delete_request, next_three, restore, schedule};
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::{Object, Place, Time};
use serde_json::{Value, json};

fn place() -> Place {
    Place {
        namespace: "velero".to_owned(),
        words: "in namespace velero".to_owned(),
    }
}

/// The failure of a backup with these arguments beside its name.
fn refused(mut given: Value) -> String {
    if given["name"].is_null() {
        given["name"] = json!("now");
    }
    let failure = backup(&Values::of(given), &place()).expect_err("it is refused");
    failure.to_string()
}

#[test]
fn what_was_given_becomes_the_fields_of_velero() {
    let values = Values::of(json!({
        "name": "now", "included_namespaces": ["shop"], "excluded_namespaces": [], "ttl": "48h", "storage_location": " default ",
        "label_selector": "app=web, velero.io/tier=front", "snapshot_volumes": false, "default_volumes_to_fs_backup": true,
        "confirm": true, "reason": "before the upgrade",
    }));
    let manifest = backup(&values, &place()).expect("it is right");
    let expected = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup", "metadata": { "name": "now", "namespace": "velero" },
        "spec": {
            "includedNamespaces": ["shop"], "ttl": "48h", "storageLocation": "default", "snapshotVolumes": false,
            "defaultVolumesToFsBackup": true,
            "labelSelector": { "matchLabels": { "app": "web", "velero.io/tier": "front" } },
        },
    });
    assert_eq!(manifest.object, expected);
    assert_eq!(manifest.notes, ["kept for 2 days"]);
}

#[test]
fn a_backup_that_names_no_namespace_says_that_it_takes_them_all() {
    for included in [json!(null), json!([]), json!(["*"])] {
        let values = Values::of(json!({ "name": "now", "included_namespaces": included }));
        let manifest = backup(&values, &place()).expect("it is right");
        assert_eq!(manifest.object["spec"]["includedNamespaces"], json!(["*"]));
        assert!(
            manifest.notes[0].contains("every namespace"),
            "{:?}",
            manifest.notes
        );
    }
}

#[test]
fn every_namespace_is_said_without_those_that_are_left_out() {
    let values = Values::of(json!({
        "name": "now", "backup": "a", "excluded_namespaces": ["kube-system", "till"],
    }));
    let backup = backup(&values, &place()).expect("it is right").notes;
    let restore = restore(&values, &place()).expect("it is right").notes;
    for notes in [backup, restore] {
        assert!(
            notes[0].contains(" every namespace but kube-system, till")
                || notes[0].contains(" every namespace of the backup but kube-system, till"),
            "{notes:?}"
        );
    }
}

#[test]
fn a_restore_of_every_namespace_says_that_objects_of_the_cluster_come_too() {
    for (given, comes) in [
        (json!({}), true),
        (json!({ "excluded_namespaces": ["till"] }), false),
        (json!({ "include_cluster_resources": false }), false),
        (
            json!({ "excluded_namespaces": ["till"], "include_cluster_resources": true }),
            true,
        ),
    ] {
        let mut values = given.clone();
        values["name"] = json!("r");
        values["backup"] = json!("a");
        let notes = restore(&Values::of(values), &place())
            .expect("it is right")
            .notes;
        let said = notes[0]
            .contains("with the objects of the cluster that it has, such as roles and CRDs");
        assert_eq!(said, comes, "{given}: {notes:?}");
    }
}

#[test]
fn what_velero_would_refuse_is_refused_with_a_next_step() {
    for (given, why) in [
        (json!({ "name": "Now" }), "`Now` is no name for it"),
        (json!({ "name": "-now" }), "`-now` is no name"),
        (json!({ "name": "a..b" }), "`a..b` is no name"),
        (json!({ "name": "a".repeat(254) }), "is no name"),
        (json!({ "name": " " }), "`` is no name"),
        (
            json!({ "ttl": "30d" }),
            "give hours, minutes or seconds, such as `720h`",
        ),
        (
            json!({ "included_namespaces": ["Shop"] }),
            "`Shop` is no name of a namespace",
        ),
        (
            json!({ "included_namespaces": ["shop.till"] }),
            "`shop.till` is no name",
        ),
        (
            json!({ "included_namespaces": ["a**"] }),
            "`a**` is no name",
        ),
        (
            json!({ "excluded_namespaces": ["a".repeat(64)] }),
            "is no name of a namespace",
        ),
        (
            json!({ "included_namespaces": ["*", "shop"] }),
            "beside names",
        ),
        (
            json!({ "excluded_namespaces": ["*"] }),
            "so nothing is left",
        ),
        (
            json!({ "included_namespaces": ["shop"], "excluded_namespaces": ["shop"] }),
            "`shop` stands in included_namespaces and in excluded_namespaces",
        ),
        (
            json!({ "included_resources": ["*", "secrets"] }),
            "`*` stands in included_resources beside names",
        ),
        (
            json!({ "excluded_resources": ["*"] }),
            "excluded_resources holds `*`",
        ),
        (
            json!({ "included_resources": ["secrets"], "excluded_resources": ["secrets"] }),
            "`secrets` stands in included_resources and in excluded_resources",
        ),
        (
            json!({ "label_selector": "app" }),
            "`app`, which is no label with its value",
        ),
        (json!({ "label_selector": "app=a b" }), "`app=a b`"),
        (json!({ "label_selector": "app!=a" }), "`app!=a`"),
    ] {
        let message = refused(given.clone());
        assert!(
            message.starts_with("invalid: ") && message.contains("; next: "),
            "{message}"
        );
        assert!(message.contains(why), "{given}: {message}");
    }
}

#[test]
fn names_and_patterns_that_velero_takes_are_taken() {
    let values = Values::of(json!({
        "name": "a.b-1", "included_namespaces": ["shop-*", "team-?"], "excluded_namespaces": ["shop-test*"],
    }));
    backup(&values, &place()).expect("Velero takes it");
}

#[test]
fn a_schedule_says_when_it_comes() {
    let values = Values::of(
        json!({ "name": "nightly", "schedule": "0 2 * * *", "included_namespaces": ["shop"] }),
    );
    let (manifest, cron) = schedule(&values, &place()).expect("it is right");
    assert_eq!(
        manifest.object["spec"],
        json!({ "schedule": "0 2 * * *", "template": { "includedNamespaces": ["shop"] } })
    );
    assert_eq!(manifest.notes, ["runs every day at 02:00 UTC"]);
    let now = Time::parse("2026-11-21T09:30:00Z").expect("a time");
    let next: Vec<_> = next_three(&cron, now)
        .expect("it comes")
        .iter()
        .map(Time::to_string)
        .collect();
    assert_eq!(
        next,
        [
            "2026-11-22T02:00:00Z",
            "2026-11-23T02:00:00Z",
            "2026-11-24T02:00:00Z"
        ]
    );
}

#[test]
fn a_schedule_that_never_comes_or_cannot_label_its_backups_is_refused() {
    let of = |name: &str, cron: &str| {
        schedule(
            &Values::of(json!({ "name": name, "schedule": cron })),
            &place(),
        )
    };
    let (_, never) = of("never", "0 0 30 2 *").expect("Velero takes it");
    let failure = next_three(&never, Time::EPOCH).expect_err("there is no such day");
    assert!(failure.message().contains("which never comes"), "{failure}");
    of(&"a".repeat(64), "@daily").expect_err("its name is a label of its backups");
    of("nightly", "0 2 * *").expect_err("it has four fields");
    let (manifest, elsewhere) =
        of("nightly", "CRON_TZ=Europe/Berlin 0 2 * * *").expect("Velero takes it");
    assert_eq!(next_three(&elsewhere, Time::EPOCH), Ok(Vec::new()));
    assert!(
        manifest
            .notes
            .concat()
            .contains("Europe/Berlin are not known"),
        "{:?}",
        manifest.notes
    );
}

#[test]
fn a_restore_takes_from_one_source() {
    for given in [
        json!({ "name": "r" }),
        json!({ "name": "r", "backup": "a", "schedule": "b" }),
    ] {
        let failure = restore(&Values::of(given), &place()).expect_err("not one source");
        assert!(
            failure.message().contains("either `backup` or `schedule`"),
            "{failure}"
        );
    }
    let values = Values::of(json!({
        "name": "r", "backup": "nightly-1", "included_namespaces": ["shop"], "namespace_mapping": { "shop": "shop-restored" },
        "existing_resource_policy": "update", "restore_pvs": true, "preserve_node_ports": false,
    }));
    let manifest = restore(&values, &place()).expect("it is right");
    let expected = json!({
        "backupName": "nightly-1", "includedNamespaces": ["shop"], "namespaceMapping": { "shop": "shop-restored" },
        "existingResourcePolicy": "update", "restorePVs": true, "preserveNodePorts": false,
    });
    assert_eq!(manifest.object["spec"], expected);
    assert_eq!(
        manifest.notes,
        ["what exists already is changed to what the backup has"]
    );
}

#[test]
fn what_velero_never_restores_is_refused() {
    let of = |resources: Value| {
        let values = json!({ "name": "r", "backup": "a", "included_resources": resources });
        restore(&Values::of(values), &place())
    };
    for never in ["nodes", "events", "backups.velero.io"] {
        let failure = of(json!(["secrets", never])).expect_err(never);
        let why = format!("`{never}`, which Velero never restores");
        assert!(failure.message().contains(&why), "{failure}");
    }
    of(json!(["secrets", "schedules.velero.io"])).expect("Velero restores them");
}

#[test]
fn a_mapping_that_cannot_be_meant_is_refused_or_noted() {
    let of = |mapping: Value| {
        let values = json!({ "name": "r", "backup": "a", "included_namespaces": ["shop"], "namespace_mapping": mapping });
        restore(&Values::of(values), &place())
    };
    of(json!({ "shop": "a", "till": "a" })).expect_err("two namespaces would meet");
    let both = |mapping: Value| {
        let values = json!({ "name": "r", "backup": "a", "included_namespaces": ["shop", "till"], "namespace_mapping": mapping });
        restore(&Values::of(values), &place())
    };
    let failure = both(json!({ "shop": "till" })).expect_err("till is restored as itself");
    assert!(
        failure.message().contains("included_namespaces has `till`"),
        "{failure}"
    );
    both(json!({ "shop": "till", "till": "shop" })).expect("they change places");
    of(json!({ "shop": "A" })).expect_err("no namespace");
    of(json!({ "shop": "" })).expect_err("no namespace");
    let notes = of(json!({ "till": "a" })).expect("it has no effect").notes;
    assert!(
        notes
            .concat()
            .contains("till, which is not in included_namespaces"),
        "{notes:?}"
    );
}

fn nightly() -> Value {
    json!({
        "metadata": {
            "name": "nightly", "uid": "u-1", "labels": { "team": "shop" },
            "annotations": { "kubectl.kubernetes.io/last-applied-configuration": "{}", "owner": "ada" },
        },
        "spec": {
            "schedule": "0 2 * * *", "useOwnerReferencesInBackup": true,
            "template": { "includedNamespaces": ["shop"], "hooks": { "resources": [{ "name": "dump" }] } },
        },
    })
}

#[test]
fn a_backup_by_a_schedule_is_the_one_that_velero_would_make() {
    let values = Values::of(json!({ "name": "now", "from_schedule": "nightly" }));
    let manifest = backup_from(&nightly(), &values, &place()).expect("it is right");
    let expected = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": {
            "name": "now", "namespace": "velero",
            "labels": { "team": "shop", "velero.io/schedule-name": "nightly" },
            "annotations": { "owner": "ada" },
            "ownerReferences": [
                { "apiVersion": "velero.io/v1", "kind": "Schedule", "name": "nightly", "uid": "u-1", "controller": true },
            ],
        },
        "spec": { "includedNamespaces": ["shop"], "hooks": { "resources": [{ "name": "dump" }] } },
    });
    assert_eq!(manifest.object, expected);
    assert!(
        manifest
            .notes
            .concat()
            .contains("runs commands in pods (hooks: 1)"),
        "{:?}",
        manifest.notes
    );
}

#[test]
fn labels_of_the_template_stand_in_place_of_the_schedules() {
    let mut schedule = nightly();
    schedule["spec"]["template"]["metadata"] = json!({ "labels": { "tier": "gold" } });
    let values = Values::of(json!({ "name": "now" }));
    let manifest = backup_from(&schedule, &values, &place()).expect("it is right");
    let expected = json!({ "tier": "gold", "velero.io/schedule-name": "nightly" });
    assert_eq!(manifest.object["metadata"]["labels"], expected);
}

#[test]
fn a_template_is_taken_whole_or_not_at_all() {
    let values = Values::of(json!({ "name": "now", "ttl": "24h" }));
    let failure = backup_from(&nightly(), &values, &place()).expect_err("`ttl` would be ignored");
    assert!(
        failure.message().contains("`ttl` is given too"),
        "{failure}"
    );
    for place_of_the_mask in [
        "/spec/template/hooks/resources/0/name",
        "/metadata/annotations/owner",
    ] {
        let mut schedule = nightly();
        let masked = schedule.pointer_mut(place_of_the_mask);
        *masked.expect("it is there") = json!("mysqldump -p<redacted>");
        let failure = backup_from(&schedule, &Values::of(json!({ "name": "now" })), &place());
        let failure = failure.expect_err("a mask would be run as a password");
        let by_hand = "velero backup create now --from-schedule nightly";
        assert!(failure.message().contains(by_hand), "{failure}");
    }
}

#[test]
fn a_request_to_delete_names_the_backup_by_name_and_uid() {
    let backup = json!({ "metadata": { "name": "nightly-1", "uid": "u-2" } });
    let request = delete_request("nightly-1-u-2", Object(&backup), &place());
    assert_eq!(request["spec"], json!({ "backupName": "nightly-1" }));
    let labels = json!({ "velero.io/backup-name": "nightly-1", "velero.io/backup-uid": "u-2" });
    assert_eq!(request["metadata"]["labels"], labels);
    let long = json!({ "metadata": { "name": "a".repeat(64), "uid": "u-2" } });
    let request = delete_request("x", Object(&long), &place());
    assert_eq!(
        request["metadata"]["labels"],
        json!({ "velero.io/backup-uid": "u-2" })
    );
}
