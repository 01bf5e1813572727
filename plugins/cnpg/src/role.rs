//! Roles that the operator manages: what `spec.managed.roles` asks for, and what came of it (`RoleConfiguration` and `ManagedRoles`,
//! `api/v1/cluster_types.go`).
//!
//! The list is a plain one: a merge patch would replace it whole. So what changes it is a JSON patch by index, with a test of the name
//! that stands there and with the resourceVersion that it was read at.

mod secret;
mod waiting;

pub(crate) use secret::{Owner, RoleSecret, create as new_secret, target as secret_target};
pub(crate) use waiting::until_settled;

use crate::cluster::Cluster;
use crate::identifier;
use bulkhead_plugin_sdk::changes::Change;
use bulkhead_plugin_sdk::names::Alike;
use bulkhead_plugin_sdk::{Failure, Object, Place, row};
use serde_json::{Value, json};

/// The role is in the database as the list asks for it.
pub(crate) const RECONCILED: &str = "reconciled";

/// The role is in the database and not in the list.
pub(crate) const NOT_MANAGED: &str = "not-managed";

/// What a role may, and which field says so. Superusers first: the gravest.
pub(crate) const ATTRIBUTES: [(&str, &str); 6] = [
    ("superuser", "superuser"),
    ("replication", "replication"),
    ("createrole", "createrole"),
    ("createdb", "createdb"),
    ("login", "login"),
    ("inherit", "inherit"),
];

/// One entry of the list.
#[derive(Clone, Copy)]
pub(crate) struct Role<'a> {
    /// Its place in the list.
    pub(crate) index: usize,
    pub(crate) entry: Object<'a>,
}

impl<'a> Role<'a> {
    pub(crate) fn name(self) -> &'a str {
        self.entry.text("/name")
    }

    /// Whether the list asks for it not to be.
    pub(crate) fn is_absent(self) -> bool {
        self.entry.text("/ensure") == "absent"
    }

    /// Whether it may, by the defaults of the CRD where the entry says nothing: only `inherit` is on then.
    pub(crate) fn may(self, attribute: &str) -> bool {
        let said = self.entry.0.get(attribute).and_then(Value::as_bool);
        said.unwrap_or(attribute == "inherit")
    }

    /// Returns the name of the Secret with its password; empty where it names none.
    pub(crate) fn secret(self) -> &'a str {
        self.entry.text("/passwordSecret/name")
    }
}

/// Returns the list.
pub(crate) fn listed(cluster: &Cluster) -> Vec<Role<'_>> {
    let entries = cluster.roles().enumerate();
    entries
        .map(|(index, entry)| Role { index, entry })
        .collect()
}

/// Returns the entry of a role; none where the list has none.
pub(crate) fn find<'a>(cluster: &'a Cluster, name: &str) -> Option<Role<'a>> {
    let (index, entry) = cluster.role(name)?;
    Some(Role { index, entry })
}

/// Returns the entry of a role; none where it is in the database and not in the list, as far as the status knows.
///
/// # Errors
/// `NotFound` where it is nowhere, with names that begin alike.
pub(crate) fn known<'a>(
    cluster: &'a Cluster,
    name: &str,
    place: &Place,
) -> Result<Option<Role<'a>>, Failure> {
    let found = find(cluster, name);
    let is_there = name == application_owner(cluster) || !cluster.role_status(name).is_empty();
    if found.is_some() || is_there {
        return Ok(found);
    }
    let mut alike = Alike::to(name);
    for role in listed(cluster) {
        alike.add(role.name());
    }
    for other in in_state(status(cluster), NOT_MANAGED) {
        alike.add(&other);
    }
    let alike = match alike.names() {
        names if names.is_empty() => String::new(),
        names => format!("; there is {}", names.join(", ")),
    };
    let of = cluster.name();
    Err(Failure::not_found(format!(
        "cluster `{of}` {} has no role `{name}`, as far as its list and its status know{alike}",
        place.words
    ))
    .next_step("list_postgres_roles shows their names"))
}

/// Returns the roles that are in a state.
pub(crate) fn in_state(status: Object<'_>, state: &str) -> Vec<String> {
    status.texts(&format!("/byStatus/{state}"))
}

/// Returns `status.managedRolesStatus`.
pub(crate) fn status(cluster: &Cluster) -> Object<'_> {
    cluster.object().part("/status/managedRolesStatus")
}

/// Returns why the operator cannot make a role what it is to be, in PostgreSQL's words; empty where it can.
pub(crate) fn obstacle(status: Object<'_>, name: &str) -> String {
    let reasons = status.part("/cannotReconcile").0.get(name);
    reasons.map(row::texts).unwrap_or_default().join("; ")
}

/// Returns the owner of the application's database, which the operator made with the cluster and which no list has; empty where none
/// was made. By default it has the database's name (`api/v1/cluster_defaults.go`).
pub(crate) fn application_owner(cluster: &Cluster) -> &str {
    match (
        application_database(cluster),
        application(cluster, "/owner"),
    ) {
        ("", _) => "",
        (database, "") => database,
        (_, owner) => owner,
    }
}

/// Returns the application's database, which the operator made with the cluster; empty where none was made, as in a monolith import
/// that names none (`defaultInitDB`, `api/v1/cluster_defaults.go`).
pub(crate) fn application_database(cluster: &Cluster) -> &str {
    match application(cluster, "/database") {
        "" if cluster.object().text("/spec/bootstrap/initdb/import/type") == "monolith" => "",
        "" => "app",
        database => database,
    }
}

/// Returns the name of the Secret by which the application logs in: the one that was named, else the operator's own
/// (`GetApplicationSecretName`, `api/v1/cluster_funcs.go`).
pub(crate) fn application_secret(cluster: &Cluster) -> String {
    match application(cluster, "/secret/name") {
        "" => format!("{}-app", cluster.name()),
        named => named.to_owned(),
    }
}

fn application<'a>(cluster: &'a Cluster, field: &str) -> &'a str {
    let bootstrap = cluster.object().part("/spec/bootstrap");
    let ways = ["/recovery", "/pg_basebackup", "/initdb"];
    let named = ways.map(|way| bootstrap.part(way).text(field));
    let named = named.into_iter().find(|name| !name.is_empty());
    named.unwrap_or_default()
}

/// Returns the name of the Secret that the tools give to a role: `cnpg-{cluster}-user-{role}`.
pub(crate) fn secret_name(cluster: &str, role: &str) -> String {
    format!("cnpg-{cluster}-user-{}", identifier::in_object_name(role))
}

/// Adds an entry to the end of the list, or makes the list.
pub(crate) fn append(cluster: &Cluster, entry: &Value) -> Change {
    let object = cluster.object();
    let managed = object.part("/spec/managed");
    let operations = if managed.0.is_null() {
        json!([{ "op": "add", "path": "/spec/managed", "value": { "roles": [entry] } }])
    } else {
        match listed(cluster).last() {
            None => json!([{ "op": "add", "path": "/spec/managed/roles", "value": [entry] }]),
            Some(last) => json!([
                { "op": "test", "path": at(last.index, "name"), "value": last.name() },
                { "op": "add", "path": "/spec/managed/roles/-", "value": entry },
            ]),
        }
    };
    patch(cluster, &operations)
}

/// Changes an entry, as far as it is still that of this role.
pub(crate) fn edit(cluster: &Cluster, role: Role<'_>, operations: Vec<Value>) -> Change {
    let mut all =
        vec![json!({ "op": "test", "path": at(role.index, "name"), "value": role.name() })];
    all.extend(operations);
    patch(cluster, &Value::Array(all))
}

/// Sets a field of an entry, whether it stands there or not.
pub(crate) fn set(role: Role<'_>, field: &str, value: Value) -> Value {
    json!({ "op": "add", "path": at(role.index, field), "value": value })
}

/// Takes a field out of an entry; the whole entry where the field is empty.
pub(crate) fn remove(role: Role<'_>, field: &str) -> Value {
    json!({ "op": "remove", "path": at(role.index, field) })
}

fn at(index: usize, field: &str) -> String {
    let stroke = if field.is_empty() { "" } else { "/" };
    format!("/spec/managed/roles/{index}{stroke}{field}")
}

fn patch(cluster: &Cluster, operations: &Value) -> Change {
    let version = cluster.object().text("/metadata/resourceVersion");
    Change::json_patch_of(cluster.target(), operations, version)
}

#[cfg(test)]
mod tests;
