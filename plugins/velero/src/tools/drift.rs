//! `check_velero_drift`: what has changed in the cluster since a backup.

use crate::judging::answer::{Judgement, Rows};
use crate::judging::cluster;
use crate::judging::since::{COLUMNS, Since};
use crate::judging::volumes;
use crate::kinds::backups;
use crate::named::find;
use crate::phase::Meaning;
use crate::place::{self, NAMESPACE};
use crate::selection::Selection;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::{Failure, Object, Output, Tool, context};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, PAGE];
}

const OWN: &[Argument] = &[
    Argument::text("backup", "Since which backup.").required(),
    Argument::texts("of", "Only in these of its namespaces."),
];

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "check_velero_drift",
        "Compares the cluster with a backup: images and replicas that changed since, workloads and claims that are new or \
         gone. Says what a restore of it would take back, as far as the cluster remembers; a backup's content cannot be \
         seen. Reads workloads, their revisions and claims in the backup's namespaces: of a large cluster give `of`.",
        check,
    )
    .title("Compare the cluster with a backup")
}

fn check(given: Given<Arguments>) -> Result<Output<Judgement>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let name = values.text("backup").unwrap_or_default();
    let found = find(backups(), &place, name)?;
    let backup = Object(&found);
    let spec = Selection::of(backup.part("/spec").0);
    let status = backup.part("/status");
    let Some(began) = status.time("/startTimestamp") else {
        let phase = Meaning::of(status.text("/phase"));
        let sentence = format!("backup `{name}` never began: {}", phase.sentence());
        return Err(Failure::invalid(sentence)
            .next_step("take one from list_velero_backups that has ended"));
    };
    let now = context::now()?;
    let mut judgement = Judgement::new(format!("drift since backup {name}"), &place);
    let mut moved = Vec::new();
    let uid = backup.text("/metadata/uid");
    let read = volumes::of_backup(&place.namespace, name, uid).map(|found| moved = found);
    judgement.known("the volumes whose data it moved", read)?;
    let asked = Some(values.texts("of")).filter(|of| !of.is_empty());
    if let Some(unmeant) = asked
        .iter()
        .flatten()
        .find(|name| !spec.takes_namespace(name))
    {
        let sentence = format!("backup `{name}` does not take in namespace `{unmeant}`");
        return Err(Failure::invalid(sentence)
            .next_step("leave it out of `of`; get_velero_backup shows what is in it"));
    }
    let mut since = Since {
        spec,
        began,
        now,
        within: asked.or_else(|| spec.named_namespaces()),
        rows: Rows::of(&values),
        judgement,
    };
    namespaces(&mut since)?;
    since.compare(&moved).map_err(|failure| match failure {
        limit @ Failure::Limit(_) => limit.next_step("name some of its namespaces in `of`"),
        other => other,
    })?;
    Ok(finish(since))
}

fn namespaces(since: &mut Since<'_>) -> Result<(), Failure> {
    let mut standing = Vec::new();
    let read = cluster::namespaces().map(|read| standing = read);
    if !since
        .judgement
        .known("which namespaces are new or gone", read)?
    {
        return Ok(());
    }
    for namespace in &standing {
        let object = &namespace.object;
        if object.created > since.began && since.is_meant(&object.name) {
            since.namespace(&object.name, Some(object));
        }
    }
    for name in since.within.clone().unwrap_or_default() {
        if standing
            .iter()
            .all(|namespace| namespace.object.name != name)
        {
            since.namespace(&name, None);
        }
    }
    Ok(())
}

fn finish(since: Since<'_>) -> Output<Judgement> {
    let Since {
        began,
        now,
        rows,
        mut judgement,
        ..
    } = since;
    let changes = judgement.total();
    let since = format!("since {began}, {} ago", now.age(began));
    judgement.verdict(match changes {
        0 => format!("nothing that the cluster remembers has changed {since}"),
        1 => format!("1 change {since}"),
        changes => format!("{changes} changes {since}"),
    });
    judgement.rows(&COLUMNS, rows);
    judgement.not_known(
        "changes of configmaps, secrets, services and custom resources, scaling without a rollout, and rollbacks to a revision \
         that was there before: the cluster keeps no time of them",
    );
    judgement.not_known("what is gone, but for volumes whose data was moved");
    judgement.not_known("changes of the data in volumes");
    judgement.in_words()
}
