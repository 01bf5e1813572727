//! `velero_restore_runbook`: the way from a loss to what was restored, for an agent to go with a person.

use crate::row;
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Failure, Prompt};

bulkhead_plugin_sdk::arguments! {
    struct Arguments {
        /// What was lost, such as a namespace, or a workload and since when.
        lost: String,
        /// Into which namespace it is to be restored; its own one where left out.
        restore_to: Option<String>,
        /// Where Velero is installed; the operator's setting where left out.
        namespace: Option<String>,
    }
}

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

fn runbook(arguments: Arguments) -> Result<String, Failure> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let target = match given(arguments.restore_to) {
        Some(target) => format!("It is to be restored into namespace `{target}`."),
        None => "It is to be restored where it was.".to_owned(),
    };
    let place = match given(arguments.namespace) {
        Some(namespace) => {
            format!(
                " Velero is installed in namespace `{namespace}`: give it as `namespace` to each tool."
            )
        }
        None => String::new(),
    };
    let lost = arguments.lost;
    Ok(format!(
        "Lost: {lost}\n{target}{place}\n\n\
         Help me to restore it with Velero, a step at a time. Tell me what you found after each, and stop where something is odd.\n\
         1. get_velero_status: can Velero work, and can its storage locations be reached?\n\
         2. list_velero_backups and get_velero_backup: find the newest backup from before the loss that holds what was lost. Prefer \
         Completed; of PartiallyFailed say what may be missing. list_velero_volume_backups says whether the data of volumes is in it. \
         Tell me what is lost for good since then, and let me choose.\n\
         3. assess_velero_restore for that backup, only with the namespaces that are needed, and with the namespace mapping where the \
         target is another one. What exists is left as it is unless `existing_resource_policy` is `update`: ask me before that.\n\
         4. create_velero_restore without `confirm`: show me the proposal, its risk and how to approve it. When I say so, call it \
         again with `confirm` and `wait`. Only a person approves it; never try another way round.\n\
         5. get_velero_restore until it has ended: errors, warnings, and what to do about them. Then look whether the workloads \
         run. Nothing is done until I have seen that it works."
    ))
}

fn namespaces(_typed: &str) -> Result<Vec<String>, Failure> {
    let all = Query::new(ResourceType::new("", "namespaces"), Scope::Cluster);
    let rows = row::all(&all, &["metadata.name"])?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::{Arguments, runbook};

    fn said(restore_to: Option<&str>, namespace: Option<&str>) -> String {
        let arguments = Arguments {
            lost: "namespace shop, at noon".to_owned(),
            restore_to: restore_to.map(str::to_owned),
            namespace: namespace.map(str::to_owned),
        };
        runbook(arguments).expect("it reads nothing")
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
