//! Corners that the data set does not have, on a few objects with times long ago.

use super::{CLAIMS, NAMESPACES, VELERO, WORKLOADS, ask, rows};
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_velero::describe;
use serde_json::{Value, json};

pub(super) fn manifests(objects: &[Value]) -> String {
    let mut text = bulkhead_velero_data::crds_minimal();
    for object in objects {
        text += "---\n";
        text += &object.to_string();
        text += "\n";
    }
    text
}

fn velero(objects: &[Value], settings: &str) -> Running {
    let kit = Kit::from_manifests(&manifests(objects)).grant(VELERO);
    let kit = kit.grant(NAMESPACES).grant(CLAIMS).grant(WORKLOADS);
    kit.settings(settings).run(describe)
}

/// Everything that is older than a century is late.
const LENIENT: &str = r#"objectives = { default = "5200w" }"#;

pub(super) fn object(kind: &str, namespace: &str, name: &str, created: &str, rest: Value) -> Value {
    let api_version = match kind {
        "Namespace" | "PersistentVolumeClaim" => "v1",
        "Deployment" | "ReplicaSet" | "DaemonSet" | "ControllerRevision" => "apps/v1",
        _ => "velero.io/v1",
    };
    let mut object = rest;
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    object["metadata"]["name"] = name.into();
    object["metadata"]["creationTimestamp"] = format!("{created}T00:00:00Z").into();
    if kind != "Namespace" {
        object["metadata"]["namespace"] = namespace.into();
    }
    object
}

pub(super) fn namespace(name: &str) -> Value {
    object("Namespace", "", name, "2020-01-01", json!({}))
}

pub(super) fn claim(name: &str, labels: Value) -> Value {
    let rest = json!({ "metadata": { "labels": labels } });
    object("PersistentVolumeClaim", "shop", name, "2020-01-01", rest)
}

pub(super) fn location() -> Value {
    let status = json!({ "spec": { "default": true }, "status": { "phase": "Available" } });
    object(
        "BackupStorageLocation",
        "velero",
        "default",
        "2020-01-01",
        status,
    )
}

/// A good backup of the namespace `shop` that is kept long.
pub(super) fn backup(name: &str, began: &str, spec: Value, status: Value) -> Value {
    let mut rest = json!({
        "spec": { "includedNamespaces": ["shop"], "storageLocation": "default" },
        "status": { "phase": "Completed", "expiration": "2999-01-01T00:00:00Z" },
    });
    for (part, more) in [("spec", spec), ("status", status)] {
        for (key, value) in more.as_object().expect("it is an object") {
            rest[part][key] = value.clone();
        }
    }
    rest["status"]["startTimestamp"] = format!("{began}T00:00:00Z").into();
    object("Backup", "velero", name, began, rest)
}

pub(super) fn pod_volume(backup: &str, pod: &str, claim: &str) -> Value {
    let rest = json!({
        "metadata": {
            "labels": { "velero.io/backup-name": backup }, "annotations": { "velero.io/pvc-name": claim },
        },
        "spec": { "pod": { "namespace": "shop", "name": pod } }, "status": { "phase": "Completed" },
    });
    object(
        "PodVolumeBackup",
        "velero",
        &format!("{backup}-{pod}"),
        "2020-02-01",
        rest,
    )
}

/// State and reason of each row about the namespace `shop`, by claim.
fn coverage(velero: &Running) -> Vec<String> {
    let arguments = json!({ "of": ["shop"], "all": true });
    let rows = rows(&ask(velero, "check_velero_coverage", arguments));
    let words = |row: &Value| {
        let cell = |at: usize| row[at].as_str().expect("it is a text").to_owned();
        format!("{} {}: {}", cell(2), cell(0), cell(7))
            .trim_start()
            .to_owned()
    };
    rows.iter().map(words).collect()
}

fn covers(backups: &[Value], claims: &[Value]) -> Vec<String> {
    let mut objects = vec![namespace("velero"), namespace("shop"), location()];
    objects.extend_from_slice(backups);
    objects.extend_from_slice(claims);
    coverage(&velero(&objects, LENIENT))
}

#[test]
fn a_backup_that_took_no_snapshot_and_moved_no_data_does_not_cover_a_claim() {
    let none = backup("one", "2020-02-01", json!({}), json!({}));
    let rows = covers(&[none], &[claim("data", json!({}))]);
    assert_eq!(
        rows[0],
        "data not covered: no schedule; `one` has no snapshot and no moved data of it"
    );
    let snapshot = backup(
        "one",
        "2020-02-01",
        json!({}),
        json!({ "volumeSnapshotsCompleted": 1 }),
    );
    let rows = covers(&[snapshot], &[claim("data", json!({}))]);
    assert_eq!(rows[1], "data covered: no schedule, made by hand");
}

#[test]
fn data_that_a_pod_chose_to_have_copied_covers_its_claim() {
    let spec =
        json!({ "snapshotVolumes": false, "labelSelector": { "matchLabels": { "app": "db" } } });
    let objects = [
        backup("one", "2020-02-01", spec, json!({})),
        pod_volume("one", "db-0", "data"),
    ];
    let rows = covers(
        &objects,
        &[claim("data", json!({})), claim("other", json!({}))],
    );
    let of = |name: &str| {
        let row = rows.iter().find(|row| row.starts_with(name));
        row.expect("it has a row").clone()
    };
    assert_eq!(of("data"), "data covered: no schedule, made by hand");
    assert_eq!(of("other"), "other not covered: no schedule");
    assert_eq!(
        of("(1 of 2"),
        "(1 of 2 covered) partial: only label app=db; no schedule, made by hand"
    );
}

#[test]
fn what_has_expired_covers_nothing_and_what_is_being_deleted_neither() {
    let expired = backup(
        "one",
        "2020-02-01",
        json!({}),
        json!({ "expiration": "2020-03-01T00:00:00Z" }),
    );
    assert_eq!(
        covers(&[expired], &[]),
        ["not covered: no schedule; the backups that have it have expired"]
    );
    let deleting = backup(
        "one",
        "2020-02-01",
        json!({}),
        json!({ "phase": "Deleting" }),
    );
    assert_eq!(covers(&[deleting], &[]), ["not covered: no schedule"]);
}

#[test]
fn a_partial_failure_is_neither_covered_nor_late() {
    let status =
        json!({ "phase": "PartiallyFailed", "errors": 3, "hookStatus": { "hooksFailed": 1 } });
    let partial = backup("two", "2020-02-02", json!({}), status);
    let rows = covers(std::slice::from_ref(&partial), &[]);
    assert_eq!(
        rows,
        ["partial: `two` failed in part, hooks: 1, errors: 3; no schedule, made by hand"]
    );
    let good = backup("one", "2020-02-01", json!({}), json!({}));
    assert_eq!(
        covers(&[good, partial], &[]),
        ["covered: no schedule, made by hand"]
    );
}

#[test]
fn a_schedule_that_missed_its_run_is_told_from_one_that_runs_too_seldom() {
    let of_schedule = |began: &str| {
        let mut made = backup("nightly-1", began, json!({}), json!({}));
        made["metadata"]["labels"] = json!({ "velero.io/schedule-name": "nightly" });
        made
    };
    let reason = |cron: &str| {
        let spec = json!({
            "spec": { "schedule": cron, "template": { "includedNamespaces": ["sh*"] } },
            "status": { "phase": "Enabled" },
        });
        let schedule = object("Schedule", "velero", "nightly", "2020-01-01", spec);
        let objects = [
            namespace("shop"),
            location(),
            schedule,
            of_schedule("2020-02-01"),
        ];
        coverage(&velero(&objects, ""))
    };
    let missed = reason("0 2 * * *");
    assert!(
        missed[0].starts_with("late: `nightly` was due ")
            && missed[0].ends_with(" ago and made no backup"),
        "{missed:?}"
    );
    let seldom = reason("@every 200000h");
    assert_eq!(
        seldom,
        ["late: `nightly` runs at `@every 200000h`, not often enough"]
    );
}

/// Change, kind, name, from and to of each row.
fn drift(objects: &[Value]) -> Vec<String> {
    let mut all = vec![
        namespace("velero"),
        namespace("shop"),
        backup("one", "2020-02-01", json!({}), json!({})),
    ];
    all.extend_from_slice(objects);
    let arguments = json!({ "backup": "one" });
    let rows = rows(&ask(&velero(&all, ""), "check_velero_drift", arguments));
    let words = |row: &Value| {
        let cells = [0, 2, 3, 4, 5].map(|at| row[at].as_str().expect("it is a text").to_owned());
        cells.join(" ").trim_end().to_owned()
    };
    rows.iter().map(words).collect()
}

fn pods(image: &str) -> Value {
    json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": image }] } })
}

fn deployment(image: &str, replicas: u64) -> Value {
    let rest = json!({ "spec": {
        "replicas": replicas, "selector": { "matchLabels": { "app": "web" } }, "template": pods(image) } });
    object("Deployment", "shop", "web", "2020-01-01", rest)
}

fn replica_set(name: &str, created: &str, revision: &str, image: &str, wanted: &str) -> Value {
    let rest = json!({
        "metadata": {
            "annotations": {
                "deployment.kubernetes.io/revision": revision, "deployment.kubernetes.io/desired-replicas": wanted,
            },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u-1" }],
        },
        "spec": { "selector": { "matchLabels": { "app": "web" } }, "template": pods(image) },
    });
    object("ReplicaSet", "shop", name, created, rest)
}

#[test]
fn images_and_replicas_are_compared_with_the_revision_before_the_backup() {
    let rows = drift(&[
        deployment("web:3", 5),
        replica_set("web-a", "2020-01-01", "1", "web:1", "2"),
        replica_set("web-b", "2020-01-20", "2", "web:2", "3"),
        replica_set("web-c", "2020-02-20", "3", "web:3", "5"),
    ]);
    assert_eq!(
        rows,
        [
            "image deployments web web:2 web:3",
            "replicas deployments web 3 5"
        ]
    );
}

#[test]
fn a_rollout_that_was_taken_back_is_told_from_one_that_was_not() {
    let rows = drift(&[
        deployment("web:1", 2),
        replica_set("web-a", "2020-01-01", "3", "web:1", "2"),
        replica_set("web-b", "2020-02-20", "2", "web:2", "2"),
    ]);
    assert_eq!(rows, ["template deployments web  changed and taken back"]);
}

#[test]
fn a_pod_whose_workload_is_gone_is_named_and_one_whose_workload_runs_is_not() {
    let rows = drift(&[
        deployment("web:1", 1),
        pod_volume("one", "web-6c9f7d5b8-x2k4p", ""),
        pod_volume("one", "db-0", ""),
        pod_volume("one", "alone", ""),
    ]);
    assert_eq!(rows, ["gone pods db-0  no workload has such pods"]);
}
