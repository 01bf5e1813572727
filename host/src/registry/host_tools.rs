//! The host's own four tools for changes, so that no plugin invents its own: `change_status`, `change_apply`,
//! `change_rollback`, `change_history`.
//!
//! There is none that approves, grants or changes the configuration.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Registry;
use crate::call::Call;
use crate::change::{Changes, Done, Party, Report, shown_to_a_model};
use crate::failure::{Failure, Kind};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::Block;
use crate::plugin::Tool;
use crate::proposal::{State, Step};
use crate::runtime::Output;
use crate::store::Stored;

/// Most changes in one answer of `change_history`.
const MAX_HISTORY: u64 = 50;

/// Which of the host's tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostTool {
    Status,
    Apply,
    Rollback,
    History,
}

impl HostTool {
    pub(super) const ALL: [Self; 4] = [Self::Status, Self::Apply, Self::Rollback, Self::History];

    /// Returns what a client reads of it.
    pub(super) fn tool(self) -> Tool {
        let id = json!({"type": "string", "description": "The change's id, as `c-0123456789`.", "maxLength": 64});
        let object = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        let (name, title, description, input, changes) = match self {
            Self::Status => (
                "change_status",
                "Where a change stands",
                "Says where one proposed change stands (proposed, approved, declined, expired, applying, applied, differs, partial, failed, unknown, \
                 rolled-back), what it does, its risk with the reasons, who can approve it and how, and what came of it. Without `id`: the changes that can \
                 be decided on or applied.",
                object(json!({"id": id}), json!([])),
                false,
            ),
            Self::Apply => (
                "change_apply",
                "Apply an approved change",
                "Applies a proposed change, once, exactly as it was shown, after a person has approved it over a channel of the operator's: a terminal, or the \
                 client's own dialog. Nothing in this call can approve it. Without a decision it waits a little, then says how a person decides.",
                object(json!({"id": id}), json!(["id"])),
                true,
            ),
            Self::Rollback => (
                "change_rollback",
                "Propose to take a change back",
                "Proposes to take back an applied change, from the objects as they were before it. Nothing is changed by this call: the way back is a \
                 proposal of its own, which a person approves. It is refused where an object has changed since in what would be put back.",
                object(
                    json!({
                        "id": id,
                        "overwrite": {"type": "boolean", "description": "Proposes to overwrite also what came later; the person sees all of it."},
                    }),
                    json!(["id"]),
                ),
                true,
            ),
            Self::History => (
                "change_history",
                "What was changed",
                "Lists changes that were proposed through this host, the newest first, each with its state, risk, plugin, tool and summary.",
                object(
                    json!({
                        "limit": {"type": "integer", "minimum": 1, "maximum": MAX_HISTORY, "description": "At most so many; 20 where left out."},
                        "plugin": {"type": "string", "description": "Only changes of the plugin with this key."},
                    }),
                    json!([]),
                ),
                false,
            ),
        };
        Tool {
            name: name.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            input_schema: input,
            output_schema: Some(self.output_schema()),
            changes,
            destructive: changes,
            idempotent: !changes,
        }
    }

    fn output_schema(self) -> Value {
        let change = json!({
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "state": {"type": "string"},
                "risk": {"type": "string"},
                "summary": {"type": "string"},
            },
            "required": ["id", "state", "risk", "summary"],
        });
        match self {
            Self::Status | Self::History => json!({
                "type": "object",
                "properties": {"changes": {"type": "array", "items": change}},
                "required": ["changes"],
            }),
            Self::Apply => json!({
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "outcome": {"type": "string"},
                    "steps": {"type": "array", "items": {"type": "object"}},
                },
                "required": ["id", "outcome", "steps"],
            }),
            Self::Rollback => change,
        }
    }
}

impl Registry {
    /// Answers a call of one of the host's tools.
    ///
    /// # Errors
    /// As the tool says.
    pub(super) async fn call_host(
        &self,
        tool: HostTool,
        call: &Arc<Call>,
        arguments: &Value,
    ) -> Result<Output, Failure> {
        let changes = self.changes.get().await?;
        let id = arguments["id"].as_str();
        match tool {
            HostTool::Status => {
                let stored = match id {
                    Some(id) => vec![changes.stored(id).await?],
                    None => changes.store.open_proposals().await?,
                };
                Ok(list(changes, &stored, id.is_some()))
            }
            HostTool::History => {
                let limit = arguments["limit"].as_u64().unwrap_or(20).min(MAX_HISTORY);
                let limit = u32::try_from(limit).unwrap_or(20);
                let plugin = arguments["plugin"].as_str();
                let stored = changes.store.recent(limit, plugin).await?;
                Ok(list(changes, &stored, false))
            }
            HostTool::Apply => {
                let stored = changes.stored(id.unwrap_or_default()).await?;
                let party = self.party_of(&stored)?;
                let steps = stored.proposal.steps.clone();
                let report = changes.apply(call, &party, stored).await?;
                match report.outcome {
                    State::Applied | State::Differs => {
                        let (text, structured) = report_of(&report);
                        Ok(output(text, structured))
                    }
                    // As the plugins' own tools: what was not done is no success.
                    State::Partial
                    | State::Failed
                    | State::Unknown
                    | State::Proposed
                    | State::Approved
                    | State::Declined
                    | State::Expired
                    | State::Applying
                    | State::RolledBack => Err(stopped(&report, &steps)),
                }
            }
            HostTool::Rollback => {
                let id = id.unwrap_or_default();
                let stored = changes.stored(id).await?;
                let party = self.party_of(&stored)?;
                let wider = arguments["overwrite"].as_bool().unwrap_or(false);
                let prepared = changes.prepare_rollback(call, &party, id, 0, wider).await?;
                let mut shown = shown_to_a_model(changes, &prepared.stored, true);
                shown.insert("how_to_approve".to_owned(), prepared.how_to_approve.into());
                Ok(output(words(&shown), Value::Object(shown)))
            }
        }
    }

    /// The plugin whose change it is, as it is now.
    fn party_of(&self, stored: &Stored) -> Result<Party, Failure> {
        let key = &stored.proposal.binding.plugin.key;
        self.party(key).ok_or_else(|| {
            Failure::new(
                Kind::Conflict,
                format!(
                    "change {} is of plugin `{key}`, which is not enabled any more",
                    stored.proposal.id
                ),
            )
        })
    }

    /// What a plugin applies changes by; none where it is not loaded.
    pub(super) fn party(&self, key: &str) -> Option<Party> {
        let plugin = self
            .plugins
            .iter()
            .find(|plugin| plugin.config.key == key)?;
        Some(Party {
            gate: Arc::clone(&plugin.gate),
            plugin: plugin.identity(),
            actor: plugin.actor.clone(),
        })
    }
}

fn list(changes: &Changes, stored: &[Stored], whole: bool) -> Output {
    let shown: Vec<Map<String, Value>> = stored
        .iter()
        .map(|stored| shown_to_a_model(changes, stored, whole))
        .collect();
    let text = if shown.is_empty() {
        "no changes".to_owned()
    } else {
        shown.iter().map(words).collect::<Vec<_>>().join("\n\n")
    };
    output(text, json!({"changes": shown}))
}

fn report_of(report: &Report) -> (String, Value) {
    let mut lines = vec![format!("change {}: {}", report.change, report.outcome)];
    let steps: Vec<Value> = report
        .steps
        .iter()
        .map(|step| {
            let done = if step.done { "done" } else { "not done" };
            lines.push(format!("- {} {}: {done}; {}", step.action, step.target, step.detail));
            json!({"object": step.target.to_string(), "action": step.action, "done": step.done, "detail": step.detail})
        })
        .collect();
    let structured =
        json!({"id": report.change, "outcome": report.outcome.as_str(), "steps": steps});
    (lines.join("\n"), structured)
}

/// A change that was not applied whole, as the failure that stopped it: why, how much is done, and one next step.
fn stopped(report: &Report, steps: &[Step]) -> Failure {
    let done = report.steps.iter().filter(|step| step.done).count();
    let (change, outcome, all) = (&report.change, report.outcome, steps.len());
    let mut text = format!("change {change}: {outcome}; {done} of {all} steps done");
    let stopped = report.stopped();
    let (why, own) = stopped.map_or(("", None), Done::parted);
    if let Some(step) = stopped {
        text = format!("{text}\n- {} {}: not done; {why}", step.action, step.target);
    }
    let next = report.next(steps);
    let next = match outcome {
        State::Failed => own
            .unwrap_or("mend what is said, and propose the change again")
            .to_owned(),
        State::Partial => format!(
            "{}; or {next}",
            own.unwrap_or("look at the object that failed")
        ),
        _ => next,
    };
    let kind = stopped.and_then(|step| step.kind);
    Failure::new(kind.unwrap_or(Kind::Upstream), text).fix(next)
}

/// The same in words.
fn words(shown: &Map<String, Value>) -> String {
    let text = |key: &str| shown.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut lines = vec![format!(
        "change {}: {}, risk {}: {}",
        text("id"),
        text("state"),
        text("risk"),
        text("summary")
    )];
    for key in ["reasons", "diff", "outcome", "warnings"] {
        let entries = shown.get(key).and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            lines.push(format!("  {}", entry.as_str().unwrap_or_default()));
        }
    }
    if !text("how_to_approve").is_empty() {
        lines.push(text("how_to_approve").to_owned());
    }
    lines.join("\n")
}

fn output(text: String, structured: Value) -> Output {
    Output {
        content: vec![Block::Text(text)],
        structured: Some(structured.to_string()),
    }
}
