//! What a tool answers about a change: the same for every tool of every plugin, as a value and in words.

use super::{Preview, Proposal, Report, State, Step, Waited};
use crate::Output;
use crate::kubernetes::ObjectRef;
use schemars::JsonSchema;
use serde::Serialize;

/// The most bytes of all diffs of one answer. They stand in it twice, and the whole answer may have 32 KiB. The person who
/// decides is shown all of it by the host, whatever is cut here.
const DIFF_BYTES: usize = 8 * 1024;

/// A change: what it would do, or what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeAnswer {
    /// Names the change to `change_status`, `change_apply`, `change_rollback` and to the person who decides.
    pub id: String,
    /// `proposed`: nothing has changed. `applied`: as shown. `differs`: applied, but what came out is not what was shown.
    pub state: String,
    /// By the host's judgement: `low`, `medium`, `high`.
    pub risk: String,
    /// Why the risk is what it is, the gravest first.
    pub reasons: Vec<String>,
    /// One per change, in order.
    pub steps: Vec<StepAnswer>,
    /// What else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Who can approve it, and how; none once it is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how_to_approve: Option<String>,
    /// What is left for that; none once it is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
    /// How waiting for the effect ended; none where nobody waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited: Option<Waited>,
    /// What to do now.
    pub next: String,
}

/// One step of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepAnswer {
    /// Such as `deployments.apps/web in namespace shop`.
    pub object: String,
    /// `create`, `apply`, `patch`, `rotate`, `scale`, `delete`, `evict`.
    pub action: String,
    /// A line per changed path: `~ spec.replicas: 3 -> 5`.
    pub diff: String,
    /// Whether the server has accepted it.
    pub done: bool,
    /// What came out; none before it is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Of the server, and of the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl ChangeAnswer {
    /// A proposal that nobody has decided on.
    pub(super) fn proposed(proposal: &Proposal) -> Self {
        let mut left = DIFF_BYTES;
        let steps = proposal.previews.iter();
        Self {
            id: proposal.id.clone(),
            state: State::Proposed.as_str().to_owned(),
            risk: proposal.risk.as_str().to_owned(),
            reasons: proposal.reasons.clone(),
            steps: steps
                .map(|preview| StepAnswer::shown(preview, &mut left))
                .collect(),
            notes: proposal.warnings.clone(),
            how_to_approve: Some(proposal.how_to_approve.clone()),
            expires_in_seconds: Some(proposal.expires_in_seconds),
            waited: None,
            next: format!(
                "show this to the user; once a person has approved it, call change_apply with id {}",
                proposal.id
            ),
        }
    }

    /// A proposal that was applied, as the report says.
    pub(super) fn applied(proposal: &Proposal, report: &Report) -> Self {
        let mut answer = Self::proposed(proposal);
        for (shown, step) in answer.steps.iter_mut().zip(&report.steps) {
            shown.report(step);
        }
        answer.state = report.outcome.as_str().to_owned();
        answer.how_to_approve = None;
        answer.expires_in_seconds = None;
        answer.next.clone_from(&report.next);
        answer
    }

    /// Whether the change was applied, so that there is something to wait for.
    pub fn is_applied(&self) -> bool {
        [State::Applied, State::Differs]
            .iter()
            .any(|state| self.state == state.as_str())
    }

    /// Adds what else the reader should know.
    #[must_use]
    pub fn notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Says how waiting ended. A wait that failed does not make the change a failure: it was applied, and a model that is told
    /// otherwise would try again.
    #[must_use]
    pub fn waited(mut self, waited: Result<Waited, crate::Failure>) -> Self {
        self.waited = Some(waited.unwrap_or_else(|failure| Waited {
            done: false,
            detail: format!("waiting failed: {failure}"),
        }));
        self
    }

    /// Returns the answer with the words for it.
    pub fn in_words(self) -> Output<Self> {
        Output {
            text: self.words(),
            structured: self,
        }
    }

    fn words(&self) -> String {
        let state = match self.state.as_str() {
            "proposed" => "is proposed; nothing has changed yet",
            "differs" => "is applied, but what came out is not what was shown",
            other => &format!("is {other}"),
        };
        let mut lines = vec![format!("change {} {state}", self.id)];
        lines.push(format!("risk {}", self.risk));
        lines.extend(self.reasons.iter().map(|reason| format!("   {reason}")));
        for (step, number) in self.steps.iter().zip(1..) {
            let done = if step.done { ": done" } else { "" };
            lines.push(format!("{number}. {} {}{done}", step.action, step.object));
            lines.extend(step.diff.lines().map(|line| format!("   {line}")));
            lines.extend(step.detail.iter().map(|detail| format!("   {detail}")));
            let warnings = step.warnings.iter();
            lines.extend(warnings.map(|warning| format!("   warning: {warning}")));
        }
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        if let Some(how) = &self.how_to_approve {
            let minutes = self.expires_in_seconds.unwrap_or(0) / 60;
            lines.push(format!("to approve, within {minutes} min: {how}"));
        }
        if let Some(waited) = &self.waited {
            let done = if waited.done { "done" } else { "not yet" };
            lines.push(format!("waited: {done}: {}", waited.detail));
        }
        lines.push(format!("next: {}", self.next));
        lines.join("\n")
    }
}

impl StepAnswer {
    fn shown(preview: &Preview, left: &mut usize) -> Self {
        Self {
            object: words_for(&preview.target),
            action: preview.action.clone(),
            diff: cut(&preview.diff, left),
            done: false,
            detail: None,
            warnings: preview.warnings.clone(),
        }
    }

    fn report(&mut self, step: &Step) {
        self.done = step.done.is_ok();
        self.detail = step.done.clone().ok().filter(|detail| !detail.is_empty());
    }
}

/// Returns `deployments.apps/web in namespace shop`.
pub(super) fn words_for(what: &ObjectRef) -> String {
    let group = match what.of.group.as_str() {
        "" => String::new(),
        group => format!(".{group}"),
    };
    let place = match &what.namespace {
        Some(namespace) => format!("in namespace {namespace}"),
        None => "of the cluster".to_owned(),
    };
    format!("{}{group}/{} {place}", what.of.plural, what.name)
}

/// Keeps the lines that fit into what is `left`, and says how many do not.
fn cut(diff: &str, left: &mut usize) -> String {
    let mut kept = Vec::new();
    let mut lines = diff.lines();
    while let Some(line) = lines.next() {
        let Some(rest) = left.checked_sub(line.len() + 1) else {
            *left = 0;
            kept.push(format!(
                "… {} more lines; the person who decides sees them all",
                lines.count() + 1
            ));
            break;
        };
        *left = rest;
        kept.push(line.to_owned());
    }
    kept.join("\n")
}
