//! The YAML for a repository, and the runbook.

use super::cluster::bare;
use super::{ask, value};
use bulkhead_plugin_sdk::{Block, Role};
use bulkhead_plugin_velero::describe;
use serde_json::{Value, json};

/// A call of each generating tool.
fn calls() -> [(&'static str, &'static str, Value); 3] {
    [
        (
            "backup",
            "generate_velero_backup_yaml",
            json!({ "name": "before-upgrade", "included_namespaces": ["shop", "till"], "excluded_namespaces": ["till-test"], "storage_location": "main", "ttl": "720h" }),
        ),
        (
            "restore",
            "generate_velero_restore_yaml",
            json!({ "name": "back", "backup": "nightly-1", "included_namespaces": ["shop"], "namespace_mapping": { "shop": "shop-restored" }, "restore_pvs": true, "velero_namespace": "backup-system" }),
        ),
        (
            "schedule",
            "generate_velero_schedule_yaml",
            json!({ "name": "nightly", "schedule": "0 2 * * *", "label_selector": "app=web" }),
        ),
    ]
}

#[test]
fn generated_yaml_stands_alone_with_notes_behind_it() {
    let velero = bare().run(describe);
    for (name, tool, arguments) in calls() {
        let answer = ask(&velero, tool, &arguments);
        let lines = answer.text.lines();
        let lasting: Vec<_> = lines.filter(|line| !line.starts_with("next: ")).collect();
        insta::assert_snapshot!(format!("generated_{name}"), lasting.join("\n"));
    }
}

#[test]
fn text_and_value_hold_the_same_object_and_nothing_is_asked_of_the_cluster() {
    let velero = bare().run(describe);
    let before = velero.cluster().requests().len();
    for (_, tool, arguments) in calls() {
        let answer = ask(&velero, tool, &arguments);
        let value = answer.structured.expect("it has a value");
        let yaml = value["yaml"].as_str().expect("a text");
        assert!(
            answer.text.starts_with(&format!("```yaml\n{yaml}```\n")),
            "{}",
            answer.text
        );
        let object: Value = serde_saphyr::from_str(yaml).expect("it is YAML");
        assert_eq!(object["apiVersion"], "velero.io/v1");
        assert_eq!(object["metadata"]["name"], arguments["name"]);
        assert_eq!(object["metadata"]["namespace"], value["namespace"]);
    }
    assert_eq!(velero.cluster().requests().len(), before);
}

#[test]
fn a_schedule_comes_with_its_next_three_times() {
    let velero = bare().run(describe);
    let (_, tool, arguments) = &calls()[2];
    let value = value(&velero, tool, arguments).expect("it is right");
    let times = value["next_times"].as_array().expect("a list");
    assert_eq!(times.len(), 3);
    let at_two = |time: &Value| {
        time.as_str()
            .is_some_and(|time| time.ends_with("T02:00:00Z"))
    };
    assert!(times.iter().all(at_two), "{times:?}");
}

#[test]
fn the_runbook_is_one_message_of_the_person() {
    let velero = bare().run(describe);
    let messages = velero
        .prompt(
            "velero_restore_runbook",
            &[("lost", "namespace shop"), ("restore_to", "shop-restored")],
        )
        .expect("it is there");
    let [message] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert_eq!(message.role, Role::User);
    let Block::Text(text) = &message.content else {
        panic!("{message:?}");
    };
    insta::assert_snapshot!(text);
}
