//! What a person is told of the consequences.

use super::cluster::people;
use super::{ask, notes};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::json;

#[test]
fn a_restart_is_told_from_a_reload_with_how_the_operator_restarts() {
    let cnpg = people().run(describe);
    let notes = notes(
        &cnpg,
        json!({ "max_connections": "300", "work_mem": "64MB", "log_connections": "on" }),
        json!({}),
    );
    let [restart, reload, sessions] = notes.as_slice() else {
        panic!("{notes:#?}");
    };
    assert_eq!(
        restart,
        "restart: max_connections = 300 (was 200) count only from a start of PostgreSQL; the operator restarts the standbys one by one, \
         then another instance becomes the primary (primaryUpdateMethod switchover); connections to each break"
    );
    assert_eq!(
        reload,
        "no restart: instances reload their configuration for work_mem = 64MB (was 8MB)"
    );
    assert_eq!(
        sessions,
        "no restart: only sessions that begin afterwards have log_connections = on"
    );
}

#[test]
fn a_decrease_that_standbys_must_not_see_first_is_told_with_its_order() {
    let cnpg = people().run(describe);
    let asked = json!({ "max_connections": "50", "max_wal_senders": "5", "max_prepared_transactions": "10" });
    let text = notes(&cnpg, asked, json!({})).join("\n");
    assert!(text.contains("less than before: max_connections (50 after 200), max_wal_senders (5 after 10); a standby may not have less"), "{text}");
    assert!(text.contains("; the primary restarts first, where it is, and the standbys once the new values have reached them"), "{text}");
    assert!(
        text.contains(
            "more than before: max_prepared_transactions (10 after 0); better in another change"
        ),
        "{text}"
    );
    let removed = notes(&cnpg, json!({}), json!({ "remove": ["max_connections"] })).join("\n");
    assert!(
        removed.contains("max_connections (100 after 200)"),
        "{removed}"
    );
    assert!(
        removed.contains("max_connections = 200 is taken out; PostgreSQL's default counts then"),
        "{removed}"
    );
}

#[test]
fn one_instance_is_away_while_it_restarts_and_no_standby_is_spoken_of() {
    let cnpg = people().run(describe);
    let small = json!({ "cluster_name": "small" });
    let text = notes(
        &cnpg,
        json!({ "max_connections": "50", "io_method": "sync" }),
        small,
    )
    .join("\n");
    assert!(
        text.contains("the only instance restarts, and the database is away meanwhile"),
        "{text}"
    );
    assert!(!text.contains("standby"), "{text}");
}

#[test]
fn an_extension_is_taken_with_a_note_and_loading_it_is_a_restart() {
    let cnpg = people().run(describe);
    let text = notes(
        &cnpg,
        json!({ "pg_stat_statements.max": "10000", "timescaledb.telemetry_level": "off" }),
        json!({}),
    )
    .join("\n");
    assert!(
        text.contains(
            "restart: the operator loads pg_stat_statements from now on; the operator restarts"
        ),
        "{text}"
    );
    assert!(text.contains("not checked here, since only the server can: pg_stat_statements.max, timescaledb.telemetry_level"), "{text}");
}

#[test]
fn a_number_without_unit_is_told_with_the_unit_that_postgresql_reads() {
    let cnpg = people().run(describe);
    let text = notes(
        &cnpg,
        json!({ "work_mem": "65536", "statement_timeout": "0" }),
        json!({}),
    )
    .join("\n");
    assert!(
        text.contains("work_mem = 65536 has no unit: PostgreSQL counts it in kB"),
        "{text}"
    );
    assert!(
        !text.contains("statement_timeout = 0 has no unit"),
        "{text}"
    );
}

#[test]
fn a_newer_version_is_judged_by_the_newest_that_is_known_and_that_is_said() {
    let cnpg = people().run(describe);
    let text = notes(
        &cnpg,
        json!({ "work_mem": "64MB" }),
        json!({ "cluster_name": "future" }),
    )
    .join("\n");
    assert!(text.contains("checked as parameters of PostgreSQL 18, the newest that is known here; the cluster has 19"), "{text}");
}

#[test]
fn where_a_person_leads_the_primarys_restart_the_operator_waits_for_it() {
    let cnpg = people().run(describe);
    let text = |value: &str| {
        let careful = json!({ "cluster_name": "careful" });
        notes(&cnpg, json!({ "max_connections": value }), careful).join("\n")
    };
    let more = text("300");
    assert!(
        more.contains("restarts the standbys one by one and then waits, until a person"),
        "{more}"
    );
    let less = text("50");
    assert!(
        less.contains("the operator waits until a person has the primary restarted (primaryUpdateStrategy supervised)"),
        "{less}"
    );
}

#[test]
fn what_may_keep_postgresql_from_starting_is_said() {
    let cnpg = people().run(describe);
    let asked = json!({ "wal_level": "replica", "max_replication_slots": "4", "huge_pages": "on" });
    let text = notes(&cnpg, asked, json!({})).join("\n");
    for words in [
        "with wal_level = replica PostgreSQL does not start where there is a slot for logical replication",
        "with max_replication_slots = 4 PostgreSQL does not start where there are more slots than that",
        "with huge_pages = on PostgreSQL does not start where its node has not enough huge pages",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let more = json!({ "max_replication_slots": "40", "huge_pages": "try" });
    let text = notes(&cnpg, more, json!({})).join("\n");
    assert!(!text.contains("does not start"), "{text}");
}

#[test]
fn the_person_who_decides_reads_which_parameters_restart_the_instances() {
    let cnpg = people().run(describe);
    let told = |parameters, more| {
        let answer = ask(&cnpg, parameters, more).expect("it is proposed");
        let answer = answer.structured.expect("it has a value");
        cnpg.summary(answer["id"].as_str().expect("it has an id"))
    };
    let said = told(
        json!({ "max_connections": "300", "work_mem": "64MB" }),
        json!({}),
    );
    assert!(
        said.contains("restart: max_connections = 300 (was 200) count only from a start of PostgreSQL; the operator restarts"),
        "{said}"
    );
    let said = told(json!({ "work_mem": "64MB" }), json!({}));
    assert!(!said.contains("restart"), "{said}");
    let said = told(
        json!({ "max_connections": "50" }),
        json!({ "cluster_name": "small" }),
    );
    assert!(said.contains("the database is away meanwhile"), "{said}");
    let many = json!({
        "max_connections": "300", "max_files_per_process": "2000", "max_pred_locks_per_transaction": "128", "shared_buffers": "512MB",
        "autovacuum_freeze_max_age": "300000000", "autovacuum_multixact_freeze_max_age": "500000000", "track_activity_query_size": "4096",
        "max_logical_replication_workers": "8", "old_snapshot_threshold": "60min", "wal_buffers": "32MB", "huge_page_size": "0",
        "track_commit_timestamp": "on", "shared_memory_type": "mmap", "max_locks_per_transaction": "128",
    });
    let said = told(many, json!({}));
    assert!(said.chars().count() <= 500, "{said}");
    assert!(
        said.contains("restarts the standbys one by one") || said.contains("instances restart"),
        "{said}"
    );
}

/// PostgreSQL takes a word in any case; the operator's webhook does not.
#[test]
fn a_word_of_an_enum_is_written_as_postgresql_lists_it() {
    let cnpg = people().run(describe);
    let answer = ask(&cnpg, json!({ "wal_level": "Replica" }), json!({}));
    let answer = answer.expect("it is proposed").text;
    assert!(answer.contains("\"logical\" -> \"replica\""), "{answer}");
    let same = ask(&cnpg, json!({ "wal_level": "LOGICAL" }), json!({}));
    assert!(matches!(same, Err(Failure::Conflict(_))));
}

#[test]
fn a_cluster_that_carries_nothing_out_now_or_only_a_part_says_so_to_the_person_before_it_speaks_of_a_restart()
 {
    let cnpg = people().run(describe);
    for (cluster, why) in [
        (
            "asleep",
            "the cluster is hibernated: nothing is carried out",
        ),
        ("fenced", "all instances of the cluster are fenced"),
        ("full", "in which the operator carries out nothing"),
        (
            "going",
            "the cluster is being deleted: nothing is carried out",
        ),
        (
            "alone",
            "the operator may not act now: instances that run reload all the same",
        ),
        (
            "moving",
            "the operator may not act now: instances that run reload all the same",
        ),
    ] {
        let named = json!({ "cluster_name": cluster });
        let answer =
            ask(&cnpg, json!({ "max_connections": "200" }), named).expect("it is proposed");
        let answer = answer.structured.expect("it has a value");
        let summary = cnpg.summary(answer["id"].as_str().expect("a proposal has an id"));
        let (at, restart) = (summary.find(why), summary.find("restart"));
        assert!(
            at.is_some() && restart.is_none_or(|restart| at < Some(restart)),
            "{cluster}: {summary}"
        );
        assert!(
            answer["notes"][0]
                .as_str()
                .is_some_and(|note| note.contains(why)),
            "{answer}"
        );
    }
}
