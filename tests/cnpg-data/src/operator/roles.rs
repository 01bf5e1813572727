//! Managed roles: what the instance manager would have made of the spec (`internal/management/controller/roles`).

use serde_json::{Map, Value, json};

use crate::cluster::Made;

/// The status with the roles as they are then; none where nothing changes.
pub(super) fn reconciled(cluster: &Value, made: &Made<'_>) -> Option<Value> {
    let roles = cluster["spec"]["managed"]["roles"].as_array()?;
    let names: Vec<_> = roles
        .iter()
        .filter_map(|role| role["name"].as_str())
        .collect();
    let known =
        |name: &str| name.starts_with("pg_") || name == made.database || names.contains(&name);
    let mut cannot = Map::new();
    let (mut good, mut pending) = (Vec::new(), Vec::new());
    for role in roles {
        let name = role["name"].as_str().unwrap_or_default();
        let groups = role["inRoles"].as_array().into_iter().flatten();
        let mut groups = groups.filter_map(Value::as_str);
        match groups.find(|group| !known(group)) {
            None => good.push(name),
            Some(group) => {
                pending.push(name);
                let why = format!(
                    "could not perform UPDATE_MEMBERSHIPS on role {name}: role \"{group}\" does not exist"
                );
                cannot.insert(name.to_owned(), json!([why]));
            }
        }
    }
    let mut by_status = json!({
        "not-managed": [made.database], "reserved": ["postgres", "streaming_replica"],
    });
    if !good.is_empty() {
        by_status["reconciled"] = json!(good);
    }
    if !pending.is_empty() {
        by_status["pending-reconciliation"] = json!(pending);
    }
    let mut status = cluster["status"].clone();
    let managed = &mut status["managedRolesStatus"];
    // The reserved ones depend on poolers, too, which are not looked at here.
    let reserved = managed["byStatus"]["reserved"].take();
    if !reserved.is_null() {
        by_status["reserved"] = reserved;
    }
    let passwords = managed["passwordStatus"].take();
    *managed = json!({ "byStatus": by_status });
    if !cannot.is_empty() {
        managed["cannotReconcile"] = Value::Object(cannot);
    }
    if !passwords.is_null() {
        managed["passwordStatus"] = passwords;
    }
    Some(status)
}
