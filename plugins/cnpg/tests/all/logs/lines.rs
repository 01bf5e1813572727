//! Which lines are shown, in which order, and that none is lost.

use super::cluster::{granted, line, manager, record};
use super::{ask, text};
use bulkhead_cnpg_data::Fleet;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::json;
use std::time::SystemTime;

fn three() -> Running {
    granted(&[
        (
            "main-db-1",
            false,
            manager("01:00", "info", "instance-manager", "Starting")
                + &record("01:30", "LOG", "00000", "started streaming WAL"),
        ),
        (
            "main-db-2",
            false,
            record(
                "01:10",
                "ERROR",
                "42P01",
                "relation \"orders\" does not exist",
            ) + &manager("01:40", "error", "wal-archive", "cannot archive")
                + &record("01:50", "WARNING", "01000", "disk is filling"),
        ),
        (
            "main-db-3",
            false,
            record("01:20", "FATAL", "28P01", "password authentication failed"),
        ),
    ])
}

/// The lines shown, without what is before and behind them.
fn shown(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("lines, newest first:"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_newest_line_of_all_instances_comes_first() {
    let text = text(&three(), json!({ "cluster_name": "main-db" }));
    assert_eq!(
        shown(&text),
        [
            "2026-11-22T10:01:50Z main-db-2 WARNING: disk is filling",
            "2026-11-22T10:01:40Z main-db-2 error: wal-archive: cannot archive",
            "2026-11-22T10:01:30Z main-db-1 LOG: started streaming WAL",
            "2026-11-22T10:01:20Z main-db-3 FATAL: password authentication failed",
            "2026-11-22T10:01:10Z main-db-2 ERROR: relation \"orders\" does not exist",
            "2026-11-22T10:01:00Z main-db-1 info: instance-manager: Starting",
        ]
    );
    assert!(text.starts_with("pods/log main-db in namespace shop: 6 lines of 3 pods match; in all that was read 3 errors, 0 slow statements"), "{text}");
    assert!(
        text.contains("main-db-2: primary, Running, 3 restarts, 3 lines\n  main-db-3: replica, Running, 1 restart, 1 line\n"),
        "{text}"
    );
}

#[test]
fn lines_are_chosen_by_level_logger_and_instance() {
    let cnpg = three();
    let lines = |more: serde_json::Value| {
        let mut arguments = json!({ "cluster_name": "main-db" });
        for (name, value) in more.as_object().into_iter().flatten() {
            arguments[name] = value.clone();
        }
        let lines = shown(&text(&cnpg, arguments));
        lines
            .into_iter()
            .map(|line| line.get(14..19).map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .expect("they have a time")
    };
    assert_eq!(
        lines(json!({ "level": "error" })),
        ["01:40", "01:20", "01:10"]
    );
    assert_eq!(
        lines(json!({ "level": "warning", "logger": "postgres" })),
        ["01:50", "01:20", "01:10"]
    );
    assert_eq!(
        lines(json!({ "instance": "primary" })),
        ["01:50", "01:40", "01:10"]
    );
    assert_eq!(lines(json!({ "instance": "3" })), ["01:20"]);
    assert_eq!(
        lines(json!({ "instance": "main-db-1", "limit": 1 })),
        ["01:30"]
    );
}

#[test]
fn lines_that_are_no_json_are_counted_and_kept_as_they_are() {
    let log = line("02:00", "panic: runtime error")
        + &line("02:01", "goroutine 1 [running]:")
        + &line("02:02", "{\"level\":\"info\",\"logger\":\"post");
    let cnpg = granted(&[
        ("main-db-1", false, log),
        ("main-db-2", false, String::new()),
        ("main-db-3", false, String::new()),
    ]);
    let text = text(
        &cnpg,
        json!({ "cluster_name": "main-db", "level": "error", "logger": "postgres" }),
    );
    assert!(text.contains(", 3 that are no JSON"), "{text}");
    for kept in [
        "main-db-1: panic: runtime error",
        "main-db-1: goroutine 1 [running]:",
        "main-db-1: {\"level\":\"info\",\"logger\":\"post",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

#[test]
fn what_the_host_masks_is_masked_and_no_line_is_lost_by_it() {
    let secret = "hunter2-hunter2-hunter2";
    let log = record(
        "03:00",
        "LOG",
        "00000",
        &format!("duration: 5.000 ms  statement: ALTER ROLE app PASSWORD '{secret}'"),
    ) + &record(
        "03:01",
        "LOG",
        "00000",
        &format!("connecting to postgres://app:{secret}@db/app"),
    ) + &manager("03:02", "info", "setup", &format!("password={secret}"))
        + &line("03:03", &format!("password: {secret}"));
    let cnpg = granted(&[("main-db-2", false, log)]);
    let answer = ask(
        &cnpg,
        json!({ "cluster_name": "main-db", "instance": "primary" }),
    )
    .expect("they are read");
    let value = answer.structured.expect("it has a value").to_string();
    assert!(
        !answer.text.contains(secret) && !value.contains(secret),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("4 lines"), "{}", answer.text);
    assert_eq!(shown(&answer.text).len(), 3, "{}", answer.text);
}

#[test]
fn of_a_deadlock_the_statements_are_told_and_none_of_their_literals() {
    let fleet = Fleet::new(SystemTime::now());
    let mut logs = fleet.logs().iter();
    let orders = logs.find(|log| log.pod == "orders-1").expect("it has one");
    assert!(orders.text.contains("jane@example.com"));
    let cnpg = granted(&[("main-db-2", false, orders.text.clone())]);
    let arguments = json!({ "pod": "main-db-2", "level": "error" });
    let answer = ask(&cnpg, arguments).expect("it is read");
    let value = answer.structured.expect("it has a value").to_string();
    let told = "deadlock detected; detail: UPDATE stock SET count = count - ? WHERE sku = ?; UPDATE stock SET note = ? WHERE sku = ?; \
                statement: UPDATE stock SET count = count - ? WHERE sku = $1";
    assert!(answer.text.contains(told), "{}", answer.text);
    for literal in ["jane", "kettle"] {
        assert!(
            !answer.text.contains(literal) && !value.contains(literal),
            "{value}"
        );
    }
}

#[test]
fn the_run_before_the_last_restart_is_another_log() {
    let cnpg = granted(&[
        ("main-db-2", false, record("04:00", "LOG", "00000", "now")),
        (
            "main-db-2",
            true,
            record("03:00", "PANIC", "XX000", "could not write to file"),
        ),
    ]);
    let text = text(
        &cnpg,
        json!({ "cluster_name": "main-db", "instance": "2", "previous": true }),
    );
    assert!(
        text.contains("PANIC: could not write to file") && !text.contains("now"),
        "{text}"
    );
}

#[test]
fn one_pod_alone_is_read_with_its_own_container() {
    let cnpg = granted(&[(
        "main-db-pooler-rw-x1",
        false,
        manager(
            "05:00",
            "info",
            "pgbouncer",
            "closing because: query_timeout",
        ),
    )]);
    let text = text(
        &cnpg,
        json!({ "pod": "main-db-pooler-rw-x1", "container": "pgbouncer" }),
    );
    assert!(
        text.contains("pgbouncer: closing because: query_timeout"),
        "{text}"
    );
}

#[test]
fn an_answer_stays_small_and_says_how_many_lines_it_left_out() {
    let long = "word ".repeat(400);
    let log: String = (0..600)
        .map(|at| {
            record(
                &format!("{:02}:{:02}", at / 60, at % 60),
                "LOG",
                "00000",
                &long,
            )
        })
        .collect();
    let cnpg = granted(&[("main-db-2", false, log)]);
    let answer = ask(&cnpg, json!({ "pod": "main-db-2", "limit": 100 })).expect("they are read");
    assert!(answer.text.len() < 12 * 1024, "{}", answer.text.len());
    let listed = shown(&answer.text).len();
    assert!(
        answer
            .text
            .contains(&format!("{} more lines match", 600 - listed)),
        "{}",
        answer.text
    );
    assert!(
        !answer.text.contains("facts are left out"),
        "{}",
        answer.text
    );
    assert!(listed > 10, "{listed}");
}

#[test]
fn of_a_long_log_the_newest_lines_are_read_and_that_is_said() {
    let log: String = (0..6000)
        .map(|at| {
            record(
                &format!("{:02}:{:02}", at / 100, at % 60),
                "LOG",
                "00000",
                "x",
            )
        })
        .collect();
    let text = text(
        &granted(&[("main-db-2", false, log)]),
        json!({ "pod": "main-db-2" }),
    );
    assert!(
        text.contains("main-db-2: 5000 lines, the newest: older ones were not read"),
        "{text}"
    );
}

/// The server keeps the beginning of what is too much to be read.
#[test]
fn the_newest_line_is_read_however_long_the_lines_are() {
    let long = "x".repeat(8_000);
    let log: String = (0..2500)
        .map(|at| {
            let words = format!("number {at} {long}");
            record(
                &format!("{:02}:{:02}", at / 60, at % 60),
                "WARNING",
                "01000",
                &words,
            )
        })
        .collect();
    let cnpg = granted(&[("main-db-2", false, log)]);
    let text = text(&cnpg, json!({ "pod": "main-db-2", "limit": 1 }));
    assert!(text.contains("WARNING: number 2499 xxx"), "{text}");
    assert!(
        text.contains(" lines, the newest: older ones were not read"),
        "{text}"
    );
    let asked = cnpg.cluster().requests();
    let asked = asked.iter().filter(|asked| asked.path.ends_with("/log"));
    assert!(asked.count() <= 3);
}
