//! `restore_postgres_cluster`: a new cluster from the backups of another one, as it was last or at a point in time.
//!
//! What exists is never restored over: the operator recovers only into new clusters, and this proposes only a create.

use super::waiting;
use crate::claims;
use crate::kinds::clusters;
use crate::place::{self, NAMESPACE};
use crate::recovery::{Archive, Source, Span, Target, Wanted, archive_words, manifest};
use crate::storage_class;
use crate::telling::{self, known};
use crate::waiting::{HEALTHY, TIMEOUT, equals, until};
use crate::{backup, identifier, new_name};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Output, Time, Tool, context};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[
        OWN,
        NAMESPACE,
        MORE,
        GONE,
        CONFIRMATION,
        DRY_RUN,
        WAIT,
        TIMEOUT,
    ];
}

const OWN: &[Argument] = &[
    Argument::text(
        "name",
        "The name of the NEW cluster; what exists is never restored over.",
    )
    .required(),
    Argument::text("source_cluster", "The cluster to restore from."),
    Argument::text(
        "backup",
        "A Backup object to begin from, by name, in place of the one that fits.",
    ),
    Argument::text(
        "target_time",
        "The time to go back to, RFC 3339 with its zone, such as `2026-11-20T14:30:00Z`; left out: the last that was archived.",
    ),
];

const MORE: &[Argument] = &[
    Argument::choice(
        "method",
        &["barmanObjectStore", "volumeSnapshot", "plugin"],
        "Which of the source's backups; left out: what it has.",
    ),
    Argument::number("instances", 1, 10, "Left out: as the source."),
    Argument::text(
        "storage_size",
        "The volume of each instance, at least the source's; left out: the same.",
    ),
    Argument::text("storage_class", "Left out: the source's."),
];

/// What is not known of a source that is gone.
const GONE: &[Argument] = &[
    Argument::text(
        "object_store",
        "Only where the source is gone: the ObjectStore of the barman-cloud plugin.",
    ),
    Argument::text(
        "postgres_version",
        "Only where the source is gone and its backup does not say.",
    ),
    Argument::text(
        "build",
        "Only where the source is gone, or ran another image then: the build of its image, such as `system-bookworm`.",
    ),
    Argument::text(
        "database",
        "The application's database; left out: as the source.",
    ),
    Argument::text("owner", "The database's owner; left out: as the source."),
];

/// What a recovery may lack.
const IDENTITY: &str = "where the object store is reached by the identity of pods, such as an IAM role, the new cluster's service account needs it \
                        too, or the recovery fails";

pub(super) fn tool() -> Tool {
    Tool::change_stored(
        "restore_postgres_cluster",
        "Proposes a NEW cluster with the data of another one's backups: the last that was archived, or a point in time, which is \
         checked against what can be recovered. Nothing is restored over a cluster that exists. The new one archives nothing until it \
         gets a place of its own. A person approves it; the risk is high, since it copies a whole database. With wait, says how far it is.",
        restore,
    )
    .title("Restore into a new cluster")
}

fn restore(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let name = values.text("name").unwrap_or_default();
    new_name::check(name)?;
    let now = context::now()?;
    let target = values.text("target_time").map(Target::parse).transpose()?;
    if let Some(database) = values.text("database") {
        identifier::check("database", database)?;
        identifier::free_database("database", database)?;
    }
    if let Some(owner) = values.text("owner") {
        identifier::check("owner", owner)?;
        identifier::free_role("owner", owner)?;
    }
    let place = place::choose(&values);
    let source = Source::find(&values, &place, target.as_ref())?;
    let mut notes = Vec::new();
    new_name::check_free(&place, name)?;
    claims::check_none_left(&place, name, &mut notes)?;
    let span = Span::of(&source, &place, &mut notes)?;
    if let Some(target) = &target {
        check_target(target, &source, &span, now)?;
    }
    let wanted = Wanted {
        name,
        namespace: &place.namespace,
        values: &values,
        target: target.as_ref(),
    };
    let mut weighs = Vec::new();
    let object = manifest(&wanted, &source, &mut weighs)?;
    if may_need_identity(&source) {
        weighs.push(IDENTITY.to_owned());
    }
    let to = match &target {
        None => "as far as its WAL goes".to_owned(),
        Some(target) => format!("as of {}", target.text),
    };
    let mut summary = format!(
        "restore {} into the new cluster {name}, {to}",
        source.words()
    );
    telling::all(&mut summary, &weighs);
    // What could not be read of the new name and of the source.
    telling::all(&mut summary, &notes);
    notes.append(&mut weighs);
    check_class(&values, &mut notes)?;
    notes.splice(0..0, what_comes_out(&source, target.as_ref(), &span, now));
    let created = ObjectRef::in_namespace(clusters(), &place.namespace, name);
    let mut wait = || {
        until(
            &created,
            waiting(&values),
            &equals("status.phase", &HEALTHY.into()),
            &|cluster| Ok(cluster.text("/status/phase") == HEALTHY),
        )
    };
    let plan = Plan::new(summary).change(Change::create(&object));
    carry_out(&values, plan, notes, Some(&mut wait))
}

/// # Errors
/// `Invalid` where the time cannot be reached.
fn check_target(target: &Target, source: &Source, span: &Span, now: Time) -> Result<(), Failure> {
    if !source.has_wal() {
        let sentence = format!(
            "`target_time` is given, and no WAL of cluster `{}` is archived: only the moment of a backup can be restored",
            source.name
        );
        return Err(Failure::invalid(sentence)
            .next_step("leave `target_time` out, and name the backup to restore"));
    }
    span.check(target, now)
}

fn check_class(values: &Values, notes: &mut Vec<String>) -> Result<(), Failure> {
    let Some(name) = values.text("storage_class") else {
        return Ok(());
    };
    let what = "whether there is such a storage class";
    if let Some(classes) = known(notes, what, storage_class::all())? {
        storage_class::find(&classes, Some(name))?;
    }
    Ok(())
}

/// Whether the object store is reached by who the pods are, and not by keys in a Secret: the new cluster's are somebody else. Of a plugin's
/// store that is not known.
fn may_need_identity(source: &Source) -> bool {
    let fields = [
        "/s3Credentials/inheritFromIAMRole",
        "/azureCredentials/inheritFromAzureAD",
        "/googleCredentials/gkeEnvironment",
    ];
    let inherits = |of: Object<'_>| fields.iter().any(|field| of.flag(field) == Some(true));
    match &source.archive {
        Some(Archive::Plugin(_)) => true,
        Some(Archive::InTree(config)) => inherits(Object(config)),
        None => source
            .base()
            .is_some_and(|base| inherits(base.part("/status"))),
    }
}

/// Says what the new cluster will be, the weightiest first.
fn what_comes_out(source: &Source, target: Option<&Target>, span: &Span, now: Time) -> Vec<String> {
    let mut notes = vec![format!(
        "it holds all data of cluster {}, its roles and their passwords too; cluster {} stays as it is",
        source.name, source.name
    )];
    if source.has_wal() {
        let end = match target {
            None => "it goes as far as its WAL does".to_owned(),
            Some(_) => "PostgreSQL stops at the first transaction behind the time; where there is none, the recovery fails".to_owned(),
        };
        notes.push(format!("can be recovered: {}; {end}", span.words(now)));
    } else {
        let online = source.base().and_then(|base| base.flag("/status/online"));
        let consistent = match online {
            Some(false) => "",
            Some(true) | None => "; it was taken online, so it comes up as after a crash",
        };
        notes.push(format!(
            "no WAL is archived: what was written after the backup is not in it{consistent}"
        ));
    }
    notes.push(match &source.archive {
        None => "the new cluster archives no WAL and has no backups until it gets a place for them".to_owned(),
        Some(archive) => format!(
            "the new cluster archives no WAL and has no backups until it gets a place of its own: never the source's, {}",
            archive_words(archive)
        ),
    });
    notes.push(
        "not taken from the source: managed roles, pg_hba, synchronous replication, certificates, poolers, monitoring, affinity, env, \
         envFrom, projectedVolumeTemplate, serviceAccountTemplate"
            .to_owned(),
    );
    notes.push(
        "applications get a new Secret with another password for the database's owner".to_owned(),
    );
    if let (backup::Method::Snapshot, Some(base)) = (&source.method, source.base()) {
        let count = base.items("/status/snapshotBackupStatus/elements").count();
        notes.push(format!("its volumes are made from {count} volume snapshots: the storage class must be of the same driver"));
    }
    notes
}
