//! `create_postgres_database`: a Database object, with an owner that is there.

use super::DATABASE;
use crate::cluster::Cluster;
use crate::database::{self, APPLIED, Database};
use crate::kinds::API_VERSION;
use crate::place::{self, NAMESPACE};
use crate::role::{self, NOT_MANAGED};
use crate::waiting::{self, TIMEOUT};
use crate::{identifier, standstill, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Waited, carry_out, watch};
use bulkhead_plugin_sdk::document::not_known;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Output, Place, Row, Tool};
use serde_json::{Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[
        DATABASE,
        OWN,
        NAMESPACE,
        CONFIRMATION,
        DRY_RUN,
        WAIT,
        TIMEOUT,
    ];
}

const OWN: &[Argument] = &[
    Argument::text(
        "owner",
        "The role that owns it: a managed one, or that of the application.",
    )
    .required(),
    Argument::choice(
        "reclaim_policy",
        &["retain", "delete"],
        "What becomes of the data when the Database object is deleted.",
    )
    .or_text("retain"),
    Argument::texts(
        "extensions",
        "Extensions to install in it. Of high risk: they are code.",
    ),
    Argument::texts("schemas", "Schemas to make in it, for the same owner."),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_postgres_database",
        "Proposes a database for a cluster as a Database object, by which the operator makes it. The owner must be a role of the cluster. \
         A person approves it.",
        create,
    )
    .title("Create a database")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let text = |name| values.text(name).unwrap_or_default();
    let (cluster_name, name, owner) = (text("cluster_name"), text("database_name"), text("owner"));
    identifier::free_database("database_name", name)?;
    identifier::check("database_name", name)?;
    identifier::free_role("owner", owner)?;
    let extensions = names(&values, "extensions")?;
    let schemas = names(&values, "schemas")?;
    for schema in &schemas {
        identifier::free_schema("schemas", schema)?;
    }
    let cluster = Cluster::find(&place, cluster_name)?;
    owned(&cluster, owner, &place)?;
    let object = format!("{cluster_name}-{}", identifier::in_object_name(name));
    let mut notes = telling::begun(standstill::note(&cluster));
    let read = free(&place, cluster_name, name, &object);
    match not_known(&read) {
        Some(why) => notes.push(format!("not known: other Database objects ({why})")),
        None => read?,
    }
    let is_dropped = text("reclaim_policy") == "delete";
    if is_dropped {
        notes.push(format!(
            "whoever deletes the object {object} drops the database with all its data"
        ));
    }
    let mut spec = json!({
        "cluster": { "name": cluster_name }, "name": name, "owner": owner, "ensure": "present",
        "databaseReclaimPolicy": text("reclaim_policy"),
    });
    if !extensions.is_empty() {
        let of = |name: &String| json!({ "name": name, "ensure": "present" });
        spec["extensions"] = extensions.iter().map(of).collect();
    }
    if !schemas.is_empty() {
        let of = |name: &String| json!({ "name": name, "owner": owner, "ensure": "present" });
        spec["schemas"] = schemas.iter().map(of).collect();
    }
    let manifest = json!({
        "apiVersion": API_VERSION, "kind": "Database",
        "metadata": { "name": object, "namespace": place.namespace },
        "spec": spec,
    });
    let goes = if is_dropped { "deleted" } else { "retained" };
    let mut summary = format!(
        "create database {name} of role {owner} in cluster {cluster_name} in {}; with its object the data is {goes}",
        place.namespace
    );
    telling::all(&mut summary, &notes);
    if name == role::application_database(&cluster) {
        let owner = if owner == role::application_owner(&cluster) {
            "it is the application's database, which is there: the operator takes it over"
        } else {
            "it is the application's database, which is there: the operator takes it over and gives it this other owner"
        };
        telling::both(&mut summary, &mut notes, owner);
    }
    let plan = Plan::new(summary).change(Change::create(&manifest));
    let target = database::target(&place, &object);
    carry_out(
        &values,
        plan,
        notes,
        Some(&mut || until_applied(&values, &target)),
    )
}

/// Returns the names of a list, each checked and none twice: the operator's webhook takes none twice.
fn names(values: &Values, argument: &str) -> Result<Vec<String>, Failure> {
    let names = values.texts(argument);
    for (at, name) in names.iter().enumerate() {
        identifier::check(argument, name)?;
        if names.iter().skip(at + 1).any(|other| other == name) {
            return Err(Failure::invalid(format!("`{argument}` has `{name}` twice"))
                .next_step("name each once"));
        }
    }
    Ok(names)
}

/// An owner that is not there fails only later, in PostgreSQL.
fn owned(cluster: &Cluster, owner: &str, place: &Place) -> Result<(), Failure> {
    let of = format!("cluster `{}` {}", cluster.name(), place.words);
    if let Some(role) = role::find(cluster, owner) {
        if !role.is_absent() {
            return Ok(());
        }
        return Err(Failure::Conflict(format!(
            "role `{owner}` of {of} is to be dropped (`ensure` is `absent`), so it can own no database"
        ))
        .next_step("choose another owner; list_postgres_roles shows the roles"));
    }
    if owner == role::application_owner(cluster) || cluster.role_status(owner) == NOT_MANAGED {
        return Ok(());
    }
    Err(Failure::not_found(format!(
        "{of} has no role `{owner}`, as far as its list and its status know, so it can own no database"
    ))
    .next_step("choose one that list_postgres_roles shows, or make it with create_postgres_role first"))
}

/// Two objects about one database fight: the operator carries out the first alone (`ensureManagedResourceExclusivity`).
fn free(place: &Place, cluster: &str, name: &str, object: &str) -> Result<(), Failure> {
    Database::each(place, &mut |other| {
        let why = if other.cluster() == cluster && other.name() == name {
            format!("is about database `{name}` of cluster `{cluster}` already")
        } else if other.object() == object {
            format!(
                "has the name that this one would get, and is about database `{}` of cluster `{}`",
                other.name(),
                other.cluster()
            )
        } else {
            return Ok(());
        };
        Err(Failure::Conflict(format!(
            "Database object `{}` {} {why}",
            other.object(),
            place.words
        ))
        .next_step("look at it with list_postgres_databases, or choose another database_name"))
    })
}

/// Waits until the operator says that it is there, or why it is not.
fn until_applied(values: &Values, object: &ObjectRef) -> Result<Waited, Failure> {
    let applied = waiting::equals("status.applied", &Value::Bool(true));
    watch(waiting::waiting(values), object, &applied, &mut || {
        let paths = ["status.applied", "status.message"];
        let row = kubernetes::get_fields(object, &paths).map(Row::of)?;
        Ok(match row.flag(0) {
            Some(true) => (true, format!("the database is {APPLIED}")),
            // It tries again every 30 seconds, but mostly for nothing.
            Some(false) => (true, format!("it is not applied: {}", row.text(1))),
            None if row.text(1).is_empty() => (false, "not applied yet".to_owned()),
            None => (false, format!("not applied yet: {}", row.text(1))),
        })
    })
}
