use serde_json::json;

use super::patch::READING;
use super::*;
use crate::proposal::PatchKind;

fn target(group: &str, plural: &str) -> Target {
    Target {
        group: group.to_owned(),
        version: None,
        plural: plural.to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    }
}

fn refused(target: Target, change: Change) -> String {
    let plan = Plan {
        summary: "a test".to_owned(),
        reason: None,
        changes: vec![(target, change)],
    };
    super::plan(&plan, &ChangesConfig::default())
        .map(|()| "accepted".to_owned())
        .unwrap_or_else(|failure| failure.message)
}

fn merge(body: Value) -> Change {
    Change::Patch {
        how: PatchKind::Merge,
        body,
        expected_version: None,
    }
}

fn json_patch(body: Value) -> Change {
    Change::Patch {
        how: PatchKind::JsonPatch,
        body,
        expected_version: None,
    }
}

#[test]
fn what_is_the_hosts_or_the_servers_cannot_be_set() {
    let web = || target("apps", "deployments");
    for key in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "managedFields",
    ] {
        let said = refused(web(), merge(json!({"metadata": {key: "x"}})));
        assert!(said.contains(key), "{said}");
    }
    for path in [
        "",
        "/metadata",
        "/metadata/managedFields/0",
        "/metadata/uid",
        "/status/phase",
    ] {
        let said = refused(
            web(),
            json_patch(json!([{"op": "add", "path": path, "value": {}}])),
        );
        assert_ne!(said, "accepted", "{path}");
    }
    let status = json!({"status": {"phase": "Completed"}});
    assert!(refused(web(), merge(status)).contains("its controller's"));
    let open = json!({"metadata": {"generateName": "web-", "namespace": "shop"}});
    assert!(refused(web(), Change::Create { object: open }).contains("generateName"));
    let other = json!({"metadata": {"name": "other", "namespace": "shop"}});
    assert!(refused(web(), Change::Create { object: other }).contains("another object"));
    assert_eq!(
        refused(web(), merge(json!({"spec": {"replicas": 3}}))),
        "accepted"
    );
}

#[test]
fn a_status_is_set_by_a_patch_of_it_alone_and_needs_the_right_to_that() {
    let status = |body| Change::PatchStatus {
        body,
        expected: Vec::new(),
    };
    let web = || target("apps", "deployments");
    assert_eq!(refused(web(), status(json!({"replicas": 3}))), "accepted");
    for nothing in [json!({}), json!(null), json!("x")] {
        assert!(refused(web(), status(nothing)).contains("its status"));
    }
    let needed = operations(&web(), &status(json!({"replicas": 3})), true);
    let Operation::Change { verb, resource, .. } = &needed[0] else {
        panic!("it changes something");
    };
    assert_eq!(
        (*verb, resource.plural.as_str()),
        (Verb::Patch, "deployments/status")
    );
    assert!(
        matches!(&needed[1], Operation::Get { resource, .. } if resource.plural == "deployments")
    );
}

#[test]
fn a_text_that_looks_like_a_mask_is_refused() {
    let said = refused(
        target("", "configmaps"),
        merge(json!({"data": {"a": "(masked: 12 characters, #00000000)"}})),
    );
    assert!(said.contains("how the host shows what it hides"), "{said}");
}

#[test]
fn a_plan_has_a_size_and_each_object_once() {
    let scale = |_| (target("apps", "deployments"), Change::Scale { replicas: 1 });
    let plan = |changes| Plan {
        summary: String::new(),
        reason: None,
        changes,
    };
    let bounds = ChangesConfig::default();
    let kind = |changes| super::plan(&plan(changes), &bounds).unwrap_err().kind;
    assert_eq!(kind((0..51).map(scale).collect()), Kind::Limit);
    assert_eq!(kind((0..2).map(scale).collect()), Kind::Invalid);
    assert_eq!(kind(Vec::new()), Kind::Invalid);
    let large = merge(json!({"data": {"a": "x".repeat(300 * 1024)}}));
    assert_eq!(kind(vec![(target("", "configmaps"), large)]), Kind::Limit);
}

#[test]
fn values_are_generated_for_secrets_alone_and_for_each_key_once() {
    let rotate = |keys: &[(&str, u8)]| Change::RotateSecret {
        generate: keys
            .iter()
            .map(|(key, characters)| Generated {
                key: (*key).to_owned(),
                characters: *characters,
            })
            .collect(),
    };
    let secret = || target("", "secrets");
    assert_eq!(refused(secret(), rotate(&[("a", 32)])), "accepted");
    for wrong in [
        rotate(&[]),
        rotate(&[("a", 15)]),
        rotate(&[("a", 129)]),
        rotate(&[("a", 32), ("a", 32)]),
        rotate(&[("a/b", 32)]),
    ] {
        assert_ne!(refused(secret(), wrong), "accepted");
    }
    assert!(refused(target("", "configmaps"), rotate(&[("a", 32)])).contains("Secrets alone"));
}

#[test]
fn a_json_patch_reads_no_secret() {
    let reads = |target: &Target, operation: Value, covered: bool| {
        reads_no_secret(target, &json_patch(json!([operation])), |_| covered).is_err()
    };
    let secret = target("", "secrets");
    let web = target("apps", "deployments");
    for word in READING {
        let at = |path: &str| json!({"op": word, "path": path, "from": path, "value": "x"});
        assert!(reads(&secret, at("/data/password"), false), "{word}");
        assert!(reads(&web, at("/spec/x"), true), "{word}");
        assert!(!reads(&web, at("/spec/replicas"), false), "{word}");
    }
    let replace = json!({"op": "replace", "path": "/data/password", "value": "eA=="});
    assert!(!reads(&secret, replace, true));
}
