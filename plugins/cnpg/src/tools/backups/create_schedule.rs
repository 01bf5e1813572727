//! `create_postgres_scheduled_backup`: base backups of a cluster again and again.

use crate::backup::method::HOW;
use crate::backup::{self, Method};
use crate::cluster::Cluster;
use crate::cron::Cron;
use crate::kinds::API_VERSION;
use crate::place::{self, NAMESPACE};
use crate::schedule::{self, Schedule};
use crate::telling;
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::{Failure, Output, Place, Time, Tool, context};
use serde_json::{Map, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[OWN, NAMESPACE, HOW, MORE, CONFIRMATION, DRY_RUN];
}

const OWN: &[Argument] = &[
    Argument::text("cluster_name", "The cluster to back up.").required(),
    Argument::text(
        "schedule",
        "A cron expression of SIX fields, seconds first, in UTC: `0 0 2 * * *` is 02:00 each day. Or `@daily`, `@every 12h`.",
    )
    .required()
    .field("schedule"),
    Argument::text(
        "name",
        "The name of the new schedule; left out: the cluster's, with `-scheduled` behind it.",
    ),
];

const MORE: &[Argument] = &[
    Argument::switch("immediate", "Also takes a backup as soon as it is made.").field("immediate"),
    Argument::switch("suspend", "Makes it without letting it run.").field("suspend"),
    Argument::choice(
        "backup_owner_reference",
        &["none", "self", "cluster"],
        "What the Backup objects belong to, and are deleted with: nothing, the schedule, or the cluster.",
    )
    .or_text("none"),
];

/// A backup is named after its schedule, with `-` and a time of 14 digits behind it, and a label holds 63 characters.
const LONGEST_NAME: usize = 63 - 15;

/// Base backups that come more often copy everything each time for little: WAL is archived in between.
const OFTEN_SECONDS: i64 = 6 * 3600;

pub(super) fn tool() -> Tool {
    Tool::change_stored(
        "create_postgres_scheduled_backup",
        "Proposes a schedule of base backups of a cluster. A person approves it. The cron expression has six fields, seconds first: it \
         is checked, and said in words with its next three times.",
        create,
    )
    .title("Create a scheduled backup")
}

fn create(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let place = place::choose(&values);
    let of = values.text("cluster_name").unwrap_or_default();
    let text = values.text("schedule").unwrap_or_default();
    let cron = Cron::parse_new(text)?;
    let next = next_three(&cron, context::now()?)?;
    let name = match values.text("name") {
        None => format!("{of}-scheduled"),
        Some(name) => name.to_owned(),
    };
    backup::checked_name("name", &name, LONGEST_NAME)?;
    let cluster = Cluster::find(&place, of)?;
    let (method, other_ways) = Method::choose(&cluster, values.text("method"))?;
    method.check_online(&values)?;
    method.check_served()?;
    let mut summary = format!(
        "back up cluster {of} in {} by {}",
        place.namespace,
        method.words()
    );
    let mut notes = when_it_runs(&cron, &next);
    notes.extend(of_cluster(&cluster, &values, &method));
    others(&place, of, &name, &mut notes)?;
    let mut how = Vec::new();
    method.tell(&cluster, &values, &other_ways, &mut summary, &mut how);
    telling::all(&mut summary, &notes);
    notes.append(&mut how);
    let mut spec = Map::new();
    spec.insert("cluster".to_owned(), json!({ "name": of }));
    method.put_into(&cluster, &values, &mut spec);
    for table in [OWN, MORE] {
        values.put_into(&mut spec, table);
    }
    let owner = values.text("backup_owner_reference").unwrap_or_default();
    spec.insert("backupOwnerReference".to_owned(), owner.into());
    let object = json!({
        "apiVersion": API_VERSION, "kind": "ScheduledBackup",
        "metadata": { "name": name, "namespace": place.namespace },
        "spec": spec,
    });
    let plan = Plan::new(summary).change(Change::create(&object));
    carry_out(&values, plan, notes, None)
}

/// Returns the next three times.
///
/// # Errors
/// `Invalid` where none ever comes.
fn next_three(cron: &Cron, now: Time) -> Result<Vec<Time>, Failure> {
    let mut times = Vec::new();
    let mut time = cron.next(now);
    while let Some(next) = time.filter(|_| times.len() < 3) {
        times.push(next);
        time = cron.next(next);
    }
    if times.is_empty() {
        return Err(
            Failure::invalid(format!("it would run {}, which never comes", cron.words()))
                .next_step(
                    "give a day that comes, such as `0 0 2 1 * *` for the first of each month",
                ),
        );
    }
    Ok(times)
}

fn when_it_runs(cron: &Cron, next: &[Time]) -> Vec<String> {
    let times: Vec<_> = next.iter().map(ToString::to_string).collect();
    let mut notes = vec![
        format!("runs {}", cron.words()),
        format!("next times: {}", times.join(", ")),
    ];
    if let [first, second, ..] = next
        && second.seconds() - first.seconds() < OFTEN_SECONDS
    {
        notes.push(
            "each run copies the whole data set; once a day or a week is usual, since WAL is archived in between".to_owned(),
        );
    }
    notes
}

/// Checks that there is no schedule of this name, and says which others back the cluster up.
fn others(place: &Place, of: &str, name: &str, notes: &mut Vec<String>) -> Result<(), Failure> {
    let mut taken = false;
    let mut same = Vec::new();
    let mut see = |schedule: Schedule| {
        taken |= schedule.name == name;
        if schedule.cluster == of {
            same.push(format!(
                "schedule {} backs it up too, {}",
                schedule.name,
                schedule.words()
            ));
        }
    };
    match schedule::each(place, &mut see) {
        Ok(()) => {}
        Err(Failure::Denied(_)) => {
            notes.push("not known: which schedules there are (denied)".to_owned());
        }
        Err(other) => return Err(other),
    }
    if taken {
        let sentence = format!("scheduledbackup `{name}` exists already {}", place.words);
        return Err(Failure::Conflict(sentence)
            .next_step("list_postgres_scheduled_backups shows it; or choose another name"));
    }
    notes.extend(same);
    Ok(())
}

/// Says what of the cluster matters to its schedule.
fn of_cluster(cluster: &Cluster, values: &Values, method: &Method) -> Vec<String> {
    let object = cluster.object();
    let mut notes = Vec::new();
    match values.text("backup_owner_reference") {
        Some("self") => notes.push("its Backup objects are deleted with the schedule".to_owned()),
        Some("cluster") => notes.push(
            "its Backup objects are deleted with the cluster: then they cannot be restored from by name".to_owned(),
        ),
        Some(_) | None => {}
    }
    if cluster.is_hibernated() {
        notes.push("the cluster is hibernated: each backup fails until it is woken".to_owned());
    }
    let keeps = object.text("/spec/backup/retentionPolicy");
    match method {
        Method::ObjectStore if keeps.is_empty() => notes.push(
            "the cluster has no `spec.backup.retentionPolicy`: every backup is kept".to_owned(),
        ),
        Method::ObjectStore => notes.push(format!("backups are kept for {keeps}")),
        Method::Snapshot => {
            notes.push(
                "CloudNativePG deletes no volume snapshots by age: every one is kept".to_owned(),
            );
        }
        Method::Plugin(name) => {
            notes.push(format!("how long backups are kept is set at plugin {name}"));
        }
    }
    notes
}
