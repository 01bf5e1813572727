//! Pausing a schedule and letting it run again: one field of it.

use crate::change;
use crate::cron::Cron;
use crate::kinds::schedules;
use crate::named;
use crate::place;
use crate::telling;
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Output, Time, context};
use serde_json::json;

/// Proposes that the schedule is paused, or is not.
///
/// # Errors
/// `Conflict` where it is so already, `NotFound`, and as [`change::run`].
pub(crate) fn set(values: &Values, paused: bool) -> Result<Output<ChangeAnswer>, Failure> {
    let place = place::choose(values.text("namespace"))?;
    let name = values.text("name").unwrap_or_default();
    let found = named::find(schedules(), &place, name)?;
    let schedule = Object(&found);
    let word = if paused { "paused" } else { "not paused" };
    if schedule.flag("/spec/paused").unwrap_or(false) == paused {
        return Err(Failure::Conflict(format!(
            "schedule `{name}` {} is {word} already; nothing would change",
            place.words
        ))
        .next_step("tell the user; list_velero_schedules shows how it stands"));
    }
    let (mut notes, next) = if paused {
        let until = "no backups are made until unpause_velero_schedule";
        (vec![until.to_owned()], None)
    } else {
        coming(schedule, context::now()?)
    };
    let verb = if paused { "pause" } else { "unpause" };
    let mut summary = format!("{verb} schedule {name} of Velero in {}", place.namespace);
    telling::all(&mut summary, &notes);
    notes.extend(next.map(|next| format!("then next at {next}")));
    let target = ObjectRef::in_namespace(schedules(), &place.namespace, name);
    let patch = Change::patch_merge(target, &json!({ "spec": { "paused": paused } }));
    change::run(values, &summary, patch, notes, None)
}

/// Says when backups come, and returns when the next one does. One that was due while the schedule was paused is made at once, unless `skipImmediately` is
/// set (`getNextRunTime` in `pkg/controller/schedule_controller.go` of 1.18).
fn coming(schedule: Object<'_>, now: Time) -> (Vec<String>, Option<Time>) {
    let cron = match Cron::parse(schedule.text("/spec/schedule")) {
        Ok(cron) => cron,
        Err(failure) => {
            let why = format!("Velero will not run it: {}", failure.message());
            return (vec![why], None);
        }
    };
    let mut notes = Vec::new();
    let since = schedule
        .time("/status/lastBackup")
        .max(schedule.time("/status/lastSkipped"))
        .or_else(|| schedule.time("/metadata/creationTimestamp"));
    let due = since.and_then(|since| cron.next(since));
    let skips = schedule.flag("/spec/skipImmediately") == Some(true);
    if !skips && due.is_some_and(|due| due < now) {
        notes.push("a backup was due while it was paused, so Velero makes one at once".to_owned());
    }
    notes.push(format!("runs {}", cron.words()));
    (notes, cron.next(now))
}

#[cfg(test)]
mod tests {
    use super::coming;
    use bulkhead_plugin_sdk::Object;
    use bulkhead_plugin_sdk::Time;
    use serde_json::{Value, json};

    fn said(schedule: &Value) -> String {
        let now = Time::parse("2026-11-21T09:30:00Z").expect("it is a time");
        let (mut said, next) = coming(Object(schedule), now);
        said.extend(next.map(|next| next.to_string()));
        said.join("; ")
    }

    #[test]
    fn what_was_due_while_it_was_paused_is_made_at_once() {
        let mut schedule = json!({
            "spec": { "schedule": "0 2 * * *" }, "status": { "lastBackup": "2026-11-18T02:00:00Z" },
        });
        assert_eq!(
            said(&schedule),
            "a backup was due while it was paused, so Velero makes one at once; runs every day at 02:00 UTC; \
             2026-11-22T02:00:00Z"
        );
        let alone = "runs every day at 02:00 UTC; 2026-11-22T02:00:00Z";
        schedule["spec"]["skipImmediately"] = json!(true);
        assert_eq!(said(&schedule), alone);
        schedule["spec"]["skipImmediately"] = Value::Null;
        schedule["status"]["lastSkipped"] = json!("2026-11-21T03:00:00Z");
        assert_eq!(said(&schedule), alone);
    }

    #[test]
    fn an_expression_that_velero_refuses_is_said() {
        let schedule = json!({ "spec": { "schedule": "0 2 * *" } });
        assert!(
            said(&schedule).starts_with("Velero will not run it: `0 2 * *` is no cron expression")
        );
    }
}
