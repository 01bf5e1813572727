//! `k8s_rollout_undo`: the pods of an earlier revision.

use crate::kind::Kind;
use crate::place::Place;
use crate::rollout::Workload;
use crate::rollout::revision::{self, Revision};
use crate::{json_patch, masked};
use bulkhead_plugin_sdk::changes::Confirmation;
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::{Failure, Output, Tool, kubernetes};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    place: Place,
    /// Its `metadata.name`.
    name: String,
    /// Which revision, as k8s_rollout with history lists them; the one before the current one where left out.
    to_revision: Option<u64>,
    #[serde(flatten)]
    confirmation: Confirmation,
    /// Once applied, waits for the end of the rollout, as long as the call may take.
    #[serde(default)]
    wait: bool,
}

pub(crate) fn tool() -> Tool {
    Tool::change(
        "k8s_rollout_undo",
        "Proposes to take a Deployment, StatefulSet or DaemonSet back to the pods of an earlier revision. Only what differs is \
         changed; replicas stay. A person approves it. Three requests and a dry run.",
        undo,
    )
    .title("Go back to an earlier revision")
    .destructive()
}

fn undo(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let resolved = arguments.kind.resolve()?;
    let workload = Workload::of(&resolved)?;
    let (what, scope) = arguments.place.object(&resolved, &arguments.name);
    let object: Value = kubernetes::get(&what)?;
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Err(Failure::Conflict(format!(
            "the rollout of {} is paused, so nothing would go back",
            what.name
        ))
        .next_step("k8s_patch it with {\"spec\": {\"paused\": null}} first"));
    }
    let revisions = revision::of(workload, &what, &object)?;
    let revision = choose(&revisions, arguments.to_revision)?;
    let now = object.pointer("/spec/template").unwrap_or(&Value::Null);
    let operations = operations(now, revision)?;
    let number = revision.number;
    let name = format!("{} {} {scope}", resolved.kind, what.name);
    let plan = Plan::new(format!("take {name} back to revision {number}"))
        .change(Change::json_patch(what.clone(), &Value::Array(operations)));
    let mut answer = arguments.confirmation.run(plan)?;
    if let Some(path) = masked::find(&revision.template) {
        answer = answer.notes([format!(
            "what is masked, such as `{path}`, stays as it stands now: whether it was different in revision {number} cannot be seen"
        )]);
    }
    if arguments.wait && answer.is_applied() {
        answer = answer.waited(workload.wait(&what));
    }
    Ok(answer.notes(resolved.note).in_words())
}

/// Returns the revision asked for, or the one before the current one, which comes first.
fn choose(revisions: &[Revision], number: Option<u64>) -> Result<&Revision, Failure> {
    let history = "k8s_rollout with operation history lists the revisions";
    match number {
        None => revisions
            .get(1)
            .ok_or_else(|| Failure::not_found("there is no earlier revision").next_step(history)),
        Some(number) => revisions
            .iter()
            .find(|it| it.number == number)
            .ok_or_else(|| {
                Failure::not_found(format!("there is no revision {number}")).next_step(history)
            }),
    }
}

/// Returns the patch from the template as it stands to that of the revision.
fn operations(now: &Value, revision: &Revision) -> Result<Vec<Value>, Failure> {
    let operations = json_patch::between("/spec/template", now, &revision.template);
    if operations.is_empty() {
        return Err(Failure::Conflict(format!(
            "revision {} has the pods that there are already",
            revision.number
        ))
        .next_step("k8s_rollout with operation history lists the others"));
    }
    // What the plugin sees masked it cannot restore, and a mask must not be written.
    let masked = operations
        .iter()
        .find(|operation| masked::find(operation).is_some());
    if let Some(operation) = masked {
        let at = operation
            .get("path")
            .and_then(Value::as_str)
            .unwrap_or_default();
        return Err(Failure::invalid(format!(
            "revision {} differs at `{at}`, which holds a credential that this plugin cannot see",
            revision.number
        ))
        .next_step("undo it with kubectl, or k8s_patch the fields that matter"));
    }
    Ok(operations)
}

#[cfg(test)]
mod tests {
    use super::{choose, operations};
    use crate::rollout::revision::Revision;
    use serde_json::{Value, json};

    fn revision(number: u64, template: Value) -> Revision {
        Revision {
            number,
            made: None,
            cause: String::new(),
            template,
        }
    }

    fn template(image: &str, password: &str) -> Value {
        json!({ "spec": { "containers": [{ "image": image, "env": [{ "name": "PASSWORD", "value": password }] }] } })
    }

    #[test]
    fn the_revision_before_the_current_one_is_meant_where_none_is_named() {
        let revisions = [7, 5, 2].map(|number| revision(number, Value::Null));
        let chosen = |number| choose(&revisions, number).map(|it| it.number);
        assert_eq!(chosen(None), Ok(5));
        assert_eq!(chosen(Some(2)), Ok(2));
        assert!(chosen(Some(3)).is_err());
        assert!(choose(&[], None).is_err());
    }

    #[test]
    fn only_what_differs_is_changed_and_a_mask_that_stays_is_not_sent() {
        let now = template("a:2", "<redacted>");
        let patch = operations(&now, &revision(1, template("a:1", "<redacted>")));
        let at = "/spec/template/spec/containers/0/image";
        let expected = json!([
            { "op": "test", "path": at, "value": "a:2" },
            { "op": "replace", "path": at, "value": "a:1" },
        ]);
        assert_eq!(patch.map(Value::Array), Ok(expected));
    }

    #[test]
    fn a_revision_whose_credentials_differ_is_not_restored_from_masks() {
        let now = template("a:2", "<redacted>");
        for password in ["plain", "<redacted 9 bytes>"] {
            let failure = operations(&now, &revision(1, template("a:1", password)))
                .expect_err("it is masked");
            assert!(failure.message().contains("env/0/value"), "{failure}");
        }
    }

    #[test]
    fn a_revision_that_is_there_already_is_a_conflict() {
        let now = template("a:1", "x");
        let failure = operations(&now, &revision(1, now.clone())).expect_err("nothing differs");
        assert_eq!(failure.kind(), "conflict");
    }
}
