//! A change as a model may read it: what its plugin could see, and nothing that tells two masked values apart.

use serde_json::{Map, Value, json};

use super::propose::how;
use super::{Changes, Report};
use crate::approval;
use crate::proposal::State;
use crate::store::Stored;
use crate::{escape, redact};

/// Most lines of the diffs in one answer; a person sees all of them.
const MAX_LINES: usize = 100;

/// Returns a change as a JSON object; `whole` adds reasons, diff and what came out.
pub(crate) fn shown_to_a_model(
    changes: &Changes,
    stored: &Stored,
    whole: bool,
) -> Map<String, Value> {
    let proposal = &stored.proposal;
    let clean = |text: &str| redact::text(&escape::line(text)).into_owned();
    let mut shown = json!({
        "id": proposal.id,
        "state": stored.state.as_str(),
        // Of a proposal that nobody decided on in time, the steps are not kept.
        "risk": if proposal.steps.is_empty() { "unknown".to_owned() } else { proposal.risk().to_string() },
        "summary": clean(&proposal.summary),
        "plugin": proposal.binding.plugin.key,
        "tool": proposal.binding.tool,
        "cluster": proposal.binding.cluster.context,
        "created": proposal.created.to_string(),
        "objects": proposal.steps.iter().map(|step| format!("{} {}", step.action, step.target)).collect::<Vec<_>>(),
    });
    let open = matches!(stored.state, State::Proposed | State::Approved);
    if open {
        shown["expires"] = proposal.expires.to_string().into();
        shown["how_to_approve"] =
            how(&approval::route(&changes.approval, proposal), &proposal.id).into();
    }
    if whole {
        let reasons = proposal.steps.iter().flat_map(|step| {
            let said = step.reasons.iter();
            said.map(|reason| format!("{} {}: {}", reason.risk, step.target, clean(&reason.say)))
        });
        shown["reasons"] = reasons.collect();
        let steps = proposal.steps.iter();
        let mut lines: Vec<String> = steps
            .flat_map(|step| step.for_model.lines())
            .map(clean)
            .collect();
        if lines.len() > MAX_LINES {
            let more = lines.len() - MAX_LINES;
            lines.truncate(MAX_LINES);
            lines.push(format!(
                "… and {more} lines more: `bulkhead approve {}` shows all",
                proposal.id
            ));
        }
        shown["diff"] = lines.into();
        let warnings = proposal.steps.iter().flat_map(|step| &step.warnings);
        let warnings = warnings.chain(&proposal.warnings).map(|text| clean(text));
        shown["warnings"] = warnings.collect();
        let report = stored.report.clone();
        if let Some(report) =
            report.and_then(|report| serde_json::from_value::<Report>(report).ok())
        {
            let steps = report.steps.iter();
            shown["outcome"] = steps
                .map(|step| format!("{} {}: {}", step.action, step.target, clean(&step.detail)))
                .collect();
        }
    }
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}
