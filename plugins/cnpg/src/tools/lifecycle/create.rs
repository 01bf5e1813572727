//! `create_postgres_cluster`: a new, empty cluster.
//!
//! The image is the operator's own and the SQL at its start is the operator's: neither a name of an image nor `postInitSQL` is taken.

use super::{count, waiting};
use crate::image::{self, Version};
use crate::kinds::{API_VERSION, clusters};
use crate::phase::HEALTHY;
use crate::place::{self, NAMESPACE};
use crate::telling::{self, known};
use crate::waiting::{TIMEOUT, equals, until};
use crate::{claims, new_name, quantity, storage_class};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
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
         class can do. A person approves it.",
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
    let version =
        Version::parse(values.text("postgres_version").unwrap_or_default())?.for_new_data()?;
    let instances = u64::from(values.count("instances").unwrap_or(1));
    let place = place::choose(&values);

    let mut notes = Vec::new();
    let mut summary = format!(
        "create cluster {name} in {}: PostgreSQL {version}, {} with {size} each",
        place.namespace,
        count(instances, "instance")
    );
    new_name::check_free(&place, name)?;
    claims::check_none_left(&place, name, &mut notes)?;
    notes.extend(version.note());
    // Of each major version that is supported there is one: the operator's own default is such a tag.
    if version.minor.is_some() {
        notes.push(image::unknown(version, "no instance starts"));
    }
    telling::all(&mut summary, &notes);
    let class = values.text("storage_class");
    if let Some(classes) = known(&mut notes, "its storage class", storage_class::all())? {
        let found = storage_class::find(&classes, class)?;
        let default = if class.is_none() {
            ", the default one"
        } else {
            ""
        };
        notes.push(format!(
            "storage class `{}`{default}: {}",
            found.name,
            found.growth()
        ));
    }
    notes.extend(advice(name, instances, version));

    let object = manifest(&values, &place, version, instances);
    let target = ObjectRef::in_namespace(clusters(), &place.namespace, name);
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
