//! What runs pods: Deployments and the like by readiness, Jobs by outcome.

use super::{Seen, Tally, View, cell, number};
use bulkhead_plugin_sdk::Time;
use serde_json::Value;

pub(super) const DEPLOYMENTS: View = View {
    columns: &["READY", "UP-TO-DATE", "AVAILABLE"],
    paths: &[
        "spec.replicas",
        "status.readyReplicas",
        "status.updatedReplicas",
        "status.availableReplicas",
    ],
    see: |values, _| {
        let mut seen = ready_of(values);
        seen.cells.extend(
            values
                .iter()
                .skip(2)
                .map(|value| number(Some(value)).to_string()),
        );
        seen
    },
    tally: Some(Tally {
        by: &["spec.replicas", "status.readyReplicas"],
        class: readiness,
    }),
};

pub(super) const REPLICATED: View = View {
    columns: &["READY"],
    paths: &["spec.replicas", "status.readyReplicas"],
    see: |values, _| ready_of(values),
    tally: Some(Tally {
        by: &["spec.replicas", "status.readyReplicas"],
        class: readiness,
    }),
};

pub(super) const DAEMON_SETS: View = View {
    columns: &["READY"],
    paths: &["status.desiredNumberScheduled", "status.numberReady"],
    see: |values, _| ready_of(values),
    tally: Some(Tally {
        by: &["status.desiredNumberScheduled", "status.numberReady"],
        class: readiness,
    }),
};

pub(super) const JOBS: View = View {
    columns: &["STATUS", "COMPLETIONS"],
    paths: &[
        "status.conditions[*].type",
        "spec.completions",
        "status.succeeded",
    ],
    see: |values, _| {
        let state = outcome(&cell(values.first()));
        let wanted = values.get(1).and_then(Value::as_u64).unwrap_or(1);
        let cells = vec![
            state.to_owned(),
            format!("{}/{wanted}", number(values.get(2))),
        ];
        Seen {
            cells,
            trouble: (state == "failed").then(|| state.to_owned()),
        }
    },
    tally: Some(Tally {
        by: &["status.conditions[*].type"],
        class: |key| outcome(key.first().map_or("", String::as_str)).to_owned(),
    }),
};

pub(super) const CRON_JOBS: View = View {
    columns: &["SCHEDULE", "SUSPENDED", "ACTIVE", "LAST"],
    paths: &[
        "spec.schedule",
        "spec.suspend",
        "status.active",
        "status.lastScheduleTime",
    ],
    see: |values, now| {
        let active = values.get(2).and_then(Value::as_array).map_or(0, Vec::len);
        let last = values.get(3).and_then(Value::as_str).and_then(Time::parse);
        let suspended = values.get(1).and_then(Value::as_bool).unwrap_or(false);
        let cells = vec![
            cell(values.first()),
            if suspended { "yes" } else { "no" }.to_owned(),
            active.to_string(),
            last.map_or_else(|| "never".to_owned(), |last| now.age(last)),
        ];
        Seen {
            cells,
            trouble: None,
        }
    },
    tally: None,
};

fn ready_of(values: &[Value]) -> Seen {
    let (wanted, ready) = (number(values.first()), number(values.get(1)));
    let cells = vec![format!("{ready}/{wanted}")];
    Seen {
        cells,
        trouble: (ready < wanted).then(|| format!("{ready}/{wanted} ready")),
    }
}

fn readiness(key: &[String]) -> String {
    let number = |at: usize| {
        key.get(at)
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    if number(1) < number(0) {
        "not ready"
    } else {
        "ready"
    }
    .to_owned()
}

/// From the JSON list of a Job's condition types. A Job that runs has none of these two.
fn outcome(types: &str) -> &'static str {
    let types: Vec<String> = serde_json::from_str(types).unwrap_or_default();
    let has = |name: &str| types.iter().any(|condition| condition == name);
    if has("Failed") {
        "failed"
    } else if has("Complete") {
        "complete"
    } else {
        "running"
    }
}

#[cfg(test)]
mod tests {
    use super::{DEPLOYMENTS, JOBS, Seen, readiness};
    use bulkhead_plugin_sdk::Time;
    use serde_json::json;

    fn now() -> Time {
        Time::parse("2026-11-21T12:00:00Z").expect("that is a time")
    }

    #[test]
    fn a_deployment_with_a_replica_that_is_not_ready_is_not_well() {
        let seen = (DEPLOYMENTS.see)(&[json!(3), json!(2), json!(3), json!(null)], now());
        let cells = ["2/3", "3", "0"].map(str::to_owned).to_vec();
        assert_eq!(
            seen,
            Seen {
                cells,
                trouble: Some("2/3 ready".to_owned())
            }
        );
    }

    #[test]
    fn a_deployment_that_was_scaled_to_nothing_is_ready() {
        assert_eq!(readiness(&["0".to_owned(), String::new()]), "ready");
        assert_eq!(readiness(&["2".to_owned(), String::new()]), "not ready");
    }

    #[test]
    fn a_job_is_told_by_its_conditions() {
        let state = |types| {
            (JOBS.see)(&[types, json!(null), json!(null)], now())
                .cells
                .join(" ")
        };
        assert_eq!(state(json!(["FailureTarget", "Failed"])), "failed 0/1");
        assert_eq!(
            state(json!(["SuccessCriteriaMet", "Complete"])),
            "complete 0/1"
        );
        assert_eq!(state(json!(null)), "running 0/1");
    }
}
