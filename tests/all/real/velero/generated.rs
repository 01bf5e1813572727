//! YAML for a repository: the real API server takes it, with Velero's own types, and knows every field of it.

use serde_json::{Value, json};

use super::{Host, cluster};

/// Arguments of each tool that generates.
fn calls() -> Vec<(&'static str, Value)> {
    let backup = "generate_velero_backup_yaml";
    let restore = "generate_velero_restore_yaml";
    let schedule = "generate_velero_schedule_yaml";
    vec![
        // The origin's arguments, and no others.
        (
            backup,
            json!({
                "name": "generated", "included_namespaces": ["shop", "orders"], "excluded_namespaces": ["scratch"],
                "storage_location": "default", "ttl": "720h", "velero_namespace": "velero",
            }),
        ),
        (backup, json!({ "name": "everything" })),
        (
            backup,
            json!({
                "name": "odd-1.2", "label_selector": "app=web,tier=front", "included_resources": ["deployments.apps", "secrets"],
                "excluded_resources": ["events"], "include_cluster_resources": false, "snapshot_volumes": true,
                "snapshot_move_data": true, "default_volumes_to_fs_backup": false, "volume_snapshot_locations": ["default"],
                "ttl": "1h30m",
            }),
        ),
        (
            restore,
            json!({ "name": "back", "backup": "shop-before-upgrade" }),
        ),
        (
            restore,
            json!({
                "name": "newest", "schedule": "apps-daily", "included_namespaces": ["shop"],
                "namespace_mapping": { "shop": "shop-test" }, "existing_resource_policy": "update", "restore_pvs": false,
                "preserve_node_ports": true, "include_cluster_resources": true, "excluded_resources": ["jobs.batch"],
                "label_selector": "app=web",
            }),
        ),
        (
            schedule,
            json!({ "name": "nightly", "schedule": "0 2 * * *", "included_namespaces": ["shop"], "ttl": "240h" }),
        ),
        (
            schedule,
            json!({ "name": "often", "schedule": "@every 6h" }),
        ),
    ]
}

#[test]
fn the_real_api_server_takes_every_generated_yaml_and_knows_each_of_its_fields() {
    let mut host = Host::open();
    let calls = calls();
    for tool in host.tools(false) {
        let generates = tool.starts_with("generate_");
        assert_eq!(
            calls.iter().any(|(name, _)| *name == tool),
            generates,
            "{tool}"
        );
    }
    for (tool, arguments) in calls {
        let result = host.result(tool, &arguments);
        let yaml = result["structuredContent"]["yaml"]
            .as_str()
            .unwrap_or_else(|| panic!("{tool} {arguments}: {result}"));
        assert!(yaml.starts_with("apiVersion: velero.io/v1\n"), "{yaml}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(yaml), "{text}");
        let dry = [
            "create",
            "--dry-run=server",
            "--validate=strict",
            "--filename=-",
            "--output=json",
        ];
        let taken = cluster().kubectl(&dry, Some(yaml));
        let taken = taken.unwrap_or_else(|error| panic!("{error:#}\n{yaml}"));
        let taken: Value = serde_json::from_str(&taken).unwrap();
        assert_eq!(taken["metadata"]["name"], arguments["name"]);
        assert_eq!(taken["metadata"]["namespace"], "velero");
    }
}
