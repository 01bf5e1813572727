//! Schedules: which there are and how they do, and what a new one would do.

use super::cluster::{READ, WRITE, bare, people, reading};
use super::{ask, refused, value, with};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::Running;
use serde_json::{Value, json};

/// Puts another schedule beside those of the fleet.
fn add(cnpg: &Running, name: &str, spec: &Value, status: Value) {
    let object = json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "ScheduledBackup",
        "metadata": { "name": name, "namespace": "shop" }, "spec": spec, "status": status,
    });
    cnpg.cluster().change(|cluster| {
        cluster.insert(object).expect("its type is served");
    });
}

fn line(text: &str, name: &str) -> String {
    let mut lines = text.lines();
    let found = lines.find(|line| line.starts_with(name));
    found.expect(text).to_owned()
}

#[test]
fn what_is_in_trouble_comes_first_with_its_reason() {
    let cnpg = reading().run(describe);
    let spec = |cluster: &str, cron: &str| json!({ "cluster": { "name": cluster }, "schedule": cron, "method": "barmanObjectStore" });
    let checked = |at: &str| json!({ "lastCheckTime": at });
    let never = spec("orders", "0 0 0 30 2 *");
    add(&cnpg, "never", &never, json!({}));
    add(&cnpg, "broken", &spec("orders", "0 0 25 * * *"), json!({}));
    add(&cnpg, "gone", &spec("legacy", "0 0 2 * * *"), json!({}));
    add(
        &cnpg,
        "late",
        &spec("orders", "0 0 2 * * *"),
        checked("2026-01-01T00:00:00Z"),
    );
    add(&cnpg, "new", &spec("orders", "0 0 2 * * *"), json!({}));
    let suspended = with(&spec("orders", "0 0 2 * * *"), &json!({ "suspend": true }));
    add(&cnpg, "off", &suspended, checked("2026-01-01T00:00:00Z"));
    let text = ask(
        &cnpg,
        "list_postgres_scheduled_backups",
        &json!({ "namespace": "shop" }),
    )
    .text;
    assert!(
        text.starts_with("10 scheduledbackups.postgresql.cnpg.io in namespace shop: 3 Active, 2 Invalid, 1 Failing, 1 Late, 1 New, 1 NoCluster, 1 Suspended"),
        "{text}"
    );
    let order: Vec<_> = text
        .lines()
        .skip(2)
        .take(10)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        order,
        [
            "broken",
            "never",
            "gone",
            "catalog-daily",
            "late",
            "off",
            "new",
            "carts-daily",
            "media-daily",
            "orders-daily"
        ]
    );
    for note in [
        "note: broken: it makes no backup: `0 0 25 * * *` is no cron expression: hour `25`",
        "note: never: it makes no backup: it would run on day 30 of February at 00:00 UTC, which never comes",
        "note: gone: there is no cluster `legacy`",
        "note: catalog-daily: the newest backup catalog-daily-",
        "; the last good one is catalog-daily-",
        "note: late: it should have made a backup ",
        "note: 1 more are in trouble, see STATE",
    ] {
        assert!(text.contains(note), "{note}: {text}");
    }
    let orders = line(&text, "orders-daily");
    assert!(
        orders.contains("every day at ") && orders.contains("in 13h"),
        "{orders}"
    );
    assert!(text.len() < 4096, "{}", text.len());
}

#[test]
fn a_schedule_of_five_fields_is_said_as_the_operator_takes_it() {
    let cnpg = reading().run(describe);
    let spec = json!({ "cluster": { "name": "orders" }, "schedule": "0 2 * * *" });
    add(
        &cnpg,
        "trap",
        &spec,
        json!({ "lastCheckTime": "2099-01-01T00:00:00Z" }),
    );
    let asked = json!({ "namespace": "shop", "cluster_name": "orders" });
    let text = ask(&cnpg, "list_postgres_scheduled_backups", &asked).text;
    assert!(text.starts_with("2 "), "{text}");
    assert!(
        text.contains("note: trap: `0 2 * * *` has five fields: the operator takes the first one as seconds, so it runs every hour at minute 2"),
        "{text}"
    );
}

#[test]
fn what_may_not_be_read_beside_the_schedules_is_a_note() {
    let schedules = READ.replace("\"*\"], verbs", "\"scheduledbackups\"], verbs");
    let cnpg = bare().grant(&schedules).run(describe);
    let text = ask(
        &cnpg,
        "list_postgres_scheduled_backups",
        &json!({ "all_namespaces": true }),
    )
    .text;
    assert!(
        text.starts_with("9 scheduledbackups.postgresql.cnpg.io in all namespaces: 9 Active"),
        "{text}"
    );
    for note in [
        "note: not known: what became of their backups (denied)",
        "note: not known: whether their clusters are there (denied)",
    ] {
        assert!(text.contains(note), "{text}");
    }
}

fn schedule(cron: &str) -> Value {
    json!({ "namespace": "shop", "cluster_name": "orders", "schedule": cron })
}

#[test]
fn a_proposal_says_when_it_runs_and_what_else_to_know() {
    let cnpg = people().run(describe);
    let tool = "create_postgres_scheduled_backup";
    let answer = value(&cnpg, tool, &schedule("0 */10 * * * *")).expect(tool);
    let notes = answer["notes"].to_string();
    for note in [
        "runs every 10 minutes",
        "next times: 20",
        "each run copies the whole data set",
        "schedule orders-daily backs it up too, every day at ",
        "backups are kept for 30d",
    ] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
    let told = cnpg.summary(answer["id"].as_str().expect("a proposal has an id"));
    for words in [
        "back up cluster orders in shop by barmanObjectStore; runs every 10 minutes; next times: 20",
        "each run copies the whole data set",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    for line in [
        "metadata.name: \"orders-scheduled\"",
        "spec.schedule: \"0 */10 * * * *\"",
        "spec.method: \"barmanObjectStore\"",
        "spec.backupOwnerReference: \"none\"",
    ] {
        assert!(diff.contains(line), "{line}: {diff}");
    }
    assert!(
        !diff.contains("spec.suspend") && !diff.contains("spec.immediate"),
        "{diff}"
    );
}

#[test]
fn all_that_was_given_stands_in_the_object_and_a_schedule_that_does_not_run_is_high() {
    let cnpg = people().run(describe);
    let (tool, arguments) = &super::changes::changes()[4];
    let answer = value(&cnpg, tool, arguments).expect(tool);
    let diff = answer["steps"][0]["diff"].as_str().expect("a text");
    for line in [
        "spec.immediate: true",
        "spec.suspend: true",
        "spec.backupOwnerReference: \"self\"",
        "spec.target: \"primary\"",
        "spec.pluginConfiguration.name: \"barman-cloud.cloudnative-pg.io\"",
        "spec.schedule: \"@hourly\"",
    ] {
        assert!(diff.contains(line), "{line}: {diff}");
    }
    assert_eq!(answer["risk"], "high", "{answer}");
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("its Backup objects are deleted with the schedule"),
        "{notes}"
    );
}

#[test]
fn who_decides_is_told_that_backups_are_deleted_with_the_cluster() {
    let cnpg = people().run(describe);
    let tool = "create_postgres_scheduled_backup";
    let owned = with(
        &schedule("@daily"),
        &json!({ "backup_owner_reference": "cluster" }),
    );
    let answer = value(&cnpg, tool, &owned).expect(tool);
    let told = cnpg.summary(answer["id"].as_str().expect("a proposal has an id"));
    assert!(
        told.contains("its Backup objects are deleted with the cluster"),
        "{told}"
    );
}

#[test]
fn a_schedule_that_would_not_do_what_is_meant_is_refused() {
    let cnpg = people().run(describe);
    let named = |name: &str| with(&schedule("@daily"), &json!({ "name": name }));
    for (arguments, why) in [
        (
            schedule("0 2 * * *"),
            "`0 2 * * *` has five fields, and CloudNativePG's schedules have six: it would take the first one as seconds",
        ),
        (
            schedule("0 2 * *"),
            "is no cron expression: it has 4 fields and needs 6",
        ),
        (
            schedule("0 0 25 * * *"),
            "hour `25`: `25` is not within 0 to 23",
        ),
        (
            schedule("0 0 0 31 4 *"),
            "it would run on day 31 of April at 00:00 UTC, which never comes",
        ),
        (schedule("@every 1d"), "`1d` is no duration of Go's"),
        (
            named("orders-daily"),
            "conflict: scheduledbackup `orders-daily` exists already in namespace shop",
        ),
        (named(&"x".repeat(49)), "which is no name for it"),
        (
            json!({ "namespace": "lab", "cluster_name": "scratch", "schedule": "@daily" }),
            "conflict: cluster `scratch` has no backup configured",
        ),
        (
            with(&schedule("@daily"), &json!({ "online": false })),
            "`online` is given, and the method is `barmanObjectStore`",
        ),
        (
            with(&schedule("@daily"), &json!({ "cluster_name": "ordres" })),
            "there is no cluster `ordres` in namespace shop; there is orders",
        ),
    ] {
        refused(&cnpg, "create_postgres_scheduled_backup", &arguments, why);
    }
    assert!(cnpg.cluster().changing_requests().is_empty());
}

#[test]
fn without_the_right_to_look_at_schedules_that_is_a_note() {
    let clusters = READ.replace("\"*\"], verbs", "\"clusters\"], verbs");
    let cnpg = bare().grant(&clusters).grant(WRITE).run(describe);
    let answer = value(
        &cnpg,
        "create_postgres_scheduled_backup",
        &schedule("@daily"),
    )
    .expect("it may create");
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("not known: which schedules there are (denied)"),
        "{notes}"
    );
}
