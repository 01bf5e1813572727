//! `delete_postgres_cluster`: the end of a cluster, of its data, and of the Secrets of its roles.
//!
//! Claims have the cluster as their owner, so they go with it. To keep them they have to be orphaned, and then everything is: also the
//! pods, which would run on with nobody to look after them. So only a hibernated cluster, which has none, keeps its claims; a cluster of
//! the same name takes them over (`reconcileRestoredCluster`, `internal/controller/cluster_restore.go`).

use super::{NAME, count, find, waiting};
use crate::claims::{self, Claim};
use crate::cluster::{Cluster, Hibernation};
use crate::kinds::{CLUSTER_LABEL, cnpg, core};
use crate::place::NAMESPACE;
use crate::telling::{self, known};
use crate::waiting::{TIMEOUT, words};
use crate::{row, storage_class};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{
    Change, ChangeAnswer, Confirmation, Plan, Propagation, Waited, watch,
};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{self, Condition, ObjectRef, Query};
use bulkhead_plugin_sdk::{Failure, Output, Place, Tool};
use serde_json::Value;

/// A plan holds 50 changes where the operator of the host says nothing else; one of them is the cluster.
const MOST_SECRETS: usize = 49;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::switch(
        "confirm_deletion",
        "As confirm: states that the user asked for the deletion. Left out: propose and stop.",
    ),
    Argument::switch(
        "keep_pvcs",
        "Keeps the volumes and the Secrets of roles; the cluster must be hibernated.",
    ),
];

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "delete_postgres_cluster",
        "Proposes to delete a cluster with all its data, and the Secrets of its roles; says which volumes go and which backups stay. \
         This cannot be taken back. A person approves it, with risk high.",
        delete,
    )
    .title("Delete a PostgreSQL cluster")
    .destructive()
}

fn delete(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let (place, cluster) = find(&values)?;
    let keeps = values.is_on("keep_pvcs");
    let name = cluster.name();
    if keeps {
        refuse_running(&place, &cluster)?;
    }
    let mut notes = vec![format!("it is now: {}", words(cluster.object()))];
    let claims = known(&mut notes, "its volumes", claims::of(&cluster))?;
    let classes = known(
        &mut notes,
        "what becomes of its volumes",
        storage_class::all(),
    )?;
    let keeps_volume = |claim: &&Claim| {
        let class = classes
            .iter()
            .flatten()
            .find(|class| class.name == claim.class);
        class.is_some_and(|class| !class.deletes)
    };
    if let Some(claims) = &claims {
        notes.push(volumes(claims, keeps));
        let retained: Vec<_> = claims
            .iter()
            .filter(keeps_volume)
            .map(Claim::name_and_size)
            .collect();
        if !keeps && !retained.is_empty() {
            notes.push(format!(
                "their storage class retains the volumes behind {}: a person can still get at that data",
                listed(&retained)
            ));
        }
    }
    backups(&mut notes, &place, &cluster, keeps)?;
    left_behind(&mut notes, &place, name)?;
    let secrets = known(
        &mut notes,
        "the Secrets of its roles",
        role_secrets(&place, name),
    )?;
    notes.extend(secrets.as_deref().map(|all| secrets_words(all, keeps)));
    let mut secrets = secrets.unwrap_or_default();
    secrets.truncate(if keeps { 0 } else { MOST_SECRETS });

    let target = cluster.target();
    let (what, propagation) = if keeps {
        ("keep its volumes", Propagation::Orphan)
    } else {
        ("all its data", Propagation::Background)
    };
    let mut summary = format!("delete cluster {name} in {} and {what}", place.namespace);
    // How it is now is old by the time that somebody decides.
    telling::all(&mut summary, notes.get(1..).unwrap_or_default());
    let plan = plan(&target, propagation, &place, &secrets, summary);
    let confirmed = values.is_on("confirm_deletion") && !values.is_on("dry_run");
    let confirmation = Confirmation::of(&values).or(confirmed);
    let mut wait = || gone(&values, &target, cluster.instances());
    confirmation.carry_out(&values, plan, notes, Some(&mut wait))
}

/// First the cluster: where that fails, nothing of it is missing its Secrets.
fn plan(
    target: &ObjectRef,
    propagation: Propagation,
    place: &Place,
    secrets: &[String],
    summary: String,
) -> Plan {
    let cluster = Change::delete(target.clone(), propagation);
    secrets
        .iter()
        .fold(Plan::new(summary).change(cluster), |plan, secret| {
            let secret = ObjectRef::in_namespace(core("secrets"), &place.namespace, secret);
            plan.change(Change::delete(secret, Propagation::Background))
        })
}

/// Orphaned pods would go on: only a cluster whose pods the operator has taken away can leave its volumes behind.
fn refuse_running(place: &Place, cluster: &Cluster) -> Result<(), Failure> {
    if cluster.hibernation() == Hibernation::Hibernated {
        return Ok(());
    }
    let name = cluster.name();
    Err(Failure::Conflict(format!(
        "cluster `{name}` {} is not hibernated: to keep its volumes everything of it is orphaned, and its pods would run on with no \
         operator looking after them",
        place.words
    ))
    .next_step("propose hibernate_postgres_cluster; once it is hibernated, call this again"))
}

fn volumes(claims: &[Claim], keeps: bool) -> String {
    let names: Vec<_> = claims.iter().map(Claim::name_and_size).collect();
    let number = count(names.len() as u64, "volume claim");
    match (names.is_empty(), keeps) {
        (true, _) => "it has no volume claims".to_owned(),
        (false, true) => format!(
            "kept: {number}: {}; only a cluster of the same name takes them over, which a person writes with the spec that this one has. \
             Services, Secrets and other objects of the cluster stay too",
            listed(&names)
        ),
        (false, false) => format!("the data goes with {number}: {}", listed(&names)),
    }
}

/// Which backups there are to go back to, and which of them go too: none that the cluster owns where all that it owns is orphaned.
fn backups(
    notes: &mut Vec<String>,
    place: &Place,
    cluster: &Cluster,
    keeps: bool,
) -> Result<(), Failure> {
    let object = cluster.object();
    let paths = [
        "spec.cluster.name",
        "status.phase",
        "metadata.ownerReferences[*].kind",
    ];
    let rows = row::all(&place.query(cnpg("backups")), &paths);
    if let Some(rows) = known(notes, "its backups", rows)? {
        let name = cluster.name();
        let mut stay = 0;
        let mut go = 0;
        for row in rows
            .iter()
            .filter(|row| row.text(0) == name && row.text(1) == "completed")
        {
            let owned = row.texts(2).iter().any(|kind| kind == "Cluster");
            if owned && !keeps { go += 1 } else { stay += 1 }
        }
        notes.push(match (stay, go) {
            (0, 0) => "there is no completed backup of it: nothing brings the data back".to_owned(),
            (_, 0) => format!("{} stay", count(stay, "completed backup")),
            _ => format!(
                "{} stay; {go} more go, since the cluster owns their objects",
                count(stay, "completed backup")
            ),
        });
    }
    let backup = object.part("/spec/backup");
    if !keeps && backup.text("/volumeSnapshot/snapshotOwnerReference") == "cluster" {
        notes.push("its volume snapshots go too: the cluster owns them".to_owned());
    }
    if !backup.part("/barmanObjectStore").0.is_null()
        || object.items("/spec/plugins").next().is_some()
    {
        notes.push(
            "what lies in an object store stays, and nothing tidies it up any more: a new cluster can be restored from it".to_owned(),
        );
    }
    Ok(())
}

/// What names the cluster and is not its own: it stays, and has none.
fn left_behind(notes: &mut Vec<String>, place: &Place, cluster: &str) -> Result<(), Failure> {
    for (plural, words) in [
        ("scheduledbackups", "scheduled backup"),
        ("poolers", "pooler"),
        ("databases", "database object"),
    ] {
        let paths = ["metadata.name", "spec.cluster.name"];
        let rows = row::all(&place.query(cnpg(plural)), &paths);
        let Some(rows) = known(notes, plural, rows)? else {
            continue;
        };
        let named: Vec<_> = rows
            .iter()
            .filter(|row| row.text(1) == cluster)
            .map(|row| row.text(0).to_owned())
            .collect();
        if !named.is_empty() {
            let number = count(named.len() as u64, words);
            notes.push(format!(
                "{number} would be left without a cluster: {}",
                listed(&named)
            ));
        }
    }
    Ok(())
}

/// Names the Secrets that were made for roles of the cluster: by the cluster's label and the role's, under the name that such a one has,
/// and owned by nobody. Any other Secret with the cluster's label is the operator's, which goes by itself, or somebody else's.
fn role_secrets(place: &Place, cluster: &str) -> Result<Vec<String>, Failure> {
    let query = Query::in_namespace(core("secrets"), &place.namespace)
        .label_selector(format!("{CLUSTER_LABEL}={cluster},cnpg.io/role"));
    let begins = format!("cnpg-{cluster}-user-");
    let mut names = Vec::new();
    for row in row::all(&query, &["metadata.name", "metadata.ownerReferences"])? {
        let name = row.text(0);
        if name.starts_with(&begins) && name.len() > begins.len() && row.value(1).is_null() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn secrets_words(secrets: &[String], keeps: bool) -> String {
    let number = count(secrets.len() as u64, "Secret");
    let names = listed(secrets);
    match secrets.len() {
        0 => "no Secrets of roles to clean up".to_owned(),
        _ if keeps => format!("kept: {number} of roles, whose passwords the data has: {names}"),
        all if all > MOST_SECRETS => format!(
            "{MOST_SECRETS} of {number} of roles go too, the others have to be deleted by a person: {names}"
        ),
        _ => format!("{number} of roles cleaned up with it: {names}"),
    }
}

fn gone(values: &Values, target: &ObjectRef, instances: u64) -> Result<Waited, Failure> {
    let waiting = waiting(values, instances);
    watch(
        waiting,
        target,
        &Condition::Deleted,
        &mut || match kubernetes::get_fields::<Value>(target, &["metadata.finalizers"]) {
            Ok(_) => Ok((false, "the cluster is still there".to_owned())),
            Err(Failure::NotFound(_)) => Ok((true, "the cluster is gone".to_owned())),
            Err(other) => Err(other),
        },
    )
}
