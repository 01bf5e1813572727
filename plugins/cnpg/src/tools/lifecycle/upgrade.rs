//! `upgrade_postgres_cluster`: another version of PostgreSQL, of the same build of the operator's own image, or from the catalogue that
//! the cluster follows.
//!
//! What is a major upgrade goes by the version that the data has (`reconcileImage`, `internal/controller/cluster_image.go`), not by what
//! the spec says. One that has not happened is not taken back here.

mod major;
mod step;

use self::step::{Step, data_major, is_named};
use super::{NAME, find, refuse_hibernated, rolling, waiting};
use crate::cluster::Cluster;
use crate::image::{self, Version};
use crate::instances;
use crate::phase::HEALTHY;
use crate::place::NAMESPACE;
use crate::standstill::later;
use crate::telling;
use crate::waiting::{TIMEOUT, now_and_then, until_past};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::text(
        "postgres_version",
        "The new version, such as `17.6`; of a cluster with a catalogue only a major one, such as `18`.",
    )
    .required(),
    Argument::switch(
        "without_backup",
        "Goes on without a backup of the last day; matters for a major version only.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "upgrade_postgres_cluster",
        "Proposes another version of PostgreSQL: a minor one by a rolling update, a major one in place, with the database down, after a \
         backup. Says each step. Never back, never another image. A person approves it, with risk high.",
        upgrade,
    )
    .title("Upgrade a PostgreSQL cluster")
    .destructive()
    .idempotent()
}

fn upgrade(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let version = Version::parse(values.text("postgres_version").unwrap_or_default())?;
    let (place, found) = find(&values)?;
    refuse_hibernated(&place, &found)?;
    let mut step = Step::to(&place, &found, version)?;
    let is_major = u64::from(version.major) > data_major(found.object());
    let mut summary = format!(
        "upgrade cluster {} in {} to PostgreSQL {version}",
        found.name(),
        place.namespace
    );
    let mut notes = Vec::new();
    if is_named(found.object()) {
        let without = if is_major {
            "the database stays down"
        } else {
            "the first instance that gets it stays down"
        };
        notes.push(image::unknown(version, without));
    }
    telling::all(&mut summary, &notes);
    let mut more = if is_major {
        let without = values.is_on("without_backup");
        let image = step.image.as_deref();
        major::judge(&place, &found, version, image, without, &mut summary)?
    } else if step.goes_back {
        return Err(back_by_hand(&place, found.name()));
    } else {
        let mut notes = rolling::notes(&found);
        notes.extend(later(&found));
        telling::all(&mut summary, &notes);
        notes
    };
    step.notes.extend(version.note());
    telling::all(&mut summary, &step.notes);
    notes.append(&mut more);
    notes.append(&mut step.notes);
    propose(&values, &found, version, &step, summary, notes)
}

/// The operator reads the version from the spec when the upgrade's job ends (`majorVersionUpgradeHandleCompletion`,
/// `pkg/reconciler/majorupgrade/reconciler.go`): one that is taken back while the job runs, or has just ended well, would start the old
/// version on upgraded data. Jobs are not read here, so a person has to. A job that is deleted first is made again; and under the tag that
/// the data was written with the status keeps the new image (`reconcileImage`, `internal/controller/cluster_image.go`).
fn back_by_hand(place: &Place, name: &str) -> Failure {
    let what = format!(
        "a major upgrade of cluster `{name}` {} is under way or has failed, and is not taken back here: while its job runs, or has just \
         ended well, that would ruin the data",
        place.words
    );
    Failure::Conflict(what).next_step(
        "tell the user: a person looks at the job whose name ends with `-major-upgrade`; only where it has failed, they set an image of \
         the old version under another tag, and then delete the job",
    )
}

fn propose(
    values: &Values,
    cluster: &Cluster,
    version: Version,
    step: &Step,
    summary: String,
    notes: Vec<String>,
) -> Result<Output<ChangeAnswer>, Failure> {
    let target = cluster.target();
    let plan = Plan::new(summary).change(Change::json_patch(target.clone(), &step.patch));
    let number = cluster.instances();
    let mut wait = || {
        until_past(
            cluster.phase(),
            &target,
            waiting(values, number),
            &now_and_then(),
            &|seen| {
                let is_there = seen.text("/status/phase") == HEALTHY
                    && seen.number("/status/readyInstances") == number
                    && data_major(seen) == u64::from(version.major);
                let image = step.image.as_deref().unwrap_or(seen.text("/status/image"));
                // The status names the new image before the first instance runs it: the pods tell.
                Ok(is_there && instances::all_are(cluster, &|one| one.image == image)?)
            },
        )
    };
    carry_out(values, plan, notes, Some(&mut wait))
}
