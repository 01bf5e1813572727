//! What is not there, not granted or not served.

use super::{READ, ask, fleet, granted};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Kit;
use bulkhead_plugin_velero::describe;
use bulkhead_velero_data::{Fleet, crds_minimal};
use serde_json::json;
use std::time::SystemTime;

#[test]
fn a_name_that_is_not_there_is_answered_with_names_that_begin_alike() {
    let failure = granted()
        .call("get_velero_backup", json!({ "name": "shop-before-upgrde" }))
        .expect_err("there is none");
    assert!(matches!(failure, Failure::NotFound(_)));
    let message = failure.message();
    assert!(message.contains("in namespace velero"), "{message}");
    assert!(
        message.contains("; there is shop-before-upgrade"),
        "{message}"
    );
    assert!(
        message.ends_with("next: list_velero_backups shows their names"),
        "{message}"
    );
}

#[test]
fn a_location_that_may_not_be_read_is_a_note_and_no_failure() {
    let velero = fleet()
        .grant(r#"api_groups = ["velero.io"], resources = ["backups"], verbs = ["get", "list"], namespaces = ["velero"]"#)
        .run(describe);
    let answer = ask(
        &velero,
        "get_velero_backup",
        json!({ "name": "shop-stuck" }),
    );
    for missing in [
        "not known: whether the storage location is available (denied)",
        "not known: restores (denied)",
        "not known: deletebackuprequests (denied)",
    ] {
        assert!(answer.text.contains(missing), "{}", answer.text);
    }
    let status = ask(&velero, "get_velero_status", json!({}));
    for said in [
        "not known: schedules (denied)",
        "not known: the cluster's namespaces (denied)",
        "  all without kube-system, velero, velero-dr, scratch, legacy, sandbox: 10h ago, apps-daily-",
        "  shop: ",
    ] {
        assert!(status.text.contains(said), "{}", status.text);
    }
}

#[test]
fn what_a_tool_is_about_must_be_granted() {
    let velero = fleet()
        .grant(r#"api_groups = ["velero.io"], resources = ["restores"], verbs = ["get", "list"], namespaces = ["velero"]"#)
        .run(describe);
    for (tool, asked) in [
        ("get_velero_status", json!({})),
        ("list_velero_backups", json!({})),
        ("get_velero_backup", json!({ "name": "shop-stuck" })),
        ("list_velero_schedules", json!({})),
        ("list_velero_locations", json!({})),
        (
            "list_velero_volume_backups",
            json!({ "backup": "shop-stuck" }),
        ),
    ] {
        let failure = velero.call(tool, asked).expect_err("it is not granted");
        assert!(matches!(failure, Failure::Denied(_)), "{tool}: {failure}");
    }
}

#[test]
fn an_older_velero_without_data_uploads_has_none() {
    let older = crds_minimal()
        .split("---\n")
        .filter(|document| !document.contains("v2alpha1"))
        .collect::<Vec<_>>()
        .join("---\n");
    let velero = Kit::from_manifests(&older).grant(READ).run(describe);
    let fleet = Fleet::new(7, SystemTime::now());
    let backup = fleet
        .objects()
        .iter()
        .find(|object| object["metadata"]["name"] == "shop-stuck");
    let backup = backup.expect("it is there").clone();
    velero
        .cluster()
        .change(|cluster| cluster.insert(backup).expect("its type is served"));
    let asked = json!({ "backup": "shop-stuck" });
    let answer = ask(&velero, "list_velero_volume_backups", asked);
    assert!(answer.text.starts_with("0 "), "{}", answer.text);
    assert!(!answer.text.contains("not known"), "{}", answer.text);
}

#[test]
fn a_cluster_without_velero_is_one_clear_sentence_whatever_is_asked() {
    let velero = Kit::demo()
        .grant(
            r#"api_groups = ["*"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#,
        )
        .run(describe);
    for (tool, asked) in [
        ("get_velero_status", json!({})),
        ("list_velero_backups", json!({})),
        ("get_velero_backup", json!({ "name": "a" })),
        ("list_velero_schedules", json!({})),
        ("list_velero_restores", json!({})),
        ("get_velero_restore", json!({ "name": "a" })),
        ("list_velero_locations", json!({})),
        ("list_velero_volume_backups", json!({ "backup": "a" })),
    ] {
        let failure = velero.call(tool, asked).expect_err("there is none");
        let sentence = "not-found: Velero is not installed in cluster `test-kit`: it serves no `";
        assert!(
            failure.to_string().starts_with(sentence),
            "{tool}: {failure}"
        );
    }
}

#[test]
fn a_backup_whose_deletion_failed_is_stuck_also_when_its_request_is_gone() {
    let gone = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup", "metadata": { "name": "half-gone", "namespace": "velero" },
        "spec": {}, "status": { "phase": "Deleting" },
    });
    let velero = granted();
    velero
        .cluster()
        .change(|cluster| cluster.insert(gone).expect("its type is served"));
    let status = ask(&velero, "get_velero_status", json!({})).text;
    let stuck =
        "  backup half-gone: Deleting, and there is no request to delete it: that has failed";
    assert!(status.contains(stuck), "{status}");
    assert!(!status.contains("backup orders-old: Deleting"), "{status}");
}
