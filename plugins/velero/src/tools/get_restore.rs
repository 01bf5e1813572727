//! `get_velero_restore`: one restore, its state first, and how the data of its volumes came back.

use crate::kinds::velero;
use crate::named::{ByName, find};
use crate::phase::{Meaning, shown};
use crate::place;
use crate::volumes::{self, OF_RESTORE, size};
use crate::{run, spec};
use bulkhead_plugin_sdk::arguments::Given;
use bulkhead_plugin_sdk::{Document, Failure, Object, Output, Time, Tool, context};

/// The most volumes that are named of one restore: those that did not come back.
const MOST: usize = 10;

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_velero_restore",
        "Shows one Velero restore: phase and what it means, errors, progress, from which backup, what it restores and into which \
         namespaces, what happens to objects that exist, hooks, and how the data of volumes came back.",
        get,
    )
    .title("Show a restore")
}

fn get(given: Given<ByName>) -> Result<Output<Document>, Failure> {
    let place = place::choose(given.values.text("namespace"))?;
    let name = given.values.text("name").unwrap_or_default();
    let found = find(velero("restores"), &place, name)?;
    let restore = Object(&found);
    let (spec, status) = (restore.part("/spec"), restore.part("/status"));
    let now = context::now()?;
    let mut document = Document::new(crate::kinds::named("restores"), name, &place);
    document.section("state");
    state(&mut document, restore, now);
    document.section("restores");
    document.fact("backup", spec.text("/backupName"));
    document.fact("schedule", spec.text("/scheduleName"));
    spec::takes_in(&mut document, spec, spec::BY_RESTORE);
    document.fact(
        "into other namespaces",
        spec::mapping(spec.part("/namespaceMapping").0),
    );
    choices(&mut document, spec);
    document.section("volumes");
    let operations = run::attempts(status, "restoreItemOperations");
    document.fact("item operations", operations);
    let selector = volumes::selector("restore", name, restore.text("/metadata/uid"));
    data(&mut document, &place.namespace, &selector)?;
    document.section("hooks");
    run::hooks(&mut document, status);
    spec::hooks(&mut document, spec, &[("/postHooks", "after")]);
    Ok(document.in_words())
}

fn state(document: &mut Document, restore: Object<'_>, now: Time) {
    let meaning = run::state(document, restore, ("itemsRestored", "restored"), now);
    let phase = shown(restore.text("/status/phase"));
    document.summary(format!("{phase}: {}", meaning.sentence()));
    run::reasons(document, restore, "restore", meaning);
}

/// What a restore does with what it meets (`pkg/restore/restore.go` of 1.18).
fn choices(document: &mut Document, spec: Object<'_>) {
    let existing = match spec.text("/existingResourcePolicy") {
        "update" => "are changed to what the backup has",
        _ => "are left as they are",
    };
    document.fact("objects that exist", existing);
    let volumes = match spec.flag("/restorePVs") {
        None => "as the backup has them",
        Some(true) => "yes",
        Some(false) => "no",
    };
    document.fact("persistent volumes", volumes);
    // Left out is as `false` (`pkg/restore/actions/service_action.go` of 1.18).
    let ports = match spec.flag("/preserveNodePorts") {
        Some(true) => "yes",
        None | Some(false) => "only those that were applied with a port",
    };
    document.fact("node ports are kept", ports);
    let changed_by = spec.text("/resourceModifier/name");
    if !changed_by.is_empty() {
        document.fact("changed on the way by", format!("configmap {changed_by}"));
    }
    let statuses = spec.texts("/restoreStatus/includedResources");
    if !statuses.is_empty() {
        document.fact("with the status of", spec::all_or(&statuses));
    }
}

/// Adds how the data of volumes came back: totals, and by name what did not.
fn data(document: &mut Document, namespace: &str, selector: &str) -> Result<(), Failure> {
    for kind in &OF_RESTORE {
        let (mut volumes, mut completed, mut done, mut all) = (0, 0, 0, 0);
        let mut others = Vec::new();
        let read = volumes::each(kind, namespace, selector, &mut |movement| {
            volumes += 1;
            done += movement.done;
            all += movement.total;
            if Meaning::of(&movement.phase) == Meaning::Completed {
                completed += 1;
            } else if others.len() < MOST {
                others.push(movement);
            }
        });
        // An older Velero moves no data, and has none of them.
        if matches!(read, Err(Failure::NotFound(_))) {
            continue;
        }
        let words = format!("{}s", kind.words);
        if !document.known(&words, read)? || volumes == 0 {
            continue;
        }
        let totals = format!(
            "{completed} of {volumes} completed, {} of {}",
            size(done),
            size(all)
        );
        document.fact(&words, totals);
        for movement in others {
            let state = format!("{} {}", movement.phase, movement.message);
            document.fact(&movement.volume, state);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::choices;
    use bulkhead_plugin_sdk::{Document, Object, Place};
    use serde_json::json;

    #[test]
    fn without_being_asked_to_velero_keeps_only_node_ports_that_were_applied() {
        let applied = "only those that were applied with a port";
        for (preserve, said) in [(None, applied), (Some(false), applied), (Some(true), "yes")] {
            let place = Place {
                namespace: "velero".to_owned(),
                words: "in namespace velero".to_owned(),
            };
            let mut document = Document::new("restores".to_owned(), "a", &place);
            document.section("restores");
            choices(
                &mut document,
                Object(&json!({ "preserveNodePorts": preserve })),
            );
            let text = document.in_words().text;
            let line = format!("node ports are kept: {said}");
            assert!(text.contains(&line), "{preserve:?}: {text}");
        }
    }
}
