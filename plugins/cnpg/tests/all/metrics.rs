//! What `get_postgres_metrics` makes of metrics, asked through the host's own gate and redaction.

use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::prometheus::vector;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};

const CLUSTERS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["get", "list"], namespaces = ["shop"]"#;

/// How the instances of `main-db` are selected.
const PODS: &str = r#"namespace="shop", pod=~"main-db-1|main-db-2""#;

const OBJECTS: &str = r#"---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: main-db, namespace: shop }
spec:
  instances: 2
  monitoring:
    disableDefaultQueries: false
    customQueriesConfigMap: [{ name: extra, key: queries }]
    tls: { enabled: true }
status: { currentPrimary: main-db-1, instanceNames: [main-db-1, main-db-2] }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: starting, namespace: shop }
spec: { instances: 1 }
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: asleep, namespace: shop, annotations: { cnpg.io/hibernation: "on" } }
spec: { instances: 2 }
status:
  instanceNames: [main-db-1, main-db-2]
  conditions: [{ type: cnpg.io/hibernation, status: "True", reason: Hibernated }]
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: odd, namespace: shop }
spec: { instances: 1 }
status: { instanceNames: ['x|.*', '$V'] }
"#;

fn kit() -> Kit {
    let manifests = bulkhead_cnpg_data::crds_minimal() + OBJECTS;
    Kit::from_manifests(&manifests).grant(CLUSTERS)
}

/// Has Prometheus answer an expression, in which `$I` selects the instances, by what a label names.
fn known(kit: Kit, expression: &str, label: &str, values: &[(&str, &str)]) -> Kit {
    let series: Vec<_> = values
        .iter()
        .map(|(name, value)| (json!({ label: name }), *value))
        .collect();
    kit.prometheus(&expression.replace("$I", PODS), vector(&series))
}

/// Both instances are up: the first writes, the second replays.
fn up(kit: Kit) -> Kit {
    let both = |value| [("main-db-1", value), ("main-db-2", value)];
    let kit = known(
        kit,
        "max by (pod) (cnpg_collector_up{$I})",
        "pod",
        &both("1"),
    );
    let roles = [("main-db-1", "0"), ("main-db-2", "1")];
    let in_recovery = "max by (pod) (cnpg_pg_replication_in_recovery{$I})";
    known(kit, in_recovery, "pod", &roles)
}

fn ask(running: &Running, cluster: &str) -> Result<Answer, Failure> {
    let arguments = json!({ "cluster_name": cluster, "namespace": "shop" });
    running.call("get_postgres_metrics", arguments)
}

fn text(running: &Running) -> String {
    ask(running, "main-db").expect("it answers").text
}

#[test]
fn each_instance_is_told_by_what_prometheus_knows_of_it() {
    let mut kit = up(kit());
    for (expression, first, second) in [
        ("sum by (pod) (cnpg_backends_total{$I})", "23", "4"),
        (
            r#"sum by (pod) (cnpg_backends_total{$I, state="active"})"#,
            "2",
            "0",
        ),
        (
            r#"max by (pod) (cnpg_pg_settings_setting{$I, name="max_connections"})"#,
            "100",
            "100",
        ),
        ("max by (pod) (cnpg_pg_replication_lag{$I})", "0", "12.5"),
        (
            "max by (pod) (cnpg_pg_replication_streaming_replicas{$I})",
            "1",
            "0",
        ),
        (
            r#"max by (pod) (cnpg_collector_pg_wal{$I, value="size"})"#,
            "1.50994944e+08",
            "NaN",
        ),
        (
            r#"max by (pod) (cnpg_collector_pg_wal_archive_status{$I, value="ready"})"#,
            "0",
            "0",
        ),
        (
            "max by (pod) (cnpg_pg_stat_archiver_seconds_since_last_archival{$I})",
            "61",
            "-1",
        ),
    ] {
        kit = known(
            kit,
            expression,
            "pod",
            &[("main-db-1", first), ("main-db-2", second)],
        );
    }
    let sizes = [("postgres", "8000000"), ("app", "2.147483648e+09")];
    kit = known(
        kit,
        "max by (datname) (cnpg_pg_database_size_bytes{$I})",
        "datname",
        &sizes,
    );
    let running = kit.run(describe);
    let text = text(&running);
    for line in [
        "clusters.postgresql.cnpg.io main-db in namespace shop: 2 of 2 instances report to Prometheus",
        "  main-db-1: writes, 23 of 100 connections, 2 active, standbys streaming: 1",
        "  main-db-2: replays, 4 of 100 connections, 0 active, 12s behind",
        "  main-db-1: 144Mi, 0 files wait to be archived, last archived 61s ago",
        "  main-db-2: 0 files wait to be archived, nothing archived yet",
        "  port: 9187 of each instance, named `metrics`, over https",
        "  queries of ConfigMaps: extra",
    ] {
        assert!(
            text.lines().any(|have| have == line),
            "no `{line}` in\n{text}"
        );
    }
    let (app, postgres) = (text.find("  app: 2Gi"), text.find("  postgres: "));
    assert!(app.is_some() && app < postgres, "the largest first\n{text}");
    // One host call asks for all, each expression once.
    let mut asked: Vec<_> = running.prometheus().asked();
    assert_eq!(asked.len(), 26);
    asked.dedup();
    assert_eq!(asked.len(), 26);
}

#[test]
fn what_needs_a_person_is_noted() {
    let mut kit = up(kit());
    for (expression, first, second) in [
        ("sum by (pod) (cnpg_backends_total{$I})", "97", "4"),
        (
            r#"max by (pod) (cnpg_pg_settings_setting{$I, name="max_connections"})"#,
            "100",
            "100",
        ),
        (
            "max by (pod) (cnpg_backends_max_tx_duration_seconds{$I})",
            "7200",
            "0",
        ),
        ("max by (pod) (cnpg_pg_replication_lag{$I})", "0", "900"),
        (
            "max by (pod) (cnpg_pg_replication_is_wal_receiver_up{$I})",
            "0",
            "0",
        ),
        (
            "max by (pod) (cnpg_pg_stat_archiver_seconds_since_last_archival{$I})",
            "7200",
            "-1",
        ),
        // The second was the primary before.
        (
            "max by (pod) (cnpg_pg_stat_archiver_seconds_since_last_failure{$I})",
            "30",
            "30",
        ),
    ] {
        kit = known(
            kit,
            expression,
            "pod",
            &[("main-db-1", first), ("main-db-2", second)],
        );
    }
    let ages = [("app", "400000000"), ("postgres", "5")];
    kit = known(
        kit,
        "max by (datname) (cnpg_pg_database_xid_age{$I})",
        "datname",
        &ages,
    );
    let volumes =
        r#"namespace="shop", persistentvolumeclaim=~"(main-db-1|main-db-2)(-wal|-tbs-.*)?""#;
    let used = format!(
        "max by (persistentvolumeclaim) (100 * kubelet_volume_stats_used_bytes{{{volumes}}} / kubelet_volume_stats_capacity_bytes{{{volumes}}})"
    );
    let full = [("main-db-1", "91.7"), ("main-db-2", "12")];
    kit = known(kit, &used, "persistentvolumeclaim", &full);
    let text = text(&kit.run(describe));
    let notes: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("note: "))
        .collect();
    for (at, words) in [
        "main-db-1 has 97 of 100 connections",
        "main-db-1 has a transaction that is open for 120m",
        "main-db-1 fails to archive WAL, last 30s ago",
        "main-db-2 replays, but receives no WAL",
        "main-db-2 is 15m behind",
        "database app is 400000000 transactions",
        "volume main-db-1 is 91 % full",
    ]
    .iter()
    .enumerate()
    {
        let found = notes.iter().filter(|note| note.contains(words)).count();
        assert_eq!(found, 1, "{at} `{words}`\n{text}");
    }
    assert_eq!(notes.len(), 8, "with the one about backups\n{text}");
}

#[test]
fn without_a_prometheus_to_ask_it_says_so_and_how_metrics_come_to_one() {
    let hurt = up(kit()).run(describe);
    let up = r#"{"status": "error", "errorType": "internal", "error": "disk full"}"#;
    let first = format!("max by (pod) (cnpg_collector_up{{{PODS}}})");
    hurt.prometheus().answer_raw(&first, 500, up);
    for (running, words) in [
        (
            kit().run(describe),
            "no metrics: no Prometheus is configured",
        ),
        (
            kit().prometheus_for_others().run(describe),
            "no metrics: Prometheus may not be asked",
        ),
        (hurt, "no metrics: Prometheus does not answer"),
    ] {
        let text = text(&running);
        for words in [
            words,
            "note: tell the user",
            "9187",
            "label selector `cnpg.io/cluster: main-db`",
        ] {
            assert!(text.contains(words), "no `{words}` in\n{text}");
        }
    }
}

#[test]
fn what_prometheus_does_not_know_is_said_and_not_made_up() {
    let text = text(&kit().prometheus("up", vector(&[])).run(describe));
    assert!(text.contains("0 of 2 instances report"), "{text}");
    assert!(
        text.contains("main-db-1: not known to Prometheus"),
        "{text}"
    );
    assert!(text.contains("must scrape port 9187"), "{text}");
    assert!(
        !text.contains("databases:") && !text.contains("volumes:"),
        "{text}"
    );
}

#[test]
fn of_a_hibernated_cluster_it_says_that_and_does_not_blame_the_scraping() {
    let running = kit().prometheus("up", vector(&[])).run(describe);
    let text = ask(&running, "asleep").expect("it answers").text;
    for words in [
        "no metrics: it is hibernated, so no instance runs",
        "note: wake_postgres_cluster wakes it",
    ] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
    assert!(
        !text.contains("must scrape") && !text.contains("not known to"),
        "{text}"
    );
    // What still runs on the way there is shown.
    let text = ask(&up(kit()).run(describe), "asleep")
        .expect("it answers")
        .text;
    assert!(text.contains("2 of 2 instances report"), "{text}");
}

#[test]
fn a_cluster_that_is_not_there_or_has_no_instance_yet_is_said() {
    let running = kit().run(describe);
    let missing = ask(&running, "main-dc").expect_err("there is none");
    assert!(
        matches!(&missing, Failure::NotFound(words) if words.contains("there is main-db")),
        "{missing}"
    );
    let starting = ask(&running, "starting").expect("it is there");
    assert!(
        starting.text.contains("it has no instance yet"),
        "{}",
        starting.text
    );
    // Somebody else has written them: in a pattern they would select other clusters' pods.
    let odd = ask(&running, "odd").expect("it is there");
    assert!(odd.text.contains("it has no instance yet"), "{}", odd.text);
    let bare = Kit::from_manifests(&(bulkhead_cnpg_data::crds_minimal() + OBJECTS)).run(describe);
    let denied = ask(&bare, "main-db").expect_err("nothing is granted");
    assert!(matches!(denied, Failure::Denied(_)), "{denied}");
    let without = Kit::from_manifests("").grant(CLUSTERS).run(describe);
    let missing = ask(&without, "main-db").expect_err("no operator");
    assert!(missing.message().contains("not installed"), "{missing}");
}

#[test]
fn an_answer_stays_small_and_can_be_json() {
    let running = up(kit()).run(describe);
    assert!(text(&running).len() < 4096);
    let arguments = json!({ "cluster_name": "main-db", "namespace": "shop", "format": "json" });
    let answer = running.call("get_postgres_metrics", arguments);
    let answer = answer.expect("it answers");
    let as_text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(as_text), answer.structured);
}
