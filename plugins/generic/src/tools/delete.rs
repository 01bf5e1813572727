//! `k8s_delete`: the end of one object.

use crate::kind::Kind;
use crate::place::Place;
use bulkhead_plugin_sdk::changes::Confirmation;
use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::kubernetes::Condition;
use bulkhead_plugin_sdk::{Failure, Output, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    kind: Kind,
    #[serde(flatten)]
    place: Place,
    /// Its `metadata.name`.
    name: String,
    /// What becomes of what it owns: deleted after it, deleted before it, or kept.
    #[serde(default)]
    propagation: Propagation,
    #[serde(flatten)]
    confirmation: Confirmation,
    /// States that the user asked for this; a person is still asked. The same as `confirm`.
    #[serde(default)]
    approved: bool,
    /// Once deleted, waits until it is gone, as long as the call may take.
    #[serde(default)]
    wait: bool,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Propagation {
    #[default]
    Background,
    Foreground,
    Orphan,
}

impl From<Propagation> for changes::Propagation {
    fn from(propagation: Propagation) -> Self {
        match propagation {
            Propagation::Background => Self::Background,
            Propagation::Foreground => Self::Foreground,
            Propagation::Orphan => Self::Orphan,
        }
    }
}

pub(crate) fn tool() -> Tool {
    Tool::change(
        "k8s_delete",
        "Proposes to delete one object, by name. A person approves it; data in volumes does not come back. To restart pods use \
         k8s_patch with rollout_restart. One request and a dry run.",
        delete,
    )
    .title("Delete one object")
    .destructive()
    .idempotent()
}

fn delete(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    if arguments.name.is_empty() {
        return Err(Failure::invalid("`name` is empty")
            .next_step("name one object; this tool deletes no collections"));
    }
    let resolved = arguments.kind.resolve()?;
    let (object, scope) = arguments.place.object(&resolved, &arguments.name);
    let what = format!("{} {} {scope}", resolved.kind, object.name);
    let delete = Change::delete(object.clone(), arguments.propagation.into());
    let plan = Plan::new(format!("delete {what}")).change(delete);
    let confirmation = arguments.confirmation.or(arguments.approved);
    let mut answer = confirmation.run(plan)?;
    if arguments.wait && answer.is_applied() {
        answer = answer.waited(changes::until(
            &object,
            &Condition::Deleted,
            &format!("{what} is gone"),
        ));
    }
    Ok(answer.notes(resolved.note).in_words())
}
