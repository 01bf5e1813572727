//! Velero's objects as they are written: for a repository and for a change in the same way, in this one place.
//!
//! What Velero would refuse later is refused here, with a next step: a backup that fails its validation is found a night too late.
//! No hooks can be written, since they run commands in pods; those of a schedule's template are kept.

mod checks;

use crate::cron::Cron;
use crate::duration;
use crate::kinds::{API_VERSION, SCHEDULE_LABEL};
use bulkhead_plugin_sdk::arguments::{Argument, Values};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Object, Place, Time};
use serde_json::{Map, Value, json};
use std::iter::successors;

/// The most characters of an object's name.
const LONGEST_NAME: usize = 253;

/// Of a schedule's: it becomes a label of its backups as it is (`FromSchedule` in `pkg/builder/backup_builder.go` of 1.18).
const LONGEST_SCHEDULE: usize = 63;

/// How the host's masks begin.
const MASK: &str = "<redacted";

/// What a backup holds. Each is a field of a backup's `spec`, and so of a schedule's template.
pub(crate) const BACKUP: &[Argument] = &[
    Argument::texts(
        "included_namespaces",
        "Namespaces to back up, `*` matches in a name; all of them where left out.",
    )
    .field("includedNamespaces"),
    Argument::texts("excluded_namespaces", "Namespaces to leave out; this wins.")
        .field("excludedNamespaces"),
    Argument::texts(
        "included_resources",
        "Only these resources, such as `deployments.apps`.",
    )
    .field("includedResources"),
    Argument::texts("excluded_resources", "Resources to leave out.").field("excludedResources"),
    Argument::flag(
        "include_cluster_resources",
        "Objects of the cluster too; left out: those that belong to the namespaces, and all with every namespace and a list of resources.",
    )
    .field("includeClusterResources"),
    LABELS,
    Argument::text(
        "storage_location",
        "The backup storage location; the default one where left out.",
    )
    .field("storageLocation"),
    Argument::texts("volume_snapshot_locations", "At most one per provider.")
        .field("volumeSnapshotLocations"),
    Argument::text(
        "ttl",
        "How long it is kept, such as `720h` for 30 days, which is Velero's own default.",
    )
    .field("ttl"),
    Argument::flag(
        "snapshot_volumes",
        "Snapshots of volumes; taken where left out.",
    )
    .field("snapshotVolumes"),
    Argument::flag(
        "snapshot_move_data",
        "Moves the data of snapshots to the storage location.",
    )
    .field("snapshotMoveData"),
    Argument::flag(
        "default_volumes_to_fs_backup",
        "Copies the files of all volumes of pods.",
    )
    .field("defaultVolumesToFsBackup"),
];

/// When a schedule comes.
pub(crate) const CRON: &[Argument] = &[Argument::text(
    "schedule",
    "When, as a cron expression in UTC, such as `0 2 * * *`, `@daily` or `@every 6h`.",
)
.required()];

/// From what to restore, what of it, and how.
pub(crate) const RESTORE: &[Argument] = &[
    Argument::text("backup", "The backup to restore from; or `schedule`.").field("backupName"),
    Argument::text(
        "schedule",
        "Takes the newest completed backup of this schedule.",
    )
    .field("scheduleName"),
    Argument::texts(
        "included_namespaces",
        "Namespaces of the backup; all of them where left out.",
    )
    .field("includedNamespaces"),
    Argument::texts("excluded_namespaces", "Namespaces to leave out; this wins.")
        .field("excludedNamespaces"),
    Argument::pairs(
        "namespace_mapping",
        "From a namespace of the backup to the one to restore it into.",
    )
    .field("namespaceMapping"),
    Argument::texts(
        "included_resources",
        "Only these resources, such as `deployments.apps`.",
    )
    .field("includedResources"),
    Argument::texts("excluded_resources", "Resources to leave out.").field("excludedResources"),
    Argument::flag(
        "include_cluster_resources",
        "Objects of the cluster too; left out: those that belong to what is restored, and all with every namespace.",
    )
    .field("includeClusterResources"),
    LABELS,
    Argument::choice(
        "existing_resource_policy",
        &["none", "update"],
        "What exists stays as it is, or is changed; `none` where left out.",
    )
    .field("existingResourcePolicy"),
    Argument::flag(
        "restore_pvs",
        "Volumes from their snapshots; restored where left out.",
    )
    .field("restorePVs"),
    Argument::flag(
        "preserve_node_ports",
        "Services keep the node ports that they had.",
    )
    .field("preserveNodePorts"),
];

const LABELS: Argument = Argument::text(
    "label_selector",
    "Only objects with all of these labels, such as `app=web,tier=front`.",
);

/// An object of Velero, and what to know about it.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) object: Value,
    pub(crate) notes: Vec<String>,
}

/// A backup of what was given of [`BACKUP`].
///
/// # Errors
/// `Invalid` for what Velero would refuse.
pub(crate) fn backup(values: &Values, place: &Place) -> Result<Manifest, Failure> {
    let name = checks::name(values, LONGEST_NAME)?;
    let (spec, notes) = backup_spec(values)?;
    Ok(Manifest {
        object: object("Backup", name, place, &spec),
        notes,
    })
}

/// A backup by the template of a schedule, as `velero backup create --from-schedule` makes it (`FromSchedule` in
/// `pkg/builder/backup_builder.go` of 1.18): labels of the template, else of the schedule; the schedule's annotations.
///
/// # Errors
/// `Invalid` for a bad name, and where the template holds what the host masks.
pub(crate) fn backup_from(
    schedule: &Value,
    values: &Values,
    place: &Place,
) -> Result<Manifest, Failure> {
    if let Some(other) = values.first_of(BACKUP) {
        return Err(Failure::invalid(format!(
            "`from_schedule` takes all of the schedule's template, and `{other}` is given too"
        ))
        .next_step("leave one of them out"));
    }
    let name = checks::name(values, LONGEST_NAME)?;
    let whole = Object(schedule);
    let of = whole.text("/metadata/name");
    let template = whole.part("/spec/template");
    let mut object = object("Backup", name, place, template.0);
    let own = template.part("/metadata/labels").0;
    let labels = if own.is_null() {
        whole.part("/metadata/labels").0
    } else {
        own
    };
    let metadata = &mut object["metadata"];
    metadata["labels"] = labels.clone();
    metadata["labels"][SCHEDULE_LABEL] = of.into();
    if let Some(annotations) = whole.part("/metadata/annotations").0.as_object() {
        let mut annotations = annotations.clone();
        // Of the schedule as somebody applied it: on a backup it would only mislead.
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        if !annotations.is_empty() {
            metadata["annotations"] = annotations.into();
        }
    }
    if whole.flag("/spec/useOwnerReferencesInBackup") == Some(true) {
        metadata["ownerReferences"] = json!([{
            "apiVersion": API_VERSION, "kind": "Schedule", "name": of, "uid": whole.text("/metadata/uid"), "controller": true,
        }]);
    }
    if object.to_string().contains(MASK) {
        return Err(Failure::invalid(format!(
            "schedule `{of}` holds what looks like a secret, so it is not shown here and cannot be copied"
        ))
        .next_step(&format!(
            "a person can run `velero backup create {name} --from-schedule {of} -n {}`",
            place.namespace
        )));
    }
    let mut notes = Vec::new();
    let hooks = template.items("/hooks/resources").count();
    if hooks > 0 {
        notes.push(format!(
            "the template runs commands in pods (hooks: {hooks}); they are in the proposal"
        ));
    }
    Ok(Manifest { object, notes })
}

/// A schedule of what was given of [`BACKUP`], and its cron expression.
///
/// # Errors
/// `Invalid` for what Velero would refuse, and for what never comes.
pub(crate) fn schedule(values: &Values, place: &Place) -> Result<(Manifest, Cron), Failure> {
    let name = checks::name(values, LONGEST_SCHEDULE)?;
    let text = values.text("schedule").unwrap_or_default();
    let cron = Cron::parse(text)?;
    let (template, mut notes) = backup_spec(values)?;
    notes.insert(0, format!("runs {}", cron.words()));
    if let Some(zone) = cron.unknown_zone() {
        notes.push(format!(
            "the times in {zone} are not known here, nor whether Velero knows this time zone"
        ));
    }
    let spec = json!({ "schedule": text, "template": template });
    let object = object("Schedule", name, place, &spec);
    Ok((Manifest { object, notes }, cron))
}

/// Returns the next three times of a schedule; none of them where its time zone is not known here.
///
/// # Errors
/// `Invalid` for an expression that never comes, such as 30 February.
pub(crate) fn next_three(cron: &Cron, now: Time) -> Result<Vec<Time>, Failure> {
    let times: Vec<_> = successors(cron.next(now), |time| cron.next(*time))
        .take(3)
        .collect();
    if times.is_empty() && cron.unknown_zone().is_none() {
        return Err(
            Failure::invalid(format!("it would run {}, which never comes", cron.words()))
                .next_step("choose a day that there is"),
        );
    }
    Ok(times)
}

/// Checks that a restore is of a backup or of a schedule's.
///
/// # Errors
/// `Invalid` for neither and for both.
pub(crate) fn one_source(values: &Values) -> Result<(), Failure> {
    if values.text("backup").is_some() != values.text("schedule").is_some() {
        return Ok(());
    }
    Err(Failure::invalid("give either `backup` or `schedule`")
        .next_step("list_velero_backups shows what there is to restore from"))
}

/// A restore of what was given of [`RESTORE`].
///
/// # Errors
/// `Invalid` for what Velero would refuse.
pub(crate) fn restore(values: &Values, place: &Place) -> Result<Manifest, Failure> {
    let name = checks::name(values, LONGEST_NAME)?;
    one_source(values)?;
    let mut spec = spec(values, RESTORE)?;
    checks::restorable(values)?;
    let idle = checks::mapping(values)?;
    let mut notes = Vec::new();
    if is_everything(&spec) {
        let but = but(values);
        let of_cluster = match values.flag("include_cluster_resources") {
            Some(true) => true,
            Some(false) => false,
            None => but.is_empty(),
        };
        let with = match of_cluster {
            true => ", with the objects of the cluster that it has, such as roles and CRDs",
            false => "",
        };
        notes.push(format!(
            "it restores every namespace of the backup{but}{with}; name them in included_namespaces"
        ));
        spec.insert("includedNamespaces".to_owned(), json!(["*"]));
    }
    let existing = match values.text("existing_resource_policy") {
        Some("update") => "what exists already is changed to what the backup has",
        _ => "what exists already is left as it is",
    };
    notes.push(existing.to_owned());
    notes.extend(idle);
    Ok(Manifest {
        object: object("Restore", name, place, &Value::Object(spec)),
        notes,
    })
}

/// A request to delete a backup and its data, as Velero's own command makes it (`pkg/cmd/cli/backup/delete.go` of 1.18), but by a
/// name that is known beforehand.
pub(crate) fn delete_request(name: &str, backup: Object<'_>, place: &Place) -> Value {
    let of = backup.text("/metadata/name");
    let mut object = object(
        "DeleteBackupRequest",
        name,
        place,
        &json!({ "backupName": of }),
    );
    let mut labels = json!({ "velero.io/backup-uid": backup.text("/metadata/uid") });
    // Velero cuts longer names itself, and adds the label where it is missing (`backup_deletion_controller.go`).
    if of.len() <= LONGEST_SCHEDULE {
        labels["velero.io/backup-name"] = of.into();
    }
    object["metadata"]["labels"] = labels;
    object
}

fn object(kind: &str, name: &str, place: &Place, spec: &Value) -> Value {
    json!({
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": { "name": name, "namespace": place.namespace },
        "spec": spec,
    })
}

fn backup_spec(values: &Values) -> Result<(Value, Vec<String>), Failure> {
    let mut spec = spec(values, BACKUP)?;
    let mut notes = Vec::new();
    if let Some(ttl) = values.text("ttl") {
        let seconds = duration::ttl(ttl)?;
        notes.push(format!("kept for {}", duration::words(seconds)));
    }
    if is_everything(&spec) {
        notes.push(format!(
            "it copies every namespace{} to the storage location, Secrets included; name them in included_namespaces",
            but(values)
        ));
        spec.insert("includedNamespaces".to_owned(), json!(["*"]));
    }
    Ok((Value::Object(spec), notes))
}

/// What a backup and a restore have in common.
fn spec(values: &Values, table: &[Argument]) -> Result<Map<String, Value>, Failure> {
    checks::namespaces(values)?;
    checks::resources(values)?;
    let mut spec = Map::new();
    values.put_into(&mut spec, table);
    if let Some(selector) = values.text("label_selector") {
        let labels = checks::labels(selector)?;
        spec.insert("labelSelector".to_owned(), json!({ "matchLabels": labels }));
    }
    Ok(spec)
}

/// Says which namespaces every namespace is without.
fn but(values: &Values) -> String {
    let excluded = values.texts("excluded_namespaces");
    match excluded.is_empty() {
        true => String::new(),
        false => format!(" but {}", listed(&excluded)),
    }
}

/// An absent list of namespaces means all of them, as `*` does.
fn is_everything(spec: &Map<String, Value>) -> bool {
    match spec.get("includedNamespaces") {
        None => true,
        Some(included) => *included == json!(["*"]),
    }
}

#[cfg(test)]
mod tests;
