//! `delete_postgres_database`: the Database object goes; whether the data goes with it, the object says.

use super::DATABASE;
use crate::cluster::Cluster;
use crate::database::{self, Database};
use crate::place::{self, NAMESPACE};
use crate::{role, standstill, telling};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, Propagation, carry_out};
use bulkhead_plugin_sdk::names::Alike;
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[DATABASE, OWN, NAMESPACE, CONFIRMATION, DRY_RUN];
}

const OWN: &[Argument] = &[Argument::text(
    "object_name",
    "Which Database object, where several are about this database.",
)];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "delete_postgres_database",
        "Proposes to delete the Database object of a database. Says whether the data goes too: with reclaim policy delete the operator \
         drops the database, with retain it stays in PostgreSQL and nothing manages it any more. A person approves it, with risk high.",
        delete,
    )
    .title("Delete a database")
    .destructive()
}

fn delete(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let text = |name| values.text(name).unwrap_or_default();
    let (cluster_name, name) = (text("cluster_name"), text("database_name"));
    let mut found = Vec::new();
    let mut alike = Alike::to(name);
    Database::each(&place, &mut |database| {
        if database.cluster() == cluster_name {
            if database.name() == name {
                found.push(database);
            } else {
                alike.add(database.name());
            }
        }
        Ok(())
    })?;
    let cluster = match Cluster::find(&place, cluster_name) {
        // The object can go all the same.
        Err(why @ (Failure::NotFound(_) | Failure::Denied(_))) if !found.is_empty() => Err(why),
        read => Ok(read?),
    };
    let database = chosen(&found, values.text("object_name"), name, &place)?;
    let Some(database) = database else {
        return Err(none(
            cluster.as_ref().ok(),
            cluster_name,
            name,
            alike,
            &place,
        ));
    };
    if database.state() == "deleting" {
        return Err(Failure::Conflict(format!(
            "Database object `{}` {} is being deleted already{}",
            database.object(),
            place.words,
            match database.trouble() {
                why if why.is_empty() => String::new(),
                why => format!(": {why}"),
            }
        ))
        .next_step("PostgreSQL drops no database that somebody is connected to; look again with list_postgres_databases"));
    }
    let (mut end, mut notes) = what_goes(database, found.len() > 1);
    let mut later = None;
    match &cluster {
        Ok(cluster) => later = standstill::note(cluster),
        Err(Failure::Denied(_)) => {
            notes.push(format!("not known: cluster {cluster_name} (denied)"));
        }
        Err(_) => {
            end = "its cluster is gone: only the object goes";
            notes = vec![end.to_owned()];
        }
    }
    let mut summary = format!(
        "delete the object of database {name} of cluster {cluster_name} in {}: {end}",
        place.namespace
    );
    if let Some(why) = later {
        telling::both(&mut summary, &mut notes, why);
    }
    let target = database::target(&place, database.object());
    let plan = Plan::new(summary).change(Change::delete(target, Propagation::Background));
    carry_out(&values, plan, notes, None)
}

/// Returns the object that is meant; none where there is none.
fn chosen<'a>(
    found: &'a [Database],
    object: Option<&str>,
    name: &str,
    place: &Place,
) -> Result<Option<&'a Database>, Failure> {
    let names: Vec<_> = found.iter().map(Database::object).collect();
    let names = names.join(", ");
    match (object, found) {
        (None, []) => Ok(None),
        (None, [one]) => Ok(Some(one)),
        (None, _) => Err(Failure::Conflict(format!(
            "several Database objects {} are about database `{name}`: {names}",
            place.words
        ))
        .next_step("say which one with object_name; list_postgres_databases shows what each says")),
        (Some(object), _) => {
            let mut all = found.iter();
            match all.find(|one| one.object() == object) {
                Some(one) => Ok(Some(one)),
                None if found.is_empty() => Ok(None),
                None => Err(Failure::not_found(format!(
                    "`{object}` is no Database object {} about database `{name}`; there is {names}",
                    place.words
                ))
                .next_step("say one of these with object_name")),
            }
        }
    }
}

/// Says why there is nothing to delete.
fn none(
    cluster: Option<&Cluster>,
    cluster_name: &str,
    name: &str,
    alike: Alike<'_>,
    place: &Place,
) -> Failure {
    let of = format!(
        "database `{name}` of cluster `{cluster_name}` {}",
        place.words
    );
    if cluster.is_some_and(|cluster| role::application_database(cluster) == name) {
        return Failure::Conflict(format!(
            "{of} was made with the cluster and has no Database object: it goes with the cluster, and not before"
        ))
        .next_step("tell the user; a person can drop it by SQL");
    }
    let alike = match alike.names() {
        names if names.is_empty() => String::new(),
        names => format!("; there is {}", names.join(", ")),
    };
    Failure::not_found(format!(
        "no Database object is about {of}{alike}: the operator does not manage such a database"
    ))
    .next_step("list_postgres_databases shows those that it does")
}

/// Says what becomes of the data, in a few words for the summary and in notes.
fn what_goes(database: &Database, is_shared: bool) -> (&'static str, Vec<String>) {
    let name = database.name();
    if database.is_absent() {
        let note = "the object says ensure: absent: the operator was to drop the database already";
        return ("it was to be dropped before", vec![note.to_owned()]);
    }
    if !database.is_dropped_with_it() {
        let note = format!(
            "the data stays (databaseReclaimPolicy retain): database {name} is left in PostgreSQL, and nothing manages it any more"
        );
        return ("the data stays", vec![note]);
    }
    let mut notes = vec![
        format!(
            "all data of database {name} goes too (databaseReclaimPolicy delete); a rollback brings back the object and an empty database"
        ),
        "PostgreSQL drops no database that somebody is connected to: the object stays until nobody is".to_owned(),
    ];
    if is_shared {
        notes.push(
            "another object is about the same database, which it would then make again, empty"
                .to_owned(),
        );
    }
    ("all its data goes too", notes)
}
