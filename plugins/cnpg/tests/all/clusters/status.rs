//! `get_cluster_status`.

use super::{OPERATOR, REST, ask, fleet, granted, manifests, refused};
use bulkhead_cnpg_data::{
    ALL, CARTS, CATALOG, LEDGER, MEDIA, METRICS, Named, ORDERS, PAYMENTS, POS, REPORTS, SANDBOX,
    SCRATCH, SECRET_MARK, VAULT,
};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use serde_json::{Value, json};

const TOOL: &str = "get_cluster_status";

const STORES: &str = r#"api_groups = ["barmancloud.cnpg.io"], resources = ["objectstores"], verbs = ["get"], namespaces = ["*"]"#;

/// The ObjectStore of the ledger, as the plugin keeps its status.
const STORE: &str = r#"
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: objectstores.barmancloud.cnpg.io }
spec: { group: barmancloud.cnpg.io, scope: Namespaced, names: { plural: objectstores, singular: objectstore, kind: ObjectStore }, versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }] }
---
apiVersion: barmancloud.cnpg.io/v1
kind: ObjectStore
metadata: { name: ledger-store, namespace: till }
spec: { configuration: { destinationPath: "s3://backups/" } }
status: { serverRecoveryWindow: { other: { firstRecoverabilityPoint: "2019-01-01T00:00:00Z" }, ledger: { firstRecoverabilityPoint: "2020-01-01T00:00:00Z", lastSuccessfulBackupTime: "2020-02-01T00:00:00Z" } } }
"#;

fn of(cluster: Named) -> Value {
    json!({ "name": cluster.name, "namespace": cluster.namespace })
}

fn text(running: &Running, cluster: Named) -> String {
    ask(running, TOOL, of(cluster)).text
}

/// Whether the text has each line: they begin so, behind blanks.
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        let is_there = text.lines().any(|one| one.trim_start().starts_with(line));
        assert!(is_there, "`{line}` is not in:\n{text}");
    }
}

/// A plain cluster in the namespace `lab` with this beside it, as YAML flow.
fn made(metadata: &str, spec: &str, status: &str) -> Running {
    let yaml = format!(
        "{}\n---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{ name: made, namespace: lab{metadata} }}\n\
         spec: {{ instances: 1, storage: {{ size: 1Gi }}{spec} }}\nstatus: {{ readyInstances: 1{status} }}\n",
        manifests()
    );
    Kit::from_manifests(&yaml)
        .grant(OPERATOR)
        .grant(REST)
        .run(describe)
}

const MADE: Named = Named {
    namespace: "lab",
    name: "made",
};

#[test]
fn a_healthy_cluster_says_all_that_is_asked_and_that_nothing_is_to_be_done() {
    let text = text(&granted(), ORDERS);
    has(
        &text,
        &[
            "clusters.postgresql.cnpg.io orders in namespace shop: Cluster in healthy state",
            "what to do next: nothing",
            "instances: 3 of 3 ready",
            "primary: orders-1, for ",
            "orders-1: primary, ready, 17.7, on node-a",
            "orders-3: replica, ready, 17.7, on node-c",
            "replication lag: not in the Kubernetes API; get_postgres_metrics",
            "per instance: 20Gi of data, 5Gi of WAL",
            "claims: 6, each Bound",
            "use: how full the volumes are is not in the Kubernetes API",
            "by: barmanObjectStore (s3://backups/orders); deprecated since CloudNativePG 1.26",
            "last good: ",
            "first recoverability point: ",
            "WAL archiving: works",
            "orders-ca: server CA and client CA, expires ",
            "PostgreSQL: 17.7",
        ],
    );
    assert!(!text.contains("note:"), "{text}");
    assert!(!text.contains("on another image"), "{text}");
}

#[test]
fn each_trouble_of_the_fleet_comes_first_with_what_to_do() {
    let running = granted();
    for (cluster, summary, next) in [
        (
            CARTS,
            "Failing over; 2 of 3 instances are ready",
            "wait for the new primary",
        ),
        (
            CATALOG,
            "Cluster in healthy state; WAL archiving fails for 2d11h",
            "get_postgres_logs of the primary",
        ),
        (
            MEDIA,
            "Not enough disk space: Insufficient disk space",
            "a person sets a larger request in the claims that are full",
        ),
        (
            LEDGER,
            "Cluster in healthy state; the server certificate in Secret ledger-tls expires in 5d",
            "a person has to renew",
        ),
        (
            VAULT,
            "Hibernated",
            "nothing; wake_postgres_cluster to use it",
        ),
        (
            PAYMENTS,
            "Fenced; all instances are fenced: PostgreSQL is stopped",
            "lift the fencing once the repair is done",
        ),
        (
            POS,
            "Upgrading cluster; 2 of 3 instances are ready",
            "wait: the operator is at work on it",
        ),
        (
            SCRATCH,
            "Cluster in healthy state; no backups are set up",
            "set up spec.plugins",
        ),
        (
            SANDBOX,
            "Creating a new replica; 2 of 3 instances are ready",
            "where it takes long",
        ),
        (
            REPORTS,
            "Cluster in healthy state; no backups are set up",
            "set up spec.plugins",
        ),
        (METRICS, "Cluster in healthy state", "nothing"),
    ] {
        let text = text(&running, cluster);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.contains(&format!(": {summary}")), "{first}");
        has(&text, &[&format!("what to do next: {next}")]);
    }
}

#[test]
fn what_each_trouble_is_made_of_is_said() {
    let running = granted();
    for (cluster, lines) in [
        (
            CARTS,
            &[
                "next primary: carts-2",
                "carts-1: primary, not ready: CrashLoopBackOff (exit code 1), 4 restarts",
            ][..],
        ),
        (
            CATALOG,
            &[
                "last good: ",
                "last failed: ",
                "LastBackupSucceeded: False",
                "note: no good backup for 3d",
            ],
        ),
        (
            MEDIA,
            &[
                "media-1: primary, not ready: CrashLoopBackOff (it ended since there is no disk space left for WAL), 19 restarts",
                "use: full",
            ],
        ),
        (
            LEDGER,
            &[
                "by: plugin barman-cloud.cloudnative-pg.io (ledger-store)",
                "last good: ",
                "ledger-tls: server certificate, expires ",
            ],
        ),
        (
            VAULT,
            &[
                "hibernation: hibernated: no pods, the claims are kept",
                "phase: Cluster in healthy state: as it was before PostgreSQL was stopped",
            ],
        ),
        (
            PAYMENTS,
            &[
                "fenced: all instances",
                "payments-2: replica, not ready, fenced",
            ],
        ),
        (
            POS,
            &[
                "on another image: pos-1 (17.6), pos-2 (17.6)",
                "pos-3: replica, not ready, 17.7",
            ],
        ),
        (SCRATCH, &["replication: none: there is one instance"]),
        (
            SANDBOX,
            &[
                "sandbox-3: no pod",
                "sandbox-3-wal: PG_WAL, 2Gi, Bound, class slow: no pod uses it",
                "sandbox-4: PG_DATA, 5Gi, Bound, class slow: cannot be used",
            ],
        ),
        (
            REPORTS,
            &[
                "auditor: could not perform UPDATE_MEMBERSHIPS",
                "not there yet: auditor",
                "note: role auditor is not as it is written",
            ],
        ),
        (
            METRICS,
            &[
                "from: ImageCatalog postgresql, major version 17",
                "by: volumeSnapshot (csi-snapshots)",
            ],
        ),
    ] {
        has(&text(&running, cluster), lines);
    }
}

#[test]
fn an_answer_stays_under_4_kb_and_shows_no_secret() {
    let running = granted();
    for cluster in ALL {
        for level in ["concise", "detailed"] {
            let mut asked = of(cluster);
            asked["detail_level"] = json!(level);
            let answer = ask(&running, TOOL, asked);
            let value = answer.structured.expect("it has a value").to_string();
            assert!(
                answer.text.len() < 4096 && value.len() < 5 * 1024,
                "{level} {}",
                answer.text
            );
            assert!(!answer.text.contains(SECRET_MARK) && !value.contains(SECRET_MARK));
        }
    }
}

#[test]
fn detailed_adds_each_claim_each_certificate_and_every_condition() {
    let running = granted();
    let mut asked = of(ORDERS);
    asked["detail_level"] = json!("detailed");
    let detailed = ask(&running, TOOL, asked).text;
    let more = [
        "orders-2-wal: PG_WAL, 5Gi, Bound, class fast",
        "orders-replication: replication certificate, expires ",
        "Ready: True, ClusterIsReady",
        "pending parameters: ",
        "as they are written: orders_app, reporting, old_etl",
    ];
    has(&detailed, &more);
    let concise = text(&running, ORDERS);
    assert!(more.iter().all(|line| !concise.contains(line)), "{concise}");
}

#[test]
fn json_is_the_structured_answer_as_text() {
    let mut asked = of(ORDERS);
    asked["format"] = json!("json");
    let answer = ask(&granted(), TOOL, asked);
    let text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(text), answer.structured);
}

#[test]
fn of_a_plugins_backups_the_object_store_says_how_far_back_a_restore_can_go() {
    let manifests = format!("{}{STORE}", manifests());
    let with_store = || Kit::from_manifests(&manifests).grant(OPERATOR).grant(REST);
    let text_of = |running: &Running| text(running, LEDGER);
    let known = text_of(&with_store().grant(STORES).run(describe));
    has(
        &known,
        &["first recoverability point: 2020-01-01T00:00:00Z"],
    );
    // Its last good backup is older than that of the Backup objects.
    assert!(!known.contains("2020-02-01"), "{known}");
    let none = text_of(
        &fleet()
            .grant(OPERATOR)
            .grant(REST)
            .grant(STORES)
            .run(describe),
    );
    let summary = "Cluster in healthy state; the server certificate in Secret ledger-tls";
    assert!(none.contains(summary), "{none}");
    has(
        &none,
        &["note: there is no ObjectStore ledger-store, which the plugin is to use; next: "],
    );
    let denied = text_of(&with_store().run(describe));
    let note =
        "note: not known: how far back a restore can go, in ObjectStore ledger-store (denied)";
    has(
        &denied,
        &[
            note,
            "first recoverability point: only the plugin knows it",
            "last good: ",
        ],
    );
}

#[test]
fn without_a_window_and_without_a_good_backup_a_plugin_has_none() {
    let spec = r#", plugins: [{ name: "barman-cloud.cloudnative-pg.io", isWALArchiver: true }]"#;
    let text = text(&made("", spec, ", phase: Cluster in healthy state"), MADE);
    has(
        &text,
        &["what to do next: create_postgres_backup takes one now"],
    );
}

/// Nothing takes out of the status what an object store left there before the plugin took its place.
#[test]
fn what_the_status_has_of_the_time_before_a_plugin_is_not_told_of_its_backups() {
    let plugin = r#", plugins: [{ name: "barman-cloud.cloudnative-pg.io", isWALArchiver: true }]"#;
    let before = r#", phase: Cluster in healthy state, lastSuccessfulBackup: "2020-02-01T00:00:00Z", firstRecoverabilityPoint: "2020-01-01T00:00:00Z""#;
    let running = made("", plugin, before);
    let status = text(&running, MADE);
    assert!(!status.contains("2020-0"), "{status}");
    has(
        &status,
        &["first recoverability point: only the plugin knows it"],
    );
    let clusters = ask(
        &running,
        "list_postgres_clusters",
        json!({ "namespace": "lab" }),
    )
    .text;
    assert!(!clusters.contains("no good backup for"), "{clusters}");
    let note =
        "not judged here: whether the backups of 1 clusters are recent, which a plugin takes";
    assert!(clusters.contains(note), "{clusters}");
    // With snapshots beside it the status has something to say.
    let snapshots = format!(", backup: {{ volumeSnapshot: {{ className: fast }} }}{plugin}");
    let both = text(&made("", &snapshots, before), MADE);
    has(&both, &["first recoverability point: 2020-01-01T00:00:00Z"]);
}

#[test]
fn a_cluster_that_is_being_deleted_is_told_before_anything_else_and_nothing_else_is_judged() {
    let going = r#", deletionTimestamp: "2026-11-20T10:00:00Z", finalizers: [example.com/held]"#;
    let running = made(going, "", ", phase: Cluster in healthy state");
    let status = text(&running, MADE);
    has(
        &status,
        &[
            "clusters.postgresql.cnpg.io made in namespace lab: Being deleted: nothing takes that back",
            "what to do next: where it lasts, look at what holds it",
        ],
    );
    assert!(!status.contains("set up spec.plugins"), "{status}");
    let clusters = ask(
        &running,
        "list_postgres_clusters",
        json!({ "namespace": "lab" }),
    )
    .text;
    assert!(clusters.contains("1 Being deleted"), "{clusters}");
}

#[test]
fn a_phase_of_another_version_says_what_to_do_next() {
    for (phase, next) in [
        (
            "Melting",
            "look at the reason, the events here and the operator's logs",
        ),
        (
            "Cluster is in an unrecoverable state, needs manual intervention",
            "list_postgres_backups, then restore_postgres_cluster",
        ),
        (
            "Invalid cluster definition",
            "the reason names what is wrong in the spec",
        ),
    ] {
        let status = text(&made("", "", &format!(r#", phase: "{phase}""#)), MADE);
        has(&status, &[&format!("what to do next: {next}")]);
    }
}

#[test]
fn what_is_not_granted_is_not_known_and_the_rest_is_said() {
    let only = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["get"], namespaces = ["*"]"#;
    let running = fleet().grant(only).run(describe);
    let carts = text(&running, CARTS);
    has(
        &carts,
        &[
            "note: not known: the pods of its instances (denied)",
            "note: not known: its claims (denied)",
            "healthy: carts-2, carts-3",
            "replicating: carts-1",
            "what to do next: wait for the new primary",
        ],
    );
    let ledger = text(&running, LEDGER);
    has(&ledger, &["note: not known: the Backup objects (denied)"]);
    assert!(!ledger.contains("no good backup"), "{ledger}");
}

#[test]
fn a_major_upgrade_and_a_restart_that_are_pending_are_said() {
    let status = r#", phase: Cluster in healthy state, image: "ghcr.io/cloudnative-pg/postgresql:18.1", pgDataImageInfo: { image: "x:17.7", majorVersion: 17 }"#;
    let metadata =
        r#", annotations: { "kubectl.kubernetes.io/restartedAt": "2026-11-22T00:00:00Z" }"#;
    let running = made(metadata, "", status);
    running.cluster().change(|cluster| {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "made-1", "namespace": "lab", "labels": { "cnpg.io/cluster": "made", "cnpg.io/podRole": "instance" } },
            "spec": { "containers": [{ "name": "postgres", "image": "ghcr.io/cloudnative-pg/postgresql:17.7" }] },
            "status": { "phase": "Running" },
        });
        cluster.insert(pod).expect("pods are served");
    });
    let text = text(&running, MADE);
    let lines = [
        "pending: the data is of major version 17, an upgrade to 18 is not done",
        "on another image: made-1 (17.7)",
        "restart pending: asked for at 2026-11-22T00:00:00Z: made-1",
    ];
    has(&text, &lines);
}

#[test]
fn phases_that_nobody_knows_and_none_at_all_are_said_as_they_are() {
    let odd = text(&made("", "", ", phase: Melting"), MADE);
    has(
        &odd,
        &["phase: Melting: a phase that CloudNativePG 1.28 does not have"],
    );
    let new = text(&made("", "", ""), MADE);
    has(
        &new,
        &[
            "phase: New: the operator has not taken it up",
            "what to do next: is the operator running",
        ],
    );
    let metadata = r#", annotations: { "cnpg.io/hibernation": "true" }"#;
    let wrong = text(
        &made(metadata, "", ", phase: Cluster in healthy state"),
        MADE,
    );
    has(&wrong, &["what to do next: set it to `on` or `off`"]);
    let metadata = r#", annotations: { "cnpg.io/reconciliationLoop": "disabled" }"#;
    let alone = text(
        &made(metadata, "", ", phase: Cluster in healthy state"),
        MADE,
    );
    has(
        &alone,
        &["what to do next: have a person take the annotation away"],
    );
}

#[test]
fn a_replica_cluster_and_one_fenced_instance_are_said() {
    let spec = ", replica: { enabled: true, source: far }";
    let status = ", phase: Cluster in healthy state, currentPrimary: made-1";
    let metadata = r#", annotations: { "cnpg.io/fencedInstances": '["made-1"]' }"#;
    let text = text(&made(metadata, spec, status), MADE);
    let lines = [
        "replica cluster: it follows far, and takes no writes",
        "fenced: made-1",
        "what to do next: lift the fencing",
    ];
    has(&text, &lines);
    assert!(text.contains("the primary made-1 is fenced"), "{text}");
}

#[test]
fn a_name_that_is_not_there_is_answered_with_names_that_begin_alike() {
    let asked = json!({ "name": "ordes", "namespace": "shop" });
    let failure = refused(&granted(), TOOL, asked).to_string();
    let said = "not-found: there is no cluster `ordes` in namespace shop; there is orders; next: list_postgres_clusters shows their names";
    assert_eq!(failure, said);
}

#[test]
fn what_the_tool_is_about_must_be_granted_and_served() {
    let failure = refused(&fleet().grant(REST).run(describe), TOOL, of(ORDERS));
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
    let none = Kit::demo().grant(OPERATOR).run(describe);
    let failure = refused(&none, TOOL, of(ORDERS)).to_string();
    let sentence = "not-found: CloudNativePG is not installed in cluster `test-kit`";
    assert!(failure.starts_with(sentence), "{failure}");
}
