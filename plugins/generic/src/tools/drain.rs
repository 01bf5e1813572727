//! `k8s_drain`: a node without pods, as far as their owners and disruption budgets allow.

mod pods;

use crate::node;
use bulkhead_plugin_sdk::changes::Confirmation;
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::{Failure, Output, Tool};
use pods::{Allowed, Fate};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most changes of one plan, as a host takes them by default.
const MOST_CHANGES: usize = 50;

/// The most pods that a refusal names.
const NAMED: usize = 10;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The node's name.
    name: String,
    /// Also pods that nothing will make again.
    #[serde(default)]
    force: bool,
    /// Also pods with emptyDir volumes, whose contents are lost.
    #[serde(default)]
    delete_emptydir_data: bool,
    #[serde(flatten)]
    confirmation: Confirmation,
    /// Once applied, waits until the pods are gone, as long as the call may take.
    #[serde(default)]
    wait: bool,
}

pub(crate) fn tool() -> Tool {
    Tool::change(
        "k8s_drain",
        "Proposes to cordon a node and to evict its pods, as their disruption budgets allow. Pods of DaemonSets and of the \
         node itself stay. At most 50 changes at a time: call it again for the rest. A person approves it. Reads every pod \
         of the node, then a dry run of each eviction.",
        drain,
    )
    .title("Drain a node")
    .destructive()
}

fn drain(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let node = node::named(&arguments.name)?;
    let cordoned = node::is_cordoned(&node)?;
    let allowed = Allowed {
        unowned: arguments.force,
        empty_dir: arguments.delete_emptydir_data,
    };
    let mut evicted = Vec::new();
    let mut skipped = 0;
    let mut refused = Vec::new();
    for pod in pods::on(&node.name)? {
        match pod.fate(allowed) {
            Fate::Evict => evicted.push(pod.reference()),
            Fate::Stay => skipped += 1,
            Fate::Refuse(why) => refused.push(format!("{pod} {why}")),
        }
    }
    refuse(&refused)?;
    let room = MOST_CHANGES - usize::from(!cordoned);
    let left = evicted.len().saturating_sub(room);
    evicted.truncate(room);
    if cordoned && evicted.is_empty() {
        return Err(Failure::Conflict(format!(
            "node {} is cordoned, and no pod on it is to be evicted",
            node.name
        )));
    }
    let mut plan = Plan::new(format!(
        "drain node {}: evict {} pods",
        node.name,
        evicted.len()
    ));
    if !cordoned {
        plan = plan.change(node::cordon(node.clone(), true));
    }
    for pod in &evicted {
        plan = plan.change(Change::evict(pod.clone()));
    }
    let mut answer = arguments.confirmation.run(plan)?;
    if skipped > 0 {
        answer = answer.notes([format!(
            "{skipped} pods stay: of DaemonSets, of the node itself, or on their way out already"
        )]);
    }
    if left > 0 {
        answer = answer.notes([format!(
            "{left} more pods are to be evicted: call k8s_drain again once this is applied"
        )]);
    }
    if arguments.wait && answer.is_applied() {
        answer = answer.waited(pods::wait(&node.name, &evicted));
    }
    Ok(answer.in_words())
}

/// Fails where pods are in the way, before anything is proposed.
fn refuse(refused: &[String]) -> Result<(), Failure> {
    if refused.is_empty() {
        return Ok(());
    }
    let mut named: Vec<_> = refused.iter().take(NAMED).cloned().collect();
    if let Some(more) = refused.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("and {more} more"));
    }
    let named = named.join("; ");
    Err(
        Failure::invalid(format!("pods stand in the way: {named}")).next_step(
            "ask the user; then give `force` or `delete_emptydir_data`, or move these pods first",
        ),
    )
}
