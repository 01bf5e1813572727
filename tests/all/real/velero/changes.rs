//! Every tool that changes: proposed, approved by a person at a terminal, applied; and then the cluster has what was shown.

use std::collections::BTreeSet;

use bulkhead_tests::real_cluster::User;
use serde_json::{Value, json};

use super::{Host, cluster, object};

/// A change: the tool, its arguments, the object that it is about, and what of that object is as expected.
struct Change {
    tool: &'static str,
    arguments: Value,
    /// What its name begins with.
    object: &'static str,
    /// Paths and values.
    comes_to: Vec<(&'static str, Value)>,
    risk: &'static str,
}

fn changes() -> Vec<Change> {
    let change = |tool, arguments, object, comes_to, risk| Change {
        tool,
        arguments,
        object,
        comes_to,
        risk,
    };
    vec![
        change(
            "create_velero_backup",
            json!({ "name": "by-hand", "included_namespaces": ["shop"], "ttl": "240h", "reason": "before the upgrade" }),
            "backups.velero.io/by-hand",
            vec![
                ("/spec/includedNamespaces", json!(["shop"])),
                ("/spec/ttl", json!("240h")),
            ],
            "medium",
        ),
        change(
            "create_velero_backup",
            json!({ "name": "payments-now", "from_schedule": "payments-12h" }),
            "backups.velero.io/payments-now",
            vec![
                (
                    "/metadata/labels/velero.io~1schedule-name",
                    json!("payments-12h"),
                ),
                ("/spec/labelSelector/matchLabels/backup", json!("yes")),
            ],
            "high",
        ),
        change(
            "create_velero_restore",
            json!({
                "name": "shop-back", "backup": "shop-before-upgrade", "included_namespaces": ["shop"],
                "namespace_mapping": { "shop": "shop-copy" },
            }),
            "restores.velero.io/shop-back",
            vec![
                ("/spec/backupName", json!("shop-before-upgrade")),
                ("/spec/namespaceMapping", json!({ "shop": "shop-copy" })),
            ],
            "high",
        ),
        change(
            "create_velero_schedule",
            json!({ "name": "analytics-daily", "schedule": "0 2 * * *", "included_namespaces": ["analytics"] }),
            "schedules.velero.io/analytics-daily",
            vec![
                ("/spec/schedule", json!("0 2 * * *")),
                ("/spec/template/includedNamespaces", json!(["analytics"])),
            ],
            "medium",
        ),
        change(
            "pause_velero_schedule",
            json!({ "name": "analytics-daily" }),
            "schedules.velero.io/analytics-daily",
            vec![("/spec/paused", json!(true))],
            "high",
        ),
        change(
            "unpause_velero_schedule",
            json!({ "name": "analytics-daily" }),
            "schedules.velero.io/analytics-daily",
            vec![("/spec/paused", json!(false))],
            "medium",
        ),
        change(
            "delete_velero_backup",
            json!({ "name": "payments-export" }),
            "deletebackuprequests.velero.io/payments-export-",
            vec![
                ("/spec/backupName", json!("payments-export")),
                (
                    "/metadata/labels/velero.io~1backup-name",
                    json!("payments-export"),
                ),
            ],
            "high",
        ),
    ]
}

/// What an object is, as the host shows what is made: a line for each path.
fn shown_of(object: &Value) -> BTreeSet<String> {
    let metadata = &object["metadata"];
    let mut made = json!({
        "apiVersion": object["apiVersion"], "kind": object["kind"], "spec": object["spec"],
        "metadata": { "name": metadata["name"], "namespace": metadata["namespace"] },
    });
    for key in ["labels", "annotations"] {
        if let Some(map) = metadata.get(key) {
            made["metadata"][key] = map.clone();
        }
    }
    let mut lines = BTreeSet::new();
    leaves("", &made, &mut lines);
    lines
}

fn leaves(path: &str, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                let path = match (path, plain) {
                    ("", _) => key.clone(),
                    (_, true) => format!("{path}.{key}"),
                    (_, false) => format!("{path}['{key}']"),
                };
                leaves(&path, value, lines);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (index, value) in list.iter().enumerate() {
                leaves(&format!("{path}[{index}]"), value, lines);
            }
        }
        leaf => {
            lines.insert(format!("+ {path}: {leaf}"));
        }
    }
}

/// What was there before a change, but for one flag.
fn but_paused(object: &Value) -> Value {
    let mut spec = object["spec"].clone();
    spec["paused"].take();
    json!([
        spec,
        object["metadata"]["labels"],
        object["metadata"]["annotations"]
    ])
}

#[test]
fn each_change_is_made_as_it_was_shown_and_nothing_is_sent_before_it_is_approved() {
    let mut host = Host::open();
    let sent = || cluster().changes_by(User::Rbac).unwrap().len();
    let all = changes();
    for tool in host.tools(true) {
        assert!(all.iter().any(|change| change.tool == tool), "{tool}");
    }
    for change in all {
        let (tool, before) = (change.tool, sent());
        let earlier = tool.contains("pause").then(|| object(change.object));
        let proposed = host.propose(tool, &change.arguments);
        let id = proposed["id"].as_str().unwrap();
        assert_eq!(proposed["risk"], change.risk, "{tool}: {proposed:#}");
        let said = host.call("change_apply", &json!({ "id": id }));
        said.fails("needs-approval", &[]);
        let shown = host.approve(id);
        assert_eq!(sent(), before, "{tool}: before it was applied");
        host.apply(id);
        assert_eq!(sent(), before + 1, "{tool}");

        let step = &proposed["steps"][0];
        let name = step["object"].as_str().unwrap().split(' ').next().unwrap();
        assert!(name.starts_with(change.object), "{name}");
        let object = object(name);
        for (path, value) in &change.comes_to {
            assert_eq!(object.pointer(path), Some(value), "{tool}: {object:#}");
        }
        let diff: BTreeSet<_> = step["diff"]
            .as_str()
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        for line in &diff {
            let path = line.split(' ').nth(1).unwrap().trim_end_matches(':');
            assert!(
                shown.text.contains(path),
                "{tool}: no `{path}` in\n{}",
                shown.text
            );
        }
        match earlier {
            Some(earlier) => assert_eq!(but_paused(&object), but_paused(&earlier), "{tool}"),
            None => assert_eq!(shown_of(&object), diff, "{tool}"),
        }
    }
}
