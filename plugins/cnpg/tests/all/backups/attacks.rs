//! Arguments and objects that nobody should write. Whatever comes, it is refused with a next step or answered in a few kilobytes, nothing
//! is changed, and no request leaves the paths of Kubernetes.

use super::changes::changes;
use super::cluster::people;
use super::{value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};

/// What is put where a text is taken.
fn texts() -> Vec<String> {
    let mut texts: Vec<_> = [
        "..",
        "../../../secrets/backup-s3",
        "orders/status",
        "orders?dryRun=",
        "orders%2f..",
        "*",
        "-",
        "a b",
        "Ä",
        "orders\n",
        "a\u{0}b",
        "\u{202e}sredro",
        "orders,cnpg.io/cluster!=x",
        "metadata.name=orders",
        "--all",
        "$(id)",
        "'; DROP TABLE x; --",
        "null",
        "{}",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    texts.push("a".repeat(300));
    texts.push("0 ".repeat(400));
    texts
}

/// Asserts that a call was refused as its caller's fault, or answered in little.
fn bounded(cnpg: &Running, tool: &str, arguments: &Value) {
    let said = match cnpg.call(tool, arguments.clone()) {
        Ok(answer) => answer.text,
        Err(failure) => {
            // Of another namespace, or with nobody who could decide on so many: `Denied` and `Limit`.
            let is_the_callers = matches!(
                failure,
                Failure::Invalid(_)
                    | Failure::NotFound(_)
                    | Failure::Conflict(_)
                    | Failure::Denied(_)
                    | Failure::Limit(_)
            );
            assert!(is_the_callers, "{tool} {arguments}: {failure}");
            failure.to_string()
        }
    };
    assert!(said.len() < 6144, "{tool} {arguments}: {}", said.len());
}

/// Asserts that all that was asked of the server is what it is asked for at other times.
fn only_reads_of_its_own(cnpg: &Running) {
    assert!(cnpg.cluster().changing_requests().is_empty());
    for request in cnpg.cluster().requests() {
        let is_own = request.path.starts_with("/api") || request.path.starts_with("/version");
        let is_strange = ["..", "/secrets", "/status", "%2f", "//"]
            .iter()
            .any(|part| request.path.contains(part));
        assert!(is_own && !is_strange, "{}", request.path);
    }
}

#[test]
fn no_text_in_any_argument_of_a_change_gets_anywhere() {
    let cnpg = people().run(describe);
    for (tool, arguments) in [&changes()[0], &changes()[3], &changes()[5]] {
        for argument in [
            "cluster_name",
            "name",
            "namespace",
            "schedule",
            "source_cluster",
            "backup",
            "target_time",
            "storage_size",
            "storage_class",
            "object_store",
            "postgres_version",
            "database",
            "owner",
        ] {
            for text in texts() {
                bounded(&cnpg, tool, &with(arguments, &json!({ argument: text })));
            }
        }
    }
    only_reads_of_its_own(&cnpg);
}

#[test]
fn no_text_in_any_argument_of_a_list_gets_anywhere() {
    let cnpg = people().run(describe);
    for tool in ["list_postgres_backups", "list_postgres_scheduled_backups"] {
        for argument in ["cluster_name", "namespace", "phase", "continue"] {
            for text in texts() {
                bounded(&cnpg, tool, &json!({ argument: text }));
            }
        }
    }
    only_reads_of_its_own(&cnpg);
}

#[test]
fn what_does_not_fit_the_schema_is_refused_before_the_tool_is_called() {
    let cnpg = people().run(describe);
    for (at, wrong) in [
        (0, json!({ "timeout": 29 })),
        (0, json!({ "timeout": 601 })),
        (0, json!({ "method": "pg_dump" })),
        (0, json!({ "target": "standby" })),
        (0, json!({ "online": "no" })),
        (0, json!({ "cluster_name": 7 })),
        (0, json!({ "cluster_name": ["orders"] })),
        (0, json!({ "approved": true })),
        (0, json!({ "password": "x" })),
        (3, json!({ "backup_owner_reference": "everything" })),
        (3, json!({ "suspend": 1 })),
        (5, json!({ "instances": 0 })),
        (5, json!({ "instances": -3 })),
        (5, json!({ "instances": 11 })),
        (5, json!({ "instances": 1.5 })),
        (5, json!({ "postInitSQL": ["DROP TABLE x"] })),
        (5, json!({ "imageName": "evil.example/pg:17" })),
        (5, json!({ "externalClusters": [] })),
    ] {
        let (tool, arguments) = &changes()[at];
        let failure = value(&cnpg, tool, &with(arguments, &wrong)).expect_err(tool);
        assert!(matches!(failure, Failure::Invalid(_)), "{wrong}: {failure}");
    }
    for wrong in [
        json!({ "limit": 0 }),
        json!({ "limit": 201 }),
        json!({ "all_namespaces": "yes" }),
    ] {
        let failure = value(&cnpg, "list_postgres_backups", &wrong).expect_err("it does not fit");
        assert!(matches!(failure, Failure::Invalid(_)), "{wrong}: {failure}");
    }
    assert!(
        cnpg.cluster()
            .requests()
            .iter()
            .all(|request| !request.path.contains("postgresql.cnpg.io"))
    );
}

#[test]
fn names_of_the_operators_own_roles_and_databases_are_no_applications() {
    let cnpg = people().run(describe);
    let (tool, arguments) = &changes()[5];
    for wrong in [
        json!({ "database": "postgres" }),
        json!({ "database": "App" }),
        json!({ "owner": "postgres" }),
        json!({ "owner": "streaming_replica" }),
        json!({ "owner": "x\"; DROP ROLE y; --" }),
    ] {
        let failure = value(&cnpg, tool, &with(arguments, &wrong)).expect_err(tool);
        assert!(matches!(failure, Failure::Invalid(_)), "{wrong}: {failure}");
    }
}

/// A database's own image is the only one that a restore takes.
#[test]
fn a_version_that_is_a_name_of_an_image_is_refused() {
    let cnpg = people().run(describe);
    cnpg.cluster().change(|cluster| {
        assert!(cluster.remove("postgresql.cnpg.io", "clusters", "shop", "orders"));
    });
    let asked = json!({ "namespace": "shop", "cluster_name": "orders", "limit": 1 });
    let list = value(&cnpg, "list_postgres_backups", &asked).expect("it is granted");
    for version in [
        "evil.example/pg:17",
        "17@sha256:00",
        "latest",
        "17-evil",
        "13",
        "99999999999",
    ] {
        let arguments = json!({
            "namespace": "shop", "name": "restored", "backup": list["rows"][0][0], "storage_size": "20Gi", "postgres_version": version,
        });
        let failure = value(&cnpg, "restore_postgres_cluster", &arguments).expect_err(version);
        assert!(
            matches!(failure, Failure::Invalid(_)),
            "{version}: {failure}"
        );
    }
}

/// As a hostile or a newer operator, or somebody with an editor, might leave them.
#[test]
fn objects_that_are_not_as_the_operator_writes_them_neither_break_an_answer_nor_blow_it_up() {
    let cnpg = people().run(describe);
    let object = |kind: &str, name: &str, spec: Value, status: Value| {
        json!({
            "apiVersion": "postgresql.cnpg.io/v1", "kind": kind,
            "metadata": { "name": name, "namespace": "lab" }, "spec": spec, "status": status,
        })
    };
    let long = "error \u{1b}[31m\n".repeat(2000);
    let odd = [
        json!(null),
        json!(7),
        json!("text"),
        json!(["list"]),
        json!({ "a": { "b": [null] } }),
    ];
    cnpg.cluster().change(|cluster| {
        for (at, value) in odd.iter().enumerate() {
            let status = json!({
                "phase": value, "startedAt": value, "stoppedAt": value, "error": long, "backupId": long, "online": value,
                "snapshotBackupStatus": { "elements": value }, "majorVersion": value,
            });
            let spec = json!({ "cluster": { "name": "scratch" }, "method": value, "pluginConfiguration": value });
            let schedule = json!({ "cluster": value, "schedule": value, "method": value, "suspend": value });
            for odd in [
                object("Backup", &format!("odd-{at}"), spec, status),
                object("Backup", &format!("no-spec-{at}"), value.clone(), value.clone()),
                object("ScheduledBackup", &format!("odd-{at}"), schedule, json!({ "lastCheckTime": value })),
                object("ScheduledBackup", &format!("no-spec-{at}"), value.clone(), value.clone()),
            ] {
                cluster.insert(odd).expect("its type is served");
            }
            let mut scratch = object(
                "Cluster",
                &format!("odd-{at}"),
                json!({ "instances": value, "plugins": value, "backup": { "barmanObjectStore": value }, "bootstrap": value, "storage": value }),
                json!({ "phase": value, "conditions": value, "pluginStatus": value }),
            );
            scratch["metadata"]["annotations"] = json!({ "cnpg.io/fencedInstances": "[[[", "cnpg.io/hibernation": "maybe" });
            cluster.insert(scratch).expect("its type is served");
        }
    });
    for tool in ["list_postgres_backups", "list_postgres_scheduled_backups"] {
        let answer = cnpg.call(tool, json!({ "namespace": "lab" })).expect(tool);
        assert!(answer.text.len() < 10_000, "{}", answer.text.len());
        assert!(
            !answer.text.contains('\u{1b}') || tool == "list_postgres_backups",
            "{}",
            answer.text
        );
    }
    for at in 0..odd.len() {
        let cluster = format!("odd-{at}");
        for (tool, arguments) in [
            (
                "create_postgres_backup",
                json!({ "namespace": "lab", "cluster_name": cluster }),
            ),
            (
                "create_postgres_scheduled_backup",
                json!({ "namespace": "lab", "cluster_name": cluster, "schedule": "@daily" }),
            ),
            (
                "restore_postgres_cluster",
                json!({ "namespace": "lab", "name": "restored", "source_cluster": cluster }),
            ),
            (
                "restore_postgres_cluster",
                json!({ "namespace": "lab", "name": "restored", "backup": cluster }),
            ),
            (
                "restore_postgres_cluster",
                json!({ "namespace": "lab", "name": "restored", "backup": format!("no-spec-{at}") }),
            ),
        ] {
            bounded(&cnpg, tool, &arguments);
        }
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}
