//! What a schedule is said to do, from its status and its backups.

use super::{Histories, Schedule, State};
use crate::backup::Backup;
use bulkhead_plugin_sdk::{Row, Time};
use serde_json::{Value, json};

fn time(text: &str) -> Time {
    Time::parse(text).expect("it is a time")
}

fn schedule(changes: &[(usize, Value)]) -> Schedule {
    let mut row = vec![
        json!("nightly"),
        json!("2026-11-01T00:00:00Z"),
        json!("0 2 * * *"),
        Value::Null,
        json!(["shop"]),
        Value::Null,
        json!("default"),
        json!("720h0m0s"),
        json!("Enabled"),
        json!("2026-11-20T02:00:00Z"),
        Value::Null,
        Value::Null,
    ];
    for (at, value) in changes {
        row[*at] = value.clone();
    }
    Schedule::read(&Row(row))
}

fn backup(day: u32, phase: &str) -> Backup {
    let name = format!("nightly-202611{day:02}020000");
    let began = format!("2026-11-{day:02}T02:00:00Z");
    Backup::read(&Row(vec![
        json!(name),
        json!("nightly"),
        json!(began),
        json!(phase),
    ]))
}

fn histories(backups: &[(u32, &str)]) -> Histories {
    let mut histories = Histories::default();
    for (day, phase) in backups {
        histories.add(backup(*day, phase));
    }
    histories
}

#[test]
fn the_next_backup_is_counted_from_the_last_one_or_from_what_was_skipped_since() {
    let next = |changes: &[(usize, Value)]| schedule(changes).next().map(|time| time.to_string());
    assert_eq!(next(&[]).as_deref(), Some("2026-11-21T02:00:00Z"));
    let skipped = (10, json!("2026-11-21T03:00:00Z"));
    assert_eq!(next(&[skipped]).as_deref(), Some("2026-11-22T02:00:00Z"));
    let never = (9, Value::Null);
    assert_eq!(next(&[never]).as_deref(), Some("2026-11-01T02:00:00Z"));
    assert_eq!(next(&[(3, json!(true))]), None);
    assert_eq!(next(&[(2, json!("61 2 * * *"))]), None);
}

#[test]
fn the_order_in_which_backups_come_does_not_matter() {
    for order in [[18, 19, 20], [20, 18, 19], [19, 20, 18]] {
        let phase = |day| if day == 18 { "Completed" } else { "Failed" };
        let backups: Vec<_> = order.iter().map(|day| (*day, phase(*day))).collect();
        let histories = histories(&backups);
        let history = histories.of("nightly").expect("it has backups");
        assert_eq!(history.newest.name, "nightly-20261120020000");
        let good = history.good.as_ref().map(|good| good.name.as_str());
        assert_eq!(good, Some("nightly-20261118020000"));
        assert_eq!(history.failed_in_a_row(), 2);
    }
}

#[test]
fn a_schedule_is_failing_by_its_newest_backups_that_ended() {
    let now = time("2026-11-20T12:00:00Z");
    let state = |backups: &[(u32, &str)]| {
        let histories = histories(backups);
        schedule(&[]).state(histories.of("nightly"), now)
    };
    assert_eq!(state(&[]), State::Enabled);
    assert_eq!(state(&[(19, "Failed"), (20, "Completed")]), State::Enabled);
    assert_eq!(state(&[(19, "Completed"), (20, "Failed")]), State::Failing);
    assert_eq!(state(&[(20, "FailedValidation")]), State::Failing);
    assert_eq!(state(&[(20, "PartiallyFailed")]), State::PartiallyFailing);
    let under_way = [(19, "Failed"), (20, "InProgress")];
    assert_eq!(state(&under_way), State::Failing);
}

#[test]
fn what_should_have_run_long_ago_is_late_unless_it_is_paused() {
    let now = time("2026-11-21T02:10:01Z");
    assert_eq!(schedule(&[]).state(None, now), State::Late);
    let in_time = time("2026-11-21T02:10:00Z");
    assert_eq!(schedule(&[]).state(None, in_time), State::Enabled);
    assert_eq!(
        schedule(&[(3, json!(true))]).state(None, now),
        State::Paused
    );
    let invalid = (8, json!("FailedValidation"));
    assert_eq!(schedule(&[invalid]).state(None, now), State::Invalid);
}

#[test]
fn what_failed_names_the_last_good_backup() {
    let now = time("2026-11-20T12:00:00Z");
    let histories = histories(&[(18, "Completed"), (19, "Failed"), (20, "PartiallyFailed")]);
    let words = schedule(&[]).trouble(histories.of("nightly"), now);
    assert_eq!(
        words.as_deref(),
        Some(
            "2 backups in a row did not end well; newest nightly-20261120020000 (PartiallyFailed, 10h ago); last good \
             nightly-20261118020000 (2d10h ago)"
        )
    );
}
