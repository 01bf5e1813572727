//! `k8s_patch`: another number of replicas, another image, a restart, or any merge patch.

mod image;
mod restart;

use crate::kind::{Kind, Resolved};
use crate::manifest::refuse_masks;
use crate::place::Place;
use crate::rollout::Workload;
use bulkhead_plugin_sdk::changes::Confirmation;
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Output, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    place: Place,
    /// Its `metadata.name`.
    name: String,
    /// What to do: each goes with its own argument.
    operation: Operation,
    /// For scale: how many.
    replicas: Option<u32>,
    /// For `update_image`: the new image.
    image: Option<String>,
    /// For `update_image`: which container; may be left out where there is only one.
    container: Option<String>,
    /// For patch: a merge patch (RFC 7386), such as `{"metadata": {"labels": {"team": "shop"}}}`. Null removes; a list is
    /// replaced whole.
    patch: Option<Map<String, Value>>,
    #[serde(flatten)]
    confirmation: Confirmation,
    /// States that the user asked for this; a person is still asked. The same as `confirm`.
    #[serde(default)]
    approved: bool,
    /// Once applied, waits for the end of the rollout, as long as the call may take.
    #[serde(default)]
    wait: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operation {
    Scale,
    UpdateImage,
    RolloutRestart,
    Patch,
}

/// An operation with what it needs.
enum Wanted {
    Scale(u32),
    Image {
        image: String,
        container: Option<String>,
    },
    Restart,
    Patch(Value),
}

pub(crate) fn tool() -> Tool {
    Tool::change(
        "k8s_patch",
        "Proposes to change one object: scale (replicas), update_image (image, container), rollout_restart, or patch (a merge \
         patch). A person approves it. Up to two requests and a dry run.",
        patch,
    )
    .title("Change one object")
    .destructive()
}

fn patch(mut arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    if arguments.name.is_empty() {
        return Err(Failure::invalid("`name` is empty")
            .next_step("name one object; this tool changes no collections"));
    }
    let wanted = arguments.wanted()?;
    let resolved = arguments.kind.resolve()?;
    let (object, scope) = arguments.place.object(&resolved, &arguments.name);
    let workload = if arguments.wait || matches!(wanted, Wanted::Restart) {
        Some(Workload::of(&resolved)?)
    } else {
        None
    };
    let what = format!("{} {} {scope}", resolved.kind, object.name);
    let (summary, change) = plan(wanted, &resolved, &object, &what)?;
    let confirmation = arguments.confirmation.or(arguments.approved);
    let mut answer = confirmation.run(Plan::new(summary).change(change))?;
    if let Some(workload) = workload.filter(|_| arguments.wait && answer.is_applied()) {
        answer = answer.waited(workload.wait(&object));
    }
    Ok(answer.notes(resolved.note).in_words())
}

/// Returns the summary and the change.
fn plan(
    wanted: Wanted,
    resolved: &Resolved,
    object: &ObjectRef,
    what: &str,
) -> Result<(String, Change), Failure> {
    match wanted {
        Wanted::Scale(replicas) => Ok((
            format!("scale {what} to {replicas} replicas"),
            Change::scale(object.clone(), replicas),
        )),
        Wanted::Image { image, container } => {
            let (container, change) =
                image::change(resolved, object, container.as_deref(), &image)?;
            Ok((
                format!("run {image} in container {container} of {what}"),
                change,
            ))
        }
        Wanted::Restart => Ok((format!("restart {what}"), restart::change(object)?)),
        Wanted::Patch(patch) => Ok((
            format!("patch {what}"),
            Change::patch_merge(object.clone(), &patch),
        )),
    }
}

impl Arguments {
    /// Takes the operation with its argument.
    ///
    /// # Errors
    /// `Invalid` where the argument is missing or wrong, or one of another operation was given.
    fn wanted(&mut self) -> Result<Wanted, Failure> {
        let given = [
            ("replicas", self.replicas.is_some(), Operation::Scale),
            ("image", self.image.is_some(), Operation::UpdateImage),
            (
                "container",
                self.container.is_some(),
                Operation::UpdateImage,
            ),
            ("patch", self.patch.is_some(), Operation::Patch),
        ];
        let operation = self.operation;
        if let Some((name, ..)) = given
            .iter()
            .find(|(_, given, of)| *given && *of != operation)
        {
            return Err(
                Failure::invalid(format!("`{name}` does not go with this operation"))
                    .next_step("leave it out, or choose the operation that it goes with"),
            );
        }
        let missing = |name: &str| {
            Err(Failure::invalid(format!("the operation needs `{name}`")).next_step("give it"))
        };
        match operation {
            Operation::Scale => self
                .replicas
                .map_or_else(|| missing("replicas"), |it| Ok(Wanted::Scale(it))),
            Operation::UpdateImage => match self.image.take() {
                None => missing("image"),
                Some(image) => {
                    image::check(&image)?;
                    let container = self.container.take().filter(|name| !name.is_empty());
                    Ok(Wanted::Image { image, container })
                }
            },
            Operation::RolloutRestart => Ok(Wanted::Restart),
            Operation::Patch => match self.patch.take() {
                None => missing("patch"),
                Some(patch) if patch.is_empty() => {
                    Err(Failure::invalid("`patch` is empty").next_step("give the fields to change"))
                }
                Some(patch) => {
                    let patch = Value::Object(patch);
                    refuse_masks(&patch)?;
                    Ok(Wanted::Patch(patch))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use serde_json::{Value, json};

    fn refused(more: Value) -> String {
        let mut arguments = json!({ "kind": "deploy", "name": "web" });
        let Value::Object(more) = more else {
            panic!("{more}");
        };
        arguments.as_object_mut().unwrap().extend(more);
        let mut arguments: Arguments =
            serde_json::from_value(arguments).expect("they fit the type");
        match arguments.wanted() {
            Ok(_) => "accepted".to_owned(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn an_operation_takes_its_own_arguments_and_no_other() {
        for (arguments, reason) in [
            (json!({ "operation": "scale" }), "needs `replicas`"),
            (
                json!({ "operation": "scale", "replicas": 2, "image": "a" }),
                "`image` does not go",
            ),
            (
                json!({ "operation": "update_image", "container": "web" }),
                "needs `image`",
            ),
            (
                json!({ "operation": "rollout_restart", "replicas": 2 }),
                "`replicas` does not go",
            ),
            (json!({ "operation": "patch" }), "needs `patch`"),
            (
                json!({ "operation": "patch", "patch": {} }),
                "`patch` is empty",
            ),
            (
                json!({ "operation": "patch", "patch": { "a": "<redacted>" } }),
                "`a` holds a mask",
            ),
            (
                json!({ "operation": "scale", "patch": { "a": 1 } }),
                "`patch` does not go",
            ),
        ] {
            let message = refused(arguments);
            assert!(
                message.starts_with("invalid: ") && message.contains(reason),
                "{message}"
            );
        }
    }

    #[test]
    fn nothing_is_a_number_of_replicas_too() {
        assert_eq!(
            refused(json!({ "operation": "scale", "replicas": 0 })),
            "accepted"
        );
    }
}
