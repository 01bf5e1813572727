//! `create_postgres_cluster`: a new, empty cluster.
//!
//! The image is the operator's own and the SQL at its start is the operator's: neither a name of an image nor `postInitSQL` is taken.

use super::{TIMEOUT, count, known, waiting};
use crate::image::{self, Version};
use crate::kinds::{API_VERSION, CLUSTER_LABEL, clusters, core};
use crate::phase::HEALTHY;
use crate::place::{self, NAMESPACE};
use crate::storage_class::{self, StorageClass};
use crate::waiting::{equals, until};
use crate::{new_name, quantity, row};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, Query};
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};
use serde_json::{Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::text("name", "The cluster's name, of at most 50 characters.").required(),
    Argument::number(
        "instances",
        1,
        10,
        "How many: a primary, and replicas of it.",
    )
    .or_number(3),
    Argument::text("storage_size", "The volume of each instance.").or_text("10Gi"),
    Argument::text("postgres_version", "Such as `17` or `17.6`.").or_text("16"),
    Argument::text("storage_class", "Left out: the default one."),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "create_postgres_cluster",
        "Proposes a new PostgreSQL cluster: a primary and replicas, with checksums, in the operator's own image. Says what its storage \
         class can do. A person approves it. With wait, says how far it is.",
        create,
    )
    .title("Create a PostgreSQL cluster")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let name = values.text("name").unwrap_or_default();
    new_name::check(name)?;
    let size = values.text("storage_size").unwrap_or_default();
    quantity::of_volume("storage_size", size)?;
    let version = Version::parse(values.text("postgres_version").unwrap_or_default())?;
    let instances = u64::from(values.count("instances").unwrap_or(1));
    let place = place::choose(&values);

    let mut notes = Vec::new();
    match refuse_another(&place, name) {
        // The server's dry run refuses a name that is taken, too.
        Err(Failure::Denied(_)) => {}
        other => other?,
    }
    let class = values.text("storage_class");
    if let Some(classes) = known(&mut notes, "its storage class", storage_class::all())? {
        notes.push(storage(&classes, class)?);
    }
    let left = known(
        &mut notes,
        "volumes of an earlier one",
        left_over(&place, name),
    )?;
    notes.extend(left.filter(|left| !left.is_empty()).map(|left| {
        format!(
            "volumes of an earlier cluster `{name}` are still there ({}): the operator takes them over, so this will be that database and \
             no empty one",
            listed(&left)
        )
    }));
    notes.extend(version.note());
    notes.extend(advice(name, instances, version));

    let object = manifest(&values, &place, version, instances);
    let target = ObjectRef::in_namespace(clusters(), &place.namespace, name);
    let summary = format!(
        "create cluster {name} in {}: PostgreSQL {version}, {} with {size} each",
        place.namespace,
        count(instances, "instance")
    );
    let plan = Plan::new(summary).change(Change::create(&object));
    let mut wait = || {
        until(
            &target,
            waiting(&values, instances),
            &equals("status.phase", &HEALTHY.into()),
            &|cluster| Ok(cluster.text("/status/phase") == HEALTHY),
        )
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// The least that says what was asked for: the operator's webhook fills in the rest. Checksums are not the default before PostgreSQL 18, and
/// cannot be switched on later without stopping the database.
fn manifest(values: &Values, place: &Place, version: Version, instances: u64) -> Value {
    let mut storage = json!({ "size": values.text("storage_size") });
    if let Some(class) = values.text("storage_class") {
        storage["storageClass"] = class.into();
    }
    json!({
        "apiVersion": API_VERSION,
        "kind": "Cluster",
        "metadata": { "name": values.text("name"), "namespace": place.namespace },
        "spec": {
            "instances": instances,
            "imageName": image::own(version, image::NEW_BUILD),
            "bootstrap": { "initdb": { "dataChecksums": true } },
            "storage": storage,
        },
    })
}

/// Refuses a name that is taken. By a list: a type that is not served and an object that is not there are then two answers.
fn refuse_another(place: &Place, name: &str) -> Result<(), Failure> {
    let query = place
        .query(clusters())
        .field_selector(format!("metadata.name={name}"));
    if row::all(&query, &["metadata.name"])?.is_empty() {
        return Ok(());
    }
    let what = format!("there is a cluster `{name}` {} already", place.words);
    Err(Failure::Conflict(what)
        .next_step("get_cluster_status shows it; choose another name for a second one"))
}

/// Says which class the volumes get, and whether they can grow.
fn storage(classes: &[StorageClass], name: Option<&str>) -> Result<String, Failure> {
    let names = || {
        let names: Vec<_> = classes.iter().map(|class| class.name.clone()).collect();
        listed(&names)
    };
    match (storage_class::find(classes, name), name) {
        (Some(class), Some(name)) => Ok(format!("storage class `{name}`: {}", class.growth())),
        (Some(class), None) => Ok(format!(
            "storage class `{}`, the default one: {}",
            class.name,
            class.growth()
        )),
        (None, Some(name)) => {
            let what = format!("there is no storage class `{name}`; there is {}", names());
            Err(Failure::not_found(what).next_step("name one of these, or leave storage_class out"))
        }
        (None, None) => {
            let what = format!("no storage class is the default one; there is {}", names());
            Err(Failure::invalid(what).next_step("name one as storage_class"))
        }
    }
}

/// Names volumes that no cluster owns any more: the operator adopts them by their label when a cluster of that name is made
/// (`getOrphanPVCs`, `internal/controller/cluster_restore.go`).
fn left_over(place: &Place, name: &str) -> Result<Vec<String>, Failure> {
    let query = Query::in_namespace(core("persistentvolumeclaims"), &place.namespace)
        .label_selector(format!("{CLUSTER_LABEL}={name}"));
    let serial = "metadata.annotations['cnpg.io/nodeSerial']";
    let paths = ["metadata.name", "metadata.ownerReferences", serial];
    let mut left = Vec::new();
    for claim in row::all(&query, &paths)? {
        if claim.value(1).is_null() && !claim.text(2).is_empty() {
            left.push(claim.text(0).to_owned());
        }
    }
    Ok(left)
}

/// What a person should know of a cluster that is made like this.
fn advice(name: &str, instances: u64, version: Version) -> Vec<String> {
    let mut advice = Vec::new();
    advice.push(
        match instances {
            1 => "one instance: nothing takes over when it fails, and each restart stops the database",
            2 => "two instances: while one is away, nothing can take over",
            _ => "replication is asynchronous: what was written last can be lost when a replica takes over",
        }
        .to_owned(),
    );
    if version.minor.is_none() {
        advice.push(format!(
            "the tag `{version}` moves with each minor release; a version with a minor number stays"
        ));
    }
    advice.push("it has no backups and no limits on memory and CPU yet".to_owned());
    advice.push(format!(
        "applications connect to service `{name}-rw` with what Secret `{name}-app` holds; get_postgres_connection says how"
    ));
    advice
}

#[cfg(test)]
mod tests {
    use super::storage;
    use crate::storage_class;
    use bulkhead_plugin_sdk::Failure;

    #[test]
    fn without_a_class_and_without_a_default_one_no_volume_could_be_made() {
        let classes: Vec<storage_class::StorageClass> = Vec::new();
        assert!(matches!(storage(&classes, None), Err(Failure::Invalid(_))));
        assert!(matches!(
            storage(&classes, Some("fast")),
            Err(Failure::NotFound(_))
        ));
    }
}
