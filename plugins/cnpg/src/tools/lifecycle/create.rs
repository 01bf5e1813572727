//! `create_postgres_cluster`: a new, empty cluster.
//!
//! The image is the operator's own and the SQL at its start is the operator's: neither a name of an image nor `postInitSQL` is taken.

use super::{count, waiting};
use crate::claims::{self, Claim};
use crate::image::{self, Version};
use crate::kinds::{API_VERSION, clusters};
use crate::phase::HEALTHY;
use crate::place::{self, NAMESPACE};
use crate::telling::{self, known};
use crate::waiting::{TIMEOUT, equals, until};
use crate::{new_name, quantity, storage_class};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::document::listed;
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
    Argument::text(
        "postgres_version",
        "Such as `17` or `17.6`; left out: `16`. Must be said where volumes of an earlier cluster of that name are left.",
    ),
    Argument::text("storage_class", "Left out: the default one."),
];

/// The version of a cluster of which none was said.
const VERSION: &str = "16";

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
    let said = values.text("postgres_version");
    let version = Version::parse(said.unwrap_or(VERSION))?;
    let instances = u64::from(values.count("instances").unwrap_or(1));
    let place = place::choose(&values);

    let mut notes = Vec::new();
    let mut summary = format!(
        "create cluster {name} in {}: PostgreSQL {version}, {} with {size} each",
        place.namespace,
        count(instances, "instance")
    );
    new_name::check_free(&place, name)?;
    let left = claims::named(&place.namespace, name);
    match known(&mut notes, claims::LEFT_OVER, left)? {
        None => telling::all(&mut summary, &notes),
        Some(left) => {
            if let Some(taken) = taken_over(&place, name, &left, said.is_some())? {
                telling::both(&mut summary, &mut notes, &taken);
            }
        }
    }
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
    notes.extend(version.note());
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

/// Judges what is left of an earlier cluster of that name, and says what the operator would take over; none where nothing is left.
///
/// The operator takes over volumes of data for the version that is asked for: under another one PostgreSQL would not start on them, or
/// worse. So the version has to be said for them, and is no default.
///
/// # Errors
/// `Conflict` where that was not said, and where a cluster as it is made here could not use them.
fn taken_over(
    place: &Place,
    name: &str,
    left: &[Claim],
    is_version_said: bool,
) -> Result<Option<String>, Failure> {
    if left.is_empty() {
        return Ok(None);
    }
    let (why, next) = if left.iter().any(|claim| !claim.is_orphan) {
        (
            "some of them belong to something, such as a cluster on its way out",
            "wait until they are gone, or choose another name",
        )
    } else if left.iter().any(|claim| claim.holds != "PG_DATA") {
        (
            "the operator would take them over, and a cluster that is made here has no volumes for WAL or tablespaces",
            "choose another name; or a person writes the cluster with the `walStorage` and `tablespaces` that it had",
        )
    } else if !is_version_said {
        (
            "the operator would take them over, so that this is that database and no empty one",
            "choose another name; or, where the user wants that database back, say the version that it had as postgres_version",
        )
    } else {
        let names: Vec<_> = left.iter().map(|claim| claim.name.clone()).collect();
        return Ok(Some(format!(
            "the operator takes over the volumes of an earlier cluster of that name ({}): this is that database and no empty one, and \
             starts only under the version that it had",
            listed(&names)
        )));
    };
    Err(claims::left_over(place, name, left, why, next))
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
    use super::taken_over;
    use crate::claims::Claim;
    use bulkhead_plugin_sdk::{Failure, Place};

    fn claim(holds: &str, is_orphan: bool) -> Claim {
        Claim {
            name: "orders-1".to_owned(),
            holds: holds.to_owned(),
            wanted: "10Gi".to_owned(),
            size: "10Gi".to_owned(),
            phase: "Bound".to_owned(),
            class: "fast".to_owned(),
            conditions: Vec::new(),
            is_orphan,
        }
    }

    #[test]
    fn volumes_are_taken_over_only_for_a_version_that_was_said_and_where_they_can_be_used() {
        let place = Place::new("shop", "");
        let of = |claims: &[Claim], said| taken_over(&place, "orders", claims, said);
        assert_eq!(of(&[], false), Ok(None));
        let data = || claim("PG_DATA", true);
        assert!(matches!(of(&[data()], false), Err(Failure::Conflict(_))));
        let words = of(&[data()], true).expect("it was said").expect("some");
        assert!(
            words.contains("(orders-1): this is that database"),
            "{words}"
        );
        for other in [
            claim("PG_WAL", true),
            claim("PG_TABLESPACE", true),
            claim("", true),
            claim("PG_DATA", false),
        ] {
            let holds = other.holds.clone();
            let judged = of(&[data(), other], true);
            assert!(matches!(judged, Err(Failure::Conflict(_))), "{holds}");
        }
    }
}
