//! How each tool is called on the fleet. A tool without a row fails the tests that go through all tools.

use bulkhead_cnpg_data::{ORDERS, ORDERS_POOLER, VAULT};
use serde_json::{Value, json};

/// A tool, and its arguments.
type Row = (&'static str, fn() -> Value);

/// A call of each tool that changes something. Each is possible as the fleet stands, and by itself.
const CHANGES: &[Row] = &[
    (
        "create_postgres_cluster",
        || json!({ "name": "fresh", "namespace": "shop", "storage_class": "fast" }),
    ),
    (
        "scale_postgres_cluster",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "instances": 4 }),
    ),
    (
        "delete_postgres_cluster",
        || json!({ "name": "catalog", "namespace": "shop" }),
    ),
    (
        "hibernate_postgres_cluster",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "wake_postgres_cluster",
        || json!({ "name": VAULT.name, "namespace": VAULT.namespace }),
    ),
    (
        "promote_postgres_instance",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "instance": "orders-2" }),
    ),
    (
        "resize_postgres_storage",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "storage_size": "30Gi" }),
    ),
    (
        "restart_postgres_cluster",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "upgrade_postgres_cluster",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "postgres_version": "17.8" }),
    ),
    (
        "restore_postgres_cluster",
        || json!({ "name": "orders-back", "namespace": ORDERS.namespace, "source_cluster": ORDERS.name }),
    ),
    (
        "create_postgres_backup",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "name": "by-hand" }),
    ),
    ("create_postgres_scheduled_backup", || {
        json!({
            "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "name": "weekly", "schedule": "0 0 3 * * 0",
        })
    }),
    (
        "create_postgres_role",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "role_name": "courier" }),
    ),
    ("update_postgres_role", || {
        json!({
            "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "role_name": "reporting", "reset_password": true,
        })
    }),
    (
        "delete_postgres_role",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "role_name": "reporting" }),
    ),
    ("create_postgres_database", || {
        json!({
            "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "database_name": "invoices", "owner": "orders_app",
        })
    }),
    (
        "delete_postgres_database",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "database_name": "audit" }),
    ),
    (
        "create_postgres_pooler",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "name": "orders-reading", "type": "ro" }),
    ),
    (
        "scale_postgres_pooler",
        || json!({ "name": ORDERS_POOLER.name, "namespace": ORDERS_POOLER.namespace, "instances": 3 }),
    ),
    (
        "delete_postgres_pooler",
        || json!({ "name": ORDERS_POOLER.name, "namespace": ORDERS_POOLER.namespace }),
    ),
    (
        "update_postgres_configuration",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace, "parameters": { "work_mem": "8MB" } }),
    ),
];

/// The same of those that read.
const READS: &[Row] = &[
    ("list_postgres_clusters", || json!({ "namespace": "shop" })),
    (
        "get_cluster_status",
        || json!({ "name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "list_postgres_certificates",
        || json!({ "namespace": ORDERS.namespace, "cluster_name": ORDERS.name }),
    ),
    (
        "get_postgres_connection",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "list_postgres_backups",
        || json!({ "namespace": ORDERS.namespace, "cluster_name": ORDERS.name }),
    ),
    (
        "list_postgres_scheduled_backups",
        || json!({ "namespace": ORDERS.namespace }),
    ),
    (
        "list_postgres_roles",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "list_postgres_databases",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "list_postgres_poolers",
        || json!({ "namespace": ORDERS.namespace }),
    ),
    (
        "get_postgres_logs",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
    (
        "get_postgres_metrics",
        || json!({ "cluster_name": ORDERS.name, "namespace": ORDERS.namespace }),
    ),
];

/// The arguments of a tool, of a list of offered ones.
///
/// # Panics
/// For a tool that has no row here.
pub(crate) fn arguments(tool: &Value) -> (String, Value) {
    let name = tool["name"].as_str().unwrap();
    let mut rows = CHANGES.iter().chain(READS);
    let row = rows.find(|(row, _)| *row == name);
    let (_, arguments) = row.unwrap_or_else(|| {
        panic!("how is `{name}` called? It needs a row in tests/all/cnpg/calls.rs")
    });
    (name.to_owned(), arguments())
}

/// What is added to the arguments of a change without the person's decision: none of it may send anything.
pub(crate) fn undecided(tool: &Value) -> [Value; 3] {
    let mut confirmed = json!({ "dry_run": true });
    let arguments = tool["inputSchema"]["properties"].as_object();
    for (argument, _) in arguments.into_iter().flatten() {
        if argument.starts_with("confirm") {
            confirmed[argument] = json!(true);
        }
    }
    assert_eq!(confirmed["confirm"], true, "{}", tool["name"]);
    [json!({}), json!({ "dry_run": true }), confirmed]
}
