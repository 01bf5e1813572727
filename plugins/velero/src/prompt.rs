//! `velero_restore_runbook`: the way from a loss to what was restored, for an agent to go with a person.

use crate::place::NAMESPACE;
use crate::row;
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Failure, Prompt, Typed};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE];
}

const OWN: &[Argument] = &[
    Argument::text(
        "lost",
        "What was lost, such as a namespace, or a workload and since when.",
    )
    .required(),
    Argument::text(
        "restore_to",
        "Into which namespace it is to be restored; its own one where left out.",
    ),
];

pub(crate) fn prompt() -> Prompt {
    Prompt::stored(
        "velero_restore_runbook",
        "Leads through a restore by Velero: how things stand, which backup, what would happen, the proposal, watching it.",
        runbook,
    )
    .title("Restore what was lost")
    .completes("lost", namespaces)
    .completes("restore_to", namespaces)
}

fn runbook(given: Given<Arguments>) -> Result<String, Failure> {
    let values = given.values;
    let target = match values.text("restore_to") {
        Some(target) => format!("It is to be restored into namespace `{target}`."),
        None => "It is to be restored where it was.".to_owned(),
    };
    let place = match values.text("namespace") {
        Some(namespace) => {
            format!(
                " Velero is installed in namespace `{namespace}`: give it as `namespace` to each tool."
            )
        }
        None => String::new(),
    };
    let lost = values.text("lost").unwrap_or_default();
    Ok(format!(
        "Lost: {lost}\n{target}{place}\n\n\
         Help me to restore it with Velero, a step at a time. Tell me what you found after each, and stop where something is odd.\n\
         1. get_velero_status: can Velero work, and can its storage locations be reached?\n\
         2. list_velero_backups and get_velero_backup: find the newest backup from before the loss that holds what was lost. Prefer \
         Completed; of PartiallyFailed say what may be missing. list_velero_volume_backups says whether the data of volumes is in it. \
         Tell me what is lost for good since then, and let me choose.\n\
         3. assess_velero_restore for that backup, only with the namespaces that are needed, and with the namespace mapping where the \
         target is another one. What exists is left as it is unless `existing_resource_policy` is `update`: ask me before that.\n\
         4. create_velero_restore without `confirm`: show me the proposal, its risk and how to approve it. Only a person approves it; \
         never try another way round. When I say that it is approved, call change_apply with its id. Where there is no \
         create_velero_restore, nothing may be changed from here: give me what generate_velero_restore_yaml makes.\n\
         5. get_velero_restore until it has ended: errors, warnings, and what to do about them. Then look whether the workloads \
         run. Nothing is done until I have seen that it works."
    ))
}

fn namespaces(_: Typed<'_>) -> Result<Vec<String>, Failure> {
    let all = Query::new(ResourceType::new("", "namespaces"), Scope::Cluster);
    let rows = row::all(&all, &["metadata.name"])?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::runbook;
    use bulkhead_plugin_sdk::FromArguments as _;
    use bulkhead_plugin_sdk::arguments::Given;
    use serde_json::json;

    fn said(restore_to: Option<&str>, namespace: Option<&str>) -> String {
        let arguments = json!({
            "lost": "namespace shop, at noon",
            "restore_to": restore_to,
            "namespace": namespace,
        });
        let given = Given::from_json(&arguments.to_string()).expect("it is an object");
        runbook(given).expect("it reads nothing")
    }

    #[test]
    fn the_way_goes_from_status_to_watching_and_a_person_approves() {
        let text = said(Some("shop-restored"), Some("backup-system"));
        let tools = [
            "`shop-restored`",
            "`backup-system`",
            "get_velero_status",
            "list_velero_backups",
            "assess_velero_restore",
            "create_velero_restore without `confirm`",
            "change_apply",
            "get_velero_restore",
        ];
        let places: Vec<_> = tools.iter().map(|tool| text.find(tool)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{places:?}: {text}"
        );
    }

    #[test]
    fn what_is_left_out_or_empty_is_not_said() {
        for text in [said(None, None), said(Some(""), Some(" "))] {
            assert!(text.contains("restored where it was"), "{text}");
            assert!(!text.contains("is installed in"), "{text}");
        }
    }
}
