//! `bulkhead approvals`: what waits for a decision, or for being applied.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Chosen, Stop, runtime, said};
use crate::approval::draw::{shown as drawn, shown_json};
use crate::config::Environment;
use crate::proposal::{Moment, Proposal, Risk, State, Step};
use crate::store::{Clock, SqliteStore, Store as _, StoreError, Stored};

/// How often `--watch` looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Lists the open proposals.
#[derive(Debug, clap::Args)]
pub(super) struct Approvals {
    /// Go on, with a line for each proposal that comes, changes or goes.
    #[arg(long)]
    watch: bool,
    /// A line of JSON for each proposal.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    chosen: Chosen,
}

pub(super) fn run(approvals: &Approvals, environment: &Environment) -> Result<(), Stop> {
    let config = approvals.chosen.load(environment)?;
    let store = SqliteStore::new(&config.directories.state, Clock::system());
    let line: fn(&Stored, Moment) -> String = if approvals.json { json_line } else { row };
    runtime()?
        .block_on(list(&store, line, approvals))
        .map_err(|error| said(error.into()))
}

async fn list(
    store: &SqliteStore,
    line: fn(&Stored, Moment) -> String,
    approvals: &Approvals,
) -> Result<(), StoreError> {
    let mut shown = BTreeMap::new();
    if !approvals.json {
        println!("{HEADINGS}");
    }
    loop {
        let open = store.open_proposals().await?;
        let now = store.now().await?;
        for stored in news(store, &mut shown, open).await? {
            println!("{}", line(&stored, now));
        }
        if !approvals.watch {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Returns what is not shown yet as it is: what has come to its end, then what has come or changed.
async fn news(
    store: &SqliteStore,
    shown: &mut BTreeMap<String, State>,
    open: Vec<Stored>,
) -> Result<Vec<Stored>, StoreError> {
    let mut news = Vec::new();
    let is_open = |id: &String| open.iter().any(|stored| stored.proposal.id == *id);
    let ended: Vec<String> = shown.keys().filter(|id| !is_open(id)).cloned().collect();
    for id in ended {
        shown.remove(&id);
        news.extend(store.proposal(&id).await?);
    }
    for stored in open {
        let before = shown.insert(stored.proposal.id.clone(), stored.state);
        if before != Some(stored.state) {
            news.push(stored);
        }
    }
    Ok(news)
}

const HEADINGS: &str =
    "ID            AGE   RISK    STATE     TOOL, CLUSTER, AND WHAT THE PLUGIN CLAIMS";

/// A line for people. The claim is the last, and whole.
fn row(stored: &Stored, now: Moment) -> String {
    let proposal = &stored.proposal;
    let binding = &proposal.binding;
    format!(
        "{:<12}  {:>4}  {:<6}  {:<8}  {}/{} on {}: {}",
        drawn(&proposal.id),
        age(now.since(proposal.created)),
        risk(proposal).map_or_else(|| "-".to_owned(), |risk| risk.to_string()),
        stored.state.as_str(),
        drawn(&binding.plugin.key),
        drawn(&binding.tool),
        drawn(&binding.cluster.context),
        drawn(&proposal.summary)
    )
}

/// None where nothing is kept of its steps: it expired before anybody decided.
fn risk(proposal: &Proposal) -> Option<Risk> {
    (!proposal.steps.is_empty()).then(|| proposal.risk())
}

/// The token stays out: it names the proposal to its plugin alone.
fn json_line(stored: &Stored, _now: Moment) -> String {
    let proposal = &stored.proposal;
    let binding = &proposal.binding;
    let reasons = |risk: &Step| -> Vec<Value> {
        let reasons = risk.reasons.iter();
        reasons
            .map(|reason| json!({"risk": reason.risk, "path": reason.path, "say": reason.say}))
            .collect()
    };
    let steps: Vec<Value> = proposal
        .steps
        .iter()
        .map(|step| json!({"action": step.action, "target": step.target, "reasons": reasons(step)}))
        .collect();
    let line = json!({
        "id": proposal.id,
        "digest": stored.digest,
        "state": stored.state,
        "risk": risk(proposal),
        "created": proposal.created.to_string(),
        "expires": proposal.expires.to_string(),
        "cluster": {"context": binding.cluster.context, "server": binding.cluster.server, "user": binding.cluster.user},
        "plugin": binding.plugin.key,
        "tool": binding.tool,
        "caller": binding.caller,
        "client": binding.client,
        "summary": proposal.summary,
        "reason": proposal.reason,
        "rollback_of": proposal.rollback_of,
        "steps": steps,
    });
    shown_json(&line.to_string())
}

/// `12s`, `3m`, `2h`.
fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds => format!("{}h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::approval::draw::fixtures::{everything, told};
    use crate::proposal::{Channel, Decision, Verdict};
    use crate::store::{Keep, Limits};

    fn stored(proposal: Proposal) -> Stored {
        Stored {
            digest: proposal.digest(),
            proposal,
            state: State::Proposed,
            decisions: Vec::new(),
            claimed: None,
            intents: Vec::new(),
            closed: None,
            report: None,
        }
    }

    #[test]
    fn a_proposal_is_one_line() {
        let stored = stored(everything());
        let now = stored.proposal.created.plus(Duration::from_secs(200));
        assert_eq!(
            row(&stored, now),
            "c-7h2kq4m9xz    3m  high    proposed  generic/k8s_patch on prod-eu: scale web to 5"
        );
    }

    #[test]
    fn what_nobody_decided_on_in_time_has_no_risk_any_more() {
        let mut stored = stored(everything());
        stored.state = State::Expired;
        stored.proposal.steps.clear();
        let row = row(&stored, stored.proposal.created);
        assert!(row.contains("  -       expired"), "{row}");
        let line: Value = serde_json::from_str(&json_line(&stored, Moment(0))).unwrap();
        assert_eq!(line["risk"], Value::Null);
    }

    #[test]
    fn no_text_leaves_its_line_or_steers_the_terminal() {
        let stored = stored(told("a\n\u{1b}[2J\u{202e}│"));
        for line in [row(&stored, Moment(0)), json_line(&stored, Moment(0))] {
            assert!(!line.contains(['\n', '\u{1b}', '\u{202e}', '│']), "{line}");
        }
    }

    #[test]
    fn the_json_names_everything_but_the_token() {
        let line = json_line(&stored(everything()), Moment(0));
        assert!(!line.contains("t-secret-of-the-plugin"));
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["risk"], "high");
        assert_eq!(value["steps"][0]["target"]["name"], "web");
        assert_eq!(value["steps"][0]["reasons"][0]["say"], "another image runs");
        assert_eq!(value["expires"], "2026-11-21T11:17:08Z");
    }

    #[tokio::test]
    async fn a_proposal_is_shown_when_it_comes_when_it_changes_and_when_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::new(|| Moment(1_795_258_030_000), Duration::default);
        let store = SqliteStore::new(&folder.path().join("state"), clock);
        let limits = Limits {
            max_open: 10,
            decline_pause: Duration::ZERO,
            keep: Keep {
                proposals: Duration::MAX,
                snapshots: Duration::MAX,
            },
        };
        let note = Map::from_iter([("kind".to_owned(), "note".into())]);
        let proposal = everything();
        let mut shown = BTreeMap::new();
        let mut look = async || {
            let open = store.open_proposals().await.unwrap();
            let news = news(&store, &mut shown, open).await.unwrap();
            news.iter().map(|stored| stored.state).collect::<Vec<_>>()
        };
        assert_eq!(look().await, []);
        store.propose(&proposal, &limits, &note).await.unwrap();
        assert_eq!(look().await, [State::Proposed]);
        assert_eq!(look().await, []);
        for (verdict, state) in [
            (Verdict::Approved, State::Approved),
            (Verdict::Declined, State::Declined),
        ] {
            let decision = decision(&proposal, verdict);
            store.decide(&decision, &note).await.unwrap();
            assert_eq!(look().await, [state]);
            assert_eq!(look().await, []);
        }
    }

    fn decision(proposal: &Proposal, verdict: Verdict) -> Decision {
        Decision {
            proposal: proposal.id.clone(),
            digest: proposal.digest(),
            verdict,
            channel: Channel::Console,
            by: "nobody".to_owned(),
            at: proposal.created,
            why: None,
            signature: None,
        }
    }

    #[test]
    fn an_age_has_one_unit() {
        let ages =
            [0, 59, 60, 3_599, 3_600, 200_000].map(|age| super::age(Duration::from_secs(age)));
        assert_eq!(ages, ["0s", "59s", "1m", "59m", "1h", "55h"]);
    }
}
