//! Errors and slow statements, summed up.

use super::cluster::{granted, record};
use super::text;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::json;

fn busy() -> Running {
    let slow = |second: &str, milliseconds: &str, id: u32| {
        record(
            second,
            "LOG",
            "00000",
            &format!(
                "duration: {milliseconds} ms  statement: SELECT * FROM orders WHERE id = {id}"
            ),
        )
    };
    let duplicate = |second: &str, key: &str| {
        record(
            second,
            "ERROR",
            "23505",
            &format!("duplicate key value violates unique constraint \"{key}\""),
        )
    };
    granted(&[
        ("main-db-1", false, slow("01:00", "1500.250", 1)),
        (
            "main-db-2",
            false,
            slow("01:01", "2500.000", 2)
                + &duplicate("01:02", "users_pkey")
                + &duplicate("01:03", "users_pkey")
                + &duplicate("01:04", "orders_pkey"),
        ),
        (
            "main-db-3",
            false,
            record(
                "01:05",
                "LOG",
                "00000",
                "duration: 100.000 ms  execute fetch: SELECT 1",
            ),
        ),
    ])
}

#[test]
fn the_same_statement_and_the_same_error_are_one_sum_over_all_instances() {
    let text = text(&busy(), json!({ "cluster_name": "main-db" }));
    for sum in [
        "errors:\n  2x: ERROR 23505: duplicate key value violates unique constraint \"users_pkey\" (last 2026-11-22T10:01:03Z)\n  1x: ",
        "slow statements:\n  2x, 4000.2 ms together, longest 2500.0 ms: SELECT * FROM orders WHERE id = ? (last 2026-11-22T10:01:01Z)\n  100.0 ms: SELECT ?",
    ] {
        assert!(text.contains(sum), "{sum}\nin {text}");
    }
    assert!(text.contains("3 errors, 3 slow statements"), "{text}");
}

#[test]
fn only_what_took_so_long_counts_as_slow() {
    let cnpg = busy();
    let slow = |slow_ms: u32| {
        text(
            &cnpg,
            json!({ "cluster_name": "main-db", "slow_ms": slow_ms, "level": "error" }),
        )
    };
    assert!(slow(1000).contains("3 errors, 2 slow statements"));
    assert!(slow(2500).contains("3 errors, 1 slow statement"));
    let none = slow(2501);
    assert!(none.contains("0 slow statements"), "{none}");
    assert!(!none.contains("log_min_duration_statement"), "{none}");
}

#[test]
fn where_no_duration_is_logged_it_is_said_what_would_log_them() {
    let quiet = granted(&[(
        "main-db-2",
        false,
        record("01:00", "LOG", "00000", "checkpoint starting: time"),
    )]);
    let hint = "log_min_duration_statement";
    assert!(text(&quiet, json!({ "pod": "main-db-2" })).contains(hint));
    let other = json!({ "pod": "main-db-2", "logger": "wal-archive" });
    assert!(!text(&quiet, other).contains(hint));
}
