//! Whether a restore could be made, by assess_velero_restore.

use super::{CLASSES, SERVICES, WORKLOADS, ask, both, granted, kit, lasting, newest};
use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_velero::describe;
use serde_json::json;

const TOOL: &str = "assess_velero_restore";

fn velero() -> Running {
    let granted = granted().grant(WORKLOADS).grant(SERVICES).grant(CLASSES);
    granted.run(describe)
}

#[test]
fn in_place_what_exists_stays_and_no_data_comes_back() {
    let velero = velero();
    let backup = newest(&velero, "apps-daily");
    let arguments = json!({ "backup": backup, "included_namespaces": ["shop"] });
    insta::assert_snapshot!(both(&ask(&velero, TOOL, arguments)));
}

#[test]
fn in_place_with_update_later_changes_are_lost() {
    let velero = velero();
    let backup = newest(&velero, "apps-daily");
    let arguments = json!({ "backup": backup, "existing_resource_policy": "update" });
    insta::assert_snapshot!(lasting(&ask(&velero, TOOL, arguments).text));
}

#[test]
fn into_another_namespace_classes_and_node_ports_matter() {
    let velero = velero();
    let arguments = json!({
        "backup": newest(&velero, "apps-daily"), "included_namespaces": ["shop", "media"],
        "namespace_mapping": { "shop": "shop-test", "media": "media-test" }, "preserve_node_ports": true,
    });
    insta::assert_snapshot!(lasting(&ask(&velero, TOOL, arguments).text));
}

#[test]
fn a_backup_that_cannot_be_had_is_no() {
    let velero = velero();
    for backup in [
        "offsite-first",
        "shop-stuck",
        "orders-old",
        "shop-to-archive",
        "payments-export",
    ] {
        let answer = ask(&velero, TOOL, json!({ "backup": backup }));
        let head: Vec<_> = answer
            .text
            .lines()
            .filter(|line| line.contains("stops it") || line.contains(": no"))
            .collect();
        insta::assert_snapshot!(backup, lasting(&head.join("\n")));
    }
}

#[test]
fn a_good_backup_of_what_is_gone_is_yes() {
    let velero = velero();
    let arguments = json!({
        "backup": "shop-before-upgrade", "included_namespaces": ["shop"],
        "namespace_mapping": { "shop": "shop-test" },
    });
    let answer = ask(&velero, TOOL, arguments);
    assert!(
        answer.text.contains("(the default): yes\n- "),
        "{}",
        answer.text
    );
}

#[test]
fn a_namespace_that_the_backup_does_not_have_is_said() {
    let velero = velero();
    let arguments = json!({ "backup": "shop-before-upgrade", "included_namespaces": ["orders"] });
    let text = ask(&velero, TOOL, arguments).text;
    assert!(
        text.contains("loss: the backup does not have namespace `orders`"),
        "{text}"
    );
    assert!(text.contains("stops it: there is no namespace"), "{text}");
}

#[test]
fn what_is_not_granted_is_not_known() {
    let velero = kit().run(describe);
    let arguments = json!({ "backup": "shop-before-upgrade" });
    insta::assert_snapshot!(lasting(&ask(&velero, TOOL, arguments).text));
}
