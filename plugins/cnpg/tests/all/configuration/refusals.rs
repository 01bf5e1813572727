//! What is refused before anything is sent.

use super::cluster::people;
use super::{ask, sent};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

fn invalid(parameters: &Value) -> String {
    let cnpg = people().run(describe);
    let failure =
        ask(&cnpg, parameters.clone(), json!({ "confirm": true })).expect_err("it is refused");
    assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
    assert!(!sent(&cnpg), "{parameters}");
    failure.message().to_owned()
}

#[test]
fn what_the_operator_fixes_runs_or_loads_is_refused_and_nothing_is_sent() {
    for name in [
        "archive_command",
        "ARCHIVE_COMMAND",
        "restore_command",
        "ssl_passphrase_command",
        "shared_preload_libraries",
        "archive_library",
        "allow_alter_system",
        "log_destination",
        "cnpg.config_sha256",
    ] {
        let words = invalid(&json!({ name: "x" }));
        assert!(words.contains("CloudNativePG sets it"), "{words}");
    }
}

#[test]
fn a_value_that_postgresql_would_not_take_is_refused_and_nothing_is_sent() {
    let words = invalid(
        &json!({ "max_connections": "0", "work_mem": "64 mb", "jit": "maybe", "wal_level": "all" }),
    );
    assert!(words.starts_with("4 things are wrong: "), "{words}");
    assert!(
        words.contains("`max_connections` takes 1 to 262143, and `0` is 0"),
        "{words}"
    );
    assert!(
        words.ends_with("next: mend that and ask again; nothing was sent"),
        "{words}"
    );
}

#[test]
fn what_the_operator_would_refuse_of_this_cluster_is_refused_and_nothing_is_sent() {
    let words = invalid(&json!({ "shared_buffers": "3GB", "wal_log_hints": "off" }));
    assert!(
        words.contains("than the memory that an instance asks for, 2Gi"),
        "{words}"
    );
    assert!(words.contains("`wal_log_hints` has to be on"), "{words}");
}

#[test]
fn where_nothing_would_change_it_is_a_conflict_and_nothing_is_sent() {
    let cnpg = people().run(describe);
    let wanted = json!({ "work_mem": "8MB", "max_connections": "200" });
    // Without a value the operator sets 32 again.
    let more = json!({ "remove": ["max_worker_processes", "statement_timeout"], "confirm": true });
    let failure = ask(&cnpg, wanted, more).expect_err("it stands so");
    assert!(matches!(failure, Failure::Conflict(_)), "{failure}");
    assert!(
        failure.message().contains("nothing would change"),
        "{failure}"
    );
    assert!(!sent(&cnpg));
}

#[test]
fn a_cluster_that_is_not_there_is_answered_with_one_that_is_called_alike() {
    let cnpg = people().run(describe);
    let failure = ask(
        &cnpg,
        json!({ "work_mem": "8MB" }),
        json!({ "cluster_name": "main-dc" }),
    );
    let failure = failure.expect_err("there is none");
    assert!(matches!(failure, Failure::NotFound(_)), "{failure}");
    assert!(failure.message().contains("there is main-db"), "{failure}");
}

#[test]
fn without_a_version_no_parameter_is_judged() {
    let cnpg = people().run(describe);
    let failure = ask(
        &cnpg,
        json!({ "work_mem": "8MB" }),
        json!({ "cluster_name": "digest" }),
    );
    let failure = failure.expect_err("its version is not known");
    assert!(
        failure
            .message()
            .contains("it is not known which PostgreSQL"),
        "{failure}"
    );
    assert!(!sent(&cnpg));
}
