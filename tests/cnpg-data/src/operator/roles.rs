//! Managed roles: what the instance manager would have made of the spec (`internal/management/controller/roles`).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::{Map, Value, json};

use super::api::Api;
use crate::cluster::Made;

/// The roles as PostgreSQL was told of them last, by the uid of their cluster and their name.
#[derive(Debug, Default)]
pub(super) struct Roles(Mutex<HashMap<(String, String), Told>>);

/// A role as it was written.
#[derive(Debug)]
struct Told {
    /// The entry of the spec.
    entry: Value,
    /// The version that the Secret with the password had.
    secret: String,
    /// What `passwordStatus` says of it: the transaction that wrote it and the Secret's version (`PasswordState`).
    password: Value,
}

impl Roles {
    /// Takes for written what the status of clusters says is, however their Secrets have got there.
    pub(super) fn know(&self, api: &Api, clusters: &[Value]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for cluster in clusters {
            let written = &cluster["status"]["managedRolesStatus"]["passwordStatus"];
            for entry in of(cluster) {
                let password = &written[name(entry)];
                if !password.is_null() {
                    let told = Told {
                        entry: entry.clone(),
                        secret: secret_version(api, cluster, entry),
                        password: password.clone(),
                    };
                    known.insert(key(cluster, entry), told);
                }
            }
        }
    }

    /// Writes a role, unless it is so already; returns what `passwordStatus` says of it then.
    fn write(&self, api: &Api, cluster: &Value, entry: &Value) -> Value {
        let secret = secret_version(api, cluster, entry);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.get(&key(cluster, entry));
        let same = before.filter(|told| told.entry == *entry && told.secret == secret);
        if let Some(told) = same {
            return told.password.clone();
        }
        let last = known
            .values()
            .filter_map(|told| told.password["transactionID"].as_u64());
        let mut password = json!({ "transactionID": last.max().unwrap_or(750) + 1 });
        if !secret.is_empty() {
            password["resourceVersion"] = json!(secret);
        }
        let told = Told {
            entry: entry.clone(),
            secret,
            password: password.clone(),
        };
        known.insert(key(cluster, entry), told);
        password
    }

    /// Drops a role: one of its name is then a new one.
    fn drop(&self, cluster: &Value, entry: &Value) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&key(cluster, entry));
    }
}

fn of(cluster: &Value) -> impl Iterator<Item = &Value> {
    let roles = cluster["spec"]["managed"]["roles"].as_array();
    roles.into_iter().flatten()
}

fn name(entry: &Value) -> &str {
    entry["name"].as_str().unwrap_or_default()
}

fn key(cluster: &Value, entry: &Value) -> (String, String) {
    (
        cluster["metadata"]["uid"].to_string(),
        name(entry).to_owned(),
    )
}

/// The version of the Secret with the password; empty where the role has none.
fn secret_version(api: &Api, cluster: &Value, entry: &Value) -> String {
    let secret = || {
        let namespace = cluster["metadata"]["namespace"].as_str()?;
        let secret = api.get(
            "Secret",
            namespace,
            entry["passwordSecret"]["name"].as_str()?,
        )?;
        Some(secret["metadata"]["resourceVersion"].as_str()?.to_owned())
    };
    secret().unwrap_or_default()
}

/// The status with the roles as they are then; none where none are managed.
pub(super) fn reconciled(
    api: &Api,
    cluster: &Value,
    made: &Made<'_>,
    written: &Roles,
) -> Option<Value> {
    let roles = cluster["spec"]["managed"]["roles"].as_array()?;
    let names: Vec<_> = roles.iter().map(name).collect();
    let known =
        |name: &str| name.starts_with("pg_") || name == made.database || names.contains(&name);
    let mut cannot = Map::new();
    let (mut good, mut pending) = (Vec::new(), Vec::new());
    let mut passwords = cluster["status"]["managedRolesStatus"]["passwordStatus"].clone();
    for role in roles {
        let name = name(role);
        let groups = role["inRoles"].as_array().into_iter().flatten();
        let mut groups = groups.filter_map(Value::as_str);
        match groups.find(|group| !known(group)) {
            None => {
                good.push(name);
                if role["ensure"] == "absent" {
                    written.drop(cluster, role);
                } else {
                    passwords[name] = written.write(api, cluster, role);
                }
            }
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
    *managed = json!({ "byStatus": by_status });
    if !cannot.is_empty() {
        managed["cannotReconcile"] = Value::Object(cannot);
    }
    if !passwords.is_null() {
        managed["passwordStatus"] = passwords;
    }
    Some(status)
}
