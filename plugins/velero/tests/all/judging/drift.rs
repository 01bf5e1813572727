//! What has changed since a backup, by check_velero_drift.

use super::{WORKLOADS, ask, both, failure, granted, kit, lasting, newest};
use bulkhead_plugin_velero::describe;
use serde_json::json;

const TOOL: &str = "check_velero_drift";

#[test]
fn images_claims_and_workloads_that_changed_since_a_backup_are_named() {
    let velero = granted().grant(WORKLOADS).run(describe);
    let backup = newest(&velero, "apps-daily");
    insta::assert_snapshot!(both(&ask(&velero, TOOL, json!({ "backup": backup }))));
}

#[test]
fn only_the_namespaces_that_were_asked_for_are_compared() {
    let velero = granted().grant(WORKLOADS).run(describe);
    let backup = newest(&velero, "apps-daily");
    let arguments = json!({ "backup": backup, "of": ["payments"] });
    insta::assert_snapshot!(lasting(&ask(&velero, TOOL, arguments).text));
    let arguments = json!({ "backup": backup, "of": ["legacy"] });
    let failure = failure(&velero, TOOL, arguments).to_string();
    assert!(
        failure.contains("does not take in namespace `legacy`"),
        "{failure}"
    );
}

#[test]
fn what_is_not_granted_is_not_known_and_without_any_grant_it_is_denied() {
    let velero = granted().run(describe);
    let backup = newest(&velero, "apps-daily");
    let answer = ask(&velero, TOOL, json!({ "backup": backup }));
    assert!(
        answer.text.contains("not known: deployments (denied)"),
        "{}",
        answer.text
    );
    let velero = kit().run(describe);
    let failure = failure(&velero, TOOL, json!({ "backup": backup })).to_string();
    assert!(failure.starts_with("denied: "), "{failure}");
}

#[test]
fn a_backup_that_never_began_has_nothing_to_compare() {
    let velero = granted().run(describe);
    let failure = failure(&velero, TOOL, json!({ "backup": "media-next" })).to_string();
    assert!(
        failure.contains("`media-next` never began: it has not begun"),
        "{failure}"
    );
}
